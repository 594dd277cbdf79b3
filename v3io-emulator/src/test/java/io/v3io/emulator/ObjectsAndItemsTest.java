/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.emulator;

import io.v3io.emulator.RawClient.Reply;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** API page sections 7 and 8: objects, items, listings, consumer groups. */
class ObjectsAndItemsTest {
    private V3ioEmulator emulator;
    private RawClient client;

    @BeforeEach
    void start() {
        emulator = V3ioEmulator.builder().containersOnDemand(true).start();
        client = new RawClient(emulator.endpoint());
    }

    @AfterEach
    void stop() {
        emulator.close();
    }

    @Test
    void anObjectIsStoredReadAndDeleted() throws Exception {
        assertThat(client.method("PUT", "/c/a/b.txt", "hello").status()).isEqualTo(200);
        assertThat(client.get("/c/a/b.txt").body()).isEqualTo("hello");
        Reply head = client.method("HEAD", "/c/a/b.txt", null);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo("5");
        assertThat(head.body()).isEmpty();
        assertThat(client.method("POST", "/c/a/b.txt", "").status())
                .as("POST is PUT")
                .isEqualTo(200);
        assertThat(client.get("/c/a/b.txt").body()).isEmpty();
        assertThat(client.method("DELETE", "/c/a/b.txt", null).status()).isEqualTo(204);
        for (String method : List.of("GET", "HEAD", "DELETE")) {
            assertThat(client.method(method, "/c/a/b.txt", null).status())
                    .as(method)
                    .isEqualTo(404);
        }
        Reply missing = client.get("/c/a/b.txt");
        assertThat(missing.error()).isEqualTo("No such file or directory");
        assertThat(missing.code()).isEqualTo(-2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bytes=0-3|206|0123|bytes 0-3/10",
                "bytes=7-|206|789|bytes 7-9/10",
                "bytes=-2|206|89|bytes 8-9/10",
                "bytes=8-100|206|89|bytes 8-9/10"
            })
    void aRangeReadsAPart(String range, int status, String body, String contentRange)
            throws Exception {
        client.method("PUT", "/c/digits", "0123456789");
        Reply reply = client.get("/c/digits", "Range", range);
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.body()).isEqualTo(body);
        assertThat(reply.header("Content-Range")).isEqualTo(contentRange);
    }

    @ParameterizedTest
    @ValueSource(strings = {"bytes=0-0,2-3", "bytes=3-2", "lines=1-2", "bytes=-", "-1"})
    void aRangeOfAnotherFormIsRefusedAndNotIgnored(String range) throws Exception {
        client.method("PUT", "/c/digits", "0123456789");
        assertThat(client.get("/c/digits", "Range", range).status()).isEqualTo(400);
    }

    @Test
    void aPutWithTheRangeMinusOneAppends() throws Exception {
        for (String part : List.of("first", "second", "third")) {
            assertThat(client.method("PUT", "/c/log", part, "Range", "-1").status()).isEqualTo(200);
        }
        assertThat(client.get("/c/log").body()).isEqualTo("firstsecondthird");
        assertThat(client.method("PUT", "/c/log", "x", "Range", "bytes=0-3").status())
                .isEqualTo(400);
        assertThat(client.method("PUT", "/c/log?uploads=1", "x").status()).isEqualTo(400);
        assertThat(client.method("PUT", "/c/dir/", null, "Range", "-1").status()).isEqualTo(400);
        assertThat(client.get("/c/log").body()).isEqualTo("firstsecondthird");
    }

    @Test
    void aRangeBehindTheEndCannotBeSatisfied() throws Exception {
        client.method("PUT", "/c/digits", "0123456789");
        assertThat(client.get("/c/digits", "Range", "bytes=10-").status()).isEqualTo(416);
        assertThat(client.get("/c/digits", "Range", "bytes=-0").status()).isEqualTo(416);
    }

    @Test
    void getItemReturnsWhatWasAskedAndLeavesOutTheRest() throws Exception {
        client.function(
                "PutItem",
                "/c/item",
                "{\"Item\":{\"n\":{\"N\":\"41\"},\"s\":{\"S\":\"x\"},\"b\":{\"B\":\"YQ==\"},\"t\":{\"BOOL\":true}}}");
        Reply two = client.function("GetItem", "/c/item", "{\"AttributesToGet\":\"n,s,absent\"}");
        assertThat(two.status()).isEqualTo(200);
        assertThat(two.json().toString())
                .isEqualTo("{\"Item\":{\"n\":{\"N\":\"41\"},\"s\":{\"S\":\"x\"}}}");
        JsonNode user =
                client.function("GetItem", "/c/item", "{\"AttributesToGet\":\"*\"}")
                        .json()
                        .get("Item");
        assertThat(user.fieldNames()).toIterable().containsExactlyInAnyOrder("n", "s", "b", "t");
        assertThat(user.at("/t/BOOL").isBoolean()).isTrue();
        JsonNode all =
                client.function("GetItem", "/c/item", "{\"AttributesToGet\":\"**\"}")
                        .json()
                        .get("Item");
        assertThat(all.fieldNames())
                .toIterable()
                .contains("n", "__mtime_secs", "__mtime_nsecs", "__obj_type");
        assertThat(client.function("GetItem", "/c/other", "{\"AttributesToGet\":\"*\"}").status())
                .isEqualTo(404);
        assertThat(client.function("GetItem", "/c/item", "{}").status()).isEqualTo(400);
    }

    @Test
    void aShardTellsItsTypeAndNewestSequenceNumber() throws Exception {
        client.createStream("/c/s", 1);
        client.put("/c/s", 0, "a", "b", "c");
        JsonNode item =
                client.function(
                                "GetItem",
                                "/c/s/0/",
                                "{\"AttributesToGet\":\"__obj_type,__last_sequence_num\"}")
                        .json()
                        .get("Item");
        assertThat(item.at("/__obj_type/N").asText()).isEqualTo("3");
        assertThat(item.at("/__last_sequence_num/N").asText()).isEqualTo("3");
    }

    @Test
    void updateModeDecidesWhetherOtherAttributesStay() throws Exception {
        client.function(
                "PutItem", "/c/item", "{\"Item\":{\"a\":{\"N\":\"1\"},\"b\":{\"N\":\"2\"}}}");
        client.function(
                "PutItem",
                "/c/item",
                "{\"Item\":{\"a\":{\"N\":\"3\"}},\"UpdateMode\":\"CreateOrReplaceAttributes\"}");
        assertThat(items()).isEqualTo("{\"a\":{\"N\":\"3\"},\"b\":{\"N\":\"2\"}}");
        client.function("PutItem", "/c/item", "{\"Item\":{\"a\":{\"N\":\"4\"}}}");
        assertThat(items()).isEqualTo("{\"a\":{\"N\":\"4\"}}");
    }

    private String items() throws Exception {
        return client.function("GetItem", "/c/item", "{\"AttributesToGet\":\"*\"}")
                .json()
                .get("Item")
                .toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"Item\":[]}",
                "{\"Item\":{\"a\":1}}",
                "{\"Item\":{\"a\":{}}}",
                "{\"Item\":{\"a\":{\"N\":1}}}",
                "{\"Item\":{\"a\":{\"N\":\"x\"}}}",
                "{\"Item\":{\"a\":{\"B\":\"%\"}}}",
                "{\"Item\":{\"a\":{\"BOOL\":\"true\"}}}",
                "{\"Item\":{\"a\":{\"Z\":\"1\"}}}",
                "{\"Item\":{\"__mtime_secs\":{\"N\":\"1\"}}}",
                "{\"Item\":{\"__name\":{\"S\":\"x\"}}}",
                "{\"Item\":{\"a-b\":{\"N\":\"1\"}}}",
                "{\"Item\":{\"1a\":{\"N\":\"1\"}}}",
                "{\"Item\":{\"a\":{\"N\":\"1\"}},\"Expires\":1}",
                "{\"Item\":{\"a\":{\"N\":\"1\"}},\"UpdateMode\":\"Sometimes\"}",
                "{\"Item\":{\"a\":{\"N\":\"1\"}},\"ConditionExpression\":\"a ==\"}",
                "{\"Item\":{\"a\":{\"N\":\"1\"}},\"ConditionExpression\":7}"
            })
    void unfitPutsAreInvalidArguments(String body) throws Exception {
        Reply reply = client.function("PutItem", "/c/item", body);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("InvalidArgumentException");
        assertThat(client.get("/c/item").status()).isEqualTo(404);
    }

    @Test
    void aFalseConditionWritesNothing() throws Exception {
        client.createStream("/c/s", 2);
        client.put("/c/s", 0, "a");
        String commit =
                "{\"Item\":{\"__g_committed_sequence_number\":{\"N\":\"1\"}},"
                        + "\"UpdateMode\":\"CreateOrReplaceAttributes\",\"ConditionExpression\":\"__obj_type == 3\"}";
        assertThat(client.function("PutItem", "/c/s/0", commit).status()).isEqualTo(200);
        for (String path : List.of("/c/s/1", "/c/s/state.json", "/c/other")) {
            Reply refused = client.function("PutItem", path, commit);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.code()).isEqualTo(-16777244);
            assertThat(client.function("GetItem", path, "{\"AttributesToGet\":\"*\"}").status())
                    .isEqualTo(404);
        }
        assertThat(emulator.stream("c/s").committedSequenceNumber("g", 0)).hasValue(1);
        assertThat(emulator.stream("c/s").committedSequenceNumber("other", 0)).isEmpty();
    }

    @Test
    void theVerifierOfAPutIsTheConditionOfTheNext() throws Exception {
        String put = "{\"Item\":{\"state\":{\"S\":\"x\"}},\"ConditionExpression\":\"%s\"}";
        Reply first =
                client.function("PutItem", "/c/state", String.format(put, "not(exists(state))"));
        String verifier = first.header("X-v3io-transaction-verifier");
        assertThat(
                        client.function(
                                        "PutItem",
                                        "/c/state",
                                        String.format(put, "not(exists(state))"))
                                .status())
                .isEqualTo(400);
        assertThat(client.function("PutItem", "/c/state", String.format(put, verifier)).status())
                .isEqualTo(200);
        assertThat(client.function("PutItem", "/c/state", String.format(put, verifier)).code())
                .as("the time has moved on")
                .isEqualTo(-16777244);
    }

    @Test
    void writersUnderTheMtimeConditionNeverOverwriteEachOther() throws Exception {
        int writers = 4;
        int rounds = 25;
        client.function("PutItem", "/c/counter", "{\"Item\":{\"n\":{\"N\":\"0\"}}}");
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                tasks.add(
                        () -> {
                            for (int done = 0; done < rounds; ) {
                                done += incrementOnce() ? 1 : 0;
                            }
                            return null;
                        });
            }
            for (Future<Void> task : threads.invokeAll(tasks)) {
                task.get();
            }
        } finally {
            threads.shutdownNow();
        }
        JsonNode item =
                client.function("GetItem", "/c/counter", "{\"AttributesToGet\":\"n\"}").json();
        assertThat(item.at("/Item/n/N").asInt()).isEqualTo(writers * rounds);
    }

    private boolean incrementOnce() throws Exception {
        JsonNode item =
                client.function(
                                "GetItem",
                                "/c/counter",
                                "{\"AttributesToGet\":\"__mtime_nsecs,__mtime_secs,n\"}")
                        .json()
                        .get("Item");
        return client.function(
                                "PutItem",
                                "/c/counter",
                                String.format(
                                        "{\"ConditionExpression\":\"(__mtime_nsecs == %s) AND (__mtime_secs == %s)\","
                                                + "\"Item\":{\"n\":{\"N\":\"%d\"}}}",
                                        item.at("/__mtime_nsecs/N").asText(),
                                        item.at("/__mtime_secs/N").asText(),
                                        item.at("/n/N").asInt() + 1))
                        .status()
                == 200;
    }

    @Test
    void aListingShowsDirectoriesStreamsShardsAndObjects() throws Exception {
        client.createStream("/c/dir/stream", 12);
        client.put("/c/dir/stream", 0, "a");
        client.put("/c/dir/stream", 11, "a", "b");
        client.method("PUT", "/c/dir/stream/g-state.json", "12345");
        client.method(
                "PUT",
                "/c/dir/file & <more>".replace(" ", "%20").replace("<", "%3C").replace(">", "%3E"),
                "x");
        client.method("PUT", "/c/dir/plain/x", "x");

        Reply dir = client.get("/c?prefix=dir%2F&prefix-info=1");
        assertThat(dir.header("Content-Type")).contains("xml");
        assertThat(elements(dir, "Name")).containsExactly("c");
        assertThat(elements(dir, "IsTruncated")).containsExactly("false");
        assertThat(elements(dir, "Prefix")).contains("dir/plain/", "dir/stream/");
        assertThat(elements(dir, "ShardCount")).containsExactly("12");
        assertThat(elements(dir, "RetentionPeriodHours")).containsExactly("24");
        assertThat(elements(dir, "Key")).containsExactly("dir/file &amp; &lt;more&gt;");
        assertThat(elements(dir, "AccessTime")).isNotEmpty();

        Reply stream = client.get("/c?prefix=dir%2Fstream%2F");
        assertThat(elements(stream, "Key"))
                .containsExactly("dir/stream/0", "dir/stream/11", "dir/stream/g-state.json");
        assertThat(elements(stream, "LastSequenceId")).containsExactly("1", "2");
        assertThat(elements(stream, "Size").get(2)).isEqualTo("5");
        assertThat(elements(stream, "LastModified")).hasSize(3);
        assertThat(elements(stream, "AccessTime")).isEmpty();
        assertThat(elements(stream, "InodeNumber")).isEmpty();
        assertThat(elements(client.get("/c?prefix=dir%2Fstream%2F&prefix-info=1"), "InodeNumber"))
                .hasSize(3)
                .doesNotHaveDuplicates();
        Reply plain = client.get("/c?prefix=dir");
        assertThat(elements(plain, "Prefix")).containsExactly("dir/", "dir/plain/", "dir/stream/");
        assertThat(elements(plain, "ShardCount")).as("without prefix-info").isEmpty();
        assertThat(elements(dir, "RetentionPeriodSec")).containsExactly("86400");
        client.method("PUT", "/c/dir/stream/.hidden", "x");
        assertThat(elements(client.get("/c?prefix=dir%2Fstream%2F"), "Key"))
                .containsExactly(
                        "dir/stream/0",
                        "dir/stream/11",
                        "dir/stream/.hidden",
                        "dir/stream/g-state.json");
        assertThat(client.get("/c?prefix=dir&delimiter=%2F").status()).isEqualTo(400);

        assertThat(elements(client.get("/c?prefix=dir/&prefix-only=1"), "Key")).isEmpty();
        assertThat(client.get("/c?prefix=missing%2F").status()).isEqualTo(404);
        assertThat(client.get("/c?prefix=dir%2Ffile").status()).isEqualTo(404);
        assertThat(elements(client.get("/c"), "Prefix")).contains("dir/");
        assertThat(client.get("/c/?prefix=dir").status()).isEqualTo(200);
        Reply root = client.get("/bigdata");
        assertThat(root.status()).as("the root of a container always exists").isEqualTo(200);
        assertThat(elements(root, "NextMarker").get(0)).isNotEmpty();
    }

    @Test
    void aPagedListingComesToItsEndWithoutGapsAndDoubles() throws Exception {
        client.createStream("/c/s", 50);
        for (int i = 0; i < 50; i++) {
            client.put("/c/s", i, "x");
        }
        client.method("PUT", "/c/s/sub/x", "x");
        List<String> seen = new ArrayList<>();
        String marker = "";
        for (int pages = 0; pages < 100; pages++) {
            Reply page =
                    client.get("/c?prefix=s%2F&max-keys=7&marker=" + marker.replace("/", "%2F"));
            assertThat(elements(page, "MaxKeys")).containsExactly("7");
            seen.addAll(elements(page, "Key"));
            List<String> prefixes = elements(page, "Prefix");
            seen.addAll(prefixes.subList(1, prefixes.size()));
            if (elements(page, "IsTruncated").get(0).equals("false")) {
                assertThat(elements(page, "NextMarker").get(0)).isEqualTo("s/sub");
                break;
            }
            assertThat(elements(page, "Key").size() + prefixes.size() - 1).isEqualTo(7);
            marker = elements(page, "NextMarker").get(0);
        }
        assertThat(seen).hasSize(51).doesNotHaveDuplicates().contains("s/0", "s/49", "s/sub/");
        assertThat(client.get("/c?prefix=s%2F&max-keys=0").status()).isEqualTo(400);
        assertThat(client.get("/c?prefix=s%2F&max-keys=x").status()).isEqualTo(400);
    }

    private static List<String> elements(Reply reply, String element) {
        Matcher matcher =
                Pattern.compile("<" + element + ">([^<]*)</" + element + ">").matcher(reply.body());
        List<String> found = new ArrayList<>();
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    @Test
    void someContainersAreThereOthersAreNotFound() throws Exception {
        stop();
        emulator = V3ioEmulator.builder().containers("projects", "users").start();
        client = new RawClient(emulator.endpoint());
        for (Reply missing :
                List.of(
                        client.get("/bigdata/?prefix=x"),
                        client.get("/bigdata/x"),
                        client.method("PUT", "/bigdata/x", "x"),
                        client.function("CreateStream", "/bigdata/s/", "{}"),
                        client.function("GetItem", "/bigdata/x", "{\"AttributesToGet\":\"*\"}"))) {
            assertThat(missing.status()).isEqualTo(404);
            assertThat(missing.error()).isEqualTo("Container not found");
        }
        client.createStream("/projects/s", 1);
        client.method("PUT", "/2/x", "by its number");
        assertThat(client.get("/users/x").body()).isEqualTo("by its number");
        assertThat(emulator.hasStream("1/s")).isTrue();
        Reply containers = client.get("/");
        assertThat(containers.body())
                .contains("<ListAllMyBucketsResult>")
                .contains("<Buckets><Bucket>");
        assertThat(elements(containers, "Name")).containsExactly("projects", "users");
        assertThat(elements(containers, "CreationDate")).hasSize(2);
        assertThat(elements(containers, "Id")).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aStreamIsDeletedByDeletingWhatIsInItAndThenItsDirectory() throws Exception {
        client.createStream("/c/s", 2);
        client.put("/c/s", 1, "a", "b");
        client.method("PUT", "/c/s/g-state.json", "{}");
        String oldLocation = client.seek("/c/s/1", "EARLIEST");
        Reply notEmpty = client.method("DELETE", "/c/s/", null);
        assertThat(notEmpty.status()).isEqualTo(409);
        assertThat(client.method("DELETE", "/c/s/0", null).status()).as("unborn").isEqualTo(404);
        assertThat(client.method("DELETE", "/c/s/1", null).status()).isEqualTo(204);
        assertThat(client.function("DescribeStream", "/c/s/", null).status()).isEqualTo(200);
        assertThat(client.method("DELETE", "/c/s/g-state.json", null).status()).isEqualTo(204);
        assertThat(client.method("DELETE", "/c/s/", null).status()).isEqualTo(204);
        assertThat(client.function("DescribeStream", "/c/s/", null).status()).isEqualTo(404);

        client.createStream("/c/s", 2);
        Reply put = client.put("/c/s", 1, "new");
        assertThat(put.json().at("/Records/0/SequenceNumber").asLong())
                .as("starts again")
                .isEqualTo(1);
        assertThat(client.read("/c/s/1", oldLocation, 1).error()).contains("IllegalLocation");
    }

    @Test
    void numbersInAStreamAreNamesOfShards() throws Exception {
        client.createStream("/c/s", 2);
        assertThat(client.method("PUT", "/c/s/0", "x").status()).isEqualTo(403);
        assertThat(client.method("PUT", "/c/s/7", "x").status()).isEqualTo(403);
        assertThat(client.method("PUT", "/c/s/7/x", "x").status()).isEqualTo(403);
        assertThat(client.function("PutItem", "/c/s/1", "{\"Item\":{\"a\":{\"N\":\"1\"}}}").error())
                .isEqualTo("Operation not permitted");
        client.put("/c/s", 0, "x");
        assertThat(client.get("/c/s/0").code()).isEqualTo(-1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a b",
                "a+b",
                "a%b",
                "\u00fcn\u00efcode \u6f22",
                "quote\"'&<>",
                "a=b&c",
                "x@y:z;w"
            })
    void namesSurvivePercentEncoding(String name) throws Exception {
        String encoded = URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
        client.createStream("/c/" + encoded, 1);
        assertThat(emulator.stream("c/" + name).shardCount()).isEqualTo(1);
        assertThat(client.get("/c?prefix=" + encoded + "%2F").status()).isEqualTo(200);
    }

    @Test
    void aPlusIsAPlusInPathsAndInPrefixes() throws Exception {
        try (RawSocket socket = new RawSocket(emulator.endpoint())) {
            socket.send("PUT /c/a+b/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n").receive();
            assertThat(socket.send("GET /c/a%2Bb/x HTTP/1.1\r\n\r\n").receive().status())
                    .isEqualTo(200);
            assertThat(socket.send("GET /c?prefix=a+b/ HTTP/1.1\r\n\r\n").receive().status())
                    .isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/c/%zz",
                "/c/%f",
                "/c/%ff",
                "/c/../d",
                "/c/a%00b",
                "/c/a%2Fb",
                "/c?prefix=%2E%2E%2F"
            })
    void impossiblePathsAreInvalidArguments(String target) throws Exception {
        try (RawSocket socket = new RawSocket(emulator.endpoint())) {
            RawSocket.Reply reply = socket.send("GET " + target + " HTTP/1.1\r\n\r\n").receive();
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.body()).contains("InvalidArgumentException");
        }
    }

    @Test
    void aPathHasAtMost4096Bytes() throws Exception {
        String fits = "/c/" + "x".repeat(4093);
        HttpRequest put = client.request("PUT", fits, "");
        assertThat(client.send(put).status()).isEqualTo(200);
        assertThat(client.method("PUT", fits + "x", "").status()).isEqualTo(400);
    }

    @Test
    void unknownFunctionsAndMethodsAreRefused() throws Exception {
        Reply function = client.function("DropItem", "/c/x", "{}");
        assertThat(function.status()).isEqualTo(400);
        assertThat(function.json().get("ErrorDetail").asText()).contains("DropItem");
        assertThat(client.method("PATCH", "/c/x", "").status()).isEqualTo(405);
    }

    private Reply update(String expression, String... more) throws Exception {
        StringBuilder body =
                new StringBuilder("{\"UpdateExpression\":\"").append(expression).append('"');
        for (int i = 0; i < more.length; i += 2) {
            body.append(",\"").append(more[i]).append("\":\"").append(more[i + 1]).append('"');
        }
        return client.function("UpdateItem", "/c/item", body.append('}').toString());
    }

    @Test
    void anUpdateSetsCountsAndRemoves() throws Exception {
        Reply first =
                update(
                        "SET name='Jackson S.'; SET n = if_not_exists(n,0) + 1; ok = true; x=-2.5*4;");
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        assertThat(first.header("X-v3io-transaction-verifier")).contains("__mtime_nsecs==");
        update("SET n = if_not_exists(n, 0) + 1");
        update("temp=n; n=x; x=temp; REMOVE temp");
        assertThat(items())
                .isEqualTo(
                        "{\"n\":{\"N\":\"-10.0\"},\"name\":{\"S\":\"Jackson S.\"},"
                                + "\"ok\":{\"BOOL\":true},\"x\":{\"N\":\"2\"}}");
    }

    @Test
    void anUpdateMayDependOnAConditionAndHaveAnAlternative() throws Exception {
        update("n = 1");
        Reply refused = update("n = 2", "ConditionExpression", "n == 7");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo(-16777244);
        update("n = 2", "ConditionExpression", "n == 1");
        update(
                "n = 3",
                "ConditionExpression",
                "n == 7",
                "AlternateUpdateExpression",
                "other = n * 10");
        assertThat(items()).isEqualTo("{\"n\":{\"N\":\"2\"},\"other\":{\"N\":\"20\"}}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n",
                "SET n",
                "SET n = ",
                "n = 1 m = 2",
                "n = absent + 1",
                "n = 'a' + 1",
                "n = 1 / 0",
                "n = f(1)",
                "arr[1] = 2",
                "arr = init_array(5, 'int')",
                "__mtime_secs = 1",
                "REMOVE __name",
                "n = (1"
            })
    void anUnfitUpdateIsAnInvalidArgumentAndChangesNothing(String expression) throws Exception {
        update("kept = 1");
        Reply refused = update("kept = 2; " + expression);
        assertThat(refused.status()).as(refused.body()).isEqualTo(400);
        assertThat(refused.error()).isEqualTo("InvalidArgumentException");
        assertThat(items()).isEqualTo("{\"kept\":{\"N\":\"1\"}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"n = [1, 2]", "SET n[0] = 1", "n = m[1]", "n = if_not_exists(m[0], 1)"})
    void anUpdateOfAnArrayIsRefusedAsSuch(String expression) throws Exception {
        update("n = 1; m = 2");
        Reply reply = update(expression);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("ErrorDetail").asText()).contains("the emulator has no arrays");
        assertThat(items()).isEqualTo("{\"m\":{\"N\":\"2\"},\"n\":{\"N\":\"1\"}}");
    }

    @Test
    void aTableAndAKeyInTheBodyNameTheItem() throws Exception {
        client.function(
                "PutItem",
                "/c/",
                "{\"TableName\":\"dir/cars\",\"Key\":{\"id\":{\"N\":\"7\"}},\"Item\":{\"km\":{\"N\":\"9\"}}}");
        assertThat(
                        client.function("GetItem", "/c/dir/cars/7", "{\"AttributesToGet\":\"*\"}")
                                .json()
                                .get("Item")
                                .toString())
                .isEqualTo("{\"id\":{\"N\":\"7\"},\"km\":{\"N\":\"9\"}}");
        assertThat(
                        client.function(
                                        "GetItem",
                                        "/c/dir/cars/7",
                                        "{\"AttributesToGet\":\"__name,__size,__uid\"}")
                                .json()
                                .at("/Item/__name/S")
                                .asText())
                .isEqualTo("7");
    }

    private List<String> scan(String json) throws Exception {
        Reply reply = client.function("GetItems", "/c/t/", json);
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        List<String> names = new ArrayList<>();
        reply.json().get("Items").forEach(item -> names.add(item.at("/__name/S").asText()));
        assertThat(reply.json().get("NumItems").asInt()).isEqualTo(names.size());
        return names;
    }

    @Test
    void itemsAreScannedFilteredInPartsAndInSegments() throws Exception {
        for (int i = 0; i < 10; i++) {
            client.function("PutItem", "/c/t/k" + i, "{\"Item\":{\"n\":{\"N\":\"" + i + "\"}}}");
        }
        assertThat(scan("{\"FilterExpression\":\"n >= 8\"}")).containsExactly("k8", "k9");
        assertThat(scan("{\"AllowObjectScatter\":\"false\",\"ReturnData\":\"\"}")).hasSize(10);

        List<String> all = new ArrayList<>();
        String marker = "";
        String last = "FALSE";
        while (last.equals("FALSE")) {
            JsonNode part =
                    client.function(
                                    "GetItems",
                                    "/c/t/",
                                    "{\"Limit\":3,\"AttributesToGet\":\"n\",\"FilterExpression\":\"n > 0\",\"Marker\":\""
                                            + marker
                                            + "\"}")
                            .json();
            part.get("Items").forEach(item -> all.add(item.at("/n/N").asText()));
            last = part.get("LastItemIncluded").asText();
            marker = part.path("NextMarker").asText();
            assertThat(part.has("NextMarker")).isEqualTo(last.equals("FALSE"));
        }
        assertThat(all).containsExactly("1", "2", "3", "4", "5", "6", "7", "8", "9");

        List<String> segments = new ArrayList<>();
        for (int segment = 0; segment < 4; segment++) {
            segments.addAll(scan("{\"TotalSegment\":4,\"Segment\":" + segment + "}"));
        }
        assertThat(segments).hasSize(10).doesNotHaveDuplicates();
    }

    @Test
    void aRangeOfSortingKeysIsScanned() throws Exception {
        for (String name : List.of("1.20180601", "1.20180701", "16.20180601", "1")) {
            client.function("PutItem", "/c/t/" + name, "{\"Item\":{\"a\":{\"N\":\"1\"}}}");
        }
        assertThat(scan("{\"ShardingKey\":\"1\"}"))
                .containsExactly("1", "1.20180601", "1.20180701");
        assertThat(
                        scan(
                                "{\"ShardingKey\":\"1\",\"SortKeyRangeStart\":\"20180601\",\"SortKeyRangeEnd\":\"20180701\"}"))
                .containsExactly("1.20180601");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"Segment\":1}",
                "{\"TotalSegment\":4}",
                "{\"TotalSegment\":4,\"Segment\":4}",
                "{\"SortKeyRangeStart\":\"a\"}",
                "{\"ShardingKey\":\"a\",\"Segment\":0,\"TotalSegment\":1}",
                "{\"FilterExpression\":\"n >\"}",
                "{\"Limit\":0}",
                "{\"ReturnData\":\"true\"}",
                "{\"Unknown\":0}"
            })
    void unfitScansAreInvalidArguments(String body) throws Exception {
        client.method("PUT", "/c/t/", null);
        assertThat(client.function("GetItems", "/c/t/", body).status()).isEqualTo(400);
        assertThat(client.function("GetItems", "/c/missing/", "{}").status()).isEqualTo(404);
    }

    @Test
    void theVerifierAndTheTimeOfTheLastChangeComeWithReads() throws Exception {
        client.createStream("/c/s", 1);
        client.put("/c/s", 0, "a");
        client.method("PUT", "/c/o", "x");
        Reply seek = client.function("Seek", "/c/s/0", "{\"Type\":\"EARLIEST\"}");
        for (Reply reply :
                List.of(
                        seek,
                        client.read("/c/s/0", seek.json().get("Location").asText(), 1),
                        client.function("GetItem", "/c/s/0", "{\"AttributesToGet\":\"*\"}"),
                        client.get("/c/o"),
                        client.method("HEAD", "/c/o", null))) {
            assertThat(reply.status()).isEqualTo(200);
            assertThat(reply.header("X-v3io-transaction-verifier"))
                    .matches("__mtime_secs==[0-9]+ and __mtime_nsecs==[0-9]+");
            assertThat(reply.header("Last-Modified")).endsWith("GMT");
        }
    }

    @Test
    void aForeignContentTypeAndTwoSlashesDoNotMatter() throws Exception {
        Reply created =
                client.method(
                        "POST",
                        "//c/s/",
                        "{\"ShardCount\":2}",
                        "X-v3io-function",
                        "CreateStream",
                        "Content-Type",
                        "text/plain; charset=utf-8");
        assertThat(created.status()).isEqualTo(204);
        assertThat(emulator.stream("c/s").shardCount()).isEqualTo(2);
    }
}

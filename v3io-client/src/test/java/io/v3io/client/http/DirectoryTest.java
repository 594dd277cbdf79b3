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

package io.v3io.client.http;

import io.v3io.client.Operation;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import javax.annotation.Nullable;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** Listing and deletion over pages, against a directory tree with two names per page. */
class DirectoryTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s t");

    /** Names in the container; those with a slash at their end are directories. */
    private final ConcurrentSkipListSet<String> tree = new ConcurrentSkipListSet<>();

    private final AtomicInteger concurrent = new AtomicInteger();
    private final AtomicInteger maxConcurrent = new AtomicInteger();

    /** What the platform calls a shard's number in a listing; null for one that leaves it out. */
    @Nullable private volatile String sequenceElement = "LastSequenceId";

    /** Body of the answer of GetItem on a shard. */
    private volatile String item = "{\"Item\": {\"__last_sequence_num\": {\"N\": \"77\"}}}";

    /** How often a reader's group puts its state there just before the directory is deleted. */
    private final AtomicInteger statesToCome = new AtomicInteger();

    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start(this::handle);
        client = Clients.builder(server.endpoint()).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void readsNewestSequenceNumbersOverAllPagesAndIgnoresOtherObjects() {
        tree.add("me/s t/");
        for (int shard = 0; shard < 9; shard++) {
            tree.add("me/s t/" + shard);
        }
        tree.addAll(List.of("me/s t/cg0-state.json", "me/s t/007", "me/s t/4096", "me/s t/1x"));

        for (String element : List.of("LastSequenceId", "LastSequenceID")) {
            sequenceElement = element;
            server.requests().clear();
            assertThat(get(client.newestSequenceNumbers(STREAM)))
                    .hasSize(9)
                    .containsEntry(STREAM.shard(0), 100L)
                    .containsEntry(STREAM.shard(8), 108L);
            assertThat(server.requests()).hasSize(7);
        }
        assertThat(error(client.newestSequenceNumbers(StreamPath.parse("users/none"))).kind())
                .isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void asksEachShardWhoseNumberTheListingLeavesOut() {
        sequenceElement = null;
        tree.add("me/s t/");
        for (int shard = 0; shard < 100; shard++) {
            tree.add("me/s t/" + shard);
        }
        tree.addAll(List.of("me/s t/cg0-state.json", "me/s t/007", "me/s t/4096", "me/s t/1x"));

        assertThat(get(client.newestSequenceNumbers(STREAM)))
                .hasSize(100)
                .allSatisfy((shard, number) -> assertThat(number).isEqualTo(77));
        assertThat(server.requests("GetItem"))
                .hasSize(100)
                .allMatch(
                        request ->
                                request.text()
                                        .equals(
                                                "{\"AttributesToGet\":\"__last_sequence_num,__obj_type\"}"));
        assertThat(maxConcurrent).hasValueBetween(1, 16);
    }

    @Test
    void asksTheShardsThemselvesWhereNothingMayBeListed() {
        List<ShardId> shards = IntStream.range(0, 40).mapToObj(STREAM::shard).toList();
        shards.forEach(shard -> tree.add("me/s t/" + shard.number()));
        List<ShardId> all = new ArrayList<>(shards);
        all.add(STREAM.shard(4095));

        assertThat(get(client.newestSequenceNumbers(all)).keySet())
                .containsExactlyElementsOf(shards);
        assertThat(get(client.newestSequenceNumbers(List.of()))).isEmpty();
        assertThat(get(client.newestSequenceNumber(STREAM.shard(3)))).hasValue(77);
        assertThat(get(client.newestSequenceNumber(STREAM.shard(4095)))).isEmpty();
        assertThat(server.requests()).allMatch(request -> request.function().equals("GetItem"));
    }

    @Test
    void aNumberThatIsNotToldIsNoEmptyShard() {
        tree.add("me/s t/0");
        item = "{\"Item\": {}}";
        V3ioException error = error(client.newestSequenceNumber(STREAM.shard(0)));
        assertThat(error.kind()).isEqualTo(Kind.UNEXPECTED);
        assertThat(error).hasMessageContaining("has no attribute __last_sequence_num");
        item = "{\"Item\": {\"__obj_type\": {\"N\": \"3\"}}}";
        assertThat(error(client.newestSequenceNumbers(List.of(STREAM.shard(0)))).kind())
                .isEqualTo(Kind.UNEXPECTED);
        // What is said to be no shard has no number, and a shard may say that it is empty.
        item = "{\"Item\": {\"__obj_type\": {\"N\": \"1\"}}}";
        assertThat(get(client.newestSequenceNumber(STREAM.shard(0)))).isEmpty();
        item = "{\"Item\": {\"__last_sequence_num\": {\"N\": \"0\"}}}";
        assertThat(get(client.newestSequenceNumber(STREAM.shard(0)))).isEmpty();
    }

    @Test
    void aListingThatIsRefusedSaysThatItIsTheListing() throws IOException {
        try (CannedServer refusing =
                        CannedServer.start(
                                (request, connection) ->
                                        connection.error(403, -13, "Permission denied"));
                V3ioClient careful = Clients.builder(refusing.endpoint()).build()) {
            V3ioException error = error(careful.newestSequenceNumbers(STREAM));
            assertThat(error.kind()).isEqualTo(Kind.PERMISSION_DENIED);
            assertThat(error.operation()).isEqualTo(Operation.LIST);
        }
    }

    @Test
    void deletesEverythingInTheDirectoryAndNothingElse() {
        tree.add("me/");
        tree.add("me/s t/");
        for (int shard = 0; shard < 100; shard++) {
            tree.add("me/s t/" + shard);
        }
        tree.addAll(
                List.of(
                        "me/s t/a+b%41 \"\u4e16.json",
                        "me/s t/inner/",
                        "me/s t/inner/deep/",
                        "me/s t/inner/deep/object",
                        "me/s t/inner/x",
                        "me/s tx/",
                        "me/s tx/0",
                        "me/z"));

        get(client.deleteStream(STREAM));

        assertThat(tree).containsExactly("me/", "me/s tx/", "me/s tx/0", "me/z");
        assertThat(maxConcurrent).hasValueBetween(1, 16);
    }

    @Test
    void deletesInRoundsWhatIsTooMuchForOne() {
        tree.addAll(List.of("me/", "me/s t/", "me/s t/inner/", "me/z"));
        for (int i = 0; i < 23; i++) {
            tree.add("me/s t/" + i);
            tree.add("me/s t/inner/" + i);
        }
        ClientRuntime runtime = ClientRuntime.start(Clients.builder(server.endpoint()).toConfig());
        try (runtime) {
            get(DirectoryDeletion.start(runtime.calls(), STREAM, 5));
        }
        assertThat(tree).containsExactly("me/", "me/z");
        // A page has two names, so a round has six, and begins without a marker.
        assertThat(server.requests())
                .filteredOn(request -> request.target().contains("?"))
                .filteredOn(request -> parameter(request, "prefix").equals("me/s t/"))
                .filteredOn(request -> parameter(request, "marker").isEmpty())
                .hasSize(4);
        assertThat(server.requests())
                .filteredOn(request -> request.method().equals("DELETE"))
                .hasSize(48);
    }

    @Test
    void deletesWhatAReaderStillPutsThereAndNamesOneThatNeverStops() {
        tree.addAll(List.of("me/", "me/s t/", "me/s t/0", "me/s t/cg0-state.json"));
        statesToCome.set(3);
        get(client.deleteStream(STREAM));
        assertThat(tree).containsExactly("me/");

        tree.addAll(List.of("me/s t/", "me/s t/0"));
        statesToCome.set(Integer.MAX_VALUE);
        assertThat(error(client.deleteStream(STREAM)))
                .hasMessageContaining("DirectoryNotEmpty")
                .hasMessageContaining("Something keeps writing into it");
        assertThat(tree).containsExactly("me/", "me/s t/", "me/s t/cg0-state.json");
    }

    @Test
    void aMissingStreamIsNotFoundAndAPlainDirectoryIsNotDeleted() {
        tree.addAll(List.of("me/", "me/plain/", "me/plain/precious"));
        assertThat(error(client.deleteStream(STREAM)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(error(client.deleteStream(StreamPath.parse("users/me/plain"))).kind())
                .isEqualTo(Kind.NOT_A_STREAM);
        assertThat(tree).contains("me/plain/precious");
        assertThat(server.requests()).noneMatch(request -> request.method().equals("DELETE"));
    }

    @Test
    void neverDeletesWhatIsOutsideOfTheDirectoryWhateverAServerLists() throws IOException {
        for (String key : new String[] {"me/other", "me/s t/../x", "me/s t/a/b", "me/s t/", "x"}) {
            try (CannedServer liar =
                            CannedServer.start(
                                    (request, connection) -> {
                                        if (request.function().equals("DescribeStream")) {
                                            describe(connection);
                                        } else {
                                            connection.answer(
                                                    200,
                                                    "application/xml",
                                                    "<ListBucketResult><Contents><Key>"
                                                            + key
                                                            + "</Key></Contents></ListBucketResult>");
                                        }
                                    });
                    V3ioClient careful = Clients.builder(liar.endpoint()).build()) {
                assertThat(error(careful.deleteStream(STREAM)))
                        .hasMessageContaining("is not directly in that directory");
                assertThat(liar.requests()).noneMatch(r -> r.method().equals("DELETE"));
            }
        }
    }

    @Test
    void listsTheStreamsOfADirectory() {
        tree.addAll(List.of("me/", "me/a/", "me/plain/", "me/s t/", "me/x", "top/"));
        StreamDescription description = new StreamDescription(4, 24);
        assertThat(get(client.listStreams("users", "/me/")))
                .containsExactly(
                        new StreamListing(StreamPath.parse("users/me/a"), description),
                        new StreamListing(STREAM, description));
        assertThat(get(client.listStreams("users", "")))
                .extracting(StreamListing::stream)
                .containsExactly(StreamPath.parse("users/me"), StreamPath.parse("users/top"));
        assertThat(error(client.listStreams("users", "a//b")).kind())
                .isEqualTo(Kind.INVALID_ARGUMENT);
        assertThat(error(client.listStreams("users", "none")).kind()).isEqualTo(Kind.NOT_FOUND);
    }

    private void handle(CannedServer.Request request, CannedServer.Connection connection)
            throws IOException {
        if (request.function().equals("DescribeStream")) {
            String name = decode(request.target()).substring("/users/".length());
            if (!tree.contains(name)) {
                connection.error(404, 0, "ResourceNotFoundException");
            } else if (name.contains("plain")) {
                connection.error(400, 0, "ResourceIsnotStream");
            } else {
                describe(connection);
            }
        } else if (request.function().equals("GetItem")) {
            maxConcurrent.accumulateAndGet(concurrent.incrementAndGet(), Math::max);
            boolean isThere = tree.contains(decode(request.target()).substring("/users/".length()));
            concurrent.decrementAndGet();
            if (isThere) {
                connection.json(item);
            } else {
                connection.error(404, -2, "No such file or directory");
            }
        } else if (request.method().equals("GET")) {
            list(request, connection);
        } else {
            maxConcurrent.accumulateAndGet(concurrent.incrementAndGet(), Math::max);
            String name = decode(request.target()).substring("/users/".length());
            if (name.equals("me/s t/") && statesToCome.getAndDecrement() > 0) {
                tree.add("me/s t/cg0-state.json");
            }
            boolean isEmpty = tree.stream().noneMatch(n -> n.startsWith(name) && !n.equals(name));
            concurrent.decrementAndGet();
            if (name.endsWith("/") && !isEmpty) {
                connection.error(409, 0, "DirectoryNotEmpty");
            } else if (name.endsWith("7") || tree.remove(name)) {
                // Some objects are deleted by somebody else, a moment before.
                if (name.endsWith("7")) {
                    tree.remove(name);
                    connection.error(404, -2, "No such file or directory");
                } else {
                    connection.noContent();
                }
            } else {
                connection.error(404, -2, "No such file or directory");
            }
        }
    }

    private void list(CannedServer.Request request, CannedServer.Connection connection)
            throws IOException {
        String prefix = parameter(request, "prefix");
        String marker = parameter(request, "marker");
        TreeSet<String> names = new TreeSet<>();
        for (String name : tree) {
            if (name.startsWith(prefix) && !name.equals(prefix)) {
                int slash = name.indexOf('/', prefix.length());
                names.add(slash < 0 ? name : name.substring(0, slash + 1));
            }
        }
        if (!prefix.isEmpty() && !tree.contains(prefix)) {
            connection.error(404, -2, "No such file or directory");
            return;
        }
        List<String> page = new ArrayList<>(names.tailSet(marker, false));
        boolean isTruncated = page.size() > 2;
        if (isTruncated) {
            page = page.subList(0, 2);
        }
        StringBuilder xml = new StringBuilder("<ListBucketResult>");
        for (String name : page) {
            String shown = name.replace("&", "&amp;").replace("<", "&lt;");
            if (!name.endsWith("/")) {
                String last = name.substring(name.lastIndexOf('/') + 1);
                String element = sequenceElement;
                xml.append("<Contents><Key>").append(shown).append("</Key>");
                if (element != null && last.matches("\\d+")) {
                    xml.append("<" + element + ">10" + last + "</" + element + ">");
                }
                xml.append("</Contents>");
            } else {
                xml.append("<CommonPrefixes><Prefix>").append(shown).append("</Prefix>");
                xml.append(
                        name.contains("plain")
                                ? ""
                                : "<ShardCount>4</ShardCount><RetentionPeriodHours>24"
                                        + "</RetentionPeriodHours>");
                xml.append("</CommonPrefixes>");
            }
        }
        xml.append("<IsTruncated>").append(isTruncated).append("</IsTruncated><NextMarker>");
        xml.append(isTruncated ? page.get(1).replace("&", "&amp;") : "");
        xml.append("</NextMarker></ListBucketResult>");
        connection.answer(200, "application/xml", xml.toString());
    }

    private static void describe(CannedServer.Connection connection) throws IOException {
        connection.json("{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}");
    }

    private static String parameter(CannedServer.Request request, String name) {
        String query = request.target().substring(request.target().indexOf('?') + 1);
        for (String part : query.split("&", -1)) {
            if (part.startsWith(name + "=")) {
                return decode(part.substring(name.length() + 1));
            }
        }
        return "";
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}

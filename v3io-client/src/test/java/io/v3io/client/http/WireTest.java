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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;

import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** What we send, captured from a socket, is what the two public clients send. */
class WireTest {

    private static final StreamPath GO = StreamPath.parse("users/me/examples/gostream");
    private static final StreamPath PYTHON = StreamPath.parse("users/me/examples/v3io stream");
    private static final StreamPath SHORT = StreamPath.parse("users/me/s");
    private static final Location LOCATION = new Location("AQAAAAAAAAAAAAAAAAAAAA==");

    private static final List<PutRecord> RECORDS =
            List.of(
                    PutRecord.of(bytes("wolf")),
                    PutRecord.of(bytes("lamb")).withClientInfo(bytes("some info")),
                    PutRecord.of(bytes("bat")).withShardId(1),
                    PutRecord.of(bytes("weasel")).withPartitionKey("text_0"));

    /** Requests of the public clients that this client has no operation for. */
    private static final Set<String> WITHOUT_EQUIVALENT =
            Set.of(
                    "go-client/09-GetItem-group-state.http",
                    "go-client/10-PutItem-group-state.http",
                    // We always send a limit.
                    "python-client/10-GetRecords-no-limit.http");

    private static final String LISTING =
            "<?xml version=\"1.0\"?><ListBucketResult><Contents><Key>me/s/0</Key></Contents>"
                    + "</ListBucketResult>";

    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start(WireTest::answer);
        client = Clients.builder(server.endpoint()).setAccessKey("a-key").build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    static Stream<Arguments> equivalents() {
        return Stream.of(
                same("go-client/01-CreateStream.http", c -> c.createStream(GO, 4, 24)),
                same("go-client/02-DescribeStream.http", c -> c.describeStream(GO)),
                same("go-client/03-PutRecords.http", c -> c.putRecords(GO, RECORDS)),
                same(
                        "go-client/04-SeekShard-earliest.http",
                        c -> c.seek(GO.shard(0), SeekPosition.earliest())),
                same(
                        "go-client/05-SeekShard-latest.http",
                        c -> c.seek(GO.shard(0), SeekPosition.latest())),
                same(
                        "go-client/06-SeekShard-time.http",
                        c ->
                                c.seek(
                                        GO.shard(0),
                                        SeekPosition.time(Instant.ofEpochSecond(1511260205)))),
                same(
                        "go-client/07-SeekShard-sequence.http",
                        c -> c.seek(GO.shard(0), SeekPosition.sequenceNumber(42))),
                same("go-client/08-GetRecords.http", c -> c.getRecords(GO.shard(0), LOCATION, 10)),
                same(
                        "go-client/11-GetItem-committed-sequence.http",
                        c -> c.getCommittedSequenceNumber(GO.shard(0), "cg0")),
                same(
                        "go-client/12-PutItem-commit-sequence.http",
                        c -> c.commitSequenceNumber(GO.shard(0), "cg0", 15756)),
                same("go-client/13-ListContainerContents.http", c -> c.newestSequenceNumbers(GO)),
                same("go-client/14-DeleteShardObject.http", c -> c.deleteStream(SHORT)),
                same("go-client/15-DeleteStreamObject.http", c -> c.deleteStream(GO)),
                same("python-client/01-CreateStream.http", c -> c.createStream(PYTHON, 8, 24)),
                same("python-client/02-DescribeStream.http", c -> c.describeStream(PYTHON)),
                same("python-client/03-UpdateStream.http", c -> c.updateStream(PYTHON, 10)),
                same("python-client/04-PutRecords.http", c -> c.putRecords(PYTHON, RECORDS)),
                same(
                        "python-client/05-SeekShard-earliest.http",
                        c -> c.seek(PYTHON.shard(0), SeekPosition.earliest())),
                same(
                        "python-client/06-SeekShard-latest.http",
                        c -> c.seek(PYTHON.shard(0), SeekPosition.latest())),
                same(
                        "python-client/07-SeekShard-time.http",
                        c ->
                                c.seek(
                                        PYTHON.shard(0),
                                        SeekPosition.time(
                                                Instant.ofEpochSecond(1511260205, 500_000_000)))),
                same(
                        "python-client/08-SeekShard-sequence.http",
                        c -> c.seek(PYTHON.shard(0), SeekPosition.sequenceNumber(42))),
                same(
                        "python-client/09-GetRecords.http",
                        c -> c.getRecords(PYTHON.shard(0), LOCATION, 10)),
                same(
                        "python-client/11-ListContainerContents.http",
                        c -> c.newestSequenceNumbers(PYTHON)),
                same("python-client/12-DeleteShardObject.http", c -> c.deleteStream(SHORT)),
                same("python-client/13-DeleteStreamObject.http", c -> c.deleteStream(PYTHON)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("equivalents")
    void sendsWhatThePublicClientSends(
            String file, Function<V3ioClient, CompletableFuture<?>> operation) throws Exception {
        Recorded recorded = Recorded.read(file);

        get(operation.apply(client));

        CannedServer.Request ours =
                server.requests().stream()
                        .filter(r -> sameMethod(recorded.method, r.method()))
                        .filter(r -> r.function().equals(recorded.header("X-v3io-function")))
                        .filter(
                                r ->
                                        withoutShardSlash(r.target(), recorded)
                                                .equals(
                                                        withoutShardSlash(
                                                                recorded.target, recorded)))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new AssertionError(
                                                "No "
                                                        + recorded.target
                                                        + " in "
                                                        + server.requests()));
        assertThat(ours.header("X-v3io-session-key"))
                .isEqualTo(recorded.header("X-v3io-session-key"));
        assertThat(ours.header("Host")).isEqualTo("127.0.0.1:" + server.port());
        if (recorded.body.isEmpty()) {
            assertThat(ours.body()).isEmpty();
        } else {
            assertThat(ours.header("Content-Type")).isEqualTo("application/json");
            assertThat(json(ours.text())).isEqualTo(json(recorded.body));
        }
    }

    @Test
    void everyRecordedRequestIsComparedOrNamedAsWithoutEquivalent() throws Exception {
        Set<String> compared = new TreeSet<>(WITHOUT_EQUIVALENT);
        equivalents().forEach(a -> compared.add((String) a.get()[0]));
        Set<String> recorded = new TreeSet<>();
        try (Stream<Path> files = Files.walk(wire())) {
            files.filter(Files::isRegularFile)
                    .forEach(f -> recorded.add(wire().relativize(f).toString()));
        }
        assertThat(compared).isEqualTo(recorded);
    }

    @Test
    void encodesEveryUnusualCharacterOfAPathAndAQuery() {
        StreamPath stream =
                StreamPath.of(
                        "my users", "a b/c+d/e%41/'q\"u/\u00e9\u4e16\ud83d\udc3a/x?y#z&k=v;w@h");

        get(client.describeStream(stream));
        get(client.seek(stream.shard(7), SeekPosition.earliest()));
        get(client.newestSequenceNumbers(stream));

        String path =
                "a%20b/c%2Bd/e%2541/%27q%22u/%C3%A9%E4%B8%96%F0%9F%90%BA/x%3Fy%23z%26k%3Dv%3Bw%40h";
        assertThat(server.requests())
                .extracting(CannedServer.Request::target)
                .containsExactly(
                        "/my%20users/" + path + "/",
                        "/my%20users/" + path + "/7",
                        "/my%20users?prefix=" + path.replace("/", "%2F") + "%2F&prefix-info=1");
    }

    @Test
    void sendsNothingThatTheServerDidNotAskFor() {
        get(client.describeStream(GO));
        get(client.createStream(GO, 1, 1));

        assertThat(server.requests().get(0).headers())
                .containsOnlyKeys(
                        "X-v3io-session-key",
                        "X-v3io-function",
                        "Host",
                        "Content-Length",
                        "Connection",
                        "User-Agent");
        assertThat(server.requests().get(0).header("Content-Length")).isEqualTo("0");
        assertThat(server.requests().get(1).headers())
                .doesNotContainKeys(
                        "Accept-Encoding", "Cookie", "Upgrade", "Expect", "Transfer-Encoding");
    }

    private static Arguments same(
            String file, Function<V3ioClient, CompletableFuture<?>> operation) {
        return Arguments.of(file, operation);
    }

    private static boolean sameMethod(String theirs, String ours) {
        return theirs.equals(ours) || (isWrite(theirs) && isWrite(ours));
    }

    private static boolean isWrite(String method) {
        return method.equals("PUT") || method.equals("POST");
    }

    /** A shard is the same with a slash and without; a listing may ask for attributes, too. */
    private static String withoutShardSlash(String target, Recorded recorded) {
        String compared = target.replace("&prefix-info=1", "");
        boolean isShard = recorded.target.matches(".*/\\d+/?");
        return isShard && compared.endsWith("/")
                ? compared.substring(0, compared.length() - 1)
                : compared;
    }

    private static void answer(CannedServer.Request request, CannedServer.Connection connection)
            throws IOException {
        switch (request.function()) {
            case "DescribeStream" ->
                    connection.json("{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}");
            case "SeekShard" -> connection.json("{\"Location\": \"AQAA\"}");
            case "GetRecords" ->
                    connection.json(
                            "{\"NextLocation\": \"AQAB\", \"MSecBehindLatest\": 0,"
                                    + " \"RecordsBehindLatest\": 0, \"Records\": []}");
            case "PutRecords" ->
                    connection.json(
                            "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\":"
                                    + " 0}, {\"SequenceNumber\": 2, \"ShardId\": 0}, {\"SequenceNumber\": 1,"
                                    + " \"ShardId\": 1}, {\"SequenceNumber\": 3, \"ShardId\": 0}]}");
            case "GetItem" ->
                    connection.json(
                            "{\"Item\": {\"__cg0_committed_sequence_number\": {\"N\": \"41\"}}}");
            case "" -> {
                if (request.method().equals("GET")) {
                    connection.answer(
                            200,
                            "application/xml",
                            request.target().contains("me%2Fs%2F")
                                    ? LISTING
                                    : "<ListBucketResult/>");
                } else {
                    connection.noContent();
                }
            }
            default -> connection.noContent();
        }
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Path wire() {
        try {
            return Path.of(WireTest.class.getResource("/wire").toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Recorded(String method, String target, List<String> headers, String body) {

        static Recorded read(String file) throws IOException {
            String text = Files.readString(wire().resolve(file)).replace("\r\n", "\n");
            int end = text.indexOf("\n\n");
            List<String> lines = text.substring(0, end).lines().toList();
            String[] start = lines.get(0).split(" ", 3);
            return new Recorded(
                    start[0],
                    start[1],
                    lines.subList(1, lines.size()),
                    text.substring(end + 2).trim());
        }

        String header(String name) {
            return headers.stream()
                    .filter(h -> h.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(h -> h.substring(name.length() + 1).trim())
                    .findFirst()
                    .orElse("");
        }
    }
}

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
import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static io.v3io.client.testing.Clients.error;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * What a person reads when a job fails: what happened, where, what the server said, and what to
 * look at.
 */
class ErrorTextsTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final ShardId SHARD = STREAM.shard(3);
    private static final String PAYLOAD = "payload-not-to-be-seen";

    private volatile CannedServer.Handler handler = (request, connection) -> {};
    private CannedServer server;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    /**
     * @param what what happened, and the server's words
     * @param advice what to do
     */
    private record Row(
            Kind kind,
            Operation operation,
            CannedServer.Handler answer,
            UnaryOperator<V3ioClientBuilder> settings,
            String what,
            String advice) {

        @Override
        public String toString() {
            return kind + " of " + operation.wireName() + ": " + what;
        }
    }

    static Stream<Row> rows() {
        return Stream.of(
                row(
                        Kind.NOT_FOUND,
                        Operation.DESCRIBE_STREAM,
                        refusal(404, -2, "ResourceNotFoundException"),
                        "status 404 ResourceNotFoundException (code -2). There is no stream at this"
                                + " path; if there was one, it has been deleted.",
                        "Check the spelling of container and path, and the endpoint, or create the"
                                + " stream."),
                row(
                        Kind.NOT_FOUND,
                        Operation.PUT_RECORDS,
                        refusal(404, -2, "ResourceNotFoundException"),
                        "status 404 ResourceNotFoundException (code -2)",
                        "or create the stream."),
                row(
                        Kind.NOT_FOUND,
                        Operation.GET_RECORDS,
                        refusal(404, -2, "No such file or directory"),
                        "status 404 No such file or directory (code -2). There is no such shard:",
                        "Check the spelling of container and path, and the endpoint."),
                row(
                        Kind.NOT_FOUND,
                        Operation.PUT_ITEM,
                        refusal(404, -2, "No such file or directory"),
                        "its first record has not been stored yet, or its stream does not exist or"
                                + " has been deleted.",
                        "Check the spelling of container and path, and the endpoint."),
                row(
                        Kind.NOT_FOUND,
                        Operation.LIST,
                        refusal(404, -2, "No such file or directory"),
                        "Nothing exists at this path.",
                        "Check the spelling of container and path, and the endpoint."),
                row(
                        Kind.ILLEGAL_LOCATION,
                        Operation.GET_RECORDS,
                        refusal(400, -5, "IllegalLocationException"),
                        "status 400 IllegalLocationException (code -5).",
                        "as when retention has passed it: seek again."),
                row(
                        Kind.PERMISSION_DENIED,
                        Operation.GET_RECORDS,
                        refusal(403, -13, "Permission denied"),
                        "status 403 Permission denied (code -13).",
                        "Check that the access key that was set on the client is valid at this"
                                + " endpoint and allows this operation on the path."),
                row(
                        Kind.PERMISSION_DENIED,
                        Operation.DESCRIBE_STREAM,
                        (request, connection) -> connection.answer(401, "text/html", "<p>Log in"),
                        "status 401, body: <p>Log in.",
                        "Check that the access key that was set on the client is valid"),
                row(
                        Kind.INVALID_ARGUMENT,
                        Operation.PUT_RECORDS,
                        refusal(400, -201326592, "InvalidArgumentException"),
                        "status 400 InvalidArgumentException (code -201326592).",
                        "Check the records against the limits of the server's version"),
                row(
                        Kind.INVALID_ARGUMENT,
                        Operation.SEEK,
                        refusal(400, -201326592, "InvalidArgumentException"),
                        "status 400 InvalidArgumentException",
                        "A sequence number must be one that the shard holds"),
                row(
                        Kind.INVALID_ARGUMENT,
                        Operation.GET_RECORDS,
                        refusal(400, -201326594, "ShardIDOutOfRangeException"),
                        "status 400 ShardIDOutOfRangeException (code -201326594).",
                        "The stream has fewer shards than that; if it had more, it has been created"
                                + " again."),
                row(
                        Kind.INVALID_ARGUMENT,
                        Operation.UPDATE_STREAM,
                        refusal(400, -7, "InvalidShardCountException"),
                        "status 400 InvalidShardCountException",
                        "The number of shards can only grow"),
                row(
                        Kind.REQUEST_TOO_LARGE,
                        Operation.PUT_RECORDS,
                        (request, connection) -> connection.answer(413, "text/html", "<p>Large"),
                        "status 413, body: <p>Large. Store fewer bytes at once, or raise the"
                                + " limit",
                        "the gateway in front of the API"),
                row(
                        Kind.UNAVAILABLE,
                        Operation.GET_RECORDS,
                        (request, connection) -> connection.answer(404, "text/html", "<p>Lost"),
                        "status 404, body: <p>Lost. This was attempt 3 within ",
                        " ms). The API has not written this answer, so it does not say that anything"
                                + " is missing. Is the endpoint really the V3IO web API? Check its"
                                + " host and port, and the gateway in front of it."),
                row(
                        Kind.ALREADY_EXISTS,
                        Operation.CREATE_STREAM,
                        refusal(409, -17, "ResourceInUseException"),
                        "status 409 ResourceInUseException (code -17).",
                        "choose another path, or delete it first."),
                row(
                        Kind.CONDITION_FAILED,
                        Operation.PUT_ITEM,
                        refusal(400, -16777244, "false condition"),
                        "status 400 false condition (code -16777244).",
                        "what exists at this path is not a shard."),
                row(
                        Kind.NOT_A_STREAM,
                        Operation.PUT_RECORDS,
                        refusal(400, -9, "ResourceIsnotStream"),
                        "status 400 ResourceIsnotStream (code -9).",
                        "the path is that of the stream, not of a directory above it or a shard in"
                                + " it."),
                row(
                        Kind.UNAVAILABLE,
                        Operation.GET_RECORDS,
                        (request, connection) -> connection.answer(503, "text/html", "<p>Busy"),
                        "status 503, body: <p>Busy. This was attempt 3 within ",
                        "try again later."),
                row(
                        Kind.UNAVAILABLE,
                        Operation.SEEK,
                        (request, connection) -> connection.answer(429, "text/html", ""),
                        "status 429.",
                        " ms, and the retry policy allows no more (maxRetries 2, maxElapsed 20000"
                                + " ms)."),
                row(
                        Kind.TRANSPORT,
                        Operation.GET_RECORDS,
                        (request, connection) -> connection.reset(),
                        "the connection ended before the whole answer (",
                        "(maxRetries 2, maxElapsed 20000 ms). If it happens again and again, look at"
                                + " the server, and at what is between it and this machine (gateway,"
                                + " load balancer, proxy)."),
                row(
                        Kind.TRANSPORT,
                        Operation.PUT_RECORDS,
                        (request, connection) -> connection.reset(),
                        "the connection ended before the whole answer (",
                        "The server may have acted on it. If it happens again and again, look at the"
                                + " server"),
                new Row(
                        Kind.TRANSPORT,
                        Operation.DESCRIBE_STREAM,
                        (request, connection) -> {},
                        builder -> builder.setResponseTimeout(Duration.ofMillis(50)),
                        "no whole answer within 50 ms. This was attempt 3 within ",
                        "If the server is well but slow, raise setResponseTimeout, or ask for less"
                                + " at once."),
                new Row(
                        Kind.TRANSPORT,
                        Operation.DESCRIBE_STREAM,
                        (request, connection) -> {},
                        builder ->
                                builder.setEndpoint(
                                        builder.toConfig()
                                                .endpoint()
                                                .toString()
                                                .replace("http:", "https:")),
                        "no TLS connection (",
                        "Check that the endpoint's port speaks TLS; if it does not, the endpoint"
                                + " begins with http://."),
                row(
                        Kind.MALFORMED_RESPONSE,
                        Operation.GET_RECORDS,
                        (request, connection) -> connection.json("{\"Data\": " + PAYLOAD + "}"),
                        "status 200, but the answer of ",
                        "Is the endpoint really the V3IO web API, with no gateway that answers for"
                                + " it? Check its host, port and scheme (http or https)."),
                row(
                        Kind.MALFORMED_RESPONSE,
                        Operation.GET_RECORDS,
                        (request, connection) -> {
                            connection.write((PAYLOAD + "\r\n").repeat(20));
                            connection.close();
                        },
                        "the answer is not valid HTTP (",
                        "Check its host, port and scheme (http or https)."),
                row(
                        Kind.RESPONSE_TOO_LARGE,
                        Operation.GET_RECORDS,
                        (request, connection) ->
                                connection.write(
                                        CannedServer.head(200, "application/json", "", 2_000_000)),
                        "more than the 1000000 bytes that the client takes",
                        "Raise setMaxResponseBytes, or ask for fewer records at once."),
                row(
                        Kind.NOT_ADMITTED,
                        Operation.GET_RECORDS,
                        (request, connection) ->
                                connection.write(
                                        CannedServer.head(200, "application/json", "", 99_999)),
                        "the caller did not admit the 99999 bytes that the answer announces.",
                        "Ask again when there is memory for the answer, or for fewer records at"
                                + " once."),
                row(
                        Kind.UNMATCHED_RESULTS,
                        Operation.PUT_RECORDS,
                        (request, connection) ->
                                connection.json("{\"FailedRecordCount\": 0, \"Records\": []}"),
                        "has 0 results for 1 records",
                        "Read the end of the stream before storing them again"),
                row(
                        Kind.UNEXPECTED,
                        Operation.SEEK,
                        (request, connection) -> connection.answer(405, "text/html", "<p>No"),
                        "status 405, body: <p>No.",
                        "check that the endpoint is the V3IO web API, in a version that serves"
                                + " SeekShard."),
                row(
                        Kind.UNEXPECTED,
                        Operation.DESCRIBE_STREAM,
                        (request, connection) ->
                                connection.answer(
                                        302,
                                        "text/html",
                                        "Location: https://login.example/\r\n",
                                        new byte[0]),
                        "The server redirects to login.example, which is not followed",
                        "set the endpoint to where the API is."));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void tellsWhatHappenedWhereAndWhatToDo(Row row) {
        handler = row.answer();
        V3ioClientBuilder builder =
                Clients.builder(server.endpoint())
                        .setMaxResponseBytes(1_000_000)
                        .setRetryPolicy(Clients.quickRetries(2));
        try (V3ioClient client = row.settings().apply(builder).build()) {
            V3ioException error = error(run(client, row.operation()));

            assertThat(error.kind()).isEqualTo(row.kind());
            String path =
                    switch (row.operation()) {
                        case SEEK, GET_RECORDS, GET_ITEM, PUT_ITEM -> "users/me/s/3";
                        default -> "users/me/s";
                    };
            assertThat(error)
                    .hasMessageStartingWith(row.operation().wireName() + " of " + path)
                    .hasMessageContaining(" at 127.0.0.1:" + server.port() + " failed: ")
                    .hasMessageContaining(row.what())
                    .hasMessageContaining(row.advice());
            assertThat(error.getMessage())
                    .endsWith(".")
                    .hasSizeLessThan(800)
                    .doesNotContain("\n", "null", "..", " .", Clients.KEY, PAYLOAD);
        }
    }

    /** Those who have never seen the client's builder know its settings by other names. */
    @Test
    void namesSettingsAsItIsTold() {
        Path missing = Path.of("no", "such", "file");
        V3ioClientBuilder named =
                Clients.builder(server.endpoint())
                        .setMaxResponseBytes(1_024)
                        .setResponseTimeout(Duration.ofMillis(50))
                        .setRetryPolicy(Clients.quickRetries(1))
                        .nameSettings(
                                Map.of(
                                        "setMaxResponseBytes", "the largest answer",
                                        "setResponseTimeout", "the patience",
                                        "maxRetries", "the retries",
                                        "setTrustStore", "the store",
                                        "setAccessKeyFile", "the file"));
        try (V3ioClient client = named.toConfig().toBuilder().build()) {
            handler = (request, connection) -> {};
            assertThat(error(run(client, Operation.DESCRIBE_STREAM)))
                    .hasMessageContaining("no more (the retries 1, maxElapsed ")
                    .hasMessageEndingWith(" raise the patience, or ask for less at once.");
            handler =
                    (request, connection) ->
                            connection.write(CannedServer.head(200, "application/json", "", 2_000));
            assertThat(error(run(client, Operation.GET_RECORDS)))
                    .hasMessageEndingWith(
                            " Raise the largest answer, or ask for fewer records at once.");
        }
        assertThatThrownBy(named.setTrustStore(missing, null)::build)
                .hasMessageEndingWith(" Each machine of a job needs it: check the store.");
        assertThatThrownBy(
                        V3ioClient.builder()
                                        .setEndpoint("http://127.0.0.1:1")
                                        .setAccessKeyFile(missing)
                                        .nameSettings(Map.of("setAccessKeyFile", "the file"))
                                ::build)
                .hasMessageEndingWith(" Each machine of a job needs it: check the file.");
    }

    @Test
    void everyKindThatAnAnswerCanHaveIsInTheTable() {
        Set<Kind> tested = rows().map(Row::kind).collect(Collectors.toSet());
        assertThat(EnumSet.complementOf(EnumSet.copyOf(tested))).containsExactly(Kind.CLOSED);
    }

    @Test
    void aServerThatIsNotThereIsTold() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (V3ioClient client =
                Clients.builder("http://127.0.0.1:" + port)
                        .setRetryPolicy(Clients.quickRetries(1))
                        .build()) {
            assertThat(error(client.describeStream(STREAM)))
                    .hasMessageStartingWith(
                            "DescribeStream of users/me/s at 127.0.0.1:"
                                    + port
                                    + " failed: no connection (")
                    .hasMessageContaining(
                            "Check host and port of the endpoint, that the server runs, and that"
                                    + " nothing between it and this machine refuses (firewall,"
                                    + " proxy).")
                    .hasMessageContaining("). This was attempt 2 within ");
        }
    }

    @Test
    void whereNothingIsRepeatedNoPolicyIsBlamed() {
        handler = (request, connection) -> connection.answer(503, "text/html", "");
        try (V3ioClient client =
                Clients.builder(server.endpoint()).setRetryPolicy(RetryPolicy.none()).build()) {
            assertThat(error(client.describeStream(STREAM)))
                    .hasMessageEndingWith(
                            "status 503. The server is overloaded or not ready; try"
                                    + " again later.");
        }
    }

    @Test
    void aClosedClientSaysThatItIsClosed() {
        V3ioClient client = Clients.builder(server.endpoint()).build();
        client.close();
        assertThat(error(client.describeStream(STREAM)))
                .hasMessage(
                        "DescribeStream of users/me/s at 127.0.0.1:"
                                + server.port()
                                + " failed: the client is closed.");
    }

    private static Row row(
            Kind kind,
            Operation operation,
            CannedServer.Handler answer,
            String what,
            String advice) {
        return new Row(kind, operation, answer, UnaryOperator.identity(), what, advice);
    }

    private static CannedServer.Handler refusal(int status, int code, String name) {
        return (request, connection) -> connection.error(status, code, name);
    }

    private static CompletableFuture<?> run(V3ioClient client, Operation operation) {
        return switch (operation) {
            case CREATE_STREAM -> client.createStream(STREAM, 1, 1);
            case DESCRIBE_STREAM -> client.describeStream(STREAM);
            case UPDATE_STREAM -> client.updateStream(STREAM, 2);
            case PUT_RECORDS ->
                    client.putRecords(
                            STREAM,
                            List.of(PutRecord.of(PAYLOAD.getBytes(StandardCharsets.UTF_8))));
            case SEEK -> client.seek(SHARD, SeekPosition.sequenceNumber(5));
            case GET_RECORDS ->
                    client.getRecords(
                            SHARD, new Location("A"), 1, bodyBytes -> bodyBytes != 99_999);
            case GET_ITEM -> client.getCommittedSequenceNumber(SHARD, "g");
            case PUT_ITEM -> client.commitSequenceNumber(SHARD, "g", 1);
            case LIST -> client.newestSequenceNumbers(STREAM);
            case PUT_OBJECT -> client.putObject("users", "me/object", new byte[1]);
            case GET_OBJECT -> client.getObject("users", "me/object");
            case DELETE_OBJECT -> client.deleteStream(STREAM);
        };
    }
}

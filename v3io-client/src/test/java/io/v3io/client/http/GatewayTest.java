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
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** What somebody between the client and the API answers is not taken for the API's word. */
class GatewayTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final ShardId SHARD = STREAM.shard(0);
    private static final PutRecord RECORD = PutRecord.of(new byte[] {1});

    private volatile CannedServer.Handler handler;
    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        client = Clients.builder(server.endpoint()).setRetryPolicy(Clients.quickRetries(2)).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private CompletableFuture<?> run(Operation operation) {
        return switch (operation) {
            case CREATE_STREAM -> client.createStream(STREAM, 1, 1);
            case DESCRIBE_STREAM -> client.describeStream(STREAM);
            case UPDATE_STREAM -> client.updateStream(STREAM, 2);
            case PUT_RECORDS -> client.putRecords(STREAM, List.of(RECORD));
            case SEEK -> client.seek(SHARD, SeekPosition.sequenceNumber(5));
            case GET_RECORDS -> client.getRecords(SHARD, new io.v3io.client.model.Location("A"), 1);
            case GET_ITEM -> client.getCommittedSequenceNumber(SHARD, "g");
            case PUT_ITEM -> client.commitSequenceNumber(SHARD, "g", 1);
            case LIST -> client.newestSequenceNumbers(STREAM);
            case PUT_OBJECT -> client.putObject("users", "me/object", new byte[1]);
            case GET_OBJECT -> client.getObject("users", "me/object");
            case DELETE_OBJECT -> client.deleteStream(STREAM);
        };
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void a404ThatTheApiHasNotWrittenSaysThatNothingIsMissing(Operation operation) {
        for (String page :
                List.of(
                        "404 page not found",
                        "<html><h1>404 Not Found</h1></html>",
                        "{\"message\": \"no Route matched with those values\"}",
                        "")) {
            handler = (request, connection) -> connection.answer(404, "text/html", page);
            V3ioException error = error(run(operation));
            assertThat(error.kind()).as(page).isEqualTo(Kind.UNAVAILABLE);
            assertThat(error.kind().isTransient()).isTrue();
        }
        // Transient, so it is repeated where that does no harm.
        boolean isRepeated =
                switch (operation) {
                    case CREATE_STREAM, UPDATE_STREAM, PUT_RECORDS -> false;
                    default -> true;
                };
        assertThat(client.metrics().retries() > 0).isEqualTo(isRepeated);
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void a404OfTheApiIsBelieved(Operation operation) {
        for (String body :
                List.of(
                        "{\"ErrorCode\": -2, \"ErrorMessage\": \"No such file or directory\"}",
                        "{\"ErrorMessage\": \"ResourceNotFoundException\"}",
                        "Container not found")) {
            handler = (request, connection) -> connection.answer(404, "application/json", body);
            switch (operation) {
                case GET_ITEM ->
                        assertThat(get(client.getCommittedSequenceNumber(SHARD, "g"))).isEmpty();
                default -> assertThat(error(run(operation)).kind()).isEqualTo(Kind.NOT_FOUND);
            }
        }
        assertThat(client.metrics().retries()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void aNameInABodyOfStatus400MeansWhatItSays(Operation operation) {
        for (String body :
                List.of(
                        "{\"ErrorCode\": -1, \"ErrorMessage\": \"ResourceNotFoundException\"}",
                        "{\"error\": {\"name\": \"ResourceNotFoundException\"}}",
                        "ResourceNotFoundException: no such stream")) {
            handler = (request, connection) -> connection.answer(400, "application/json", body);
            switch (operation) {
                case GET_ITEM ->
                        assertThat(get(client.getCommittedSequenceNumber(SHARD, "g"))).isEmpty();
                default ->
                        assertThat(error(run(operation)).kind()).as(body).isEqualTo(Kind.NOT_FOUND);
            }
        }
        for (String body :
                List.of(
                        "{\"ErrorMessage\": \"ResourceInUse\"}",
                        "{\"error\": \"ResourceInUseException\"}")) {
            handler = (request, connection) -> connection.answer(400, "application/json", body);
            assertThat(error(run(operation)).kind()).as(body).isEqualTo(Kind.ALREADY_EXISTS);
        }
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void aPageWithStatus400RefusesNoRecordAndNoSequenceNumber(Operation operation) {
        handler =
                (request, connection) ->
                        connection.answer(400, "text/html", "<html>400 Bad Request</html>");
        assertThat(error(run(operation)).kind()).isEqualTo(Kind.UNEXPECTED);
    }

    /** But for objects: any page may be what one of them holds. */
    @ParameterizedTest
    @EnumSource(value = Operation.class, mode = EnumSource.Mode.EXCLUDE, names = "GET_OBJECT")
    void aLoginPageIsNoSuccess(Operation operation) {
        for (int status : new int[] {200, 201, 203}) {
            handler =
                    (request, connection) ->
                            connection.answer(status, "text/html", "<html>Log in</html>");
            assertThat(error(run(operation)).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
        }
        handler =
                (request, connection) ->
                        connection.json("{\"ErrorCode\": -1, \"ErrorMessage\": \"No\"}");
        assertThat(error(run(operation)).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }

    @Test
    void successWithoutABodyOrWithAnEmptyObjectIsOne() {
        for (String body : List.of("", " \r\n", "{}", "{\"Anything\": [1]}")) {
            handler = (request, connection) -> connection.json(body);
            get(client.createStream(STREAM, 1, 1));
            get(client.updateStream(STREAM, 2));
            get(client.commitSequenceNumber(SHARD, "g", 1));
        }
    }

    @Test
    void aListingThatIsNotFoundIsConfirmedByTheStream() {
        AtomicInteger describes = new AtomicInteger();
        handler =
                (request, connection) -> {
                    if (request.function().equals("DescribeStream")) {
                        describes.incrementAndGet();
                        connection.error(404, 0, "ResourceNotFoundException");
                    } else {
                        connection.answer(404, "application/xml", "<Error>NoSuchKey</Error>");
                    }
                };
        assertThat(error(client.newestSequenceNumbers(STREAM)).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(describes).hasValue(1);
        assertThat(client.metrics().retries()).isZero();

        // If the stream is there, the listing comes from elsewhere, until it comes from the API.
        AtomicInteger listings = new AtomicInteger();
        handler =
                (request, connection) -> {
                    if (request.function().equals("DescribeStream")) {
                        connection.json("{\"ShardCount\": 1, \"RetentionPeriodHours\": 1}");
                    } else if (listings.incrementAndGet() == 1) {
                        connection.answer(404, "text/html", "404 page not found");
                    } else {
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><Contents><Key>me/s/0</Key>"
                                        + "<LastSequenceId>7</LastSequenceId></Contents>"
                                        + "</ListBucketResult>");
                    }
                };
        assertThat(get(client.newestSequenceNumbers(STREAM))).containsEntry(SHARD, 7L);
        assertThat(listings).hasValue(2);
    }

    @Test
    void aDirectoryThatIsNotFoundIsConfirmedByItsItem() {
        handler =
                (request, connection) -> {
                    if (request.function().equals("GetItem")) {
                        connection.error(404, -2, "No such file or directory");
                    } else {
                        connection.answer(404, "application/xml", "");
                    }
                };
        assertThat(error(client.listStreams("users", "me")).kind()).isEqualTo(Kind.NOT_FOUND);
        assertThat(server.requests("GetItem").get(0).target()).isEqualTo("/users/me/");
    }

    @Test
    void aDeletionIsDoneWhenTheApiSaysSo() {
        AtomicInteger deletes = new AtomicInteger();
        handler =
                (request, connection) -> {
                    if (request.function().equals("DescribeStream")) {
                        connection.json("{\"ShardCount\": 1, \"RetentionPeriodHours\": 1}");
                    } else if (request.function().equals("GetItem")) {
                        // Still there after the first 404, and gone after the second.
                        if (deletes.get() == 1) {
                            connection.json("{\"Item\": {}}");
                        } else {
                            connection.error(404, -2, "No such file or directory");
                        }
                    } else if (request.method().equals("GET")) {
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><Contents><Key>me/s/0</Key></Contents>"
                                        + "</ListBucketResult>");
                    } else if (request.target().endsWith("/0")) {
                        deletes.incrementAndGet();
                        connection.answer(404, "text/plain", "404 page not found");
                    } else {
                        connection.noContent();
                    }
                };
        get(client.deleteStream(STREAM));
        assertThat(deletes).hasValue(2);
    }

    @Test
    void aStreamThatIsStillThereIsNotDeleted() {
        handler =
                (request, connection) -> {
                    if (request.function().equals("DescribeStream")) {
                        connection.json("{\"ShardCount\": 1, \"RetentionPeriodHours\": 1}");
                    } else if (request.method().equals("GET")) {
                        connection.answer(
                                200, "application/xml", "<ListBucketResult></ListBucketResult>");
                    } else {
                        connection.answer(404, "text/plain", "404 page not found");
                    }
                };
        assertThat(error(client.deleteStream(STREAM)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void aRefusedTunnelSaysNothingAboutAStream() throws IOException {
        for (int status : new int[] {404, 403, 407, 503}) {
            handler = (request, connection) -> connection.answer(status, "text/html", "<p>No");
            try (V3ioClient tunnelled =
                    Clients.builder("https://example.test")
                            .setProxy(server.endpoint())
                            .setRetryPolicy(Clients.quickRetries(2))
                            .build()) {
                V3ioException error = error(tunnelled.getCommittedSequenceNumber(SHARD, "g"));
                assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
                assertThat(error.neverSent()).isTrue();
                assertThat(error).hasMessageContaining("proxy");
                assertThat(tunnelled.metrics().retries()).isEqualTo(status == 407 ? 0 : 2);
            }
        }
    }

    @Test
    void aRequestThatIsTooLargeIsToldWhatMakesItSmaller() {
        handler =
                (request, connection) ->
                        connection.answer(413, "text/html", "<h1>413 Entity Too Large</h1>");
        V3ioException error = error(client.putRecords(STREAM, List.of(RECORD)));
        assertThat(error.kind()).isEqualTo(Kind.REQUEST_TOO_LARGE);
        assertThat(error)
                .hasMessageContaining("Store fewer bytes at once")
                .hasMessageContaining("gateway")
                .hasMessageNotContaining("check that the endpoint is");
    }

    @Test
    void anErrorWithALargeBodyIsWhatItsStatusSays() throws IOException {
        for (long announced : new long[] {100L << 20, 10L << 30}) {
            handler =
                    (request, connection) -> {
                        connection.write(
                                CannedServer.head(
                                        503, "text/html", "Retry-After: 7\r\n", announced));
                        for (int i = 0; i < 40; i++) {
                            connection.write(new byte[1 << 16]);
                        }
                    };
            V3ioException error = error(client.putRecords(STREAM, List.of(RECORD)));
            assertThat(error.kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(error.status()).hasValue(503);
            assertThat(error.retryAfter()).hasValue(java.time.Duration.ofSeconds(7));
        }
    }

    /** What the error means was in the part that is lost: nobody may give up because of it. */
    @Test
    void anErrorOfTheApiWithoutItsNameIsABrokenConnection() {
        for (String body :
                List.of("", "{\"ErrorCode\": -201326592, \"ErrorMessage\": \"IllegalLocat")) {
            handler =
                    (request, connection) -> {
                        connection.write(
                                "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\n"
                                        + "Content-Length: 200\r\n\r\n"
                                        + body);
                        connection.close();
                    };

            V3ioException error = error(run(Operation.GET_RECORDS));

            assertThat(error.kind()).as(body).isEqualTo(Kind.TRANSPORT);
            assertThat(error.status()).hasValue(400);
        }
        // Both were repeated as often as this client does.
        assertThat(client.metrics().retries()).isEqualTo(2 * 2);
        assertThat(error(client.createStream(STREAM, 1, 1)).kind()).isEqualTo(Kind.TRANSPORT);
        assertThat(client.metrics().retries()).isEqualTo(2 * 2);
    }

    @Test
    void anErrorWhoseBodyIsCutIsWhatItsStatusSays() {
        handler =
                (request, connection) -> {
                    connection.write(CannedServer.head(429, "text/html", "", 1_000) + "<html>");
                    connection.close();
                };
        V3ioException error = error(client.createStream(STREAM, 1, 1));
        assertThat(error.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(error.status()).hasValue(429);
        // Which is the one answer after which also this may be sent again.
        assertThat(client.metrics().retries()).isEqualTo(2);
    }

    @Test
    void aCutAnswerWithoutALengthIsABrokenConnection() {
        for (String start : List.of("", "{\"ShardCount\": 4, \"Retention", "{\"ShardCount\": 4")) {
            handler =
                    (request, connection) -> {
                        connection.write(
                                "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"
                                        + start);
                        connection.close();
                    };
            V3ioException error = error(client.describeStream(STREAM));
            assertThat(error.kind()).as(start).isEqualTo(Kind.TRANSPORT);
            assertThat(error).hasMessageContaining("the connection ended before the whole answer");
        }
        for (String start :
                List.of("<ListBucketResult><Contents>", "<?xml version=\"1.0\"?><ListBuck")) {
            handler =
                    (request, connection) -> {
                        connection.write("HTTP/1.0 200 OK\r\n\r\n" + start);
                        connection.close();
                    };
            assertThat(error(client.newestSequenceNumbers(STREAM)).kind())
                    .as(start)
                    .isEqualTo(Kind.TRANSPORT);
        }
        // One that has announced its length, and has it, is simply wrong.
        handler = (request, connection) -> connection.json("{\"ShardCount\": 4");
        assertThat(error(client.describeStream(STREAM)).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
        // And so is a page that ends as it should.
        handler =
                (request, connection) -> {
                    connection.write("HTTP/1.0 200 OK\r\n\r\n<html>Log in</html>");
                    connection.close();
                };
        assertThat(error(client.describeStream(STREAM)).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }

    @Test
    void aRefusalWhileALargeRequestIsStillBeingWrittenIsSeen() throws IOException {
        List<PutRecord> large = java.util.Collections.nCopies(7, PutRecord.of(new byte[1 << 20]));
        try (java.net.ServerSocket listener =
                        new java.net.ServerSocket(
                                0, 50, java.net.InetAddress.getLoopbackAddress());
                V3ioClient writer =
                        Clients.builder("http://127.0.0.1:" + listener.getLocalPort()).build()) {
            for (int i = 0; i < 20; i++) {
                CompletableFuture<?> put = writer.putRecords(STREAM, large);
                try (java.net.Socket socket = listener.accept()) {
                    // Reads the start of the request only, and closes with the rest unread.
                    assertThat(socket.getInputStream().readNBytes(1_000)).hasSize(1_000);
                    socket.getOutputStream()
                            .write(
                                    "HTTP/1.1 503 Busy\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nbusy"
                                            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                }
                V3ioException error = error(put);
                assertThat(error.kind()).as(error.getMessage()).isEqualTo(Kind.UNAVAILABLE);
                assertThat(error.status()).hasValue(503);
            }
        }
    }
}

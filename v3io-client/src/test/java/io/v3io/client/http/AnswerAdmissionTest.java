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

import io.v3io.client.AnswerAdmission;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The caller decides whether an answer may take its memory. */
class AnswerAdmissionTest {

    private static final int LIMIT = 4 * 1024 * 1024;
    private static final ShardId SHARD = StreamPath.parse("users/me/s").shard(3);
    private static final Location LOCATION = new Location("AQAB");
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String SMALL = batch(1, 10);

    private final List<Long> asked = new CopyOnWriteArrayList<>();
    private volatile CannedServer.Handler handler = (request, connection) -> connection.json(SMALL);

    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        client =
                Clients.builder(server.endpoint())
                        .setMaxResponseBytes(LIMIT)
                        .setMaxConnections(1)
                        .setRetryPolicy(Clients.quickRetries(3))
                        .build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void asksOnceForAnAnnouncedLength() {
        String large = batch(100, 30_000);
        handler = (request, connection) -> connection.json(large);

        RecordBatch batch = get(read(admittingUpTo(large.length())));

        assertThat(batch.records()).hasSize(100);
        assertThat(asked).containsExactly((long) large.length());
        assertThat(client.metrics().retries()).isZero();
    }

    @Test
    void asksAgainAndAgainWhileAnAnswerOfUnknownLengthGrows() {
        String large = batch(100, 10_000);
        handler =
                (request, connection) -> {
                    connection.write(CHUNKED);
                    for (int from = 0; from < large.length(); from += 4_000) {
                        String part = large.substring(from, Math.min(large.length(), from + 4_000));
                        connection.write(
                                Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
                    }
                    connection.write("0\r\n\r\n");
                };

        assertThat(get(read(admittingUpTo(LIMIT))).records()).hasSize(100);

        assertThat(asked).hasSizeGreaterThan(2).isSorted().doesNotHaveDuplicates();
        assertThat(asked.get(0)).isLessThan(large.length() / 4);
        assertThat(asked.get(asked.size() - 1))
                .isBetween((long) large.length(), 2L * large.length());
    }

    @Test
    void aRefusedAnswerFailsAtOnceAndTheNextRequestHasAnotherConnection() {
        handler =
                (request, connection) -> {
                    if (request.number() == 0) {
                        // The rest never comes: nobody may wait for it.
                        connection.write(CannedServer.head(200, "application/json", "", 3_000_000));
                    } else {
                        connection.json(SMALL);
                    }
                };

        V3ioException error = error(read(admittingUpTo(2_999_999)));

        assertThat(error.kind()).isEqualTo(Kind.NOT_ADMITTED);
        assertThat(error.kind().isTransient()).isFalse();
        assertThat(error)
                .hasMessageStartingWith("GetRecords of users/me/s/3 (location AQAB) at 127.0.0.1:")
                .hasMessageContaining(
                        "status 200, but the caller did not admit the 3000000 bytes that the answer"
                                + " announces");
        assertThat(asked).containsExactly(3_000_000L);
        assertThat(client.metrics().requests()).isEqualTo(1);
        assertThat(client.metrics().retries()).isZero();
        assertThat(client.metrics().failures()).isEqualTo(1);
        assertThat(client.metrics().requestsInFlight()).isZero();
        assertThat(client.metrics().bytesReceived()).isZero();
        await().until(() -> server.closedByClient() == 1);

        assertThat(get(read(admittingUpTo(LIMIT))).records()).hasSize(1);
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void anAnswerOfUnknownLengthIsGivenUpWhereItsGrowthIsRefused() {
        CountDownLatch isRefused = new CountDownLatch(1);
        handler =
                (request, connection) -> {
                    if (request.number() > 0) {
                        connection.json(SMALL);
                        return;
                    }
                    connection.write(CHUNKED);
                    while (isRefused.getCount() > 0) {
                        connection.write("1000\r\n" + "x".repeat(0x1000) + "\r\n");
                    }
                };
        try {
            V3ioException error = error(read(admittingUpTo(100_000)));

            assertThat(error.kind()).isEqualTo(Kind.NOT_ADMITTED);
            assertThat(error)
                    .hasMessageContaining("did not admit " + asked.get(asked.size() - 1) + " bytes")
                    .hasMessageContaining("unannounced length");
            assertThat(asked).isSorted();
            assertThat(asked.get(asked.size() - 1)).isGreaterThan(100_000);
            assertThat(client.metrics().bytesReceived()).isLessThan(LIMIT);
        } finally {
            isRefused.countDown();
        }
        get(read(admittingUpTo(LIMIT)));
        assertThat(server.connections()).isEqualTo(2);
    }

    @Test
    void aRepetitionAfterACutBodyAsksAnew() {
        String large = batch(10, 10_000);
        handler =
                (request, connection) -> {
                    switch (request.number()) {
                        case 0 -> {
                            connection.write(
                                    CannedServer.head(200, "application/json", "", 500_000));
                            connection.write("{\"Records\"");
                            connection.close();
                        }
                        case 1 -> connection.answer(503, "text/html", "<html>");
                        default -> connection.json(large);
                    }
                };

        assertThat(get(read(admittingUpTo(LIMIT))).records()).hasSize(10);

        assertThat(asked).containsExactly(500_000L, (long) large.length());
        assertThat(client.metrics().retries()).isEqualTo(2);
    }

    @Test
    void aRepetitionCanBeRefusedThoughTheFirstAttemptWasAdmitted() {
        handler =
                (request, connection) -> {
                    if (request.number() == 0) {
                        connection.write(CannedServer.head(200, "application/json", "", 100));
                        connection.reset();
                    } else {
                        connection.write(CannedServer.head(200, "application/json", "", 101));
                    }
                };

        V3ioException error = error(read(admittingUpTo(100)));

        assertThat(error.kind()).isEqualTo(Kind.NOT_ADMITTED);
        assertThat(asked).containsExactly(100L, 101L);
        assertThat(server.requests()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatTheCallerThrowsFailsTheFutureAndNothingElse(boolean isError) {
        RuntimeException exception = new IllegalStateException("no");
        Error fatal = new AssertionError("no");
        V3ioException error =
                error(
                        read(
                                bodyBytes -> {
                                    if (isError) {
                                        throw fatal;
                                    }
                                    throw exception;
                                }));

        assertThat(error.kind()).isEqualTo(Kind.UNEXPECTED);
        assertThat(error)
                .hasMessageContaining("the caller's admission of the answer has thrown java.lang.");
        assertThat(error.getCause()).isSameAs(isError ? fatal : exception);
        assertThat(client.metrics().retries()).isZero();
        assertThat(get(read(admittingUpTo(LIMIT))).records()).hasSize(1);
        assertThat(server.connections()).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 400, 403, 404, 503})
    void nobodyIsAskedForAnErrorOfWhateverSize(int status) {
        handler =
                (request, connection) ->
                        connection.answer(status, "text/html", "x".repeat(1_000_000));

        V3ioException error = error(read(admittingUpTo(0)));

        assertThat(error.status()).hasValue(status);
        assertThat(error).hasMessageContaining("body: xxxx");
        assertThat(asked).isEmpty();
        // It was read to its end: the connection is good for more.
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void nobodyIsAskedForAnAnswerAboveTheLimitOrWithoutABody() {
        handler =
                (request, connection) ->
                        connection.write(CannedServer.head(200, "application/json", "", LIMIT + 1));
        assertThat(error(read(admittingUpTo(Long.MAX_VALUE))).kind())
                .isEqualTo(Kind.RESPONSE_TOO_LARGE);
        handler = (request, connection) -> connection.noContent();
        assertThat(error(read(admittingUpTo(Long.MAX_VALUE))).kind())
                .isEqualTo(Kind.MALFORMED_RESPONSE);
        assertThat(asked).isEmpty();
    }

    @Test
    void askingIsDoneByAnIoThreadBeforeTheBodyHasCome() throws Exception {
        CompletableFuture<Void> mayGoOn = new CompletableFuture<>();
        AtomicReference<String> thread = new AtomicReference<>();
        handler =
                (request, connection) -> {
                    byte[] body = SMALL.getBytes(StandardCharsets.UTF_8);
                    connection.write(CannedServer.head(200, "application/json", "", body.length));
                    get(mayGoOn);
                    connection.write(body);
                };

        CompletableFuture<RecordBatch> future =
                read(
                        bodyBytes -> {
                            thread.set(Thread.currentThread().getName());
                            mayGoOn.complete(null);
                            return true;
                        });

        // The body is not sent before: an answer that came first would never come.
        assertThat(future.get(Duration.ofSeconds(20).toMillis(), TimeUnit.MILLISECONDS).records())
                .hasSize(1);
        assertThat(thread.get()).startsWith("v3io-client-");
    }

    @Test
    void aRequestMayBeCancelledInItsOwnAdmission() {
        CompletableFuture<CompletableFuture<RecordBatch>> itself = new CompletableFuture<>();
        CompletableFuture<RecordBatch> read = read(bodyBytes -> get(itself).cancel(true));
        itself.complete(read);

        await().until(read::isDone);

        assertThat(read).isCancelled();
        assertThat(get(read(admittingUpTo(LIMIT))).records()).hasSize(1);
    }

    @Test
    void anAdmissionMustBeThere() {
        assertThatThrownBy(() -> client.getRecords(SHARD, LOCATION, 1, null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("admission");
        assertThat(error(client.getRecords(SHARD, LOCATION, 0, bodyBytes -> true)).kind())
                .isEqualTo(Kind.INVALID_ARGUMENT);
    }

    private CompletableFuture<RecordBatch> read(AnswerAdmission admission) {
        return client.getRecords(SHARD, LOCATION, 1_000, admission);
    }

    private AnswerAdmission admittingUpTo(long bytes) {
        return bodyBytes -> {
            asked.add(bodyBytes);
            return bodyBytes <= bytes;
        };
    }

    /** An answer with so many records of so many characters of base64. */
    private static String batch(int records, int chars) {
        StringBuilder json = new StringBuilder("{\"NextLocation\": \"AgAB\", \"Records\": [");
        for (int i = 1; i <= records; i++) {
            json.append(i == 1 ? "" : ", ")
                    .append("{\"ArrivalTimeSec\": 1, \"ArrivalTimeNSec\": 2, \"SequenceNumber\": ")
                    .append(i)
                    .append(", \"Data\": \"")
                    .append("A".repeat(chars / 4 * 4))
                    .append("\"}");
        }
        return json.append("], \"MSecBehindLatest\": 0, \"RecordsBehindLatest\": 0}").toString();
    }
}

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
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static io.v3io.client.testing.Clients.quickRetries;
import static org.assertj.core.api.Assertions.assertThat;

/** What is sent again, and what is not. */
class RetryTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final ShardId SHARD = STREAM.shard(0);
    private static final String DESCRIPTION = "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}";

    private volatile CannedServer.Handler handler;
    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        client = Clients.builder(server.endpoint()).setRetryPolicy(quickRetries(3)).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void repeatsWhatCannotHappenTwice(Operation operation) {
        handler = (request, connection) -> connection.answer(503, "text/html", "<html>");

        V3ioException error = error(run(operation));

        boolean isRepeated =
                operation != Operation.CREATE_STREAM
                        && operation != Operation.UPDATE_STREAM
                        && operation != Operation.PUT_RECORDS;
        assertThat(error.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(error.status()).hasValue(503);
        assertThat(server.requests()).hasSize(isRepeated ? 4 : 1);
        assertThat(client.metrics().retries()).isEqualTo(isRepeated ? 3 : 0);
        assertThat(client.metrics().requests()).isEqualTo(isRepeated ? 4 : 1);
        if (isRepeated) {
            assertThat(error).hasMessageContaining("This was attempt 4 within ");
        } else {
            assertThat(error).hasMessageNotContaining("attempt");
        }
    }

    @ParameterizedTest
    @EnumSource
    void repeatsEverythingThatTheServerThrottled(Operation operation) {
        handler =
                (request, connection) ->
                        connection.answer(429, "text/html", "Retry-After: 0\r\n", new byte[0]);
        assertThat(error(run(operation)).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(server.requests()).hasSize(4);
    }

    @Test
    void anErrorTellsHowLongTheServerWantsToBeLeftAlone() {
        handler =
                (request, connection) ->
                        connection.answer(
                                503,
                                "text/html",
                                request.number() == 0 ? "Retry-After: 7\r\n" : "",
                                new byte[0]);
        assertThat(error(run(Operation.PUT_RECORDS)).retryAfter()).hasValue(Duration.ofSeconds(7));
        assertThat(error(run(Operation.PUT_RECORDS)).retryAfter()).isEmpty();
    }

    @Test
    void theErrorAfterTheLastAttemptTellsItToo() {
        handler =
                (request, connection) ->
                        connection.answer(
                                429,
                                "text/html",
                                request.number() == 3 ? "Retry-After: 7\r\n" : "",
                                new byte[0]);
        V3ioException error = error(run(Operation.DESCRIBE_STREAM));
        assertThat(error).hasMessageContaining("This was attempt 4");
        assertThat(error.retryAfter()).hasValue(Duration.ofSeconds(7));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 405, 409, 413, 418, 301})
    void neverRepeatsAnyOtherRefusal(int status) {
        handler = (request, connection) -> connection.error(status, -1, "SomeName");
        error(client.getRecords(SHARD, new Location("A"), 1));
        assertThat(server.requests()).hasSize(1);
        assertThat(client.metrics().retries()).isZero();
    }

    @Test
    void succeedsWhenARepetitionDoes() {
        handler =
                (request, connection) -> {
                    switch (request.number()) {
                        case 0 -> connection.answer(503, "text/html", "<html>");
                        case 1 -> connection.reset();
                        case 2 -> connection.json("<html>");
                        default -> connection.json(DESCRIPTION);
                    }
                };
        assertThat(get(client.describeStream(STREAM))).isEqualTo(new StreamDescription(4, 24));
        assertThat(client.metrics().retries()).isEqualTo(3);
        assertThat(client.metrics().failures()).isZero();
    }

    @Test
    void aPutThatMayHaveArrivedIsNotSentAgain() {
        handler = (request, connection) -> connection.reset();
        V3ioException error = error(run(Operation.PUT_RECORDS));
        assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
        assertThat(error.neverSent()).isFalse();
        assertThat(error).hasMessageContaining("The server may have acted on it.");
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aPutWhoseConnectionWasRefusedIsSentAgain() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (V3ioClient lost =
                Clients.builder("http://127.0.0.1:" + port)
                        .setRetryPolicy(quickRetries(2))
                        .build()) {
            V3ioException error =
                    error(lost.putRecords(STREAM, List.of(PutRecord.of(new byte[1]))));
            assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
            assertThat(error.neverSent()).isTrue();
            assertThat(error.status()).isEmpty();
            assertThat(error)
                    .hasMessageContaining("at 127.0.0.1:" + port + " failed: no connection");
            assertThat(lost.metrics().retries()).isEqualTo(2);
        }
    }

    @Test
    void aDeletionThatWasDoneByItsFirstAttemptCountsAsDone() {
        handler =
                (request, connection) -> {
                    if (request.function().equals("DescribeStream")) {
                        connection.json(DESCRIPTION);
                    } else if (request.method().equals("GET")) {
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><Contents><Key>me/s/0</Key></Contents></ListBucketResult>");
                    } else if (server.requests().stream()
                                    .filter(r -> r.target().equals(request.target()))
                                    .filter(r -> r.method().equals("DELETE"))
                                    .count()
                            == 1) {
                        connection.reset();
                    } else {
                        connection.error(404, -2, "No such file or directory");
                    }
                };
        get(client.deleteStream(STREAM));
        assertThat(client.metrics().retries()).isEqualTo(2);
    }

    @Test
    void waitsAsLongAsTheServerAsksAndEndsWithThePolicysTime() throws IOException {
        // So that the policy's time does not run while this machine has something else to do.
        AtomicLong nanos = new AtomicLong();
        Duration maxElapsed = Duration.ofMillis(200);
        handler =
                (request, connection) -> {
                    if (server.requests().size() == 2) {
                        nanos.set(maxElapsed.toNanos());
                    }
                    connection.answer(503, "text/html", "Retry-After: 3600\r\n", new byte[0]);
                };
        RetryPolicy policy =
                new RetryPolicy(100, maxElapsed, Duration.ofMillis(1), Duration.ofMillis(1));
        try (V3ioClient hasty =
                new HttpV3ioClient(
                        ClientRuntime.start(
                                Clients.builder(server.endpoint())
                                        .setRetryPolicy(policy)
                                        .toConfig(),
                                new ClientRuntime.Surroundings(
                                        name -> null,
                                        SystemDefaultDnsResolver.INSTANCE,
                                        new CallRunner.Time(
                                                Clock.systemUTC(), nanos::get, () -> 0.5))))) {
            long start = System.nanoTime();
            error(hasty.describeStream(STREAM));
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(190), Duration.ofSeconds(20));
            assertThat(server.requests()).hasSize(2);
        }
    }

    private CompletableFuture<?> run(Operation operation) {
        return switch (operation) {
            case CREATE_STREAM -> client.createStream(STREAM, 1, 1);
            case DESCRIBE_STREAM -> client.describeStream(STREAM);
            case UPDATE_STREAM -> client.updateStream(STREAM, 2);
            case PUT_RECORDS -> client.putRecords(STREAM, List.of(PutRecord.of(new byte[1])));
            case SEEK -> client.seek(SHARD, SeekPosition.earliest());
            case GET_RECORDS -> client.getRecords(SHARD, new Location("A"), 1);
            case GET_ITEM -> client.getCommittedSequenceNumber(SHARD, "g");
            case PUT_ITEM -> client.commitSequenceNumber(SHARD, "g", 1);
            case LIST -> client.listStreams("users", "me");
            case PUT_OBJECT -> client.putObject("users", "me/object", new byte[1]);
            case GET_OBJECT -> client.getObject("users", "me/object");
            case DELETE_OBJECT -> client.deleteStream(STREAM);
        };
    }
}

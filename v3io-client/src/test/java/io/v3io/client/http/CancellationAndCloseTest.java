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

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class CancellationAndCloseTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final ShardId SHARD = STREAM.shard(0);
    private static final String DESCRIPTION = "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}";

    /** By default the server never answers. */
    private volatile CannedServer.Handler handler = (request, connection) -> {};

    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        client = Clients.builder(server.endpoint()).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    @Test
    void cancellingGivesUpTheConnection() {
        CompletableFuture<?> future = client.describeStream(STREAM);
        await().until(() -> server.requests().size() == 1);
        assertThat(client.metrics().requestsInFlight()).isEqualTo(1);

        assertThat(future.cancel(true)).isTrue();

        await().until(() -> server.closedByClient() == 1);
        assertThat(client.metrics().requestsInFlight()).isZero();
        assertThat(client.metrics().failures()).isZero();
    }

    @Test
    void aTimeoutOfTheCallerGivesUpTheConnection() {
        CompletableFuture<?> future =
                client.describeStream(STREAM)
                        .orTimeout(50, java.util.concurrent.TimeUnit.MILLISECONDS);
        await().until(() -> server.closedByClient() == 1);
        assertThat(future).isCompletedExceptionally();
    }

    @Test
    void cancellingStopsAScheduledRepetition() throws IOException {
        handler = (request, connection) -> connection.answer(503, "text/plain", "");
        RetryPolicy slow =
                new RetryPolicy(
                        5, Duration.ofMinutes(5), Duration.ofMinutes(1), Duration.ofMinutes(1));
        try (V3ioClient patient = withTheSameWaitForEveryone(slow)) {
            CompletableFuture<?> future = patient.describeStream(STREAM);
            await().until(
                            () ->
                                    patient.metrics().requests() == 1
                                            && patient.metrics().requestsInFlight() == 0);
            future.cancel(false);
            assertThat(patient.metrics().failures()).isZero();
        }
        assertThat(server.requests()).hasSize(1);
    }

    @Test
    void aCancelledRepetitionIsNeverSent() throws IOException {
        handler = (request, connection) -> connection.answer(503, "text/plain", "");
        // Long enough to be seen waiting on a machine that has much else to do.
        RetryPolicy once =
                new RetryPolicy(
                        1, Duration.ofMinutes(5), Duration.ofSeconds(4), Duration.ofSeconds(4));
        // So that a later call tells that the earlier one's wait is over.
        try (V3ioClient client = withTheSameWaitForEveryone(once)) {
            CompletableFuture<?> cancelled = client.describeStream(STREAM);
            await().until(
                            () ->
                                    client.metrics().requests() == 1
                                            && client.metrics().requestsInFlight() == 0);
            assertThat(cancelled.cancel(false)).isTrue();

            error(client.seek(SHARD, SeekPosition.latest()));
        }
        assertThat(server.requests("SeekShard")).hasSize(2);
        assertThat(server.requests("DescribeStream")).hasSize(1);
    }

    /** Half of what the policy allows: a wait that is drawn may be over at once. */
    private V3ioClient withTheSameWaitForEveryone(RetryPolicy policy) {
        return new HttpV3ioClient(
                ClientRuntime.start(
                        Clients.builder(server.endpoint()).setRetryPolicy(policy).toConfig(),
                        new ClientRuntime.Surroundings(
                                name -> null,
                                SystemDefaultDnsResolver.INSTANCE,
                                new CallRunner.Time(
                                        Clock.systemUTC(), System::nanoTime, () -> 0.5))));
    }

    @Test
    void cancellingWhileAConnectionIsAwaitedKeepsTheRequestFromLeaving() throws IOException {
        CompletableFuture<Void> mayAnswer = new CompletableFuture<>();
        handler =
                (request, connection) -> {
                    get(mayAnswer);
                    connection.json(DESCRIPTION);
                };
        try (V3ioClient narrow = Clients.builder(server.endpoint()).setMaxConnections(1).build()) {
            CompletableFuture<?> first = narrow.describeStream(STREAM);
            await().until(() -> server.requests().size() == 1);
            CompletableFuture<?> waiting = narrow.seek(SHARD, SeekPosition.latest());
            CompletableFuture<?> last = narrow.describeStream(STREAM);

            assertThat(waiting.cancel(true)).isTrue();
            mayAnswer.complete(null);

            get(first);
            get(last);
            assertThat(narrow.metrics().requestsInFlight()).isZero();
        }
        assertThat(server.requests("DescribeStream")).hasSize(2);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void cancellingADeletionCancelsTheRequestsThatItIsMadeOf() {
        handler =
                (request, connection) -> {
                    if (request.function().equals("DescribeStream")) {
                        connection.json(DESCRIPTION);
                    } else if (request.method().equals("GET")) {
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><Contents><Key>me/s/0</Key></Contents><Contents>"
                                        + "<Key>me/s/1</Key></Contents></ListBucketResult>");
                    }
                };
        CompletableFuture<Void> future = client.deleteStream(STREAM);
        await().until(() -> server.requests().size() == 4);

        future.cancel(true);

        await().until(() -> client.metrics().requestsInFlight() == 0);
        await().untilAsserted(() -> assertThat(server.closedByClient()).isEqualTo(2));
    }

    @Test
    void closingEndsEveryFutureAndSaysWhy() {
        List<CompletableFuture<?>> futures = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            futures.add(client.getRecords(SHARD, new Location("A"), 1));
        }
        futures.add(client.deleteStream(STREAM));
        // More than there are connections: some wait for one.
        await().until(() -> server.requests().size() == 64);

        long start = System.nanoTime();
        client.close();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        for (CompletableFuture<?> future : futures) {
            assertThat(future).isDone();
            V3ioException error = error(future);
            assertThat(error.kind()).isEqualTo(Kind.CLOSED);
            assertThat(error).hasMessageContaining("the client is closed");
        }
        assertThat(client.metrics().requestsInFlight()).isZero();
        await().untilAsserted(() -> assertThat(server.closedByClient()).isEqualTo(64));
    }

    @Test
    void aClosedClientSaysSo() {
        client.close();
        client.close();

        assertThat(error(client.describeStream(STREAM)).kind()).isEqualTo(Kind.CLOSED);
        assertThat(error(client.seek(SHARD, SeekPosition.latest())).kind()).isEqualTo(Kind.CLOSED);
        assertThat(error(client.newestSequenceNumbers(STREAM)).kind()).isEqualTo(Kind.CLOSED);
        assertThat(error(client.deleteStream(STREAM)))
                .hasMessageContaining("DescribeStream of users/me/s")
                .hasMessageContaining("the client is closed");
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void closingLeavesNoThread() throws IOException {
        handler = (request, connection) -> connection.json(DESCRIPTION);
        V3ioClient other = Clients.builder(server.endpoint()).setIoThreads(3).build();
        List<String> before = clientThreads();
        get(other.describeStream(STREAM));
        assertThat(clientThreads()).hasSizeGreaterThanOrEqualTo(before.size());

        client.close();
        other.close();

        await().untilAsserted(() -> assertThat(clientThreads()).isEmpty());
    }

    @Test
    void closingWaitsForTheThreadsAlsoWhenInterrupted() {
        handler = (request, connection) -> connection.json(DESCRIPTION);
        get(client.describeStream(STREAM));

        Thread.currentThread().interrupt();
        client.close();

        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        assertThat(clientThreads()).as("without waiting any more").isEmpty();
    }

    @Test
    void closingFromACompletionDoesNotHang() {
        handler = (request, connection) -> connection.json(DESCRIPTION);
        CompletableFuture<Void> closed =
                client.describeStream(STREAM).thenAccept(description -> client.close());
        get(closed);
        assertThat(error(client.describeStream(STREAM)).kind()).isEqualTo(Kind.CLOSED);
        await().untilAsserted(() -> assertThat(clientThreads()).isEmpty());
    }

    @Test
    void closingFromTheCompletionOfAnErrorDoesNotHang() {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(
                    client.putRecords(STREAM, List.of(PutRecord.of(new byte[1])))
                            .handle(
                                    (results, error) -> {
                                        client.close();
                                        return null;
                                    }));
        }
        client.close();
        for (CompletableFuture<Void> future : all) {
            get(future);
        }
    }

    private static List<String> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("v3io-client-"))
                .toList();
    }
}

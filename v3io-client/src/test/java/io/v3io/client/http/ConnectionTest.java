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
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import javax.net.ServerSocketFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class ConnectionTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final String DESCRIPTION = "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}";
    private static final String STORED =
            "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0}]}";

    private volatile CannedServer.Handler handler =
            (request, connection) ->
                    connection.json(request.function().equals("PutRecords") ? STORED : DESCRIPTION);

    private CannedServer server;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void keepsConnectionsAliveAndBoundsTheirNumber() {
        try (V3ioClient client = Clients.builder(server.endpoint()).setMaxConnections(3).build()) {
            List<CompletableFuture<?>> futures = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                futures.add(client.describeStream(STREAM));
            }
            futures.forEach(Clients::get);
            assertThat(server.connections()).isBetween(1, 3);
            assertThat(client.metrics().requests()).isEqualTo(300);
        }
    }

    @Test
    void aConnectionThatTheServerClosedWhileIdleFailsNoPut() throws IOException {
        try (V3ioClient client = Clients.builder(server.endpoint()).build()) {
            for (int i = 1; i <= 20; i++) {
                assertThat(get(client.putRecords(STREAM, List.of(PutRecord.of(new byte[1])))))
                        .containsExactly(new PutResult.Stored(0, 1));
                server.closeConnections();
                int expected = i;
                await().until(() -> server.requests().size() == expected);
                pauseUntilTheEndHasArrived();
            }
            assertThat(client.metrics().retries()).isZero();
            assertThat(server.connections()).isEqualTo(20);
        }
    }

    /** What is on its way over loopback at this moment cannot be seen; it is there in no time. */
    private static void pauseUntilTheEndHasArrived() {
        long start = System.nanoTime();
        await().pollInterval(Duration.ofMillis(5))
                .until(() -> System.nanoTime() - start > TimeUnit.MILLISECONDS.toNanos(20));
    }

    @Test
    void aServerThatDripsBytesIsGivenUpAtTheDeadline() {
        CountDownLatch stop = new CountDownLatch(1);
        handler =
                (request, connection) -> {
                    connection.write(CannedServer.head(200, "application/json", "", 100_000));
                    try {
                        while (!stop.await(10, TimeUnit.MILLISECONDS)) {
                            connection.write(" ");
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                };
        try (V3ioClient client =
                Clients.builder(server.endpoint())
                        .setResponseTimeout(Duration.ofMillis(300))
                        .build()) {
            V3ioException error = error(client.describeStream(STREAM));
            assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
            assertThat(error.neverSent()).isFalse();
            assertThat(error).hasMessageContaining("no whole answer within 300 ms");
            await().until(() -> server.closedByClient() == 1);
        } finally {
            stop.countDown();
        }
    }

    @Test
    void aRequestThatWaitsForAConnectionWhileNobodyIsAnsweredFailsAndWasNeverSent() {
        handler = (request, connection) -> {};
        try (V3ioClient client =
                Clients.builder(server.endpoint())
                        .setMaxConnections(1)
                        .setConnectTimeout(Duration.ofMillis(100))
                        .setResponseTimeout(Duration.ofMillis(300))
                        .build()) {
            List<CompletableFuture<?>> before = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                before.add(client.describeStream(STREAM));
            }
            // Its turn would come after three seconds.
            V3ioException waited =
                    error(client.putRecords(STREAM, List.of(PutRecord.of(new byte[1]))));

            assertThat(waited.kind()).isEqualTo(Kind.TRANSPORT);
            assertThat(waited.neverSent()).isTrue();
            assertThat(waited)
                    .hasMessageContaining(
                            "no connection within 500 ms: all are in use, and no request got an"
                                    + " answer meanwhile. Check that the server is well")
                    .hasMessageNotContaining("may have acted");
            assertThat(error(before.get(0)).neverSent()).isFalse();
            before.forEach(Clients::error);
            assertThat(server.requests("PutRecords")).isEmpty();
        }
    }

    @Test
    void anUnknownHostWasNeverReached() {
        try (V3ioClient client = client("http://nowhere.example:8081", failing())) {
            V3ioException error =
                    error(client.putRecords(STREAM, List.of(PutRecord.of(new byte[1]))));
            assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
            assertThat(error.neverSent()).isTrue();
            assertThat(error)
                    .hasMessageContaining("the host name is unknown")
                    .hasMessageContaining("Check the host name of the endpoint");
        }
    }

    @Test
    void triesEveryAddressOfAHostName() throws IOException {
        // Nobody listens on 127.0.0.2 at that port.
        try (V3ioClient client =
                client(
                        "http://several.example:" + server.port(),
                        addresses("127.0.0.2", "127.0.0.3", "127.0.0.1"))) {
            get(client.describeStream(STREAM));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aSlowNameServerHoldsUpNobodyButTheRequest() throws IOException {
        CountDownLatch answers = new CountDownLatch(1);
        try (V3ioClient client =
                client(
                        "http://slow.example:" + server.port(),
                        new Resolver() {
                            @Override
                            public InetAddress[] resolve(String host) throws UnknownHostException {
                                awaitQuietly(answers);
                                return new InetAddress[] {InetAddress.getLoopbackAddress()};
                            }
                        })) {
            CompletableFuture<?> first = client.describeStream(STREAM);
            CompletableFuture<?> second = client.describeStream(STREAM);
            assertThat(first).isNotDone();
            assertThat(second).isNotDone();
            answers.countDown();
            get(first);
            get(second);
        } finally {
            answers.countDown();
        }
    }

    @Test
    void aNameServerThatNeverAnswersFailsTheRequestThoughOthersAreAnswered() {
        CountDownLatch firstIsBusy = new CountDownLatch(1);
        handler =
                (request, connection) -> {
                    if (request.number() == 0) {
                        awaitQuietly(firstIsBusy);
                    }
                    connection.json(DESCRIPTION);
                };
        CountDownLatch answers = new CountDownLatch(1);
        AtomicBoolean isSecondLookUp = new AtomicBoolean();
        DnsResolver dns =
                new Resolver() {
                    @Override
                    public InetAddress[] resolve(String host) throws UnknownHostException {
                        if (isSecondLookUp.getAndSet(true)) {
                            awaitQuietly(answers);
                        }
                        return new InetAddress[] {InetAddress.getLoopbackAddress()};
                    }
                };
        V3ioClientConfig config =
                Clients.builder("http://slow.example:" + server.port())
                        .setConnectTimeout(Duration.ofMillis(100))
                        .setResponseTimeout(Duration.ofSeconds(1))
                        .toConfig();
        try (V3ioClient client = client(config, dns)) {
            CompletableFuture<?> first = client.describeStream(STREAM);
            await().until(() -> server.requests().size() == 1);
            CompletableFuture<?> stuck = client.describeStream(STREAM);
            firstIsBusy.countDown();
            get(first);

            await().until(
                            () -> {
                                get(client.describeStream(STREAM));
                                return stuck.isDone();
                            });

            V3ioException error = error(stuck);
            assertThat(error.neverSent()).isTrue();
            assertThat(error)
                    .hasMessageContaining(
                            "no connection within 1200 ms: the server, or the look-up of its name,"
                                    + " did not answer. Check host and port of the endpoint");
        } finally {
            firstIsBusy.countDown();
            answers.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void followsAHostNameToItsNewAddress() throws IOException {
        AtomicBoolean moved = new AtomicBoolean();
        try (CannedServer other =
                        CannedServer.start(
                                ServerSocketFactory.getDefault(),
                                InetAddress.getByName("127.0.0.2"),
                                server.port(),
                                (request, connection) -> connection.json(DESCRIPTION));
                V3ioClient client =
                        client(
                                "http://moving.example:" + server.port(),
                                new Resolver() {
                                    @Override
                                    public InetAddress[] resolve(String host)
                                            throws UnknownHostException {
                                        return new InetAddress[] {
                                            InetAddress.getByName(
                                                    moved.get() ? "127.0.0.2" : "127.0.0.1")
                                        };
                                    }
                                })) {
            get(client.describeStream(STREAM));
            moved.set(true);
            server.closeConnections();
            pauseUntilTheEndHasArrived();
            get(client.describeStream(STREAM));
            assertThat(other.requests()).hasSize(1);
        }
    }

    private static V3ioClient client(String endpoint, DnsResolver dns) {
        return client(Clients.builder(endpoint).toConfig(), dns);
    }

    private static V3ioClient client(V3ioClientConfig config, DnsResolver dns) {
        return new HttpV3ioClient(
                ClientRuntime.start(
                        config,
                        new ClientRuntime.Surroundings(
                                name -> null,
                                dns,
                                new CallRunner.Time(
                                        Clock.systemUTC(), System::nanoTime, () -> 0.5))));
    }

    private static DnsResolver addresses(String... addresses) {
        return new Resolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                InetAddress[] resolved = new InetAddress[addresses.length];
                for (int i = 0; i < addresses.length; i++) {
                    resolved[i] = InetAddress.getByName(addresses[i]);
                }
                return resolved;
            }
        };
    }

    private static DnsResolver failing() {
        return new Resolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                throw new UnknownHostException(host);
            }
        };
    }

    private abstract static class Resolver implements DnsResolver {
        @Override
        public String resolveCanonicalHostname(String host) throws UnknownHostException {
            return SystemDefaultDnsResolver.INSTANCE.resolveCanonicalHostname(host);
        }
    }
}

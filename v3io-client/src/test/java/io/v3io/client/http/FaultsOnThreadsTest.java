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
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Errors on the threads of a client end what they are part of, and leave nothing behind. */
class FaultsOnThreadsTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final String DESCRIPTION = "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}";

    @TempDir Path directory;

    private volatile CannedServer.Handler handler =
            (request, connection) -> connection.json(DESCRIPTION);
    private CannedServer server;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private static Set<Thread> clientThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("v3io-client-"))
                .collect(Collectors.toSet());
    }

    @Test
    void aClientThatCannotBeMadeLeavesNoThread() throws IOException {
        Set<Thread> before = clientThreads();
        Path key = Files.writeString(directory.resolve("key"), "some-key");
        Path store = Files.writeString(directory.resolve("store"), "no trust store");
        V3ioClientBuilder builder =
                V3ioClient.builder()
                        .setEndpoint("https://127.0.0.1:1")
                        .setAccessKeyFile(key)
                        .setTrustStore(store, "secret");
        for (int i = 0; i < 20; i++) {
            assertThatThrownBy(builder::build).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(clientThreads()).isSubsetOf(before);
    }

    @Test
    void aBodyForWhichThereIsNoMemoryEndsItsRequestAndNotTheThread() throws IOException {
        // No JVM has an array of this size.
        int bytes = Integer.MAX_VALUE;
        try (V3ioClient client =
                Clients.builder(server.endpoint())
                        .setIoThreads(1)
                        .setMaxResponseBytes(bytes)
                        .setRetryPolicy(Clients.quickRetries(3))
                        .build()) {
            get(client.describeStream(STREAM));
            Set<Thread> threads = clientThreads();
            for (int i = 0; i < 3; i++) {
                handler =
                        (request, connection) ->
                                connection.write(
                                        CannedServer.head(200, "application/json", "", bytes)
                                                + "{");
                V3ioException error =
                        error(
                                client.getRecords(
                                        STREAM.shard(0), new Location("A"), 1, size -> true));
                assertThat(error.kind()).isEqualTo(Kind.UNEXPECTED);
                assertThat(error.kind().isTransient()).isFalse();
                assertThat(error)
                        .hasMessageContaining("OutOfMemoryError")
                        .hasMessageContaining("Give the JVM more memory")
                        .hasCauseInstanceOf(OutOfMemoryError.class);
                handler = (request, connection) -> connection.json(DESCRIPTION);
                get(client.describeStream(STREAM));
            }
            assertThat(clientThreads()).containsAll(threads);
            assertThat(client.metrics().retries()).isZero();
            assertThat(client.metrics().requestsInFlight()).isZero();
        }
    }

    @Test
    void anErrorWhileANameIsLookedUpEndsTheRequest() {
        AtomicBoolean isBroken = new AtomicBoolean(true);
        DnsResolver resolver =
                new DnsResolver() {
                    @Override
                    public InetAddress[] resolve(String host) throws UnknownHostException {
                        if (isBroken.get()) {
                            throw new NoClassDefFoundError("simulated");
                        }
                        return SystemDefaultDnsResolver.INSTANCE.resolve(host);
                    }

                    @Override
                    public String resolveCanonicalHostname(String host) {
                        return host;
                    }
                };
        try (V3ioClient client = client(resolver, System::nanoTime)) {
            V3ioException error = error(client.describeStream(STREAM));
            assertThat(error.kind()).isEqualTo(Kind.UNEXPECTED);
            assertThat(error).hasCauseInstanceOf(NoClassDefFoundError.class);
            isBroken.set(false);
            get(client.describeStream(STREAM));
        }
    }

    @Test
    void whenAnIoThreadEndsAllTheSameNothingWaitsForIt() {
        AtomicBoolean isBroken = new AtomicBoolean();
        LongSupplier nanos =
                () -> {
                    if (isBroken.get()
                            && Thread.currentThread().getName().startsWith("v3io-client-")) {
                        throw new OutOfMemoryError("simulated");
                    }
                    return System.nanoTime();
                };
        try (V3ioClient client = client(SystemDefaultDnsResolver.INSTANCE, nanos)) {
            get(client.describeStream(STREAM));
            handler =
                    (request, connection) -> {
                        if (server.requests().size() == 2) {
                            // Never answered, and on the same thread as the next one.
                            return;
                        }
                        isBroken.set(true);
                        connection.json(DESCRIPTION);
                    };
            CompletableFuture<?> waiting = client.describeStream(STREAM);
            await().until(() -> server.requests().size() == 2);
            V3ioException answered = error(client.describeStream(STREAM));
            assertThat(answered.kind()).isEqualTo(Kind.UNEXPECTED);
            assertThat(error(waiting).kind()).isEqualTo(Kind.UNEXPECTED);
            isBroken.set(false);
            // Not a hint at host and port, and not after the retry policy has ended.
            assertThat(error(client.describeStream(STREAM)))
                    .hasMessageContaining("OutOfMemoryError");
        }
    }

    private V3ioClient client(DnsResolver resolver, LongSupplier nanos) {
        return new HttpV3ioClient(
                ClientRuntime.start(
                        Clients.builder(server.endpoint().replace("127.0.0.1", "localhost"))
                                .setIoThreads(1)
                                .setRetryPolicy(Clients.quickRetries(3))
                                .toConfig(),
                        new ClientRuntime.Surroundings(
                                name -> null,
                                resolver,
                                new CallRunner.Time(Clock.systemUTC(), nanos, () -> 0.5))));
    }
}

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
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;

import com.fasterxml.jackson.core.JsonFactory;
import org.apache.hc.client5.http.async.HttpAsyncClient;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A client that is closed after its class loader: what Flink's JobManager does to an enumerator
 * when it does not wait for it.
 */
class ClosedClassLoaderTest {

    private static final String DESCRIPTION = "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}";

    private volatile CannedServer.Handler handler =
            (request, connection) -> connection.json(DESCRIPTION);

    private CannedServer server;
    private JobClassLoader loader;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        loader = JobClassLoader.ofClient();
    }

    @AfterEach
    void stop() throws IOException {
        loader.close();
        server.close();
    }

    @Test
    void anIdleClientEndsWithoutAnotherClass() throws Exception {
        AutoCloseable client = startAndAskOnce();

        loader.close();
        client.close();

        assertEndedWithoutAnotherClass();
    }

    @Test
    void aClientWithRequestsInFlightEndsWithoutAnotherClass() throws Exception {
        AutoCloseable client = startAndAskOnce();
        handler = (request, connection) -> {};
        // More than there are connections: some wait for one.
        List<CompletableFuture<Object>> futures =
                Stream.generate(() -> ask(client)).limit(100).toList();
        await().until(() -> server.requests().size() == 1 + 64);

        loader.close();
        client.close();

        assertThat(futures).allSatisfy(ClosedClassLoaderTest::assertClosed);
        assertEndedWithoutAnotherClass();
    }

    @Test
    void aClientWithHalfAnAnswerEndsWithoutAnotherClass() throws Exception {
        AutoCloseable client = startAndAskOnce();
        handler =
                (request, connection) ->
                        connection.write(
                                CannedServer.head(200, "application/json", "", 100) + "{\"");
        CompletableFuture<Object> future = ask(client);
        await().until(() -> server.requests().size() == 2);

        loader.close();
        client.close();

        assertClosed(future);
        assertEndedWithoutAnotherClass();
    }

    @Test
    void aClientAmidRepetitionsEndsWithoutAnotherClass() throws Exception {
        handler = (request, connection) -> connection.answer(503, "text/plain", "");
        AutoCloseable client = loader.startClient(server.endpoint());
        CompletableFuture<Object> future = ask(client);
        // Two repetitions have used all that one needs.
        await().until(() -> server.requests().size() >= 3);

        loader.close();
        client.close();

        assertClosed(future);
        assertEndedWithoutAnotherClass();
    }

    /** Its I/O threads may miss classes for what they have only begun; nobody else hears of it. */
    @Test
    void aClientThatHasJustStartedLeavesNoThread() throws Exception {
        Queue<Throwable> uncaught = new ConcurrentLinkedQueue<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> uncaught.add(error));
        try {
            AutoCloseable client = loader.startClient(server.endpoint());
            CompletableFuture<Object> future = ask(client);

            loader.close();
            client.close();

            assertThat(future).isDone();
            assertNoThread();
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
        assertThat(uncaught).isEmpty();
    }

    private AutoCloseable startAndAskOnce() throws Exception {
        AutoCloseable client = loader.startClient(server.endpoint());
        ask(client).get();
        return client;
    }

    @SuppressWarnings("unchecked") // the two types that the class loaders share
    private static CompletableFuture<Object> ask(AutoCloseable client) {
        return ((Supplier<CompletableFuture<Object>>) client).get();
    }

    private static void assertClosed(CompletableFuture<Object> future) {
        assertThat(future)
                .isCompletedExceptionally()
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .havingCause()
                .withMessageContaining("the client is closed");
    }

    private void assertEndedWithoutAnotherClass() {
        await().untilAsserted(
                        () -> assertThat(server.closedByClient()).isEqualTo(server.connections()));
        assertNoThread();
        assertThat(loader.missing()).as("classes for ClosingClasses").isEmpty();
    }

    private static void assertNoThread() {
        await().dontCatchUncaughtExceptions()
                .untilAsserted(
                        () ->
                                assertThat(Thread.getAllStackTraces().keySet())
                                        .extracting(Thread::getName)
                                        .noneMatch(name -> name.startsWith("v3io-client-")));
    }

    /** Loaded by the job's class loader, and known to the test by what both take from the JDK. */
    public static final class JobsClient
            implements Supplier<CompletableFuture<Object>>, AutoCloseable {

        private final V3ioClient client;

        public JobsClient(String endpoint) {
            this.client =
                    V3ioClient.builder()
                            .setEndpoint(endpoint)
                            .setAccessKey("test-key")
                            .setRetryPolicy(
                                    new RetryPolicy(
                                            1_000,
                                            Duration.ofMinutes(5),
                                            Duration.ofMillis(1),
                                            Duration.ofMillis(20)))
                            .build();
        }

        @Override
        public CompletableFuture<Object> get() {
            return client.describeStream(StreamPath.parse("users/me/s"))
                    .thenApply(answer -> answer);
        }

        @Override
        public void close() {
            client.close();
        }
    }

    /** Has classes of its own of the client and of all that it needs, as Flink gives to a job. */
    private static final class JobClassLoader extends URLClassLoader {

        private static final List<String> OWN =
                List.of("io.v3io.client.", "org.apache.hc.", "com.fasterxml.jackson.");

        private final Queue<String> missing = new ConcurrentLinkedQueue<>();

        private JobClassLoader(URL[] classPath) {
            super(classPath, JobClassLoader.class.getClassLoader());
        }

        static JobClassLoader ofClient() {
            List<URL> classPath = new ArrayList<>();
            for (Class<?> type :
                    List.of(
                            V3ioClient.class,
                            JobsClient.class,
                            HttpAsyncClient.class,
                            HttpHost.class,
                            HttpVersionPolicy.class,
                            JsonFactory.class)) {
                classPath.add(type.getProtectionDomain().getCodeSource().getLocation());
            }
            return new JobClassLoader(classPath.toArray(new URL[0]));
        }

        AutoCloseable startClient(String endpoint) throws ReflectiveOperationException {
            return (AutoCloseable)
                    loadClass(JobsClient.class.getName())
                            .getConstructor(String.class)
                            .newInstance(endpoint);
        }

        /** What it was asked for in vain. */
        Queue<String> missing() {
            return missing;
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (OWN.stream().noneMatch(name::startsWith)) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                return loaded == null ? findClass(name) : loaded;
            }
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try {
                return super.findClass(name);
            } catch (ClassNotFoundException e) {
                missing.add(name + " by " + Thread.currentThread().getName());
                throw e;
            }
        }
    }
}

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

import io.v3io.client.V3ioClientConfig;
import io.v3io.client.wire.BodyArrays;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The parts of a running client and their end: the threads that move bytes, one thread for
 * deadlines and repetitions, and what runs on them.
 */
final class ClientRuntime implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ClientRuntime.class);

    private static final AtomicInteger CLIENTS = new AtomicInteger();
    private static final long MAX_JOIN_MILLIS = 1_000;

    private final V3ioClientConfig config;
    private final ClientCounters counters = new ClientCounters();
    private final ClientThreads threads = new ClientThreads();
    private final ScheduledThreadPoolExecutor timer;
    private final Transport transport;
    private final CallRunner calls;
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * What a client takes from its surroundings.
     *
     * @param environment value of an environment variable, or null
     */
    record Surroundings(UnaryOperator<String> environment, DnsResolver dns, CallRunner.Time time) {

        static Surroundings ofThisProcess() {
            return new Surroundings(
                    System::getenv,
                    SystemDefaultDnsResolver.INSTANCE,
                    new CallRunner.Time(
                            Clock.systemUTC(),
                            System::nanoTime,
                            () -> ThreadLocalRandom.current().nextDouble()));
        }
    }

    /** Names the threads and remembers them, to see them end. */
    private static final class ClientThreads
            implements ThreadFactory, Thread.UncaughtExceptionHandler {

        private final String prefix = "v3io-client-" + CLIENTS.incrementAndGet() + "-";
        private final AtomicInteger count = new AtomicInteger();
        private final Queue<Thread> started = new ConcurrentLinkedQueue<>();
        private volatile boolean closing;
        private volatile Consumer<Throwable> whenOneEnds = error -> {};

        @Override
        public Thread newThread(Runnable task) {
            Thread thread = new Thread(task, prefix + count.incrementAndGet());
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler(this);
            started.removeIf(other -> other.getState() == Thread.State.TERMINATED);
            started.add(thread);
            return thread;
        }

        void startClosing() {
            closing = true;
        }

        void whenOneEnds(Consumer<Throwable> listener) {
            whenOneEnds = listener;
        }

        /**
         * What a thread stumbles over while everything is closed under it ends this thread, as is
         * wanted. Before that, whoever waits for what the thread would have done must hear of it. A
         * Flink process may be set to end with any exception that nobody caught.
         */
        @Override
        public void uncaughtException(Thread thread, Throwable error) {
            if (closing) {
                LOG.debug("{} ended while the client was closing.", thread.getName(), error);
            } else {
                LOG.error(
                        "{} ended by an error, and its client with it: what the client has to do from"
                                + " now on fails.",
                        thread.getName(),
                        error);
                whenOneEnds.accept(error);
            }
        }

        /**
         * Waits for the threads, but not for the calling one, and not for long. An interrupt does
         * not end the wait, because a cancelled task closes its client while it is interrupted, and
         * a thread that outlives it would look for classes in a class loader that is closed.
         */
        void join() {
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MAX_JOIN_MILLIS);
            boolean interrupted = false;
            for (Thread thread : started) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                while (thread != Thread.currentThread() && thread.isAlive() && left > 0) {
                    try {
                        thread.join(left);
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                    left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    static ClientRuntime start(V3ioClientConfig config) {
        return start(config, Surroundings.ofThisProcess());
    }

    static ClientRuntime start(V3ioClientConfig config, Surroundings surroundings) {
        // What can be refused comes before the first thread.
        Authentication authentication = Authentication.of(config, surroundings.environment());
        ClosingClasses.load();
        return new ClientRuntime(config, authentication, surroundings);
    }

    private ClientRuntime(
            V3ioClientConfig config, Authentication authentication, Surroundings surroundings) {
        this.config = config;
        Redaction redaction = new Redaction();
        Failures failures =
                new Failures(config, authentication, redaction, surroundings.time().clock());
        this.timer = new ScheduledThreadPoolExecutor(1, threads);
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        try {
            this.transport =
                    new Transport(
                            config,
                            counters,
                            timer,
                            threads,
                            new RotatingDns(
                                    surroundings.dns(), ThreadLocalRandom.current().nextInt()),
                            surroundings.time().nanos());
        } catch (RuntimeException | Error e) {
            // Nobody gets this object, so nobody could close it.
            takeBack();
            throw e;
        }
        this.calls =
                new CallRunner(
                        transport,
                        authentication,
                        failures,
                        redaction,
                        counters,
                        config.retryPolicy(),
                        timer,
                        surroundings.time());
        threads.whenOneEnds(calls::ioThreadEnded);
        try {
            authentication.watch(timer);
        } catch (RuntimeException | Error e) {
            transport.close();
            takeBack();
            throw e;
        }
    }

    private void takeBack() {
        threads.startClosing();
        timer.shutdownNow();
        threads.join();
    }

    V3ioClientConfig config() {
        return config;
    }

    /** For the bodies of requests. */
    BodyArrays bodyArrays() {
        return transport.bodyArrays();
    }

    ClientCounters counters() {
        return counters;
    }

    CallRunner calls() {
        return calls;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            // The transport before the futures: each one that ended would hand its connection to
            // one that waits, and so send another request.
            threads.startClosing();
            calls.startClosing();
            transport.close();
            calls.finishClosing();
            timer.shutdownNow();
            threads.join();
        }
    }
}

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

package io.v3io.emulator.operations;

import io.v3io.emulator.Assumptions;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Requests that take effect after their client has given them up. What is still under way when the
 * emulator ends never lands. Thread-safe.
 */
final class LateRequests implements AutoCloseable {
    private static final long CLOSE_TIMEOUT_SECONDS = 10;

    private final ScheduledThreadPoolExecutor executor =
            new ScheduledThreadPoolExecutor(
                    1,
                    task -> {
                        Thread thread = new Thread(task, "v3io-emulator-late-requests");
                        thread.setDaemon(true);
                        return thread;
                    });
    private final SplittableRandom random;

    LateRequests(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Does this after a time that is drawn. */
    void land(Runnable request) {
        long delay;
        synchronized (random) {
            delay = random.nextLong(Assumptions.LATEST_LANDING.toNanos());
        }
        land(Duration.ofNanos(delay), request);
    }

    /** Does this after a time; it must look after its own failures. */
    @SuppressWarnings("FutureReturnValueIgnored") // nobody waits for it
    void land(Duration delay, Runnable request) {
        executor.schedule(request, delay.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        executor.shutdownNow();
        try {
            if (!executor.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a late request does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

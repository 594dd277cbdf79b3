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

package io.v3io.flink.sink.writer;

import java.util.function.LongSupplier;

/**
 * How much the server is asked for at a time. Thread-safe.
 *
 * <p>While answers are good, one more request may be under way for each round of them, up to the
 * most that the user allows. When the server throttles (429, 503, or a record's error of that
 * name), that number is halved, and nothing at all is sent for a moment, which doubles while the
 * server goes on throttling. So a server that is overloaded for a long time gets a single request
 * now and then, however many are waiting, and is found well again by the next one.
 *
 * <p>Requests that were under way together are throttled together. They are one sign of overload,
 * not many: only what was sent after the last reaction counts.
 */
final class CongestionControl {

    private final int maxRequests;
    private final RetryBackoff pauses;
    private final LongSupplier nanoTime;
    private double window;
    private int throttlesInARow;
    private long reactedNanos;
    private long resumeNanos;

    CongestionControl(int maxRequests, RetryBackoff pauses, LongSupplier nanoTime) {
        this.maxRequests = maxRequests;
        this.pauses = pauses;
        this.nanoTime = nanoTime;
        this.window = maxRequests;
        this.reactedNanos = nanoTime.getAsLong();
        this.resumeNanos = reactedNanos;
    }

    /** Requests that may be under way together now; 1 to the most that is allowed. */
    synchronized int limit() {
        return (int) window;
    }

    /** How long nothing is to be sent, rounded up; 0 if something may be sent. */
    synchronized long pauseMillis() {
        return Math.max(0, (resumeNanos - nanoTime.getAsLong() + 999_999) / 1_000_000);
    }

    /** The server served a request that was sent at this time. */
    synchronized void served(long sentNanos) {
        if (sentNanos - reactedNanos >= 0) {
            throttlesInARow = 0;
        }
        window = Math.min(maxRequests, window + 1 / window);
    }

    /**
     * The server throttled a request.
     *
     * @param sentNanos when it was sent
     * @param wantedMillis how long the server wants to be left alone; 0 if it did not say
     */
    synchronized void throttled(long sentNanos, long wantedMillis) {
        long now = nanoTime.getAsLong();
        long pauseMillis = wantedMillis;
        if (sentNanos - reactedNanos >= 0) {
            window = Math.max(1, window / 2);
            pauseMillis = Math.max(pauseMillis, pauses.pauseMillis(throttlesInARow));
            throttlesInARow++;
            reactedNanos = now;
        }
        long wantedResume = now + pauseMillis * 1_000_000;
        if (wantedResume - resumeNanos > 0) {
            resumeNanos = wantedResume;
        }
    }
}

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

import org.apache.flink.annotation.Internal;

import java.time.Duration;
import java.util.function.LongSupplier;

/** Lets one log line through per interval and counts the others. Not thread-safe. */
@Internal
public final class LogThrottle {

    private final long intervalNanos;
    private final LongSupplier nanoTime;
    private boolean logged;
    private long lastNanos;
    private long suppressed;

    public LogThrottle(Duration interval, LongSupplier nanoTime) {
        this.intervalNanos = interval.toNanos();
        this.nanoTime = nanoTime;
    }

    /** Whether to log now. If so, {@link #suppressed()} tells how many lines were held back. */
    boolean permit() {
        long now = nanoTime.getAsLong();
        if (logged && now - lastNanos < intervalNanos) {
            suppressed++;
            return false;
        }
        logged = true;
        lastNanos = now;
        return true;
    }

    /** Lines held back since the last call of this method. */
    long suppressed() {
        long held = suppressed;
        suppressed = 0;
        return held;
    }
}

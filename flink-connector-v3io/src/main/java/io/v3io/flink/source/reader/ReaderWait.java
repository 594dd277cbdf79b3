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

package io.v3io.flink.source.reader;

import org.apache.flink.annotation.Internal;

import javax.annotation.concurrent.NotThreadSafe;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Since when a reader has had nothing to hand over. Guarded by the reader's monitor, as what it is
 * asked for.
 */
@Internal
@NotThreadSafe
final class ReaderWait {

    /**
     * A reader that waits for less is not held up by the network: to seek costs it more than it
     * gains.
     */
    static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private final LongSupplier nanoClock;
    private boolean isWaiting;
    private long sinceNanos;

    ReaderWait(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** The reader has nothing to hand over; it may say so again. */
    void goesOn() {
        if (!isWaiting) {
            isWaiting = true;
            sinceNanos = nanoClock.getAsLong();
        }
    }

    /** The reader has something to hand over. */
    void ends() {
        isWaiting = false;
    }

    /** Whether the reader waits. */
    boolean isWaiting() {
        return isWaiting;
    }

    /** Whether the reader waits, and has for so long that more requests under way would help. */
    boolean isLong() {
        return isWaiting && nanoClock.getAsLong() - sinceNanos >= LEAST_NANOS;
    }
}

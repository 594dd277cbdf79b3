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

package io.v3io.emulator.store;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The time that arrival times and retention go by: a source, moved by what {@link #advance} added.
 * Thread-safe.
 */
public final class EmulatorClock {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    private final InstantSource source;
    private final AtomicReference<Duration> offset = new AtomicReference<>(Duration.ZERO);

    public EmulatorClock(InstantSource source) {
        this.source = source;
    }

    /** The present time. */
    public Instant now() {
        return source.instant().plus(offset.get());
    }

    /** The present time in nanoseconds since 1970. */
    public long nowNanos() {
        return toNanos(now());
    }

    /** Moves the clock for good; a negative duration moves it back. */
    public void advance(Duration duration) {
        offset.updateAndGet(old -> old.plus(duration));
    }

    /** Nanoseconds since 1970; good until the year 2262. */
    public static long toNanos(Instant instant) {
        return Math.addExact(
                Math.multiplyExact(instant.getEpochSecond(), NANOS_PER_SECOND), instant.getNano());
    }

    /** The whole seconds of a time in nanoseconds. */
    public static long seconds(long nanos) {
        return Math.floorDiv(nanos, NANOS_PER_SECOND);
    }

    /** The nanoseconds within the second of a time in nanoseconds. */
    public static int nanosOfSecond(long nanos) {
        return (int) Math.floorMod(nanos, NANOS_PER_SECOND);
    }

    /** A time in nanoseconds as an instant. */
    public static Instant toInstant(long nanos) {
        return Instant.ofEpochSecond(seconds(nanos), nanosOfSecond(nanos));
    }
}

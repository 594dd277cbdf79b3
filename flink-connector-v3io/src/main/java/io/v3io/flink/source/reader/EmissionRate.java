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

import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;

import javax.annotation.concurrent.NotThreadSafe;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets records through at a reader's rate. It begins without any credit, so that restarts do not
 * add up to more, and saves a quarter of a second's at most. A record is let through when there is
 * any credit at all, and what it takes beyond that is missing for the next ones: a record that is
 * larger than a second's bytes passes, too, and the rate holds over time. Guarded by the split
 * reader's monitor.
 */
@Internal
@NotThreadSafe
final class EmissionRate {

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double SAVED_SECONDS = 0.25;

    /**
     * Waits end with credit for so long, so that a fast reader does not wake up for each record.
     */
    private static final double STEP_SECONDS = 0.01;

    private final RateLimit limit;
    private final LongSupplier nanoClock;
    private long refilledNanos;
    private double records;
    private double bytes;

    EmissionRate(RateLimit limit, LongSupplier nanoClock) {
        this.limit = limit;
        this.nanoClock = nanoClock;
        this.refilledNanos = nanoClock.getAsLong();
    }

    boolean isLimited() {
        return limit.isLimited();
    }

    /**
     * Takes as many of the records as may be emitted now, from the first on.
     *
     * @return how many; 0 for none
     */
    int take(List<StreamRecord> candidates) {
        if (!isLimited()) {
            return candidates.size();
        }
        refill();
        int taken = 0;
        while (taken < candidates.size() && isOpen()) {
            records -= 1;
            bytes -= candidates.get(taken).data().length;
            taken++;
        }
        return taken;
    }

    /** Time until {@link #take} takes something, in nanoseconds; 0 if it does now. */
    long nanosUntilOpen() {
        if (!isLimited()) {
            return 0;
        }
        refill();
        return isOpen()
                ? 0
                : Math.max(
                        nanosUntilCredit(records, limit.recordsPerSecond()),
                        nanosUntilCredit(bytes, limit.bytesPerSecond()));
    }

    private boolean isOpen() {
        return records > 0 && bytes > 0;
    }

    private static long nanosUntilCredit(double credit, double perSecond) {
        return perSecond == Double.POSITIVE_INFINITY
                ? 0
                : (long) Math.ceil((STEP_SECONDS - credit / perSecond) * NANOS_PER_SECOND);
    }

    private void refill() {
        long now = nanoClock.getAsLong();
        double seconds = (now - refilledNanos) / NANOS_PER_SECOND;
        refilledNanos = now;
        records = refilled(records, limit.recordsPerSecond(), seconds);
        bytes = refilled(bytes, limit.bytesPerSecond(), seconds);
    }

    private static double refilled(double credit, double perSecond, double seconds) {
        return perSecond == Double.POSITIVE_INFINITY
                ? perSecond
                : Math.min(perSecond * SAVED_SECONDS, credit + perSecond * seconds);
    }
}

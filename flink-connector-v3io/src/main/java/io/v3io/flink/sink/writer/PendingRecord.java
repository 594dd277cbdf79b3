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

import io.v3io.client.model.PutRecord;
import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.function.Consumer;

/**
 * A record on its way to its stream, and the batch that it belongs to. What changes is guarded by
 * the lock of the {@link RequestSchedule}.
 */
@Internal
public final class PendingRecord {

    @Nullable private RoutedRecord routed;
    private final long sizeBytes;
    private final Batch batch;
    private boolean overtaken;

    @Nullable private LaneQueue.Lane lane;

    @Nullable private PendingRecord next;

    /**
     * A record that is not stored yet.
     *
     * @param routed what to write, and where
     * @param sizeBytes bytes of JSON that the record adds to a request
     * @param batch learns when the record is done with
     */
    public PendingRecord(RoutedRecord routed, long sizeBytes, Batch batch) {
        this.routed = routed;
        this.sizeBytes = sizeBytes;
        this.batch = batch;
    }

    /** Until it is settled. */
    RoutedRecord routed() {
        return routed;
    }

    /** Until it is settled. */
    public PutRecord record() {
        return routed.record();
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    Batch batch() {
        return batch;
    }

    /** Whether it is stored, given up, or replaced, so that nobody has to write it any more. */
    boolean isSettled() {
        return routed == null;
    }

    /**
     * From now on {@link #isSettled}. Its batch may stay open for long after it, so it lets go of
     * its data.
     */
    void settle() {
        routed = null;
    }

    /** The lane that it is or was part of; null if it keeps no order with others. */
    @Nullable
    LaneQueue.Lane lane() {
        return lane;
    }

    /** Becomes part of a lane. */
    void enter(LaneQueue.Lane entered) {
        lane = entered;
    }

    /** This record comes next in the lane. */
    void precede(PendingRecord record) {
        next = record;
    }

    /** Leaves the records of its lane that wait; returns the next of them, or null. */
    @Nullable
    PendingRecord leave() {
        PendingRecord after = next;
        next = null;
        return after;
    }

    /**
     * A later record of its lane is stored before it.
     *
     * @return false if that is so of another one already
     */
    boolean overtake() {
        boolean first = !overtaken;
        overtaken = true;
        return first;
    }

    /** The records that were handed over together; who did so wants one answer for them all. */
    public static final class Batch {

        private final Consumer<Batch> onDone;
        private int open;

        public Batch(int records, Consumer<Batch> onDone) {
            this.open = records;
            this.onDone = onDone;
        }

        /** One record is stored, or given up as the user chose. */
        void recordDone() {
            open--;
            if (open == 0) {
                onDone.accept(this);
            }
        }
    }
}

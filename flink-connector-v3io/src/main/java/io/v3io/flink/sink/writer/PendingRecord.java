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

    @Nullable private Lane lane;

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
    Lane lane() {
        return lane;
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

    /**
     * The records of one route that wait, oldest first, and how many of them are under way. Exists
     * while there are any.
     */
    static final class Lane {

        @Nullable private final Object route;
        @Nullable private PendingRecord first;
        @Nullable private PendingRecord last;
        private int records;
        private long bytes;
        private int underWay;

        /** A lane without records, for a route; null if its records keep no order. */
        Lane(@Nullable Object route) {
            this.route = route;
        }

        @Nullable
        Object route() {
            return route;
        }

        boolean isEmpty() {
            return first == null;
        }

        /** The record that is next; null if none waits. */
        @Nullable
        PendingRecord first() {
            return first;
        }

        /** Records that wait. */
        int records() {
            return records;
        }

        /** Bytes of JSON of the records that wait. */
        long bytes() {
            return bytes;
        }

        void add(PendingRecord record) {
            if (route != null) {
                record.lane = this;
            }
            if (first == null) {
                first = record;
            } else {
                last.next = record;
            }
            last = record;
            records++;
            bytes += record.sizeBytes;
        }

        /** Takes the first record; there is one. */
        PendingRecord remove() {
            PendingRecord record = first;
            first = record.next;
            record.next = null;
            records--;
            bytes -= record.sizeBytes;
            return record;
        }

        /** Whether records were taken that are not settled. */
        boolean isUnderWay() {
            return underWay > 0;
        }

        /** So many records were taken for one request. */
        void sent(int taken) {
            underWay = taken;
        }

        /** One of these is stored, or given up. */
        void settled() {
            underWay--;
        }
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

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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.RecordQueue;
import io.v3io.flink.sink.writer.SinkSettings;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;

/**
 * The records of an epoch that go to one stream, made up into requests. The committer's thread
 * only.
 */
final class StreamLane {

    private final StreamPath stream;
    private final SinkSettings settings;
    private final RecordQueue queue;

    /** To be sent before anything else; their keys hold up what comes after them. */
    private final Queue<Attempt> again = new ArrayDeque<>();

    /** Collected until it is a full request. */
    private List<PendingRecord> batch = new ArrayList<>();

    private long batchBytes;
    private int sending;

    /** Some records on their way, attempt after attempt. */
    static final class Attempt {

        private final StreamLane lane;
        private final List<PendingRecord> records;

        /** What is to be sent when these records are settled, the next part first. */
        private final Deque<List<PendingRecord>> laterParts;

        private int attempts;
        private long firstNanos;
        private long sentMillis;
        private long endedNanos;
        private long dueNanos;

        Attempt(StreamLane lane, List<PendingRecord> records) {
            this(lane, records, new ArrayDeque<>());
        }

        private Attempt(
                StreamLane lane,
                List<PendingRecord> records,
                Deque<List<PendingRecord>> laterParts) {
            this.lane = lane;
            this.records = records;
            this.laterParts = laterParts;
        }

        /** What is left of this one, with its history. */
        Attempt of(List<PendingRecord> some) {
            Attempt left = begin(some);
            left.attempts = attempts;
            left.firstNanos = firstNanos;
            left.sentMillis = sentMillis;
            left.endedNanos = endedNanos;
            return left;
        }

        /** What is left of this one, as if nothing had been sent before. */
        Attempt begin(List<PendingRecord> some) {
            return new Attempt(lane, some, laterParts);
        }

        /** Half of the records; the others are to be sent when these are settled. */
        Attempt half() {
            int half = records.size() / 2;
            laterParts.push(records.subList(half, records.size()));
            return begin(records.subList(0, half));
        }

        /** All its records are settled. */
        void settled() {
            List<PendingRecord> part = laterParts.poll();
            if (part != null) {
                lane.sendFirst(begin(part));
            }
        }

        /** It is under way until it has {@link #answered}. */
        void sent() {
            lane.sending++;
            sentMillis = System.currentTimeMillis();
            if (attempts++ == 0) {
                firstNanos = System.nanoTime();
            }
        }

        void answered(long nanos) {
            lane.sending--;
            endedNanos = nanos;
        }

        /** It is to be sent again, not before then. */
        void isDue(long nanos) {
            dueNanos = nanos;
        }

        long dueNanos() {
            return dueNanos;
        }

        StreamLane lane() {
            return lane;
        }

        List<PendingRecord> records() {
            return records;
        }

        List<PutRecord> putRecords() {
            return records.stream().map(PendingRecord::record).toList();
        }

        /** How often it was sent. */
        int attempts() {
            return attempts;
        }

        /** From when it was sent first until its last answer came. */
        Duration elapsed() {
            return Duration.ofNanos(endedNanos - firstNanos);
        }

        /** When it was sent last, by the wall clock. */
        long sentMillis() {
            return sentMillis;
        }

        /** When its last answer came, or did not come in time. */
        long endedNanos() {
            return endedNanos;
        }
    }

    StreamLane(StreamPath stream, SinkSettings settings) {
        this.stream = stream;
        this.settings = settings;
        this.queue = RecordQueue.create(settings);
    }

    StreamPath stream() {
        return stream;
    }

    void add(PendingRecord record) {
        if (batch.size() >= settings.maxBatchSize()
                || batchBytes + record.sizeBytes() > settings.maxRecordBytesPerRequest()) {
            addBatch();
        }
        batch.add(record);
        batchBytes += record.sizeBytes();
    }

    /** What was collected may be sent. */
    void addBatch() {
        if (!batch.isEmpty()) {
            queue.add(batch);
            batch = new ArrayList<>();
            batchBytes = 0;
        }
    }

    /**
     * What is to be sent now; null while nothing may be.
     *
     * @param mayBeSmall whether it has waited long enough for more records to go with it. While no
     *     answer is to come, which alone could bring more, it does not wait
     */
    @Nullable
    Attempt poll(boolean mayBeSmall) {
        Attempt first = again.poll();
        if (first != null) {
            return first;
        }
        List<PendingRecord> records = queue.poll(mayBeSmall || sending == 0);
        return records.isEmpty() ? null : new Attempt(this, records);
    }

    /** Whether there are records that {@link #poll} keeps back unless a request may be small. */
    boolean isHolding() {
        return queue.isHolding();
    }

    /** This is to be sent before all others. */
    void sendFirst(Attempt attempt) {
        again.add(attempt);
    }

    /** A record is stored, or nobody will send it any more. */
    void settled(PendingRecord record) {
        queue.settled(record);
    }
}

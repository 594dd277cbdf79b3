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

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * The records of one stream that wait for their request. Decides which may be under way together.
 * Guarded by the {@link RequestSchedule}.
 */
@Internal
public interface RecordQueue {

    /**
     * For so many ms a request that is not full waits for more records: a little longer than a
     * server nearby takes to answer.
     */
    int HOLD_MILLIS = 10;

    /** So many times as long it waits while half of the places for requests are taken. */
    int PATIENT_HOLDS = 10;

    /** A queue that keeps the order which the user chose. */
    static RecordQueue create(SinkSettings settings) {
        int maxRecords = settings.maxBatchSize();
        long maxBytes = settings.maxRecordBytesPerRequest();
        SinkSettings.Routing routing = settings.routing();
        return switch (routing.order()) {
            case NONE -> new Unordered();
            case RELAXED ->
                    LaneQueue.relaxed(
                            maxRecords, maxBytes, !routing.hasRoutes(), routing.partitioner());
            case STRICT -> LaneQueue.strict(maxRecords, maxBytes, routing.partitioner());
        };
    }

    /**
     * How many records come after later ones of their key or shard from now on, because these were
     * stored and they were not. Each record is counted once.
     *
     * @param sent the records of one request, in its order
     * @param stored those of them that are stored
     * @param failed those that are to be sent again
     */
    static int countOvertaken(
            List<PendingRecord> sent,
            Collection<PendingRecord> stored,
            Collection<PendingRecord> failed) {
        if (failed.isEmpty()) {
            return 0;
        }
        Set<PendingRecord> isStored = new HashSet<>(stored);
        Set<PendingRecord> isFailed = new HashSet<>(failed);
        Set<PendingRecord.Lane> storedLater = new HashSet<>();
        int overtaken = 0;
        for (int i = sent.size() - 1; i >= 0; i--) {
            PendingRecord record = sent.get(i);
            if (record.lane() == null) {
                continue;
            }
            if (isStored.contains(record)) {
                storedLater.add(record.lane());
            } else if (isFailed.contains(record)
                    && storedLater.contains(record.lane())
                    && record.overtake()) {
                overtaken++;
            }
        }
        return overtaken;
    }

    /** Takes the records of one batch, together within the limits of a request. */
    void add(List<PendingRecord> records);

    /**
     * The records of the next request, within its limits.
     *
     * @param mayBeSmall false if the queue may wait for more records that can go with them
     * @return empty if there is nothing to send now
     */
    List<PendingRecord> poll(boolean mayBeSmall);

    /** Whether there are records that {@link #poll} keeps back unless a request may be small. */
    boolean isHolding();

    /** A record that was polled is stored, or given up. */
    void settled(PendingRecord record);

    /**
     * Sends each batch as one request, as many together as there may be. Guarded by the {@link
     * RequestSchedule}.
     */
    final class Unordered implements RecordQueue {

        private final Queue<List<PendingRecord>> batches = new ArrayDeque<>();

        @Override
        public void add(List<PendingRecord> records) {
            batches.add(records);
        }

        @Override
        public List<PendingRecord> poll(boolean mayBeSmall) {
            List<PendingRecord> batch = batches.poll();
            return batch == null ? List.of() : batch;
        }

        @Override
        public boolean isHolding() {
            return false;
        }

        @Override
        public void settled(PendingRecord record) {
            // Nobody waits for this record.
        }
    }
}

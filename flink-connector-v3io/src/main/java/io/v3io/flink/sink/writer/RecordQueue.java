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

import org.apache.flink.annotation.Internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * The records of one stream that wait for their request. Decides which may be under way together.
 * Guarded by the {@link RequestSchedule}.
 */
@Internal
public interface RecordQueue {

    /** Takes the records of one batch, together within the limits of a request. */
    void add(List<PendingRecord> records);

    /**
     * The records of the next request, within its limits.
     *
     * @param sending requests of this stream that wait for an answer now
     * @return empty if there is nothing to send now
     */
    List<PendingRecord> poll(int sending);

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
        public List<PendingRecord> poll(int sending) {
            List<PendingRecord> batch = batches.poll();
            return batch == null ? List.of() : batch;
        }

        @Override
        public void settled(PendingRecord record) {
            // Nobody waits for this record.
        }
    }

    /**
     * Keeps records of one route in the order they were written in: a route is a partition key, or
     * else a shard id, or the lack of both. Guarded by the {@link RequestSchedule}.
     *
     * <p><b>Of each route one record at most is under way, and what comes after it waits until it
     * is stored.</b> Nothing less will do. The platform stores the records of one request one by
     * one, and a failed one says nothing about its neighbours. So if a request held two records of
     * a route, the first could fail and the second be stored, and no repetition would bring them in
     * order again: with the first alone it comes behind, and with both, the second has been there
     * before. For the same reason two requests with records of one route must not be under way
     * together.
     *
     * <p>So a request takes the oldest record of many routes. A single route gets one record per
     * round trip at the most; what makes it fast altogether is the number of routes. Requests are
     * made large, because a request costs the server and us much more than a record does: one takes
     * half of the routes, so that the server works on one while the answer of the other travels.
     * When parts of requests fail, routes become free in small numbers. They wait for the next
     * answer then, to go together; without that, requests would fall apart into ever smaller ones.
     * But a request that is not answered for long must not hold up the routes that it does not
     * hold, so not more than an eighth of the routes wait.
     */
    final class Ordered implements RecordQueue {

        /** A request takes this part of the routes at the most. */
        private static final int LARGEST_PART = 2;

        /** With fewer than this part, it waits for an answer of another one. */
        private static final int SMALLEST_PART = 8;

        private static final Object NO_ROUTE = new Object();

        private final int maxRecords;
        private final long maxBytes;
        private final Map<Object, Lane> lanes = new HashMap<>();

        /** Lanes with a record to send and none under way, in the order they became so. */
        private final Queue<Lane> ready = new ArrayDeque<>();

        public Ordered(int maxRecords, long maxBytes) {
            this.maxRecords = maxRecords;
            this.maxBytes = maxBytes;
        }

        @Override
        public void add(List<PendingRecord> records) {
            for (PendingRecord record : records) {
                Lane lane = lanes.computeIfAbsent(route(record.record()), route -> new Lane());
                lane.waiting.add(record);
                if (lane.waiting.size() == 1 && !lane.underWay) {
                    ready.add(lane);
                }
            }
        }

        @Override
        public List<PendingRecord> poll(int sending) {
            if (ready.isEmpty() || (sending > 0 && ready.size() < part(SMALLEST_PART))) {
                return List.of();
            }
            int wanted = part(LARGEST_PART);
            List<PendingRecord> records = new ArrayList<>();
            long bytes = 0;
            while (records.size() < wanted && !ready.isEmpty()) {
                Lane lane = ready.element();
                PendingRecord record = lane.waiting.element();
                bytes += record.sizeBytes();
                if (bytes > maxBytes && !records.isEmpty()) {
                    break;
                }
                ready.remove();
                lane.waiting.remove();
                lane.underWay = true;
                records.add(record);
            }
            return records;
        }

        private int part(int divisor) {
            return Math.min(maxRecords, (lanes.size() + divisor - 1) / divisor);
        }

        @Override
        public void settled(PendingRecord record) {
            Object route = route(record.record());
            Lane lane = lanes.get(route);
            lane.underWay = false;
            if (lane.waiting.isEmpty()) {
                lanes.remove(route);
            } else {
                ready.add(lane);
            }
        }

        private static Object route(PutRecord record) {
            // Both are there where a partitioner has made a shard id of the key, which is finer.
            if (record.partitionKey() != null) {
                return record.partitionKey();
            }
            return record.shardId().isPresent() ? record.shardId().getAsInt() : NO_ROUTE;
        }

        /** The records of one route, oldest first. Exists while there is one. */
        private static final class Lane {

            private final Queue<PendingRecord> waiting = new ArrayDeque<>();
            private boolean underWay;
        }
    }
}

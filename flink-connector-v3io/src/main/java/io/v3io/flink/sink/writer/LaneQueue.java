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
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.writer.PendingRecord.Lane;

import javax.annotation.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;

/**
 * Keeps the records of each lane in the order they were written in. A lane is a partition key, or
 * else a shard id. Records without either are a lane together where the order of a whole subtask is
 * kept; otherwise they go with any request. Guarded by the {@link RequestSchedule}.
 *
 * <p><b>A lane is in one request at a time</b>: what comes after waits until all records of the
 * lane that are in this request are stored. Two requests would overtake each other.
 *
 * <ul>
 *   <li><b>Relaxed</b>: a request takes all that waits in a lane, as far as it fits, in order. The
 *       platform stores the records of one request to one shard in the order of the request, so a
 *       request that is stored, or repeated, as a whole keeps it. But the platform may also fail
 *       single records: the first one of a lane may fail and the second be stored, and no
 *       repetition brings them in order again.
 *   <li><b>Strict</b>: so a request takes one record of a lane. A lane gets one record per round
 *       trip at the most; what makes it fast altogether is the number of lanes. A request takes
 *       half of them, so that the server works on one while the answer of the other travels.
 * </ul>
 *
 * <p>Requests are made large, because a request costs the server and us much more than a record
 * does. Each answer frees its lanes, and without a pause requests would fall apart into ever
 * smaller ones. So a request that would be small is kept back, for as long as the caller does not
 * insist.
 */
final class LaneQueue implements RecordQueue {

    /** A strict request takes this part of the lanes at the most. */
    private static final int LARGEST_PART = 2;

    /** With fewer than this part, a strict request is small. */
    private static final int SMALLEST_PART = 8;

    private static final Object WITHOUT_ROUTE = new Object();

    private final boolean strict;
    private final int maxRecords;
    private final long maxBytes;
    private final Map<Object, Lane> lanes = new HashMap<>();

    /** Whether a record without a key has its shard from the sink, so that it is no route. */
    private final boolean isShardFixed;

    /** Whether the sink chooses shards, and so may choose another one when the stream grows. */
    private final boolean mayShardsChange;

    /** Where the records go that have no route and keep no order; null if they keep it. */
    @Nullable private final Lane free;

    /** Lanes with a record to send and none under way, in the order they became so. */
    private final Queue<Lane> ready = new ArrayDeque<>();

    /** Records that wait in lanes that are ready. */
    private int readyRecords;

    private long readyBytes;

    private LaneQueue(
            boolean strict,
            int maxRecords,
            long maxBytes,
            boolean isSubtaskInOrder,
            Partitioner partitioner) {
        this.strict = strict;
        this.maxRecords = maxRecords;
        this.maxBytes = maxBytes;
        this.free = isSubtaskInOrder ? null : new Lane(null);
        this.isShardFixed = partitioner == Partitioner.FIXED;
        this.mayShardsChange = partitioner != Partitioner.DEFAULT;
    }

    /**
     * A queue whose requests take many records of a lane.
     *
     * @param maxRecords records of one request at the most
     * @param maxBytes bytes of JSON of these records at the most
     * @param isSubtaskInOrder whether records without a key and a shard keep their order, too
     * @param partitioner who chooses the shards of records
     */
    static LaneQueue relaxed(
            int maxRecords, long maxBytes, boolean isSubtaskInOrder, Partitioner partitioner) {
        return new LaneQueue(false, maxRecords, maxBytes, isSubtaskInOrder, partitioner);
    }

    /**
     * A queue whose requests take one record of a lane.
     *
     * @param maxRecords records of one request at the most
     * @param maxBytes bytes of JSON of these records at the most
     * @param partitioner who chooses the shards of records
     */
    static LaneQueue strict(int maxRecords, long maxBytes, Partitioner partitioner) {
        return new LaneQueue(true, maxRecords, maxBytes, true, partitioner);
    }

    @Override
    public void add(List<PendingRecord> records) {
        for (PendingRecord record : records) {
            Lane lane = lane(record.record());
            boolean wasEmpty = lane.isEmpty();
            lane.add(record);
            if (!lane.isUnderWay()) {
                readyRecords++;
                readyBytes += record.sizeBytes();
                if (wasEmpty) {
                    ready.add(lane);
                }
            }
        }
    }

    private Lane lane(PutRecord record) {
        // Both are there where a partitioner has made a shard id of the key, which is finer.
        Object route = record.partitionKey();
        if (route == null) {
            if (record.shardId().isPresent() && !isShardFixed) {
                route = record.shardId().getAsInt();
            } else if (free == null) {
                route = WITHOUT_ROUTE;
            } else {
                return free;
            }
        }
        return lanes.computeIfAbsent(route, Lane::new);
    }

    @Override
    public List<PendingRecord> poll(boolean mayBeSmall) {
        if (ready.isEmpty() || (isSmall() && !mayBeSmall)) {
            return List.of();
        }
        int wanted = strict ? part(LARGEST_PART) : maxRecords;
        List<PendingRecord> records = new ArrayList<>(Math.min(wanted, readyRecords));
        long room = maxBytes;
        while (records.size() < wanted && !ready.isEmpty()) {
            Lane lane = ready.element();
            if (!records.isEmpty() && lane.first().sizeBytes() > room) {
                break;
            }
            leaveReady();
            room = take(lane, strict ? 1 : wanted - records.size(), room, records);
            if (lane == free && !lane.isEmpty()) {
                enterReady(lane);
            }
        }
        return records;
    }

    private boolean isSmall() {
        return strict
                ? ready.size() < part(SMALLEST_PART)
                : readyRecords < maxRecords && readyBytes < maxBytes;
    }

    private int part(int divisor) {
        return Math.min(maxRecords, (lanes.size() + divisor - 1) / divisor);
    }

    /** Takes one record at least; returns the room that is left. */
    private long take(Lane lane, int limit, long room, List<PendingRecord> records) {
        long left = room;
        int taken = 0;
        PendingRecord record;
        do {
            record = lane.remove();
            left -= record.sizeBytes();
            records.add(record);
            taken++;
        } while (taken < limit
                && !lane.isEmpty()
                && lane.first().sizeBytes() <= left
                && !(mayShardsChange && isOtherShard(lane, record)));
        if (lane != free) {
            lane.sent(taken);
        }
        return left;
    }

    /** The platform keeps the order of a request within a shard, not from one to the other. */
    private boolean isOtherShard(Lane lane, PendingRecord taken) {
        return lane != free && !lane.first().record().shardId().equals(taken.record().shardId());
    }

    private void enterReady(Lane lane) {
        ready.add(lane);
        readyRecords += lane.records();
        readyBytes += lane.bytes();
    }

    private void leaveReady() {
        Lane lane = ready.remove();
        readyRecords -= lane.records();
        readyBytes -= lane.bytes();
    }

    @Override
    public boolean isHolding() {
        return !ready.isEmpty();
    }

    @Override
    public void settled(PendingRecord record) {
        Lane lane = record.lane();
        if (lane == null) {
            return;
        }
        lane.settled();
        if (lane.isUnderWay()) {
            return;
        }
        if (lane.isEmpty()) {
            lanes.remove(lane.route());
        } else {
            enterReady(lane);
        }
    }
}

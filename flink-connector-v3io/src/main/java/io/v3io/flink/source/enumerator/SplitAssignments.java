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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.ShardAssigner;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The splits that no reader has: a reader is chosen for each, and gets it when it runs. What a
 * reader gives back when it fails stays its own. Each step costs what it moves, not what there is:
 * a job may have hundreds of thousands of shards. Holds no Flink context; used by the coordinator
 * thread only, except for the count.
 */
@Internal
final class SplitAssignments {

    private final ShardAssigner assigner;
    private final ReaderLoads loads;

    // By shard, so that a split that is given back twice is there once; in a stable order.
    private final Map<ShardId, V3ioShardSplit> unplanned = new LinkedHashMap<>();
    private final List<Map<ShardId, V3ioShardSplit>> planned = new ArrayList<>();

    // Read by the thread that reports metrics, too.
    private final AtomicInteger unassignedCount = new AtomicInteger();

    /**
     * No splits yet.
     *
     * @param assigner chooses readers
     * @param loads what the readers have
     */
    SplitAssignments(ShardAssigner assigner, ReaderLoads loads) {
        this.assigner = assigner;
        this.loads = loads;
        for (int subtask = 0; subtask < loads.parallelism(); subtask++) {
            planned.add(new LinkedHashMap<>());
        }
    }

    /** Takes splits that are to get a reader. */
    void add(Collection<V3ioShardSplit> splits) {
        for (V3ioShardSplit split : splits) {
            if (unplanned.put(split.shard(), split) == null) {
                unassignedCount.incrementAndGet();
            }
        }
    }

    /** A reader has failed and gives back what no checkpoint says that it has. */
    void readerFailed(int subtask, Collection<V3ioShardSplit> givenBack) {
        Map<ShardId, V3ioShardSplit> own = planned.get(subtask);
        for (V3ioShardSplit split : givenBack) {
            if (own.put(split.shard(), split) == null) {
                unassignedCount.incrementAndGet();
            }
        }
        // With those that it had not been handed yet.
        loads.failed(subtask, own.size());
    }

    /**
     * Chooses readers for the splits that have none, if enough is known of the readers.
     *
     * @return whether it has chosen any
     */
    boolean plan() {
        if (unplanned.isEmpty() || !loads.canChoose()) {
            return false;
        }
        for (V3ioShardSplit split : unplanned.values()) {
            int subtask = choose(split.shard());
            planned.get(subtask).put(split.shard(), split);
            loads.give(subtask);
        }
        unplanned.clear();
        return true;
    }

    private int choose(ShardId shard) {
        int chosen = assigner.assign(shard, loads);
        if (chosen < 0 || chosen >= loads.parallelism()) {
            throw new FlinkRuntimeException(
                    "The shard assigner "
                            + assigner.getClass().getName()
                            + " chose subtask "
                            + chosen
                            + " for shard "
                            + shard
                            + "; it must be 0 to "
                            + (loads.parallelism() - 1)
                            + ".");
        }
        return loads.mayGetShards(chosen) ? chosen : loads.leastLoaded();
    }

    /** Whether a reader has been chosen for every split. */
    boolean isAllPlanned() {
        return unplanned.isEmpty();
    }

    /** Takes out the splits of a reader, which is handed them. */
    List<V3ioShardSplit> take(int subtask) {
        Map<ShardId, V3ioShardSplit> own = planned.get(subtask);
        List<V3ioShardSplit> taken = new ArrayList<>(own.values());
        own.clear();
        unassignedCount.addAndGet(-taken.size());
        return taken;
    }

    /** Forgets the splits of other streams. */
    void dropUnless(Predicate<StreamPath> isRead) {
        Predicate<ShardId> isDropped = shard -> !isRead.test(shard.stream());
        unplanned.keySet().removeIf(isDropped);
        for (int subtask = 0; subtask < planned.size(); subtask++) {
            Map<ShardId, V3ioShardSplit> own = planned.get(subtask);
            int before = own.size();
            own.keySet().removeIf(isDropped);
            loads.takeBack(subtask, before - own.size());
        }
        unassignedCount.set(unassigned().size());
    }

    /** The splits that no reader has. */
    List<V3ioShardSplit> unassigned() {
        List<V3ioShardSplit> splits = new ArrayList<>(unassignedCount());
        splits.addAll(unplanned.values());
        planned.forEach(own -> splits.addAll(own.values()));
        return splits;
    }

    /** Number of splits that no reader has; may be called by any thread. */
    int unassignedCount() {
        return unassignedCount.get();
    }
}

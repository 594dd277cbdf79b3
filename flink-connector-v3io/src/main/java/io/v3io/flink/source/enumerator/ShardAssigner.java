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

import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntPredicate;

/**
 * Which reader gets a split: the one with the fewest shards, over all streams, so that the readers'
 * shard counts differ by at most one; after growth too, and after a restore, when Flink itself has
 * given the readers their shards back, evenly if the parallelism has changed. Holds no Flink
 * context; used by the coordinator thread only.
 */
@Internal
final class ShardAssigner {

    private static final int UNKNOWN = -1;

    /** What each reader has from its own state; {@link #UNKNOWN} until it has said so. */
    private final int[] restored;

    /** What each reader was given here since then, or is going to be given. */
    private final int[] given;

    /** Readers of splits that have not been handed out yet. */
    private final Map<String, Integer> owners = new HashMap<>();

    /**
     * An assigner that has given nothing yet.
     *
     * @param parallelism number of readers
     * @param readersMayHoldShards whether the readers come from a checkpoint
     */
    ShardAssigner(int parallelism, boolean readersMayHoldShards) {
        this.restored = new int[parallelism];
        this.given = new int[parallelism];
        if (readersMayHoldShards) {
            Arrays.fill(restored, UNKNOWN);
        }
    }

    /** A reader has started and has these shards from its state. */
    void readerHolds(int subtask, int shardCount) {
        restored[subtask] = shardCount;
    }

    /**
     * A reader has failed. What it was given since the last checkpoint comes back, and will be its
     * own again; it will say when it starts what else it has.
     */
    void readerFailed(int subtask, Collection<V3ioShardSplit> givenBack) {
        restored[subtask] = UNKNOWN;
        givenBack.forEach(split -> owners.put(split.splitId(), subtask));
        // With those that it had not been handed yet.
        given[subtask] = (int) owners.values().stream().filter(owner -> owner == subtask).count();
    }

    /** Whether all readers have said what they have. */
    boolean knowsAllReaders() {
        return Arrays.stream(restored).noneMatch(count -> count == UNKNOWN);
    }

    /**
     * Chooses readers for the splits that have none yet.
     *
     * @param mayOwn which readers may get some; at least one
     */
    void plan(Collection<V3ioShardSplit> splits, IntPredicate mayOwn) {
        for (V3ioShardSplit split : splits) {
            if (!owners.containsKey(split.splitId())) {
                int owner = leastLoaded(mayOwn);
                owners.put(split.splitId(), owner);
                given[owner]++;
            }
        }
    }

    /** Whether a reader has been chosen for a split. */
    boolean isPlanned(V3ioShardSplit split) {
        return owners.containsKey(split.splitId());
    }

    /** Whether a split is planned for this reader. */
    boolean isFor(V3ioShardSplit split, int subtask) {
        Integer owner = owners.get(split.splitId());
        return owner != null && owner == subtask;
    }

    /** A split has been handed to its reader. */
    void handedOut(V3ioShardSplit split) {
        owners.remove(split.splitId());
    }

    /** Whether a reader has no shard and is not going to get one of those that are planned. */
    boolean isSurplus(int subtask) {
        return restored[subtask] == 0 && given[subtask] == 0;
    }

    private int leastLoaded(IntPredicate mayOwn) {
        int best = UNKNOWN;
        for (int subtask = 0; subtask < given.length; subtask++) {
            if (mayOwn.test(subtask) && (best == UNKNOWN || load(subtask) < load(best))) {
                best = subtask;
            }
        }
        if (best == UNKNOWN) {
            throw new IllegalArgumentException("No reader may own a split.");
        }
        return best;
    }

    private int load(int subtask) {
        return given[subtask] + Math.max(0, restored[subtask]);
    }
}

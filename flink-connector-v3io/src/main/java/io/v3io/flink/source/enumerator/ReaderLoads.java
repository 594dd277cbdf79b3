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

import io.v3io.flink.source.ShardAssigner;

import org.apache.flink.annotation.Internal;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * How many shards each reader has. A reader tells once in its life what it has from its own part of
 * a checkpoint; what it is given afterwards is counted here. Holds no Flink context; used by the
 * coordinator thread only.
 */
@Internal
final class ReaderLoads implements ShardAssigner.Readers {

    private static final int UNKNOWN = -1;

    /** What each reader has from its own state; {@link #UNKNOWN} until it has said so. */
    private final int[] held;

    /** What each reader was given here since then, or is going to be given. */
    private final int[] given;

    private final boolean readersMayHaveEnded;
    private final BitSet registered = new BitSet();
    private final BitSet reported = new BitSet();
    private int unknown;

    /** The readers that may get shards, that with the fewest first. */
    private final NavigableSet<Integer> byLoad =
            new TreeSet<>(
                    Comparator.comparingInt(this::shardCount).thenComparing(reader -> reader));

    /**
     * Loads of readers that have not started yet.
     *
     * @param parallelism number of readers
     * @param readersMayHoldShards whether the readers come from a checkpoint
     * @param readersMayHaveEnded whether some of these had nothing left to read and are not going
     *     to start: only those that do may get shards
     */
    ReaderLoads(int parallelism, boolean readersMayHoldShards, boolean readersMayHaveEnded) {
        this.held = new int[parallelism];
        this.given = new int[parallelism];
        this.readersMayHaveEnded = readersMayHaveEnded;
        if (readersMayHoldShards) {
            Arrays.fill(held, UNKNOWN);
            unknown = parallelism;
        }
        if (!readersMayHaveEnded) {
            for (int subtask = 0; subtask < parallelism; subtask++) {
                byLoad.add(subtask);
            }
        }
    }

    /** A reader has started; it is going to tell what it has. */
    void registered(int subtask) {
        registered.set(subtask);
    }

    /**
     * A reader that has started tells what it has.
     *
     * @return whether that is news: another attempt of the same subtask says nothing new, and one
     *     that has not registered reads something else, an earlier part of a hybrid source
     */
    boolean reported(int subtask, int shardCount) {
        if (!registered.get(subtask) || reported.get(subtask)) {
            return false;
        }
        reported.set(subtask);
        byLoad.remove(subtask);
        unknown -= held[subtask] == UNKNOWN ? 1 : 0;
        held[subtask] = shardCount;
        byLoad.add(subtask);
        return true;
    }

    /** A reader has read shards to their end. */
    void ended(int subtask, int shards) {
        if (!reported.get(subtask)) {
            // Of an attempt that has failed, or of an earlier part of a hybrid source.
            return;
        }
        boolean mayGetShards = byLoad.remove(subtask);
        int ofHeld = Math.min(shards, held[subtask]);
        held[subtask] -= ofHeld;
        given[subtask] -= shards - ofHeld;
        if (mayGetShards) {
            byLoad.add(subtask);
        }
    }

    /**
     * A reader has failed; it is going to tell again what it has.
     *
     * @param stillGiven what it will be given again
     */
    void failed(int subtask, int stillGiven) {
        registered.clear(subtask);
        reported.clear(subtask);
        boolean mayGetShards = byLoad.remove(subtask) && !readersMayHaveEnded;
        unknown += held[subtask] == UNKNOWN ? 0 : 1;
        held[subtask] = UNKNOWN;
        given[subtask] = stillGiven;
        if (mayGetShards) {
            byLoad.add(subtask);
        }
    }

    /** A reader is going to be given one more shard. */
    void give(int subtask) {
        boolean mayGetShards = byLoad.remove(subtask);
        given[subtask]++;
        if (mayGetShards) {
            byLoad.add(subtask);
        }
    }

    /** Shards that a reader was to be given are gone. */
    void takeBack(int subtask, int shards) {
        boolean mayGetShards = byLoad.remove(subtask);
        given[subtask] -= shards;
        if (mayGetShards) {
            byLoad.add(subtask);
        }
    }

    /** Whether a reader has told what it has: from then on it can be given shards. */
    boolean hasReported(int subtask) {
        return reported.get(subtask);
    }

    /**
     * Whether enough is known to choose readers. After a restore a bounded source may have readers
     * that have ended and do not register: only those that have can be waited for. Any other source
     * has all its readers running, and a reader which is not there yet gets its shards when it is.
     */
    boolean canChoose() {
        return readersMayHaveEnded ? !byLoad.isEmpty() : unknown == 0;
    }

    /** Whether a reader can be chosen. */
    boolean mayGetShards(int subtask) {
        return byLoad.contains(subtask);
    }

    /** Whether a reader has no shard and is not going to get one of those that are planned. */
    boolean isSurplus(int subtask) {
        return held[subtask] == 0 && given[subtask] == 0;
    }

    @Override
    public int parallelism() {
        return given.length;
    }

    @Override
    public int shardCount(int subtask) {
        return given[subtask] + Math.max(0, held[subtask]);
    }

    @Override
    public int leastLoaded() {
        return byLoad.first();
    }
}

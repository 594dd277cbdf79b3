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

package io.v3io.flink.source;

import io.v3io.client.model.ShardId;

import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

import java.io.Serializable;

/**
 * Which subtask reads a shard. Asked once for each shard that has no reader: at the start, after
 * growth, and for streams that appear. A shard that is in a checkpoint is not asked about again:
 * its subtask gets it back, and when the parallelism has changed, Flink itself distributes the
 * shards of the checkpoint, evenly.
 *
 * <p>Called by the coordinator's thread, never by two threads at once; must not block. Travels with
 * the job graph by Java serialization.
 */
@PublicEvolving
@FunctionalInterface
public interface ShardAssigner extends Serializable {

    /**
     * Chooses the subtask that reads a shard.
     *
     * @param shard a shard without a reader
     * @param readers what the subtasks have so far
     * @return 0 to {@link Readers#parallelism()} - 1; another number fails the job. When the source
     *     is bounded and restored, a subtask that has ended cannot read any more; the one with the
     *     fewest shards then takes its place
     */
    int assign(ShardId shard, Readers readers);

    /**
     * The default: the subtask with the fewest shards of all streams together, so that the
     * subtasks' shard counts differ by at most one.
     */
    static ShardAssigner balanced() {
        return Balanced.INSTANCE;
    }

    /** What the subtasks have. Valid during a call of {@link #assign} only. */
    @PublicEvolving
    interface Readers {

        /** Number of subtasks, 1 or more. */
        int parallelism();

        /**
         * Number of shards that a subtask has or has been chosen for, 0 or more.
         *
         * @param subtask 0 to {@link #parallelism()} - 1
         */
        int shardCount(int subtask);

        /** The subtask with the fewest shards; the first of several. */
        int leastLoaded();
    }

    /** See {@link ShardAssigner#balanced()}. */
    @Internal
    enum Balanced implements ShardAssigner {
        INSTANCE;

        @Override
        public int assign(ShardId shard, Readers readers) {
            return readers.leastLoaded();
        }
    }
}

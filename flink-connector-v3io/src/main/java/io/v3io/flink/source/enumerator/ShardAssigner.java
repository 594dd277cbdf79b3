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

import org.apache.flink.annotation.Internal;

/**
 * Which subtask reads a shard. A stream's shards go round the subtasks, so that their counts differ
 * by at most one and stay so when the stream grows; the subtask of shard 0 depends on the stream,
 * so that many small streams do not all burden the first subtask.
 */
@Internal
final class ShardAssigner {

    private ShardAssigner() {}

    static int subtaskOf(ShardId shard, int parallelism) {
        int first = Math.floorMod(shard.stream().hashCode(), parallelism);
        return (first + shard.number()) % parallelism;
    }
}

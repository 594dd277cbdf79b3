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

package io.v3io.flink.sink;

import org.apache.flink.annotation.PublicEvolving;

import javax.annotation.Nullable;

import java.io.Serializable;

/**
 * Chooses the shard of an element.
 *
 * @param <IN> type of the elements
 */
@PublicEvolving
@FunctionalInterface
public interface ShardIdSelector<IN> extends Serializable {

    /**
     * The id of the shard, 0 to the stream's shard count - 1; null if the platform is to choose. A
     * record for a shard that the stream does not have can never be stored. Called by the task's
     * thread.
     */
    @Nullable
    Integer shardId(IN element);
}

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

package io.v3io.flink.kafka.verify;

import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.topic.CopyReader;

import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

/** The copies of a stream's shards in its topic, as they are at one moment. */
interface Copies {

    /** The difference if the topic ends before what was compared; null if it does not. */
    @Nullable
    Difference shorter(int shard, Verified from);

    /**
     * The copies of a shard after what was compared; to be closed before the next shard is read.
     */
    CopyReader read(int shard, Verified from);

    /** A partition that ends before what was compared. */
    static Difference shorter(TopicPartition partition, long end, long compared, Verified from) {
        return new Difference(
                Difference.Kind.MISSING,
                from.sequenceNumber(),
                end,
                "Partition "
                        + partition
                        + " ends at offset "
                        + end
                        + ", but was compared up to offset "
                        + compared
                        + ": it was deleted and made again, or has lost records.");
    }
}

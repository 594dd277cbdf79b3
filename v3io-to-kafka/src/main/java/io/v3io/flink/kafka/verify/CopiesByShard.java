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
import io.v3io.flink.kafka.topic.PartitionEnd;
import io.v3io.flink.kafka.topic.PartitionReader;
import io.v3io.flink.kafka.topic.TopicFacts;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.time.Duration;

/** Where shard i is partition i. */
final class CopiesByShard implements Copies {

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicFacts topic;

    CopiesByShard(Consumer<byte[], byte[]> consumer, TopicFacts topic) {
        this.consumer = consumer;
        this.topic = topic;
    }

    @Override
    @Nullable
    public Difference shorter(int shard, Verified from) {
        PartitionEnd end = topic.ends().get(shard);
        long offset = end == null ? 0 : end.endOffset();
        return from.offset() > offset
                ? Copies.shorter(partition(shard), offset, from.offset(), from)
                : null;
    }

    @Override
    public CopyReader read(int shard, Verified from) {
        PartitionEnd end = topic.ends().get(shard);
        return end == null
                ? () -> null
                : new PartitionReader(
                        consumer,
                        partition(shard),
                        Math.max(from.offset(), end.beginOffset()),
                        end.endOffset(),
                        LONGEST_SILENCE);
    }

    private TopicPartition partition(int shard) {
        return new TopicPartition(topic.name(), shard);
    }
}

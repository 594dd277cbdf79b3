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

import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.topic.CopyReader;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.PartitionReader;
import io.v3io.flink.kafka.topic.SettledEnds;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where keys decide on partitions: each shard is in all of them, and the topic is read for each.
 */
final class CopiesByKey implements Copies {

    private final KafkaAccess access;
    private final StreamMapping mapping;
    private final CopiedShards copied;
    private final SettledEnds ends;

    /**
     * What is there now.
     *
     * @param copied read before the ends: what it says is copied is there up to them
     */
    CopiesByKey(KafkaAccess access, StreamMapping mapping, CopiedShards copied, SettledEnds ends) {
        this.access = access;
        this.mapping = mapping;
        this.copied = copied;
        this.ends = ends;
    }

    @Override
    @Nullable
    public Difference shorter(int shard, Verified from) {
        if (from.offsets() == null) {
            return null;
        }
        for (Map.Entry<Integer, Long> compared : from.offsets().entrySet()) {
            TopicPartition partition = new TopicPartition(mapping.topic(), compared.getKey());
            long end = ends.end(partition);
            if (compared.getValue() > end) {
                return Copies.shorter(partition, end, compared.getValue(), from);
            }
        }
        return null;
    }

    @Override
    public CopyReader read(int shard, Verified from) {
        List<Consumer<byte[], byte[]>> consumers = new ArrayList<>();
        List<PartitionReader> readers = new ArrayList<>();
        try {
            for (TopicPartition partition : ends.partitions()) {
                Consumer<byte[], byte[]> consumer = access.committedRecords();
                consumers.add(consumer);
                long compared =
                        from.offsets() == null
                                ? 0
                                : from.offsets().getOrDefault(partition.partition(), 0L);
                readers.add(
                        new PartitionReader(
                                consumer,
                                partition,
                                Math.max(compared, ends.begin(partition)),
                                ends.end(partition),
                                ends.longestWait()));
            }
        } catch (RuntimeException e) {
            consumers.forEach(Consumer::close);
            throw e;
        }
        return new ShardCopiesReader(
                mapping.stream(), shard, copied.copied(shard), readers, consumers);
    }
}

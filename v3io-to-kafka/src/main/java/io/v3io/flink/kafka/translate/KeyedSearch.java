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

package io.v3io.flink.kafka.translate;

import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.topic.PartitionReader;
import io.v3io.flink.kafka.topic.SettledEnds;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import java.util.Map;
import java.util.OptionalLong;

/**
 * Finds where a group goes on where keys decide on partitions. Records of several shards lie
 * between each other there, so it reads a partition from its begin to its end.
 */
final class KeyedSearch {

    private final Consumer<byte[], byte[]> consumer;
    private final StreamMapping mapping;
    private final SettledEnds ends;
    private final Map<Integer, OptionalLong> processed;

    /**
     * A search for one group.
     *
     * @param consumer of committed records; gets another assignment
     * @param processed number of the last record of each shard that the group has processed
     */
    KeyedSearch(
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            SettledEnds ends,
            Map<Integer, OptionalLong> processed) {
        this.consumer = consumer;
        this.mapping = mapping;
        this.ends = ends;
        this.processed = processed;
    }

    /**
     * A place from which nothing is left out.
     *
     * @param offset of the first record that the group has not processed, or the end
     * @param again how many records after it the group has processed
     */
    record Place(long offset, long again) {}

    Place find(TopicPartition partition) {
        PartitionReader reader =
                new PartitionReader(
                        consumer,
                        partition,
                        ends.begin(partition),
                        ends.end(partition),
                        ends.longestWait());
        long offset = -1;
        long again = 0;
        for (ConsumerRecord<byte[], byte[]> record = reader.next();
                record != null;
                record = reader.next()) {
            if (!isProcessed(record)) {
                offset = offset < 0 ? record.offset() : offset;
            } else if (offset >= 0) {
                again++;
            }
        }
        consumer.unsubscribe();
        return new Place(offset < 0 ? ends.end(partition) : offset, again);
    }

    private boolean isProcessed(ConsumerRecord<byte[], byte[]> record) {
        Origin origin =
                Origin.of(record)
                        .filter(of -> of.stream().equals(mapping.stream()))
                        .orElseThrow(
                                () ->
                                        new KafkaException(
                                                "The record at offset "
                                                        + record.offset()
                                                        + " of partition "
                                                        + new TopicPartition(
                                                                record.topic(), record.partition())
                                                        + " is not a copy of one of V3IO, so positions in it mean"
                                                        + " nothing. Run verify."));
        return origin.sequenceNumber()
                <= processed.getOrDefault(origin.shard(), OptionalLong.empty()).orElse(0);
    }
}

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
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.topic.PartitionReader;
import io.v3io.flink.kafka.topic.SettledEnds;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Finds where a group goes on where keys decide on partitions. Records of several shards lie
 * between each other there, so it reads a partition from its begin to its end.
 */
final class KeyedSearch {

    private final Consumer<byte[], byte[]> consumer;
    private final StreamMapping mapping;
    private final SettledEnds ends;
    private final Map<Integer, Long> processed = new HashMap<>();
    private final Map<Integer, Long> copied = new HashMap<>();

    /** How many records of each shard that the group has not processed are there. */
    private final Map<Integer, Long> left = new HashMap<>();

    /** Shards of which retention may have removed records that the group has not processed. */
    private final Set<Integer> shortened = new TreeSet<>();

    /**
     * A search for one group.
     *
     * @param consumer of committed records; gets another assignment
     * @param processed number of the last record of each shard that the group has processed
     * @param copied how far each shard was copied when the ends were looked at
     */
    KeyedSearch(
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            SettledEnds ends,
            Map<Integer, OptionalLong> processed,
            CopiedShards copied) {
        this.consumer = consumer;
        this.mapping = mapping;
        this.ends = ends;
        processed.forEach(
                (shard, number) -> {
                    this.processed.put(shard, number.orElse(0));
                    this.copied.put(shard, copied.copied(shard));
                });
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
        Map<Integer, Long> first = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record = reader.next();
                record != null;
                record = reader.next()) {
            Origin origin = origin(record);
            first.putIfAbsent(origin.shard(), origin.sequenceNumber());
            if (origin.sequenceNumber() > processed(origin.shard())) {
                offset = offset < 0 ? record.offset() : offset;
                if (origin.sequenceNumber() <= copied.getOrDefault(origin.shard(), 0L)) {
                    left.merge(origin.shard(), 1L, Long::sum);
                }
            } else if (offset >= 0) {
                again++;
            }
        }
        consumer.unsubscribe();
        if (ends.begin(partition) > 0) {
            processed.forEach(
                    (shard, number) -> {
                        if (first.getOrDefault(shard, Long.MAX_VALUE) > number + 1) {
                            shortened.add(shard);
                        }
                    });
        }
        return new Place(offset < 0 ? ends.end(partition) : offset, again);
    }

    /**
     * By shard, the most records that the group has not processed and whose copies Kafka's
     * retention has removed. Numbers that the platform never gave to a record count, too. Known
     * when all partitions were searched.
     */
    Map<Integer, Long> removed() {
        Map<Integer, Long> removed = new TreeMap<>();
        for (int shard : shortened) {
            long missing = copied.get(shard) - processed(shard) - left.getOrDefault(shard, 0L);
            if (missing > 0) {
                removed.put(shard, missing);
            }
        }
        return removed;
    }

    private long processed(int shard) {
        return processed.getOrDefault(shard, 0L);
    }

    private Origin origin(ConsumerRecord<byte[], byte[]> record) {
        return Origin.of(record)
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
    }
}

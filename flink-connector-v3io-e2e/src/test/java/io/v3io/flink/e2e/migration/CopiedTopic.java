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

package io.v3io.flink.e2e.migration;

import io.v3io.flink.kafka.testing.KafkaBroker;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

/** What readers of committed records get from a topic. */
final class CopiedTopic {

    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private CopiedTopic() {}

    /** All records, by partition, in the order of their offsets. */
    static SortedMap<Integer, List<ConsumerRecord<byte[], byte[]>>> all(
            KafkaBroker broker, String topic) {
        try (Consumer<byte[], byte[]> consumer = consumer(broker, Map.of())) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            return toEnd(consumer, partitions);
        }
    }

    /**
     * What a consumer of a group gets, which subscribes to the topic, goes on where the group has
     * committed, and nowhere else. It commits nothing.
     */
    static SortedMap<Integer, List<ConsumerRecord<byte[], byte[]>>> ofGroup(
            KafkaBroker broker, String topic, String group) {
        try (Consumer<byte[], byte[]> consumer =
                consumer(
                        broker,
                        Map.of(
                                "group.id",
                                group,
                                "auto.offset.reset",
                                "none",
                                "enable.auto.commit",
                                "false"))) {
            List<TopicPartition> partitions = partitions(consumer, topic);
            consumer.subscribe(List.of(topic));
            return toEnd(consumer, partitions);
        }
    }

    private static Consumer<byte[], byte[]> consumer(KafkaBroker broker, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(more);
        properties.put("bootstrap.servers", broker.address());
        properties.put("isolation.level", "read_committed");
        return new KafkaConsumer<>(
                properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static List<TopicPartition> partitions(
            Consumer<byte[], byte[]> consumer, String topic) {
        return IntStream.range(0, consumer.partitionsFor(topic).size())
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    private static SortedMap<Integer, List<ConsumerRecord<byte[], byte[]>>> toEnd(
            Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        SortedMap<Integer, List<ConsumerRecord<byte[], byte[]>>> all = new TreeMap<>();
        partitions.forEach(partition -> all.put(partition.partition(), new ArrayList<>()));
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (!consumer.assignment().containsAll(partitions)
                || ends.entrySet().stream()
                        .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            assertThat(System.nanoTime()).as("time to read %s", ends).isLessThan(deadline);
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                all.get(record.partition()).add(record);
            }
        }
        return all;
    }
}

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

package io.v3io.flink.kafka.testing;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A consumer of a group that goes on where the group is, and ends at the end of the topic: {@code
 * BROKER TOPIC GROUP}.
 */
final class LocalConsumer {

    private static final Duration POLL = Duration.ofMillis(200);

    private LocalConsumer() {}

    public static void main(String[] args) {
        if (args.length != 3) {
            System.err.println("Usage: local-consumer BROKER TOPIC GROUP");
            System.exit(2);
        }
        Map<String, Object> properties =
                Map.of(
                        "bootstrap.servers",
                        args[0],
                        "group.id",
                        args[2],
                        "isolation.level",
                        "read_committed",
                        "auto.offset.reset",
                        "none");
        SortedMap<Integer, ConsumerRecord<String, String>> first = new TreeMap<>();
        SortedMap<Integer, Integer> counts = new TreeMap<>();
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new StringDeserializer())) {
            Set<TopicPartition> partitions = new HashSet<>();
            consumer.partitionsFor(args[1])
                    .forEach(
                            info ->
                                    partitions.add(
                                            new TopicPartition(info.topic(), info.partition())));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.subscribe(List.of(args[1]));
            while (!consumer.assignment().containsAll(partitions)
                    || partitions.stream()
                            .anyMatch(
                                    partition ->
                                            consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    first.putIfAbsent(record.partition(), record);
                    counts.merge(record.partition(), 1, Integer::sum);
                }
            }
            consumer.commitSync();
        }
        first.forEach(
                (partition, record) ->
                        System.out.println(
                                "partition "
                                        + partition
                                        + ": "
                                        + counts.get(partition)
                                        + " records, the first one at offset "
                                        + record.offset()
                                        + " is "
                                        + record.value()
                                        + " of "
                                        + record.key()));
    }
}

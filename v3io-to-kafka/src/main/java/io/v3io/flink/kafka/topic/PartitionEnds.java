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

package io.v3io.flink.kafka.topic;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the last committed record of partitions. */
public final class PartitionEnds {

    /** Markers of transactions and records of aborted ones take offsets, too. */
    private static final long FIRST_STEP_BACK = 16;

    private static final int FURTHER_BACK = 16;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Long> begins;
    private final Map<TopicPartition, Long> ends;
    private final Map<TopicPartition, ConsumerRecord<byte[], byte[]>> last = new HashMap<>();

    private PartitionEnds(
            Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        this.consumer = consumer;
        begins = consumer.beginningOffsets(partitions);
        ends = consumer.endOffsets(partitions);
    }

    /**
     * The ends of partitions.
     *
     * @param consumer of committed records; gets another assignment
     */
    public static Map<TopicPartition, PartitionEnd> read(
            Consumer<byte[], byte[]> consumer, Collection<TopicPartition> partitions) {
        PartitionEnds reading = new PartitionEnds(consumer, partitions);
        reading.search();
        Map<TopicPartition, PartitionEnd> found = new HashMap<>();
        for (TopicPartition partition : partitions) {
            found.put(
                    partition,
                    new PartitionEnd(
                            reading.begins.get(partition),
                            reading.ends.get(partition),
                            reading.last.get(partition)));
        }
        return found;
    }

    private void search() {
        Map<TopicPartition, Long> from = new HashMap<>();
        ends.forEach(
                (partition, end) -> {
                    if (end > begins.get(partition)) {
                        from.put(partition, Math.max(begins.get(partition), end - FIRST_STEP_BACK));
                    }
                });
        long step = FIRST_STEP_BACK;
        while (!from.isEmpty()) {
            readFrom(from);
            step *= FURTHER_BACK;
            Map<TopicPartition, Long> next = new HashMap<>();
            for (Map.Entry<TopicPartition, Long> searched : from.entrySet()) {
                TopicPartition partition = searched.getKey();
                long begin = begins.get(partition);
                if (!last.containsKey(partition) && searched.getValue() > begin) {
                    next.put(partition, Math.max(begin, ends.get(partition) - step));
                }
            }
            from.clear();
            from.putAll(next);
        }
    }

    private void readFrom(Map<TopicPartition, Long> from) {
        consumer.assign(from.keySet());
        from.forEach(consumer::seek);
        Set<TopicPartition> open = new HashSet<>(from.keySet());
        long silentSince = System.nanoTime();
        while (!open.isEmpty()) {
            var records = consumer.poll(POLL);
            for (TopicPartition partition : records.partitions()) {
                List<ConsumerRecord<byte[], byte[]>> read = records.records(partition);
                for (ConsumerRecord<byte[], byte[]> record : read) {
                    if (record.offset() < ends.get(partition)) {
                        last.put(partition, record);
                    }
                }
            }
            if (open.removeIf(partition -> consumer.position(partition) >= ends.get(partition))
                    || !records.isEmpty()) {
                silentSince = System.nanoTime();
                consumer.pause(
                        from.keySet().stream()
                                .filter(partition -> !open.contains(partition))
                                .toList());
            } else if (System.nanoTime() - silentSince > LONGEST_SILENCE.toNanos()) {
                throw new KafkaException(
                        "The end of "
                                + open
                                + " could not be read: nothing came for 60 s. Wanted are offsets from "
                                + from
                                + " up to "
                                + ends
                                + ", and reading stands at "
                                + open.stream().map(consumer::position).toList()
                                + ".");
            }
        }
        // Or they would stay paused for whoever reads next.
        consumer.unsubscribe();
    }
}

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

package io.v3io.flink.kafka.state;

import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The compacted topic with the state of mirrors. Its first partition holds what is written in
 * transactions together with records, its second one everything else: so an open transaction hides
 * nothing but positions.
 */
public final class StateTopic {

    private static final int PARTITIONS = 2;
    private static final Duration POLL = Duration.ofMillis(200);

    /** For a topic in which nothing is open. */
    private static final Duration LONGEST_READ = Duration.ofMinutes(3);

    /** After the broker should have ended a transaction. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private final KafkaAccess access;
    private final TopicPartition positions;
    private final TopicPartition others;

    /** The topic that the settings name. */
    public StateTopic(KafkaAccess access) {
        this.access = access;
        String name = access.settings().stateTopic();
        positions = new TopicPartition(name, 0);
        others = new TopicPartition(name, 1);
    }

    public String name() {
        return positions.topic();
    }

    /**
     * Why the topic that is there cannot be used; empty if it can, or if there is none.
     *
     * @param partitions how many it has
     * @param cleanupPolicy its setting
     */
    public static Optional<String> refuse(int partitions, String cleanupPolicy) {
        if (partitions != PARTITIONS) {
            return Optional.of("it has " + partitions + " partitions and needs " + PARTITIONS);
        }
        return cleanupPolicy.equals("compact")
                ? Optional.empty()
                : Optional.of(
                        "its cleanup.policy is '" + cleanupPolicy + "' and must be 'compact'");
    }

    /** Makes the topic unless it is there. */
    public void create(Admin admin) throws InterruptedException {
        NewTopic topic =
                new NewTopic(
                        name(),
                        Optional.of(PARTITIONS),
                        Optional.of(access.settings().replicationFactor()).filter(n -> n > 0));
        topic.configs(Map.of("cleanup.policy", "compact", "segment.ms", "3600000"));
        try {
            KafkaAccess.get(admin.createTopics(List.of(topic)).all());
        } catch (TopicExistsException e) {
            // As it should be.
        }
    }

    /** All that is committed now; empty if there is no such topic. */
    public StateSnapshot read() {
        try (Consumer<byte[], byte[]> consumer = access.committedRecords()) {
            if (!exists(consumer)) {
                return StateSnapshot.empty();
            }
            return read(consumer, consumer.endOffsets(List.of(positions, others)), LONGEST_READ);
        }
    }

    /**
     * All that is committed once every transaction that is open now has ended. Blocks for as long;
     * none of them may be the caller's own.
     *
     * @param transactionTimeout after which the broker ends a transaction of a process that has
     *     died
     */
    public StateSnapshot readSettled(Duration transactionTimeout) {
        try (Consumer<byte[], byte[]> all = access.allRecords();
                Consumer<byte[], byte[]> consumer = access.committedRecords()) {
            if (!exists(consumer)) {
                return StateSnapshot.empty();
            }
            return read(
                    consumer,
                    all.endOffsets(List.of(positions, others)),
                    longestWait(transactionTimeout));
        }
    }

    /**
     * Waits for somebody to write under a key.
     *
     * @return whether anybody has, within this time
     */
    public boolean isWritten(String key, Duration within) {
        try (Consumer<byte[], byte[]> consumer = access.committedRecords()) {
            consumer.assign(List.of(others));
            consumer.seekToEnd(List.of(others));
            long end = System.nanoTime() + within.toNanos();
            // The end of the partition is found by this.
            long unused = consumer.position(others);
            while (System.nanoTime() < end) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (new String(record.key(), UTF_8).equals(key)) {
                        return true;
                    }
                }
            }
            return false;
        }
    }

    private boolean exists(Consumer<byte[], byte[]> consumer) {
        try {
            List<PartitionInfo> found = consumer.partitionsFor(name());
            return found != null && found.size() >= PARTITIONS;
        } catch (UnknownTopicOrPartitionException e) {
            return false;
        }
    }

    /** Longer than a transaction of a process that has died stays open. */
    static Duration longestWait(Duration transactionTimeout) {
        Duration longest = transactionTimeout.plus(MARGIN);
        return longest.compareTo(LONGEST_READ) > 0 ? longest : LONGEST_READ;
    }

    private StateSnapshot read(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends, Duration longest) {
        Map<String, byte[]> values = new HashMap<>();
        consumer.assign(ends.keySet());
        consumer.seekToBeginning(ends.keySet());
        long start = System.nanoTime();
        while (ends.entrySet().stream()
                .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                String key = new String(record.key(), UTF_8);
                if (record.value() == null) {
                    values.remove(key);
                } else {
                    values.put(key, record.value());
                }
            }
            if (System.nanoTime() - start > longest.toNanos()) {
                throw new KafkaException(
                        "The state topic "
                                + name()
                                + " could not be read to its end within "
                                + longest.toSeconds()
                                + " s. A transaction may hang in it: see"
                                + " 'kafka-transactions.sh find-hanging'.");
            }
        }
        return new StateSnapshot(values);
    }

    /** A position, to be sent in the transaction that holds its records. */
    public ProducerRecord<byte[], byte[]> record(TopicPartition partition, Position position) {
        return new ProducerRecord<>(
                name(),
                positions.partition(),
                StateKeys.position(partition).getBytes(UTF_8),
                StateSnapshot.encode(position));
    }

    /** A value, to be sent without a transaction. */
    public ProducerRecord<byte[], byte[]> record(String key, Object value) {
        return new ProducerRecord<>(
                name(), others.partition(), key.getBytes(UTF_8), StateSnapshot.encode(value));
    }

    /** Writes a value, and waits until it is stored. */
    public void write(String key, Object value) throws InterruptedException {
        write(Map.of(key, value));
    }

    /** Writes values, and waits until they are stored. */
    public void write(Map<String, ?> values) throws InterruptedException {
        try (Producer<byte[], byte[]> producer = access.producer(Map.of())) {
            var sent =
                    values.entrySet().stream()
                            .map(entry -> producer.send(record(entry.getKey(), entry.getValue())))
                            .toList();
            for (var one : sent) {
                try {
                    var unused = one.get();
                } catch (ExecutionException e) {
                    throw new KafkaException(
                            "The state topic " + name() + " could not be written.", e.getCause());
                }
            }
        }
    }
}

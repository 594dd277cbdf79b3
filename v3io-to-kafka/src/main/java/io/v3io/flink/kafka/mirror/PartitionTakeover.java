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

package io.v3io.flink.kafka.mirror;

import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.state.KeyedTopic;
import io.v3io.flink.kafka.state.Position;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.PartitionEnd;
import io.v3io.flink.kafka.topic.PartitionEnds;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidPartitionsException;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes this process the only one that copies a shard, and finds out how far it was copied: what
 * its partition ends with. Where keys decide on partitions, which hold records of many shards, the
 * state says it, which is written in the same transactions.
 */
final class PartitionTakeover {

    /** What transactional ids begin with. */
    static final String TRANSACTIONAL_IDS = "v3io-to-kafka.";

    private static final int SMALLEST_BUFFER = 8 * 1_024 * 1_024;
    private static final int LARGEST_REQUEST = 4 * 1_024 * 1_024;
    private static final int BATCH = 256 * 1_024;

    private final KafkaAccess access;
    private final StateTopic state;
    private final MirrorSpec spec;
    private final GapCheck gapCheck;
    private final StateSnapshot stateAtStart;

    PartitionTakeover(KafkaAccess access, StateTopic state, MirrorSpec spec) {
        this.access = access;
        this.state = state;
        this.spec = spec;
        gapCheck = new GapCheck(spec);
        stateAtStart = state.read();
    }

    /** The state as it was before anything was taken over. */
    StateSnapshot stateAtStart() {
        return stateAtStart;
    }

    ShardProducer takeOver(TopicPartition partition, RecordFormat format)
            throws InterruptedException {
        KeyedTopic keyed = spec.keyed().get(partition.topic());
        if (keyed == null) {
            addPartitions(partition);
        } else {
            checkUnchanged(partition.topic(), keyed);
        }
        Producer<byte[], byte[]> producer = access.producer(properties(partition));
        try {
            // Fences whoever has written before, and ends its transaction.
            producer.initTransactions();
            Position copied =
                    keyed == null
                            ? end(partition)
                            : state.readSettled(spec.config().job().transactionTimeout())
                                    .get(StateKeys.position(partition), Position.class)
                                    .orElse(null);
            return new ShardProducer(partition, format, state, producer, copied, gapCheck);
        } catch (RuntimeException e) {
            producer.close(Duration.ZERO);
            throw e;
        }
    }

    /** Made of topic and partition only: whoever writes there has it, whatever mirror it is. */
    static String transactionalId(TopicPartition partition) {
        return TRANSACTIONAL_IDS + partition;
    }

    private Map<String, Object> properties(TopicPartition partition) {
        Map<String, Object> properties = new HashMap<>();
        properties.put("transactional.id", transactionalId(partition));
        properties.put(
                "transaction.timeout.ms",
                String.valueOf(spec.config().job().transactionTimeout().toMillis()));
        properties.put("max.request.size", LARGEST_REQUEST);
        properties.put("buffer.memory", SMALLEST_BUFFER);
        properties.put("max.block.ms", "120000");
        Map<String, Object> users = spec.config().kafka().clientProperties();
        if (!users.containsKey("batch.size")) {
            properties.put("batch.size", BATCH);
        }
        if (!users.containsKey("linger.ms")) {
            properties.put("linger.ms", "20");
        }
        return properties;
    }

    /** A shard may be younger than the topic's latest partition. */
    private void addPartitions(TopicPartition partition) throws InterruptedException {
        int needed = partition.partition() + 1;
        try (Admin admin = access.admin()) {
            if (partitions(admin, partition.topic()) >= needed) {
                return;
            }
            try {
                KafkaAccess.get(
                        admin.createPartitions(
                                        Map.of(partition.topic(), NewPartitions.increaseTo(needed)))
                                .all());
            } catch (InvalidPartitionsException e) {
                // Another subtask may have been faster, for this shard or a younger one.
                if (partitions(admin, partition.topic()) < needed) {
                    throw e;
                }
            }
        }
    }

    /** Keys would move with another number of partitions. */
    private void checkUnchanged(String topic, KeyedTopic keyed) throws InterruptedException {
        try (Admin admin = access.admin()) {
            TopicDescription now = describe(admin, topic);
            KeyedTopic found = new KeyedTopic(now.topicId().toString(), now.partitions().size());
            if (!found.equals(keyed)) {
                throw new MirrorException(
                        "Topic "
                                + topic
                                + " is not as it was when its mirror began: it had "
                                + keyed.partitions()
                                + " partitions and has "
                                + found.partitions()
                                + " now, or was deleted and made again. Mirror into a new topic.");
            }
        }
    }

    private static int partitions(Admin admin, String topic) throws InterruptedException {
        return describe(admin, topic).partitions().size();
    }

    private static TopicDescription describe(Admin admin, String topic)
            throws InterruptedException {
        return KafkaAccess.get(admin.describeTopics(List.of(topic)).topicNameValues().get(topic));
    }

    @Nullable
    private Position end(TopicPartition partition) {
        PartitionEnd end;
        try (Consumer<byte[], byte[]> consumer = access.committedRecords();
                Consumer<byte[], byte[]> all = access.allRecords()) {
            end = PartitionEnds.read(consumer, List.of(partition)).get(partition);
            long written = all.endOffsets(List.of(partition)).get(partition);
            if (written > end.endOffset()) {
                // Flink tries again: the transaction may have been ending.
                throw new KafkaException(
                        "Somebody else writes to partition "
                                + partition
                                + ": a transaction is open in it that is not the mirror's. Stop that writer, and mirror into"
                                + " a topic that nobody else writes to.");
            }
        }
        @Nullable
        Position known =
                stateAtStart.get(StateKeys.position(partition), Position.class).orElse(null);
        if (end.last() == null) {
            return end.isEmptied() ? settled(partition) : nothingCopied(partition, known);
        }
        String stream = stream(partition.topic());
        Origin origin =
                end.origin()
                        .filter(found -> found.stream().equals(stream))
                        .filter(found -> found.shard() == partition.partition())
                        .orElseThrow(
                                () ->
                                        new MirrorException(
                                                "The last record of partition "
                                                        + partition
                                                        + ", at offset "
                                                        + end.last().offset()
                                                        + ", is not a copy of one of shard "
                                                        + partition.partition()
                                                        + " of stream "
                                                        + stream
                                                        + ". Nobody else may write to the topic; mirror into a new one."));
        if (known != null && known.sequenceNumber() > origin.sequenceNumber()) {
            throw shorter(partition, known, "ends with record " + origin.sequenceNumber());
        }
        return new Position(origin.sequenceNumber(), origin.arrivalTimeNanos());
    }

    /** Retention of the topic has removed all records: only the state knows the last one. */
    private Position settled(TopicPartition partition) {
        return state.readSettled(spec.config().job().transactionTimeout())
                .get(StateKeys.position(partition), Position.class)
                .orElseThrow(
                        () ->
                                new MirrorException(
                                        "All records of partition "
                                                + partition
                                                + " were removed, and the state topic "
                                                + state.name()
                                                + " does not know which one was the last. Mirror into a new topic."));
    }

    @Nullable
    private static Position nothingCopied(TopicPartition partition, @Nullable Position known) {
        if (known != null) {
            throw shorter(partition, known, "has never had a record");
        }
        return null;
    }

    private static MirrorException shorter(TopicPartition partition, Position known, String found) {
        return new MirrorException(
                "Records that were copied are gone: partition "
                        + partition
                        + " "
                        + found
                        + ", but record "
                        + known.sequenceNumber()
                        + " was committed to it. The topic was deleted and made again, or a broker has lost records."
                        + " Mirror into a new topic.");
    }

    private String stream(String topic) {
        return spec.config().streams().stream()
                .filter(mapping -> mapping.topic().equals(topic))
                .findFirst()
                .orElseThrow()
                .stream();
    }
}

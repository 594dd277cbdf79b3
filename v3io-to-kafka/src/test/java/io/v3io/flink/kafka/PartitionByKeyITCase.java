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

package io.v3io.flink.kafka;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.mirror.Mirror;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.testing.CommandRun;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.testing.SharedBroker;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** A mirror whose keys decide on partitions. */
@Timeout(180)
class PartitionByKeyITCase {

    private static final int SHARDS = 3;
    private static final int PARTITIONS = 4;

    private Migration migration;
    private String kafkaGroup;
    private String yaml;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start().createStream(SHARDS);
        kafkaGroup = SharedBroker.newName("billing");
        yaml =
                migration.yaml()
                        + "    partition-by: key\n    groups:\n      billing: "
                        + kafkaGroup
                        + "\n";
        migration.createTopic(
                PARTITIONS, Map.of("max.message.bytes", "3000000", "retention.ms", "-1"));
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private CommandRun run(String... command) throws Exception {
        return CommandLines.run(yaml, command);
    }

    private void mirror() throws Exception {
        CommandRun run = run("mirror", "--until-end");
        assertThat(run.code()).as(run.out() + run.err()).isZero();
    }

    private void put(int from, int count) {
        for (int shard = 0; shard < SHARDS; shard++) {
            migration.put(shard, shard + "-", from, count);
        }
    }

    /** Every record once, where Kafka's producer puts its key, and in the order of its shard. */
    private void assertIsCopy() throws Exception {
        Map<String, StreamRecord> wanted = new HashMap<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            for (StreamRecord record : migration.records(shard)) {
                wanted.put(shard + "/" + record.sequenceNumber(), record);
            }
        }
        Set<String> seen = new HashSet<>();
        Map<String, Integer> partitions = partitionsOfKeys();
        List<List<ConsumerRecord<byte[], byte[]>>> all = migration.committed();
        for (int partition = 0; partition < all.size(); partition++) {
            Map<Integer, Long> last = new HashMap<>();
            for (ConsumerRecord<byte[], byte[]> here : all.get(partition)) {
                Origin origin = Origin.of(here).orElseThrow();
                String place = origin.shard() + "/" + origin.sequenceNumber();
                StreamRecord there = wanted.get(place);
                assertThat(seen.add(place)).as(place + " once").isTrue();
                assertThat(here.value()).isEqualTo(there.data());
                assertThat(origin.sequenceNumber())
                        .isGreaterThan(last.getOrDefault(origin.shard(), 0L));
                last.put(origin.shard(), origin.sequenceNumber());
                assertThat(partition)
                        .as(place)
                        .isEqualTo(
                                here.key() == null
                                        ? origin.shard() % PARTITIONS
                                        : partitions.get(new String(here.key(), UTF_8)));
            }
        }
        assertThat(seen).isEqualTo(wanted.keySet());
    }

    /** Where an ordinary producer puts the keys of the records. */
    private Map<String, Integer> partitionsOfKeys() throws Exception {
        String topic = SharedBroker.newName("keys");
        Map<String, Integer> partitions = new HashMap<>();
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Admin admin = access.admin();
                Producer<byte[], byte[]> producer = access.producer(Map.of())) {
            var unused =
                    admin.createTopics(List.of(new NewTopic(topic, PARTITIONS, (short) 1)))
                            .all()
                            .get();
            for (int i = 0; i < 5; i++) {
                String key = "key-" + i;
                RecordMetadata sent =
                        producer.send(new ProducerRecord<>(topic, key.getBytes(UTF_8), new byte[0]))
                                .get();
                partitions.put(key, sent.partition());
            }
        }
        return partitions;
    }

    @Test
    void everyRecordGoesToThePartitionOfItsKeyOnceAndARestartGoesOn() throws Exception {
        put(0, 200);
        assertThat(run("plan").out()).contains("is used as it is, by key");
        mirror();
        assertIsCopy();
        assertThat(run("status", "--caught-up").code()).isZero();
        CommandRun verified = run("verify");
        assertThat(verified.code()).as(verified.out()).isZero();

        put(200, 50);
        assertThat(run("status", "--caught-up").code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(run("verify", "--final").out())
                .contains("NOT_COPIED in shard 0")
                .contains("is not in the topic yet, which ends with record 200.");
        mirror();
        assertIsCopy();

        CommandRun equal = run("verify", "--final");
        assertThat(equal.code()).as(equal.out()).isZero();
        assertThat(equal.out()).contains("Both sides are equal, to the last record.");
        assertThat(run("verify", "--final", "--from-start").code()).isZero();
    }

    @Test
    void aRunThatDiesIsGoneOnWithByTheNextOne() throws Exception {
        MigrationConfig config = ConfigFile.parse(yaml);
        put(0, 100);
        JobClient first = start(new Mirror(config));
        for (int i = 1; i < 30; i++) {
            put(i * 100, 100);
        }
        Awaitility.await("some are copied")
                .atMost(Duration.ofMinutes(1))
                .until(() -> migration.committedOffsets() > 300);
        // In the middle of its transactions, and without a word to the state.
        first.cancel().get();
        mirror();

        assertIsCopy();
        assertThat(run("verify", "--final").code()).isZero();
    }

    private static JobClient start(Mirror mirror) throws Exception {
        assertThat(mirror.prepare()).isEmpty();
        return mirror.start(StreamExecutionEnvironment.createLocalEnvironment(2), false);
    }

    private void processed(int shard, long number) {
        migration
                .client()
                .commitSequenceNumber(Migration.STREAM.shard(shard), "billing", number)
                .join();
    }

    /** What a member of the group gets. */
    private Set<String> rest() throws Exception {
        Set<String> rest = new HashSet<>();
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Admin admin = access.admin()) {
            Map<TopicPartition, OffsetAndMetadata> offsets =
                    admin.listConsumerGroupOffsets(kafkaGroup)
                            .partitionsToOffsetAndMetadata()
                            .get();
            assertThat(offsets).hasSize(PARTITIONS);
            for (List<ConsumerRecord<byte[], byte[]>> partition : migration.committed()) {
                for (ConsumerRecord<byte[], byte[]> record : partition) {
                    if (record.offset()
                            >= offsets.get(migration.partition(record.partition())).offset()) {
                        rest.add(new String(record.value(), UTF_8));
                    }
                }
            }
        }
        return rest;
    }

    @Test
    void aPositionIsTranslatedSoThatNothingIsLeftOutAndExactlyAtTheEnd() throws Exception {
        // What is processed lies after what is not.
        migration.put(2, "2-", 0, 60);
        mirror();
        migration.put(0, "0-", 0, 60);
        migration.put(1, "1-", 0, 60);
        mirror();
        processed(0, 60);
        processed(1, 20);

        CommandRun middle = run("translate", "--commit");
        assertThat(middle.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(middle.out())
                .contains("is partitioned by key")
                .contains("records again, and leave out none")
                .contains("--force does it.")
                .contains("nothing is committed.");
        assertThat(run("translate", "--commit", "--force").code()).isZero();
        List<String> unprocessed = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            unprocessed.add("2-" + i);
            if (i >= 20) {
                unprocessed.add("1-" + i);
            }
        }
        assertThat(rest()).containsAll(unprocessed);

        processed(1, 60);
        processed(2, 60);
        CommandRun end = run("translate", "--commit");
        assertThat(end.code()).as(end.out()).isZero();
        assertThat(rest()).isEmpty();

        put(60, 1);
        processed(2, 61);
        assertThat(run("translate", "--commit").out())
                .contains("Record 61 of shard 2 is not copied yet: the copy in topic");
        mirror();
        processed(0, 61);
        processed(1, 61);
        assertThat(run("translate", "--commit").code()).isZero();
        assertThat(rest()).isEmpty();
    }

    @Test
    void aTopicThatIsNotAsItWasIsRefused() throws Exception {
        put(0, 10);
        mirror();

        String other = yaml.replace("partition-by: key", "partition-by: shard");
        for (String command : List.of("status", "verify", "translate")) {
            CommandRun wrong = CommandLines.run(other, command);
            assertThat(wrong.code()).as(command).isEqualTo(ExitCode.REFUSED);
            assertThat(wrong.out() + wrong.err()).contains("'partition-by: key'");
        }
        CommandRun byShard =
                CommandLines.run(
                        yaml.replace("partition-by: key", "partition-by: shard"), "mirror");
        assertThat(byShard.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(byShard.out()).contains("PARTITIONING").contains("'partition-by: key'");

        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Admin admin = access.admin()) {
            var unused =
                    admin.createPartitions(Map.of(migration.topic(), NewPartitions.increaseTo(5)))
                            .all()
                            .get();
        }
        CommandRun more = run("mirror", "--until-end");
        assertThat(more.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(more.out()).contains("PARTITIONING").contains("had 4 partitions");

        migration.deleteTopic();
        assertIsLost("was deleted.");
        migration.createTopic(
                PARTITIONS, Map.of("max.message.bytes", "3000000", "retention.ms", "-1"));
        assertIsLost("was deleted and made again");
        CommandRun again = run("mirror", "--until-end");
        assertThat(again.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(again.out()).contains("COPY_LOST").contains("was deleted and made again");
    }

    @Test
    void recordsOfOthersAreRefusedAndEachDifferenceIsNamed() throws Exception {
        put(0, 10);
        mirror();
        StreamRecord newest = migration.records(0).get(9);
        RecordFormat format = new RecordFormat(ConfigFile.parse(yaml).streams().get(0), PARTITIONS);
        ProducerRecord<byte[], byte[]> copy = format.toKafka(new ShardRecord(0, newest));

        send(copy, copy.partition());
        assertThat(run("verify").out()).contains("OUT_OF_ORDER in shard 0").contains("Record 10 ");
        put(10, 1);
        StreamRecord next = migration.records(0).get(10);
        ProducerRecord<byte[], byte[]> its = format.toKafka(new ShardRecord(0, next));
        send(its, (its.partition() + 1) % PARTITIONS);
        CommandRun refused = run("mirror", "--until-end");
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.out())
                .contains("FOREIGN_RECORDS")
                .contains("that this mirror has not copied as far as the state topic knows");
    }

    @Test
    void aRecordInAnotherPartitionThanThatOfItsKeyIsNamed() throws Exception {
        mirror();
        put(0, 1);
        StreamRecord first = migration.records(1).get(0);
        RecordFormat format = new RecordFormat(ConfigFile.parse(yaml).streams().get(0), PARTITIONS);
        ProducerRecord<byte[], byte[]> its = format.toKafka(new ShardRecord(0, first));
        send(its, (its.partition() + 1) % PARTITIONS);
        migration.noteCopied(1, 1);

        assertThat(run("verify").out())
                .contains("CHANGED in shard 1")
                .contains("is not in the partition of its key");
    }

    private void send(ProducerRecord<byte[], byte[]> record, int partition) throws Exception {
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Producer<byte[], byte[]> producer = access.producer(Map.of())) {
            var unused =
                    producer.send(
                                    new ProducerRecord<>(
                                            record.topic(),
                                            partition,
                                            record.timestamp(),
                                            record.key(),
                                            record.value(),
                                            record.headers()))
                            .get();
        }
    }

    /** What the state says stands for no topic but the one that was copied into. */
    private void assertIsLost(String why) throws Exception {
        for (int shard = 0; shard < SHARDS; shard++) {
            migration.emulator().trimShard(Migration.STREAM.toString(), shard, 11);
        }
        CommandRun verified = run("verify", "--final");
        assertThat(verified.code()).as(verified.out()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(verified.out()).contains("MISSING in shard 0").contains(why);
        CommandRun status = run("status", "--caught-up");
        assertThat(status.code()).as(status.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(status.err()).contains(why);
    }

    @Test
    void aStreamThatWasCreatedAgainIsNotTheOneThatWasCopied() throws Exception {
        put(0, 10);
        mirror();
        assertThat(run("verify", "--final").code()).isZero();

        migration.createStreamAgain(SHARDS);
        put(0, 4);

        assertThat(run("verify", "--final").out())
                .contains("shard 2 was copied up to record 10, but the newest record there is 4");
        assertThat(run("status", "--caught-up").code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(run("translate").code()).isEqualTo(ExitCode.REFUSED);
    }

    @Test
    void whatRetentionTookBeforeAGroupProcessedItIsRefused() throws Exception {
        put(0, 60);
        mirror();
        processed(0, 60);
        processed(1, 20);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            migration.emptyPartition(partition);
        }

        CommandRun run = run("translate", "--commit");
        assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out())
                .contains("removed up to 40 records of shard 1 from topic " + migration.topic())
                .contains(
                        "they come after record 20, and it would never get them. --force does it.")
                .contains("has committed nothing in shard 2: it begins with the oldest record")
                .doesNotContain("of shard 0 from topic");
        assertThat(run("translate", "--commit", "--force").code()).isZero();

        processed(1, 60);
        CommandRun all = run("translate", "--commit");
        assertThat(all.code()).as(all.out()).isZero();
    }
}

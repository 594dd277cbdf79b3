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

package io.v3io.flink.kafka.plan;

import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.plan.Refusal.Code;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.TopicOwner;
import io.v3io.flink.kafka.testing.KafkaBroker;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.testing.SharedBroker;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** What stands in the way of a mirror is known, and said, before anything is written. */
@Timeout(120)
class PlannerITCase {

    /** What a mirror would give the topic of the stream. */
    private static final Map<String, String> FITTING =
            Map.of("max.message.bytes", "3000000", "retention.ms", "-1");

    private Migration migration;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start();
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private static Plan plan(MigrationConfig config) throws Exception {
        return new Planner(config, InstantSource.system()).plan();
    }

    private void assertRefused(Code code, String message) throws Exception {
        assertThat(plan(migration.config()).refusals())
                .singleElement()
                .satisfies(
                        refusal -> {
                            assertThat(refusal.code()).isEqualTo(code);
                            assertThat(refusal.message()).contains(message);
                        });
    }

    @Test
    void aNewTopicGetsAPartitionForEachShardAndWhatTheRecordsNeed() throws Exception {
        migration.createStream(3).put(1, "r", 0, 5);

        Plan plan = plan(migration.config());

        assertThat(plan.refusals()).isEmpty();
        StreamPlan stream = plan.streams().get(0);
        assertThat(stream.partitions()).isEqualTo(3);
        assertThat(stream.topic().exists()).isFalse();
        assertThat(stream.stream().retentionHours()).isEqualTo(24);
        assertThat(stream.stream().largestSeen()).isEqualTo(2);
        assertThat(stream.stream().shards().get(1).newest()).isEqualTo(5);
        assertThat(stream.stream().shards().get(0).newest()).isZero();
        assertThat(stream.settings())
                .containsEntry("cleanup.policy", "delete")
                .containsEntry("message.timestamp.type", "CreateTime")
                .containsEntry("max.message.bytes", String.valueOf(2 * 1024 * 1024 + 8 * 1024))
                // A day for the stream's period, an hour for the age of its oldest record.
                .containsEntry("retention.ms", String.valueOf(25 * 3_600_000L));
        try (Admin admin = SharedBroker.get().admin()) {
            assertThat(admin.listTopics().names().get())
                    .doesNotContain(migration.topic(), migration.stateTopic());
        }
    }

    @Test
    void aTopicThatFitsIsUsed() throws Exception {
        migration.createStream(2);
        migration.createTopic(3, FITTING);

        Plan plan = plan(migration.config());

        assertThat(plan.refusals()).isEmpty();
        assertThat(plan.streams().get(0).partitions()).isEqualTo(3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "max.message.bytes      | 1048588       | MAX_MESSAGE_BYTES | Raise it to that",
                "retention.ms           | 3600000       | RETENTION         | Raise it to 172800000",
                "retention.bytes        | 1000000       | RETENTION         | Set it to -1",
                "cleanup.policy         | compact       | COMPACTION        | Set cleanup.policy=delete",
                "message.timestamp.type | LogAppendTime | TIMESTAMP_TYPE    | Set CreateTime",
                "message.timestamp.before.max.ms | 60000 | TIMESTAMP_RANGE  | Raise it to"
            })
    void aTopicThatWouldChangeOrLoseRecordsIsRefused(
            String setting, String value, Code code, String message) throws Exception {
        migration.createStream(2);
        Map<String, String> settings = new HashMap<>(FITTING);
        settings.put(setting, value);
        migration.createTopic(2, settings);

        assertRefused(code, message);
    }

    @Test
    void aTopicWithTooFewPartitionsIsRefused() throws Exception {
        migration.createStream(3);
        migration.createTopic(2, FITTING);

        assertRefused(Code.TOO_FEW_PARTITIONS, "--partitions 3");
    }

    @Test
    void aTopicWithRecordsOfOthersIsRefused() throws Exception {
        migration.createStream(2);
        migration.createTopic(3, FITTING);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", SharedBroker.get().address()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            var unused =
                    producer.send(
                                    new ProducerRecord<>(
                                            migration.topic(), 2, null, "x".getBytes(UTF_8)))
                            .get();
        }

        assertRefused(Code.FOREIGN_RECORDS, "the last one is at offset 0");
    }

    @Test
    void aStreamThatIsNotThereIsNamed() throws Exception {
        assertRefused(Code.NO_STREAM, "There is no stream users/me/orders at http://127.0.0.1");
    }

    @Test
    void anAccessKeyThatMayNotReadIsRefusedAndNotShown() throws Exception {
        migration.createStream(2).put(0, "r", 0, 1);
        migration
                .emulator()
                .faults()
                .add(
                        Fault.on(Operation.GET_RECORDS)
                                .respond(
                                        403,
                                        "application/json",
                                        "{\"ErrorCode\": -13, \"ErrorMessage\": \"Permission denied\"}"));

        assertRefused(Code.V3IO_ACCESS, "Grant it to read the stream's directory");
    }

    @Test
    void aRecordThatIsLargerThanSaidIsNoticed() throws Exception {
        migration.createStream(2).put(0, "a-record-of-many-bytes", 0, 1);
        MigrationConfig config =
                ConfigFile.parse(migration.yaml().stripTrailing() + "\n    largest-record: 10 b\n");

        assertThat(plan(config).refusals())
                .extracting(Refusal::code)
                .containsExactly(Code.LARGEST_RECORD);
    }

    @Test
    void aTopicIsRefusedWhoseTimeRangeTheOldestRecordIsOutOf() throws Exception {
        migration.createStream(1).put(0, "r", 0, 1);
        migration.createTopic(
                1, Map.of("max.message.bytes", "3000000", "retention.ms", "90000000"));
        assertThat(plan(migration.config()).refusals()).isEmpty();

        // As retention only removes records when room is needed, they may be older than its period.
        Plan later =
                new Planner(
                                migration.config(),
                                InstantSource.fixed(Instant.now().plusSeconds(48 * 3_600)))
                        .plan();

        assertThat(later.refusals()).extracting(Refusal::code).containsExactly(Code.RETENTION);
        assertThat(later.refusals().get(0).message()).contains("of the last 2880 minutes");
    }

    @Test
    void theAgeOfRecordsThatAreCopiedDoesNotMatter() throws Exception {
        migration.createStream(1).put(0, "r", 0, 2);
        migration.createTopic(
                1, Map.of("max.message.bytes", "3000000", "retention.ms", "90000000"));
        MigrationConfig config = migration.config();
        KafkaAccess access = new KafkaAccess(config.kafka());
        StateTopic state = new StateTopic(access);
        try (Admin admin = access.admin();
                Producer<byte[], byte[]> producer = access.producer(Map.of())) {
            state.create(admin);
            state.write(
                    StateKeys.topic(migration.topic()),
                    new TopicOwner(config.mirror(), Migration.STREAM.toString(), null));
            RecordFormat format = new RecordFormat(config.streams().get(0), 1);
            for (StreamRecord record : migration.records(0)) {
                var unused = producer.send(format.toKafka(new ShardRecord(0, record))).get();
            }
        }
        InstantSource inThreeDays = InstantSource.fixed(Instant.now().plusSeconds(72 * 3_600));

        assertThat(new Planner(config, inThreeDays).plan().refusals()).isEmpty();

        migration.put(0, "r", 2, 1);
        assertThat(new Planner(config, inThreeDays).plan().refusals())
                .extracting(Refusal::code)
                .as("one that is not copied yet would be removed at once")
                .containsExactly(Code.RETENTION);
    }

    @Test
    void moreReplicasThanBrokersAreRefused() throws Exception {
        migration.createStream(1);
        MigrationConfig config =
                ConfigFile.parse(
                        migration
                                .yaml()
                                .replace(
                                        "  state-topic", "  replication-factor: 3\n  state-topic"));

        assertThat(plan(config).refusals())
                .extracting(Refusal::code)
                .containsExactly(Code.REPLICATION);
    }

    @Test
    void aStateTopicThatForgetsIsRefused() throws Exception {
        migration.createStream(1);
        migration.createTopic(2, Map.of("cleanup.policy", "delete"));
        MigrationConfig config =
                ConfigFile.parse(
                        migration
                                .yaml()
                                .replace(
                                        "state-topic: " + migration.stateTopic(),
                                        "state-topic: " + migration.topic())
                                .replace("    topic: " + migration.topic(), "    topic: other"));

        assertThat(plan(config).refusals())
                .extracting(Refusal::code)
                .containsExactly(Code.STATE_TOPIC);
    }

    @Test
    void aUserWithoutRightsIsToldWhichOnesAreMissing() throws Exception {
        migration.createStream(1);
        migration.createTopic(1, FITTING);
        MigrationConfig limited = limited();

        assertThat(plan(limited).refusals())
                .extracting(Refusal::code)
                .containsOnly(Code.KAFKA_ACCESS);

        grant(migration.topic(), AclOperation.DESCRIBE, AclOperation.DESCRIBE_CONFIGS);
        grant(migration.stateTopic(), AclOperation.DESCRIBE);
        List<Refusal> refusals = plan(limited).refusals();
        assertThat(refusals).extracting(Refusal::code).containsOnly(Code.KAFKA_ACCESS);
        assertThat(refusals)
                .extracting(Refusal::message)
                .anyMatch(message -> message.contains("lacks ALTER, READ, WRITE"))
                .anyMatch(message -> message.contains("Grant CREATE on the cluster"))
                .noneMatch(message -> message.contains(KafkaBroker.PASSWORD));
    }

    private MigrationConfig limited() {
        String login =
                """
                  properties:
                    security.protocol: SASL_PLAINTEXT
                    sasl.mechanism: PLAIN
                    sasl.jaas.config: '%s'
                  state-topic\
                """
                        .formatted("${file:" + passwordFile() + ":login}");
        return ConfigFile.parse(
                migration
                        .yaml()
                        .replace(SharedBroker.get().address(), SharedBroker.get().limitedAddress())
                        .replace("  state-topic", login));
    }

    private String passwordFile() {
        return password.toString();
    }

    @TempDir private Path directory;
    private Path password;

    @BeforeEach
    void writePassword() throws Exception {
        password = directory.resolve("secrets.properties");
        Files.writeString(
                password,
                "login=org.apache.kafka.common.security.plain.PlainLoginModule required username=\""
                        + KafkaBroker.USER
                        + "\" password=\""
                        + KafkaBroker.PASSWORD
                        + "\";\n");
    }

    private static void grant(String topic, AclOperation... operations) throws Exception {
        try (Admin admin = SharedBroker.get().admin()) {
            for (AclOperation operation : operations) {
                var unused =
                        admin.createAcls(
                                        List.of(
                                                new AclBinding(
                                                        new ResourcePattern(
                                                                ResourceType.TOPIC,
                                                                topic,
                                                                PatternType.LITERAL),
                                                        new AccessControlEntry(
                                                                "User:" + KafkaBroker.USER,
                                                                "*",
                                                                operation,
                                                                AclPermissionType.ALLOW))))
                                .all()
                                .get();
            }
        }
    }
}

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

import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.KeyedTopic;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Only one run copies a shard, whoever else believes that it does. */
@Timeout(120)
class FencingITCase {

    private static final Map<String, String> FITTING =
            Map.of("max.message.bytes", "3000000", "retention.ms", "-1");

    private Migration migration;
    private MirrorSpec spec;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start().createStream(1);
        migration.createTopic(1, FITTING);
        migration.put(0, "r", 0, 3);
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private PartitionTakeover takeover(MigrationConfig config) throws Exception {
        KafkaAccess access = new KafkaAccess(config.kafka());
        StateTopic state = new StateTopic(access);
        Map<String, KeyedTopic> keyed = Map.of();
        try (Admin admin = access.admin()) {
            state.create(admin);
            if (config.streams().get(0).isByKey()) {
                var topic =
                        admin.describeTopics(List.of(migration.topic()))
                                .allTopicNames()
                                .get()
                                .get(migration.topic());
                keyed = Map.of(migration.topic(), new KeyedTopic(topic.topicId().toString(), 1));
            }
        }
        spec = new MirrorSpec(config, "a-run", Map.of(), keyed);
        return new PartitionTakeover(access, state, spec);
    }

    private ShardRecord record(int index) throws Exception {
        return new ShardRecord(0, migration.records(0).get(index));
    }

    @ParameterizedTest
    @ValueSource(strings = {"shard", "key"})
    void aWriterThatWasTakenOverCommitsNothingMore(String partitionBy) throws Exception {
        MigrationConfig config =
                ConfigFile.parse(migration.yaml() + "    partition-by: " + partitionBy + "\n");
        try (ShardProducer earlier =
                takeover(config)
                        .takeOver(migration.partition(0), spec.format(config.streams().get(0)))) {
            assertThat(earlier.write(record(0))).isTrue();
            earlier.commit();
            assertThat(earlier.write(record(1))).isTrue();
            try (ShardProducer later =
                    takeover(config)
                            .takeOver(
                                    migration.partition(0), spec.format(config.streams().get(0)))) {
                assertThatThrownBy(earlier::commit).isInstanceOf(KafkaException.class);
                assertThat(later.write(record(0))).as("copied before").isFalse();
                assertThat(later.write(record(1))).isTrue();
                assertThat(later.write(record(2))).isTrue();
                later.commit();
            }
        }
        assertThat(migration.committedData()).containsExactly(List.of("r0", "r1", "r2"));
    }

    @Test
    void aTransactionOfSomebodyElseIsNamed() throws Exception {
        MigrationConfig config = migration.config();
        KafkaAccess access = new KafkaAccess(config.kafka());
        try (Producer<byte[], byte[]> other =
                access.producer(Map.of("transactional.id", migration.topic()))) {
            other.initTransactions();
            other.beginTransaction();
            var unused =
                    other.send(new ProducerRecord<>(migration.topic(), 0, null, new byte[1])).get();

            PartitionTakeover takeover = takeover(config);
            assertThatThrownBy(
                            () ->
                                    takeover.takeOver(
                                            migration.partition(0),
                                            spec.format(config.streams().get(0))))
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining(
                            "Somebody else writes to partition " + migration.partition(0));
            other.abortTransaction();
        }
    }

    @Test
    void aRunEndsWhenTheMirrorWasStartedAgain() throws Exception {
        Mirror earlier = new Mirror(migration.config());
        assertThat(earlier.prepare()).isEmpty();
        // It shows no sign of life.
        assertThat(new Mirror(migration.config()).prepare()).isEmpty();

        assertThatThrownBy(() -> run(earlier))
                .rootCause()
                .isInstanceOf(MirrorException.class)
                .hasMessageContaining("was started again on")
                .hasMessageContaining("only one can write");
        assertThat(migration.committedData()).containsExactly(List.of());
    }

    @Test
    void aRecordThatTheTopicDoesNotTakeAnyMoreIsNamed() throws Exception {
        Mirror mirror = new Mirror(migration.config());
        assertThat(mirror.prepare()).isEmpty();
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Admin admin = access.admin()) {
            var unused =
                    admin.incrementalAlterConfigs(
                                    Map.of(
                                            new ConfigResource(
                                                    ConfigResource.Type.TOPIC, migration.topic()),
                                            List.of(
                                                    new AlterConfigOp(
                                                            new ConfigEntry(
                                                                    "max.message.bytes", "100"),
                                                            AlterConfigOp.OpType.SET))))
                            .all()
                            .get();
        }

        assertThatThrownBy(() -> run(mirror))
                .rootCause()
                .hasMessageContaining("is larger than the topic takes")
                .hasMessageContaining("Raise max.message.bytes of topic " + migration.topic());
    }

    private static void run(Mirror mirror) throws Exception {
        JobClient job = mirror.start(StreamExecutionEnvironment.createLocalEnvironment(1), true);
        var unused = job.getJobExecutionResult().get();
    }
}

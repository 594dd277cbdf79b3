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

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.testing.CommandRun;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.verify.ShardResult;
import io.v3io.flink.kafka.verify.Verifier;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Topics are filled by hand here, so that they can be wrong. */
@Timeout(120)
class VerifyITCase {

    private Migration migration;
    private RecordFormat format;
    private KafkaAccess access;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start().createStream(1);
        migration.put(0, "r", 0, 10);
        migration.createTopic(1, Map.of());
        format = new RecordFormat(migration.config().streams().get(0), 1);
        access = new KafkaAccess(migration.config().kafka());
        createState(migration);
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private static void createState(Migration migration) throws Exception {
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Admin admin = access.admin()) {
            new StateTopic(access).create(admin);
        }
    }

    private ProducerRecord<byte[], byte[]> copy(StreamRecord record) {
        return format.toKafka(new ShardRecord(0, record));
    }

    /** Sends these in a transaction. */
    private void send(List<ProducerRecord<byte[], byte[]>> records, boolean commit)
            throws Exception {
        try (Producer<byte[], byte[]> producer =
                access.producer(Map.of("transactional.id", migration.topic()))) {
            producer.initTransactions();
            producer.beginTransaction();
            records.forEach(
                    record -> {
                        var unused = producer.send(record);
                    });
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private void copy(int from, int to) throws Exception {
        send(migration.records(0).subList(from, to).stream().map(this::copy).toList(), true);
    }

    private CommandRun verify(String... options) throws Exception {
        String[] all = new String[options.length + 1];
        all[0] = "verify";
        System.arraycopy(options, 0, all, 1, options.length);
        return CommandLines.run(migration.yaml(), all);
    }

    @Test
    void goesOnFromWhereItWasAndSaysWhenAllIsThere() throws Exception {
        copy(0, 4);

        CommandRun half = verify();
        assertThat(half.code()).as(half.out() + half.err()).isZero();
        assertThat(half.out()).contains("Everything that was compared is equal.");
        CommandRun tooEarly = verify("--final");
        assertThat(tooEarly.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(tooEarly.out())
                .contains("NOT_COPIED in shard 0")
                .contains("Record 5 ")
                .contains(" NOT COPIED")
                .doesNotContain("DIFFERENT");

        // What is not committed counts for nothing.
        send(migration.records(0).subList(4, 10).stream().map(this::copy).toList(), false);
        assertThat(verify("--final").out()).contains("Record 5 ");

        copy(4, 10);
        CommandRun all = verify("--final", "--json");
        assertThat(all.code()).as(all.out() + all.err()).isZero();
        assertThat(all.out())
                .contains("\"sequenceNumber\":10")
                .contains("\"records\":10")
                .contains("\"complete\":true");

        // The hash does not depend on how many times it went on.
        CommandRun again = verify("--final", "--from-start", "--json");
        assertThat(again.out()).isEqualTo(all.out());
    }

    @Test
    void aRecordThatIsMissingIsNamed() throws Exception {
        copy(0, 3);
        copy(4, 10);

        CommandRun run = verify();

        assertThat(run.code()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run.out())
                .contains("MISSING in shard 0")
                .contains("Record 4 (partition " + migration.partition(0) + ", offset 4)")
                .contains("goes on with record 5");
        // And again: what differs is not passed over.
        assertThat(verify().code()).isEqualTo(ExitCode.DIFFERENT);
    }

    @Test
    void aRecordThatComesTwiceOrOutOfOrderIsNamed() throws Exception {
        copy(0, 3);
        copy(2, 10);

        assertThat(verify().out())
                .contains("OUT_OF_ORDER in shard 0")
                .contains("Record 3 (partition " + migration.partition(0) + ", offset 4)");
    }

    @Test
    void aRecordThatWasChangedIsNamed() throws Exception {
        StreamRecord first = migration.records(0).get(0);
        for (StreamRecord changed :
                List.of(
                        changed(
                                first,
                                "x".getBytes(UTF_8),
                                first.partitionKey(),
                                first.clientInfo()),
                        changed(first, first.data(), "other", first.clientInfo()),
                        changed(first, first.data(), first.partitionKey(), new byte[] {9}),
                        changed(first, first.data(), first.partitionKey(), null))) {
            try (Migration other = migration.withNewTopic()) {
                other.createTopic(1, Map.of());
                RecordFormat its = new RecordFormat(other.config().streams().get(0), 1);
                send(List.of(its.toKafka(new ShardRecord(0, changed))), true);

                CommandRun run = CommandLines.run(other.yaml(), "verify");

                assertThat(run.code()).isEqualTo(ExitCode.DIFFERENT);
                assertThat(run.out()).contains("CHANGED in shard 0").contains("Record 1 ");
            }
        }
    }

    private static StreamRecord changed(
            StreamRecord record, byte[] data, String key, byte[] clientInfo) {
        return new StreamRecord(
                record.shard(),
                record.sequenceNumber(),
                record.arrivalTimeSeconds(),
                record.arrivalTimeNanos(),
                data,
                key,
                clientInfo);
    }

    @Test
    void aRecordThatIsNotOfTheShardIsNamed() throws Exception {
        copy(0, 10);
        StreamRecord last = migration.records(0).get(9);
        StreamRecord extra =
                new StreamRecord(
                        last.shard(), 11, last.arrivalTimeSeconds(), 0, last.data(), null, null);
        send(List.of(copy(extra)), true);
        assertThat(verify().out()).contains("EXTRA in shard 0").contains("Record 11 ");

        try (Migration other = migration.withNewTopic()) {
            other.createTopic(1, Map.of());
            send(List.of(new ProducerRecord<>(other.topic(), 0, null, "x".getBytes(UTF_8))), true);
            assertThat(CommandLines.run(other.yaml(), "verify").out())
                    .contains("EXTRA in shard 0")
                    .contains("is not a copy of a record of this shard");
        }
    }

    @Test
    void aWriterThatStillWritesIsNoticed() throws Exception {
        copy(0, 10);
        List<ShardResult> results = new Verifier(migration.config()).verify(true, false);
        StringWriter out = new StringWriter();
        Output output = new Output(new PrintWriter(out), false);
        assertThat(VerifyCommand.judge(migration.config(), output, true, results, () -> {}))
                .isZero();

        migration.put(0, "r", 10, 1);

        assertThat(VerifyCommand.judge(migration.config(), output, true, results, () -> {}))
                .isEqualTo(ExitCode.INCOMPLETE);
        assertThat(out.toString()).contains("Somebody still writes to the streams.");
    }

    @Test
    void whatRetentionTookIsReportedApart() throws Exception {
        copy(0, 3);
        copy(6, 10);
        migration.emulator().trimShard(Migration.STREAM.toString(), 0, 9);

        CommandRun run = verify("--final", "--json");

        // 1, 2, 3, 7, 8 are only in Kafka; 4, 5, 6 nowhere; 9 and 10 were compared.
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("\"unprovable\":5")
                .contains("\"lost\":3")
                .contains("\"records\":2");
    }

    @Test
    void whatRetentionTookBeforeItWasCopiedIsNotTakenForComplete() throws Exception {
        copy(0, 3);
        migration.emulator().trimShard(Migration.STREAM.toString(), 0, 11);

        CommandRun run = verify("--final");

        assertThat(run.code()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(run.out()).contains("records up to 10 were there, copied is up to 3");
    }

    @Test
    void whatRetentionTookFromBothSidesIsSaidAndHoldsNobodyUp() throws Exception {
        copy(0, 10);
        migration.noteCopied(0, 10);
        migration.emptyPartition(0);
        migration.emulator().trimShard(Migration.STREAM.toString(), 0, 11);

        CommandRun run = verify("--final");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(run.out())
                .contains("records up to 10 were copied, but those after 0 were not compared")
                .doesNotContain("Both sides are equal");
    }

    @Test
    void aTopicThatIsNotThereIsNoCopy() throws Exception {
        copy(0, 10);
        assertThat(verify().code()).isZero();
        // Nothing is left that could be compared.
        migration.emulator().trimShard(Migration.STREAM.toString(), 0, 11);
        migration.deleteTopic();

        CommandRun run = verify("--final");

        assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run.out()).contains("MISSING in shard 0").contains("was deleted and made again");

        migration.noteOwner(Migration.STREAM.toString());
        CommandRun begun = verify("--final", "--from-start");
        assertThat(begun.code()).as(begun.out()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(begun.out()).contains("MISSING in shard 0").contains("was deleted.");
        CommandRun status = CommandLines.run(migration.yaml(), "status", "--caught-up");
        assertThat(status.code()).as(status.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(status.err()).contains("COPY_LOST").contains("was deleted.");
    }

    @Test
    void aTopicThatMayNotBeReadHasNoKnownEnds() {
        TopicFacts topic =
                new TopicFacts(
                        "orders", "id", 1, Map.of(), Set.of(AclOperation.DESCRIBE), Map.of());

        assertThatThrownBy(topic::ends)
                .isInstanceOf(KafkaException.class)
                .hasMessageContaining("may not read topic orders");
    }

    @Test
    void aStreamThatWasCreatedAgainIsNotTheOneThatWasCopied() throws Exception {
        copy(0, 10);
        assertThat(verify("--final").code()).isZero();

        migration.createStreamAgain(1);
        migration.put(0, "n", 0, 3);
        assertIsCreatedAgain("the newest record there is 3");

        migration.put(0, "n", 3, 9);
        assertIsCreatedAgain("record 10 there arrived at another time");
    }

    private void assertIsCreatedAgain(String why) throws Exception {
        CommandRun run = verify("--final");
        assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(run.out()).contains("was deleted and created again").contains(why);
        CommandRun status = CommandLines.run(migration.yaml(), "status", "--caught-up");
        assertThat(status.code()).as(status.out()).isEqualTo(ExitCode.INCOMPLETE);
        assertThat(status.out()).contains("was deleted and created again").contains(why);
    }

    @Test
    void aStreamThatHasFewerShardsThanWereCopiedWasCreatedAgain() throws Exception {
        try (Migration other = migration.withNewTopic()) {
            migration.createStreamAgain(2);
            other.createTopic(2, Map.of());
            createState(other);
            other.put(1, "r", 0, 5);
            RecordFormat its = new RecordFormat(other.config().streams().get(0), 2);
            send(
                    other.records(1).stream()
                            .map(record -> its.toKafka(new ShardRecord(0, record)))
                            .toList(),
                    true);
            assertThat(CommandLines.run(other.yaml(), "verify", "--final").code()).isZero();

            migration.createStreamAgain(1);

            CommandRun run = CommandLines.run(other.yaml(), "verify", "--final");
            assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.DIFFERENT);
            assertThat(run.out())
                    .contains("CREATED_AGAIN in shard 1")
                    .contains("the stream has only 1 shards");
            CommandRun status = CommandLines.run(other.yaml(), "status", "--caught-up");
            assertThat(status.code()).as(status.out()).isEqualTo(ExitCode.INCOMPLETE);
        }
    }

    @Test
    void partitionsWithoutAShardMustBeEmptyAndNoMore() throws Exception {
        try (Migration other = migration.withNewTopic()) {
            other.createTopic(3, Map.of());
            createState(other);
            RecordFormat its = new RecordFormat(other.config().streams().get(0), 3);
            send(
                    migration.records(0).stream()
                            .map(record -> its.toKafka(new ShardRecord(0, record)))
                            .toList(),
                    true);

            CommandRun run = CommandLines.run(other.yaml(), "verify", "--final");
            assertThat(run.code()).as(run.out() + run.err()).isZero();
            assertThat(run.out()).contains("Both sides are equal, to the last record.");

            send(List.of(new ProducerRecord<>(other.topic(), 2, null, new byte[0])), true);
            CommandRun foreign = CommandLines.run(other.yaml(), "verify", "--final");
            assertThat(foreign.code()).as(foreign.out()).isEqualTo(ExitCode.DIFFERENT);
            assertThat(foreign.out())
                    .contains("EXTRA in shard 2")
                    .contains("the stream has only 1 shards");
        }
    }

    @Test
    void aTopicThatIsCompactedByNowDoesNotPass() throws Exception {
        copy(0, 10);
        try (Admin admin = access.admin()) {
            var unused =
                    admin.incrementalAlterConfigs(
                                    Map.of(
                                            new ConfigResource(
                                                    ConfigResource.Type.TOPIC, migration.topic()),
                                            List.of(
                                                    new AlterConfigOp(
                                                            new ConfigEntry(
                                                                    "cleanup.policy", "compact"),
                                                            AlterConfigOp.OpType.SET))))
                            .all()
                            .get();
        }

        assertThat(verify().code()).isZero();
        CommandRun run = verify("--final");
        assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.err()).contains("COMPACTION").contains("cleanup.policy=delete");
    }

    /** Shard 11 of topic "orders" is not shard 1 of topic "orders1". */
    @Test
    void aWriterOfOneShardIsNotTakenForThatOfAnother() throws Exception {
        migration.createStreamAgain(12);
        StreamPath second = StreamPath.parse("users/me/returns");
        migration.client().createStream(second, 2, 24).join();
        MigrationConfig both =
                ConfigFile.parse(
                        migration.yaml()
                                + "  - stream: "
                                + second
                                + "\n    topic: "
                                + migration.topic()
                                + "1\n");
        List<ShardResult> results =
                List.of(
                        result(Migration.STREAM, migration.topic(), 11, 0),
                        result(second, migration.topic() + "1", 1, 5));
        migration.put(11, "r", 0, 1);

        Output output = new Output(new PrintWriter(new StringWriter()), false);
        assertThat(VerifyCommand.judge(both, output, true, results, () -> {}))
                .isEqualTo(ExitCode.INCOMPLETE);
    }

    private static ShardResult result(StreamPath stream, String topic, int shard, long newest) {
        return new ShardResult(
                stream.toString(),
                topic,
                shard,
                new Verified(newest, newest, newest, "", 0, 0, null),
                newest,
                newest,
                null);
    }

    /** A request whose writer has had no answer may land seconds later. */
    @Test
    void aWriteThatLandsLateIsWaitedFor() throws Exception {
        copy(0, 10);
        List<ShardResult> results = new Verifier(migration.config()).verify(true, false);
        Output output = new Output(new PrintWriter(new StringWriter()), false);

        int code =
                VerifyCommand.judge(
                        migration.config(),
                        output,
                        true,
                        results,
                        () -> migration.put(0, "r", 10, 1));

        assertThat(code).isEqualTo(ExitCode.INCOMPLETE);
        CommandRun wrong = verify("--final", "--settle", "1 day");
        assertThat(wrong.code()).isEqualTo(ExitCode.USAGE);
        assertThat(wrong.err()).contains("'--settle' must be a duration of up to 10 min");
    }
}

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
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.testing.CommandRun;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.verify.ShardResult;
import io.v3io.flink.kafka.verify.Verifier;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

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
        assertThat(tooEarly.code()).isEqualTo(ExitCode.DIFFERENT);
        assertThat(tooEarly.out()).contains("MISSING in shard 0").contains("Record 5 ");

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
        assertThat(VerifyCommand.judge(migration.config(), output, true, results)).isZero();

        migration.put(0, "r", 10, 1);

        assertThat(VerifyCommand.judge(migration.config(), output, true, results))
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
}

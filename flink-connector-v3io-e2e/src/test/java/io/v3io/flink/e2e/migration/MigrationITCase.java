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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.audit.AuditReport;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.e2e.cluster.ChildProcess;
import io.v3io.flink.e2e.faults.RecordWriter;
import io.v3io.flink.e2e.interop.GoMember;
import io.v3io.flink.e2e.interop.PublicClients;
import io.v3io.flink.e2e.interop.RecordLine;
import io.v3io.flink.kafka.testing.CommandRun;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A whole migration on real processes: writers write, functions of v3io-go work off their groups,
 * the stream grows, everything is killed in turn, and consumers of Kafka go on where the functions
 * were.
 */
@Timeout(300)
class MigrationITCase {

    private static final Path DIRECTORY = Path.of("target", "clusters", "migration");
    private static final int SHARDS = 3;
    private static final int SHARDS_AFTER_GROWTH = 5;

    private static List<String> go;
    private static MigrationWorld world;

    @BeforeAll
    static void startAll() throws Exception {
        go = PublicClients.requireGo("consume");
        world = new MigrationWorld(DIRECTORY);
    }

    @AfterAll
    static void endAll() throws Exception {
        if (world != null) {
            world.close();
        }
    }

    @Test
    void everyRecordArrivesOnceAndEveryGroupGoesOnWhereItWas() throws Exception {
        try (MigrationRun run =
                        new MigrationRun(
                                world, "orders", "", SHARDS, false, List.of("billing", "audit"));
                RecordWriter writer = new RecordWriter(run.clientBuilder(), run.stream(), 300, 7);
                GoMember billing = member(run, "billing", "30s")) {
            assertThat(billing.awaitShards()).hasSize(SHARDS);

            assertThat(run.startMirror()).contains("Mirror 'orders' runs as job");
            run.awaitCopied();
            killAllInTurn(run);

            Set<String> audited = killInTheMiddle(run);
            billing.terminate();
            Set<String> billed = places(billing.awaitEnd());
            // It goes on without them: the rest is for Kafka.
            long before = run.stored().count();
            writer.awaitStored(before + 200);
            writer.close();

            Awaitility.await("all is copied")
                    .atMost(MigrationRun.PATIENCE)
                    .until(() -> run.command("status", "--caught-up").code() == 0);
            assertThat(code(run.command("verify", "--final", "--settle", "0 s"))).isZero();
            assertThat(code(run.command("translate", "--commit"))).isZero();
            run.cancelMirror();

            StoredStream stored = run.stored();
            assertThat(stored.shards()).hasSize(SHARDS_AFTER_GROWTH);
            assertClean(
                    MigrationAudit.ofTopic(stored, CopiedTopic.all(world.broker(), run.topic())));
            // The one that could say goodbye has processed just what it has committed, the other
            // one all of that, and what it had under way when it died.
            assertThat(billed).isEqualTo(assertGoesOn(run, "billing", stored));
            assertThat(audited).containsAll(assertGoesOn(run, "audit", stored));
        }
    }

    /** After each of them the mirror catches up with what was written meanwhile. */
    private static void killAllInTurn(MigrationRun run) throws Exception {
        world.cluster().taskManager(0).restart();
        run.awaitCopied();

        world.broker().kill();
        world.broker().restart();
        try (V3ioClient client = run.client()) {
            client.updateStream(run.stream(), SHARDS_AFTER_GROWTH).join();
        }
        run.awaitCopied();

        run.emulator().kill();
        run.emulator().restart();
        run.awaitCopied();

        world.cluster().restartJobManager();
        run.awaitCopied();
    }

    /** A function dies while it works; what it has processed by then. */
    private static Set<String> killInTheMiddle(MigrationRun run) {
        try (GoMember audit = member(run, "audit", "1s")) {
            GoMember.await("the function has committed something")
                    .until(
                            () ->
                                    committed(run, "audit").values().stream()
                                            .anyMatch(OptionalLong::isPresent));
            audit.kill();
            return places(audit.records());
        }
    }

    private static GoMember member(MigrationRun run, String group, String timeout) {
        List<String> command = new ArrayList<>(go);
        command.addAll(List.of("-container", run.stream().container()));
        command.addAll(List.of("-stream", run.stream().path()));
        command.addAll(List.of("-group", group, "-timeout", timeout));
        return new GoMember(
                ChildProcess.startProgram(
                        "go-" + group,
                        run.directory(),
                        command,
                        Map.of(
                                "V3IO_API",
                                run.emulator().endpoint(),
                                "V3IO_ACCESS_KEY",
                                MigrationWorld.ACCESS_KEY),
                        ""));
    }

    private static Map<Integer, OptionalLong> committed(MigrationRun run, String group) {
        Map<Integer, OptionalLong> committed = new TreeMap<>();
        try (V3ioClient client = run.client()) {
            int shards = client.describeStream(run.stream()).join().shardCount();
            for (int shard = 0; shard < shards; shard++) {
                committed.put(
                        shard,
                        client.getCommittedSequenceNumber(run.stream().shard(shard), group).join());
            }
        }
        return committed;
    }

    /** From Kafka it gets what it had not committed; returns what it had. */
    private static Set<String> assertGoesOn(MigrationRun run, String group, StoredStream stored) {
        Map<Integer, OptionalLong> committed = committed(run, group);
        AuditReport report =
                MigrationAudit.ofGroup(
                        group,
                        false,
                        stored,
                        committed,
                        CopiedTopic.ofGroup(world.broker(), run.topic(), group));
        assertClean(report);
        Set<String> processed = places(stored, committed);
        assertThat(processed).as(group).isNotEmpty();
        return processed;
    }

    private static void assertClean(AuditReport report) {
        assertThat(report.records()).isPositive();
        assertThat(report.isClean()).as("%s", report).isTrue();
    }

    private static int code(CommandRun run) {
        assertThat(run.err()).as(run.out()).doesNotContain("Failed");
        return run.code();
    }

    private static Set<String> places(List<RecordLine> records) {
        Set<String> places = new HashSet<>();
        records.forEach(record -> places.add(record.shard() + "/" + record.sequence()));
        return places;
    }

    /** What is there up to these numbers. */
    private static Set<String> places(StoredStream stored, Map<Integer, OptionalLong> last) {
        Set<String> places = new HashSet<>();
        for (StreamRecord record : stored.records()) {
            int shard = record.shard().number();
            if (record.sequenceNumber() <= last.get(shard).orElse(0)) {
                places.add(shard + "/" + record.sequenceNumber());
            }
        }
        return places;
    }
}

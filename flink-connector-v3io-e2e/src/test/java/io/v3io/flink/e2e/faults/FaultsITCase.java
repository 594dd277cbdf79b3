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

package io.v3io.flink.e2e.faults;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.audit.AuditReport;
import io.v3io.flink.e2e.audit.FilesAudit;
import io.v3io.flink.e2e.audit.PartFiles;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.e2e.cluster.FlinkRest;
import io.v3io.flink.e2e.faults.FaultKind.Fault;
import io.v3io.flink.e2e.jobs.FilesJob;

import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

import static io.v3io.flink.e2e.faults.FaultKind.CHAOS_OF_WRITES;
import static io.v3io.flink.e2e.faults.FaultKind.CUT_JOB_MANAGER;
import static io.v3io.flink.e2e.faults.FaultKind.CUT_NETWORK;
import static io.v3io.flink.e2e.faults.FaultKind.CUT_ZOO_KEEPER;
import static io.v3io.flink.e2e.faults.FaultKind.DEAD_LOCATIONS;
import static io.v3io.flink.e2e.faults.FaultKind.FULL_DISK;
import static io.v3io.flink.e2e.faults.FaultKind.GROWTH;
import static io.v3io.flink.e2e.faults.FaultKind.KILL_EMULATOR;
import static io.v3io.flink.e2e.faults.FaultKind.KILL_JOB_MANAGER;
import static io.v3io.flink.e2e.faults.FaultKind.KILL_TASK_MANAGER;
import static io.v3io.flink.e2e.faults.FaultKind.LATENCY;
import static io.v3io.flink.e2e.faults.FaultKind.PARTIAL_FAILURES;
import static io.v3io.flink.e2e.faults.FaultKind.PAUSE_EMULATOR;
import static io.v3io.flink.e2e.faults.FaultKind.PAUSE_JOB_MANAGER;
import static io.v3io.flink.e2e.faults.FaultKind.PAUSE_TASK_MANAGER;
import static io.v3io.flink.e2e.faults.FaultKind.RESCALE;
import static io.v3io.flink.e2e.faults.FaultKind.RESETS;
import static io.v3io.flink.e2e.faults.FaultKind.SWALLOW_NETWORK;
import static io.v3io.flink.e2e.faults.FaultKind.UNAVAILABLE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every fault, on a cluster of processes, with an audit of every record. {@code bin/faults} does
 * the same in random combinations.
 */
@Timeout(600)
class FaultsITCase {

    private static final Path DIRECTORY = Path.of("target", "clusters", "faults");

    private static final Duration SOON = Duration.ofSeconds(90);

    private static FaultWorld world;

    @BeforeAll
    static void startAll() throws Exception {
        world = new FaultWorld(DIRECTORY, Path.of(System.getProperty(Faults.JOBS_JAR_PROPERTY)));
    }

    @AfterAll
    static void endAll() throws Exception {
        if (world != null) {
            world.close();
        }
    }

    @AfterEach
    void cancelAll() {
        world.cancelAll();
    }

    @Test
    void nothingIsLostWhenEveryProcessIsKilledWhileTheStreamGrowsAndTheJobIsRescaled()
            throws Exception {
        assertNothingFound(
                new FaultRuns(world)
                        .run(
                                "killed",
                                DeliveryGuarantee.AT_LEAST_ONCE,
                                1,
                                lasting(3, KILL_TASK_MANAGER, RESCALE, KILL_JOB_MANAGER),
                                lasting(3, GROWTH, KILL_EMULATOR, RESETS, GROWTH)));
    }

    /** Longer than a heartbeat may be away, and long enough to let a checkpoint expire. */
    @Test
    void nothingIsLostWhenProcessesHangDisksAreFullAndTheNetworkIsCut() throws Exception {
        List<Fault> ofCluster = new ArrayList<>(lasting(11, PAUSE_TASK_MANAGER, PAUSE_JOB_MANAGER));
        if (world.checkpoints().canBeFull()) {
            ofCluster.add(new Fault(FULL_DISK, Duration.ofSeconds(5)));
        }
        assertNothingFound(
                new FaultRuns(world)
                        .run(
                                "hanging",
                                DeliveryGuarantee.AT_LEAST_ONCE,
                                2,
                                ofCluster,
                                lasting(13, CUT_NETWORK, SWALLOW_NETWORK)));
    }

    /** Longer than a heartbeat may be away, and too short to be noticed, while all is written. */
    @Test
    void nothingIsLostOrDoubledWhenTheServerDoesItsWorstAndTheClusterIsCutIntoParts()
            throws Exception {
        assertNothingFound(
                new FaultRuns(world)
                        .run(
                                "failing",
                                DeliveryGuarantee.EXACTLY_ONCE,
                                3,
                                List.of(
                                        new Fault(CUT_JOB_MANAGER, Duration.ofSeconds(11)),
                                        new Fault(CUT_JOB_MANAGER, Duration.ofSeconds(3)),
                                        new Fault(CUT_ZOO_KEEPER, Duration.ofSeconds(7))),
                                lasting(
                                        6,
                                        LATENCY,
                                        CHAOS_OF_WRITES,
                                        PARTIAL_FAILURES,
                                        DEAD_LOCATIONS)));
    }

    @Test
    void nothingIsLostInAMinuteOfAnOverloadedServerOrInOneThatHangs() throws Exception {
        int failedBefore = world.failedCheckpoints();
        assertNothingFound(
                new FaultRuns(world)
                        .run(
                                "overloaded",
                                DeliveryGuarantee.AT_LEAST_ONCE,
                                4,
                                List.of(
                                        new Fault(PAUSE_EMULATOR, Duration.ofSeconds(25)),
                                        new Fault(UNAVAILABLE, Duration.ofSeconds(60))),
                                List.of()));
        assertThat(world.failedCheckpoints()).isGreaterThan(failedBefore);
    }

    @Test
    void nothingIsLostFromOneSubtaskToFourAndToTwo() throws Exception {
        StreamPath stream = stream("rescaled", 8);
        Path files = world.output().resolve("rescaled");
        FlinkRest rest = world.cluster().rest();
        FlinkRest.JobRun run =
                world.jobRun(FilesJob.class, stream, "--output", files.toUri().toString());
        String job = rest.submit(world.jarId(), run.withParallelism(1));
        try (RecordWriter writer = new RecordWriter(world.clientBuilder(), stream, 400, 6)) {
            for (int parallelism : List.of(4, 2)) {
                rest.awaitMoreCheckpoints(job, 2, SOON);
                String savepoint =
                        rest.stopWithSavepoint(job, world.cluster().savepoints(), false, SOON);
                job = rest.submit(world.jarId(), run.withParallelism(parallelism).from(savepoint));
                rest.awaitAllTasksRunning(job, SOON);
            }
        }
        try (V3ioClient client = world.client()) {
            StoredStream stored = StoredStream.read(client, stream);
            await().atMost(SOON).until(() -> PartFiles.countLines(files) >= stored.count());
            AuditReport report = FilesAudit.compare(stored, files);
            assertThat(report.records()).isPositive();
            assertThat(report.isClean()).as("%s", report).isTrue();
        }
    }

    @Test
    void aJobThatRetentionHasOvertakenFailsAndSaysWhichRecordsAreGone() throws Exception {
        StreamPath stream = stream("overtaken", 1);
        Path files = world.output().resolve("overtaken");
        FlinkRest rest = world.cluster().rest();
        FlinkRest.JobRun run =
                world.jobRun(FilesJob.class, stream, "--output", files.toUri().toString());
        try (V3ioClient client = world.client()) {
            put(client, stream, 10);
            String job = rest.submit(world.jarId(), run);
            await().atMost(SOON).until(() -> PartFiles.countLines(files) == 10);
            String savepoint =
                    rest.stopWithSavepoint(job, world.cluster().savepoints(), false, SOON);

            put(client, stream, 10);
            world.control().trim(stream, 0, 16);
            String late = rest.submit(world.jarId(), run.from(savepoint));

            await().atMost(SOON)
                    .untilAsserted(
                            () ->
                                    assertThat(rest.rootException(late))
                                            .contains(
                                                    stream + "/0",
                                                    "sequence number 11,",
                                                    "still has is 16"));
            assertThat(PartFiles.countLines(files)).isEqualTo(10);
        }
    }

    private static StreamPath stream(String name, int shards) {
        StreamPath stream = StreamPath.parse("users/e2e/" + name);
        try (V3ioClient client = world.client()) {
            client.createStream(stream, shards, 24).join();
        }
        return stream;
    }

    private static void put(V3ioClient client, StreamPath stream, int records) {
        List<PutRecord> some =
                IntStream.range(0, records)
                        .mapToObj(i -> PutRecord.of(new byte[] {(byte) i}))
                        .toList();
        assertThat(client.putRecords(stream, some).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }

    private static List<Fault> lasting(int seconds, FaultKind... kinds) {
        return Fault.lasting(Duration.ofSeconds(seconds), kinds);
    }

    private static void assertNothingFound(List<AuditReport> reports) {
        assertThat(reports)
                .hasSize(4)
                .allSatisfy(
                        report -> {
                            assertThat(report.records()).isPositive();
                            assertThat(report.isClean()).as("%s", report).isTrue();
                        });
    }
}

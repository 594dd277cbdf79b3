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
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.audit.AuditReport;
import io.v3io.flink.e2e.audit.GeneratorAudit;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkRest;
import io.v3io.flink.e2e.cluster.FlinkRest.JobRun;
import io.v3io.flink.e2e.jobs.GeneratorJob;

import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Path;
import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A job with an exactly-once sink that cannot keep up is stopped with a savepoint, and goes on from
 * it, on a cluster of processes. The savepoint may overtake the end of the data then, so that its
 * commit is still under way when the task ends.
 */
@Timeout(180)
class StopUnderBackpressureITCase {

    private static final Path DIRECTORY = Path.of("target", "clusters", "stop-under-backpressure");
    private static final String KEY = "key of the cluster";
    private static final StreamPath STREAM = StreamPath.parse("users/e2e/stopped");
    private static final String STAGING = "users/e2e/stopped-staging";
    private static final Duration SOON = Duration.ofSeconds(60);

    @Test
    void aJobThatCannotKeepUpIsStoppedAndGoesOnWithEachRecordOnce() throws Exception {
        try (EmulatorProcess emulator =
                        EmulatorProcess.start(DIRECTORY.resolve("emulator"), "--access-key", KEY);
                FlinkCluster cluster = startCluster();
                V3ioClient client =
                        V3ioClient.builder()
                                .setEndpoint(emulator.endpoint())
                                .setAccessKey(KEY)
                                .build()) {
            client.createStream(STREAM, 4, 24).join();
            EmulatorControl platform = new EmulatorControl(emulator.endpoint(), KEY);
            platform.setFaults(
                    1, "{\"operation\": \"PutRecords\", \"action\": \"latency\", \"millis\": 20}");
            FlinkRest rest = cluster.rest();
            String jar = rest.upload(Path.of(System.getProperty(Faults.JOBS_JAR_PROPERTY)));
            JobRun run = generator(emulator.endpoint());
            String slow = rest.submit(jar, run);
            rest.awaitAllTasksRunning(slow, SOON);
            rest.awaitMoreCheckpoints(slow, 2, SOON);
            await("backpressure")
                    .atMost(SOON)
                    .until(() -> rest.metric(slow, "backPressuredTimeMsPerSecond") > 500);

            String savepoint = rest.stopWithSavepoint(slow, cluster.savepoints(), false, SOON);

            long atStop = assertEachOnce(client);
            platform.clearFaults();
            String quick = rest.submit(jar, run.from(savepoint));
            // Not before the patience has passed if a record of the savepoint was not stored.
            rest.awaitAllTasksRunning(quick, SOON);
            rest.awaitMoreCheckpoints(quick, 2, SOON);
            rest.stopWithSavepoint(quick, cluster.savepoints(), false, SOON);

            assertThat(assertEachOnce(client)).isGreaterThan(atStop);
            assertThat(client.listObjects(STREAM.container(), "e2e/stopped-staging").join())
                    .isEmpty();
        }
    }

    /** With little room between the tasks, so that the source feels it soon. */
    private static FlinkCluster startCluster() {
        return FlinkCluster.builder(DIRECTORY.resolve("flink"))
                .setTaskManagers(1)
                .setSlots(1)
                .setOption("execution.checkpointing.interval", "500 ms")
                .setOption("taskmanager.memory.segment-size", "4 kb")
                .setOption("taskmanager.network.memory.buffers-per-channel", "1")
                .setOption("taskmanager.network.memory.floating-buffers-per-gate", "1")
                .setEnvironment("V3IO_ACCESS_KEY", KEY)
                .start();
    }

    private static JobRun generator(String endpoint) {
        return JobRun.of(
                GeneratorJob.class,
                "--endpoint",
                endpoint,
                "--stream",
                STREAM.toString(),
                "--staging",
                STAGING,
                "--guarantee",
                DeliveryGuarantee.EXACTLY_ONCE.name(),
                "--patience",
                "60000",
                "--count",
                "1000000000",
                "--rate",
                "10000");
    }

    /** Numbers from 0 on; returns how many. */
    private static long assertEachOnce(V3ioClient client) {
        StoredStream stream = StoredStream.read(client, STREAM);
        assertThat(stream.count()).isPositive();
        AuditReport report =
                GeneratorAudit.compare(
                        (int) stream.count(), stream, DeliveryGuarantee.EXACTLY_ONCE);
        assertThat(report.isClean()).as(report.toString()).isTrue();
        return stream.count();
    }
}

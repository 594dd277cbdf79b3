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

package io.v3io.flink.e2e.cluster;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.cluster.FlinkRest.JobRun;
import io.v3io.flink.e2e.jobs.Copy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Jobs of a user's jar on a cluster of processes, and the cluster when its parts die. */
@Timeout(180)
@TestMethodOrder(MethodOrderer.Random.class)
class FlinkClusterITCase {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Path DIRECTORY = Path.of("target", "clusters", "flink-cluster");
    private static final Path JAR = Path.of(System.getProperty("v3io.e2e.jobs.jar"));
    private static final String KEY = "key of the cluster";

    private static EmulatorProcess emulator;
    private static FlinkCluster cluster;
    private static V3ioClient client;
    private static String jar;

    @BeforeAll
    static void startAll() {
        emulator = EmulatorProcess.start(DIRECTORY.resolve("emulator"), "--access-key", KEY);
        cluster =
                FlinkCluster.builder(DIRECTORY.resolve("flink"))
                        .setTaskManagers(2)
                        .setSlots(2)
                        .setHighAvailability(true)
                        .setEnvironment("V3IO_ACCESS_KEY", KEY)
                        .start();
        client = V3ioClient.builder().setEndpoint(emulator.endpoint()).setAccessKey(KEY).build();
        jar = cluster.rest().upload(JAR);
    }

    @AfterAll
    static void endAll() throws Exception {
        List<AutoCloseable> started = new ArrayList<>();
        started.add(client);
        started.add(cluster);
        started.add(emulator);
        for (AutoCloseable one : started) {
            if (one != null) {
                one.close();
            }
        }
    }

    @Test
    void allOfFlinkIsOfTheClustersVersion() throws IOException {
        FlinkHome home = FlinkHome.ofBuild();
        try (Stream<Path> jars = Files.walk(Path.of(home.toString()))) {
            assertThat(jars.map(jar -> jar.getFileName().toString()))
                    .filteredOn(name -> name.startsWith("flink-") && name.endsWith(".jar"))
                    .filteredOn(name -> !name.matches("flink-(shaded|sql-connector)-.*"))
                    .hasSizeGreaterThan(20)
                    .allMatch(name -> name.endsWith("-" + home.version() + ".jar"));
        }
        assertThat(cluster.rest().get("/overview").path("flink-version").asText())
                .isEqualTo(home.version());
    }

    @Test
    void aJobOfAUsersJarRunsToItsEnd() {
        StreamPath from = stream("bounded-from", 3);
        StreamPath to = stream("bounded-to", 2);
        put(from, 0, 100);

        String job = cluster.rest().submit(jar, copy(from, to, "--bounded"));
        cluster.rest().awaitState(job, "FINISHED", SOON);

        assertThat(read(to)).containsExactlyInAnyOrderElementsOf(expected(0, 100));
    }

    @Test
    void aJobGoesOnWhenEachProcessIsKilledInTurn() {
        StreamPath from = stream("killed-from", 3);
        StreamPath to = stream("killed-to", 2);
        FlinkRest rest = cluster.rest();
        put(from, 0, 100);
        String job = rest.submit(jar, copy(from, to).withParallelism(4));
        awaitRecords(to, 100);
        rest.awaitMoreCheckpoints(job, 1, SOON);

        cluster.taskManager(0).kill();
        cluster.taskManager(0).restart();
        put(from, 100, 200);
        awaitRecords(to, 200);

        emulator.kill();
        emulator.restart();
        put(from, 200, 300);
        awaitRecords(to, 300);

        cluster.jobManager().kill();
        cluster.restartJobManager();
        rest.awaitState(job, "RUNNING", SOON);
        put(from, 300, 400);
        awaitRecords(to, 400);

        rest.cancel(job, SOON);
    }

    @Test
    void aJobGoesOnFromItsSavepointWithAnotherParallelism() {
        StreamPath from = stream("savepoint-from", 3);
        StreamPath to = stream("savepoint-to", 2);
        FlinkRest rest = cluster.rest();
        put(from, 0, 100);
        String first = rest.submit(jar, copy(from, to));
        awaitRecords(to, 100);

        String savepoint = rest.stopWithSavepoint(first, cluster.savepoints(), false, SOON);
        put(from, 100, 200);
        String second = rest.submit(jar, copy(from, to).withParallelism(3).from(savepoint));
        awaitRecords(to, 200);

        rest.awaitAllTasksRunning(second, SOON);
        assertThat(rest.metric(second, "numRecordsIn")).isLessThanOrEqualTo(100);
        rest.cancel(second, SOON);
        assertThat(rest.latestCheckpoint(second)).isPresent();
        assertThat(read(to)).containsExactlyInAnyOrderElementsOf(expected(0, 200));
    }

    @Test
    void aProcessThatIsPausedComesBack() {
        FlinkRest rest = cluster.rest();
        cluster.taskManager(1).process().pause();
        await("the JobManager gives it up")
                .atMost(SOON)
                .until(() -> !rest.taskManagers().contains(cluster.taskManager(1).id()));

        cluster.taskManager(1).process().resume();

        cluster.awaitReady();
    }

    @Test
    void aJobGoesOnWhenTheClusterWasCutIntoParts() {
        StreamPath from = stream("cut-from", 3);
        StreamPath to = stream("cut-to", 2);
        FlinkRest rest = cluster.rest();
        put(from, 0, 100);
        String job = rest.submit(jar, copy(from, to).withParallelism(4));
        awaitRecords(to, 100);
        rest.awaitMoreCheckpoints(job, 1, SOON);

        cluster.network().cutJobManager();
        await("the JobManager gives the TaskManagers up")
                .atMost(SOON)
                .until(() -> rest.taskManagers().isEmpty());
        cluster.network().heal();
        cluster.awaitReady();
        put(from, 100, 200);
        awaitRecords(to, 200);

        cluster.network().cutZooKeeper();
        await("nobody leads").atMost(SOON).until(() -> !rest.isReady());
        cluster.network().heal();
        cluster.awaitReady();
        rest.awaitState(job, "RUNNING", SOON);
        put(from, 200, 300);
        awaitRecords(to, 300);

        rest.cancel(job, SOON);
    }

    private static JobRun copy(StreamPath from, StreamPath to, String... more) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("--endpoint", emulator.endpoint()));
        arguments.addAll(List.of("--from", from.toString(), "--to", to.toString()));
        arguments.addAll(List.of(more));
        return JobRun.of(Copy.class, arguments.toArray(new String[0]));
    }

    private static StreamPath stream(String name, int shards) {
        StreamPath stream = StreamPath.parse("users/e2e/" + name);
        client.createStream(stream, shards, 24).join();
        return stream;
    }

    private static void put(StreamPath stream, int from, int to) {
        List<PutRecord> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            records.add(PutRecord.of(("record " + i).getBytes(UTF_8)).withPartitionKey("k" + i));
        }
        assertThat(client.putRecords(stream, records).join()).hasSize(to - from);
    }

    private static List<String> expected(int from, int to) {
        List<String> records = new ArrayList<>();
        for (int i = from; i < to; i++) {
            records.add("k" + i + "=record " + i);
        }
        return records;
    }

    /** At least once: the sink may write again what it wrote before a failure. */
    private static void awaitRecords(StreamPath stream, int number) {
        await(number + " records in " + stream)
                .atMost(SOON)
                .until(() -> read(stream).stream().distinct().count() == number);
    }

    private static List<String> read(StreamPath stream) {
        return StreamContent.read(client, stream).stream().map(FlinkClusterITCase::text).toList();
    }

    private static String text(StreamRecord record) {
        return record.partitionKey() + "=" + new String(record.data(), UTF_8);
    }
}

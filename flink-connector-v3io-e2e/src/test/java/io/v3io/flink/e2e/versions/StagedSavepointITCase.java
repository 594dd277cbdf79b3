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

package io.v3io.flink.e2e.versions;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkHome;
import io.v3io.flink.e2e.cluster.FlinkRest;
import io.v3io.flink.e2e.cluster.FlinkRest.JobRun;
import io.v3io.flink.e2e.cluster.StreamContent;
import io.v3io.flink.e2e.jobs.CopyJob;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A savepoint of an exactly-once job, made on the oldest Flink with an epoch that is staged and not
 * committed: the newest Flink commits it, and goes on.
 */
@Timeout(240)
class StagedSavepointITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final Path DIRECTORY = Path.of("target", "clusters", "staged-savepoint");
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String ACCESS_KEY = EmulatedStreams.ACCESS_KEY;
    private static final String NEVER_BY_ITSELF = Long.MAX_VALUE + " ms";
    private static final int KEYS = 20;
    private static final int BEFORE = 3_000;
    private static final int ALL = 4_000;

    private static final StreamPath FROM = StreamPath.parse("users/e2e/staged-from");
    private static final StreamPath TO = StreamPath.parse("users/e2e/staged-to");
    private static final String CONTAINER = "users";
    private static final String STAGING = "e2e/staging";

    private static V3ioEmulator emulator;
    private static V3ioClient client;

    @BeforeAll
    static void startEmulator() {
        EmulatedStreams streams = PLATFORM.startForAll(e -> e.accessKey(ACCESS_KEY));
        emulator = streams.emulator();
        client = streams.client();
        client.createStream(FROM, 3, 24).join();
        client.createStream(TO, 2, 24).join();
    }

    @Test
    void theNewestFlinkCommitsWhatTheOldestHasStaged() {
        JobRun run =
                JobRun.of(
                        CopyJob.class,
                        "--endpoint",
                        emulator.endpoint(),
                        "--stream",
                        FROM.toString(),
                        "--output",
                        TO.toString(),
                        "--guarantee",
                        "EXACTLY_ONCE",
                        "--staging",
                        CONTAINER + "/" + STAGING,
                        "--patience",
                        "500");
        put(0, BEFORE);

        String savepoint = savepointOfTheOldest(run.withParallelism(2));

        assertThat(StreamContent.read(client, TO)).isEmpty();
        assertThat(staged()).isNotEmpty();
        put(BEFORE, ALL);
        try (FlinkCluster newest = start(FlinkHome.ofBuild(), "newest", "500 ms")) {
            String job = submit(newest, run.withParallelism(3).from(savepoint));
            await("each record is stored")
                    .atMost(SOON)
                    .until(() -> StreamContent.read(client, TO).size() >= ALL);
            await("no object is left").atMost(SOON).until(() -> staged().isEmpty());
            newest.rest().awaitMoreCheckpoints(job, 1, SOON);
            assertThat(newest.rest().rootException(job)).isEqualTo("none");
            newest.rest().cancel(job, SOON);
        }
        Map<String, List<Integer>> byKey = new HashMap<>();
        StreamContent.read(client, TO)
                .forEach(
                        record ->
                                byKey.computeIfAbsent(record.partitionKey(), k -> new ArrayList<>())
                                        .add(Integer.parseInt(new String(record.data(), UTF_8))));
        for (int key = 0; key < KEYS; key++) {
            int remainder = key;
            assertThat(byKey.get("key-" + key))
                    .as("each record of a key once, in their order")
                    .containsExactlyElementsOf(
                            IntStream.range(0, ALL)
                                    .filter(number -> number % KEYS == remainder)
                                    .boxed()
                                    .toList());
        }
    }

    /** Its epoch cannot be committed before the job ends. */
    private static String savepointOfTheOldest(JobRun run) {
        FlinkHome home = FlinkHome.of(Path.of(System.getProperty("v3io.flink.oldest.home")));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).path(TO.path()).throttle(1));
        try (FlinkCluster oldest = start(home, "oldest", NEVER_BY_ITSELF)) {
            String job = submit(oldest, run);
            await("all records wait for the savepoint")
                    .atMost(SOON)
                    .until(() -> oldest.rest().metric(job, "v3io.epochRecords") == BEFORE);
            String savepoint =
                    oldest.rest().savepoint(job, DIRECTORY.toAbsolutePath().resolve("kept"), SOON);
            oldest.rest().cancel(job, SOON);
            return savepoint;
        } finally {
            emulator.faults().clear();
        }
    }

    private static FlinkCluster start(FlinkHome home, String name, String interval) {
        return FlinkCluster.builder(DIRECTORY.resolve(name))
                .setHome(home)
                .setSlots(4)
                .setOption("execution.checkpointing.interval", interval)
                .setEnvironment("V3IO_ACCESS_KEY", ACCESS_KEY)
                .start();
    }

    private static String submit(FlinkCluster cluster, JobRun run) {
        FlinkRest rest = cluster.rest();
        return rest.submit(rest.upload(Path.of(System.getProperty("v3io.e2e.jobs.jar"))), run);
    }

    private static void put(int from, int to) {
        for (int start = from; start < to; start += 1_000) {
            List<PutRecord> records =
                    IntStream.range(start, start + 1_000)
                            .mapToObj(
                                    number ->
                                            PutRecord.of(Integer.toString(number).getBytes(UTF_8))
                                                    .withPartitionKey("key-" + number % KEYS))
                            .toList();
            assertThat(client.putRecords(FROM, records).join())
                    .allMatch(result -> result instanceof PutResult.Stored);
        }
    }

    private static List<String> staged() {
        return client.listObjects(CONTAINER, STAGING).join();
    }
}

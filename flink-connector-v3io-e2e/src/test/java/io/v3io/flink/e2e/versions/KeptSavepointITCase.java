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
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkRest;
import io.v3io.flink.e2e.cluster.FlinkRest.JobRun;
import io.v3io.flink.e2e.cluster.StreamContent;
import io.v3io.flink.e2e.jobs.CopyJob;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Savepoints of earlier versions, each of a job that had copied the first 100 records of a stream:
 * today's job goes on at the next one.
 *
 * <p>With {@code -Dv3io.savepoint.keep=NAME} it makes such a savepoint with the code of today and
 * the cluster's Flink, to be committed before a release.
 */
@Timeout(180)
class KeptSavepointITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final Path KEPT = Path.of("src", "test", "resources", "savepoints");
    private static final String KEEP_PROPERTY = "v3io.savepoint.keep";
    private static final String METADATA = "_metadata";

    private static final Path DIRECTORY = Path.of("target", "clusters", "kept-savepoint");
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String KEY = EmulatedStreams.ACCESS_KEY;

    /** A stream whose records arrive at other times is another one, and refused. */
    private static final InstantSource CLOCK =
            InstantSource.fixed(Instant.parse("2026-01-01T00:00:00Z"));

    private static final StreamPath FROM = StreamPath.parse("users/e2e/kept-from");
    private static final StreamPath TO = StreamPath.parse("users/e2e/kept-to");

    private static FlinkCluster cluster;

    @BeforeAll
    static void startCluster() {
        cluster =
                FlinkCluster.builder(DIRECTORY)
                        .setSlots(4)
                        .setOption("execution.checkpointing.interval", "500 ms")
                        .setEnvironment("V3IO_ACCESS_KEY", KEY)
                        .start();
    }

    @AfterAll
    static void endCluster() {
        if (cluster != null) {
            cluster.close();
        }
    }

    static Stream<String> savepoints() throws IOException {
        String toKeep = System.getProperty(KEEP_PROPERTY);
        if (toKeep != null) {
            return Stream.of(toKeep);
        }
        try (Stream<Path> directories = Files.list(KEPT)) {
            return directories
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("savepoints")
    void aJobGoesOnFromASavepointOfAnEarlierVersion(String name) throws Exception {
        FlinkRest rest = cluster.rest();
        String jar = rest.upload(Path.of(System.getProperty("v3io.e2e.jobs.jar")));
        try (EmulatedStreams streams = PLATFORM.start(e -> e.accessKey(KEY).clock(CLOCK))) {
            V3ioClient client = streams.client();
            client.createStream(FROM, 3, 24).join();
            client.createStream(TO, 2, 24).join();
            JobRun run =
                    JobRun.of(
                            CopyJob.class,
                            "--endpoint",
                            streams.endpoint(),
                            "--stream",
                            FROM.toString(),
                            "--output",
                            TO.toString());
            put(client, 0, 100);
            if (System.getProperty(KEEP_PROPERTY) != null) {
                String job = rest.submit(jar, run);
                awaitCopied(client, 0, 100);
                // Its path is kept in it, so it tells nothing of who has made it.
                Path directory = Files.createTempDirectory("savepoints");
                keep(name, rest.stopWithSavepoint(job, directory, false, SOON));
                return;
            }
            put(client, 100, 200);

            String kept = KEPT.resolve(name).toUri().toString();
            String job = rest.submit(jar, run.withParallelism(2).from(kept));

            awaitCopied(client, 100, 200);
            rest.awaitMoreCheckpoints(job, 1, SOON);
            assertThat(rest.rootException(job)).isEqualTo("none");
            rest.cancel(job, SOON);
        }
    }

    /** Its only file, because so little state is in it. */
    private static void keep(String name, String savepoint) throws IOException {
        Path directory = Path.of(URI.create(savepoint));
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(directory.resolve(METADATA));
        }
        Files.createDirectories(KEPT.resolve(name));
        Files.copy(directory.resolve(METADATA), KEPT.resolve(name).resolve(METADATA));
    }

    private static void put(V3ioClient client, int from, int to) {
        List<PutRecord> records =
                numbers(from, to).stream()
                        .map(text -> PutRecord.of(text.getBytes(UTF_8)).withPartitionKey(text))
                        .toList();
        assertThat(client.putRecords(FROM, records).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }

    private static void awaitCopied(V3ioClient client, int from, int to) {
        await("copied is what comes after the savepoint, and nothing else")
                .atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(StreamContent.read(client, TO))
                                        .extracting(record -> new String(record.data(), UTF_8))
                                        .containsExactlyInAnyOrderElementsOf(numbers(from, to)));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(number -> "record-" + number).toList();
    }
}

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

package io.v3io.flink.table;

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.ReportedMetrics;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.core.execution.JobClient;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** SQL jobs whose records, or whose stream, are gone. What is said names the options of SQL. */
@Timeout(120)
class LostRecordsITCase {

    private static final String STREAM = "users/me/events";
    private static final String OTHER = "users/me/others";
    private static final String COPIES = "users/me/copies";
    private static final String COPY = "INSERT INTO copies SELECT v FROM events";

    private static final ReportedMetrics METRICS = new ReportedMetrics();

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2, METRICS.configuration());

    @TempDir private Path savepoints;
    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath events;

    @BeforeEach
    void createStreams() {
        events = streams.create(STREAM, 1);
        streams.create(OTHER, 1);
        streams.create(COPIES, 1);
        streams.put(events, 0, "a", 10);
    }

    @Test
    void aJobWhoseRecordsWereRemovedFailsAndSaysWhichOptionHelps() throws Exception {
        String savepoint = loseFourRecords();

        JobClient job = start(COPY, savepoint);
        assertFails(job, STREAM + "/0", "4 sequence numbers", "'scan.on-data-loss' = 'earliest'");
        assertThat(copies()).isEqualTo(values("a", 1, 10));
    }

    @Test
    void withEarliestAJobGoesOnWithWhatIsLeft() throws Exception {
        String savepoint = loseFourRecords();

        JobClient job = start(COPY, savepoint, "scan.on-data-loss", "earliest");
        awaitCopies(values("a", 1, 10), values("b", 5, 10));
        assertThat(METRICS.sum(job.getJobID(), "v3io.dataLossEvents")).isEqualTo(1);
        streams.put(events, 0, "c", 5);
        awaitCopies(values("a", 1, 10), values("b", 5, 10), values("c", 1, 5));
        job.cancel().get();
    }

    @Test
    void withLatestAJobGoesOnWithWhatArrives() throws Exception {
        String savepoint = loseFourRecords();

        JobClient job = start(COPY, savepoint, "scan.on-data-loss", "latest");
        await().until(
                        () -> {
                            // Until it is where the stream ends, what arrives is passed over.
                            streams.put(events, 0, "c", 1);
                            return copies().size() > 10;
                        });
        job.cancel().get();
        assertThat(copies().subList(0, 10)).isEqualTo(values("a", 1, 10));
        assertThat(copies().subList(10, copies().size())).containsOnly("c1");
    }

    @Test
    void aStreamThatIsMadeAgainFailsTheJobAndIsNotRead() throws Exception {
        JobClient job = start(COPY, null);
        awaitCopies(values("a", 1, 10));
        makeAgain();

        assertFails(job, STREAM, "deleted");
        assertThat(copies()).isEqualTo(values("a", 1, 10));
    }

    @Test
    void aStreamThatWasMadeAgainIsNotReadFromTheStateOfTheOldOne() throws Exception {
        JobClient job = start(COPY, null);
        awaitCopies(values("a", 1, 10));
        String savepoint = Savepoints.stop(job, savepoints);
        makeAgain();

        assertFails(start(COPY, savepoint), STREAM, "deleted and created again");
        // It is no loss that one could choose to live with.
        assertFails(
                start(COPY, savepoint, "scan.on-data-loss", "earliest"),
                STREAM,
                "deleted and created again");
        assertThat(copies()).isEqualTo(values("a", 1, 10));
    }

    @Test
    void withEndTheOtherTableIsReadOnAndTheNewStreamIsNot() throws Exception {
        JobClient job =
                start(
                        COPY + " UNION ALL SELECT v FROM others",
                        null,
                        "scan.on-deleted-stream",
                        "end");
        awaitCopies(values("a", 1, 10));
        streams.client().deleteStream(events).join();
        await().until(() -> METRICS.sumOfAllAttempts("endedShards") == 1);
        await().until(() -> METRICS.sumOfAllAttempts("endedStreams") == 1);

        streams.create(STREAM, 1);
        streams.put(events, 0, "new", 5);
        streams.put(StreamPath.parse(OTHER), 0, "o", 5);
        awaitCopies(values("a", 1, 10), values("o", 1, 5));
        job.cancel().get();
    }

    /** Of ten records after those that were read, the first four. */
    private String loseFourRecords() throws Exception {
        JobClient job = start(COPY, null);
        awaitCopies(values("a", 1, 10));
        String savepoint = Savepoints.stop(job, savepoints);
        streams.put(events, 0, "b", 10);
        List<StoredRecord> all = streams.emulator().stream(STREAM).records(0);
        streams.emulator().trimShard(STREAM, 0, all.get(14).sequenceNumber());
        return savepoint;
    }

    private void makeAgain() {
        streams.client().deleteStream(events).join();
        streams.create(STREAM, 1);
        streams.put(events, 0, "new", 4);
    }

    private JobClient start(String statement, @Nullable String savepoint, String... options) {
        SqlSession session =
                SqlSession.streaming()
                        .set("parallelism.default", "1")
                        .set("restart-strategy.type", "none");
        if (savepoint != null) {
            session.set("execution.state-recovery.path", savepoint);
        }
        List<String> ofSource =
                new ArrayList<>(
                        List.of(
                                "format", "raw",
                                "scan.startup.mode", "earliest",
                                "scan.idle-pause.min", "1 ms",
                                "scan.idle-pause.max", "10 ms",
                                "scan.shard-discovery.interval", "50 ms"));
        ofSource.addAll(Arrays.asList(options));
        for (String table : List.of("events", "others")) {
            session.createTable(
                    table + " (v STRING)",
                    streams.endpoint(),
                    "users/me/" + table,
                    ofSource.toArray(String[]::new));
        }
        session.createTable("copies (v STRING)", streams.endpoint(), COPIES, "format", "raw");
        return session.tables().executeSql(statement).getJobClient().orElseThrow();
    }

    private static void assertFails(JobClient job, String... words) {
        var failure = assertThatThrownBy(() -> job.getJobExecutionResult().get());
        for (String word : words) {
            failure.hasStackTraceContaining(word);
        }
    }

    private void awaitCopies(List<?>... parts) {
        List<?> expected = Stream.of(parts).flatMap(List::stream).toList();
        await().untilAsserted(() -> assertThat(copies()).isEqualTo(expected));
    }

    private List<String> copies() {
        return streams.emulator().stream(COPIES).records(0).stream()
                .map(record -> new String(record.data(), UTF_8))
                .toList();
    }

    private static List<String> values(String prefix, int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(i -> prefix + i).toList();
    }
}

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

package io.v3io.flink.source;

import io.v3io.client.RetryPolicy;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.deadletter.DeadLetter;
import io.v3io.flink.deadletter.DeadLetterWriter;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.flink.testing.UndecodableRecords;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ExceptionUtils;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A job whose streams hold records that it cannot read. */
@Timeout(180)
class V3ioSourceDeadLettersITCase {

    private static final String LETTERS = "users/me/letters";
    private static final int FAILURES = 5;
    private static final int RECORDS = 6_000;

    /** How often state has seen each text; the job runs in the test's JVM. */
    private static final Map<String, Integer> SEEN = new ConcurrentHashMap<>();

    private static final AtomicInteger FAILED = new AtomicInteger();

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    @TempDir private Path savepoints;
    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void createStreams() {
        SEEN.clear();
        FAILED.set(0);
        streams.create(LETTERS, 3);
    }

    /** Two streams are read, one record of four is bad; writes of dead letters fail in all ways. */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 20261130})
    void throughFailuresEachUndecodableRecordIsInTheDeadLetterStream(long seed) throws Exception {
        List<StreamPath> read =
                List.of(streams.create("users/me/a", 2), streams.create("users/me/b", 2));
        Fault put = Fault.on(Operation.PUT_RECORDS).path("letters");
        streams.emulator().faults().add(put.resetAfter().probability(0.15));
        streams.emulator().faults().add(put.respond(503, "text/html", "busy").probability(0.15));
        streams.emulator().faults().add(put.throttle(0).probability(0.1));
        streams.emulator().faults().add(put.failRecords("SlowDown", 0).probability(0.15));
        JobClient job = start(seed);

        List<List<PutRecord>> all = List.of(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < RECORDS; i++) {
            String text = (i % 4 == 0 ? "bad " : "good ") + i;
            // After each bad record of a shard comes a good one, which says that it was read.
            all.get(i % 2).add(PutRecord.of(text.getBytes(UTF_8)).withShardId(i / 4 % 2));
        }
        // Slowly, so that the failures hit a job that reads.
        int written = 0;
        while (written < RECORDS / 2) {
            int next = Math.min(RECORDS / 2, written + 300);
            for (int s = 0; s < 2; s++) {
                streams.putAll(read.get(s), all.get(s).subList(written, next));
            }
            written = next;
            int writtenNow = written;
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> FAILED.get() >= FAILURES || SEEN.size() > writtenNow);
        }
        await().atMost(Duration.ofSeconds(60)).until(() -> SEEN.size() == RECORDS * 3 / 4);
        Savepoints.stop(job, savepoints);

        assertThat(FAILED).hasValue(FAILURES);
        assertThat(SEEN.values()).as("each once, seed %d", seed).containsOnly(1);
        assertThat(texts())
                .as("seed %d", seed)
                .isEqualTo(
                        IntStream.range(0, RECORDS)
                                .filter(i -> i % 4 == 0)
                                .mapToObj(i -> "bad " + i)
                                .collect(Collectors.toCollection(TreeSet::new)));
        for (DeadLetter letter : letters()) {
            StreamPath stream = StreamPath.parse(letter.stream());
            StoredRecord original =
                    streams.emulator().stream(stream.toString())
                            .records(letter.shard())
                            .get(letter.sequenceNumber().intValue() - 1);
            assertThat(original.data()).isEqualTo(letter.data());
            assertThat(original.arrivalTime()).isEqualTo(letter.arrivalTime());
            assertThat(letter.reason()).isEqualTo("it is bad");
        }
    }

    @Test
    void aBoundedJobEndsWithAllItsDeadLettersStored() throws Exception {
        StreamPath a = streams.create("users/me/a", 2);
        streams.create("users/me/b", 1);
        streams.put(a, 0, "bad ", 500);
        streams.put(a, 1, "good ", 500);
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .path("letters")
                                .respond(503, "text/html", "busy")
                                .times(10));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.fromSource(
                        source().setBounded(StoppingPosition.latest()).build(),
                        WatermarkStrategy.noWatermarks(),
                        "v3io")
                .sinkTo(new DiscardingSink<>());
        env.execute("bounded");

        assertThat(texts()).hasSize(500);
    }

    @Test
    void aMissingDeadLetterStreamFailsTheJobAtItsStart() {
        streams.create("users/me/a", 1);
        streams.create("users/me/b", 1);
        streams.client().deleteStream(StreamPath.parse(LETTERS)).join();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.fromSource(source().build(), WatermarkStrategy.noWatermarks(), "v3io")
                .sinkTo(new DiscardingSink<>());

        assertThatThrownBy(() -> env.execute("without"))
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .contains(
                                                "Dead letters cannot be stored in stream"
                                                        + " users/me/letters:")
                                        .contains(
                                                "Create the stream, or correct setDeadLetterStream"
                                                        + " (in SQL 'scan.dead-letter.stream')."));
    }

    /** The platform is gone; the job waits for it in a snapshot, and must still end at once. */
    @Test
    void aJobThatWaitsForDeadLettersCanBeCancelled() throws Exception {
        StreamPath a = streams.create("users/me/a", 1);
        streams.create("users/me/b", 1);
        streams.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).path("letters").never());
        streams.put(a, 0, "bad ", 10);
        JobClient job = start(1);
        // A checkpoint may come between any two of the records.
        await().atMost(Duration.ofSeconds(60)).until(V3ioSourceDeadLettersITCase::isATaskWaiting);

        long start = System.nanoTime();
        job.cancel().get();
        await().until(() -> job.getJobStatus().get().isGloballyTerminalState());
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }

    private static boolean isATaskWaiting() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Arrays::stream)
                .anyMatch(
                        frame ->
                                frame.getClassName().equals(DeadLetterWriter.class.getName())
                                        && frame.getMethodName().equals("awaitStored"));
    }

    private JobClient start(long seed) throws Exception {
        Configuration configuration = Restarts.upTo(Integer.MAX_VALUE);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(20);
        env.fromSource(source().build(), WatermarkStrategy.noWatermarks(), "v3io")
                .keyBy(text -> text)
                .process(new CountInState(seed))
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync("dead letters");
    }

    private V3ioSourceBuilder<String> source() {
        return V3ioSource.<String>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .configureClient(
                        client ->
                                client.setRetryPolicy(
                                        new RetryPolicy(
                                                1_000,
                                                Duration.ofMinutes(2),
                                                Duration.ofMillis(1),
                                                Duration.ofMillis(20))))
                .setStreams(List.of("users/me/a", "users/me/b"))
                .setMaxRecordsPerRequest(100)
                .setOnDeserializationFailure(OnDeserializationFailure.DEAD_LETTER)
                .setDeadLetterStream(LETTERS)
                .setDeserializer(new UndecodableRecords());
    }

    private Set<String> texts() throws IOException {
        Set<String> texts = new TreeSet<>();
        for (DeadLetter letter : letters()) {
            texts.add(new String(letter.data(), UTF_8));
        }
        return texts;
    }

    private List<DeadLetter> letters() throws IOException {
        List<DeadLetter> all = new ArrayList<>();
        for (int shard = 0; shard < 3; shard++) {
            for (StoredRecord record : streams.emulator().stream(LETTERS).records(shard)) {
                all.add(DeadLetter.fromJson(record.data()));
            }
        }
        return all;
    }

    /** Fails once for each twelfth hundred of records or so, when a checkpoint has completed. */
    private static final class CountInState extends KeyedProcessFunction<String, String, String>
            implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private final long seed;
        private transient MapState<String, Integer> seen;
        private transient boolean mayFail;
        private transient int records;

        CountInState(long seed) {
            this.seed = seed;
        }

        @Override
        public void open(OpenContext context) {
            seen =
                    getRuntimeContext()
                            .getMapState(
                                    new MapStateDescriptor<>("seen", String.class, Integer.class));
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            mayFail = true;
        }

        @Override
        public void processElement(String text, Context context, Collector<String> out)
                throws Exception {
            Integer before = seen.get(text);
            int count = before == null ? 1 : before + 1;
            seen.put(text, count);
            SEEN.put(text, count);
            records++;
            if (mayFail
                    && records > 20 + seed % 7
                    && FAILED.getAndUpdate(n -> Math.min(FAILURES, n + 1)) < FAILURES) {
                throw new IllegalStateException("failed by the test");
            }
        }
    }
}

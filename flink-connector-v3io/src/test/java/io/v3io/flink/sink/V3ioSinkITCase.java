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

package io.v3io.flink.sink;

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Jobs with the sink on a MiniCluster against the emulator. */
@Tag("quick")
@Timeout(180)
class V3ioSinkITCase {

    private static final String STREAM = "users/me/numbers";
    private static final String KEY = EmulatedStreams.ACCESS_KEY;
    private static final int SHARDS = 8;
    private static final int PARALLELISM = 2;

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(1, PARALLELISM);

    private final long seed = System.nanoTime();
    private V3ioEmulator emulator;

    @BeforeEach
    void start() {
        EmulatedStreams streams = PLATFORM.start(e -> e.accessKey(KEY).seed(seed));
        emulator = streams.emulator();
        streams.create(STREAM, SHARDS);
    }

    @Test
    void storesEveryRecordAndEachKeyInOneShard() throws Exception {
        run(10_000, sink().setPartitionKey(n -> "key-" + Long.parseLong(n) % 100).build());
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(numbers(10_000));
        Map<String, Integer> shardOfKey = new HashMap<>();
        Set<Integer> shards = new HashSet<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            for (StoredRecord record : emulator.stream(STREAM).records(shard)) {
                shards.add(shard);
                Integer earlier = shardOfKey.putIfAbsent(record.partitionKey(), shard);
                assertThat(earlier).isIn(null, shard);
            }
        }
        assertThat(shardOfKey).hasSize(100);
        assertThat(shards).hasSize(SHARDS);
    }

    @Test
    void storesEveryRecordInBatchModeToo() throws Exception {
        StreamExecutionEnvironment env = environment();
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        // Without the end of the input nothing would send the last ones within an hour.
        env.fromSequence(1, 2_345)
                .map(String::valueOf)
                .sinkTo(sink().setMaxTimeInBuffer(Duration.ofHours(1)).build());
        env.execute();
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(numbers(2_345));
    }

    @Test
    void storesEveryRecordInTheShardThatWasChosen() throws Exception {
        run(1_000, sink().setShardId(n -> (int) (Long.parseLong(n) % SHARDS)).build());
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(numbers(1_000));
        for (int shard = 0; shard < SHARDS; shard++) {
            int chosen = shard;
            assertThat(emulator.stream(STREAM).records(shard))
                    .allMatch(r -> Long.parseLong(new String(r.data(), UTF_8)) % SHARDS == chosen);
        }
    }

    @Test
    void storesEveryRecordWithItsClientInfoWhereThePlatformLikes() throws Exception {
        run(1_000, sink().setClientInfo(n -> n.getBytes(UTF_8)).build());
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(numbers(1_000));
        for (int shard = 0; shard < SHARDS; shard++) {
            assertThat(emulator.stream(STREAM).records(shard))
                    .isNotEmpty()
                    .allSatisfy(r -> assertThat(r.clientInfo()).isEqualTo(r.data()));
        }
    }

    @Test
    void storesNothingTwiceWhenOnlyPartsOfRequestsFail() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("Resource temporarily unavailable")
                                .probability(0.3));
        run(5_000, sink().setPartitionKey(n -> n).setMaxBatchSize(100).build());
        assertThat(stored())
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(numbers(5_000));
    }

    @Test
    void storesEveryRecordAtLeastOnceUnderAllFaults() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(503, "text/html", "<html>busy</html>")
                                .probability(0.1));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().probability(0.1));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetAfter().probability(0.1));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).cutBody().probability(0.1));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).throttle(0).probability(0.1));
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("Resource temporarily unavailable")
                                .probability(0.1));
        run(5_000, sink().setPartitionKey(n -> n).setMaxBatchSize(100).build());
        assertThat(new HashSet<>(stored()))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(numbers(5_000));
    }

    @Test
    void storesEveryRecordAtLeastOnceThroughACrash() throws Exception {
        FailAfterCheckpoint.failed.set(false);
        StreamExecutionEnvironment env = environment();
        env.enableCheckpointing(50);
        DataStream<String> numbers = env.fromSequence(1, 30_000).map(new FailAfterCheckpoint());
        // So little is under way and buffered that the job is still running at its checkpoints.
        numbers.sinkTo(
                sink().setPartitionKey(n -> n)
                        .setMaxBatchSize(50)
                        .setMaxInFlightRequests(1)
                        .setMaxBufferedRequests(100)
                        .build());
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(10)));
        env.execute();
        assertThat(FailAfterCheckpoint.failed).isTrue();
        assertThat(new HashSet<>(stored())).containsExactlyInAnyOrderElementsOf(numbers(30_000));
    }

    @Test
    void createsTheStreamAndKeepsTheOrderOfEachKey() throws Exception {
        String created = "users/me/created";
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("Resource temporarily unavailable")
                                .probability(0.1));
        StreamExecutionEnvironment env = environment();
        env.enableCheckpointing(50);
        env.fromSequence(1, 5_000)
                .setParallelism(1)
                .map(String::valueOf)
                .setParallelism(1)
                .keyBy(n -> Long.parseLong(n) % 50)
                .sinkTo(
                        sink().setStream(created)
                                .setCreateStream(SHARDS, 24)
                                .setPartitionKey(n -> "key-" + Long.parseLong(n) % 50)
                                .setOrder(OrderGuarantee.STRICT)
                                .build());
        env.execute();
        Map<Long, Long> last = new HashMap<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            for (StoredRecord record : emulator.stream(created).records(shard)) {
                long number = Long.parseLong(new String(record.data(), UTF_8));
                Long before = last.put(number % 50, number);
                assertThat(before == null || before < number)
                        .as("seed %d: %d after %s", seed, number, before)
                        .isTrue();
            }
        }
        assertThat(emulator.stream(created).recordCount()).isEqualTo(5_000);
    }

    @Test
    void failsTheJobWithAWrongAccessKeyAndDoesNotShowIt() {
        assertThatThrownBy(() -> run(10, sink().setAccessKey("a-wrong-access-key").build()))
                .hasStackTraceContaining("Check that the access key that was set on the client")
                .hasStackTraceContaining(STREAM)
                .satisfies(
                        e ->
                                assertThat(
                                                org.apache.flink.util.ExceptionUtils
                                                        .stringifyException(e))
                                        .doesNotContain("a-wrong-access-key"));
    }

    @Test
    void cancelsWithinSecondsWhileTheServerNeverAnswers() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never());
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, Long.MAX_VALUE - 1)
                .map(String::valueOf)
                .sinkTo(sink().setMaxInFlightRequests(2).build());
        JobClient job = env.executeAsync();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> emulator.requestCount(Operation.PUT_RECORDS) >= 2 * PARALLELISM);
        long start = System.nanoTime();
        job.cancel().get(30, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> job.getJobStatus().get() == JobStatus.CANCELED);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    private V3ioSinkBuilder<String> sink() {
        return V3ioSink.<String>builder()
                .setEndpoint(emulator.endpoint())
                .setAccessKey(KEY)
                .setStream(STREAM)
                .setSerializationSchema(new SimpleStringSchema())
                .setMaxTimeInBuffer(Duration.ofMillis(100))
                .configureClient(c -> c.setRetryPolicy(EmulatedStreams.PATIENT));
    }

    private static StreamExecutionEnvironment environment() {
        Configuration configuration = Restarts.upTo(1);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(PARALLELISM);
        return env;
    }

    private static void run(int count, V3ioSink<String> sink) throws Exception {
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, count).map(String::valueOf).sinkTo(sink);
        env.execute();
    }

    private static List<String> numbers(int count) {
        return LongStream.rangeClosed(1, count).mapToObj(String::valueOf).toList();
    }

    private List<String> stored() {
        List<String> stored = new ArrayList<>();
        IntStream.range(0, SHARDS)
                .forEach(
                        shard ->
                                emulator.stream(STREAM)
                                        .records(shard)
                                        .forEach(r -> stored.add(new String(r.data(), UTF_8))));
        return stored;
    }

    /** Fails once, at the first record after a completed checkpoint. */
    private static final class FailAfterCheckpoint extends RichMapFunction<Long, String>
            implements CheckpointListener {

        private static final long serialVersionUID = 1L;

        // The tasks run in this JVM.
        private static final AtomicBoolean failed = new AtomicBoolean();

        private transient boolean checkpointed;

        @Override
        public String map(Long number) {
            if (checkpointed && failed.compareAndSet(false, true)) {
                throw new IllegalStateException("A crash, as the test wants it.");
            }
            return String.valueOf(number);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            checkpointed = true;
        }
    }
}

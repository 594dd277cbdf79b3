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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.testing.TestSeeds;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.Collector;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A job that is failed at random points while a stream is written and grows. Keyed state holds each
 * shard's last sequence number; the emulator's numbers have no gaps, so every record that was lost,
 * came twice or overtook another one breaks the chain and is named.
 */
@Timeout(180)
class V3ioSourceRecoveryITCase {

    private static final int FAILURES = 10;

    /** What the job shows to the test, which runs in the same JVM. */
    private static final Map<String, Long> LAST_NUMBERS = new ConcurrentHashMap<>();

    private static final Queue<String> BROKEN_CHAINS = new ConcurrentLinkedQueue<>();
    private static final AtomicInteger FAILED = new AtomicInteger();

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(2, 2);

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void createStreams() {
        LAST_NUMBERS.clear();
        BROKEN_CHAINS.clear();
        FAILED.set(0);
    }

    /** The numbers of the new ones are in the names of the tests. */
    static LongStream seeds() {
        return TestSeeds.fixed(30, 1, 20261123, 77);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsInStateExactlyOnceThroughFailuresAndGrowth(long seed) throws Exception {
        Random random = new Random(seed);
        StreamPath stream = streams.create("users/me/events", 3);
        int batchRecords = 1 + random.nextInt(1_000);
        JobClient job = startJob(seed, batchRecords);

        int shards = 3;
        int written = 0;
        // The writing goes on until the job has failed as often as it is to, so that all failures
        // hit a running job.
        while (FAILED.get() < FAILURES || written < 20_000) {
            int backlog = random.nextInt(20) == 0 ? 500 : 20_000;
            List<PutRecord> records = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                byte[] data = ("event " + written++).getBytes(StandardCharsets.UTF_8);
                records.add(PutRecord.of(data).withShardId(random.nextInt(shards)));
            }
            streams.putAll(stream, records);
            int writtenNow = written;
            // Now close behind the writer, where it meets the ends of shards, now far behind, where
            // batches are full.
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !BROKEN_CHAINS.isEmpty() || writtenNow - inState() < backlog);
            if (shards < 12 && random.nextInt(10) == 0) {
                shards += 1 + random.nextInt(3);
                streams.grow(stream, shards);
            }
        }

        int total = written;
        await("all records in state, seed " + seed)
                .atMost(Duration.ofSeconds(60))
                .until(() -> !BROKEN_CHAINS.isEmpty() || inState() == total);
        job.cancel().get();
        assertThat(BROKEN_CHAINS).as("seed %d", seed).isEmpty();
        assertThat(FAILED).as("seed %d", seed).hasValue(FAILURES);
        for (int shard = 0; shard < shards; shard++) {
            List<?> stored = streams.emulator().stream("users/me/events").records(shard);
            assertThat(LAST_NUMBERS.getOrDefault("users/me/events/" + shard, 0L))
                    .as("shard %d, seed %d", shard, seed)
                    .isEqualTo(stored.size());
        }
    }

    private static long inState() {
        return LAST_NUMBERS.values().stream().mapToLong(Long::longValue).sum();
    }

    private JobClient startJob(long seed, int batchRecords) throws Exception {
        Configuration configuration = Restarts.upTo(Integer.MAX_VALUE);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(4);
        env.enableCheckpointing(25);
        V3ioSource<Tuple3<String, Long, String>> source =
                V3ioSource.<Tuple3<String, Long, String>>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream("users/me/events")
                        .setMaxRecordsPerRequest(batchRecords)
                        .setShardDiscoveryInterval(Duration.ofMillis(30))
                        .setDeserializer(new RecordCoordinates())
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                .map(new FailAfterACheckpoint(seed))
                .returns(new RecordCoordinates().getProducedType())
                .keyBy(record -> record.f0)
                .process(new CheckChain())
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync("random failures");
    }

    /**
     * Fails at a random record after a checkpoint, wherever in a batch that is, a fixed number of
     * times in all.
     */
    private static final class FailAfterACheckpoint
            extends RichMapFunction<Tuple3<String, Long, String>, Tuple3<String, Long, String>>
            implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private final long seed;
        private transient Random random;
        private transient int recordsUntilFailure;

        FailAfterACheckpoint(long seed) {
            this.seed = seed;
        }

        @Override
        public void open(OpenContext context) {
            int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
            int attempt = getRuntimeContext().getTaskInfo().getAttemptNumber();
            random = new Random(seed * 31 * 31 + subtask * 31L + attempt);
            recordsUntilFailure = 0;
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            if (recordsUntilFailure == 0) {
                recordsUntilFailure = 1 + random.nextInt(300);
            }
        }

        @Override
        public Tuple3<String, Long, String> map(Tuple3<String, Long, String> record) {
            work(record.f2);
            if (recordsUntilFailure > 0 && --recordsUntilFailure == 0 && claimFailure()) {
                throw new IllegalStateException("failed by the test");
            }
            return record;
        }

        /** Takes time for each record, so that most checkpoints come in the middle of a batch. */
        private static void work(String data) {
            CRC32C checksum = new CRC32C();
            byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 2_000; i++) {
                checksum.update(bytes);
            }
            if (checksum.getValue() == 0) {
                throw new IllegalStateException("checksum 0 of " + data);
            }
        }

        private static boolean claimFailure() {
            return FAILED.getAndUpdate(count -> Math.min(FAILURES, count + 1)) < FAILURES;
        }
    }

    private static final class CheckChain
            extends KeyedProcessFunction<
                    String, Tuple3<String, Long, String>, Tuple3<String, Long, String>> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> lastNumber;

        @Override
        public void open(OpenContext context) {
            lastNumber =
                    getRuntimeContext()
                            .getState(new ValueStateDescriptor<>("last number", Long.class));
        }

        @Override
        public void processElement(
                Tuple3<String, Long, String> record,
                Context context,
                Collector<Tuple3<String, Long, String>> out)
                throws Exception {
            Long last = lastNumber.value();
            long expected = last == null ? 1 : last + 1;
            if (record.f1 != expected) {
                BROKEN_CHAINS.add(
                        record.f0 + ": " + record.f1 + " came where " + expected + " was due");
            }
            lastNumber.update(record.f1);
            LAST_NUMBERS.put(record.f0, record.f1);
        }
    }
}

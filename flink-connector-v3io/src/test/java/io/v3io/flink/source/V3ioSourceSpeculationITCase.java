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

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.BatchExecutionOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.SlowTaskDetectorOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A batch job of which Flink runs several attempts of a slow subtask at once. */
@Timeout(120)
class V3ioSourceSpeculationITCase {

    private static final int PARALLELISM = 4;

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(2, PARALLELISM, configuration());

    private final EmulatedStreams streams = PLATFORM.start();

    private static Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.set(
                JobManagerOptions.SCHEDULER, JobManagerOptions.SchedulerType.AdaptiveBatch);
        configuration.set(BatchExecutionOptions.SPECULATIVE_ENABLED, true);
        configuration.set(BatchExecutionOptions.BLOCK_SLOW_NODE_DURATION, Duration.ZERO);
        configuration.set(SlowTaskDetectorOptions.CHECK_INTERVAL, Duration.ofMillis(50));
        configuration.set(
                SlowTaskDetectorOptions.EXECUTION_TIME_BASELINE_LOWER_BOUND, Duration.ofMillis(1));
        configuration.set(SlowTaskDetectorOptions.EXECUTION_TIME_BASELINE_RATIO, 0.2);
        configuration.set(SlowTaskDetectorOptions.EXECUTION_TIME_BASELINE_MULTIPLIER, 1.0);
        return configuration;
    }

    @BeforeEach
    void createStreams() {
        StuckFirst.reset();
    }

    @AfterEach
    void stopEmulator() {
        StuckFirst.RELEASED.countDown();
    }

    @Test
    void everyRecordComesOnceAlsoOfAStreamThatIsWaitedFor() throws Exception {
        StreamPath one = streams.create("users/me/one", 1);
        streams.put(one, 0, "x", 10);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setRuntimeMode(RuntimeExecutionMode.BATCH);
        env.setParallelism(PARALLELISM);
        V3ioSource<Tuple3<String, Long, String>> source =
                V3ioSource.<Tuple3<String, Long, String>>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStreams(List.of("users/me/one", "users/me/late"))
                        .setOnMissingStream(OnMissingStream.WAIT)
                        .setShardDiscoveryInterval(Duration.ofMillis(50))
                        .setBounded(StoppingPosition.latest())
                        .setDeserializer(new RecordCoordinates())
                        .build();
        CompletableFuture<Void> writing =
                CompletableFuture.runAsync(
                        () -> {
                            // Readers without a shard are told so before there is the stream.
                            await().until(() -> StuckFirst.OPENED.get() >= PARALLELISM);
                            long looks = looks();
                            await().until(() -> looks() >= looks + 6);
                            StreamPath late = streams.create("users/me/late", 2);
                            streams.put(late, 0, "y", 10);
                            streams.put(late, 1, "y", 10);
                        });
        List<String> read = new ArrayList<>();
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                        .map(new StuckFirst())
                        .returns(new RecordCoordinates().getProducedType())
                        .rebalance()
                        .executeAndCollect()) {
            records.forEachRemaining(record -> read.add(record.f0 + ":" + record.f1));
        }

        writing.get(30, TimeUnit.SECONDS);
        assertThat(read).hasSizeGreaterThanOrEqualTo(10).doesNotHaveDuplicates();
        assertThat(read.stream().filter(record -> record.startsWith("users/me/one"))).hasSize(10);
        assertThat(StuckFirst.ATTEMPTS).as("attempts beside the first one").isNotEmpty();
    }

    private long looks() {
        return streams.emulator().requestCount(Operation.DESCRIBE_STREAM)
                + streams.emulator().requestCount(Operation.LIST);
    }

    /** The first attempt of the subtask that gets the first record gets stuck there. */
    private static final class StuckFirst
            extends RichMapFunction<Tuple3<String, Long, String>, Tuple3<String, Long, String>> {
        private static final long serialVersionUID = 1L;
        private static final Set<String> ATTEMPTS = ConcurrentHashMap.newKeySet();
        private static final AtomicInteger OPENED = new AtomicInteger();
        private static CountDownLatch RELEASED;

        private transient boolean isFirst;

        static void reset() {
            ATTEMPTS.clear();
            OPENED.set(0);
            RELEASED = new CountDownLatch(1);
        }

        @Override
        public void open(OpenContext context) {
            isFirst = getRuntimeContext().getTaskInfo().getAttemptNumber() == 0;
            OPENED.incrementAndGet();
            if (!isFirst) {
                ATTEMPTS.add(getRuntimeContext().getTaskInfo().getTaskNameWithSubtasks());
            }
        }

        @Override
        public Tuple3<String, Long, String> map(Tuple3<String, Long, String> record)
                throws Exception {
            if (isFirst && record.f0.equals("users/me/one/0")) {
                RELEASED.await();
            }
            return record;
        }
    }
}

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

import io.v3io.client.RetryPolicy;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What an exactly-once sink rests on and Flink decides, broken: copies, and no loss. */
@Timeout(120)
class ExactlyOnceAssumptionsITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String STREAM = "users/me/numbers";
    private static final int OF_EACH_INPUT = 1_000;
    private static final int AFTER_THE_BARRIER = 50;

    private final EmulatedStreams streams = PLATFORM.start();

    /**
     * The sink's task has two inputs, and the barrier of one comes later. What the other brings
     * meanwhile waits if the checkpoints are exactly-once. Otherwise it goes into the epoch of the
     * checkpoint, and comes once more when the job goes back to it.
     */
    @ParameterizedTest
    @EnumSource(CheckpointingMode.class)
    void withSeveralInputsRecordsAreStoredOnceOnlyIfCheckpointsAreExactlyOnce(
            CheckpointingMode mode) throws Exception {
        streams.create(STREAM, 3);
        EarlyInput.begin(mode);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(Restarts.upTo(1));
        env.setParallelism(1);
        env.enableCheckpointing(50, mode);
        DataStream<String> early = numbers(env, 1).map(new EarlyInput());
        DataStream<String> late = numbers(env, 1 + OF_EACH_INPUT).map(new LateInput());
        early.union(late).sinkTo(sink());

        env.execute("two inputs");

        assertThat(EarlyInput.FAILED).isTrue();
        List<Long> stored = stored();
        assertThat(stored.stream().distinct()).hasSize(2 * OF_EACH_INPUT);
        if (mode == CheckpointingMode.EXACTLY_ONCE) {
            assertThat(stored).doesNotHaveDuplicates();
        } else {
            assertThat(stored).hasSizeGreaterThanOrEqualTo(2 * OF_EACH_INPUT + AFTER_THE_BARRIER);
        }
    }

    private static DataStream<Long> numbers(StreamExecutionEnvironment env, long first) {
        return env.fromSource(
                new DataGeneratorSource<>(
                        index -> first + index,
                        OF_EACH_INPUT,
                        RateLimiterStrategy.perSecond(OF_EACH_INPUT),
                        Types.LONG),
                WatermarkStrategy.noWatermarks(),
                "numbers from " + first);
    }

    /**
     * Its barrier comes first, and records after it; fails once when the checkpoint is complete.
     */
    private static final class EarlyInput
            implements MapFunction<Long, String>, CheckpointedFunction, CheckpointListener {

        private static final long serialVersionUID = 1L;

        private static final AtomicBoolean FAILED = new AtomicBoolean();
        private static final AtomicInteger AFTER_BARRIER = new AtomicInteger();
        private static volatile CountDownLatch lateMayGoOn = new CountDownLatch(1);
        private static volatile boolean lateWaits;
        private static volatile long checkpoint;
        private static volatile long last;
        private static volatile long lastBeforeBarrier;
        private static volatile boolean isComplete;

        /** Only aligned barriers keep from the sink what comes after them. */
        private static volatile boolean countedBySink;

        static void begin(CheckpointingMode mode) {
            countedBySink = mode == CheckpointingMode.AT_LEAST_ONCE;
            last = 0;
            lastBeforeBarrier = Long.MAX_VALUE;
            FAILED.set(false);
            AFTER_BARRIER.set(0);
            lateMayGoOn = new CountDownLatch(1);
            lateWaits = false;
            checkpoint = 0;
            isComplete = false;
        }

        @Override
        public String map(Long number) {
            if (!countedBySink) {
                count(number);
            }
            last = number;
            if (isComplete && FAILED.compareAndSet(false, true)) {
                throw new IllegalStateException("The attempt fails, as the test wants it.");
            }
            return number.toString();
        }

        static void count(long number) {
            if (number > lastBeforeBarrier
                    && number <= OF_EACH_INPUT
                    && AFTER_BARRIER.incrementAndGet() == AFTER_THE_BARRIER) {
                lateMayGoOn.countDown();
            }
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {
            if (lateWaits && checkpoint == 0) {
                checkpoint = context.getCheckpointId();
                lastBeforeBarrier = last;
            }
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {}

        @Override
        public void notifyCheckpointComplete(long id) {
            isComplete |= id == checkpoint;
        }
    }

    /** Does not let the barrier through before the other input has gone on after it. */
    private static final class LateInput implements MapFunction<Long, String> {

        private static final long serialVersionUID = 1L;

        @Override
        public String map(Long number) throws InterruptedException {
            EarlyInput.lateWaits = true;
            EarlyInput.lateMayGoOn.await();
            return number.toString();
        }
    }

    /** Sees the records of both inputs as the writer takes them. */
    private static final class Seen extends SimpleStringSchema {

        private static final long serialVersionUID = 1L;

        @Override
        public byte[] serialize(String number) {
            if (EarlyInput.countedBySink) {
                EarlyInput.count(Long.parseLong(number));
            }
            return super.serialize(number);
        }
    }

    /** Flink runs writers again whose results were lost, here with their task manager. */
    @Test
    void aBatchJobWhoseWritersRunAgainAfterCommitsHaveBegunStoresCopies() throws Exception {
        streams.create(STREAM, 3);
        streams.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).throttle(3_600).skip(2));
        Configuration configuration = Restarts.upTo(3);
        configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        env.fromSequence(1, 5_000).map(String::valueOf).sinkTo(sink());
        JobGraph job = env.getStreamGraph().getJobGraph();
        MiniClusterConfiguration one =
                new MiniClusterConfiguration.Builder()
                        .setConfiguration(configuration)
                        .setNumTaskManagers(1)
                        .withRandomPorts()
                        .build();
        try (MiniCluster cluster = new MiniCluster(one)) {
            cluster.start();
            cluster.submitJob(job).get();
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> streams.emulator().requestCount(Operation.PUT_RECORDS) > 2);
            int before = stored().size();
            assertThat(before).isBetween(1, 4_999);

            cluster.terminateTaskManager(0).get();
            streams.emulator().faults().clear();
            cluster.startTaskManager();

            assertThat(cluster.requestJobResult(job.getJobID()).get().isSuccess()).isTrue();
            assertThat(stored()).hasSize(before + 5_000);
            assertThat(stored().stream().distinct()).hasSize(5_000);
        }
    }

    private V3ioSink<String> sink() {
        return V3ioSink.<String>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream(STREAM)
                .setSerializationSchema(new Seen())
                .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setMaxBatchSize(500)
                .setLandingTimeout(Duration.ofMillis(50))
                .setTakeoverDelay(Duration.ofMillis(50))
                .configureClient(
                        client ->
                                client.setRetryPolicy(
                                        new RetryPolicy(
                                                100,
                                                Duration.ofHours(2),
                                                Duration.ofMillis(2),
                                                Duration.ofMillis(20))))
                .build();
    }

    private List<Long> stored() {
        return StoredNumbers.of(streams.emulator().stream(STREAM));
    }
}

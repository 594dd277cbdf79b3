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
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.io.network.api.writer.ResultPartitionWriter;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A job under backpressure that is stopped with a savepoint and not drained. Its source makes the
 * savepoint before it can tell that it has ended, so the last commit goes on beside a task that
 * does not know yet that it is to end. It learns so while the commit is under way.
 */
@Timeout(120)
class V3ioSinkExactlyOnceStopITCase {

    private static final String STREAM = "users/me/numbers";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private static volatile CompletableFuture<ResultPartitionWriter> sourceOutput;
    private static volatile CountDownLatch savepointIsMade;
    private static volatile CountDownLatch sinkMayGoOn;
    private static volatile CountDownLatch sinkCommits;

    @TempDir private Path savepoints;

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void open() {
        streams.create(STREAM, 3);
        sourceOutput = new CompletableFuture<>();
        savepointIsMade = new CountDownLatch(1);
        sinkMayGoOn = new CountDownLatch(1);
        sinkCommits = new CountDownLatch(1);
    }

    @AfterEach
    void letAllGoOn() {
        sinkMayGoOn.countDown();
        sinkCommits.countDown();
    }

    @Test
    void aJobThatIsStoppedHasStoredEachRecordOfItsSavepointOnce() throws Exception {
        Fault busy = Fault.on(Operation.PUT_RECORDS).throttle(1);
        streams.emulator().faults().add(busy);
        JobClient job = start();

        CompletableFuture<String> stopped = stop(job);
        awaitLastWait();
        streams.emulator().faults().clear();
        stopped.get();

        awaitStatus(job, JobStatus.FINISHED);
        List<Long> stored = StoredNumbers.of(streams.emulator().stream(STREAM));
        assertThat(stored)
                .isNotEmpty()
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.range(0, stored.size()).boxed().toList());
    }

    @Test
    void aJobIsCancelledWithinSecondsWhileItWaitsForItsLastCommit() throws Exception {
        streams.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).throttle(3_600));
        JobClient job = start();

        var unused = stop(job);
        awaitLastWait();
        job.cancel().get(30, TimeUnit.SECONDS);

        awaitStatus(job, JobStatus.CANCELED);
    }

    private CompletableFuture<String> stop(JobClient job) throws Exception {
        ResultPartitionWriter output = sourceOutput.get(60, TimeUnit.SECONDS);
        await("backpressure").atMost(Duration.ofSeconds(60)).until(() -> !output.isAvailable());
        CompletableFuture<String> stopped =
                CompletableFuture.supplyAsync(() -> Savepoints.stop(job, savepoints));
        assertThat(savepointIsMade.await(60, TimeUnit.SECONDS)).isTrue();
        sinkMayGoOn.countDown();
        return stopped;
    }

    private static void awaitLastWait() {
        await("the task ends and waits for its last commit")
                .atMost(Duration.ofSeconds(60))
                .until(
                        () ->
                                Thread.getAllStackTraces().values().stream()
                                        .flatMap(Arrays::stream)
                                        .anyMatch(
                                                frame ->
                                                        frame.getMethodName()
                                                                .equals("awaitForAWhile")));
    }

    private JobClient start() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        // No checkpoint but the savepoint.
        env.enableCheckpointing(Long.MAX_VALUE);
        env.setParallelism(1);
        DataGeneratorSource<Long> numbers =
                new DataGeneratorSource<>(index -> index, Long.MAX_VALUE, Types.LONG);
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setSerializationSchema(new SimpleStringSchema())
                        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                        .setTakeoverDelay(Duration.ofHours(1))
                        .configureClient(client -> client.setRetryPolicy(EmulatedStreams.PATIENT))
                        .build();
        env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
                .transform("after the source", Types.LONG, new AfterSource())
                .rebalance()
                .transform("before the sink", Types.LONG, new BeforeSink())
                .map(String::valueOf)
                .sinkTo(sink);
        return env.executeAsync("stopped under backpressure");
    }

    /**
     * In the source's task. After the savepoint it keeps the task, which has no room to say that it
     * has ended, from doing so until the sink has been told that the savepoint is complete.
     */
    private static final class AfterSource extends AbstractStreamOperator<Long>
            implements OneInputStreamOperator<Long, Long> {

        private static final long serialVersionUID = 1L;

        @Override
        public void open() throws Exception {
            super.open();
            sourceOutput.complete(getContainingTask().getEnvironment().getWriter(0));
        }

        @Override
        public void snapshotState(StateSnapshotContext context) throws Exception {
            super.snapshotState(context);
            getContainingTask()
                    .getEnvironment()
                    .getMainMailboxExecutor()
                    .execute(
                            () -> {
                                savepointIsMade.countDown();
                                sinkCommits.await();
                            },
                            "wait until the sink commits");
        }

        @Override
        public void processElement(StreamRecord<Long> element) {
            output.collect(element);
        }
    }

    /** In the sink's task, which does nothing until it may. */
    private static final class BeforeSink extends AbstractStreamOperator<Long>
            implements OneInputStreamOperator<Long, Long> {

        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(StreamRecord<Long> element) throws Exception {
            sinkMayGoOn.await();
            output.collect(element);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            super.notifyCheckpointComplete(checkpointId);
            sinkCommits.countDown();
        }
    }

    private static void awaitStatus(JobClient job, JobStatus status) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> job.getJobStatus().get().isGloballyTerminalState());
        assertThat(job.getJobStatus().join()).isEqualTo(status);
    }
}

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

import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Begin and end of jobs with an exactly-once sink: batch, bounded without checkpoints, stop with
 * savepoint, other parallelism, change of the guarantee and back, cancellation wherever it waits.
 */
@Timeout(120)
class V3ioSinkExactlyOnceLifeITCase {

    private static final String STREAM = "users/me/numbers";
    private static final String STAGING = "users/me/staging";
    private static final String DENIED =
            "{\"ErrorCode\": -13, \"ErrorMessage\": \"Permission denied\"}";
    private static final int SHARDS = 3;
    private static final int KEYS = 50;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    private static final AtomicBoolean FAILED = new AtomicBoolean();

    @TempDir private Path savepoints;

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void createStream() {
        streams.create(STREAM, SHARDS);
    }

    @ParameterizedTest
    @EnumSource(
            value = RuntimeExecutionMode.class,
            names = {"BATCH", "STREAMING"})
    void aBoundedJobCommitsAtItsEnd(RuntimeExecutionMode mode) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(ExecutionOptions.RUNTIME_MODE, mode);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.fromSequence(1, 5_000)
                .map(String::valueOf)
                .sinkTo(sink(DeliveryGuarantee.EXACTLY_ONCE, Duration.ofMillis(50), true));

        env.execute("bounded");

        assertStored(5_000);
        assertThat(streams.client().listObjects("users", "me/staging").join()).isEmpty();
    }

    private enum Failing {
        WRITER,
        COMMITTER
    }

    /** Flink keeps what writers have handed over, and runs only what has failed again. */
    @ParameterizedTest
    @EnumSource
    void aBatchJobWithAttemptsThatFailStoresEachRecordOnce(Failing failing) throws Exception {
        StreamExecutionEnvironment env = restartedEnvironment(RuntimeExecutionMode.BATCH);
        if (failing == Failing.COMMITTER) {
            refuseOneRequest();
        }
        FAILED.set(failing != Failing.WRITER);
        env.fromSequence(1, 5_000)
                .map(V3ioSinkExactlyOnceLifeITCase::failOnce)
                .sinkTo(sink(DeliveryGuarantee.EXACTLY_ONCE, Duration.ofMillis(50), true));

        env.execute("batch");

        assertThat(FAILED).isTrue();
        assertStored(5_000);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> streams.client().listObjects("users", "me/staging").join().isEmpty());
    }

    /** Nothing tells the second attempt what the first one has stored: copies, and no loss. */
    @Test
    void aBoundedStreamingJobWithoutCheckpointsThatIsRestartedStoresCopies() throws Exception {
        StreamExecutionEnvironment env = restartedEnvironment(RuntimeExecutionMode.STREAMING);
        refuseOneRequest();
        env.fromSequence(1, 5_000)
                .map(String::valueOf)
                .sinkTo(sink(DeliveryGuarantee.EXACTLY_ONCE, Duration.ofMillis(50), true));

        env.execute("bounded");

        assertThat(stored()).hasSizeGreaterThan(5_000);
        assertThat(stored().stream().distinct()).hasSize(5_000);
    }

    private static String failOnce(long number) {
        if (number == 2_000 && FAILED.compareAndSet(false, true)) {
            throw new IllegalStateException("An attempt fails, as the test wants it.");
        }
        return String.valueOf(number);
    }

    /** When some are stored, and in a way that the sink does not try again by itself. */
    private void refuseOneRequest() {
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(403, "application/json", DENIED)
                                .skip(2)
                                .times(1));
    }

    private static StreamExecutionEnvironment restartedEnvironment(RuntimeExecutionMode mode) {
        Configuration configuration = Restarts.upTo(3);
        configuration.set(ExecutionOptions.RUNTIME_MODE, mode);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        return env;
    }

    /** None of the starts allows state that finds no operator. The order of each key stays. */
    @Test
    void aJobGoesOnFromItsSavepointWithAnyGuaranteeAndParallelism() throws Exception {
        String savepoint = null;
        DeliveryGuarantee[] guarantees = {
            DeliveryGuarantee.AT_LEAST_ONCE,
            DeliveryGuarantee.EXACTLY_ONCE,
            DeliveryGuarantee.EXACTLY_ONCE,
            DeliveryGuarantee.AT_LEAST_ONCE,
            DeliveryGuarantee.EXACTLY_ONCE,
            DeliveryGuarantee.NONE
        };
        int parallelism = 1;
        for (DeliveryGuarantee guarantee : guarantees) {
            parallelism = parallelism % 3 + 1;
            int before = stored().size();
            JobClient job = start(guarantee, parallelism, savepoint, Duration.ofMillis(50));
            await().atMost(Duration.ofSeconds(60)).until(() -> stored().size() >= before + 200);
            savepoint =
                    job.stopWithSavepoint(
                                    false,
                                    savepoints.toUri().toString(),
                                    SavepointFormatType.CANONICAL)
                            .get();
            awaitStatus(job, JobStatus.FINISHED);
        }

        assertStored(stored().size());
        Map<Long, Long> newest = new HashMap<>();
        for (long number : stored()) {
            assertThat(
                            newest.merge(
                                    number % KEYS,
                                    number,
                                    (before, now) -> now > before ? now : -1))
                    .as("%d of key %d, among those of its shard", number, number % KEYS)
                    .isEqualTo(number);
        }
    }

    /**
     * Nothing tells the writers of other subtasks that a commit still waits. So the page advises
     * against it; nothing is lost or doubled.
     */
    @Test
    void withAnotherGuaranteeAndParallelismNewRecordsMayComeBeforeThoseOfTheSavepoint()
            throws Exception {
        streams.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).throttle(3_600));
        CountingSchema.WRITTEN.set(0);
        JobClient before =
                start(
                        DeliveryGuarantee.EXACTLY_ONCE,
                        1,
                        null,
                        Duration.ofMillis(50),
                        Duration.ofMillis(Long.MAX_VALUE));
        await().atMost(Duration.ofSeconds(60)).until(() -> CountingSchema.WRITTEN.get() == 100);
        String savepoint =
                before.triggerSavepoint(
                                savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        before.cancel().get();
        awaitStatus(before, JobStatus.CANCELED);
        streams.emulator().faults().clear();
        // So the restored committer cannot look, and has to wait.
        streams.emulator().faults().add(Fault.on(Operation.DESCRIBE_STREAM).throttle(1));

        JobClient after =
                start(DeliveryGuarantee.AT_LEAST_ONCE, 3, savepoint, Duration.ofMillis(50));

        await().atMost(Duration.ofSeconds(60)).until(() -> !stored().isEmpty());
        assertThat(stored()).allMatch(number -> number > 100);
        streams.emulator().faults().clear();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> stored().stream().filter(number -> number <= 100).count() == 100);
        after.cancel().get();
        awaitStatus(after, JobStatus.CANCELED);
        assertThat(stored()).doesNotHaveDuplicates();
    }

    /** Of the source's 100 records a checkpoint those of one epoch more, but no others. */
    @Test
    void whileAnEpochIsCommittedTheNextOneIsWritten() throws Exception {
        CountingSchema.WRITTEN.set(0);
        Fault busy = Fault.on(Operation.PUT_RECORDS).throttle(1);
        streams.emulator().faults().add(busy);
        JobClient job = start(DeliveryGuarantee.EXACTLY_ONCE, 1, null, Duration.ofMillis(50));

        await().atMost(Duration.ofSeconds(60)).until(() -> CountingSchema.WRITTEN.get() == 200);

        assertThat(stored()).isEmpty();
        streams.emulator().faults().clear();
        await().atMost(Duration.ofSeconds(60)).until(() -> stored().size() >= 300);
        job.cancel().get();
        awaitStatus(job, JobStatus.CANCELED);
        assertStored(stored().size());
    }

    /** Nobody waits for a commit any more when the job has ended, so it has to end before. */
    @Test
    void aJobThatIsStoppedWithASavepointHasCommittedItsRecords() throws Exception {
        CountingSchema.WRITTEN.set(0);
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(200)));
        JobClient job = start(DeliveryGuarantee.EXACTLY_ONCE, 1, null, Duration.ofMillis(50));
        await().atMost(Duration.ofSeconds(60)).until(() -> CountingSchema.WRITTEN.get() >= 300);

        job.stopWithSavepoint(false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                .get();
        awaitStatus(job, JobStatus.FINISHED);

        assertThat(stored()).hasSize(CountingSchema.WRITTEN.intValue());
        assertStored(CountingSchema.WRITTEN.intValue());
    }

    /** What a writer or a commit may wait for. */
    private enum WaitingFor {
        THE_FLOORS(Operation.LIST),
        STAGING(Operation.PUT_OBJECT),
        STAGED_RECORDS(Operation.GET_OBJECT),
        AN_ANSWER(Operation.PUT_RECORDS),
        THE_NEXT_ATTEMPT(Operation.PUT_RECORDS),
        THE_LANDING_TIMEOUT(Operation.PUT_RECORDS),
        A_LOOK(Operation.DESCRIBE_STREAM),
        THE_REMOVAL_OF_OBJECTS(Operation.DELETE_OBJECT);

        private final Operation operation;

        WaitingFor(Operation operation) {
            this.operation = operation;
        }
    }

    @ParameterizedTest
    @EnumSource(WaitingFor.class)
    void aJobIsCancelledWithinSecondsWhereverItWaits(WaitingFor waitingFor) throws Exception {
        Fault hit = Fault.on(waitingFor.operation);
        switch (waitingFor) {
            case THE_NEXT_ATTEMPT -> streams.emulator().faults().add(hit.throttle(3_600));
            case THE_LANDING_TIMEOUT -> streams.emulator().faults().add(hit.resetBefore());
            case A_LOOK -> {
                streams.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore());
                streams.emulator().faults().add(hit.never());
            }
            default -> streams.emulator().faults().add(hit.never());
        }
        JobClient job = start(DeliveryGuarantee.EXACTLY_ONCE, 1, null, Duration.ofHours(1));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> streams.emulator().requestCount(waitingFor.operation) > 0);

        job.cancel().get(30, TimeUnit.SECONDS);

        awaitStatus(job, JobStatus.CANCELED);
    }

    private JobClient start(
            DeliveryGuarantee guarantee, int parallelism, String savepoint, Duration landing)
            throws Exception {
        return start(guarantee, parallelism, savepoint, landing, Duration.ofMillis(50));
    }

    private JobClient start(
            DeliveryGuarantee guarantee,
            int parallelism,
            String savepoint,
            Duration landing,
            Duration interval)
            throws Exception {
        Configuration configuration = new Configuration();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.enableCheckpointing(interval.toMillis());
        env.setParallelism(parallelism);
        DataGeneratorSource<Long> numbers =
                new DataGeneratorSource<>(
                        index -> index + 1,
                        1_000_000,
                        RateLimiterStrategy.perCheckpoint(100),
                        Types.LONG);
        env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
                .setParallelism(1)
                .uid("numbers")
                .map(String::valueOf)
                .setParallelism(1)
                .keyBy(V3ioSinkExactlyOnceLifeITCase::key)
                .sinkTo(sink(guarantee, landing, true))
                .uid("sink");
        return env.executeAsync("changing guarantees");
    }

    private V3ioSink<String> sink(DeliveryGuarantee guarantee, Duration landing, boolean staged) {
        V3ioSinkBuilder<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setSerializationSchema(new CountingSchema())
                        .setPartitionKey(V3ioSinkExactlyOnceLifeITCase::key)
                        .setOrder(OrderGuarantee.STRICT)
                        .setDeliveryGuarantee(guarantee)
                        .setMaxTimeInBuffer(Duration.ofMillis(5))
                        .setLandingTimeout(landing)
                        .setTakeoverDelay(Duration.ofMillis(50))
                        .configureClient(
                                client ->
                                        client.setResponseTimeout(Duration.ofMinutes(10))
                                                .setRetryPolicy(
                                                        new RetryPolicy(
                                                                100,
                                                                Duration.ofHours(2),
                                                                Duration.ofMillis(2),
                                                                Duration.ofMillis(20))));
        if (staged && guarantee == DeliveryGuarantee.EXACTLY_ONCE) {
            sink.setStagingDirectory(STAGING).setMaxInlineSize(new MemorySize(200));
        }
        return sink.build();
    }

    /** Counts what writers have taken. */
    private static final class CountingSchema extends SimpleStringSchema {

        private static final long serialVersionUID = 1L;
        private static final AtomicLong WRITTEN = new AtomicLong();

        @Override
        public byte[] serialize(String element) {
            WRITTEN.incrementAndGet();
            return super.serialize(element);
        }
    }

    private static String key(String number) {
        return String.valueOf(Long.parseLong(number) % KEYS);
    }

    private static void awaitStatus(JobClient job, JobStatus status) {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> job.getJobStatus().get().isGloballyTerminalState());
        assertThat(job.getJobStatus().join()).isEqualTo(status);
    }

    /** Numbers from 1 on, each once. */
    private void assertStored(int count) {
        assertThat(stored())
                .containsExactlyInAnyOrderElementsOf(
                        LongStream.rangeClosed(1, count).boxed().toList());
    }

    private List<Long> stored() {
        return StoredNumbers.of(streams.emulator().stream(STREAM));
    }
}

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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Faults;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.sink.exactlyonce.ExactlyOnceWriter;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.EpochSerializer;
import io.v3io.flink.source.V3ioSource;
import io.v3io.testing.ChaosProxy;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.runtime.jobgraph.tasks.CheckpointCoordinatorConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a writer and a committer of the exactly-once sink do with epochs, step by step. */
@Timeout(60)
class ExactlyOnceSinkTest {

    private static final String STREAM = EmulatedSink.STREAM;
    private static final String STAGING = "users/me/staging";
    private static final String DENIED =
            "{\"ErrorCode\": -13, \"ErrorMessage\": \"Permission denied\"}";
    private static final String NOTE = ".finished";

    /** Places of numbers in the names of staged objects. */
    private static final int PUT = 2;

    private static final int CHECKPOINT = 5;
    private static final int EPOCH = 6;
    private static final int SHARDS = 3;
    private static final Duration LANDING = Duration.ofMillis(50);

    private EmulatedSink emulated = new EmulatedSink(7);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final CommitterMetrics metrics = new CommitterMetrics();

    @BeforeEach
    void createStream() {
        emulated.createStream(STREAM, SHARDS);
    }

    /** Begins again on a platform that speaks this dialect. */
    private void on(Dialect dialect, InstantSource clock) throws Exception {
        emulated.close();
        emulated = new EmulatedSink(settings -> settings.seed(7).clock(clock).dialect(dialect), 0);
        createStream();
    }

    static Stream<Dialect> dialects() {
        // The copies that a platform makes by itself nobody can tell from ours.
        return Stream.concat(
                        Dialect.fixed().values().stream(),
                        Boolean.getBoolean("v3io.test.nightly")
                                ? Dialect.pairwise().stream()
                                : Stream.empty())
                .map(dialect -> dialect.with(DialectSetting.Duplicates.NONE));
    }

    @AfterEach
    void close() throws Exception {
        Collections.reverse(opened);
        for (AutoCloseable closeable : opened) {
            closeable.close();
        }
        emulated.close();
    }

    @Test
    void sendsNothingBeforeTheCommitAndThenEachRecordWithATagOfItsOwn() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s);

        write(writer, numbers(0, 2_500));
        writer.flush(false);
        Collection<Epoch> epochs = writer.prepareCommit();
        assertThat(emulated.stored(STREAM)).isEmpty();

        commit(epochs);
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 2_500));
        Set<String> tags = new HashSet<>();
        for (StoredRecord record : storedRecords()) {
            assertThat(record.clientInfo()).hasSize(EpochId.TAG_BYTES);
            tags.add(Arrays.toString(record.clientInfo()));
        }
        assertThat(tags).hasSize(2_500);
    }

    @Test
    void anEpochWithoutRecordsCostsNothing() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s);
        emulated.emulator().faults().add(failListings());

        writer.flush(false);

        assertThat(writer.prepareCommit()).isEmpty();
    }

    @Test
    void aRequestWhoseAnswerWasLostIsFoundAndNotSentAgain() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> small = s -> s.setMaxBatchSize(100);
        CommittingSinkWriter<String, Epoch> writer = writer(small);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 1_000));
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).resetAfter().skip(2).times(5));

        commit(epochs, small);

        assertThat(metrics.count("v3io.recordsFoundStored")).isEqualTo(500);
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 1_000));
    }

    @Test
    void aRequestThatGotLostIsSentAgainAfterTheLandingTimeout() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> small = s -> s.setMaxBatchSize(100);
        CommittingSinkWriter<String, Epoch> writer = writer(small);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 1_000));
        emulated.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(3));
        long start = System.nanoTime();

        commit(epochs, small);

        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(LANDING.toNanos());
        // Two looks, or one if the machine was so slow that the timeout had passed by then.
        assertThat(metrics.count("v3io.looks")).isPositive();
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 1_000));
    }

    @Test
    void aRequestThatLandsWithinTheLandingTimeoutIsNotSentAgain() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> patient =
                s -> s.setLandingTimeout(Duration.ofSeconds(2));
        CommittingSinkWriter<String, Epoch> writer = writer(patient);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 100));
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).landLate(Duration.ofMillis(300)).times(1));

        commit(epochs, patient);

        assertThat(metrics.count("v3io.recordsFoundStored")).isEqualTo(100);
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 100));
    }

    /**
     * A record that is looked for, and sent again, where it was not written for would be doubled.
     */
    @Test
    void aRecordIsSentAgainToTheShardThatItWasWrittenForBeforeTheGrowth() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> storey =
                s ->
                        s.setPartitioner(Partitioner.STOREY)
                                .setPartitionKey(n -> n)
                                .setMaxBatchSize(50)
                                .setMaxInFlightRequests(1);
        Collection<Epoch> epochs = epoch(writer(storey), numbers(0, 500));
        emulated.emulator().faults().add(refusal().skip(3).times(1));
        assertThatThrownBy(() -> commit(epochs, storey)).hasMessageContaining("Permission denied");
        assertThat(emulated.stored(STREAM)).hasSize(150);
        try (V3ioClient client = emulated.client()) {
            client.updateStream(StreamPath.parse(STREAM), 8).join();
        }

        commitRestored(epochs, 5, storey);

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 500));
        for (int shard = SHARDS; shard < 8; shard++) {
            assertThat(emulated.stored(STREAM, shard)).isEmpty();
        }
        // What is written after the growth goes to the new shards, too.
        commit(epoch(writer(storey), numbers(500, 1_000)), storey);
        for (int shard = SHARDS; shard < 8; shard++) {
            assertThat(emulated.stored(STREAM, shard)).isNotEmpty();
        }
    }

    /** The assumption that all rests on, broken: copies, and no loss. */
    @Test
    void aRequestThatLandsAfterTheLandingTimeoutIsDoubled() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 100));
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).landLate(Duration.ofMillis(800)).times(1));

        commit(epochs);

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 100));
        emulated.task().runUntil(() -> emulated.stored(STREAM).size() == 200);
        assertThat(new HashSet<>(emulated.stored(STREAM))).hasSize(100);
    }

    /** The second assumption, broken: copies, and no loss. */
    @Test
    void whatAReplacedAttemptSendsAfterTheTakeoverDelayIsDoubled() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> oneByOne =
                s -> s.setMaxBatchSize(50).setMaxInFlightRequests(1);
        Collection<Epoch> epochs = epoch(writer(oneByOne), numbers(0, 200));
        // The old attempt hangs with half of its records, and nobody has told it to stop.
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).throttle(3).skip(2).times(1));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<Void> replaced =
                    threads.submit(
                            () -> {
                                commit(epochs, oneByOne);
                                return null;
                            });
            emulated.task()
                    .runUntil(() -> emulated.emulator().requestCount(Operation.PUT_RECORDS) == 3);

            commitRestored(epochs, 5, oneByOne);

            assertThat(emulated.stored(STREAM))
                    .containsExactlyInAnyOrderElementsOf(numbers(0, 200));
            replaced.get();
            assertThat(emulated.stored(STREAM)).hasSize(300);
            assertThat(new HashSet<>(emulated.stored(STREAM))).hasSize(200);
        } finally {
            threads.shutdownNow();
        }
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void whatIsMissingIsSentOnEveryPlatform(Dialect dialect) throws Exception {
        on(dialect, InstantSource.system());
        UnaryOperator<V3ioSinkBuilder<String>> oneByOne =
                s -> s.setMaxBatchSize(50).setMaxInFlightRequests(1).setPartitionKey(n -> n);
        commit(epoch(writer(oneByOne), numbers(0, 200)), oneByOne);
        Collection<Epoch> epochs = epoch(writer(oneByOne), numbers(200, 500));
        emulated.emulator().faults().add(refusal().skip(3).times(1));
        assertThatThrownBy(() -> commit(epochs, oneByOne))
                .hasMessageContaining("Permission denied");
        assertThat(emulated.stored(STREAM)).hasSize(350);
        // What others write meanwhile, and what retention takes away, changes nothing.
        emulated.emulator().trimShard(STREAM, 0, 5);
        int removed = 350 - emulated.stored(STREAM).size();

        assertThat(commitRestored(epochs, 5, oneByOne).alreadyCommitted).isFalse();
        assertThat(emulated.stored(STREAM)).hasSize(500 - removed).doesNotHaveDuplicates();
        assertThat(commitRestored(epochs, 6, oneByOne).alreadyCommitted).isTrue();
        assertThat(emulated.stored(STREAM)).hasSize(500 - removed);
    }

    @Test
    void anEpochWhoseProofRetentionHasRemovedFailsAndSaysSo() throws Exception {
        AtomicReference<Instant> now =
                new AtomicReference<>(Instant.now().minus(Duration.ofDays(3)));
        on(Dialect.DEFAULT, now::get);
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s.setShardId(n -> 0));
        commit(epoch(writer, numbers(0, 100)));
        Epoch prepared = epoch(writer, numbers(100, 200)).iterator().next();
        Epoch old =
                new Epoch(
                        prepared.id(),
                        prepared.startedAfter(),
                        prepared.last(),
                        now.get().toEpochMilli(),
                        prepared.floors(),
                        prepared.recordCount(),
                        prepared.parts());
        commit(List.of(old));
        emulated.emulator().trimShard(STREAM, 0, 150);

        assertThatThrownBy(() -> commitRestored(List.of(old), 5))
                .hasMessageContaining("Nobody can tell any more")
                .hasMessageContaining(STREAM)
                .hasMessageContaining("after sequence number 100")
                .hasMessageContaining("100 records");
        assertThat(emulated.stored(STREAM)).hasSize(51);
    }

    @Test
    void aRestoredEpochThatWasCommittedIsNotSentAgain() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 1_000));
        commit(epochs);

        CommitterCalls.Request request = commitRestored(epochs, 5);

        assertThat(request.alreadyCommitted).isTrue();
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 1_000));
    }

    @Test
    void ofARestoredEpochOnlyWhatIsMissingIsSent() throws Exception {
        CommittingSinkWriter<String, Epoch> writer =
                writer(s -> s.setMaxBatchSize(100).setMaxInFlightRequests(1));
        Collection<Epoch> epochs = epoch(writer, numbers(0, 1_000));
        emulated.emulator().faults().add(refusal().skip(4).times(1));
        assertThatThrownBy(
                        () -> commit(epochs, s -> s.setMaxBatchSize(100).setMaxInFlightRequests(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("Permission denied");
        assertThat(emulated.stored(STREAM)).hasSize(400);

        CommitterCalls.Request request = commitRestored(epochs, 5);

        assertThat(request.alreadyCommitted).isFalse();
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 1_000));
    }

    @Test
    void anEpochThatNobodyElseCanHaveSentIsNotLookedFor() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s);

        commit(epoch(writer, numbers(0, 10)));
        // Its writer began it after the restore.
        ((ExactlyOnceWriter<String>) writer).snapshotState(5);
        commitRestored(epoch(writer, numbers(10, 20)), 5);

        assertThat(metrics.count("v3io.looks")).isZero();
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 20));
    }

    @Test
    void recordsThatFailForAWhileAreSentAgain() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s.setPartitionKey(n -> n));
        Collection<Epoch> epochs = epoch(writer, numbers(0, 500));
        emulated.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("SlowDown")
                                .probability(0.3)
                                .times(3));

        commit(epochs);

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 500));
    }

    /** Partial failures break the relaxed order, so it gets none. */
    @ParameterizedTest(name = "order {0}")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void recordsOfOneKeyKeepTheirOrderThroughLostAnswersAndPartialFailures(OrderGuarantee order)
            throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> inOrder =
                s ->
                        s.setOrder(order)
                                .setMaxBatchSize(40)
                                .setPartitionKey(n -> "key-" + Integer.parseInt(n) % 10);
        CommittingSinkWriter<String, Epoch> writer = writer(inOrder);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 400));
        Fault any = Fault.on(Operation.PUT_RECORDS).probability(0.2).times(10);
        emulated.emulator().faults().add(any.resetAfter());
        emulated.emulator().faults().add(any.resetBefore());
        if (order == OrderGuarantee.STRICT) {
            emulated.emulator().faults().add(any.failRecords("SlowDown"));
        }

        commit(epochs, inOrder);

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 400));
        assertThat(comeAfterLaterOnes(10)).isZero();
        assertThat(metrics.count("v3io.orderBroken")).isZero();
    }

    @Test
    void aRelaxedCommitCountsTheRecordsThatComeAfterLaterOnes() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> relaxed =
                s -> s.setPartitionKey(n -> "key-" + Integer.parseInt(n) % 10);
        CommittingSinkWriter<String, Epoch> writer = writer(relaxed);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 400));
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).failRecords("SlowDown").probability(0.1));

        commit(epochs, relaxed);

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 400));
        assertThat(metrics.count("v3io.orderBroken"))
                .isPositive()
                .isEqualTo(comeAfterLaterOnes(10));
    }

    /** Nothing more comes that could fill the request, so it waits for no answer. */
    @ParameterizedTest
    @EnumSource(
            value = OrderGuarantee.class,
            names = {"RELAXED", "STRICT"})
    void aRequestThatHangsHoldsUpOnlyItsOwnKeys(OrderGuarantee order) throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> ordered =
                s -> s.setPartitionKey(n -> n).setOrder(order).setMaxBatchSize(50);
        Collection<Epoch> epochs = epoch(writer(ordered), numbers(0, 104));
        emulated.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).never().times(1));
        ExecutorService threads = Executors.newSingleThreadExecutor();
        try {
            Future<Void> commit =
                    threads.submit(
                            () -> {
                                commit(epochs, ordered);
                                return null;
                            });

            // Two requests of 50 records and the 4 that are left; one that came first hangs.
            emulated.task()
                    .runUntil(
                            () ->
                                    emulated.emulator().requestCount(Operation.PUT_RECORDS) >= 3
                                            && emulated.stored(STREAM).size() >= 54);
            assertThat(commit).isNotDone();

            commit.cancel(true);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** The halves of a request hold records of one key. */
    @Test
    void aRelaxedCommitKeepsTheOrderThoughARequestIsRefused() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> relaxed =
                s -> s.setPartitionKey(n -> "key-" + Integer.parseInt(n) % 2);
        CommittingSinkWriter<String, Epoch> writer = writer(relaxed);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 400));
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(413, "text/html", "<html>").times(3));
        // The first half would be overtaken by the second one, were they under way together.
        emulated.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .latency(Duration.ofMillis(50))
                                .skip(1)
                                .times(4));

        commit(epochs, relaxed);

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 400));
        assertThat(comeAfterLaterOnes(2)).isZero();
    }

    /** Records stored after later ones of their key, which is the remainder by so many keys. */
    private int comeAfterLaterOnes(int keys) {
        int[] newest = new int[keys];
        Arrays.fill(newest, -1);
        int late = 0;
        for (String number : emulated.stored(STREAM)) {
            int n = Integer.parseInt(number);
            late += n < newest[n % keys] ? 1 : 0;
            newest[n % keys] = Math.max(newest[n % keys], n);
        }
        return late;
    }

    @Test
    void shardsThatWereAddedAfterTheEpochWasPreparedAreLookedInto() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s.setPartitionKey(n -> n));
        Collection<Epoch> epochs = epoch(writer, numbers(0, 1_000));
        try (V3ioClient client = emulated.client()) {
            client.updateStream(StreamPath.parse(STREAM), SHARDS + 5).join();
        }
        commit(epochs);

        assertThat(commitRestored(epochs, 3).alreadyCommitted).isTrue();
        assertThat(emulated.stored(STREAM)).hasSize(1_000);
    }

    @Test
    void aStreamThatWasCreatedAgainIsNotTakenForTheOldOne() throws Exception {
        CommittingSinkWriter<String, Epoch> writer = writer(s -> s);
        commit(epoch(writer, numbers(0, 300)));
        Collection<Epoch> epochs = epoch(writer, numbers(300, 400));
        try (V3ioClient client = emulated.client()) {
            client.deleteStream(StreamPath.parse(STREAM)).join();
            client.createStream(StreamPath.parse(STREAM), 1, 24).join();
        }

        assertThatThrownBy(() -> commitRestored(epochs, 5))
                .hasMessageContaining(STREAM)
                .hasMessageContaining("was created again");
        assertThat(emulated.stored(STREAM)).isEmpty();
    }

    @Test
    void aRecordIsCommittedThatIsAsLargeAsTheSinkAllows() throws Exception {
        on(Dialect.DEFAULT.with(DialectSetting.LargestRecord.TWO_MIB), InstantSource.system());
        UnaryOperator<V3ioSinkBuilder<String>> large =
                s -> s.setMaxRecordSizeInBytes(MemorySize.ofMebiBytes(2));
        Collection<Epoch> epochs = epoch(writer(large), List.of("x".repeat(2 * 1024 * 1024)));
        commit(epochs, large);

        assertThat(emulated.stored(STREAM)).hasSize(1);
    }

    /** The job fails, and what the answer said of the others is known to this attempt only. */
    @Test
    void aCommitThatFailsHasCountedTheRecordsThatComeAfterLaterOnes() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> relaxed = s -> s.setPartitionKey(n -> "key");
        Collection<Epoch> epochs = epoch(writer(relaxed), numbers(0, 3));
        try (ChaosProxy proxy =
                new ChaosProxy(
                        emulated.emulator().endpoint(),
                        body ->
                                new ChaosProxy.Fate.Refuse(
                                        200,
                                        "application/json",
                                        "{\"FailedRecordCount\": 2, \"Records\": [{\"ErrorCode\":"
                                                + " -1, \"ErrorMessage\":"
                                                + " \"SlowDown\"},{\"SequenceNumber\": 1, \"ShardId\":"
                                                + " 0},{\"ErrorCode\": -2, \"ErrorMessage\":"
                                                + " \"Unheard\"}]}"))) {
            assertThatThrownBy(
                            () ->
                                    commit(
                                            epochs,
                                            s -> relaxed.apply(s).setEndpoint(proxy.endpoint())))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("Unheard");
        }
        assertThat(metrics.count("v3io.orderBroken")).isEqualTo(1);
    }

    @Test
    void aRecordThatTheServerRefusesIsFoundByHalvesAndDropped() throws Exception {
        // Between this platform's largest record and the one that is documented.
        on(Dialect.DEFAULT.with(DialectSetting.LargestRecord.ONE_MB), InstantSource.system());
        UnaryOperator<V3ioSinkBuilder<String>> dropping =
                s -> s.setOnInvalidRecord(OnInvalidRecord.DROP);
        CommittingSinkWriter<String, Epoch> writer = writer(dropping);
        List<String> elements = new ArrayList<>(numbers(0, 64));
        elements.add(40, "x".repeat(1_000_001));
        Collection<Epoch> epochs = epoch(writer, elements);
        commit(epochs, dropping);

        assertThat(metrics.count("v3io.recordsDropped")).isEqualTo(1);
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 64));
    }

    @Test
    void aDeadLetterBelongsToTheEpoch() throws Exception {
        String deadLetters = "users/me/dead-letters";
        emulated.createStream(deadLetters, 1);
        UnaryOperator<V3ioSinkBuilder<String>> handing =
                s ->
                        s.setDeadLetterStream(deadLetters)
                                .setShardId(n -> n.equals("3") ? 99 : 0)
                                .setInvalidRecordHandler(
                                        invalid -> PutRecord.of(invalid.record().data()));
        CommittingSinkWriter<String, Epoch> writer = writer(handing);
        Collection<Epoch> epochs = epoch(writer, numbers(0, 10));

        commit(epochs, handing);
        assertThat(emulated.stored(deadLetters)).containsExactly("3");
        assertThat(emulated.stored(STREAM)).hasSize(9);

        assertThat(commitRestored(epochs, 5, handing).alreadyCommitted).isTrue();
        assertThat(emulated.stored(deadLetters)).containsExactly("3");
        assertThat(emulated.stored(STREAM)).hasSize(9);
    }

    /** The job failed at the record, and was started again with a handler. */
    @Test
    void anEpochWhoseDeadLetterIsWhereNoLookFindsItEndsWithoutItsObjects() throws Exception {
        String deadLetters = "users/me/dead-letters";
        UnaryOperator<V3ioSinkBuilder<String>> failing =
                s ->
                        s.setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setShardId(n -> n.equals("3") ? 99 : 0);
        UnaryOperator<V3ioSinkBuilder<String>> handing =
                s ->
                        failing.apply(s)
                                .setDeadLetterStream(deadLetters)
                                .setInvalidRecordHandler(
                                        invalid -> PutRecord.of(invalid.record().data()));
        Collection<Epoch> epochs = epoch(writer(failing), numbers(0, 500));
        assertThatThrownBy(() -> commit(epochs, failing)).isInstanceOf(IOException.class);
        emulated.createStream(deadLetters, 1);

        commitRestored(epochs, 5, handing);
        assertThat(emulated.stored(deadLetters)).containsExactly("3");
        assertThat(staged()).singleElement().asString().endsWith(NOTE);

        assertThat(commitRestored(epochs, 5, handing).alreadyCommitted).isTrue();
        assertThat(emulated.stored(deadLetters)).containsExactly("3");
        assertThat(emulated.stored(STREAM)).hasSize(499).doesNotHaveDuplicates();
    }

    @Test
    void aLargeEpochIsStagedAndItsObjectsGoWithTheCommit() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> staging =
                s -> s.setStagingDirectory(STAGING).setMaxInlineSize(new MemorySize(1_000));
        CommittingSinkWriter<String, Epoch> writer = writer(staging);

        Collection<Epoch> epochs = epoch(writer, numbers(0, 1_000));
        assertThat(epochs)
                .singleElement()
                .satisfies(
                        e ->
                                assertThat(e.parts())
                                        .hasSizeGreaterThan(5)
                                        .allMatch(p -> p instanceof Epoch.Part.Staged));
        assertThat(staged()).hasSize(epochs.iterator().next().parts().size());

        commit(epochs, staging);
        assertThat(staged()).isEmpty();
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 1_000));
    }

    /** It stores the rest and removes the objects; then there is nothing left to send. */
    @Test
    void anEarlierAttemptMayFinishWhileItsSuccessorWaits() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> staging =
                s ->
                        s.setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setTakeoverDelay(Duration.ofSeconds(3));
        Collection<Epoch> epochs = epoch(writer(staging), numbers(0, 1_000));
        CompletableFuture<Void> successor = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                commitRestored(epochs, Long.MAX_VALUE, staging);
                                successor.complete(null);
                            } catch (Exception e) {
                                successor.completeExceptionally(e);
                            }
                        });

        thread.start();
        Awaitility.await("the successor has looked and waits")
                .until(
                        () ->
                                Arrays.stream(thread.getStackTrace())
                                        .anyMatch(f -> f.getMethodName().equals("pauseUntil")));
        commit(epochs, staging);
        assertThat(staged()).isEmpty();

        assertThat(successor).succeedsWithin(Duration.ofSeconds(30));
        thread.join();
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 1_000));
    }

    /** A server that is far away is not asked for one object after another. */
    @Test
    void stagedObjectsAreFetchedBeforeTheirTurn() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> staging =
                s -> s.setStagingDirectory(STAGING).setMaxInlineSize(new MemorySize(1_000));
        Collection<Epoch> epochs = epoch(writer(staging), numbers(0, 1_000));
        emulated.emulator().faults().add(Fault.on(Operation.GET_OBJECT).never());
        commitUntil(
                epochs, staging, () -> emulated.emulator().requestCount(Operation.GET_OBJECT) == 4);
    }

    /** Answers are taken and requests sent while the next object is on its way. */
    @Test
    void anObjectThatIsLateDoesNotHoldUpWhatIsThere() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> smallRequests =
                s ->
                        s.setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setMaxBatchSize(1)
                                .setMaxInFlightRequests(1);
        Collection<Epoch> epochs = epoch(writer(smallRequests), numbers(0, 1_000));
        for (Epoch.Part later : epochs.iterator().next().parts().stream().skip(1).toList()) {
            emulated.emulator()
                    .faults()
                    .add(
                            Fault.on(Operation.GET_OBJECT)
                                    .path(((Epoch.Part.Staged) later).path())
                                    .never());
        }
        commitUntil(epochs, smallRequests, () -> emulated.stored(STREAM).size() > 5);
    }

    /** While one request hangs, an object may come that has more to send. */
    @Test
    void anObjectThatIsLateIsSentThoughARequestHangs() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> staging =
                s ->
                        s.setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setMaxInFlightRequests(2);
        Collection<Epoch> epochs = epoch(writer(staging), numbers(0, 1_000));
        Faults faults = emulated.emulator().faults();
        faults.add(Fault.on(Operation.PUT_RECORDS).never().times(1));
        for (Epoch.Part later : epochs.iterator().next().parts().stream().skip(1).toList()) {
            faults.add(
                    Fault.on(Operation.GET_OBJECT)
                            .path(((Epoch.Part.Staged) later).path())
                            .latency(Duration.ofMillis(300)));
        }
        commitUntil(epochs, staging, () -> emulated.stored(STREAM).size() > 500);
    }

    /** A commit that does not end by itself. */
    private void commitUntil(
            Collection<Epoch> epochs,
            UnaryOperator<V3ioSinkBuilder<String>> settings,
            Callable<Boolean> condition)
            throws Exception {
        ExecutorService threads = Executors.newSingleThreadExecutor();
        Future<Void> commit =
                threads.submit(
                        () -> {
                            commit(epochs, settings);
                            return null;
                        });
        try {
            Awaitility.await().until(condition);
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThatThrownBy(commit::get).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void withoutAStagingDirectoryALargeEpochFailsAndSaysWhatToDo() throws Exception {
        CommittingSinkWriter<String, Epoch> writer =
                writer(s -> s.setMaxInlineSize(new MemorySize(1_000)));

        assertThatThrownBy(() -> write(writer, numbers(0, 1_000)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("setStagingDirectory")
                .hasMessageContaining("1000");
    }

    @Test
    void whatADeadAttemptHasStagedIsRemovedWhenTheNextOneStarts() throws Exception {
        V3ioSink<String> sink = stagingSink();
        // It dies without having been closed.
        CommittingSinkWriter<String, Epoch> dead = open(sink);
        write(dead, numbers(0, 500));
        emulated.task().runUntil(() -> !staged().isEmpty());

        open(sink);

        emulated.task().runUntil(() -> staged().isEmpty());
    }

    /**
     * Flink restores a failed job from its last checkpoint, also when a savepoint was taken after
     * it. Somebody starts from that savepoint later.
     */
    @Test
    void whatASavepointHoldsOutlivesAFailureBeforeTheNextCheckpoint() throws Exception {
        V3ioSink<String> sink = stagingSink();
        CommittingSinkWriter<String, Epoch> dead = open(sink);
        ((ExactlyOnceWriter<String>) dead).snapshotState(7);
        Collection<Epoch> inSavepoint = epoch(dead, numbers(0, 500));
        ((ExactlyOnceWriter<String>) dead).snapshotState(8);
        List<String> ofSavepoint = staged();
        write(dead, numbers(500, 1_000));
        emulated.task().runUntil(() -> staged().size() > ofSavepoint.size());

        emulated.task().setRestored(OptionalLong.of(7));
        open(sink);

        emulated.task().runUntil(() -> staged().size() <= ofSavepoint.size());
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(ofSavepoint);
        emulated.task().submitAgain();
        emulated.task().setRestored(OptionalLong.of(8));
        open(stagingSink());
        commitRestored(inSavepoint, 8, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(0, 500));
        assertThat(staged()).doesNotContainAnyElementsOf(ofSavepoint);
    }

    /** As in application mode, or where the cluster's configuration fixes it. */
    @Test
    void aJobThatIsSubmittedAgainUnderItsOldIdLeavesTheObjectsOfTheTimeBefore() throws Exception {
        Collection<Epoch> epochs = epoch(open(stagingSink()), numbers(0, 500));
        List<String> young = staged();
        List<String> forgotten = putAged(young);

        open(stagingSink());

        emulated.task().runUntil(() -> Collections.disjoint(staged(), forgotten));
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(young);
        // Somebody goes back to the state of the first submission.
        commitRestored(epochs, 7, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).hasSize(500);
    }

    /** The restored checkpoint may hold it, and Flink 2.0 may commit that after further ones. */
    @Test
    void whatIsOlderThanTheRestoredCheckpointGoesAfterTheNextOneWhenStreamsHaveForgottenIt()
            throws Exception {
        V3ioSink<String> sink = stagingSink();
        Collection<Epoch> uncommitted = epoch(open(sink), numbers(0, 500));
        List<String> ofThis = staged();
        epoch(open(stagingSink()), numbers(500, 1_000));
        List<String> ofBoth = staged();
        List<String> forgotten = putAged(ofBoth);
        List<String> begunLater = put(forgotten, CHECKPOINT, 8);
        emulated.task().setRestored(OptionalLong.of(7));

        CommittingSinkWriter<String, Epoch> writer = open(sink);
        emulated.task().runUntil(() -> Collections.disjoint(staged(), begunLater));
        assertThat(staged()).containsAll(ofBoth).containsAll(forgotten);
        epoch(writer, List.of("a small one"));
        ((ExactlyOnceWriter<String>) writer).snapshotState(8);

        emulated.task().runUntil(() -> Collections.disjoint(staged(), forgotten));
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(ofBoth);
        commitRestored(uncommitted, 7, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).hasSize(500);
        assertThat(staged()).doesNotContainAnyElementsOf(ofThis);
    }

    /** One sink object may serve two operators of a job. */
    @Test
    void anOperatorLeavesTheObjectsOfAnotherOneAlone() throws Exception {
        V3ioSink<String> sink = stagingSink();
        emulated.task().setOperator("first");
        CommittingSinkWriter<String, Epoch> first = open(sink);
        Collection<Epoch> epochs = epoch(first, numbers(0, 500));
        List<String> ofFirst = staged();
        emulated.task().setOperator("second");
        write(open(sink), numbers(0, 500));
        emulated.task().runUntil(() -> staged().size() > ofFirst.size());

        open(sink);

        emulated.task().runUntil(() -> staged().size() <= ofFirst.size());
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(ofFirst);
        commit(epochs, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).hasSize(500);
    }

    /** Somebody may go back to the checkpoint that the other job made last. */
    @Test
    void aJobThatGoesOnFromTheStateOfAnotherOneLeavesItsObjectsUntilTheStreamHasForgotten()
            throws Exception {
        V3ioSink<String> sink = stagingSink();
        CommittingSinkWriter<String, Epoch> dead = open(sink);
        Collection<Epoch> epochs = epoch(dead, numbers(0, 500));
        ((ExactlyOnceWriter<String>) dead).snapshotState(7);
        List<String> inCheckpoint = staged();
        epoch(dead, numbers(500, 1_000));
        List<String> kept = staged();
        List<String> afterCheckpoint = new ArrayList<>(kept);
        afterCheckpoint.removeAll(inCheckpoint);
        List<String> forgotten = putAged(afterCheckpoint);
        // The state may need these, whatever their age.
        kept.addAll(putAged(inCheckpoint));

        emulated.task().submitAgain();
        emulated.task().setRestored(OptionalLong.of(7));
        open(sink);

        emulated.task().runUntil(() -> Collections.disjoint(staged(), forgotten));
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(kept);
        commitRestored(epochs, 7, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).hasSize(500);
        assertThat(staged()).doesNotContainAnyElementsOf(inCheckpoint);
    }

    /** Its checkpoints have smaller numbers than those of the job before. */
    @Test
    void aRestoredJobThatBeganWithoutStateLeavesTheObjectsOfTheJobBefore() throws Exception {
        V3ioSink<String> sink = stagingSink();
        CommittingSinkWriter<String, Epoch> before = open(sink);
        ((ExactlyOnceWriter<String>) before).snapshotState(99);
        Collection<Epoch> epochs = epoch(before, numbers(0, 500));
        List<String> young = staged();
        List<String> forgotten = putAged(young);
        emulated.task().submitAgain();
        emulated.task().setRestored(OptionalLong.of(3));

        open(sink);

        emulated.task().runUntil(() -> Collections.disjoint(staged(), forgotten));
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(young);
        // Somebody goes back to the state of the first job.
        commitRestored(epochs, 100, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).hasSize(500);
    }

    @Test
    void aJobThatBeginsWithoutStateRemovesOnlyWhatTheStreamHasForgotten() throws Exception {
        V3ioSink<String> sink = stagingSink();
        Collection<Epoch> epochs = epoch(open(sink), numbers(0, 500));
        List<String> young = staged();
        putAged(young);

        emulated.task().submitAgain();
        open(sink);

        emulated.task().runUntil(() -> staged().size() <= young.size());
        assertThat(staged()).containsExactlyInAnyOrderElementsOf(young);
        // Somebody goes back to the state of the first job.
        commitRestored(epochs, 7, s -> s.setStagingDirectory(STAGING));
        assertThat(emulated.stored(STREAM)).hasSize(500);
    }

    /** Stores objects as they were named before the streams' retention began. */
    private List<String> putAged(List<String> names) {
        return put(names, PUT, System.currentTimeMillis() - Duration.ofHours(25).toMillis());
    }

    /** Puts objects of further epochs, with another number in their names. */
    private List<String> put(List<String> names, int place, long number) {
        List<String> others =
                names.stream()
                        .map(
                                name -> {
                                    String[] parts = name.split("\\.", -1);
                                    parts[place] = String.valueOf(number);
                                    parts[EPOCH] =
                                            String.valueOf(1_000 + Integer.parseInt(parts[EPOCH]));
                                    return String.join(".", parts);
                                })
                        .toList();
        try (V3ioClient client = emulated.client()) {
            for (String name : others) {
                client.putObject("users", "me/staging/" + name, new byte[1]).join();
            }
        }
        return others;
    }

    /** The process died between the removal of the objects and the next checkpoint. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anEpochThatWasFinishedWithoutARefusedRecordEndsWithoutItsObjects(boolean firstIsLeft)
            throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> dropping =
                s ->
                        s.setOnInvalidRecord(OnInvalidRecord.DROP)
                                .setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setShardId(n -> n.equals("3") ? 99 : 0);
        Collection<Epoch> epochs = epoch(writer(dropping), numbers(0, 500));
        Epoch.Part.Staged first =
                (Epoch.Part.Staged) epochs.iterator().next().parts().iterator().next();
        try (V3ioClient client = emulated.client()) {
            byte[] bytes = client.getObject(first.container(), first.path()).join();
            commit(epochs, dropping);
            assertThat(emulated.stored(STREAM)).hasSize(499);
            assertThat(staged()).singleElement().asString().endsWith(NOTE);
            if (firstIsLeft) {
                client.putObject(first.container(), first.path(), bytes).join();
            }
        }

        assertThat(commitRestored(epochs, 5, dropping).alreadyCommitted).isTrue();

        assertThat(metrics.count("v3io.recordsFoundStored")).isEqualTo(499);
        assertThat(metrics.count("v3io.recordsDropped")).isEqualTo(1);
        assertThat(emulated.stored(STREAM)).hasSize(499).doesNotHaveDuplicates();
        assertThat(staged()).singleElement().asString().endsWith(NOTE);
    }

    @Test
    void anEpochOfWhichEveryRecordWasGivenUpEndsWithoutItsObjects() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> dropping =
                s ->
                        s.setOnInvalidRecord(OnInvalidRecord.DROP)
                                .setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setShardId(n -> 99);
        Collection<Epoch> epochs = epoch(writer(dropping), numbers(0, 500));
        commit(epochs, dropping);

        assertThat(commitRestored(epochs, 5, dropping).alreadyCommitted).isTrue();

        assertThat(metrics.count("v3io.recordsDropped")).isEqualTo(500);
        assertThat(emulated.stored(STREAM)).isEmpty();
    }

    @Test
    void anEpochThatWasFinishedWithoutARecordOfTheHandlerEndsWithoutItsObjects() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> handing =
                s ->
                        s.setInvalidRecordHandler(invalid -> null)
                                .setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setShardId(n -> n.equals("3") ? 99 : 0);
        Collection<Epoch> epochs = epoch(writer(handing), numbers(0, 500));
        commit(epochs, handing);

        assertThat(commitRestored(epochs, 5, handing).alreadyCommitted).isTrue();

        assertThat(metrics.count("v3io.recordsHandedOver")).isEqualTo(1);
        assertThat(emulated.stored(STREAM)).hasSize(499);
    }

    @Test
    void withoutProofThatAnEpochWasFinishedTheLossOfItsObjectsFailsTheJob() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> failing =
                s ->
                        s.setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000))
                                .setMaxBatchSize(100)
                                .setMaxInFlightRequests(1);
        UnaryOperator<V3ioSinkBuilder<String>> dropping =
                s -> failing.apply(s).setOnInvalidRecord(OnInvalidRecord.DROP);
        CommittingSinkWriter<String, Epoch> writer = writer(failing);
        Collection<Epoch> half = epoch(writer, numbers(0, 500));
        Collection<Epoch> unsent = epoch(writer, numbers(500, 1_000));
        emulated.emulator().faults().add(refusal().skip(2).times(1));
        assertThatThrownBy(() -> commit(half, failing)).hasMessageContaining("Permission denied");
        try (V3ioClient client = emulated.client()) {
            for (String name : staged()) {
                client.deleteObject("users", "me/staging/" + name).join();
            }
        }

        assertThatThrownBy(() -> commitRestored(half, 5, failing)).hasMessageContaining("is gone");
        assertThatThrownBy(() -> commitRestored(half, 5, dropping)).hasMessageContaining("is gone");
        assertThatThrownBy(() -> commitRestored(unsent, 5, dropping))
                .hasMessageContaining("is gone");
    }

    private V3ioSink<String> stagingSink() {
        return emulated.sink(
                s ->
                        exactlyOnce(s)
                                .setStagingDirectory(STAGING)
                                .setMaxInlineSize(new MemorySize(1_000)));
    }

    @Test
    void aWriterThatIsClosedRemovesWhatItHasStaged() throws Exception {
        CommittingSinkWriter<String, Epoch> writer =
                writer(s -> s.setStagingDirectory(STAGING).setMaxInlineSize(new MemorySize(1_000)));
        write(writer, numbers(0, 500));
        emulated.task().runUntil(() -> staged().size() > 3);

        writer.close();

        emulated.task().runUntil(() -> staged().isEmpty());
    }

    @Test
    void anUnboundedJobWithoutCheckpointsIsRefused() {
        StreamExecutionEnvironment env = unboundedJob(new Configuration());

        assertThatThrownBy(env::getStreamGraph)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("execution.checkpointing.interval");
    }

    /** As the documentation names the interval of a job that makes none by itself. */
    @Test
    void anUnboundedJobWithCheckpointsByHandIsTaken() {
        StreamExecutionEnvironment env =
                unboundedJob(
                        Configuration.fromMap(
                                Map.of(
                                        "execution.checkpointing.interval",
                                        "9223372036854775807 ms")));

        CheckpointCoordinatorConfiguration configuration =
                env.getStreamGraph()
                        .getJobGraph()
                        .getCheckpointingSettings()
                        .getCheckpointCoordinatorConfiguration();

        assertThat(configuration.getCheckpointInterval())
                .isEqualTo(CheckpointCoordinatorConfiguration.DISABLED_CHECKPOINT_INTERVAL);
    }

    private StreamExecutionEnvironment unboundedJob(Configuration configuration) {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        V3ioSource<String> unbounded =
                V3ioSource.<String>builder()
                        .setEndpoint(emulated.emulator().endpoint())
                        .setStream(STREAM)
                        .setDeserializer(new SimpleStringSchema())
                        .build();
        env.fromSource(unbounded, WatermarkStrategy.noWatermarks(), "source")
                .sinkTo(emulated.sink(ExactlyOnceSinkTest::exactlyOnce));
        return env;
    }

    @Test
    void tagsLeaveNoRoomForClientInfoOfTheUser() {
        assertThatThrownBy(() -> emulated.sink(s -> exactlyOnce(s).setClientInfo(n -> new byte[1])))
                .hasMessageContaining("setClientInfo");
    }

    @Test
    void aStagingDirectoryInTheStreamIsRefused() {
        assertThatThrownBy(
                        () -> emulated.sink(s -> exactlyOnce(s).setStagingDirectory(STREAM + "/a")))
                .hasMessageContaining("setStagingDirectory");
    }

    private CommittingSinkWriter<String, Epoch> writer(
            UnaryOperator<V3ioSinkBuilder<String>> settings) throws IOException {
        return open(emulated.sink(s -> settings.apply(exactlyOnce(s))));
    }

    @SuppressWarnings("unchecked")
    private CommittingSinkWriter<String, Epoch> open(V3ioSink<String> sink) throws IOException {
        CommittingSinkWriter<String, Epoch> writer =
                (CommittingSinkWriter<String, Epoch>) sink.createWriter(emulated.task().context());
        opened.add(writer);
        return writer;
    }

    private static V3ioSinkBuilder<String> exactlyOnce(V3ioSinkBuilder<String> builder) {
        return builder.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setLandingTimeout(LANDING)
                .setTakeoverDelay(LANDING);
    }

    private static void write(CommittingSinkWriter<String, Epoch> writer, List<String> elements)
            throws Exception {
        for (String element : elements) {
            writer.write(element, null);
        }
    }

    private static Collection<Epoch> epoch(
            CommittingSinkWriter<String, Epoch> writer, List<String> elements) throws Exception {
        write(writer, elements);
        writer.flush(false);
        return writer.prepareCommit();
    }

    private void commit(Collection<Epoch> epochs) throws Exception {
        commit(epochs, s -> s);
    }

    private void commit(Collection<Epoch> epochs, UnaryOperator<V3ioSinkBuilder<String>> settings)
            throws Exception {
        commit(epochs, settings, OptionalLong.empty());
    }

    private CommitterCalls.Request commitRestored(Collection<Epoch> epochs, long checkpoint)
            throws Exception {
        return commitRestored(epochs, checkpoint, s -> s);
    }

    private CommitterCalls.Request commitRestored(
            Collection<Epoch> epochs,
            long checkpoint,
            UnaryOperator<V3ioSinkBuilder<String>> settings)
            throws Exception {
        return commit(epochs, settings, OptionalLong.of(checkpoint)).get(0);
    }

    private List<CommitterCalls.Request> commit(
            Collection<Epoch> epochs,
            UnaryOperator<V3ioSinkBuilder<String>> settings,
            OptionalLong restored)
            throws Exception {
        EpochSerializer serializer = new EpochSerializer();
        List<CommitterCalls.Request> requests = new ArrayList<>();
        for (Epoch epoch : epochs) {
            // As Flink does on the way from the writer, and into a checkpoint.
            requests.add(
                    new CommitterCalls.Request(
                            serializer.deserialize(
                                    serializer.getVersion(), serializer.serialize(epoch))));
        }
        ExactlyOnceSink<String> sink =
                (ExactlyOnceSink<String>) emulated.sink(s -> settings.apply(exactlyOnce(s)));
        try (Committer<Epoch> committer =
                sink.createCommitter(new CommitterCalls.Context(restored, metrics))) {
            committer.commit(List.copyOf(requests));
        }
        return requests;
    }

    private List<StoredRecord> storedRecords() {
        List<StoredRecord> records = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            records.addAll(emulated.emulator().stream(STREAM).records(shard));
        }
        return records;
    }

    private List<String> staged() {
        try (V3ioClient client = emulated.client()) {
            return client.listObjects("users", "me/staging").join();
        }
    }

    private static Fault failListings() {
        return Fault.on(Operation.LIST).respond(403, "application/json", DENIED);
    }

    /** Ends a commit half-way. */
    private static Fault refusal() {
        return Fault.on(Operation.PUT_RECORDS).respond(403, "application/json", DENIED);
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }
}

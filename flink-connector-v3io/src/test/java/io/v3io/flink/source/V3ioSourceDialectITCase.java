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

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.CloseableIterator;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What a job must be able to rely on, on every platform that the evidence allows. */
@Timeout(120)
class V3ioSourceDialectITCase {

    private static final String STREAM = "users/me/words";
    private static final String DIALECTS = "io.v3io.flink.testing.TestedDialects#all";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private EmulatedStreams streams;
    private StreamPath words;

    private void start(Dialect dialect) {
        streams = PLATFORM.start(e -> e.dialect(dialect));
        words = streams.create(STREAM, 3);
        FailOnce.failed.set(false);
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void everyRecordOnceThroughAFailureGrowthAndBirth(Dialect dialect) throws Exception {
        start(dialect);
        streams.put(words, 0, "a", 700);
        streams.put(words, 1, "b", 300);
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.GET_RECORDS).killLocation().skip(4).times(3));
        StreamExecutionEnvironment env = environment(true);
        env.enableCheckpointing(50);
        Map<String, List<Long>> read = new HashMap<>();
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(
                                source().setConsumerGroup("group_1").build(),
                                WatermarkStrategy.noWatermarks(),
                                "v3io")
                        .map(new FailOnce())
                        .returns(new RecordCoordinates().getProducedType())
                        .executeAndCollect()) {
            collect(records, read, 300);
            streams.put(words, 2, "born", 50);
            streams.grow(words, 5);
            streams.put(words, 4, "added", 20);
            streams.put(words, 0, "more", 100);
            collect(records, read, streams.emulator().stream(STREAM).recordCount() - 300);
        }
        assertThat(FailOnce.failed).isTrue();
        assertThat(read).isEqualTo(stored());
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void aGroupGoesOnWhereItStoppedAlsoOnADrainedShard(Dialect dialect) throws Exception {
        start(dialect);
        streams.put(words, 0, "a", 50);
        streams.put(words, 1, "b", 20);
        assertThat(readToTheEnd(source().setConsumerGroup("group_1"))).isEqualTo(stored());

        V3ioSourceBuilder<Tuple3<String, Long, String>> resumed =
                source().setStartingPosition(
                                StartingPosition.committed("group_1", StartingPosition.earliest()));
        assertThat(readToTheEnd(resumed)).isEmpty();
        Map<String, List<Long>> before = stored();
        streams.put(words, 0, "a", 5);
        streams.put(words, 2, "c", 3);
        assertThat(readToTheEnd(resumed)).isEqualTo(storedSince(before));
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void startsAtSequenceNumbersOneOfThemAfterTheNewest(Dialect dialect) throws Exception {
        start(dialect);
        streams.put(words, 0, "a", 10);
        streams.put(words, 1, "b", 10);
        List<Long> first = numbers(0);
        List<Long> second = numbers(1);
        StartingPosition position =
                StartingPosition.sequenceNumbers(
                        Map.of(
                                words.shard(0),
                                first.get(3),
                                words.shard(1),
                                second.get(second.size() - 1) + 1));
        assertThat(readToTheEnd(source().setStartingPosition(position)))
                .isEqualTo(Map.of(STREAM + "/0", first.subList(3, first.size())));
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void retentionUpToTheCommittedRecordIsNoLoss(Dialect dialect) throws Exception {
        start(dialect);
        streams.put(words, 0, "a", 10);
        assertThat(readToTheEnd(source().setConsumerGroup("group_1"))).isEqualTo(stored());
        Map<String, List<Long>> before = stored();
        streams.put(words, 0, "b", 20);
        Map<String, List<Long>> after = storedSince(before);
        streams.emulator().trimShard(STREAM, 0, after.get(STREAM + "/0").get(0));

        V3ioSourceBuilder<Tuple3<String, Long, String>> resumed =
                source().setStartingPosition(
                                StartingPosition.committed("group_1", StartingPosition.earliest()));
        if (dialect.is(SequenceNumbers.GAPS)) {
            // Not even the committed record is there to tell what came after it.
            readsOrAsks(resumed, after);
        } else {
            assertThat(readToTheEnd(resumed)).isEqualTo(after);
        }
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void lostRecordsAreTold(Dialect dialect) throws Exception {
        start(dialect);
        streams.put(words, 0, "a", 10);
        assertThat(readToTheEnd(source().setConsumerGroup("group_1"))).isEqualTo(stored());
        Map<String, List<Long>> before = stored();
        streams.put(words, 0, "b", 20);
        List<Long> after = storedSince(before).get(STREAM + "/0");
        streams.emulator().trimShard(STREAM, 0, after.get(5));
        V3ioSourceBuilder<Tuple3<String, Long, String>> resumed =
                source().setStartingPosition(
                                StartingPosition.committed("group_1", StartingPosition.earliest()));

        if (dialect.is(SequenceNumbers.GAPS)) {
            readsOrAsks(resumed, Map.of(STREAM + "/0", after.subList(5, after.size())));
        } else {
            assertThatThrownBy(() -> readToTheEnd(resumed))
                    .hasStackTraceContaining(STREAM + "/0")
                    .hasStackTraceContaining("retention");
        }
        assertThat(readToTheEnd(resumed.setOnDataLoss(OnDataLoss.EARLIEST)))
                .isEqualTo(Map.of(STREAM + "/0", after.subList(5, after.size())));
    }

    /** Nobody can tell a lost number from one that was never given; so a job may ask what to do. */
    private static void readsOrAsks(
            V3ioSourceBuilder<Tuple3<String, Long, String>> source, Map<String, List<Long>> left)
            throws Exception {
        try {
            assertThat(readToTheEnd(source)).isEqualTo(left);
        } catch (RuntimeException e) {
            assertThat(e)
                    .hasStackTraceContaining(STREAM + "/0")
                    .hasStackTraceContaining("may never have been there");
        }
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void aStreamThatWasCreatedAgainFailsTheJob(Dialect dialect) throws Exception {
        start(dialect);
        streams.put(words, 0, "a", 100);
        StreamExecutionEnvironment env = environment(false);
        env.enableCheckpointing(50);
        env.fromSource(
                        source().setConsumerGroup("group_1").build(),
                        WatermarkStrategy.noWatermarks(),
                        "v3io")
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync();
        try {
            List<Long> numbers = numbers(0);
            await().until(
                            () ->
                                    streams.emulator().stream(STREAM)
                                                    .committedSequenceNumber("group_1", 0)
                                                    .orElse(0)
                                            == numbers.get(numbers.size() - 1));
            createAgain(dialect);
            await("the end of a job whose positions are those of another stream")
                    .atMost(Duration.ofSeconds(20))
                    .until(() -> job.getJobStatus().get().isGloballyTerminalState());
            assertThatThrownBy(() -> job.getJobExecutionResult().get())
                    .hasStackTraceContaining(STREAM);
        } finally {
            if (!job.getJobStatus().get().isGloballyTerminalState()) {
                job.cancel().get();
            }
        }
    }

    private void createAgain(Dialect dialect) {
        // Whoever deletes a stream may list it.
        streams.emulator().setDialect(dialect.with(Listing.GRANTED));
        streams.client().deleteStream(words).join();
        streams.create(STREAM, 3);
        streams.put(words, 0, "again", 4);
        streams.emulator().setDialect(dialect);
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> source() {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream(STREAM)
                .setStartingPosition(StartingPosition.earliest())
                .setShardDiscoveryInterval(Duration.ofMillis(50))
                .setMaxRecordsPerRequest(40)
                .setDeserializer(new RecordCoordinates());
    }

    private static StreamExecutionEnvironment environment(boolean restarts) {
        Configuration configuration = restarts ? Restarts.upTo(1) : Restarts.none();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        return env;
    }

    private static void collect(
            CloseableIterator<Tuple3<String, Long, String>> records,
            Map<String, List<Long>> read,
            long count) {
        for (long i = 0; i < count; i++) {
            Tuple3<String, Long, String> record = records.next();
            read.computeIfAbsent(record.f0, shard -> new ArrayList<>()).add(record.f1);
        }
    }

    private static Map<String, List<Long>> readToTheEnd(
            V3ioSourceBuilder<Tuple3<String, Long, String>> builder) throws Exception {
        StreamExecutionEnvironment env = environment(false);
        Map<String, List<Long>> read = new HashMap<>();
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(
                                builder.setBounded(StoppingPosition.latest()).build(),
                                WatermarkStrategy.noWatermarks(),
                                "v3io")
                        .executeAndCollect()) {
            while (records.hasNext()) {
                collect(records, read, 1);
            }
        }
        return read;
    }

    private List<Long> numbers(int shard) {
        return streams.emulator().stream(STREAM).records(shard).stream()
                .map(StoredRecord::sequenceNumber)
                .toList();
    }

    private Map<String, List<Long>> stored() {
        Map<String, List<Long>> stored = new HashMap<>();
        for (int shard = 0; shard < streams.emulator().stream(STREAM).shardCount(); shard++) {
            List<Long> numbers = numbers(shard);
            if (!numbers.isEmpty()) {
                stored.put(new ShardId(words, shard).toString(), numbers);
            }
        }
        return stored;
    }

    private Map<String, List<Long>> storedSince(Map<String, List<Long>> before) {
        Map<String, List<Long>> since = new HashMap<>();
        stored().forEach(
                        (shard, numbers) -> {
                            int known = before.getOrDefault(shard, List.of()).size();
                            if (numbers.size() > known) {
                                since.put(shard, numbers.subList(known, numbers.size()));
                            }
                        });
        return since;
    }

    /** Fails the job after a checkpoint, once. */
    private static final class FailOnce
            extends RichMapFunction<Tuple3<String, Long, String>, Tuple3<String, Long, String>>
            implements CheckpointListener {

        private static final long serialVersionUID = 1L;

        // The tasks run in this JVM.
        private static final AtomicBoolean failed = new AtomicBoolean();

        private transient boolean checkpointed;

        @Override
        public Tuple3<String, Long, String> map(Tuple3<String, Long, String> record) {
            if (checkpointed && failed.compareAndSet(false, true)) {
                throw new IllegalStateException("A crash, as the test wants it.");
            }
            return record;
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            checkpointed = true;
        }
    }
}

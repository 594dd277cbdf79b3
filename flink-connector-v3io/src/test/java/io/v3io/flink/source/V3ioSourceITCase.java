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
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Gate;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.ExceptionUtils;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Where jobs start and stop, on a MiniCluster and an emulator over HTTP. */
@Tag("quick")
@Timeout(120)
class V3ioSourceITCase {

    private static final long NO_CHECKPOINTS = 0;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;

    @BeforeEach
    void createStreams() {
        words = streams.create("users/me/words", 4);
    }

    @Test
    void readsEveryRecordOfEveryShardInOrderAndEnds() throws Exception {
        streams.put(words, 0, "a", 2_500);
        streams.put(words, 1, "b", 1);
        streams.put(words, 3, "d", 777);

        Map<String, List<Long>> read = read(bounded(), RuntimeExecutionMode.STREAMING);

        assertThat(read)
                .containsOnlyKeys("users/me/words/0", "users/me/words/1", "users/me/words/3")
                .containsEntry("users/me/words/0", numbers(1, 2_500))
                .containsEntry("users/me/words/1", numbers(1, 1))
                .containsEntry("users/me/words/3", numbers(1, 777));
    }

    @Test
    void readsTheSameInBatchMode() throws Exception {
        streams.put(words, 0, "a", 1_234);
        streams.put(words, 2, "c", 10);

        assertThat(read(bounded(), RuntimeExecutionMode.BATCH))
                .containsEntry("users/me/words/0", numbers(1, 1_234))
                .containsEntry("users/me/words/2", numbers(1, 10));
    }

    @Test
    void anEmptyStreamEndsAtOnce() throws Exception {
        assertThat(read(bounded(), RuntimeExecutionMode.STREAMING)).isEmpty();
    }

    @Test
    void startsAtSequenceNumbersAndAtTheDefaultElsewhere() throws Exception {
        streams.put(words, 0, "a", 10);
        streams.put(words, 1, "b", 10);
        streams.put(words, 2, "c", 10);
        StartingPosition position =
                StartingPosition.sequenceNumbers(
                        // The newest plus one, in shard 2: allowed, and nothing to read.
                        Map.of(words.shard(0), 4L, words.shard(2), 11L));

        assertThat(read(bounded().setStartingPosition(position), RuntimeExecutionMode.STREAMING))
                .isEqualTo(
                        Map.of(
                                "users/me/words/0",
                                numbers(4, 10),
                                "users/me/words/1",
                                numbers(1, 10)));
    }

    @Test
    void startsAtATimestampToTheNanosecond() throws Exception {
        streams.put(words, 0, "a", 5);
        Instant third = streams.emulator().stream("users/me/words").records(0).get(2).arrivalTime();
        long firstWanted =
                streams.emulator().stream("users/me/words").records(0).stream()
                        .filter(record -> !record.arrivalTime().isBefore(third))
                        .findFirst()
                        .orElseThrow()
                        .sequenceNumber();

        assertThat(
                        read(
                                bounded().setStartingPosition(StartingPosition.timestamp(third)),
                                RuntimeExecutionMode.STREAMING))
                .isEqualTo(Map.of("users/me/words/0", numbers(firstWanted, 5)));
    }

    @Test
    void latestReadsWhatComesAfterTheStartAlsoFromUnbornAndAddedShards() throws Exception {
        streams.put(words, 0, "old", 20);
        V3ioSource<Tuple3<String, Long, String>> source =
                unbounded()
                        .setStartingPosition(StartingPosition.latest())
                        .setShardDiscoveryInterval(Duration.ofMillis(20))
                        .build();
        StreamExecutionEnvironment env = environment(RuntimeExecutionMode.STREAMING);
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                        .executeAndCollect()) {
            // Not before the positions are resolved: the first read of the known shard shows that
            // they are.
            await().until(
                            () ->
                                    streams.emulator().requestCount(Operation.GET_RECORDS) > 0
                                            && streams.emulator().requestCount(Operation.SEEK) > 4);
            streams.put(words, 0, "new", 3);
            streams.put(words, 3, "born", 2);
            streams.grow(words, 6);
            streams.put(words, 5, "added", 1);

            List<String> read = new ArrayList<>();
            while (read.size() < 6) {
                read.add(records.next().f2);
            }
            assertThat(read)
                    .containsExactlyInAnyOrder("new1", "new2", "new3", "born1", "born2", "added1");
        }
    }

    @Test
    void commitsTheGroupsPositionsWithTheLastCheckpointAndAnotherJobGoesOnThere() throws Exception {
        streams.put(words, 0, "a", 500);
        streams.put(words, 1, "b", 7);
        read(bounded().setConsumerGroup("group_1"), RuntimeExecutionMode.STREAMING, 10);

        assertThat(committed(0)).isEqualTo(OptionalLong.of(500));
        assertThat(committed(1)).isEqualTo(OptionalLong.of(7));
        assertThat(committed(2)).isEmpty();

        streams.put(words, 0, "a", 3);
        streams.put(words, 2, "c", 2);
        assertThat(
                        read(
                                bounded()
                                        .setStartingPosition(
                                                StartingPosition.committed(
                                                        "group_1", StartingPosition.earliest())),
                                RuntimeExecutionMode.STREAMING))
                .isEqualTo(
                        Map.of(
                                "users/me/words/0",
                                numbers(501, 503),
                                "users/me/words/2",
                                numbers(1, 2)));
    }

    @ParameterizedTest
    @EnumSource(
            value = RuntimeExecutionMode.class,
            names = {"STREAMING", "BATCH"})
    void aBoundedReadWithoutCheckpointsCommitsWhenItEnds(RuntimeExecutionMode mode)
            throws Exception {
        streams.put(words, 0, "a", 500);
        streams.put(words, 1, "b", 7);

        read(bounded().setConsumerGroup("group_1"), mode);

        assertThat(committed(0)).isEqualTo(OptionalLong.of(500));
        assertThat(committed(1)).isEqualTo(OptionalLong.of(7));
        assertThat(committed(2)).isEmpty();
    }

    @Test
    void aCommitThatFailsDoesNotFailTheJob() throws Exception {
        streams.put(words, 0, "a", 500);
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_ITEM).respond(403, "text/plain", "no"));

        assertThat(read(bounded().setConsumerGroup("group_1"), RuntimeExecutionMode.STREAMING, 10))
                .isEqualTo(Map.of("users/me/words/0", numbers(1, 500)));
        assertThat(committed(0)).isEmpty();
    }

    @Test
    void stopsBeforeATimestampAndAtSequenceNumbers() throws Exception {
        streams.put(words, 0, "a", 10);
        streams.put(words, 1, "b", 10);
        Instant stop = streams.emulator().stream("users/me/words").records(0).get(9).arrivalTime();
        long firstPastStop =
                streams.emulator().stream("users/me/words").records(0).stream()
                        .filter(record -> !record.arrivalTime().isBefore(stop))
                        .findFirst()
                        .orElseThrow()
                        .sequenceNumber();

        Map<String, List<Long>> untilTime =
                read(
                        unbounded().setBounded(StoppingPosition.timestamp(stop)),
                        RuntimeExecutionMode.STREAMING);
        assertThat(untilTime.getOrDefault("users/me/words/0", List.of()))
                .isEqualTo(numbers(1, firstPastStop - 1));
        assertThat(untilTime).doesNotContainKey("users/me/words/1");

        assertThat(
                        read(
                                unbounded()
                                        .setBounded(
                                                StoppingPosition.sequenceNumbers(
                                                        Map.of(
                                                                words.shard(0),
                                                                4L,
                                                                words.shard(1),
                                                                99L))),
                                RuntimeExecutionMode.STREAMING))
                .isEqualTo(
                        Map.of(
                                "users/me/words/0",
                                numbers(1, 4),
                                "users/me/words/1",
                                numbers(1, 10)));
    }

    @Test
    void stopsWhereAGroupHasCome() throws Exception {
        streams.put(words, 0, "a", 10);
        streams.put(words, 1, "b", 10);
        streams.put(words, 2, "c", 10);
        streams.client().commitSequenceNumber(words.shard(0), "nuclio", 4).join();
        streams.client().commitSequenceNumber(words.shard(1), "nuclio", 10).join();
        Map<String, List<Long>> processed =
                Map.of(
                        "users/me/words/0", numbers(1, 4),
                        "users/me/words/1", numbers(1, 10));

        assertThat(
                        read(
                                unbounded().setBounded(StoppingPosition.committed("nuclio")),
                                RuntimeExecutionMode.BATCH))
                .isEqualTo(processed);
        assertThat(
                        read(
                                unbounded().setUnbounded(StoppingPosition.committed("nuclio")),
                                RuntimeExecutionMode.STREAMING))
                .isEqualTo(processed);
        // From one group's position to another's.
        streams.client().commitSequenceNumber(words.shard(0), "ours", 2).join();
        streams.client().commitSequenceNumber(words.shard(1), "ours", 10).join();
        assertThat(
                        read(
                                unbounded()
                                        .setStartingPosition(
                                                StartingPosition.committed(
                                                        "ours", StartingPosition.earliest()))
                                        .setBounded(StoppingPosition.committed("nuclio")),
                                RuntimeExecutionMode.BATCH))
                .isEqualTo(Map.of("users/me/words/0", numbers(3, 4)));
    }

    @Test
    void aGroupThatHasProcessedNothingIsNoPlaceToStop() throws Exception {
        streams.put(words, 0, "a", 10);

        assertThatThrownBy(
                        () ->
                                read(
                                        unbounded().setBounded(StoppingPosition.committed("nuclo")),
                                        RuntimeExecutionMode.BATCH))
                .hasStackTraceContaining(
                        "consumer group 'nuclo', but the group has committed nothing");
    }

    @Test
    void aStopIsFrozenAtTheStartAlsoInStreamingModeWithoutBoundedness() throws Exception {
        streams.put(words, 0, "a", 2_000);
        streams.put(words, 1, "b", 10);
        for (boolean bounded : new boolean[] {true, false}) {
            String gate = "stop " + bounded;
            V3ioSourceBuilder<Tuple3<String, Long, String>> builder =
                    unbounded().setMaxRecordsPerRequest(100);
            V3ioSource<Tuple3<String, Long, String>> source =
                    bounded
                            ? builder.setBounded(StoppingPosition.latest()).build()
                            : builder.setUnbounded(StoppingPosition.latest()).build();
            long[] due = {stored(0), stored(1)};
            StreamExecutionEnvironment env = environment(RuntimeExecutionMode.STREAMING);
            long seeks = streams.emulator().requestCount(Operation.SEEK);
            Map<String, List<Long>> read = new TreeMap<>();
            try (CloseableIterator<Tuple3<String, Long, String>> records =
                    env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                            .map(new Gate<>(gate))
                            .returns(new RecordCoordinates().getProducedType())
                            .executeAndCollect()) {
                await().until(() -> streams.emulator().requestCount(Operation.SEEK) >= seeks + 2);
                // All of this comes after the start: more, a birth, growth.
                streams.put(words, 0, "late", 50);
                streams.put(words, 1, "late", 50);
                streams.put(words, bounded ? 2 : 3, "born", 5);
                streams.grow(words, bounded ? 5 : 6);
                Gate.open(gate);
                records.forEachRemaining(
                        record ->
                                read.computeIfAbsent(record.f0, shard -> new ArrayList<>())
                                        .add(record.f1));
            }
            assertThat(read)
                    .as("bounded %s", bounded)
                    .containsEntry("users/me/words/0", numbers(1, due[0]))
                    .containsEntry("users/me/words/1", numbers(1, due[1]))
                    .doesNotContainKey("users/me/words/3");
        }
    }

    private long stored(int shard) {
        return streams.emulator().stream("users/me/words").records(shard).size();
    }

    /** One job for each emulator: a job that is being cancelled goes on looking for a while. */
    @ParameterizedTest(name = "by a pattern {0}")
    @ValueSource(booleans = {true, false})
    void waitsForAStream(boolean pattern) throws Exception {
        V3ioSourceBuilder<Tuple3<String, Long, String>> builder =
                V3ioSource.<Tuple3<String, Long, String>>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStartingPosition(StartingPosition.latest())
                        .setOnMissingStream(OnMissingStream.WAIT)
                        .setShardDiscoveryInterval(Duration.ofMillis(20))
                        .setDeserializer(new RecordCoordinates());
        V3ioSource<Tuple3<String, Long, String>> source =
                pattern
                        ? builder.setStreamPattern("users/me", Pattern.compile("la.*")).build()
                        : builder.setStream("users/me/later").build();
        long looks = looks();
        StreamExecutionEnvironment env = environment(RuntimeExecutionMode.STREAMING);
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                        .executeAndCollect()) {
            // One look is at most two requests: the first is over when the third has begun.
            await().until(() -> looks() >= looks + 6);
            StreamPath later = streams.create("users/me/later", 1);
            streams.put(later, 0, "x", 3);

            List<Long> read = new ArrayList<>();
            while (read.size() < 3) {
                read.add(records.next().f1);
            }
            assertThat(read).isEqualTo(numbers(1, 3));
        }
    }

    private long looks() {
        return streams.emulator().requestCount(Operation.DESCRIBE_STREAM)
                + streams.emulator().requestCount(Operation.LIST);
    }

    private OptionalLong committed(int shard) {
        return streams.client().getCommittedSequenceNumber(words.shard(shard), "group_1").join();
    }

    @Test
    void readsSeveralStreamsAtOnce() throws Exception {
        StreamPath orders = streams.create("projects/shop/orders", 2);
        streams.put(words, 0, "w", 3);
        streams.put(orders, 1, "o", 4);

        assertThat(
                        read(
                                bounded()
                                        .setStreams(
                                                List.of("users/me/words", "projects/shop/orders")),
                                RuntimeExecutionMode.STREAMING))
                .isEqualTo(
                        Map.of(
                                "users/me/words/0",
                                numbers(1, 3),
                                "projects/shop/orders/1",
                                numbers(1, 4)));
    }

    @Test
    void aSmallBufferSlowsButDoesNotStop() throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "x".repeat(500), 2_000);
        }

        Map<String, List<Long>> read =
                read(
                        bounded().setBufferSize(new MemorySize(1)).setMaxRecordsPerRequest(100),
                        RuntimeExecutionMode.STREAMING);

        assertThat(read)
                .hasSize(4)
                .allSatisfy((id, all) -> assertThat(all).isEqualTo(numbers(1, 2_000)));
    }

    @Test
    void transientFaultsOnEveryOperationAreRiddenOut() throws Exception {
        streams.put(words, 0, "a", 3_000);
        streams.put(words, 1, "b", 3_000);
        for (Operation operation :
                List.of(
                        Operation.DESCRIBE_STREAM,
                        Operation.LIST,
                        Operation.SEEK,
                        Operation.GET_RECORDS)) {
            streams.emulator()
                    .faults()
                    .add(
                            Fault.on(operation)
                                    .respond(503, "text/html", "<html>busy</html>")
                                    .times(2));
            streams.emulator().faults().add(Fault.on(operation).resetBefore().times(1));
            streams.emulator().faults().add(Fault.on(operation).cutBody().times(1));
        }

        assertThat(read(bounded().setMaxRecordsPerRequest(500), RuntimeExecutionMode.STREAMING))
                .isEqualTo(
                        Map.of(
                                "users/me/words/0",
                                numbers(1, 3_000),
                                "users/me/words/1",
                                numbers(1, 3_000)));
    }

    @Test
    void locationsThatDieAreFoundAgainWithoutLossOrRepetition() throws Exception {
        streams.put(words, 0, "a", 5_000);
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.GET_RECORDS).killLocation().skip(2).times(5));

        assertThat(read(bounded().setMaxRecordsPerRequest(300), RuntimeExecutionMode.STREAMING))
                .isEqualTo(Map.of("users/me/words/0", numbers(1, 5_000)));
    }

    @Test
    void aMissingStreamFailsTheJobByName() {
        assertThatThrownBy(
                        () ->
                                read(
                                        bounded().setStream("users/me/nothing"),
                                        RuntimeExecutionMode.STREAMING))
                .hasStackTraceContaining("users/me/nothing");
    }

    @Test
    void aMissingContainerFailsTheJobAndIsNamed() {
        for (V3ioSourceBuilder<Tuple3<String, Long, String>> source :
                List.of(
                        bounded().setStream("nosuch/me/words"),
                        V3ioSource.<Tuple3<String, Long, String>>builder()
                                .setEndpoint(streams.endpoint())
                                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                .setStreamPattern("nosuch/me", Pattern.compile("w.*"))
                                .setBounded(StoppingPosition.latest())
                                .setDeserializer(new RecordCoordinates()))) {
            assertThatThrownBy(() -> read(source, RuntimeExecutionMode.STREAMING))
                    .hasStackTraceContaining("nosuch/me")
                    .hasStackTraceContaining("Container not found");
        }
    }

    @Test
    void aWrongAccessKeyFailsTheJobWithoutShowingIt() throws Exception {
        try (EmulatedStreams guarded = PLATFORM.start(e -> e.accessKey("right"))) {
            assertThatThrownBy(
                            () ->
                                    read(
                                            bounded()
                                                    .setEndpoint(guarded.endpoint())
                                                    .setAccessKey("canary-key-4711"),
                                            RuntimeExecutionMode.STREAMING))
                    .hasStackTraceContaining("Permission denied")
                    .satisfies(
                            failure ->
                                    assertThat(ExceptionUtils.stringifyException(failure))
                                            .doesNotContain("canary-key-4711"));
        }
    }

    @Test
    void aRecordThatCannotBeReadFailsTheJobWithItsCoordinates() {
        streams.put(words, 2, "c", 3);
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream("users/me/words")
                        .setBounded(StoppingPosition.latest())
                        .setDeserializer(new RefusingSchema("c2"))
                        .build();
        StreamExecutionEnvironment env = environment(RuntimeExecutionMode.STREAMING);

        assertThatThrownBy(
                        () -> {
                            try (CloseableIterator<String> records =
                                    env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                                            .executeAndCollect()) {
                                records.forEachRemaining(record -> {});
                            }
                        })
                .hasStackTraceContaining("sequence number 2 of shard users/me/words/2");
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> unbounded() {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/words")
                .setDeserializer(new RecordCoordinates());
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> bounded() {
        return unbounded().setBounded(StoppingPosition.latest());
    }

    private static StreamExecutionEnvironment environment(RuntimeExecutionMode mode) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setRuntimeMode(mode);
        env.setParallelism(2);
        return env;
    }

    /** Runs the source to its end; sequence numbers by shard, in the order in which they came. */
    private static Map<String, List<Long>> read(
            V3ioSourceBuilder<Tuple3<String, Long, String>> builder, RuntimeExecutionMode mode)
            throws Exception {
        return read(builder, mode, NO_CHECKPOINTS);
    }

    private static Map<String, List<Long>> read(
            V3ioSourceBuilder<Tuple3<String, Long, String>> builder,
            RuntimeExecutionMode mode,
            long checkpointMillis)
            throws Exception {
        StreamExecutionEnvironment env = environment(mode);
        if (checkpointMillis != NO_CHECKPOINTS) {
            env.enableCheckpointing(checkpointMillis);
        }
        Map<String, List<Long>> read = new TreeMap<>();
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(builder.build(), WatermarkStrategy.noWatermarks(), "v3io")
                        .executeAndCollect()) {
            records.forEachRemaining(
                    record ->
                            read.computeIfAbsent(record.f0, shard -> new ArrayList<>())
                                    .add(record.f1));
        }
        return new HashMap<>(read);
    }

    private static List<Long> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    private static final class RefusingSchema extends SimpleStringSchema {
        private static final long serialVersionUID = 1L;
        private final String refused;

        RefusingSchema(String refused) {
            this.refused = refused;
        }

        @Override
        public String deserialize(byte[] message) {
            String text = super.deserialize(message);
            if (text.equals(refused)) {
                throw new IllegalArgumentException("refused by the test");
            }
            return text;
        }
    }
}

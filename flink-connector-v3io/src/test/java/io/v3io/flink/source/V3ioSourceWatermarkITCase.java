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
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.CloseableIterator;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Timeout(120)
class V3ioSourceWatermarkITCase {

    private static final AtomicLong WATERMARK = new AtomicLong();
    private static final Queue<String> SEEN = new ConcurrentLinkedQueue<>();

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;

    @BeforeEach
    void createStreams() {
        WATERMARK.set(Long.MIN_VALUE);
        IdlingWatermarks.reset();
        NoteWatermark.IDLE.clear();
        SEEN.clear();
        words = streams.create("users/me/words", 2);
    }

    /**
     * The elements' time is their sequence number, in seconds. A watermark follows every element at
     * once, so that an element which has come says that the watermark of the one before has, too.
     */
    private static WatermarkStrategy<Tuple3<String, Long, String>> watermarks() {
        return WatermarkStrategy.<Tuple3<String, Long, String>>forGenerator(
                        context -> new WatermarkOfEveryElement())
                .withTimestampAssigner((record, arrivalTime) -> record.f1 * 1_000);
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> source() {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/words")
                .setShardDiscoveryInterval(Duration.ofMillis(50))
                .setDeserializer(new RecordCoordinates());
    }

    @Test
    void subtasksWithoutShardsDoNotHoldTheWatermarkAndTakePartWhenTheyGetOne() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(4);
        env.getConfig().setAutoWatermarkInterval(10);
        env.fromSource(source().build(), watermarks(), "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync("watermarks");
        streams.put(words, 0, "x", 10);
        streams.put(words, 1, "x", 10);
        awaitWatermark(10);

        // The new shard's reader was without one: it now holds the watermark up, and lets it go on.
        streams.grow(words, 3);
        streams.put(words, 2, "new", 13);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(33));
        streams.put(words, 0, "x", 90);
        streams.put(words, 1, "x", 90);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(213));
        awaitWatermark(12);
        assertThat(WATERMARK.get()).isLessThanOrEqualTo(13_000);
        streams.put(words, 2, "new", 87);
        awaitWatermark(100);
        job.cancel().get();
    }

    @Test
    void aShardThatCameByGrowthAndStaysSilentDoesNotHoldTheWatermark() throws Exception {
        StreamPath one = streams.create("users/me/one", 1);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.getConfig().setAutoWatermarkInterval(5);
        env.fromSource(source().setStream("users/me/one").build(), idlingWatermarks(), "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync("growth");
        // Each reader has a generator of its own, and each shard has one.
        await().until(() -> IdlingWatermarks.created() == 3 && IdlingWatermarks.idle() == 3);

        streams.grow(one, 2);
        await().until(() -> IdlingWatermarks.created() == 4);
        streams.put(one, 1, "y", 5);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(5));
        streams.put(one, 0, "x", 100);

        awaitWatermark(100);
        // The new shard is silent no more: what it says counts again.
        streams.put(one, 1, "y", 145);
        streams.put(one, 0, "x", 100);
        awaitWatermark(150);
        job.cancel().get();
    }

    @Test
    void aReaderWithItsFirstShardIsActiveAlsoWhenWatermarksAreMadeAfterTheSource()
            throws Exception {
        StreamPath one = streams.create("users/me/one", 1);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.fromSource(
                        source().setStream("users/me/one").build(),
                        WatermarkStrategy.noWatermarks(),
                        "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync("status");
        await().until(() -> NoteWatermark.IDLE.size() == 1);

        streams.grow(one, 2);
        streams.put(one, 1, "y", 5);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(5));
        await().until(NoteWatermark.IDLE::isEmpty);
        job.cancel().get();
    }

    @Test
    void aReaderThatWasIdleTwiceIsActiveAgain() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.fromSource(
                        source().setStreams(
                                        List.of(
                                                "users/me/day-1",
                                                "users/me/day-2",
                                                "users/me/day-3"))
                                .setOnDeletedStream(OnDeletedStream.END)
                                .setOnMissingStream(OnMissingStream.WAIT)
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync("status");
        for (int day = 1; day <= 3; day++) {
            await().until(() -> NoteWatermark.IDLE.size() == 1);
            StreamPath stream = streams.create("users/me/day-" + day, 1);
            streams.put(stream, 0, "x", 5);
            int seen = 5 * day;
            await().untilAsserted(() -> assertThat(SEEN).hasSize(seen));
            await().until(NoteWatermark.IDLE::isEmpty);
            streams.client().deleteStream(stream).join();
        }
        job.cancel().get();
    }

    @Test
    void aReaderWhoseShardsHaveEndedDoesNotHoldTheWatermark() throws Exception {
        StreamPath one = streams.create("users/me/one", 1);
        StreamPath other = streams.create("users/me/other", 1);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.getConfig().setAutoWatermarkInterval(5);
        env.fromSource(
                        source().setStreams(List.of("users/me/one", "users/me/other"))
                                .setOnDeletedStream(OnDeletedStream.END)
                                .build(),
                        watermarks(),
                        "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync("end");
        streams.put(one, 0, "x", 20);
        streams.put(other, 0, "y", 10);
        awaitWatermark(10);
        streams.client().deleteStream(other).join();
        awaitWatermark(20);

        streams.put(one, 0, "x", 80);
        awaitWatermark(100);
        // The reader takes part again when it gets a shard.
        streams.grow(one, 2);
        streams.put(one, 1, "z", 130);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(240));
        streams.put(one, 0, "x", 50);
        awaitWatermark(130);
        assertThat(WATERMARK.get()).isEqualTo(130_000);
        job.cancel().get();
    }

    @Test
    void aSourceThatWaitsForItsStreamDoesNotHoldTheWatermarkOfAUnion() throws Exception {
        V3ioSource<Tuple3<String, Long, String>> awaited =
                source().setStream("users/me/late")
                        .setOnMissingStream(OnMissingStream.WAIT)
                        .build();
        JobClient job = startUnionWith(awaited);
        streams.put(words, 0, "x", 10);
        streams.put(words, 1, "x", 10);
        awaitWatermark(10);

        // When it is there it takes part.
        StreamPath late = streams.create("users/me/late", 1);
        streams.put(late, 0, "y", 15);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(35));
        streams.put(words, 0, "x", 90);
        streams.put(words, 1, "x", 90);
        await().untilAsserted(() -> assertThat(SEEN).hasSize(215));
        awaitWatermark(15);
        assertThat(WATERMARK.get()).isEqualTo(15_000);
        job.cancel().get();
    }

    @Test
    void aBoundedSourceThatHasReadOneStreamAndWaitsForAnotherDoesNotHoldTheWatermarkOfAUnion()
            throws Exception {
        StreamPath one = streams.create("users/me/one", 1);
        streams.put(one, 0, "z", 5);
        V3ioSource<Tuple3<String, Long, String>> awaited =
                source().setStreams(List.of("users/me/one", "users/me/late"))
                        .setBounded(StoppingPosition.latest())
                        .setOnMissingStream(OnMissingStream.WAIT)
                        .build();
        JobClient job = startUnionWith(awaited);
        streams.put(words, 0, "x", 10);
        streams.put(words, 1, "x", 10);
        awaitWatermark(10);
        job.cancel().get();
    }

    private JobClient startUnionWith(V3ioSource<Tuple3<String, Long, String>> other)
            throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.getConfig().setAutoWatermarkInterval(5);
        env.fromSource(source().build(), watermarks(), "words")
                .union(env.fromSource(other, watermarks(), "other"))
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync("union");
    }

    @Test
    void aBoundedReadEndsWithTheLastWatermarkAlsoWhenItsShardsHaveGoneIdle() throws Exception {
        streams.put(words, 0, "x", 3);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.getConfig().setAutoWatermarkInterval(5);
        env.fromSource(
                        source().setBounded(StoppingPosition.latest()).build(),
                        idlingWatermarks(),
                        "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteWatermark())
                .sinkTo(new DiscardingSink<>());
        env.execute("bounded");

        assertThat(SEEN).hasSize(3);
        assertThat(WATERMARK.get()).isEqualTo(Long.MAX_VALUE);
    }

    private static WatermarkStrategy<Tuple3<String, Long, String>> idlingWatermarks() {
        return WatermarkStrategy.<Tuple3<String, Long, String>>forGenerator(
                        context -> new IdlingWatermarks())
                .withTimestampAssigner((record, arrivalTime) -> record.f1 * 1_000);
    }

    private static void awaitWatermark(long seconds) {
        await().untilAsserted(
                        () -> assertThat(WATERMARK.get()).isGreaterThanOrEqualTo(seconds * 1_000));
    }

    @Test
    void alignmentOfShardsThatRunAheadLosesNothingAndEnds() throws Exception {
        streams.put(words, 0, "fast", 5_000);
        streams.put(words, 1, "slow", 200);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.getConfig().setAutoWatermarkInterval(10);
        Map<String, Long> last = new HashMap<>();
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(
                                source().setBounded(StoppingPosition.latest())
                                        .setMaxRecordsPerRequest(50)
                                        .build(),
                                watermarks()
                                        .withWatermarkAlignment(
                                                "group",
                                                Duration.ofSeconds(100),
                                                Duration.ofMillis(20)),
                                "v3io")
                        .executeAndCollect()) {
            records.forEachRemaining(
                    record ->
                            assertThat(record.f1).isEqualTo(last.merge(record.f0, 1L, Long::sum)));
        }

        assertThat(last)
                .containsEntry("users/me/words/0", 5_000L)
                .containsEntry("users/me/words/1", 200L);
    }

    private static final class WatermarkOfEveryElement
            implements WatermarkGenerator<Tuple3<String, Long, String>> {

        @Override
        public void onEvent(
                Tuple3<String, Long, String> record, long timestamp, WatermarkOutput output) {
            output.emitWatermark(new Watermark(timestamp));
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // Every element has had its own.
        }
    }

    /** Marks its output idle once after a few periods without an element, as Flink's does. */
    private static final class IdlingWatermarks
            implements WatermarkGenerator<Tuple3<String, Long, String>> {
        private static final int PERIODS = 5;
        private static final AtomicInteger CREATED = new AtomicInteger();
        private static final Set<IdlingWatermarks> IDLE = ConcurrentHashMap.newKeySet();

        private long watermark = Long.MIN_VALUE;
        private int silentPeriods;

        IdlingWatermarks() {
            CREATED.incrementAndGet();
        }

        static void reset() {
            CREATED.set(0);
            IDLE.clear();
        }

        static int created() {
            return CREATED.get();
        }

        static int idle() {
            return IDLE.size();
        }

        @Override
        public void onEvent(
                Tuple3<String, Long, String> record, long timestamp, WatermarkOutput output) {
            silentPeriods = 0;
            watermark = Math.max(watermark, timestamp);
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            if (++silentPeriods < PERIODS) {
                output.emitWatermark(new Watermark(watermark));
            } else if (silentPeriods == PERIODS) {
                output.markIdle();
                IDLE.add(this);
            }
        }
    }

    private static final class NoteWatermark extends AbstractStreamOperator<String>
            implements OneInputStreamOperator<Tuple3<String, Long, String>, String> {
        private static final long serialVersionUID = 1L;
        private static final Set<Integer> IDLE = ConcurrentHashMap.newKeySet();

        @Override
        public void processWatermarkStatus(WatermarkStatus status) throws Exception {
            super.processWatermarkStatus(status);
            int subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
            boolean unused = status.isIdle() ? IDLE.add(subtask) : IDLE.remove(subtask);
        }

        @Override
        public void processElement(StreamRecord<Tuple3<String, Long, String>> element) {
            Tuple3<String, Long, String> record = element.getValue();
            SEEN.add(record.f0 + ":" + record.f1);
        }

        @Override
        public void processWatermark(org.apache.flink.streaming.api.watermark.Watermark mark)
                throws Exception {
            super.processWatermark(mark);
            WATERMARK.set(mark.getTimestamp());
        }
    }
}

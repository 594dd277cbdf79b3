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
import io.v3io.flink.testing.ReportedMetrics;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Streams that are deleted under a job, or taken off its list, with and without its state. */
@Timeout(120)
class V3ioSourceRetiredStreamsITCase {

    private static final List<String> READ = new CopyOnWriteArrayList<>();

    private static final ReportedMetrics METRICS = new ReportedMetrics();

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2, METRICS.configuration());

    @TempDir private Path savepoints;
    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;
    private StreamPath old;

    @BeforeEach
    void createStreams() {
        READ.clear();
        Note.WATERMARKS.clear();
        words = streams.create("users/me/words", 2);
        old = streams.create("users/me/old", 3);
        streams.put(words, 0, "x", 5);
        // Two shards are born, and one is not.
        streams.put(old, 0, "y", 5);
        streams.put(old, 1, "y", 5);
    }

    @Test
    void aStreamThatIsDeletedEndsAndTheOthersGoOn() throws Exception {
        JobClient job = start(both().setOnDeletedStream(OnDeletedStream.END), null);
        awaitRead(15);
        streams.client().deleteStream(old).join();
        await().untilAsserted(() -> assertThat(sum(job, "v3io.endedShards")).isEqualTo(3));
        await().untilAsserted(() -> assertThat(sum(job, "v3io.endedStreams")).isEqualTo(1));

        streams.put(words, 0, "x", 5);
        streams.put(words, 1, "x", 5);
        awaitRead(25);
        String savepoint = Savepoints.stop(job, savepoints);

        // One that is created again under the name is not this job's.
        StreamPath again = streams.create("users/me/old", 1);
        streams.put(again, 0, "z", 5);
        streams.put(words, 1, "x", 5);
        JobClient restored = start(both().setOnDeletedStream(OnDeletedStream.END), savepoint);
        awaitRead(30);
        assertThat(READ.subList(25, 30)).allMatch(record -> record.startsWith("users/me/words/1"));
        restored.cancel().get();
    }

    @Test
    void aStateWithADeletedStreamIsRestoredAndTheOthersGoOn() throws Exception {
        JobClient job = start(both(), null);
        awaitRead(15);
        String savepoint = Savepoints.stop(job, savepoints);
        streams.client().deleteStream(old).join();
        streams.put(words, 1, "x", 5);

        assertFails(
                both(),
                savepoint,
                "users/me/old",
                "use setOnDeletedStream(END) (in SQL 'scan.on-deleted-stream' = 'end') and");
        READ.clear();
        Note.WATERMARKS.clear();
        JobClient restored = start(both().setOnDeletedStream(OnDeletedStream.END), savepoint);
        awaitRead(5);
        await().untilAsserted(() -> assertThat(sum(restored, "v3io.endedShards")).isEqualTo(3));
        streams.put(words, 0, "x", 5);
        awaitWatermarks(4_999);
        restored.cancel().get();
    }

    @Test
    void aStreamThatIsTakenOffTheListIsDropped() throws Exception {
        JobClient job = start(both(), null);
        awaitRead(15);
        String savepoint = Savepoints.stop(job, savepoints);
        streams.client().deleteStream(old).join();
        streams.put(words, 0, "x", 5);
        streams.put(words, 1, "x", 5);

        V3ioSourceBuilder<Tuple3<String, Long, String>> one = source().setStream("users/me/words");
        assertFails(one, savepoint, "users/me/old");
        READ.clear();
        Note.WATERMARKS.clear();
        JobClient restored =
                start(one.setOnUnsubscribedStream(OnUnsubscribedStream.DROP), savepoint);
        awaitRead(10);
        // Both shards have had their fifth record; those that were dropped hold nothing up.
        awaitWatermarks(4_999);
        await().untilAsserted(() -> assertThat(sum(restored, "v3io.droppedStreams")).isEqualTo(1));
        await().untilAsserted(() -> assertThat(sum(restored, "v3io.assignedShards")).isEqualTo(2));
        String next = Savepoints.stop(restored, savepoints);

        // What was dropped is not in the state any more, so it starts where the job is told to.
        StreamPath again = streams.create("users/me/old", 1);
        streams.put(again, 0, "z", 5);
        JobClient both = start(both(), next);
        awaitRead(15);
        both.cancel().get();
    }

    private void assertFails(
            V3ioSourceBuilder<Tuple3<String, Long, String>> source,
            String savepoint,
            String... says)
            throws Exception {
        JobClient job = start(source, savepoint);
        await().until(() -> job.getJobStatus().get().isGloballyTerminalState());
        for (String word : says) {
            assertThatThrownBy(() -> job.getJobExecutionResult().get())
                    .hasStackTraceContaining(word);
        }
    }

    private static void awaitWatermarks(long least) {
        await().untilAsserted(
                        () ->
                                assertThat(Note.WATERMARKS.values())
                                        .isNotEmpty()
                                        .allMatch(watermark -> watermark >= least));
    }

    private static ConditionFactory await() {
        return Awaitility.await().atMost(Duration.ofSeconds(60));
    }

    private static void awaitRead(int records) {
        await().untilAsserted(() -> assertThat(READ).hasSizeGreaterThanOrEqualTo(records));
        assertThat(READ).hasSize(records).doesNotHaveDuplicates();
    }

    private static long sum(JobClient job, String metric) {
        return METRICS.sum(job.getJobID(), metric);
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> both() {
        return source().setStreams(List.of("users/me/words", "users/me/old"));
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> source() {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setShardDiscoveryInterval(Duration.ofMillis(50))
                .setIdlePause(Duration.ofMillis(1), Duration.ofMillis(10))
                .setDeserializer(new RecordCoordinates());
    }

    private static JobClient start(
            V3ioSourceBuilder<Tuple3<String, Long, String>> source, @Nullable String savepoint)
            throws Exception {
        Configuration configuration = Restarts.none();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.getConfig().setAutoWatermarkInterval(5);
        env.fromSource(
                        source.build(),
                        WatermarkStrategy.<Tuple3<String, Long, String>>forMonotonousTimestamps()
                                .withTimestampAssigner((record, arrival) -> record.f1 * 1_000),
                        "v3io")
                .uid("v3io")
                .transform("note", TypeInformation.of(String.class), new Note())
                .uid("note")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        return env.executeAsync("retired");
    }

    private static final class Note extends AbstractStreamOperator<String>
            implements OneInputStreamOperator<Tuple3<String, Long, String>, String> {
        private static final long serialVersionUID = 1L;

        /** By subtask, of those that have had an element. */
        private static final Map<Integer, Long> WATERMARKS = new ConcurrentHashMap<>();

        @Override
        public void processElement(StreamRecord<Tuple3<String, Long, String>> element) {
            Tuple3<String, Long, String> record = element.getValue();
            WATERMARKS.putIfAbsent(subtask(), Long.MIN_VALUE);
            READ.add(record.f0 + ":" + record.f1 + ":" + record.f2);
        }

        @Override
        public void processWatermark(Watermark mark) throws Exception {
            super.processWatermark(mark);
            WATERMARKS.computeIfPresent(subtask(), (subtask, before) -> mark.getTimestamp());
        }

        private int subtask() {
            return getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        }
    }
}

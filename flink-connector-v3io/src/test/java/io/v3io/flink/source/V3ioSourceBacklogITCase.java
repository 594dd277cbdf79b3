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
import io.v3io.emulator.ManualClock;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.RecordAttributes;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A start that is far behind, as an operator and Flink's checkpoints see it. */
@Timeout(120)
class V3ioSourceBacklogITCase {

    private static final Duration THRESHOLD = Duration.ofHours(1);

    /** So few that a job stays behind for as long as a test takes. */
    private static final int RECORDS_PER_SECOND = 20;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final ManualClock clock = new ManualClock(Instant.now().minus(Duration.ofHours(9)));
    private EmulatedStreams streams;
    private StreamPath words;

    @BeforeEach
    void startEmulator() {
        NoteAttributes.reset();
        streams = PLATFORM.start(e -> e.clock(clock));
        words = streams.create("users/me/words", 2);
    }

    @Test
    void aStartThatIsFarBehindIsABacklogUntilItHasCaughtUp() throws Exception {
        putOldAndNew();
        JobClient job = start(source(THRESHOLD));
        await().until(() -> NoteAttributes.changes().equals(List.of(true, false)));
        await().until(() -> NoteAttributes.SEEN.get() == 3_002);

        // What comes now is load.
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.GET_RECORDS).respond(503, "text/plain", "busy"));
        putOldAndNew();
        streams.emulator().faults().clear();
        await().until(() -> NoteAttributes.SEEN.get() == 6_004);
        assertThat(NoteAttributes.changes()).containsExactly(true, false);
        job.cancel().get();
    }

    /** Records of two hours ago in one shard of two, and one of now in each. */
    private void putOldAndNew() {
        streams.put(words, 0, "old", 3_000);
        clock.advance(Duration.ofHours(2));
        streams.put(words, 0, "new", 1);
        streams.put(words, 1, "new", 1);
    }

    @Test
    void aStartThatIsNotFarBehindIsNone() throws Exception {
        putOldAndNew();
        JobClient job = start(source(Duration.ofHours(3)));
        await().until(() -> NoteAttributes.SEEN.get() == 3_002);
        await().until(() -> NoteAttributes.CHECKPOINTS.get() > 0);
        assertThat(NoteAttributes.changes()).isEmpty();
        job.cancel().get();
    }

    @Test
    void aReaderThatFailsBehindAndFindsNothingOldIsNotBehindAnyMore() throws Exception {
        putOldAndNew();
        JobClient job = start(source(THRESHOLD).setMaxRecordsPerSecond(RECORDS_PER_SECOND));
        await().until(() -> NoteAttributes.changes().equals(List.of(true)));

        streams.emulator().trimShard("users/me/words", 0, 3_001);
        NoteAttributes.FAILURES.set(1);
        await().until(() -> NoteAttributes.changes().equals(List.of(true, false)));
        awaitCheckpointsOfStart(2);
        job.cancel().get();
    }

    @Test
    void aJobThatFailsBehindAndFindsNothingOldTakesCheckpointsAgain() throws Exception {
        putOldAndNew();
        JobClient job = start(source(THRESHOLD).setMaxRecordsPerSecond(RECORDS_PER_SECOND));
        await().until(() -> NoteAttributes.changes().equals(List.of(true)));

        // A source whose enumerator fails starts anew as a whole.
        streams.emulator().trimShard("users/me/words", 0, 3_001);
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.DESCRIBE_STREAM).times(1).respond(403, "text/plain", "no"));
        awaitCheckpointsOfStart(2);
        job.cancel().get();
    }

    private static void awaitCheckpointsOfStart(int start) {
        await().until(
                        () ->
                                NoteAttributes.STARTS.get() == start
                                        && NoteAttributes.CHECKPOINTS.get() > 1);
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> source(Duration threshold) {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/words")
                .setMaxRecordsPerRequest(100)
                .setShardDiscoveryInterval(Duration.ofMillis(50))
                .setOnDataLoss(OnDataLoss.EARLIEST)
                .setBacklogThreshold(threshold)
                .setDeserializer(new RecordCoordinates());
    }

    private static JobClient start(V3ioSourceBuilder<Tuple3<String, Long, String>> source)
            throws Exception {
        Configuration configuration = Restarts.upTo(3);
        // None is taken before the backlog is over.
        configuration.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL_DURING_BACKLOG, Duration.ZERO);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        env.enableCheckpointing(100);
        env.fromSource(source.build(), WatermarkStrategy.noWatermarks(), "v3io")
                .transform("note", TypeInformation.of(String.class), new NoteAttributes())
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync("backlog");
    }

    /** Takes elements when it may, notes what it is told, and fails on demand. */
    private static final class NoteAttributes extends AbstractStreamOperator<String>
            implements OneInputStreamOperator<Tuple3<String, Long, String>, String> {
        private static final long serialVersionUID = 1L;
        private static final List<Boolean> BACKLOG = new CopyOnWriteArrayList<>();
        private static final AtomicInteger SEEN = new AtomicInteger();
        private static final AtomicInteger STARTS = new AtomicInteger();
        private static final AtomicInteger CHECKPOINTS = new AtomicInteger();
        private static final AtomicInteger FAILURES = new AtomicInteger();

        static void reset() {
            BACKLOG.clear();
            SEEN.set(0);
            STARTS.set(0);
            CHECKPOINTS.set(0);
            FAILURES.set(0);
        }

        /** What it was told, but for what it knew. */
        static List<Boolean> changes() {
            List<Boolean> changes = new ArrayList<>();
            boolean last = false;
            for (boolean told : BACKLOG) {
                if (told != last) {
                    changes.add(told);
                    last = told;
                }
            }
            return changes;
        }

        @Override
        public void open() throws Exception {
            super.open();
            CHECKPOINTS.set(0);
            STARTS.incrementAndGet();
        }

        @Override
        public void processElement(StreamRecord<Tuple3<String, Long, String>> element) {
            SEEN.incrementAndGet();
            if (FAILURES.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("The failure of the test.");
            }
        }

        @Override
        public void processRecordAttributes(RecordAttributes attributes) throws Exception {
            BACKLOG.add(attributes.isBacklog());
            super.processRecordAttributes(attributes);
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) throws Exception {
            super.notifyCheckpointComplete(checkpointId);
            CHECKPOINTS.incrementAndGet();
        }
    }
}

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
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An at-least-once sink that tags records, and a source that drops copies by their tags: answers
 * get lost, so that the stream holds records more than once, and the reading job crashes among
 * them.
 */
@Timeout(120)
class TaggedRecordsITCase {

    private static final String STREAM = "users/me/numbers";
    private static final int SHARDS = 3;
    private static final int RECORDS = 3_000;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    @Test
    void copiesAreInTheStreamAndNotInWhatTheSourceEmits() throws Exception {
        try (EmulatedStreams streams = PLATFORM.start()) {
            streams.create(STREAM, SHARDS);
            write(streams);
            List<Long> stored = StoredNumbers.of(streams.emulator().stream(STREAM));
            assertThat(stored).hasSizeGreaterThan(RECORDS);
            assertThat(new HashSet<>(stored)).hasSize(RECORDS);

            assertThat(read(streams, false)).containsExactlyInAnyOrderElementsOf(stored);
            assertThat(read(streams, true))
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, RECORDS).boxed().toList());
        }
    }

    private static void write(EmulatedStreams streams) throws Exception {
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).resetAfter().skip(5).times(10));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.fromSequence(1, RECORDS)
                .map(String::valueOf)
                .sinkTo(
                        V3ioSink.<String>builder()
                                .setEndpoint(streams.endpoint())
                                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                .setStream(STREAM)
                                .setSerializationSchema(new SimpleStringSchema())
                                .setPartitionKey(number -> number)
                                .setTagRecords(true)
                                .setMaxBatchSize(50)
                                .configureClient(
                                        client -> client.setRetryPolicy(EmulatedStreams.PATIENT))
                                .build());
        env.execute("tagged");
    }

    private static List<Long> read(EmulatedStreams streams, boolean dropping) throws Exception {
        Configuration configuration = Restarts.upTo(1);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.enableCheckpointing(20);
        env.setParallelism(2);
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setStartingPosition(StartingPosition.earliest())
                        .setBounded(StoppingPosition.latest())
                        .setDeserializer(new SimpleStringSchema())
                        .setMaxRecordsPerRequest(20)
                        .setMaxRecordsPerSecond(4_000)
                        .setDropDuplicates(dropping)
                        .build();
        List<Long> read = new ArrayList<>();
        try (CloseableIterator<Long> numbers =
                env.fromSource(source, WatermarkStrategy.noWatermarks(), "numbers")
                        .map(new CrashOnce())
                        .executeAndCollect()) {
            numbers.forEachRemaining(read::add);
        }
        return read;
    }

    /** Crashes once, after a checkpoint that has some of the records. */
    private static final class CrashOnce extends RichMapFunction<String, Long>
            implements CheckpointListener {

        private static final long serialVersionUID = 1L;

        private transient boolean crashes;
        private transient int records;

        @Override
        public void open(OpenContext context) {
            crashes = getRuntimeContext().getTaskInfo().getAttemptNumber() == 0;
        }

        @Override
        public Long map(String number) {
            records++;
            return Long.parseLong(number);
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            if (crashes && records > RECORDS / 10) {
                throw new IllegalStateException("A crash, as the test wants it.");
            }
        }
    }
}

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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.Retention;
import io.v3io.emulator.ManualClock;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A platform that keeps records beyond their time, until it needs their room. */
@Timeout(120)
class V3ioSourceLazyRetentionITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private static final int LARGE = 600_000;

    private final ManualClock clock = new ManualClock(Instant.now().minus(Duration.ofDays(1)));
    private EmulatedStreams streams;
    private StreamPath words;

    @BeforeEach
    void readFiveRecords() throws Exception {
        streams =
                PLATFORM.start(
                        e ->
                                e.clock(clock)
                                        .recordMemory(16 << 20)
                                        .dialect(Dialect.DEFAULT.with(Retention.LAZY)));
        words = StreamPath.parse("users/me/words");
        streams.client().createStream(words, 2, 1).join();
        put(0, 5, 10);
        assertThat(read(source())).containsExactly(1L, 2L, 3L, 4L, 5L);
        // More than one of the blocks in which the emulator keeps and frees records.
        put(0, 9, LARGE);
        clock.advance(Duration.ofHours(2));
        put(0, 2, 10);
    }

    @Test
    void whatIsKeptBeyondItsTimeIsReadAndNoLoss() throws Exception {
        assertThat(read(source())).hasSize(11).startsWith(6L).endsWith(16L);
    }

    @Test
    void whatIsRemovedForItsRoomIsALoss() throws Exception {
        // The other shard takes the room of all that is beyond its time.
        while (streams.emulator().stream("users/me/words").records(0).size() > 2) {
            put(1, 1, LARGE);
        }

        assertThatThrownBy(() -> read(source().setShardIds(Set.of(0))))
                .hasStackTraceContaining("users/me/words/0")
                .hasStackTraceContaining("9 sequence numbers");
        assertThat(read(source().setShardIds(Set.of(0)).setOnDataLoss(OnDataLoss.EARLIEST)))
                .containsExactly(15L, 16L);
    }

    private void put(int shard, int records, int bytes) {
        for (int i = 0; i < records; i++) {
            streams.putAll(words, List.of(PutRecord.of(new byte[bytes]).withShardId(shard)));
            // Records of the other shard are not to be beyond their time when they are written.
            clock.advance(Duration.ofSeconds(1));
        }
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> source() {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/words")
                .setStartingPosition(
                        StartingPosition.committed("group_1", StartingPosition.earliest()))
                .setConsumerGroup("group_1")
                .setBounded(StoppingPosition.latest())
                .setDeserializer(new RecordCoordinates());
    }

    private static List<Long> read(V3ioSourceBuilder<Tuple3<String, Long, String>> source)
            throws Exception {
        Configuration configuration = Restarts.none();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        List<Long> read = new ArrayList<>();
        try (CloseableIterator<Tuple3<String, Long, String>> records =
                env.fromSource(source.build(), WatermarkStrategy.noWatermarks(), "v3io")
                        .executeAndCollect()) {
            records.forEachRemaining(record -> read.add(record.f1));
        }
        return read;
    }
}

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

package io.v3io.flink.e2e.interop;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.testing.TestPlatform;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A Nuclio function, as v3io-go runs it, and a Flink job take turns on one consumer group, and each
 * goes on at the very record where the other stopped.
 */
@Timeout(240)
class GroupHandOverITCase {

    private static final String GROUP = "shared";

    @RegisterExtension static final InteropWorld WORLD = new InteropWorld("handover");

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    private final List<RecordLine> read = new ArrayList<>();
    private int written;

    @Test
    void eachDrainsWhatTheOtherLeft() throws Exception {
        StreamPath stream = WORLD.createStream("drained", 3);

        put(stream, 90);
        goTo(stream, WORLD.newest(stream));
        put(stream, 70);
        flinkTo(stream, WORLD.newest(stream));
        put(stream, 50);
        WORLD.java().updateStream(stream, 5).join();
        put(stream, 60);
        goTo(stream, WORLD.newest(stream));
        put(stream, 40);
        flinkTo(stream, WORLD.newest(stream));

        assertThatAllWereReadOnce(stream);
    }

    @Test
    void eachGoesOnInTheMiddleOfAShard() throws Exception {
        StreamPath stream = WORLD.createStream("middle", 3);

        put(stream, 300);
        goTo(stream, Map.of(0, 17L, 1, 1L, 2, 50L));
        flinkTo(stream, Map.of(0, 40L, 1, 33L, 2, 51L));
        WORLD.java().updateStream(stream, 5).join();
        put(stream, 100);
        goTo(stream, Map.of(0, 41L, 1, 90L, 2, 100L, 3, 5L, 4, 20L));
        flinkTo(stream, WORLD.newest(stream));

        assertThatAllWereReadOnce(stream);
    }

    /** The member waits for its records before they are there: at the end of every shard. */
    @Test
    void aFunctionGoesOnAtTheEndOfWhatFlinkHasDrained() throws Exception {
        StreamPath stream = WORLD.createStream("end", 4);
        put(stream, 400);
        flinkTo(stream, WORLD.newest(stream));
        Map<Integer, Long> end = new HashMap<>();
        WORLD.newest(stream).forEach((shard, newest) -> end.put(shard, newest + 100));

        try (GoMember member =
                WORLD.startMember(stream, GROUP, "go", "-timeout", "10s", "-until", json(end))) {
            assertThat(member.awaitShards()).hasSize(4);
            put(stream, 400);

            read.addAll(member.awaitEnd());
        }

        assertThat(WORLD.committed(stream, GROUP)).isEqualTo(WORLD.newest(stream));
        assertThatAllWereReadOnce(stream);
    }

    /** A function reads on up to these numbers, and says goodbye. */
    private void goTo(StreamPath stream, Map<Integer, Long> ends) throws Exception {
        Map<Integer, Long> behind = new HashMap<>(ends);
        Map<Integer, Long> before = WORLD.committed(stream, GROUP);
        behind.entrySet().removeIf(end -> before.getOrDefault(end.getKey(), 0L) >= end.getValue());
        // A member that has left counts for its timeout.
        try (GoMember member =
                WORLD.startMember(
                        stream, GROUP, "go", "-timeout", "500ms", "-until", json(behind))) {
            read.addAll(member.awaitEnd());
        }
        assertThat(WORLD.committed(stream, GROUP)).isEqualTo(new TreeMap<>(ends));
    }

    /** A job reads on up to these numbers, and ends. */
    private void flinkTo(StreamPath stream, Map<Integer, Long> ends) throws Exception {
        Map<ShardId, Long> last = new HashMap<>();
        ends.forEach((shard, number) -> last.put(stream.shard(shard), number));
        read.addAll(
                FlinkJobs.read(
                        FlinkJobs.source(WORLD.emulator().endpoint(), stream)
                                .setStartingPosition(
                                        StartingPosition.committed(
                                                GROUP, StartingPosition.earliest()))
                                .setBounded(StoppingPosition.sequenceNumbers(last))
                                .setConsumerGroup(GROUP)));
        assertThat(WORLD.committed(stream, GROUP)).isEqualTo(new TreeMap<>(ends));
    }

    private void put(StreamPath stream, int count) {
        int shards = WORLD.java().describeStream(stream).join().shardCount();
        List<PutRecord> records = new ArrayList<>();
        for (int number = 0; number < count; number++, written++) {
            records.add(
                    PutRecord.of(Integer.toString(written).getBytes(StandardCharsets.UTF_8))
                            .withShardId(number % shards));
        }
        assertThat(WORLD.java().putRecords(stream, records).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }

    private void assertThatAllWereReadOnce(StreamPath stream) {
        List<RecordLine> stored =
                WORLD.python("records.py", "read", stream, List.of()).stream()
                        .map(RecordLine::normalized)
                        .toList();
        assertThat(stored).hasSize(written);
        assertThat(read.stream().sorted(RecordLine.BY_PLACE)).isEqualTo(stored);
    }

    private static String json(Map<Integer, Long> ends) throws JsonProcessingException {
        return new ObjectMapper().writeValueAsString(ends);
    }
}

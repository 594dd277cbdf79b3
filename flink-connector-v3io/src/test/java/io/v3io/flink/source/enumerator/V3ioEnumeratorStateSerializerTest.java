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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.testing.GoldenBytes;

import org.junit.jupiter.api.Test;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioEnumeratorStateSerializerTest {

    private static final StreamPath WORDS = StreamPath.parse("users/me/wörter");
    private static final StreamPath ORDERS = StreamPath.parse("projects/shop/orders");
    private static final V3ioEnumeratorState STATE =
            state(
                    Set.of(StreamPath.parse("users/me/später"), StreamPath.parse("users/soon")),
                    "users/me/<wört.*>",
                    Set.of(StreamPath.parse("users/me/früher")),
                    true,
                    1_700_000_000);

    private static V3ioEnumeratorState state(
            Set<StreamPath> awaited, @Nullable String searchedPattern) {
        return state(awaited, searchedPattern, Set.of(), null, 0);
    }

    private static V3ioEnumeratorState state(
            Set<StreamPath> awaited,
            @Nullable String searchedPattern,
            Set<StreamPath> ended,
            @Nullable Boolean isBounded,
            long lastLookSeconds) {
        return new V3ioEnumeratorState(
                Map.of(WORDS, 12, ORDERS, 1),
                awaited,
                searchedPattern,
                ended,
                isBounded,
                lastLookSeconds,
                List.of(
                        V3ioShardSplit.unbounded(WORDS.shard(11), ShardStart.Earliest.INSTANCE),
                        V3ioShardSplit.bounded(ORDERS.shard(0), new ShardStart.After(5), 9)));
    }

    private static final V3ioEnumeratorStateSerializer SERIALIZER =
            V3ioEnumeratorStateSerializer.INSTANCE;

    @Test
    void readsWhatItWrote() throws IOException {
        for (V3ioEnumeratorState state :
                List.of(STATE, state(Set.of(), null), V3ioEnumeratorState.initial())) {
            byte[] bytes = SERIALIZER.serialize(state);
            assertThat(SERIALIZER.deserialize(SERIALIZER.getVersion(), bytes)).isEqualTo(state);
        }
    }

    /** The file holds the bytes that version 1 writes; it is never written again. */
    @Test
    void writesAndReadsTheBytesOfVersion1() throws IOException {
        byte[] golden = GoldenBytes.read("state/enumerator-v1.bin");

        assertThat(SERIALIZER.deserialize(1, golden)).isEqualTo(STATE);
        assertThat(SERIALIZER.serialize(STATE)).isEqualTo(golden);
    }

    @Test
    void writesALongPathOnceForAllShards() throws IOException {
        StreamPath stream = StreamPath.parse("users/" + "a".repeat(2_000));
        List<V3ioShardSplit> splits =
                IntStream.range(0, 4_096)
                        .mapToObj(
                                shard ->
                                        V3ioShardSplit.bounded(
                                                stream.shard(shard), new ShardStart.After(1), 9))
                        .toList();
        byte[] bytes =
                SERIALIZER.serialize(
                        new V3ioEnumeratorState(
                                Map.of(stream, 4_096), Set.of(), null, Set.of(), true, 0, splits));

        assertThat(bytes.length).isLessThan(64 * 4_096);
    }

    @Test
    void refusesBytesOfAnotherVersionOrCutOrTooLong() throws IOException {
        byte[] bytes = SERIALIZER.serialize(STATE);

        assertThatThrownBy(() -> SERIALIZER.deserialize(2, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> SERIALIZER.deserialize(1, cut))
                    .as("%d of %d bytes", length, bytes.length)
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> SERIALIZER.deserialize(1, Arrays.copyOf(bytes, bytes.length + 3)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("3 bytes too many");
    }
}

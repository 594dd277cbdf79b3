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

package io.v3io.flink.source.split;

import io.v3io.client.model.Location;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.testing.GoldenBytes;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioShardSplitSerializerTest {

    private static final ShardId SHARD = StreamPath.parse("users/me/zwölf Wörter/日本").shard(4095);
    private static final V3ioShardSplitSerializer SERIALIZER = V3ioShardSplitSerializer.INSTANCE;

    static Stream<V3ioShardSplit> splits() {
        EmittedPosition emitted =
                new EmittedPosition(
                        Long.MAX_VALUE - 1, 1_700_000_000L, 999_999_999, new Location("AQ=="));
        return Stream.of(
                V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE),
                V3ioShardSplit.unbounded(
                        SHARD, new ShardStart.AtTime(Instant.ofEpochSecond(1_700_000_000L, 17))),
                V3ioShardSplit.unbounded(SHARD, new ShardStart.At(42)),
                V3ioShardSplit.bounded(SHARD, new ShardStart.After(42), 43),
                V3ioShardSplit.unbounded(SHARD, new ShardStart.After(7)).emittedUpTo(emitted),
                V3ioShardSplit.bounded(SHARD, ShardStart.Earliest.INSTANCE, Long.MAX_VALUE - 1)
                        .emittedUpTo(emitted),
                V3ioShardSplit.unbounded(SHARD, new ShardStart.At(1))
                        .with(
                                new ShardFacts(
                                        null, new ShardFacts.CaughtUp(0, 1_700_000_000L), false)),
                V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE)
                        .with(new ShardFacts(new ShardFacts.GivenUp(0, 17), null, true)));
    }

    @ParameterizedTest
    @MethodSource("splits")
    void readsWhatItWrote(V3ioShardSplit split) throws IOException {
        byte[] bytes = SERIALIZER.serialize(split);

        assertThat(SERIALIZER.deserialize(SERIALIZER.getVersion(), bytes)).isEqualTo(split);
    }

    private static V3ioShardSplit written() {
        return V3ioShardSplit.bounded(SHARD, new ShardStart.After(42), 4_300_000_000L)
                .emittedUpTo(
                        new EmittedPosition(
                                4_200_000_000L,
                                1_700_000_000L,
                                123_456_789,
                                new Location("AQAAAAAAAAAAAAAAAAAAAA==")));
    }

    /** The files hold the bytes that version 1 writes; they are never written again. */
    @Test
    void writesAndReadsTheBytesOfVersion1() throws IOException {
        V3ioShardSplit split =
                written()
                        .with(
                                new ShardFacts(
                                        new ShardFacts.GivenUp(4_200_000_000L, 4_250_000_000L),
                                        new ShardFacts.CaughtUp(4_250_000_000L, 1_700_000_060L),
                                        true));

        byte[] golden = GoldenBytes.read("state/shard-split-v1.bin");

        assertThat(SERIALIZER.deserialize(1, golden)).isEqualTo(split);
        assertThat(SERIALIZER.serialize(split)).isEqualTo(golden);
    }

    @Test
    void writesAndReadsTagsOfVersion1() throws IOException {
        byte[] golden = GoldenBytes.read("state/shard-split-with-tags-v1.bin");

        V3ioShardSplit read = SERIALIZER.deserialize(1, golden);
        assertThat(read).isEqualTo(written().withSeenTags(SeenTagsTest.threeTags().toBytes()));
        assertThat(SERIALIZER.serialize(read)).isEqualTo(golden);
    }

    @Test
    void refusesFlagsThatItDoesNotKnow() throws IOException {
        byte[] bytes =
                SERIALIZER.serialize(V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE));
        bytes[bytes.length - 1] = 16;

        assertThatThrownBy(() -> SERIALIZER.deserialize(1, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("unknown flags");
    }

    @Test
    void refusesBytesOfAnotherVersion() {
        assertThatThrownBy(() -> SERIALIZER.deserialize(2, new byte[0]))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
    }

    @ParameterizedTest
    @MethodSource("splits")
    void refusesBytesThatAreCutAtAnyPlace(V3ioShardSplit split) throws IOException {
        byte[] bytes = SERIALIZER.serialize(split);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> SERIALIZER.deserialize(SERIALIZER.getVersion(), cut))
                    .as("%d of %d bytes", length, bytes.length)
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("splits")
    void refusesTrailingBytes(V3ioShardSplit split) throws IOException {
        byte[] bytes = SERIALIZER.serialize(split);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);

        assertThatThrownBy(() -> SERIALIZER.deserialize(SERIALIZER.getVersion(), longer))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 bytes too many");
    }
}

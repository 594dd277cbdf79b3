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

package io.v3io.flink.sink.state;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class EpochSerializerTest {

    private static final StreamPath ORDERS = StreamPath.parse("users/me/örders");
    private static final StreamPath DEAD = StreamPath.parse("users/me/dead");
    private static final EpochId ID = new EpochId(0xABCDEF012345L, 0x01020304, 0xFFFE);

    /** Version 1, as it stands in checkpoints. */
    private static final String GOLDEN =
            "0000abcdef012345010203040000fffe000000000000002a01000001a0c4506c00000000"
                    + "03000000020000001075736572732f6d652fc3b672646572730000000200000000000000"
                    + "000000001100000fff7fffffffffffffff0000000d75736572732f6d652f646561640000"
                    + "000000000002010000000575736572730000000c6d652f73746167696e672f78000003e8"
                    + "fffffffb0000000003010203";

    private final EpochSerializer serializer = new EpochSerializer();

    @Test
    void theBytesOfVersion1StayAsTheyAre() throws IOException {
        assertThat(HexFormat.of().formatHex(serializer.serialize(epoch()))).isEqualTo(GOLDEN);
        assertSame(serializer.deserialize(1, HexFormat.of().parseHex(GOLDEN)), epoch());
    }

    @Test
    void damagedBytesAreRefused() throws IOException {
        byte[] bytes = serializer.serialize(epoch());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serializer.deserialize(1, cut))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> serializer.deserialize(1, Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1 bytes too many");
        assertThatThrownBy(() -> serializer.deserialize(2, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
    }

    @Test
    void recordsComeBackWithTheirTags() throws IOException {
        EpochRecords.Encoder encoder = new EpochRecords.Encoder();
        encoder.add(0, 0, PutRecord.of("a".getBytes(UTF_8)).withPartitionKey("kéy"));
        encoder.add(1, 1, PutRecord.of(new byte[0]).withShardId(7));
        encoder.add(0, 70_000, PutRecord.of(new byte[] {-1, 0}));

        List<RoutedRecord> records = new ArrayList<>();
        EpochRecords.decode(encoder.take(), ID, List.of(ORDERS, DEAD), records::add);

        assertThat(records).extracting(RoutedRecord::stream).containsExactly(ORDERS, DEAD, ORDERS);
        assertThat(records.get(0).record().partitionKey()).isEqualTo("kéy");
        assertThat(records.get(0).record().shardId()).isEmpty();
        assertThat(records.get(1).record().partitionKey()).isNull();
        assertThat(records.get(1).record().shardId()).hasValue(7);
        assertThat(records.get(1).record().data()).isEmpty();
        assertThat(records.get(2).record().data()).containsExactly(-1, 0);
        for (RoutedRecord record : records) {
            assertThat(ID.isTag(record.record().clientInfo())).isTrue();
        }
        assertThat(records.stream().map(r -> EpochId.index(r.record().clientInfo())))
                .containsExactly(0, 1, 70_000);
        assertThat(encoder.length()).isZero();
    }

    @Test
    void theBytesOfRecordsStayAsTheyAre() {
        EpochRecords.Encoder encoder = new EpochRecords.Encoder();
        encoder.add(0, 258, PutRecord.of(new byte[] {-1, 7}).withPartitionKey("k\u00e9"));
        encoder.add(1, 3, PutRecord.of(new byte[0]).withShardId(4_095));

        assertThat(HexFormat.ofDelimiter(" ").formatHex(encoder.take()))
                .isEqualTo(
                        "00 00 00 00 01 02 01 00 03 6b c3 a9 00 00 00 02 ff 07"
                                + " 00 01 00 00 00 03 02 00 00 0f ff 00 00 00 00");
    }

    @Test
    void damagedRecordsAreRefused() {
        EpochRecords.Encoder encoder = new EpochRecords.Encoder();
        encoder.add(0, 0, PutRecord.of("a".getBytes(UTF_8)).withPartitionKey("k").withShardId(7));
        byte[] bytes = encoder.take();
        for (int length = 1; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> EpochRecords.decode(cut, ID, List.of(ORDERS), r -> {}))
                    .as("cut to %d bytes", length)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("epoch " + ID + " of the V3IO sink");
        }
        byte[] negative = bytes.clone();
        negative[bytes.length - 5] = -1;
        assertThatThrownBy(() -> EpochRecords.decode(negative, ID, List.of(ORDERS), r -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
        assertThatThrownBy(() -> EpochRecords.decode(bytes, ID, List.of(), r -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("stream number 0");
    }

    @Test
    void anEncoderGrowsAsItNeeds() throws IOException {
        EpochRecords.Encoder encoder = new EpochRecords.Encoder();
        byte[] large = new byte[300_000];
        Arrays.fill(large, (byte) 9);
        encoder.add(0, 0, PutRecord.of(new byte[] {1}));
        encoder.add(0, 1, PutRecord.of(large));
        encoder.add(0, 2, PutRecord.of(new byte[] {2}));

        List<byte[]> data = new ArrayList<>();
        EpochRecords.decode(
                encoder.take(), ID, List.of(ORDERS), record -> data.add(record.record().data()));

        assertThat(data).containsExactly(new byte[] {1}, large, new byte[] {2});
    }

    @Test
    void aTagIsOfOneEpochOnly() {
        assertThat(HexFormat.of().formatHex(ID.tag(5)))
                .isEqualTo("abcdef01234501020304fffe00000005");
        assertThat(ID.isTag(ID.next().tag(5))).isFalse();
        assertThat(ID.isTag(new EpochId(ID.lineage(), ID.number(), 3).tag(5))).isFalse();
        assertThat(ID.isTag(new EpochId(1, ID.number(), ID.subtask()).tag(5))).isFalse();
        assertThat(ID.isTag(null)).isFalse();
        assertThat(ID.isTag(new byte[15])).isFalse();
    }

    private static Epoch epoch() {
        SortedMap<Integer, Long> newest = new TreeMap<>();
        newest.put(0, 17L);
        newest.put(4_095, Long.MAX_VALUE);
        return new Epoch(
                ID,
                42,
                true,
                1_790_000_000_000L,
                List.of(
                        new Epoch.StreamFloor(ORDERS, newest),
                        new Epoch.StreamFloor(DEAD, new TreeMap<>())),
                3,
                List.of(
                        new Epoch.Part.Staged("users", "me/staging/x", 1_000, -5),
                        new Epoch.Part.Inline(new byte[] {1, 2, 3})));
    }

    private static void assertSame(Epoch actual, Epoch expected) {
        assertThat(actual.id()).isEqualTo(expected.id());
        assertThat(actual.startedAfter()).isEqualTo(expected.startedAfter());
        assertThat(actual.last()).isEqualTo(expected.last());
        assertThat(actual.preparedAtMillis()).isEqualTo(expected.preparedAtMillis());
        assertThat(actual.recordCount()).isEqualTo(expected.recordCount());
        assertThat(actual.floors()).isEqualTo(expected.floors());
        assertThat(actual.parts().get(0)).isEqualTo(expected.parts().get(0));
        assertThat(((Epoch.Part.Inline) actual.parts().get(1)).bytes())
                .isEqualTo(((Epoch.Part.Inline) expected.parts().get(1)).bytes());
    }
}

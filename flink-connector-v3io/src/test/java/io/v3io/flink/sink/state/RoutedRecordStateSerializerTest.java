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
import io.v3io.testing.GoldenBytes;

import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RoutedRecordStateSerializerTest {

    private static final StreamPath ORDERS = StreamPath.parse("users/me/orders");
    private static final StreamPath OTHERS = StreamPath.parse("bigdata/Füchse/others");

    private static final List<RoutedRecord> RECORDS =
            List.of(
                    new RoutedRecord(ORDERS, PutRecord.of("wolf".getBytes(UTF_8))),
                    new RoutedRecord(
                            OTHERS,
                            PutRecord.of(new byte[0])
                                    .withPartitionKey("Füchse, \"Wölfe\" und 🐺\n")),
                    new RoutedRecord(
                            OTHERS, PutRecord.of(new byte[] {0, -1, 127, -128}).withShardId(4_095)),
                    new RoutedRecord(
                            ORDERS,
                            PutRecord.of("lamb".getBytes(UTF_8))
                                    .withPartitionKey("k")
                                    .withShardId(0)
                                    .withClientInfo(new byte[] {1, 2, 3})));

    private final RoutedRecordStateSerializer serializer =
            new RoutedRecordStateSerializer(RoutedRecordStateSerializerTest::size);

    @Test
    void readsBackWhatItWrote() throws IOException {
        BufferedRequestState<RoutedRecord> read = deserialize(serializer.serialize(state(RECORDS)));
        assertSameRecords(read, RECORDS);
        assertThat(read.getStateSize()).isEqualTo(state(RECORDS).getStateSize());
        assertThat(deserialize(serializer.serialize(state(List.of()))).getBufferedRequestEntries())
                .isEmpty();
    }

    @Test
    void writesAndReadsTheBytesOfVersion1() throws IOException {
        byte[] golden = GoldenBytes.read("state/sink-writer-v1.bin");
        assertThat(serializer.getVersion()).isEqualTo(1);
        assertThat(serializer.serialize(state(RECORDS))).isEqualTo(golden);
        assertSameRecords(deserialize(golden), RECORDS);
    }

    @Test
    void computesSizesAnew() throws IOException {
        byte[] bytes =
                serializer.serialize(
                        new BufferedRequestState<>(
                                List.of(new RequestEntryWrapper<>(RECORDS.get(0), 1))));
        assertThat(deserialize(bytes).getStateSize()).isEqualTo(size(RECORDS.get(0)));
    }

    @Test
    void refusesAnotherVersion() {
        byte[] bytes = serialize(RECORDS);
        assertThatThrownBy(() -> serializer.deserialize(2, bytes))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("version 2");
        assertThatThrownBy(() -> serializer.deserialize(0, bytes)).isInstanceOf(IOException.class);
    }

    @Test
    void refusesTrailingBytes() {
        byte[] bytes = serialize(RECORDS);
        assertThatThrownBy(() -> deserialize(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("end after " + bytes.length);
    }

    @Test
    void refusesEveryTruncation() {
        byte[] bytes = serialize(RECORDS);
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> deserialize(cut))
                    .as("the first %d bytes", length)
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void neverReadsDamagedBytesIntoSomethingHuge() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] bytes = serialize(RECORDS);
        for (int i = 0; i < 2_000; i++) {
            byte[] damaged = bytes.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                assertThat(deserialize(damaged).getBufferedRequestEntries().size())
                        .as("seed %d", seed)
                        .isLessThanOrEqualTo(RECORDS.size());
            } catch (IOException | IllegalStateException e) {
                assertThat(e)
                        .as("seed %d", seed)
                        .isNotInstanceOf(java.io.UncheckedIOException.class);
            }
        }
    }

    private byte[] serialize(List<RoutedRecord> records) {
        try {
            return serializer.serialize(state(records));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private BufferedRequestState<RoutedRecord> deserialize(byte[] bytes) throws IOException {
        return serializer.deserialize(1, bytes);
    }

    private static BufferedRequestState<RoutedRecord> state(List<RoutedRecord> records) {
        return new BufferedRequestState<>(
                records.stream().map(r -> new RequestEntryWrapper<>(r, size(r))).toList());
    }

    private static long size(RoutedRecord routed) {
        return routed.record().encodedSizeBytes() + 1;
    }

    private static void assertSameRecords(
            BufferedRequestState<RoutedRecord> state, List<RoutedRecord> expected) {
        assertThat(state.getBufferedRequestEntries())
                .extracting(RequestEntryWrapper::getRequestEntry)
                .usingRecursiveFieldByFieldElementComparator()
                .containsExactlyElementsOf(expected);
    }
}

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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.V3ioLimits;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.deadletter.DeadLetter;

import org.apache.flink.configuration.MemorySize;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Records that can never be stored. */
@Timeout(120)
class V3ioSinkInvalidRecordTest {

    private static final String DEAD_LETTERS = "users/me/dead letters";
    private static final String LARGE = "x".repeat(V3ioLimits.MAX_DATA_BYTES + 1);

    /** What the handlers got; they run in the test's thread. */
    private static final List<InvalidRecord> HANDED_OVER = new ArrayList<>();

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStream() {
        HANDED_OVER.clear();
        sink.createStream(STREAM, 4);
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void dropsAndCountsWhatTheServerRefusesAndStoresTheOthers(OrderGuarantee order)
            throws Exception {
        sink.open(
                b ->
                        b.setOrder(order)
                                .setShardId(e -> number(e) % 5)
                                .setOnInvalidRecord(OnInvalidRecord.DROP)
                                .setMaxBatchSize(20));
        sink.write(elements(100));
        sink.flush();
        assertThat(sink.stored(STREAM)).hasSize(80).noneMatch(e -> number(e) % 5 == 4);
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(20);
        assertThat(sink.task().counter("numRecordsSendErrors")).isEqualTo(20);
        assertThat(sink.task().counter("v3io.requestRetries")).isZero();
        assertThat(sink.task().gauge("v3io.requestsInFlight")).isEqualTo(0L);
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    @Test
    void dropsNothingForAnErrorThatConcernsAllRecords() throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).failRecords("Permission denied", 0));
        sink.open(b -> b.setOnInvalidRecord(OnInvalidRecord.DROP));
        sink.write(elements(10));
        assertThatThrownBy(sink::flush).hasMessageContainingAll(STREAM, "Permission denied");
        assertThat(sink.task().counter("v3io.recordsDropped")).isZero();
    }

    @Test
    void saysHowToGoOnWhenTheServerRefusesARecord() throws Exception {
        sink.open(b -> b.setShardId(e -> 4));
        sink.write(elements(1));
        assertThatThrownBy(sink::flush)
                .hasMessageContainingAll(
                        STREAM,
                        "shard 4",
                        "ShardIDOutOfRange",
                        "make setShardId (in SQL the column of 'shard-id' or 'sink.partitioner') give 0"
                                + " to shard count - 1, or grow the stream.",
                        "drop them with setOnInvalidRecord(DROP) (in SQL 'sink.on-invalid-record' ="
                                + " 'drop'), store them elsewhere with DEAD_LETTER ('dead-letter'),"
                                + " or take them with setInvalidRecordHandler (in Java only).");
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void callsTheHandlerOnTheThreadOfTheTask(OrderGuarantee order) throws Exception {
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        sink.open(
                b ->
                        b.setOrder(order)
                                .setShardId(e -> e.length() > 100 ? 0 : 4)
                                .setInvalidRecordHandler(
                                        invalid -> {
                                            threads.add(Thread.currentThread());
                                            return null;
                                        }));
        sink.write(elements(10));
        sink.write(List.of(LARGE));
        sink.flush();
        assertThat(sink.task().counter("v3io.recordsHandedOver")).isEqualTo(11);
        assertThat(threads).containsOnly(Thread.currentThread());
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void writesWhatTheHandlerReturnsToTheDeadLetterStream(OrderGuarantee order) throws Exception {
        sink.open(
                b ->
                        b.setOrder(order)
                                .setShardId(e -> e.length() > 100 ? 0 : number(e) % 5)
                                .setInvalidRecordHandler(
                                        invalid ->
                                                PutRecord.of(invalid.reason().getBytes(UTF_8))
                                                        .withPartitionKey(invalid.stream()))
                                .setDeadLetterStream(DEAD_LETTERS)
                                .setCreateStream(2, 24)
                                .setMaxBatchSize(20));
        sink.write(elements(50));
        sink.write(List.of(LARGE));
        sink.flush();
        assertThat(sink.stored(STREAM)).hasSize(40);
        assertThat(sink.stored(DEAD_LETTERS)).hasSize(11);
        assertThat(sink.stored(DEAD_LETTERS))
                .filteredOn(reason -> reason.contains("ShardIDOutOfRange"))
                .hasSize(10);
        assertThat(sink.stored(DEAD_LETTERS))
                .filteredOn(reason -> reason.contains("1048577"))
                .hasSize(1);
        for (int shard = 0; shard < 2; shard++) {
            assertThat(sink.emulator().stream(DEAD_LETTERS).records(shard))
                    .extracting(StoredRecord::partitionKey)
                    .allMatch(STREAM::equals);
        }
        assertThat(sink.task().counter("v3io.recordsHandedOver")).isEqualTo(11);
        assertThat(sink.task().counter("v3io.recordsDropped")).isZero();
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void writesDeadLettersWithoutAHandler(OrderGuarantee order) throws Exception {
        sink.open(
                b ->
                        b.setOrder(order)
                                .setShardId(e -> e.length() > 100 ? 0 : number(e) % 5)
                                .setOnInvalidRecord(OnInvalidRecord.DEAD_LETTER)
                                .setDeadLetterStream(DEAD_LETTERS)
                                .setCreateStream(2, 24)
                                .setMaxBatchSize(20));
        sink.write(elements(50));
        sink.write(List.of(LARGE));
        sink.flush();

        assertThat(sink.stored(STREAM)).hasSize(40);
        List<DeadLetter> letters = letters();
        assertThat(letters).hasSize(11);
        assertThat(letters)
                .filteredOn(letter -> letter.dataBytes() < 100)
                .hasSize(10)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.stream()).isEqualTo(STREAM);
                            assertThat(letter.endpoint()).startsWith("http://127.0.0.1:");
                            assertThat(letter.shard()).isEqualTo(4);
                            assertThat(number(new String(letter.data(), UTF_8)) % 5).isEqualTo(4);
                            assertThat(letter.reason()).contains("ShardIDOutOfRange");
                            assertThat(letter.sequenceNumber()).isNull();
                            assertThat(letter.arrivalTime()).isNull();
                            assertThat(letter.error()).isNull();
                        });
        assertThat(letters)
                .filteredOn(letter -> letter.dataBytes() == LARGE.length())
                .hasSize(1)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.reason()).contains("1048577");
                            assertThat(new String(letter.data(), UTF_8))
                                    .isEqualTo(LARGE.substring(0, 700_000));
                        });
        assertThat(sink.task().counter("v3io.recordsHandedOver")).isEqualTo(11);
        assertThat(sink.task().counter("v3io.recordsDropped")).isZero();
    }

    /** The least sizes that are taken together with the longest and oddest parts. */
    @ParameterizedTest
    @ValueSource(strings = {"\uD83D\uDE00", "\u0001", "\uD800", "\u2028\"", "k"})
    void aDeadLetterFitsWhateverTheRecordIsMadeOf(String character) throws Exception {
        sink.open(
                b ->
                        b.setPartitionKey(e -> "k" + character.repeat(100_000))
                                .setClientInfo(e -> new byte[100_000])
                                .setOnInvalidRecord(OnInvalidRecord.DEAD_LETTER)
                                .setDeadLetterStream(DEAD_LETTERS)
                                .setCreateStream(1, 24)
                                .setMaxRecordSizeInBytes(MemorySize.parse("64 kb"))
                                .setMaxBatchSizeInBytes(MemorySize.parse("128 kb")));
        sink.write(List.of(LARGE, "wolf"));
        sink.flush();

        List<DeadLetter> letters = letters();
        assertThat(letters).hasSize(2);
        assertThat(letters).extracting(DeadLetter::dataBytes).contains(LARGE.length(), 4);
        assertThat(letters)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.partitionKey())
                                    .startsWith("k")
                                    .hasSizeLessThan(1_001);
                            assertThat(letter.clientInfo()).hasSize(1_000);
                            assertThat(letter.data().length).isBetween(4, 64 * 1024);
                        });
    }

    private List<DeadLetter> letters() throws IOException {
        List<DeadLetter> letters = new ArrayList<>();
        for (int shard = 0; shard < sink.emulator().stream(DEAD_LETTERS).shardCount(); shard++) {
            for (StoredRecord record : sink.emulator().stream(DEAD_LETTERS).records(shard)) {
                letters.add(DeadLetter.fromJson(record.data()));
            }
        }
        return letters;
    }

    @Test
    void givesTheHandlerWhatThereIsOfTheRecord() throws Exception {
        sink.open(
                b ->
                        b.setPartitionKey(e -> "k".repeat(257))
                                .setInvalidRecordHandler(
                                        invalid -> {
                                            HANDED_OVER.add(invalid);
                                            return null;
                                        }));
        sink.write(List.of("wolf"));
        sink.flush();
        assertThat(HANDED_OVER).hasSize(1);
        InvalidRecord invalid = HANDED_OVER.get(0);
        assertThat(invalid.stream()).isEqualTo(STREAM);
        assertThat(invalid.record().data()).isEqualTo("wolf".getBytes(UTF_8));
        assertThat(invalid.record().partitionKey()).hasSize(257);
        assertThat(invalid.reason()).contains("257", "256");
        assertThat(invalid.toString()).doesNotContain("wolf", "kkk");
        assertThat(sink.emulator().requestCount(Operation.PUT_RECORDS)).isZero();
    }

    @Test
    void failsWhenTheHandlerDoes() {
        sink.open(
                b ->
                        b.setInvalidRecordHandler(
                                invalid -> {
                                    throw new IOException("no room for dead letters");
                                }));
        assertThatThrownBy(() -> sink.write(List.of(LARGE)))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("handler of invalid records", "1048577")
                .hasRootCauseMessage("no room for dead letters");
    }

    @Test
    void failsWhenTheHandlerReturnsARecordWithoutAStreamForIt() {
        sink.open(b -> b.setInvalidRecordHandler(InvalidRecord::record));
        assertThatThrownBy(() -> sink.write(List.of(LARGE)))
                .hasMessageContaining("setDeadLetterStream");
    }

    @Test
    void failsWhenTheHandlerReturnsAnInvalidRecord() {
        sink.open(
                b ->
                        b.setInvalidRecordHandler(InvalidRecord::record)
                                .setDeadLetterStream(DEAD_LETTERS));
        assertThatThrownBy(() -> sink.write(List.of(LARGE)))
                .hasMessageContainingAll(DEAD_LETTERS, "returned one itself", "1048577");
    }

    @Test
    void failsWhenTheServerRefusesADeadLetter() throws Exception {
        sink.createStream(DEAD_LETTERS, 1);
        sink.open(
                b ->
                        b.setInvalidRecordHandler(
                                        invalid -> PutRecord.of(new byte[1]).withShardId(9))
                                .setDeadLetterStream(DEAD_LETTERS));
        sink.write(List.of(LARGE));
        assertThatThrownBy(sink::flush)
                .hasMessageContainingAll(DEAD_LETTERS, "shard 9", "ShardIDOutOfRange");
    }

    private static int number(String element) {
        return Integer.parseInt(element.substring(element.indexOf('-') + 1));
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }
}

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
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;

import org.apache.flink.configuration.MemorySize;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** Many records that the server refuses one by one, and the dead letters in their place. */
@Timeout(120)
class V3ioSinkRefusedRecordsTest {

    private static final String DEAD_LETTERS = "users/me/dead letters";
    private static final int NO_SUCH_SHARD = 4;
    private static final int LETTER_BYTES = 400_000;

    /** How often the handlers were called. */
    private static final AtomicInteger HANDED_OVER = new AtomicInteger();

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStreams() {
        HANDED_OVER.set(0);
        sink.createStream(STREAM, 4);
        sink.createStream(DEAD_LETTERS, 2);
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void deadLettersAreSentInBatches(OrderGuarantee order) throws Exception {
        sink.open(
                b ->
                        b.setOrder(order)
                                .setPartitionKey(e -> e)
                                .setInvalidRecordHandler(
                                        invalid ->
                                                invalid.record()
                                                        .withPartitionKey(
                                                                new String(
                                                                        invalid.record().data(),
                                                                        UTF_8)))
                                .setDeadLetterStream(DEAD_LETTERS));
        sink.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .path("orders")
                                .failRecords("InvalidArgumentException")
                                .probability(0.5));
        List<String> elements = elements(10_000);
        sink.write(elements);
        sink.flush();

        // Each request that is hit refuses a part of its records, each of them for good.
        int handedOver = sink.stored(DEAD_LETTERS).size();
        assertThat(handedOver).isGreaterThan(1_000);
        assertThat(sink.stored(STREAM).size() + handedOver).isEqualTo(10_000);
        assertThat(sink.task().counter("v3io.recordsHandedOver")).isEqualTo(handedOver);
        assertThat(sink.emulator().requestCount(Operation.PUT_RECORDS))
                .isLessThanOrEqualTo(order == OrderGuarantee.STRICT ? 200 : 40);
    }

    @Test
    void tenThousandRefusedRecordsMakeTwentyRequests() throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(20)));
        sink.open(
                b ->
                        b.setShardId(e -> NO_SUCH_SHARD)
                                .setInvalidRecordHandler(
                                        invalid -> PutRecord.of(invalid.record().data()))
                                .setDeadLetterStream(DEAD_LETTERS));
        sink.write(elements(10_000));
        sink.flush();
        assertThat(sink.stored(DEAD_LETTERS)).containsExactlyInAnyOrderElementsOf(elements(10_000));
        assertThat(sink.emulator().requestCount(Operation.PUT_RECORDS)).isEqualTo(20);
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    /** 400 KB of dead letter for a record of a few bytes. */
    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void deadLettersAreBoundedThoughTheirRecordsAreSmall(OrderGuarantee order) throws Exception {
        // No server that hangs: what a short timeout gives up on a busy machine is stored twice.
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).path("dead").throttle(1));
        sink.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .path("orders")
                                .failRecords("InvalidArgumentException"));
        sink.open(
                b ->
                        b.setOrder(order)
                                .setPartitionKey(e -> e)
                                .setMaxBatchSize(100)
                                .setMaxBatchSizeInBytes(new MemorySize(2 * 1024 * 1024))
                                .setInvalidRecordHandler(
                                        invalid -> {
                                            HANDED_OVER.incrementAndGet();
                                            return PutRecord.of(new byte[LETTER_BYTES]);
                                        })
                                .setDeadLetterStream(DEAD_LETTERS)
                                .configureClient(c -> c.setRetryPolicy(EmulatedSink.PATIENT)));
        sink.write(elements(100));
        sink.task().runUntil(() -> sink.task().counter("numRecordsSendErrors") >= 100);
        // Half a megabyte of JSON each: what there is room for in one request, and one more.
        assertThat(HANDED_OVER.get()).isLessThanOrEqualTo(4);
        assertThat((long) sink.task().gauge("v3io.pendingBytes")).isLessThan(3L * 1024 * 1024);

        sink.emulator().faults().clear();
        sink.flush();
        assertThat(HANDED_OVER).hasValue(100);
        assertThat(sink.stored(DEAD_LETTERS)).hasSize(100);
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }
}

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

import io.v3io.client.RetryPolicy;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;

import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

/** Without a guarantee a checkpoint waits for nothing, and holds what is not known to be stored. */
@Timeout(120)
class V3ioSinkNoGuaranteeTest {

    private static final String TRANSIENT = "Resource temporarily unavailable";

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    static LongStream seeds() {
        return Seeds.all();
    }

    @BeforeEach
    void createStream() {
        sink.createStream(STREAM, 4);
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void aCheckpointHoldsWhatIsUnderWayAndWhatWaits(OrderGuarantee order) throws Exception {
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).never());
        sink.open(b -> settings(b, order).setMaxBatchSize(4).setMaxInFlightRequests(2));
        List<String> elements = elements(30, 3);
        sink.write(elements);
        sink.prepareCheckpoint();
        assertThat(EmulatedSink.data(sink.snapshot())).containsExactlyElementsOf(elements);
    }

    @Test
    void aCheckpointHoldsWhatWaitsForItsNextAttempt() throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT, 1, 3).times(1));
        sink.open(
                b ->
                        settings(b, OrderGuarantee.NONE)
                                .setMaxBatchSize(10)
                                .configureClient(
                                        c ->
                                                c.setRetryPolicy(
                                                        new RetryPolicy(
                                                                5,
                                                                Duration.ofHours(9),
                                                                Duration.ofHours(5),
                                                                Duration.ofHours(5)))));
        List<String> elements = elements(10, 10);
        sink.write(elements);
        sink.task().runUntil(() -> sink.task().counter("numRecordsSendErrors") == 2);
        sink.prepareCheckpoint();
        assertThat(EmulatedSink.data(sink.snapshot()))
                .containsExactly(elements.get(1), elements.get(3));
    }

    @Test
    void aCheckpointHoldsNothingThatIsStored() throws Exception {
        sink.open(b -> settings(b, OrderGuarantee.STRICT).setMaxBatchSize(4));
        sink.write(elements(30, 3));
        sink.flush();
        assertThat(EmulatedSink.data(sink.snapshot())).isEmpty();
    }

    /** The job stops at a random moment, and another one goes on from its state. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void losesNothingAndKeepsTheOrderThroughAPlannedStop(long seed) throws Exception {
        Random random = new Random(seed);
        OrderGuarantee order = Seeds.anyOrder(random);
        try (EmulatedSink any = EmulatedSink.onAnyPlatform(seed)) {
            any.createStream(STREAM, 4);
            any.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(5)));
            any.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT).probability(0.1));
            any.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).resetAfter().probability(0.1));
            int batch = 1 + random.nextInt(50);
            int inFlight = 1 + random.nextInt(8);
            UnaryOperator<V3ioSinkBuilder<String>> settings =
                    b -> settings(b, order).setMaxBatchSize(batch).setMaxInFlightRequests(inFlight);
            any.open(settings);
            List<String> elements = elements(300, 1 + random.nextInt(10));
            int first = random.nextInt(elements.size());
            any.write(elements.subList(0, first));
            any.prepareCheckpoint();
            any.restore(any.snapshot(), settings);
            any.write(elements.subList(first, elements.size()));
            any.flush();

            List<String> stored = any.stored(STREAM);
            assertThat(new HashSet<>(stored))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(elements);
            if (order == OrderGuarantee.STRICT) {
                Set<String> seen = new HashSet<>();
                Map<String, Integer> last = new HashMap<>();
                for (String element : stored.stream().filter(seen::add).toList()) {
                    int number = Integer.parseInt(element.substring(element.indexOf(':') + 1));
                    Integer before = last.put(key(element), number);
                    assertThat(before == null || before < number)
                            .as("seed %d: %s after %s", seed, element, before)
                            .isTrue();
                }
            }
        }
    }

    private static V3ioSinkBuilder<String> settings(
            V3ioSinkBuilder<String> b, OrderGuarantee order) {
        return b.setDeliveryGuarantee(DeliveryGuarantee.NONE)
                .setOrder(order)
                .setPartitionKey(V3ioSinkNoGuaranteeTest::key);
    }

    private static String key(String element) {
        return element.substring(0, element.indexOf(':'));
    }

    private static List<String> elements(int count, int keys) {
        return new ArrayList<>(
                IntStream.range(0, count).mapToObj(i -> i % keys + ":" + i).toList());
    }
}

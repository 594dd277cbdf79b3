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
import io.v3io.emulator.StoredRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.Comparator;
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
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Strict order: whatever fails, the first occurrences of a route keep their order. */
@Timeout(120)
class V3ioSinkOrderTest {

    private static final String TRANSIENT = "Resource temporarily unavailable";
    private static final int SHARDS = 8;

    /** Waits for minutes; how long is random. */
    private static final RetryPolicy SLOW =
            new RetryPolicy(5, Duration.ofHours(9), Duration.ofHours(5), Duration.ofHours(5));

    static LongStream seeds() {
        return Seeds.all();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neverInvertsAKeyUnderRandomPartialFailures(long seed) throws Exception {
        Random random = new Random(seed);
        int keys = 1 + random.nextInt(64);
        try (EmulatedSink sink = new EmulatedSink(seed)) {
            sink.createStream(STREAM, SHARDS);
            sink.emulator()
                    .faults()
                    .add(
                            Fault.on(Operation.PUT_RECORDS)
                                    .failRecords(TRANSIENT)
                                    .probability(0.3 * random.nextDouble()));
            int batch = 1 + random.nextInt(200);
            int requests = 1 + random.nextInt(16);
            sink.open(
                    b ->
                            b.setOrder(OrderGuarantee.STRICT)
                                    .setPartitionKey(KeyedElements::key)
                                    .setMaxBatchSize(batch)
                                    .setMaxInFlightRequests(requests));
            List<String> elements = KeyedElements.random(20 * keys, keys, random);
            sink.write(elements);
            sink.flush();

            assertThat(sink.stored(STREAM))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(elements);
            assertInOrder(firstOccurrences(sink), "seed " + seed);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void neverInvertsTheFirstOccurrencesOfAKeyUnderAllFaults(long seed) throws Exception {
        try (EmulatedSink sink = EmulatedSink.onAnyPlatform(seed)) {
            sink.createStream(STREAM, SHARDS);
            for (Fault fault :
                    List.of(
                            Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT),
                            Fault.on(Operation.PUT_RECORDS).resetBefore(),
                            Fault.on(Operation.PUT_RECORDS).resetAfter(),
                            Fault.on(Operation.PUT_RECORDS).respond(502, "text/html", "<html>"),
                            Fault.on(Operation.PUT_RECORDS).respond(503, "text/html", "<html>"),
                            Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(20)))) {
                sink.emulator().faults().add(fault.probability(0.05));
            }
            sink.open(
                    b ->
                            b.setOrder(OrderGuarantee.STRICT)
                                    .setPartitionKey(KeyedElements::key)
                                    .setMaxBatchSize(50));
            List<String> elements = KeyedElements.random(400, 40, new Random(seed));
            sink.write(elements);
            sink.flush();

            assertThat(new HashSet<>(sink.stored(STREAM)))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(elements);
            assertInOrder(firstOccurrences(sink), "seed " + seed);
        }
    }

    @Test
    void keepsTheOrderOfAShardId() throws Exception {
        assertOrderOfShards(b -> b.setShardId(e -> Integer.parseInt(KeyedElements.key(e))));
    }

    @Test
    void keepsTheOrderOfASubtaskWithFixedRouting() throws Exception {
        assertOrderOfShards(b -> b.setPartitioner(Partitioner.FIXED));
    }

    @Test
    void keepsTheOrderOfASubtaskWithoutARoute() throws Exception {
        assertOrderOfTime(b -> b);
    }

    @Test
    void keepsTheOrderOfTheRecordsWithoutAKey() throws Exception {
        assertOrderOfTime(b -> b.setPartitionKey(e -> ""));
    }

    @Test
    void putsManyKeysIntoOneRequest() throws Exception {
        try (EmulatedSink sink = new EmulatedSink(1)) {
            sink.createStream(STREAM, SHARDS);
            sink.open(b -> b.setOrder(OrderGuarantee.STRICT).setPartitionKey(KeyedElements::key));
            sink.write(
                    IntStream.range(0, 10)
                            .boxed()
                            .flatMap(n -> IntStream.range(0, 100).mapToObj(k -> k + ":" + n))
                            .toList());
            sink.flush();

            assertThat(sink.stored(STREAM)).hasSize(1_000);
            // 100 keys in 2 requests or a few more, 10 times.
            assertThat(sink.emulator().requestCount(Operation.PUT_RECORDS)).isLessThan(60);
        }
    }

    @Test
    void aBusyTaskHoldsUpNoRecordThatItHasHandedOver() throws Exception {
        try (EmulatedSink sink = new EmulatedSink(1)) {
            sink.createStream(STREAM, SHARDS);
            sink.open(
                    b ->
                            b.setOrder(OrderGuarantee.STRICT)
                                    .setPartitionKey(KeyedElements::key)
                                    .setMaxBatchSize(20));
            sink.write(IntStream.range(0, 20).mapToObj(n -> "0:" + n).toList());
            // Each record waits for the answer to the one before it, and the task runs no mail.
            await().atMost(Duration.ofSeconds(30)).until(() -> sink.stored(STREAM).size() == 20);
            assertInOrder(sink.stored(STREAM), "one key");

            sink.flush();
            assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
        }
    }

    @Test
    void keysWithoutAnAnswerForLongHoldUpNoOthers() throws Exception {
        try (EmulatedSink sink = new EmulatedSink(1)) {
            sink.createStream(STREAM, SHARDS);
            sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).never().times(1));
            sink.open(
                    b ->
                            b.setOrder(OrderGuarantee.STRICT)
                                    .setPartitionKey(KeyedElements::key)
                                    .setMaxBatchSize(64)
                                    .configureClient(
                                            c -> c.setResponseTimeout(Duration.ofMinutes(5))));
            sink.write(
                    IntStream.range(0, 10)
                            .boxed()
                            .flatMap(n -> IntStream.range(0, 64).mapToObj(k -> k + ":" + n))
                            .toList());
            // Half of the keys are in the request that is never answered.
            sink.task().runUntil(() -> sink.stored(STREAM).size() == 320);
        }
    }

    @Test
    void aKeyThatFailsForLongHoldsUpNoOther() throws Exception {
        try (EmulatedSink sink = new EmulatedSink(1)) {
            sink.createStream(STREAM, SHARDS);
            sink.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT, 0).times(1));
            sink.open(
                    b ->
                            b.setOrder(OrderGuarantee.STRICT)
                                    .setPartitionKey(KeyedElements::key)
                                    .setMaxBatchSize(20)
                                    .configureClient(c -> c.setRetryPolicy(SLOW)));
            sink.write(IntStream.range(0, 20).mapToObj(i -> i % 2 + ":" + i / 2).toList());
            // Of the key whose record failed nothing can be stored until a wait of hours is over.
            sink.task().runUntil(() -> sink.stored(STREAM).size() == 10);
            assertThat(sink.stored(STREAM).stream().map(KeyedElements::key).distinct()).hasSize(1);
        }
    }

    private static void assertOrderOfShards(UnaryOperator<V3ioSinkBuilder<String>> routing)
            throws Exception {
        long seed = System.nanoTime();
        try (EmulatedSink sink = new EmulatedSink(seed)) {
            sink.createStream(STREAM, SHARDS);
            sink.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT).probability(0.1));
            sink.open(b -> routing.apply(b).setOrder(OrderGuarantee.STRICT).setMaxBatchSize(20));
            List<String> elements = KeyedElements.random(160, SHARDS, new Random(seed));
            sink.write(elements);
            sink.flush();

            assertThat(sink.stored(STREAM))
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(elements);
            for (int shard = 0; shard < SHARDS; shard++) {
                assertInOrder(sink.stored(STREAM, shard), "seed " + seed);
            }
        }
    }

    private static void assertOrderOfTime(UnaryOperator<V3ioSinkBuilder<String>> routing)
            throws Exception {
        long seed = System.nanoTime();
        try (EmulatedSink sink = new EmulatedSink(seed)) {
            sink.createStream(STREAM, SHARDS);
            sink.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT).probability(0.1));
            sink.open(b -> routing.apply(b).setOrder(OrderGuarantee.STRICT).setMaxBatchSize(20));
            List<String> elements = IntStream.range(0, 200).mapToObj(n -> "0:" + n).toList();
            sink.write(elements);
            sink.flush();

            // Each is stored by a request of its own, so arrival times tell the order.
            List<String> byTime =
                    IntStream.range(0, SHARDS)
                            .boxed()
                            .flatMap(s -> sink.emulator().stream(STREAM).records(s).stream())
                            .sorted(Comparator.comparing(StoredRecord::arrivalTime))
                            .map(r -> new String(r.data(), UTF_8))
                            .toList();
            assertThat(byTime).as("seed %d", seed).isEqualTo(elements);
        }
    }

    private static List<String> firstOccurrences(EmulatedSink sink) {
        Set<String> seen = new HashSet<>();
        return sink.stored(STREAM).stream().filter(seen::add).toList();
    }

    private static void assertInOrder(List<String> elements, String description) {
        Map<String, Integer> last = new HashMap<>();
        for (String element : elements) {
            int number = KeyedElements.number(element);
            Integer before = last.put(KeyedElements.key(element), number);
            assertThat(before == null || before < number)
                    .as("%s: %s after %s", description, element, before)
                    .isTrue();
        }
    }
}

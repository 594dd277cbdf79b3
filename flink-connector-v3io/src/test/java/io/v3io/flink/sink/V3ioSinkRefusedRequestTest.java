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
import io.v3io.testing.ChaosProxy;
import io.v3io.testing.ChaosProxy.Fate;

import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A request that the server refuses as a whole because of one of its records. */
@Timeout(120)
class V3ioSinkRefusedRequestTest {

    private static final String DEAD_LETTERS = "users/me/dead letters";

    private static final Fate INVALID_ARGUMENT =
            new Fate.Refuse(
                    400,
                    "application/json",
                    "{\"ErrorCode\": -201326592, \"ErrorMessage\": \"InvalidArgumentException\"}");

    /** The letters that every element that begins with it has in base64. */
    private static final String POISON = "poison";

    private static final String ENCODED_POISON =
            Base64.getEncoder().encodeToString(POISON.getBytes(UTF_8));

    private final long seed = System.nanoTime();
    private final EmulatedSink sink = new EmulatedSink(seed);
    private ChaosProxy proxy;

    static LongStream seeds() {
        return Seeds.all();
    }

    @BeforeEach
    void createStream() {
        sink.createStream(STREAM, 4);
    }

    @AfterEach
    void close() throws Exception {
        sink.close();
        if (proxy != null) {
            proxy.close();
        }
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void onlyTheOneRecordIsDroppedAndFoundInFewRequests(OrderGuarantee order) throws Exception {
        open(
                body -> body.contains(ENCODED_POISON) ? INVALID_ARGUMENT : Fate.PASS,
                b ->
                        b.setOrder(order)
                                .setPartitionKey(e -> e)
                                .setOnInvalidRecord(OnInvalidRecord.DROP));
        List<String> elements = elements(1_000);
        elements.set(new Random(seed).nextInt(1_000), POISON);
        sink.write(elements);
        sink.flush();

        elements.remove(POISON);
        assertThat(sink.stored(STREAM))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(elements);
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(1);
        // Two for each time that 1,000 is halved, and a few for the parts of the strict order.
        assertThat(proxy.putRequests()).as("seed %d", seed).isLessThanOrEqualTo(25);
        assertThat(sink.task().gauge("v3io.requestsInFlight")).isEqualTo(0L);
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    @Test
    void theJobFailsBecauseOfTheOneRecordAndSaysWhatToDo() throws Exception {
        open(body -> body.contains(ENCODED_POISON) ? INVALID_ARGUMENT : Fate.PASS, b -> b);
        List<String> elements = elements(100);
        elements.set(99, POISON + "!".repeat(95));
        sink.write(elements);
        assertThatThrownBy(sink::flush)
                .hasMessageContainingAll(
                        STREAM,
                        "101 bytes of data",
                        "the only one of its request",
                        "InvalidArgumentException",
                        "setMaxRecordSizeInBytes",
                        "setOnInvalidRecord(DROP)")
                .hasMessageNotContaining(POISON);
        assertThat(sink.stored(STREAM)).hasSizeBetween(96, 99);
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void theHandlerGetsTheOneRecord(OrderGuarantee order) throws Exception {
        sink.createStream(DEAD_LETTERS, 1);
        open(
                body -> body.contains(ENCODED_POISON) ? INVALID_ARGUMENT : Fate.PASS,
                b ->
                        b.setOrder(order)
                                .setPartitionKey(V3ioSinkRefusedRequestTest::key)
                                .setInvalidRecordHandler(
                                        invalid ->
                                                PutRecord.of(
                                                        ("dead " + invalid.reason())
                                                                .getBytes(UTF_8)))
                                .setDeadLetterStream(DEAD_LETTERS));
        List<String> elements = elements(100);
        elements.set(40, POISON);
        sink.write(elements);
        sink.flush();

        assertThat(sink.stored(STREAM)).hasSize(99).doesNotContain(POISON);
        assertThat(sink.stored(DEAD_LETTERS)).hasSize(1);
        assertThat(sink.stored(DEAD_LETTERS).get(0)).contains("InvalidArgumentException");
        assertThat(sink.task().counter("v3io.recordsHandedOver")).isEqualTo(1);
    }

    @Test
    void aRecordThatIsAloneInItsRequestIsDroppedAtOnce() throws Exception {
        open(
                body -> body.contains(ENCODED_POISON) ? INVALID_ARGUMENT : Fate.PASS,
                b -> b.setOnInvalidRecord(OnInvalidRecord.DROP));
        sink.write(List.of(POISON));
        sink.flush();
        assertThat(proxy.putRequests()).isEqualTo(1);
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(1);
    }

    /** All records of a key but the refused ones are stored once, in their order. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void keepsTheOrderOfEachKeyThroughAllRefusals(long seed) throws Exception {
        Random random = new Random(seed);
        OrderGuarantee order =
                random.nextBoolean() ? OrderGuarantee.STRICT : OrderGuarantee.RELAXED;
        Predicate<String> refused = body -> body.contains(ENCODED_POISON);
        open(
                body -> {
                    pause(random.nextInt(3));
                    return refused.test(body) ? INVALID_ARGUMENT : Fate.PASS;
                },
                b ->
                        b.setOrder(order)
                                .setPartitionKey(V3ioSinkRefusedRequestTest::key)
                                .setMaxBatchSize(1 + random.nextInt(100))
                                .setMaxInFlightRequests(1 + random.nextInt(8))
                                .setOnInvalidRecord(OnInvalidRecord.DROP));
        int keys = 1 + random.nextInt(30);
        int poisons = random.nextInt(20);
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            elements.add(random.nextInt(keys) + ":" + i);
        }
        List<String> good = List.copyOf(elements);
        for (int i = 0; i < poisons; i++) {
            elements.add(random.nextInt(elements.size() + 1), POISON + random.nextInt(keys) + ":");
        }
        sink.write(elements);
        sink.flush();

        assertThat(sink.stored(STREAM))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(good);
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(poisons);
        Map<String, Integer> last = new HashMap<>();
        for (String element : sink.stored(STREAM)) {
            int number = Integer.parseInt(element.substring(element.indexOf(':') + 1));
            Integer before = last.put(key(element), number);
            assertThat(before == null || before < number)
                    .as("seed %d, order %s: %s after %s", seed, order, element, before)
                    .isTrue();
        }
    }

    @ParameterizedTest(name = "after {0} requests")
    @ValueSource(ints = {2, 3, 5, 9, 14})
    void aCheckpointInTheMiddleHoldsAllThatIsNotStored(int requests) throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        int[] seen = new int[1];
        UnaryOperator<V3ioSinkBuilder<String>> settings =
                b ->
                        b.setDeliveryGuarantee(DeliveryGuarantee.NONE)
                                .setMaxBatchSize(200)
                                .setMaxInFlightRequests(1)
                                .setOnInvalidRecord(OnInvalidRecord.DROP);
        open(
                body -> {
                    synchronized (seen) {
                        seen[0]++;
                    }
                    if (seen[0] > requests) {
                        await(goOn);
                    }
                    return body.contains(ENCODED_POISON) ? INVALID_ARGUMENT : Fate.PASS;
                },
                settings);
        List<String> elements = elements(500);
        elements.set(new Random(seed).nextInt(200), POISON);
        sink.write(elements);
        sink.task().runUntil(() -> proxy.putRequests() == requests + 1);
        sink.prepareCheckpoint();

        Set<String> known = new HashSet<>(sink.stored(STREAM));
        var state = sink.snapshot();
        List<String> inState = EmulatedSink.data(state);
        assertThat(inState).doesNotHaveDuplicates();
        known.addAll(inState);
        boolean dropped = sink.task().counter("v3io.recordsDropped") == 1;
        assertThat(known)
                .as("seed %d", seed)
                .containsAll(elements.stream().filter(e -> !dropped || !e.equals(POISON)).toList());

        goOn.countDown();
        sink.restore(state, b -> settings.apply(b).setEndpoint(proxy.endpoint()));
        sink.flush();
        elements.remove(POISON);
        assertThat(new HashSet<>(sink.stored(STREAM)))
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(elements);
    }

    /** Its page says nothing about a record. */
    @Test
    void nothingIsDroppedBecauseOfThePageOfAGateway() throws Exception {
        open(
                body -> new Fate.Refuse(400, "text/html", "<html>400 Bad Request</html>"),
                b -> b.setOnInvalidRecord(OnInvalidRecord.DROP));
        sink.write(elements(10));
        assertThatThrownBy(sink::flush).hasMessageContainingAll(STREAM, "10 records", "400");
        assertThat(sink.task().counter("v3io.recordsDropped")).isZero();
        assertThat(proxy.putRequests()).isEqualTo(1);
    }

    @Test
    void aRequestThatIsTooLargeForAGatewayIsSentInParts() throws Exception {
        open(
                body ->
                        body.length() > 4_000
                                ? new Fate.Refuse(413, "text/html", "<html>too large</html>")
                                : Fate.PASS,
                b -> b);
        sink.write(elements(1_000));
        sink.flush();
        assertThat(sink.stored(STREAM)).containsExactlyInAnyOrderElementsOf(elements(1_000));
    }

    @Test
    void aRecordThatIsTooLargeForAGatewayNamesTheBatchSizeAndTheGateway() throws Exception {
        open(
                body ->
                        body.length() > 4_000
                                ? new Fate.Refuse(413, "text/html", "<html>too large</html>")
                                : Fate.PASS,
                b -> b);
        sink.write(List.of("x".repeat(4_000)));
        assertThatThrownBy(sink::flush)
                .hasMessageContainingAll("413", "setMaxBatchSizeInBytes", "gateway");
    }

    @Test
    void deadLettersThatAreRefusedFailTheJob() throws Exception {
        sink.createStream(DEAD_LETTERS, 1);
        open(
                body -> body.contains(ENCODED_POISON) ? INVALID_ARGUMENT : Fate.PASS,
                b ->
                        b.setInvalidRecordHandler(InvalidRecord::record)
                                .setDeadLetterStream(DEAD_LETTERS));
        sink.write(List.of(POISON));
        assertThatThrownBy(sink::flush)
                .hasMessageContainingAll(DEAD_LETTERS, "the only one of its request");
    }

    private void open(Function<String, Fate> fates, UnaryOperator<V3ioSinkBuilder<String>> more) {
        proxy = new ChaosProxy(sink.emulator().endpoint(), fates);
        sink.open(b -> more.apply(b).setEndpoint(proxy.endpoint()));
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Network delay; there is no condition that would end it. */
    private static void pause(int millis) {
        try {
            new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String key(String element) {
        String plain = element.startsWith(POISON) ? element.substring(POISON.length()) : element;
        int end = plain.indexOf(':');
        return end < 0 ? plain : plain.substring(0, end);
    }

    private static List<String> elements(int count) {
        return new ArrayList<>(IntStream.range(0, count).mapToObj(i -> "element-" + i).toList());
    }
}

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
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The writer against the emulator over HTTP, with the test's thread as the mailbox thread. */
@Timeout(120)
class V3ioSinkWriterTest {

    private static final String STREAM = "users/me/orders";
    private static final String KEY = EmulatedStreams.ACCESS_KEY;
    private static final int SHARDS = 8;
    private static final String TRANSIENT = "Resource temporarily unavailable";
    private static final RetryPolicy PATIENT =
            new RetryPolicy(50, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(5));

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private final long seed = System.nanoTime();
    private final TestTask task = new TestTask();
    private V3ioEmulator emulator;
    private StatefulSinkWriter<String, BufferedRequestState<RoutedRecord>> writer;

    @BeforeEach
    void start() {
        EmulatedStreams streams = PLATFORM.start(e -> e.accessKey(KEY).seed(seed));
        emulator = streams.emulator();
        streams.create(STREAM, SHARDS);
    }

    @AfterEach
    void stop() throws Exception {
        task.close();
        if (writer != null) {
            writer.close();
        }
    }

    @Test
    void sendsABatchAsSoonAsItIsFull() throws Exception {
        open(b -> b.setMaxBatchSize(10));
        write(elements(25));
        task.runUntil(() -> stored().size() == 20);
        writer.flush(true);
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(elements(25));
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(3);
        assertThat(task.counter("numRecordsSend")).isEqualTo(25);
        assertThat(task.counter("numRecordsSendErrors")).isZero();
    }

    @Test
    void sendsAPartBatchAfterItsTime() throws Exception {
        open(b -> b.setMaxTimeInBuffer(Duration.ofMillis(20)));
        write(List.of("wolf"));
        task.runUntil(() -> stored().size() == 1);
    }

    @Test
    void sendsOnlyTheFailedRecordsAgain() throws Exception {
        emulator.faults()
                .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT, 1, 3).times(2));
        open(b -> b.setMaxBatchSize(10));
        write(elements(10));
        writer.flush(true);
        // 10 records, of which 2 fail; these 2, of which 1 fails; this one.
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(3);
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(elements(10));
        assertThat(task.counter("numRecordsSendErrors")).isEqualTo(3);
        assertThat(task.counter("v3io.requestRetries")).isEqualTo(2);
        assertThat(task.counter("v3io.recordRetries")).isEqualTo(3);
        assertThat(task.gauge("v3io.requestsInFlight")).isEqualTo(0L);
        assertThat(task.gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    @Test
    void storesEachRecordOnceUnderRandomPartialFailures() throws Exception {
        emulator.faults()
                .add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT).probability(0.4));
        open(b -> b.setMaxBatchSize(50).setMaxInFlightRequests(5));
        write(elements(2_000));
        writer.flush(true);
        assertThat(stored())
                .as("seed %d", seed)
                .containsExactlyInAnyOrderElementsOf(elements(2_000));
    }

    @Test
    void outlivesAServerThatIsBusyForAWhile() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(503, "text/html", "<html>busy</html>")
                                .times(3));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(2));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).throttle(0).times(2));
        open(b -> b);
        write(elements(100));
        writer.flush(true);
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(elements(100));
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(8);
        assertThat(task.counter("v3io.requestRetries")).isEqualTo(7);
        assertThat(task.counter("numRecordsSendErrors")).isEqualTo(700);
    }

    @Test
    void storesAtLeastOnceWhenAnswersGetLost() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetAfter().times(1));
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).cutBody().times(1));
        open(b -> b);
        write(elements(5));
        writer.flush(true);
        assertThat(stored()).hasSize(15).containsAll(elements(5));
    }

    @Test
    void outlivesAGatewayThatAnswersForTheServerForAMoment() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(200, "text/html", "<html>soon</html>")
                                .times(2));
        open(b -> b);
        write(elements(5));
        writer.flush(true);
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(elements(5));
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(3);
    }

    @Test
    void failsSoonWhenNoAnswerCanBeUnderstood() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(200, "text/html", "<html>for ever</html>"));
        open(b -> b);
        write(elements(5));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll(
                        STREAM, "5 records", "got 3 answers", "may be stored", "not valid JSON");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(3);
    }

    @Test
    void failsAtOnceWhenTheResultsDoNotMatchTheRecords() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(
                                        200,
                                        "application/json",
                                        "{\"FailedRecordCount\": 0, \"Records\":"
                                                + " [{\"SequenceNumber\": 1, \"ShardId\": 0}]}"));
        open(b -> b);
        write(elements(5));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll(
                        STREAM,
                        "has 1 results for 5 records",
                        "Nobody can tell which of the records are stored");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(1);
    }

    @Test
    void failsAtOnceWhenTheAnswerIsTooLarge() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(200, "application/json", " ".repeat(70_000)));
        open(b -> b.configureClient(c -> c.setRetryPolicy(PATIENT).setMaxResponseBytes(65_536)));
        write(elements(5));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll(STREAM, "setMaxResponseBytes", "may be stored");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(1);
    }

    @Test
    void waitsAsLongAsAServerAsksFor() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).throttle(1).times(1));
        open(b -> b);
        write(elements(5));
        long start = System.nanoTime();
        writer.flush(true);
        // The back-off alone would be 5 ms at the most; the timers count in whole milliseconds.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(999));
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(2);
        assertThat(stored()).containsExactlyInAnyOrderElementsOf(elements(5));
    }

    @Test
    void givesUpWhenTheRetriesAreUsedUp() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(503, "text/html", "<html>busy</html>"));
        open(b -> b.configureClient(c -> c.setRetryPolicy(retries(3))));
        write(elements(5));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll(
                        STREAM, "5 records", "given up after 4 attempts", "503", "maxElapsed");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(4);
    }

    @Test
    void givesUpWhenRecordsFailForTooLong() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).failRecords(TRANSIENT, 0));
        open(b -> b.configureClient(c -> c.setRetryPolicy(retries(2))));
        write(elements(5));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll("a record", "given up after 3 attempts", TRANSIENT);
        assertThat(stored()).hasSize(4);
    }

    @Test
    void givesUpOnAServerThatNeverAnswersWhenTheTimeIsUsedUp() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never());
        open(
                b ->
                        b.configureClient(
                                c ->
                                        c.setResponseTimeout(Duration.ofMillis(100))
                                                .setRetryPolicy(
                                                        new RetryPolicy(
                                                                1_000,
                                                                Duration.ofSeconds(2),
                                                                Duration.ofMillis(1),
                                                                Duration.ofMillis(10)))));
        write(elements(5));
        assertThatThrownBy(() -> writer.flush(true)).hasMessageContainingAll(STREAM, "given up");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isBetween(2L, 22L);
    }

    @Test
    void failsOnAShardThatTheStreamDoesNotHave() throws Exception {
        open(b -> b.setShardId(s -> 99));
        write(List.of("confidential"));
        assertThatThrownBy(() -> writer.flush(true))
                .rootCause()
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(
                        STREAM,
                        "shard 99",
                        "12 bytes of data",
                        "ShardIDOutOfRangeException",
                        "setShardId")
                .hasMessageNotContaining("confidential");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(1);
    }

    @Test
    void failsOnARecordErrorThatNobodyKnowsWithoutShowingTheKey() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).failRecords("NeverSeen", 1));
        open(b -> b.setPartitionKey(s -> "confidential"));
        write(elements(3));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll(STREAM, "partition key of 12 characters", "NeverSeen")
                .hasMessageNotContaining("confidential");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(1);
    }

    @Test
    void failsAtOnceWithAWrongAccessKeyAndDoesNotShowIt() throws Exception {
        open(b -> b.setAccessKey("a-wrong-access-key"));
        write(elements(1));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll(
                        STREAM, "Check that the access key that was set on the client")
                .hasMessageNotContaining("a-wrong-access-key")
                .hasStackTraceContaining("V3ioException");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(1);
    }

    @Test
    void failsAtOnceWithoutTheStream() throws Exception {
        open(b -> b.setStream("users/me/nothing"));
        write(elements(1));
        assertThatThrownBy(() -> writer.flush(true))
                .hasMessageContainingAll("users/me/nothing", "Create the stream");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isEqualTo(1);
    }

    @Test
    void refusesARecordOverALimitBeforeItIsBuffered() throws Exception {
        open(b -> b.setPartitionKey(s -> "k"));
        String large = "x".repeat(V3ioLimits.MAX_DATA_BYTES + 1);
        assertThatThrownBy(() -> writer.write(large, null))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(STREAM, "1048577", "1048576", "setOnInvalidRecord");
        assertThat(emulator.requestCount(Operation.PUT_RECORDS)).isZero();
    }

    @Test
    void dropsAndCountsRecordsOverALimitIfTold() throws Exception {
        open(b -> b.setOnInvalidRecord(OnInvalidRecord.DROP));
        String large = "x".repeat(V3ioLimits.MAX_DATA_BYTES + 1);
        write(List.of("wolf", large, "lamb", large));
        writer.flush(true);
        assertThat(stored()).containsExactlyInAnyOrder("wolf", "lamb");
        assertThat(task.counter("v3io.recordsDropped")).isEqualTo(2);
    }

    @Test
    void keepsRequestsWithinTheLimitsOfThePlatform() throws Exception {
        Random random = new Random(seed);
        // Each character of such a key takes six bytes of JSON.
        open(b -> b.setPartitionKey(s -> "\u0001".repeat(s.length() % 257)));
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int length =
                    random.nextBoolean()
                            ? V3ioLimits.MAX_DATA_BYTES
                            : random.nextInt(V3ioLimits.MAX_DATA_BYTES);
            elements.add("x".repeat(length));
        }
        for (int i = 0; i < 3_000; i++) {
            elements.add("y".repeat(random.nextInt(2_000)));
        }
        write(elements);
        writer.flush(true);
        assertThat(stored().stream().map(String::length).sorted().toList())
                .as("seed %d", seed)
                .isEqualTo(elements.stream().map(String::length).sorted().toList());
    }

    @Test
    void boundsTheBytesThatWaitWhenTheServerIsSlow() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(50)));
        long bound = 4 * 1024 * 1024;
        open(
                b ->
                        b.setMaxBatchSizeInBytes(new MemorySize(2 * 1024 * 1024))
                                .setMaxPendingBytes(new MemorySize(bound)));
        String element = "x".repeat(500_000);
        for (int i = 0; i < 40; i++) {
            writer.write(element, null);
            assertThat((long) task.gauge("v3io.pendingBytes")).isLessThan(bound + 1_000_000);
        }
        writer.flush(true);
        assertThat(stored()).hasSize(40);
        assertThat(task.gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    @Test
    void boundsTheRequestsInFlight() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never());
        open(
                b ->
                        b.setMaxBatchSize(10)
                                .setMaxInFlightRequests(3)
                                .setMaxBufferedRequests(1_000)
                                .configureClient(c -> c.setResponseTimeout(Duration.ofMinutes(5))));
        write(elements(500));
        assertThat(task.gauge("v3io.requestsInFlight")).isEqualTo(3L);
        await().until(() -> emulator.requestCount(Operation.PUT_RECORDS) == 3);
    }

    @Test
    void closesAtOnceWhileTheServerNeverAnswers() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never());
        open(
                b ->
                        b.setMaxBatchSize(1)
                                .configureClient(c -> c.setResponseTimeout(Duration.ofMinutes(5))));
        write(elements(10));
        long start = System.nanoTime();
        writer.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(task.gauge("v3io.requestsInFlight")).isEqualTo(0L);
    }

    @Test
    void keepsAnInterruptThatEndsTheWaitOfATimer() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never());
        open(
                b ->
                        b.setMaxBatchSize(1)
                                .setMaxInFlightRequests(1)
                                .setMaxBufferedRequests(100)
                                .setMaxTimeInBuffer(Duration.ofMillis(1))
                                .configureClient(c -> c.setResponseTimeout(Duration.ofMinutes(5))));
        write(elements(2));
        // The mail is the timer, which waits for the one request. It is interrupted there, as Flink
        // does when it cancels a task.
        assertThatThrownBy(() -> task.runNextMailInterrupted())
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void storesEverythingBeforeACheckpoint() throws Exception {
        open(b -> b);
        write(elements(5));
        writer.flush(false);
        assertThat(stored()).hasSize(5);
        assertThat(buffered(writer.snapshotState(1))).isEmpty();
    }

    @Test
    void doesNotWaitAtACheckpointWithoutAGuarantee() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never());
        open(b -> b.setDeliveryGuarantee(DeliveryGuarantee.NONE).setMaxBatchSize(4));
        write(elements(6));
        writer.flush(false);
        assertThat(buffered(writer.snapshotState(1))).containsExactlyElementsOf(elements(6));
    }

    @ParameterizedTest
    @EnumSource(
            value = DeliveryGuarantee.class,
            names = {"AT_LEAST_ONCE", "NONE"})
    void storesEverythingAtTheEndOfInput(DeliveryGuarantee guarantee) throws Exception {
        open(b -> b.setDeliveryGuarantee(guarantee).setMaxBatchSize(4));
        write(elements(6));
        writer.flush(true);
        assertThat(stored()).hasSize(6);
    }

    @Test
    void storesTheRecordsOfEarlierWriters() throws Exception {
        V3ioSink<String> sink = sink(b -> b);
        var serializer = sink.getWriterStateSerializer();
        List<BufferedRequestState<RoutedRecord>> states = new ArrayList<>();
        for (String element : elements(3)) {
            PutRecord record = PutRecord.of(element.getBytes(UTF_8)).withShardId(5);
            RoutedRecord routed = new RoutedRecord(StreamPath.parse(STREAM), record);
            states.add(
                    serializer.deserialize(
                            serializer.getVersion(),
                            serializer.serialize(
                                    new BufferedRequestState<>(
                                            List.of(new RequestEntryWrapper<>(routed, 1))))));
        }
        writer = sink.restoreWriter(task.context(), states);
        write(List.of("new"));
        writer.flush(true);
        assertThat(stored())
                .containsExactlyInAnyOrder("element-0", "element-1", "element-2", "new");
        assertThat(emulator.stream(STREAM).records(5)).hasSizeGreaterThanOrEqualTo(3);
        assertThat(task.gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    private static RetryPolicy retries(int count) {
        return new RetryPolicy(
                count, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(5));
    }

    private V3ioSink<String> sink(UnaryOperator<V3ioSinkBuilder<String>> settings) {
        return settings.apply(
                        V3ioSink.<String>builder()
                                .setEndpoint(emulator.endpoint())
                                .setAccessKey(KEY)
                                .setStream(STREAM)
                                .setSerializationSchema(new SimpleStringSchema())
                                .setMaxTimeInBuffer(Duration.ofMinutes(10))
                                .configureClient(c -> c.setRetryPolicy(PATIENT)))
                .build();
    }

    private void open(UnaryOperator<V3ioSinkBuilder<String>> settings) throws IOException {
        writer = sink(settings).createWriter(task.context());
    }

    private void write(List<String> elements) throws Exception {
        for (String element : elements) {
            writer.write(element, null);
        }
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }

    private List<String> stored() {
        return IntStream.range(0, SHARDS)
                .boxed()
                .flatMap(shard -> emulator.stream(STREAM).records(shard).stream())
                .map(StoredRecord::data)
                .map(data -> new String(data, UTF_8))
                .toList();
    }

    private static List<String> buffered(List<BufferedRequestState<RoutedRecord>> states) {
        return states.stream()
                .flatMap(state -> state.getBufferedRequestEntries().stream())
                .map(wrapper -> new String(wrapper.getRequestEntry().record().data(), UTF_8))
                .toList();
    }
}

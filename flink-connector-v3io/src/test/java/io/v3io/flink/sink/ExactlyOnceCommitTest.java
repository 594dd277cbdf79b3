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
import io.v3io.flink.sink.state.Epoch;

import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a commit takes for a stall, and what it says about requests of unknown fate. */
@Timeout(60)
class ExactlyOnceCommitTest {

    private static final String STREAM = EmulatedSink.STREAM;
    private static final String LONGEST_LANDING = "v3io.longestLandingMillis";

    private final EmulatedSink emulated = new EmulatedSink(7);
    private final CommitterMetrics metrics = new CommitterMetrics();

    @BeforeEach
    void createStream() {
        emulated.createStream(STREAM, 3);
    }

    @AfterEach
    void close() throws Exception {
        emulated.close();
    }

    /** A look finds what came meanwhile, too. */
    @Test
    void aRequestHasNotLandedWhenARecordOfAnotherOneHas() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> patient =
                s ->
                        exactlyOnce(s)
                                .setLandingTimeout(Duration.ofSeconds(4))
                                .setMaxBatchSize(50)
                                .setMaxInFlightRequests(2);
        Collection<Epoch> epochs = epoch(patient, 100);
        Fault late = Fault.on(Operation.PUT_RECORDS).landLate(Duration.ofMillis(200)).times(1);
        Fault refused = Fault.on(Operation.PUT_RECORDS).throttle(2).skip(1).times(1);
        emulated.emulator().faults().add(refused);
        emulated.emulator().faults().add(late);

        commit(epochs, patient, OptionalLong.empty());

        assertThat(metrics.count("v3io.recordsFoundStored")).isEqualTo(50);
        assertThat((long) metrics.gauge(LONGEST_LANDING)).isBetween(200L, 1_900L);
        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    @Test
    void aRequestHasLandedWhenItsLastRecordHas() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> patient =
                s -> exactlyOnce(s).setLandingTimeout(Duration.ofSeconds(3));
        Collection<Epoch> epochs = epoch(patient, 100);
        emulated.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).landLate(Duration.ofSeconds(1)).times(1));

        commit(epochs, patient, OptionalLong.empty());

        assertThat((long) metrics.gauge(LONGEST_LANDING)).isBetween(1_000L, 3_000L);
        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    /**
     * The successor of an attempt that has stored nearly all finds one object after another that
     * has nothing for it to send, and waits for longer than a commit may be without success.
     */
    @Test
    void waitingForStagedRecordsIsNoStall() throws Exception {
        UnaryOperator<V3ioSinkBuilder<String>> staging =
                s ->
                        impatient(s)
                                .setStagingDirectory("users/me/staging")
                                .setMaxInlineSize(new MemorySize(500))
                                .setMaxBatchSize(10)
                                .setMaxInFlightRequests(1);
        Collection<Epoch> epochs = epoch(staging, 1_000);
        Fault denied =
                Fault.on(Operation.PUT_RECORDS)
                        .respond(403, "application/json", "{\"ErrorMessage\": \"denied\"}")
                        .skip(90)
                        .times(1);
        emulated.emulator().faults().add(denied);
        assertThatThrownBy(() -> commit(epochs, staging, OptionalLong.empty()))
                .hasMessageContaining("denied");
        // So that three objects in four have nothing to send, of which four are fetched at a time.
        assertThat(emulated.stored(STREAM)).hasSizeBetween(750, 900);
        Fault slow = Fault.on(Operation.GET_OBJECT).latency(Duration.ofMillis(800));
        emulated.emulator().faults().add(slow);
        emulated.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(1));

        commit(epochs, staging, OptionalLong.of(5));

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(1_000));
    }

    /** The stream is slow to read, and the next answer is lost again. */
    @Test
    void aLongLookIsNoStall() throws Exception {
        Collection<Epoch> epochs = epoch(ExactlyOnceCommitTest::impatient, 100);
        emulated.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(2));
        for (Operation read : List.of(Operation.DESCRIBE_STREAM, Operation.LIST)) {
            Fault slow = Fault.on(read).latency(Duration.ofMillis(1_500)).times(1);
            emulated.emulator().faults().add(slow);
        }

        commit(epochs, ExactlyOnceCommitTest::impatient, OptionalLong.empty());

        assertThat(emulated.stored(STREAM)).containsExactlyInAnyOrderElementsOf(numbers(100));
    }

    /** A commit gives up after 2.55 s without success. */
    private static V3ioSinkBuilder<String> impatient(V3ioSinkBuilder<String> builder) {
        return exactlyOnce(builder)
                .configureClient(
                        client ->
                                client.setResponseTimeout(Duration.ofSeconds(2))
                                        .setRetryPolicy(
                                                new RetryPolicy(
                                                        100,
                                                        Duration.ofMillis(500),
                                                        Duration.ofMillis(1),
                                                        Duration.ofMillis(5))));
    }

    private static V3ioSinkBuilder<String> exactlyOnce(V3ioSinkBuilder<String> builder) {
        return builder.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                .setTakeoverDelay(Duration.ofMillis(50))
                .setLandingTimeout(Duration.ofMillis(50));
    }

    /** Numbers from 0 on, prepared by a writer. */
    @SuppressWarnings("unchecked")
    private Collection<Epoch> epoch(UnaryOperator<V3ioSinkBuilder<String>> settings, int count)
            throws Exception {
        try (CommittingSinkWriter<String, Epoch> writer =
                (CommittingSinkWriter<String, Epoch>)
                        emulated.sink(settings).createWriter(emulated.task().context())) {
            for (String number : numbers(count)) {
                writer.write(number, null);
            }
            writer.flush(false);
            return writer.prepareCommit();
        }
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    private void commit(
            Collection<Epoch> epochs,
            UnaryOperator<V3ioSinkBuilder<String>> settings,
            OptionalLong restored)
            throws Exception {
        ExactlyOnceSink<String> sink = (ExactlyOnceSink<String>) emulated.sink(settings);
        try (Committer<Epoch> committer =
                sink.createCommitter(new CommitterCalls.Context(restored, metrics))) {
            committer.commit(
                    List.copyOf(epochs.stream().map(CommitterCalls.Request::new).toList()));
        }
    }
}

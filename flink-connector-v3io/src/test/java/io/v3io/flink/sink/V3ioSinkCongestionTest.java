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

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The writer against a server that throttles. */
@Tag("slow")
@Timeout(120)
class V3ioSinkCongestionTest {

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStream() {
        sink.createStream(STREAM, 4);
    }

    @ParameterizedTest
    @EnumSource
    void asksAServerThatAlwaysThrottlesOnlyNowAndThenThoughManyRequestsWait(OrderGuarantee order)
            throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(503, "text/html", "<html>busy"));
        // The default policy of 100 ms to 10 s within 30 s, ten times as fast.
        RetryPolicy policy =
                new RetryPolicy(
                        1_000, Duration.ofSeconds(3), Duration.ofMillis(10), Duration.ofSeconds(1));
        sink.open(
                b ->
                        b.setOrder(order)
                                .setPartitionKey(e -> e)
                                .setMaxBatchSize(10)
                                .configureClient(c -> c.setRetryPolicy(policy)));
        sink.write(elements(160));
        assertThatThrownBy(sink::flush).hasMessageContainingAll(STREAM, "given up", "503");

        long requests = sink.emulator().requestCount(Operation.PUT_RECORDS);
        assertThat(requests).isBetween(8L, 16L + 8 + 4 + 2 + 11 + 1);
    }

    /** It takes its time: with the policy that jobs have by default. */
    @Test
    void sendsLessAndLessToAServerThatAlwaysThrottlesAndStoresAllAfterwards() throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(503, "text/html", "<html>busy"));
        sink.open(
                b ->
                        b.setMaxBatchSize(10)
                                .configureClient(
                                        c ->
                                                c.setRetryPolicy(
                                                        V3ioSinkBuilder.DEFAULT_RETRY_POLICY)));
        long start = System.nanoTime();
        // 16, 8, 4 and 2 together, then one after each pause: at least 0.4, 0.8, 1.6, 3.2 and 5 s.
        CompletableFuture<Duration> fiveAlone =
                CompletableFuture.supplyAsync(
                        () -> {
                            await().atMost(Duration.ofMinutes(1))
                                    .until(() -> requests() >= 16 + 8 + 4 + 2 + 5);
                            sink.emulator().faults().clear();
                            return Duration.ofNanos(System.nanoTime() - start);
                        });
        sink.write(elements(160));
        sink.flush();

        assertThat(sink.stored(STREAM)).hasSize(160);
        assertThat(fiveAlone.join()).isGreaterThan(Duration.ofSeconds(11));
    }

    private long requests() {
        return sink.emulator().requestCount(Operation.PUT_RECORDS);
    }

    @Test
    void adaptsToAServerThatThrottlesAndRecoversWhenItNoLongerDoes() throws Exception {
        sink.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(429, "text/html", "<html>busy")
                                .times(30));
        sink.open(b -> b.setMaxBatchSize(10));
        assertThat(sink.task().gauge("v3io.inFlightLimit")).isEqualTo(16L);
        sink.write(elements(100));
        sink.task().runUntil(() -> sink.task().gauge("v3io.inFlightLimit").equals(1L));
        sink.write(elements(3_000));
        sink.flush();

        assertThat(sink.stored(STREAM)).hasSize(3_100);
        assertThat(sink.task().gauge("v3io.inFlightLimit")).isEqualTo(16L);
        assertThat(sink.task().counter("v3io.retriesThrottled")).isEqualTo(30);
    }

    @Test
    void takesAThrottledRecordForASignOfCongestion() throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).failRecords("SlowDown", 0).times(1));
        sink.open(b -> b.setMaxBatchSize(10));
        sink.write(elements(10));
        sink.task().runUntil(() -> sink.task().gauge("v3io.inFlightLimit").equals(8L));
        sink.flush();
        assertThat(sink.stored(STREAM)).hasSize(10);
        assertThat(sink.task().counter("v3io.retriesThrottled")).isEqualTo(1);
        assertThat(sink.task().counter("v3io.retriesPartial")).isZero();
    }

    @Test
    void doesNotTakeOtherFailuresForCongestion() throws Exception {
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(2));
        sink.open(b -> b);
        sink.write(elements(10));
        sink.flush();
        assertThat(sink.task().gauge("v3io.inFlightLimit")).isEqualTo(16L);
        assertThat(sink.task().counter("v3io.retriesTransport")).isEqualTo(2);
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }
}

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

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;

import org.apache.flink.configuration.MemorySize;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A record of a megabyte among small ones. */
@Timeout(120)
class V3ioSinkOutlierTest {

    private static final String OUTLIER = "x".repeat(1024 * 1024);

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void doesNotHoldUpTheSmallOnesWhileItIsUnderWay(OrderGuarantee order) throws Exception {
        sink.createStream(STREAM, 4);
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).never().times(1));
        sink.open(
                b ->
                        b.setOrder(order)
                                .setPartitionKey(e -> e.length() > 100 ? "large" : e)
                                .setMaxBatchSize(10)
                                .setMaxTimeInBuffer(Duration.ofMillis(10))
                                .configureClient(
                                        c ->
                                                c.setRetryPolicy(EmulatedSink.PATIENT)
                                                        .setResponseTimeout(
                                                                Duration.ofMinutes(5))));
        sink.write(List.of(OUTLIER));
        sink.task().runUntil(() -> sink.task().gauge("v3io.requestsInFlight").equals(1L));
        await().until(() -> sink.emulator().requestCount(Operation.PUT_RECORDS) == 1);
        sink.write(small(99));
        sink.task().runUntil(() -> sink.stored(STREAM).size() == 99);
        assertThat(sink.stored(STREAM)).doesNotContain(OUTLIER);
    }

    @Test
    void endsARequestThatItDoesNotFitIntoAndLetsTheSmallOnesGoOn() throws Exception {
        sink.createStream(STREAM, 4);
        sink.open(
                b ->
                        b.setMaxBatchSizeInBytes(new MemorySize(2 * 1024 * 1024))
                                .setMaxBatchSize(1_000));
        for (int i = 0; i < 3; i++) {
            sink.write(small(900));
            sink.write(List.of(OUTLIER));
        }
        sink.write(small(900));
        // Two outliers do not fit into one request: what is before the second one goes at once.
        sink.task().runUntil(() -> sink.stored(STREAM).size() >= 900);
        sink.flush();
        assertThat(sink.stored(STREAM)).hasSize(3_603);
        // 900 and the outlier with 99, and so on: no record waits for the outlier alone.
        assertThat(sink.emulator().requestCount(Operation.PUT_RECORDS)).isLessThanOrEqualTo(5);
    }

    private static List<String> small(int count) {
        return IntStream.range(0, count).mapToObj(i -> "small-" + i).toList();
    }
}

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

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** How a writer begins, how long it waits, and what it leaves behind. */
@Timeout(120)
class V3ioSinkLifeTest {

    private static final int WRITERS = 20;

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStream() {
        sink.createStream(STREAM, 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lastRequestBytes", "requestsInFlight", "pendingBytes"})
    void aWriterThatCannotBeMadeLeavesNoThread(String gauge) throws Exception {
        Set<Thread> before = threads();
        try (TestTask task = new TestTask()) {
            task.refuseGauge(gauge);
            for (int i = 0; i < WRITERS; i++) {
                assertThatThrownBy(() -> sink.sink(b -> b).createWriter(task.context()))
                        .hasMessageContaining(gauge);
            }
            // A thread that was told to end may take a moment.
            await().until(
                            () ->
                                    threads().stream()
                                            .filter(thread -> !before.contains(thread))
                                            .filter(Thread::isAlive)
                                            .noneMatch(t -> t.getName().startsWith("v3io-")));
        }
    }

    /** A batch may consist of many requests, each of which is well. */
    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void noBatchIsTooSlowWhileItsRequestsAreWell(OrderGuarantee order) throws Exception {
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).never());
        sink.open(
                b ->
                        b.setOrder(order)
                                .setMaxBatchSize(10)
                                .configureClient(c -> c.setResponseTimeout(Duration.ofMinutes(5))));
        sink.write(elements(10));
        sink.task().fireTimersWithin(Duration.ofDays(1));
    }

    /** Flink ends the operator's timers before the savepoint that a job is stopped with. */
    @ParameterizedTest(name = "order {0}")
    @EnumSource
    @Timeout(30)
    void whatFailsDuringTheLastSavepointIsSentAgain(OrderGuarantee order) throws Exception {
        sink.open(b -> b.setOrder(order).setMaxBatchSize(10));
        sink.task().finish();
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(503, "text/plain", "busy").times(2));
        sink.write(elements(25));

        sink.flush();

        assertThat(sink.stored(STREAM)).hasSize(25);
    }

    @Test
    void aWriterLeavesNoTimer() throws Exception {
        sink.open(b -> b.setMaxTimeInBuffer(Duration.ofMillis(1)));
        sink.write(elements(10));
        sink.flush();
        sink.close();
        assertThat(sink.task().pendingTimers()).isZero();
    }

    private static Set<Thread> threads() {
        return new HashSet<>(Thread.getAllStackTraces().keySet());
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }
}

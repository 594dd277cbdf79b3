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

import io.v3io.client.model.V3ioLimits;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.LargestRecord;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;

import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.configuration.MemorySize;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** The sink on each of the platforms that have a name, which stand for all that there may be. */
@Timeout(120)
class V3ioSinkDialectTest {

    private static final int WRITERS = 4;

    static Stream<String> dialects() {
        return Dialect.fixed().keySet().stream();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void ofManyWritersOneCreatesTheStream(String name) throws Exception {
        try (EmulatedSink sink = on(name)) {
            // Everybody looks before anybody creates.
            sink.emulator()
                    .faults()
                    .add(Fault.on(Operation.CREATE_STREAM).latency(Duration.ofMillis(200)));
            List<TestTask> tasks = new ArrayList<>();
            List<SinkWriter<String>> writers = new ArrayList<>();
            try {
                for (int i = 0; i < WRITERS; i++) {
                    tasks.add(new TestTask(i));
                    writers.add(
                            sink.sink(b -> b.setCreateStream(4, 24))
                                    .createWriter(tasks.get(i).context()));
                }
                await().until(
                                () ->
                                        sink.emulator().requestCount(Operation.DESCRIBE_STREAM)
                                                >= WRITERS);
                for (int i = 0; i < WRITERS; i++) {
                    writers.get(i).write("element-" + i, null);
                    writers.get(i).flush(true);
                }
                assertThat(new HashSet<>(sink.stored(STREAM)))
                        .containsExactlyInAnyOrderElementsOf(elements(WRITERS));
                assertThat(sink.emulator().requestCount(Operation.CREATE_STREAM)).isGreaterThan(1);
            } finally {
                tasks.forEach(TestTask::close);
                for (SinkWriter<String> writer : writers) {
                    writer.close();
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void aMissingStreamFailsTheJobThoughRecordsMayBeDropped(String name) throws Exception {
        try (EmulatedSink sink = on(name)) {
            sink.open(b -> b.setOnInvalidRecord(OnInvalidRecord.DROP));
            sink.write(elements(10));
            assertThatThrownBy(sink::flush).hasMessageContainingAll(STREAM, "Create the stream");
            assertThat(sink.task().counter("v3io.recordsDropped")).isZero();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("dialects")
    void onlyWhatIsOverThePlatformsOwnLimitIsDropped(String name) throws Exception {
        int largest =
                Arrays.stream(LargestRecord.values())
                        .filter(Dialect.fixed().get(name)::is)
                        .findFirst()
                        .orElseThrow()
                        .bytes();
        try (EmulatedSink sink = on(name)) {
            sink.createStream(STREAM, 4);
            sink.open(
                    b ->
                            b.setMaxRecordSizeInBytes(
                                            new MemorySize(V3ioLimits.MAX_CONFIGURABLE_DATA_BYTES))
                                    .setOnInvalidRecord(OnInvalidRecord.DROP));
            List<String> elements = new ArrayList<>(elements(300));
            for (int bytes :
                    new int[] {
                        999_999,
                        1_000_000,
                        1_000_001,
                        V3ioLimits.MAX_DATA_BYTES,
                        V3ioLimits.MAX_DATA_BYTES + 1,
                        V3ioLimits.MAX_CONFIGURABLE_DATA_BYTES
                    }) {
                elements.add(elements.size() / 2, "x".repeat(bytes));
            }
            sink.write(elements);
            sink.flush();
            Set<String> good = new HashSet<>(elements);
            good.removeIf(element -> element.length() > largest);
            assertThat(new HashSet<>(sink.stored(STREAM))).isEqualTo(good);
            assertThat(sink.task().counter("v3io.recordsDropped"))
                    .isEqualTo(elements.size() - good.size());
        }
    }

    private static EmulatedSink on(String name) {
        return new EmulatedSink(settings -> settings.seed(1).dialect(Dialect.fixed().get(name)), 0);
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }
}

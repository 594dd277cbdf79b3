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

import org.apache.flink.api.connector.sink2.SinkWriter;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A stream that is missing when the job starts. */
@Timeout(120)
class V3ioSinkStreamCreationTest {

    private static final String SECOND = "users/me/second";
    private static final int WRITERS = 16;

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @Test
    void failsAtTheFirstRecordWithWhatToDo() {
        sink.open(b -> b);
        assertThatThrownBy(
                        () -> {
                            sink.write(List.of("wolf"));
                            sink.flush();
                        })
                .hasMessageContainingAll(STREAM, "Create the stream", "setCreateStream");
    }

    @Test
    void failsBeforeTheFirstRecordWhenTheShardsMustBeKnown() {
        sink.open(b -> b.setPartitioner(Partitioner.FIXED));
        assertThatThrownBy(() -> sink.task().runUntil(() -> false))
                .hasMessageContainingAll(STREAM, "does not exist", "setCreateStream");
    }

    @Test
    void createsEachMissingStreamAlsoWithoutARecord() throws Exception {
        sink.createStream(STREAM, 2);
        sink.open(
                b ->
                        b.setStreams(List.of(STREAM, SECOND))
                                .setStreamSelector(e -> STREAM)
                                .setCreateStream(7, 48));
        sink.task().runUntil(() -> sink.emulator().hasStream(SECOND));
        assertThat(sink.emulator().stream(SECOND).shardCount()).isEqualTo(7);
        assertThat(sink.emulator().stream(SECOND).retentionPeriodHours()).isEqualTo(48);
        assertThat(sink.emulator().stream(STREAM).shardCount()).isEqualTo(2);
    }

    @Test
    void storesRecordsThatCameBeforeTheStream() throws Exception {
        sink.open(
                b -> b.setCreateStream(3, 24).setPartitioner(Partitioner.FIXED).setMaxBatchSize(1));
        sink.write(List.of("wolf", "lamb"));
        sink.flush();
        assertThat(sink.stored(STREAM, 0)).containsExactlyInAnyOrder("wolf", "lamb");
    }

    @Test
    void createsTheStreamOnceThoughManySubtasksTryTogether() throws Exception {
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
            for (SinkWriter<String> writer : writers) {
                writer.write("wolf", null);
                writer.flush(true);
            }
            assertThat(sink.stored(STREAM)).hasSize(WRITERS);
            assertThat(sink.emulator().requestCount(Operation.CREATE_STREAM)).isGreaterThan(1);
        } finally {
            tasks.forEach(TestTask::close);
            for (SinkWriter<String> writer : writers) {
                writer.close();
            }
        }
    }

    @Test
    void createsTheStreamThoughTheServerIsBusyAndAnswersGetLost() throws Exception {
        for (Operation operation : List.of(Operation.DESCRIBE_STREAM, Operation.CREATE_STREAM)) {
            sink.emulator().faults().add(Fault.on(operation).throttle(0).times(2));
            sink.emulator().faults().add(Fault.on(operation).resetAfter().times(2));
        }
        sink.open(b -> b.setCreateStream(3, 24));
        sink.write(List.of("wolf"));
        sink.flush();
        assertThat(sink.stored(STREAM)).containsExactly("wolf");
    }

    @Test
    void givesUpWhenTheServerIsBusyForTooLong() {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.DESCRIBE_STREAM).respond(503, "text/html", "<html>"));
        RetryPolicy policy =
                new RetryPolicy(
                        3, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(2));
        sink.open(b -> b.setCreateStream(3, 24).configureClient(c -> c.setRetryPolicy(policy)));
        assertThatThrownBy(() -> sink.task().runUntil(() -> false))
                .hasMessageContainingAll(STREAM, "given up after 4 attempts", "503");
    }

    @Test
    void failsWhenSomethingElseIsThere() throws Exception {
        HttpRequest put =
                HttpRequest.newBuilder(URI.create(sink.emulator().endpoint() + "/" + STREAM))
                        .header("X-v3io-session-key", EmulatedSink.KEY)
                        .PUT(HttpRequest.BodyPublishers.ofString("no stream"))
                        .build();
        int status =
                HttpClient.newHttpClient()
                        .send(put, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
        assertThat(status).isEqualTo(200);
        sink.open(b -> b.setCreateStream(3, 24));
        assertThatThrownBy(() -> sink.task().runUntil(() -> false))
                .hasMessageContainingAll(STREAM)
                .hasMessageContaining("stream");
    }

    @Test
    void doesNotBlockTheTaskWhileTheServerNeverAnswers() throws Exception {
        sink.emulator().faults().add(Fault.on(Operation.DESCRIBE_STREAM).never());
        long start = System.nanoTime();
        sink.open(b -> b.setCreateStream(3, 24));
        sink.write(List.of("wolf", "lamb"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }
}

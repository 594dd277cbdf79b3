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
import io.v3io.client.model.V3ioLimits;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;

import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.lineage.LineageDataset;
import org.apache.flink.util.ExceptionUtils;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/** What the sink tells: metrics, lineage, logs and errors, and what it keeps for itself. */
@Timeout(120)
class V3ioSinkTellingTest {

    private static final String CANARY = "canary-of-the-data";
    private static final String KEY_CANARY = "canary-of-the-key";

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStream() {
        sink.createStream(STREAM, 4);
    }

    @Test
    void countsRepetitionsByTheirReason() throws Exception {
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).throttle(0).times(1));
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(502, "text/html", "<html>").times(2));
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(3));
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).cutBody().times(1));
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(200, "text/html", "<html>").times(2));
        sink.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("Resource temporarily unavailable", 0)
                                .times(1));
        sink.open(b -> b);
        sink.write(elements(10));
        sink.flush();

        TestTask task = sink.task();
        long throttled = task.counter("v3io.retriesThrottled");
        long unavailable = task.counter("v3io.retriesUnavailable");
        long transport = task.counter("v3io.retriesTransport");
        long malformed = task.counter("v3io.retriesMalformed");
        long partial = task.counter("v3io.retriesPartial");
        assertThat(List.of(throttled, unavailable, partial)).isEqualTo(List.of(1L, 2L, 1L));
        // A body that is cut is the one or the other.
        assertThat(transport).isBetween(3L, 4L);
        assertThat(transport + malformed).isEqualTo(6);
        assertThat(task.counter("v3io.requestRetries"))
                .isEqualTo(throttled + unavailable + transport + malformed + partial);
        assertThat(task.counter("numRecordsSend")).isEqualTo(10);
        assertThat(task.counter("numRecordsSendErrors")).isEqualTo(91);
    }

    @Test
    void tellsTheSizeOfTheNewestRequestAndWhatIsUnderWay() throws Exception {
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).never());
        sink.open(b -> b.setMaxBatchSize(10));
        sink.write(elements(35));
        assertThat(sink.task().gauge("v3io.lastRequestRecords")).isEqualTo(10);
        // {"Data":"..."} with 28 letters of base64, and a comma.
        assertThat(sink.task().gauge("v3io.lastRequestBytes")).isEqualTo(400L);
        assertThat(sink.task().gauge("v3io.requestsInFlight")).isEqualTo(3L);
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(1_400L);
        assertThat(sink.task().counter("numBytesSend")).isEqualTo(1_200);
        assertThat(sink.task().gauge("currentSendTime")).isNotNull();
    }

    @Test
    void namesEndpointAndStreamsInTheLineage() {
        V3ioSink<String> built =
                sink.sink(
                        b ->
                                b.setStreams(List.of(STREAM, "bigdata/others"))
                                        .setStreamSelector(e -> STREAM)
                                        .setInvalidRecordHandler(invalid -> null)
                                        .setDeadLetterStream("bigdata/dead"));
        List<LineageDataset> datasets = built.getLineageVertex().datasets();
        assertThat(datasets)
                .extracting(LineageDataset::name)
                .containsExactly(STREAM, "bigdata/others", "bigdata/dead");
        assertThat(datasets)
                .extracting(LineageDataset::namespace)
                .containsOnly(sink.emulator().endpoint());
        assertThat(built.getLineageVertex().toString()).doesNotContain(EmulatedSink.KEY);
    }

    @Test
    void logsStreamAndCountsNowAndThenAndNeverDataKeysOrTheAccessKey() throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Recorder recorder = new Recorder(lines);
        recorder.start();
        try {
            sink.emulator()
                    .faults()
                    .add(
                            Fault.on(Operation.PUT_RECORDS)
                                    .failRecords("Resource temporarily unavailable")
                                    .probability(0.5));
            sink.open(
                    b ->
                            b.setPartitionKey(
                                            e ->
                                                    e.length() > 100
                                                            ? KEY_CANARY
                                                            : KEY_CANARY + e.length())
                                    .setClientInfo(e -> CANARY.substring(0, 16).getBytes(UTF_8))
                                    .setOnInvalidRecord(OnInvalidRecord.DROP)
                                    .setMaxBatchSize(10));
            sink.write(elements(200));
            String large = CANARY.repeat(V3ioLimits.MAX_DATA_BYTES / CANARY.length() + 1);
            sink.write(List.of(large, large, large));
            sink.flush();
        } finally {
            recorder.stop();
        }

        assertThat(sink.task().counter("v3io.requestRetries")).isGreaterThan(10);
        assertThat(warnings(lines, "writer.AnswerJudge")).hasSize(1);
        assertThat(warnings(lines, "writer.AnswerJudge").get(0))
                .contains(STREAM, "of 10 records", "Resource temporarily unavailable");
        assertThat(warnings(lines, "writer.InvalidRecords")).hasSize(1);
        assertThat(warnings(lines, "writer.InvalidRecords").get(0)).contains(STREAM, "1048576");
        assertThat(ofThisProject(lines)).allSatisfy(V3ioSinkTellingTest::tellsNothingSecret);
    }

    @Test
    void failsWithoutShowingDataOrKeys() throws Exception {
        sink.emulator()
                .faults()
                .add(Fault.on(Operation.PUT_RECORDS).respond(503, "text/html", "<html>"));
        RetryPolicy once =
                new RetryPolicy(
                        1, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(2));
        sink.open(
                b ->
                        b.setPartitionKey(e -> KEY_CANARY)
                                .configureClient(c -> c.setRetryPolicy(once)));
        sink.write(elements(10));
        Throwable error = catchThrowable(sink::flush);
        assertThat(error).hasMessageContaining("given up");
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        tellsNothingSecret(text.toString());
    }

    @ParameterizedTest
    @EnumSource(CheckpointingMode.class)
    void warnsWhereCheckpointsWouldPutARecordIntoTwoEpochs(CheckpointingMode mode) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.enableCheckpointing(1_000, mode);
        env.fromData("a")
                .sinkTo(sink.sink(b -> b.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)));
        List<String> lines = new CopyOnWriteArrayList<>();
        Recorder recorder = new Recorder(lines);
        recorder.start();
        try {
            env.getStreamGraph();
        } finally {
            recorder.stop();
        }

        List<String> warnings = warnings(lines, "ExactlyOnceSink");
        if (mode == CheckpointingMode.AT_LEAST_ONCE) {
            assertThat(warnings).singleElement().asString().contains(STREAM, "checkpointing.mode");
        } else {
            assertThat(warnings).isEmpty();
        }
    }

    static Stream<String> echoes() {
        return Stream.of(
                EmulatedSink.KEY,
                Base64.getEncoder().encodeToString(EmulatedSink.KEY.getBytes(UTF_8)),
                // Where a text that is too long is cut.
                "x".repeat(180) + EmulatedSink.KEY,
                "x".repeat(190) + EmulatedSink.KEY,
                "x".repeat(490) + EmulatedSink.KEY);
    }

    /** A server, or what stands before it, may repeat what it was sent, the access key as well. */
    @ParameterizedTest
    @MethodSource("echoes")
    void anEchoOfTheAccessKeyIsInNoErrorAndNoLogLine(String echo) throws Exception {
        List<String> lines = new CopyOnWriteArrayList<>();
        Recorder recorder = new Recorder(lines);
        recorder.start();
        Throwable ofRecord;
        Throwable ofRequest;
        try {
            // Twice unavailable, then each record is refused for itself, then the whole request.
            String json = "{\"ErrorCode\": -1, \"ErrorMessage\": \"No " + echo + "\"}";
            Fault puts = Fault.on(Operation.PUT_RECORDS);
            sink.emulator().faults().add(puts.respond(503, "text/html", echo).times(1));
            sink.emulator().faults().add(puts.respond(503, "application/json", json).times(1));
            sink.emulator().faults().add(puts.failRecords("No " + echo).times(1));
            sink.open(b -> b);
            sink.write(elements(10));
            ofRecord = catchThrowable(sink::flush);
            sink.emulator().faults().clear();
            sink.emulator().faults().add(puts.respond(400, "application/json", json));
            sink.restore(List.of(), b -> b.setOnInvalidRecord(OnInvalidRecord.DROP));
            sink.write(elements(10));
            sink.flush();
            sink.emulator().faults().clear();
            sink.emulator().faults().add(puts.respond(403, "text/plain", echo));
            sink.write(elements(10));
            ofRequest = catchThrowable(sink::flush);
        } finally {
            recorder.stop();
        }
        lines.add(ExceptionUtils.stringifyException(ofRecord));
        lines.add(ExceptionUtils.stringifyException(ofRequest));
        assertThat(warnings(lines, "writer.AnswerJudge")).isNotEmpty();
        assertThat(warnings(lines, "writer.InvalidRecords")).isNotEmpty();
        assertThat(ofThisProject(lines)).allSatisfy(V3ioSinkTellingTest::tellsNothingOfTheKey);
    }

    /** Not even a part of it that would help to guess the rest. */
    private static void tellsNothingOfTheKey(String text) {
        String key = EmulatedSink.KEY;
        assertThat(text)
                .doesNotContain(key.substring(0, key.length() / 2))
                .doesNotContain(
                        Base64.getEncoder()
                                .encodeToString(key.getBytes(UTF_8))
                                .substring(0, key.length() / 2));
    }

    private static void tellsNothingSecret(String text) {
        assertThat(text)
                .doesNotContain(CANARY)
                .doesNotContain(KEY_CANARY)
                .doesNotContain(EmulatedSink.KEY)
                .doesNotContain(Base64.getEncoder().encodeToString(CANARY.getBytes(UTF_8)));
    }

    private static List<String> warnings(List<String> lines, String logger) {
        return lines.stream()
                .filter(line -> line.startsWith("WARN io.v3io.flink.sink." + logger))
                .toList();
    }

    /** Without the HTTP library's own wire log, which nobody switches on in production. */
    private static List<String> ofThisProject(List<String> lines) {
        return lines.stream().filter(line -> line.contains(" io.v3io.")).toList();
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> CANARY + i).toList();
    }

    /** Everything that is logged, at the finest level. */
    private static final class Recorder extends AbstractAppender {

        private final List<String> lines;

        Recorder(List<String> lines) {
            super("recorder", null, null, true, Property.EMPTY_ARRAY);
            this.lines = lines;
        }

        @Override
        public void start() {
            super.start();
            LoggerContext context = LoggerContext.getContext(false);
            var root = context.getConfiguration().getRootLogger();
            // Not to the console: whoever runs the test need not see it.
            root.getAppenders().keySet().forEach(root::removeAppender);
            root.addAppender(this, Level.ALL, null);
            root.setLevel(Level.ALL);
            context.updateLoggers();
        }

        @Override
        public void append(LogEvent event) {
            StringWriter text = new StringWriter();
            text.append(event.getLevel() + " " + event.getLoggerName() + " ");
            text.append(event.getMessage().getFormattedMessage());
            if (event.getThrown() != null) {
                event.getThrown().printStackTrace(new PrintWriter(text));
            }
            lines.add(text.toString());
        }

        @Override
        public void stop() {
            LoggerContext.getContext(false).reconfigure();
            super.stop();
        }
    }
}

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

package io.v3io.flink.table;

import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.CreateExisting;
import io.v3io.emulator.DialectSetting.MissingStream;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.ExceptionUtils;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Answers that some platforms give for common things, as source, sink and table show them. */
@Timeout(120)
class PlatformAnswersITCase {

    private static final String WORDS = "users/me/words";

    /** What a platform answers whose control plane is busy (API page, section 5). */
    private static final String BUSY =
            "{\"ErrorCode\": -117440512, \"ErrorMessage\": \"Failed to send a control message request\"}";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private EmulatedStreams streams;

    private void start(Dialect dialect) {
        streams = PLATFORM.start(e -> e.dialect(dialect));
    }

    @Test
    void aMissingContainerIsNamedBySinkAndTable() {
        start(Dialect.DEFAULT);
        String stream = "nosuch/me/words";
        assertThatThrownBy(() -> write(sink(stream)))
                .hasStackTraceContaining(stream)
                .hasStackTraceContaining("Container not found");
        assertThatThrownBy(() -> write(sink(stream).setCreateStream(2, 24)))
                .hasStackTraceContaining(stream)
                .hasStackTraceContaining("Container not found");
        SqlSession session = session(stream);
        assertThatThrownBy(() -> session.rows("SELECT a FROM t"))
                .hasStackTraceContaining(stream)
                .hasStackTraceContaining("Container not found");
        assertThatThrownBy(() -> session.run("INSERT INTO t VALUES (1)"))
                .hasStackTraceContaining(stream)
                .hasStackTraceContaining("Container not found");
    }

    @Test
    void aMissingStreamMayBeABadRequestAndIsCreatedAllTheSame() throws Exception {
        start(Dialect.DEFAULT.with(MissingStream.BAD_REQUEST).with(CreateExisting.BAD_REQUEST));
        assertThatThrownBy(() -> read()).hasStackTraceContaining("There is no stream " + WORDS);
        assertThatThrownBy(() -> write(sink(WORDS))).hasStackTraceContaining(WORDS);
        SqlSession session = session(WORDS);
        assertThatThrownBy(() -> session.rows("SELECT a FROM t")).hasStackTraceContaining(WORDS);

        write(sink(WORDS).setCreateStream(2, 24));
        write(sink(WORDS).setCreateStream(2, 24));
        assertThat(read()).hasSize(20);
    }

    @Test
    void aBusyControlPlaneIsRiddenOut() throws Exception {
        start(Dialect.DEFAULT);
        streams.create(WORDS, 2);
        addBusyAnswers();
        write(sink(WORDS));
        addBusyAnswers();
        assertThat(read()).hasSize(10);
        addBusyAnswers();
        SqlSession session = session(WORDS);
        session.run("INSERT INTO t VALUES (1), (2)");
        addBusyAnswers();
        assertThat(session.rows("SELECT shard FROM t")).hasSize(12);
        assertThat(streams.emulator().faults().active()).isEmpty();
    }

    /** The client knows no options, and is told what its settings are called. */
    @Test
    void theClientSpeaksOfItsSettingsAsTheUserDoes() throws Exception {
        start(Dialect.DEFAULT);
        streams.create(WORDS, 1);
        write(sink(WORDS));
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.GET_RECORDS)
                                .respond(200, "application/json", " ".repeat(2_000))
                                .times(1));
        fails(
                "SELECT a FROM t",
                "Raise 'client.max-response-size', or ask for fewer",
                "client.max-response-size",
                "1 kb");
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.GET_RECORDS)
                                .respond(503, "application/json", BUSY)
                                .times(2));
        fails(
                "SELECT a FROM t",
                "no more ('scan.retry.max-retries' 1, 'scan.retry.max-elapsed' 300000 ms)",
                "scan.retry.max-retries",
                "1");
        fails("SELECT a FROM t", "check 'tls.trust-store'.", "tls.trust-store", "/no/such/store");
        fails(
                "INSERT INTO t VALUES (1)",
                "check 'secret.access-key-file'.",
                "secret.access-key",
                "",
                "secret.access-key-file",
                "/no/such/key");

        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .respond(200, "application/json", " ".repeat(2_000))
                                .times(1));
        V3ioSinkBuilder<String> sink =
                sink(WORDS).configureClient(client -> client.setMaxResponseBytes(1_024));
        assertThatThrownBy(() -> write(sink))
                .hasStackTraceContaining("Raise setMaxResponseBytes, or ask for fewer");
        assertThat(streams.emulator().faults().active()).isEmpty();
    }

    private void fails(String statement, String message, String... options) {
        String[] all = Arrays.copyOf(options, options.length + 4);
        all[options.length] = "scan.bounded.mode";
        all[options.length + 1] = "latest";
        // Which would find some of it out, and read nothing.
        all[options.length + 2] = "planning-check";
        all[options.length + 3] = "false";
        SqlSession session = SqlSession.batch();
        session.createTable("t (a INT)", streams.endpoint(), WORDS, all);
        assertThatThrownBy(
                        () -> {
                            if (statement.startsWith("SELECT")) {
                                session.rows(statement);
                            } else {
                                session.run(statement);
                            }
                        })
                .hasStackTraceContaining(message)
                .satisfies(
                        failure ->
                                assertThat(ExceptionUtils.stringifyException(failure))
                                        .doesNotContain("setMaxResponseBytes", "maxRetries")
                                        .doesNotContain("setTrustStore", "setAccessKeyFile"));
    }

    private void addBusyAnswers() {
        streams.emulator()
                .faults()
                .add(Fault.onAny().respond(503, "application/json", BUSY).times(3));
    }

    private SqlSession session(String stream) {
        SqlSession session = SqlSession.batch();
        session.createTable(
                "t (a INT, shard INT METADATA FROM 'shard-id' VIRTUAL)",
                streams.endpoint(),
                stream,
                "scan.bounded.mode",
                "latest",
                "json.ignore-parse-errors",
                "true");
        return session;
    }

    private V3ioSinkBuilder<String> sink(String stream) {
        return V3ioSink.<String>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream(stream)
                .setSerializationSchema(new SimpleStringSchema());
    }

    private static void write(V3ioSinkBuilder<String> sink) throws Exception {
        StreamExecutionEnvironment env = environment();
        env.fromSequence(1, 10).map(n -> "{\"a\": " + n + "}").sinkTo(sink.build());
        env.execute();
    }

    private List<String> read() throws Exception {
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(WORDS)
                        .setBounded(StoppingPosition.latest())
                        .setDeserializer(new SimpleStringSchema())
                        .build();
        List<String> read = new ArrayList<>();
        try (CloseableIterator<String> records =
                environment()
                        .fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                        .executeAndCollect()) {
            records.forEachRemaining(read::add);
        }
        return read;
    }

    private static StreamExecutionEnvironment environment() {
        Configuration configuration = Restarts.none();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        return env;
    }
}

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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Streams as Nuclio and MLRun name them, with server and consumer group, in tables and jobs. */
@Timeout(180)
class StreamAddressITCase {

    private static final String STREAM = "projects/p/readings";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath readings;

    @BeforeEach
    void start() {
        readings = streams.create(STREAM, 1);
    }

    private String host() {
        return streams.endpoint().substring("http://".length());
    }

    private long committed(String group) {
        return streams.client()
                .getCommittedSequenceNumber(readings.shard(0), group)
                .join()
                .orElse(0);
    }

    private SqlSession session(String endpoint, String stream, String... options) {
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        session.createTable("t (n INT)", endpoint, stream, options);
        return session;
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://%s/projects/p/readings", "v3io://%s/projects/p/readings"})
    void aTableNeedsNoEndpointBesideIt(String form) throws Exception {
        SqlSession session = session("", form.formatted(host()), "scan.bounded.mode", "latest");
        session.run("INSERT INTO t VALUES (1), (2)");

        assertThat(session.rows("SELECT n FROM t")).containsExactly(Row.of(1), Row.of(2));
    }

    @Test
    void theGroupOfATableIsCommittedFor() throws Exception {
        session(streams.endpoint(), "v3io:///" + STREAM).run("INSERT INTO t VALUES (1), (2)");
        String address = "http://" + host() + "/" + STREAM + "@nuclio_group";
        SqlSession session =
                session(
                        streams.endpoint(),
                        address,
                        "scan.consumer-group",
                        "nuclio_group",
                        "scan.bounded.mode",
                        "latest");

        assertThat(session.rows("SELECT n FROM t")).hasSize(2);
        assertThat(committed("nuclio_group")).isEqualTo(2);
    }

    @Test
    void whatContradictsTheAddressIsRefusedAsItWasTyped() {
        String address = "http://" + host() + "/" + STREAM + "@nuclio_group";
        assertThatThrownBy(
                        () ->
                                session("other:1", address, "planning-check", "false")
                                        .explain("SELECT * FROM t"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("'" + address + "'")
                .hasMessageContaining("'endpoint' 'other:1'");
        assertThatThrownBy(
                        () ->
                                session("", address, "scan.consumer-group", "mine")
                                        .explain("SELECT * FROM t"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("'" + address + "'")
                .hasMessageContaining("'scan.consumer-group' 'mine'");
        assertThatThrownBy(() -> session("", address).explain("INSERT INTO t VALUES (1)"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("'nuclio_group', which a sink has no use for");
        assertThatThrownBy(
                        () ->
                                session("", "http://" + host() + "/" + STREAM + "@not a group")
                                        .explain("SELECT * FROM t"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("not a group");
    }

    @Test
    void aJobNeedsTheAddressAlone() throws Exception {
        String address = "http://" + host() + "/" + STREAM;
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(1);
        environment
                .fromData("a", "b")
                .sinkTo(
                        V3ioSink.<String>builder()
                                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                .setStream(address)
                                .setSerializationSchema(new SimpleStringSchema())
                                .build());
        environment.execute();
        environment
                .fromSource(
                        V3ioSource.<String>builder()
                                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                .setStream(address + "@nuclio_group")
                                .setStartingPosition(StartingPosition.earliest())
                                .setBounded(StoppingPosition.latest())
                                .setDeserializer(new SimpleStringSchema())
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "readings")
                .print();
        environment.execute();

        assertThat(committed("nuclio_group")).isEqualTo(2);
    }

    @Test
    void deadLettersMayGoToAnAddress() throws Exception {
        streams.create("projects/p/letters", 1);
        streams.putAll(readings, List.of(PutRecord.of("{".getBytes(UTF_8))));
        SqlSession session =
                session(
                        "",
                        "v3io:///" + STREAM,
                        "scan.on-deserialization-failure",
                        "dead-letter",
                        "scan.dead-letter.stream",
                        streams.endpoint() + "/projects/p/letters",
                        "scan.bounded.mode",
                        "latest");

        assertThat(session.rows("SELECT n FROM t")).isEmpty();
        assertThat(streams.emulator().stream("projects/p/letters").recordCount()).isEqualTo(1);
        assertThatThrownBy(
                        () -> V3ioSource.<String>builder().setDeadLetterStream("http://h/c/a@one"))
                .hasMessageContaining("'http://h/c/a@one' names consumer group 'one'");
        assertThatThrownBy(
                        () ->
                                V3ioSource.<String>builder()
                                        .setStream("http://h:1/c/a")
                                        .setOnDeserializationFailure(
                                                OnDeserializationFailure.DEAD_LETTER)
                                        .setDeadLetterStream("http://h:2/c/b")
                                        .setDeserializer(new SimpleStringSchema())
                                        .build())
                .hasMessageContaining("'http://h:2/c/b'")
                .hasMessageContaining("different servers");
    }

    @Test
    void aSourceHasOneGroup() {
        assertThatThrownBy(
                        () ->
                                V3ioSource.<String>builder()
                                        .setStreams(List.of("http://h/c/a@one", "http://h/c/b@two"))
                                        .setDeserializer(new SimpleStringSchema())
                                        .build())
                .hasMessageContaining("'http://h/c/b@two'")
                .hasMessageContaining("the stream 'http://h/c/a@one'");
        assertThatThrownBy(
                        () ->
                                V3ioSource.<String>builder()
                                        .setStreamPattern("http://h:1/c/a", Pattern.compile(".*"))
                                        .setEndpoint("h:2")
                                        .setDeserializer(new SimpleStringSchema())
                                        .build())
                .hasMessageContaining(
                        "'http://h:1/c/a' names another server than setEndpoint 'h:2'");
        assertThatThrownBy(
                        () ->
                                V3ioSink.<String>builder()
                                        .setStream("c/a")
                                        .setDeadLetterStream("http://h:1/c/b")
                                        .setInvalidRecordHandler(record -> null)
                                        .setEndpoint("h:2")
                                        .setSerializationSchema(new SimpleStringSchema())
                                        .build())
                .hasMessageContaining(
                        "'http://h:1/c/b' names another server than setEndpoint 'h:2'");
    }
}

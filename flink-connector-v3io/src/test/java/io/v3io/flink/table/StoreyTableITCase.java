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
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.Arrays;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Tables of storey's events, with metadata of the record and of the event side by side. */
@Timeout(180)
class StoreyTableITCase {

    private static final String STREAM = "projects/p/visits";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath visits;

    @BeforeEach
    void start() {
        visits = streams.create(STREAM, 2);
    }

    private void put(String... events) {
        streams.putAll(
                visits,
                Arrays.stream(events)
                        .map(event -> PutRecord.of(event.getBytes(UTF_8)).withShardId(0))
                        .toList());
    }

    private SqlSession session(String columns, String... options) {
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        session.createTable(
                "visits (" + columns + ")",
                streams.endpoint(),
                STREAM,
                Stream.concat(
                                Stream.of("format", "storey-json", "scan.bounded.mode", "latest"),
                                Arrays.stream(options))
                        .toArray(String[]::new));
        return session;
    }

    @Test
    void readsEventsAndPlainJson() throws Exception {
        put(
                "{\"full_event_wrapper\": true, \"body\": {\"who\": \"ada\", \"n\": 1}, \"key\": \"k\","
                        + " \"id\": \"i\"}",
                "{\"full_event_wrapper\": true, \"body\": {\"who\": \"alan\", \"n\": 2}, \"key\": [\"a\","
                        + " \"b\"]}",
                "{\"who\": \"grace\", \"n\": 3}");
        SqlSession session =
                session(
                        "n INT, ks ARRAY<STRING> METADATA FROM 'value.keys' VIRTUAL,"
                                + " seq BIGINT METADATA FROM 'sequence-number' VIRTUAL, who STRING,"
                                + " id STRING METADATA FROM 'value.id' VIRTUAL,"
                                + " k STRING METADATA FROM 'value.key' VIRTUAL,"
                                + " at_time TIMESTAMP_LTZ(6) METADATA FROM 'value.time' VIRTUAL");

        assertThat(session.rows("SELECT n, who, seq, k, ks[2], id, at_time FROM visits"))
                .containsExactly(
                        Row.of(1, "ada", 1L, "k", null, "i", null),
                        Row.of(2, "alan", 2L, "[\"a\", \"b\"]", "b", null, null),
                        Row.of(3, "grace", 3L, null, null, null, null));
        assertThat(session.rows("SELECT id, who FROM visits WHERE n < 2"))
                .containsExactly(Row.of("i", "ada"));
        assertThat(session.rows("SELECT k FROM visits WHERE seq = 2"))
                .containsExactly(Row.of("[\"a\", \"b\"]"));
        assertThat(session.rows("SELECT seq FROM visits"))
                .containsExactly(Row.of(1L), Row.of(2L), Row.of(3L));
    }

    @Test
    void writesEventsThatItReads() throws Exception {
        SqlSession session =
                session(
                        "who STRING, k STRING METADATA FROM 'value.key',"
                                + " pk STRING METADATA FROM 'partition-key', n INT,"
                                + " id STRING METADATA FROM 'value.id'");
        session.run(
                "INSERT INTO visits VALUES ('ada', 'k', 'p', 1, 'i'),"
                        + " ('alan', CAST(NULL AS STRING), 'p', 2, CAST(NULL AS STRING))");

        assertThat(session.rows("SELECT * FROM visits"))
                .containsExactly(
                        Row.of("ada", "k", "p", 1, "i"), Row.of("alan", null, "p", 2, null));
        assertThat(
                        Stream.of(0, 1)
                                .flatMap(
                                        shard ->
                                                streams.emulator().stream(STREAM)
                                                        .records(shard)
                                                        .stream())
                                .map(record -> new String(record.data(), UTF_8)))
                .containsExactly(
                        "{\"full_event_wrapper\": true, \"body\": {\"who\":\"ada\",\"n\":1}, \"key\": \"k\","
                                + " \"id\": \"i\"}",
                        "{\"full_event_wrapper\": true, \"body\": {\"who\":\"alan\",\"n\":2}}");
    }

    /** With the options under the prefix that the option for the format asks for. */
    @Test
    void aColumnIsTheWholeBody() throws Exception {
        put(
                "{\"full_event_wrapper\": true, \"body\": [1, 2], \"id\": \"i\"}",
                "no JSON",
                "\"text\"");
        SqlSession session =
                session(
                        "body STRING, id STRING METADATA FROM 'value.id' VIRTUAL",
                        "format",
                        "",
                        "value.format",
                        "storey-json",
                        "value.storey-json.body-field",
                        "body",
                        "value.storey-json.ignore-parse-errors",
                        "true");

        assertThat(session.rows("SELECT * FROM visits"))
                .containsExactly(Row.of("[1,2]", "i"), Row.of("text", null));
        assertThat(session.rows("SELECT id FROM visits"))
                .containsExactly(Row.of("i"), Row.of((Object) null));
    }

    /** With storey's key as a partition key, and the columns of the key in the key alone. */
    @Test
    void goesWithTheOtherKeys() throws Exception {
        SqlSession session =
                session(
                        "who STRING, n INT, id STRING METADATA FROM 'value.id'",
                        "key.format",
                        "raw",
                        "key.fields",
                        "who",
                        "value.fields-include",
                        "except-key",
                        "format",
                        "",
                        "value.format",
                        "storey-json");
        session.run("INSERT INTO visits VALUES ('ada', 1, 'i')");

        assertThat(session.rows("SELECT id, who, n FROM visits"))
                .containsExactly(Row.of("i", "ada", 1));
        assertThat(session.rows("SELECT n FROM visits")).containsExactly(Row.of(1));
    }

    @Test
    void wrongOptionsFailTheStatement() {
        assertThatThrownBy(
                        () ->
                                session("who STRING", "storey-json.no-such-option", "x")
                                        .explain("SELECT * FROM visits"))
                .hasStackTraceContaining("storey-json.no-such-option");
        assertThatThrownBy(
                        () ->
                                session("who STRING, n INT", "storey-json.body-field", "who")
                                        .explain("SELECT * FROM visits"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("'storey-json.body-field' = 'who'")
                .hasMessageContaining("[who, n]");
    }
}

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
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every format gives the same rows whatever is asked of them, and whatever came before them. */
@Timeout(240)
class FormatsITCase {

    private static final String STREAM = "users/me/rows";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();

    /** The formats, with columns that each of them can have. */
    enum Format {
        JSON("json"),
        STOREY("storey-json"),
        CSV("csv"),
        AVRO("avro"),
        AVRO_AS_JSON("avro", "avro.encoding", "json"),
        PROTOBUF("protobuf", "protobuf.message-class-name", "com.google.protobuf.Field"),
        DEBEZIUM("debezium-json"),
        CANAL("canal-json"),
        MAXWELL("maxwell-json"),
        OGG("ogg-json");

        private final String name;
        private final String option;
        private final String value;

        Format(String name) {
            this(name, "scan.bounded.mode", "latest");
        }

        Format(String name, String option, String value) {
            this.name = name;
            this.option = option;
            this.value = value;
        }

        /** Those of a message that comes with the library of protobuf. */
        private String columns() {
            return "(number INT, name STRING, oneof_index INT,"
                    + " seq BIGINT METADATA FROM 'sequence-number' VIRTUAL)";
        }
    }

    @BeforeEach
    void start() {
        streams.create(STREAM, 1);
    }

    private SqlSession session(Format format, String name, String stream, String... more) {
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        List<String> options = new ArrayList<>(Arrays.asList(more));
        options.addAll(
                List.of(
                        "format",
                        format.name,
                        format.option,
                        format.value,
                        "scan.bounded.mode",
                        "latest",
                        "scan.bounded.as-stream",
                        "true"));
        session.createTable(
                name + " " + format.columns(),
                streams.endpoint(),
                stream,
                options.toArray(new String[0]));
        return session;
    }

    @ParameterizedTest
    @EnumSource
    void anySelectionOfColumnsIsRight(Format format) throws Exception {
        SqlSession session = session(format, "t", STREAM);
        session.run("INSERT INTO t VALUES (1, 'a', 100), (2, 'b', 200), (3, 'c', 300)");

        assertThat(session.rows("SELECT number FROM t"))
                .containsExactly(Row.of(1), Row.of(2), Row.of(3));
        assertThat(session.rows("SELECT name FROM t"))
                .containsExactly(Row.of("a"), Row.of("b"), Row.of("c"));
        assertThat(session.rows("SELECT oneof_index, seq FROM t"))
                .containsExactly(Row.of(100, 1L), Row.of(200, 2L), Row.of(300, 3L));
        assertThat(session.rows("SELECT oneof_index, number FROM t"))
                .containsExactly(Row.of(100, 1), Row.of(200, 2), Row.of(300, 3));
        assertThat(session.rows("SELECT seq, name, oneof_index FROM t"))
                .containsExactly(Row.of(1L, "a", 100), Row.of(2L, "b", 200), Row.of(3L, "c", 300));
        assertThat(session.rows("SELECT seq FROM t"))
                .containsExactly(Row.of(1L), Row.of(2L), Row.of(3L));
        assertThat(session.rows("SELECT * FROM t"))
                .containsExactly(
                        Row.of(1, "a", 100, 1L), Row.of(2, "b", 200, 2L), Row.of(3, "c", 300, 3L));
    }

    @ParameterizedTest
    @EnumSource
    void aSkippedRecordChangesNoOther(Format format) throws Exception {
        SqlSession writer = session(format, "t", STREAM);
        List<Row> expected = new ArrayList<>();
        StringBuilder values = new StringBuilder();
        for (int row = 1; row <= 40; row++) {
            values.append(row == 1 ? "" : ", ").append("(%d, 'n%d', %d)".formatted(row, row, row));
            expected.add(Row.of(row, "n" + row, row));
        }
        writer.run("INSERT INTO t VALUES " + values);
        StreamPath mixed = streams.create("users/me/mixed", 1);
        int row = 0;
        for (StoredRecord good : streams.emulator().stream(STREAM).records(0)) {
            if (row % 13 == 1) {
                put(mixed, junk(row % 2 == 0 ? 61 : 7));
            }
            put(mixed, good.data());
            row++;
        }
        SqlSession reader =
                session(format, "u", mixed.toString(), "scan.on-deserialization-failure", "drop");

        assertThat(reader.rows("SELECT number, name, oneof_index FROM u"))
                .containsExactlyElementsOf(expected);
    }

    /** What no format takes for the beginning of a row. */
    private static byte[] junk(int length) {
        byte[] junk = new byte[length];
        Arrays.fill(junk, (byte) 0xFF);
        return junk;
    }

    private void put(StreamPath stream, byte[] data) {
        streams.putAll(stream, List.of(PutRecord.of(data)));
    }

    @ParameterizedTest
    @EnumSource(names = {"JSON", "CSV"})
    void withSkipTheNumberOfRowsDoesNotDependOnTheColumns(Format format) throws Exception {
        StreamPath stream = StreamPath.parse(STREAM);
        for (String index : List.of("1", "2", "not a number", "4")) {
            String data =
                    format == Format.JSON
                            ? "{\"number\": 1, \"name\": \"a\", \"oneof_index\": \"" + index + "\"}"
                            : "1,a," + index;
            put(stream, data.getBytes(UTF_8));
        }
        SqlSession session =
                session(format, "t", STREAM, "scan.on-deserialization-failure", "drop");

        assertThat(session.rows("SELECT * FROM t")).hasSize(3);
        assertThat(session.rows("SELECT name FROM t")).hasSize(3);
        assertThat(session.rows("SELECT seq FROM t"))
                .containsExactly(Row.of(1L), Row.of(2L), Row.of(4L));
    }

    @Test
    void aPrimaryKeyIsRefusedWhereNothingKeepsIt() {
        SqlSession session = SqlSession.streaming();
        session.createTable(
                "t (a STRING, PRIMARY KEY (a) NOT ENFORCED)", streams.endpoint(), STREAM);

        assertThatThrownBy(() -> session.explain("SELECT DISTINCT a FROM t"))
                .hasStackTraceContaining("PRIMARY KEY")
                .hasStackTraceContaining("'format' = 'json'");
        assertThatThrownBy(() -> session.explain("INSERT INTO t VALUES ('a')"))
                .hasStackTraceContaining("PRIMARY KEY");
    }

    @Test
    void aPrimaryKeyOfAChangelogIsOne() throws Exception {
        put(
                StreamPath.parse(STREAM),
                "{\"before\": null, \"after\": {\"a\": \"q\"}, \"op\": \"c\"}".getBytes(UTF_8));
        SqlSession session = SqlSession.streaming();
        session.createChangelog(
                "t (a STRING, PRIMARY KEY (a) NOT ENFORCED)", streams.endpoint(), STREAM);

        assertThat(session.rows("SELECT DISTINCT a FROM t")).containsExactly(Row.of("q"));
    }
}

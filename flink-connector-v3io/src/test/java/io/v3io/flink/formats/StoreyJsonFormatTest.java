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

package io.v3io.flink.formats;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.Projection;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.conversion.RowRowConverter;
import org.apache.flink.table.runtime.connector.sink.SinkRuntimeProviderContext;
import org.apache.flink.table.runtime.connector.source.ScanRuntimeProviderContext;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.utils.DataTypeUtils;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Events of storey as rows, and rows as events of storey. */
class StoreyJsonFormatTest {

    private static final Map<String, byte[]> GOLDEN = GoldenEvents.of("1.11.7");
    private static final Map<String, byte[]> OLD = GoldenEvents.of("1.2.2");

    private static final DataType USER =
            DataTypes.ROW(DataTypes.FIELD("user", DataTypes.STRING())).notNull();

    private static final DataType BODY =
            DataTypes.ROW(DataTypes.FIELD("body", DataTypes.STRING())).notNull();

    private static final List<String> ALL = List.of("key", "keys", "id");

    private static Configuration options(String... pairs) {
        Configuration options = new Configuration();
        for (int i = 0; i < pairs.length; i += 2) {
            options.setString(pairs[i], pairs[i + 1]);
        }
        return options;
    }

    private static List<Row> rows(
            byte[] data, DataType columns, List<String> metadata, String... options)
            throws Exception {
        DecodingFormat<DeserializationSchema<RowData>> format =
                new StoreyJsonFormatFactory().createDecodingFormat(null, options(options));
        format.applyReadableMetadata(metadata);
        return decode(
                format.createRuntimeDecoder(ScanRuntimeProviderContext.INSTANCE, columns),
                with(columns, metadata, format.listReadableMetadata()),
                data);
    }

    private static DataType with(
            DataType columns, List<String> metadata, Map<String, DataType> types) {
        return DataTypeUtils.appendRowFields(
                columns,
                metadata.stream().map(key -> DataTypes.FIELD("$" + key, types.get(key))).toList());
    }

    private static List<Row> decode(
            DeserializationSchema<RowData> decoder, DataType type, byte[] data) throws Exception {
        decoder.open(null);
        RowRowConverter converter = RowRowConverter.create(type);
        converter.open(StoreyJsonFormatTest.class.getClassLoader());
        List<Row> rows = new ArrayList<>();
        decoder.deserialize(
                data,
                new Collector<>() {
                    @Override
                    public void collect(RowData row) {
                        rows.add(converter.toExternal(row));
                    }

                    @Override
                    public void close() {}
                });
        return rows;
    }

    private static byte[] encoded(
            RowData row, DataType columns, List<String> metadata, String... options)
            throws Exception {
        EncodingFormat<SerializationSchema<RowData>> format =
                new StoreyJsonFormatFactory().createEncodingFormat(null, options(options));
        format.applyWritableMetadata(metadata);
        SerializationSchema<RowData> encoder =
                format.createRuntimeEncoder(new SinkRuntimeProviderContext(false), columns);
        encoder.open(null);
        return encoder.serialize(row);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "NULL",
            value = {
                "key of two, '[\"ada\", \"london\"]', ada+london, id-8",
                "key of three, '[\"ada\", 3, null]', ada+3+null, id-9",
                "key of one, '[\"ada\"]', ada, id-10",
                "number as key, 7, 7, id-11",
                "no id, ada, ada, NULL",
                "no key, NULL, NULL, id-12",
                "neither, NULL, NULL, NULL",
                "time as key and id, 2026-01-02T03:04:05+00:00, 2026-01-02T03:04:05+00:00,"
                        + " 2026-01-02T03:04:05+00:00"
            })
    void keyAndIdAreMetadata(String kind, String key, String keys, String id) throws Exception {
        Row row = rows(GOLDEN.get(kind), USER, ALL).get(0);

        assertThat(row.getField(0)).isEqualTo("ada");
        assertThat(row.getField(1)).isEqualTo(key);
        String[] parts = row.getFieldAs(2);
        assertThat(parts == null ? null : String.join("+", parts)).isEqualTo(keys);
        assertThat(row.getField(3)).isEqualTo(id);
    }

    @Test
    void theFieldsOfTheBodyAreColumns() throws Exception {
        DataType columns =
                DataTypes.ROW(
                                DataTypes.FIELD("user", DataTypes.STRING()),
                                DataTypes.FIELD(
                                        "scores",
                                        DataTypes.ROW(
                                                DataTypes.FIELD("best", DataTypes.DOUBLE()),
                                                DataTypes.FIELD(
                                                        "all",
                                                        DataTypes.ARRAY(DataTypes.STRING())))))
                        .notNull();
        Row row = rows(GOLDEN.get("nested"), columns, List.of("id")).get(0);

        Row scores = row.getFieldAs(1);
        assertThat(row.getField(0)).isEqualTo("ada");
        assertThat(scores.getField(0)).isEqualTo(1.5);
        assertThat((String[]) scores.getField(1)).containsExactly("1", null, "{\"n\":true}");
        assertThat(row.getField(2)).isEqualTo("id-1");

        assertThat(rows(GOLDEN.get("unicode"), USER, ALL).get(0).getField(0))
                .isEqualTo("Zoë 日本 \uD83D\uDE00");
        assertThat(rows(GOLDEN.get("unicode"), USER, ALL).get(0).getField(3))
                .isEqualTo("\uD83D\uDE00");
        assertThat(rows(GOLDEN.get("empty"), USER, List.of("key", "id")))
                .containsExactly(Row.of(null, "", ""));
        assertThat(rows(GOLDEN.get("nothing"), USER, List.of("id")))
                .containsExactly(Row.of(null, "id-7"));
        assertThat(
                        rows(
                                GOLDEN.get("time in the body"),
                                DataTypes.ROW(
                                                DataTypes.FIELD("when", DataTypes.STRING()),
                                                DataTypes.FIELD("day", DataTypes.DATE()))
                                        .notNull(),
                                List.of()))
                .containsExactly(Row.of("2026-01-02 03:04:05+00:00", LocalDate.of(2026, 1, 2)));
    }

    /** Python writes them, and JSON does not know them. */
    @ParameterizedTest
    @ValueSource(strings = {"no numbers", "plain with no numbers"})
    void whatIsNoNumberIsReadAsOne(String kind) throws Exception {
        DataType columns =
                DataTypes.ROW(
                                DataTypes.FIELD("user", DataTypes.STRING()),
                                DataTypes.FIELD("nan", DataTypes.DOUBLE()),
                                DataTypes.FIELD("all", DataTypes.ARRAY(DataTypes.DOUBLE())))
                        .notNull();
        Row row = rows(GOLDEN.get(kind), columns, List.of()).get(0);

        assertThat(row.getField(0)).isEqualTo("ada");
        assertThat((double) row.getField(1)).isNaN();
        if (kind.equals("no numbers")) {
            assertThat((Double[]) row.getField(2))
                    .containsExactly(Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY);
        }
    }

    @Test
    void whatHasNoEnvelopeIsAllBody() throws Exception {
        DataType columns =
                DataTypes.ROW(
                                DataTypes.FIELD("user", DataTypes.STRING()),
                                DataTypes.FIELD("key", DataTypes.STRING()),
                                DataTypes.FIELD("body", DataTypes.STRING()))
                        .notNull();

        assertThat(rows(GOLDEN.get("plain"), columns, List.of("key", "id")))
                .containsExactly(Row.of("ada", "k", "{\"user\":\"eve\"}", null, null));
        // As in Python, where these are false.
        for (String no : List.of("false", "null", "0", "0.0", "\"\"", "[]", "{}")) {
            String data =
                    "{\"full_event_wrapper\": %s, \"user\": \"x\", \"body\": {}}".formatted(no);
            assertThat(rows(data.getBytes(UTF_8), USER, List.of())).containsExactly(Row.of("x"));
        }
        for (String yes : List.of("true", "1", "0.5", "\"no\"", "[0]", "{\"a\":1}")) {
            String data =
                    "{\"body\": {\"user\": \"x\"}, \"user\": \"y\", \"full_event_wrapper\": %s}"
                            .formatted(yes);
            assertThat(rows(data.getBytes(UTF_8), USER, List.of())).containsExactly(Row.of("x"));
        }
    }

    /** The last one counts, as in Python. */
    @Test
    void aFieldMayComeTwice() throws Exception {
        String data =
                "{\"full_event_wrapper\": true, \"id\": \"1\", \"body\": {\"user\": \"x\"}, \"id\": \"2\","
                        + " \"body\": {\"user\": \"y\"}}";

        assertThat(rows(data.getBytes(UTF_8), USER, List.of("id")))
                .containsExactly(Row.of("y", "2"));
    }

    @ParameterizedTest
    @CsvSource({
        "time, 2026-01-02T03:04:05.123456Z",
        "time without an offset, 2026-01-02T03:04:05Z",
        "time elsewhere, 2026-01-01T21:34:05Z"
    })
    void olderVersionsWroteATime(String kind, Instant time) throws Exception {
        assertThat(rows(OLD.get(kind), USER, List.of("time", "id")))
                .containsExactly(Row.of("ada", time, "id-1"));
        assertThat(rows(GOLDEN.get("nested"), USER, List.of("time")))
                .containsExactly(Row.of("ada", null));
    }

    @ParameterizedTest
    @CsvSource({
        "text, one",
        "number, 3",
        "boolean, true",
        "list, '[1,\"two\",null]'",
        "bytes, b'raw'",
        "key of one, '{\"user\":\"ada\"}'",
        "plain, '{\"user\":\"ada\",\"key\":\"k\",\"id\":1,\"body\":{\"user\":\"eve\"}}'"
    })
    void aBodyCanBeOneColumn(String kind, String body) throws Exception {
        assertThat(rows(GOLDEN.get(kind), BODY, List.of(), "body-field", "body"))
                .containsExactly(Row.of(body.equals("b'raw") ? "b'raw'" : body));
    }

    @Test
    void oneColumnHasAnyType() throws Exception {
        DataType number = DataTypes.ROW(DataTypes.FIELD("n", DataTypes.INT())).notNull();
        assertThat(rows(GOLDEN.get("number"), number, List.of("id"), "body-field", "n"))
                .containsExactly(Row.of(3, "id-3"));
        assertThat(rows(GOLDEN.get("nothing"), number, List.of("id"), "body-field", "n"))
                .containsExactly(Row.of(null, "id-7"));

        assertThatThrownBy(() -> rows(GOLDEN.get("number"), USER, List.of(), "body-field", "body"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("'storey-json.body-field' = 'body'")
                .hasMessageContaining("[user]");
    }

    @Test
    void aBodyWithoutColumnsIsAnError() throws Exception {
        assertThatThrownBy(() -> rows(GOLDEN.get("text"), USER, List.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("storey-json.body-field")
                .hasMessageNotContaining("\"one\"");
        assertThat(rows(GOLDEN.get("text"), USER, List.of(), "ignore-parse-errors", "true"))
                .isEmpty();
    }

    @Test
    void theOptionsOfJsonHold() throws Exception {
        byte[] text = GOLDEN.get("plain text");
        assertThatThrownBy(() -> rows(text, USER, List.of("id")))
                .hasMessageContaining("3 bytes is no JSON")
                .hasMessageContaining("'storey-json.ignore-parse-errors'");
        assertThat(rows(text, USER, List.of("id"), "ignore-parse-errors", "true")).isEmpty();
        byte[] cut = "{\"full_event_wrapper\": true, \"body\": {\"us".getBytes(UTF_8);
        assertThatThrownBy(() -> rows(cut, USER, List.of("id"))).isInstanceOf(IOException.class);
        assertThat(rows(cut, USER, List.of("id"), "ignore-parse-errors", "true")).isEmpty();
        byte[] badTime =
                "{\"full_event_wrapper\": true, \"body\": {}, \"time\": \"noon\"}".getBytes(UTF_8);
        assertThatThrownBy(() -> rows(badTime, USER, List.of("time")))
                .hasMessageContaining("isoformat()");
        assertThat(rows(badTime, USER, List.of("time"), "ignore-parse-errors", "true")).isEmpty();

        assertThatThrownBy(
                        () ->
                                rows(
                                        GOLDEN.get("empty"),
                                        USER,
                                        List.of(),
                                        "fail-on-missing-field",
                                        "true"))
                .isInstanceOf(IOException.class);
        DataType time = DataTypes.ROW(DataTypes.FIELD("t", DataTypes.TIMESTAMP(3))).notNull();
        byte[] iso = "{\"t\": \"2026-01-02T03:04:05.678\"}".getBytes(UTF_8);
        assertThat(rows(iso, time, List.of(), "timestamp-format.standard", "ISO-8601"))
                .containsExactly(Row.of(LocalDateTime.parse("2026-01-02T03:04:05.678")));
        assertThat(rows(new byte[0], USER, List.of())).isEmpty();
    }

    @Test
    void onlyWantedColumnsAreDecoded() throws Exception {
        DataType columns =
                DataTypes.ROW(
                                DataTypes.FIELD("scores", DataTypes.STRING()),
                                DataTypes.FIELD("user", DataTypes.STRING()))
                        .notNull();
        ProjectableDecodingFormat<DeserializationSchema<RowData>> format =
                (ProjectableDecodingFormat<DeserializationSchema<RowData>>)
                        new StoreyJsonFormatFactory().createDecodingFormat(null, options());
        format.applyReadableMetadata(List.of("id"));
        int[][] user = {{1}};
        DeserializationSchema<RowData> decoder =
                format.createRuntimeDecoder(ScanRuntimeProviderContext.INSTANCE, columns, user);

        assertThat(
                        decode(
                                decoder,
                                with(
                                        Projection.of(user).project(columns),
                                        List.of("id"),
                                        format.listReadableMetadata()),
                                GOLDEN.get("nested")))
                .containsExactly(Row.of("ada", "id-1"));
    }

    @Test
    void writesWhatStoreyWrites() throws Exception {
        StringData ada = StringData.fromString("ada");
        assertThat(GoldenEvents.json(encoded(row(ada, ada, null), USER, List.of("key", "id"))))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("no id")));
        assertThat(
                        GoldenEvents.json(
                                encoded(
                                        row(ada, null, StringData.fromString("id-12")),
                                        USER,
                                        List.of("key", "id"))))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("no key")));
        assertThat(GoldenEvents.json(encoded(row(ada), USER, List.of())))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("neither")));
        assertThat(
                        GoldenEvents.json(
                                encoded(
                                        row(
                                                ada,
                                                StringData.fromString("id-8"),
                                                new GenericArrayData(
                                                        new Object[] {
                                                            ada, StringData.fromString("london")
                                                        })),
                                        USER,
                                        List.of("id", "keys"))))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("key of two")));
    }

    @Test
    void writesABodyThatIsNoObject() throws Exception {
        DataType number = DataTypes.ROW(DataTypes.FIELD("n\"", DataTypes.INT())).notNull();
        for (boolean leavesNullOut : new boolean[] {false, true}) {
            String[] options = {
                "body-field", "n\"", "encode.ignore-null-fields", "" + leavesNullOut
            };
            assertThat(
                            GoldenEvents.json(
                                    encoded(
                                            row(
                                                    3,
                                                    StringData.fromString("k"),
                                                    StringData.fromString("id-3")),
                                            number,
                                            List.of("key", "id"),
                                            options)))
                    .isEqualTo(GoldenEvents.json(GOLDEN.get("number")));
            assertThat(
                            GoldenEvents.json(
                                    encoded(
                                            row(
                                                    null,
                                                    StringData.fromString("k"),
                                                    StringData.fromString("id-7")),
                                            number,
                                            List.of("key", "id"),
                                            options)))
                    .isEqualTo(GoldenEvents.json(GOLDEN.get("nothing")));
        }
    }

    @Test
    void unicodeComesBack() throws Exception {
        StringData text = StringData.fromString("日本 \uD83D\uDE00 \"\\\n\t\u2028\u0001");
        byte[] data = encoded(row(text, text, text), USER, List.of("key", "id"));

        assertThat(rows(data, USER, List.of("key", "id")))
                .containsExactly(Row.of(text.toString(), text.toString(), text.toString()));
    }

    @Test
    void oneColumnMakesTheKey() {
        EncodingFormat<SerializationSchema<RowData>> format =
                new StoreyJsonFormatFactory().createEncodingFormat(null, options());
        assertThatThrownBy(() -> format.applyWritableMetadata(List.of("key", "keys")))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("'key' and 'keys'")
                .hasMessageContaining("VIRTUAL");
        assertThat(format.listWritableMetadata()).doesNotContainKey("time");
    }

    private static RowData row(Object... values) {
        return GenericRowData.of(values);
    }
}

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
import io.v3io.flink.sink.PartitionKeySelector;
import io.v3io.flink.sink.ShardIdSelector;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Columns that stand in the partition key, and who else may choose a shard. */
@Timeout(180)
class PartitionKeyITCase {

    private static final String STREAM = "users/me/orders";
    private static final String FLINK = EnvironmentInformation.getVersion();

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void start() {
        streams.create(STREAM, 4);
    }

    private void table(String columns, String... more) {
        List<String> options = new ArrayList<>(List.of(more));
        options.addAll(List.of("scan.bounded.mode", "latest"));
        session.tables().executeSql("DROP TABLE IF EXISTS t");
        session.createTable(
                "t (" + columns + ")", streams.endpoint(), STREAM, options.toArray(new String[0]));
    }

    private List<String> stored() {
        List<String> stored = new ArrayList<>();
        for (int shard = 0; shard < 4; shard++) {
            for (StoredRecord record : streams.emulator().stream(STREAM).records(shard)) {
                stored.add(record.partitionKey() + " " + new String(record.data(), UTF_8));
            }
        }
        return stored;
    }

    @Test
    void theKeyIsWrittenAndReadByItsFormat() throws Exception {
        table("id STRING, n INT", "key.format", "raw", "key.fields", "id");
        session.run("INSERT INTO t VALUES ('ann', 1), ('bob', 2)");

        assertThat(stored())
                .containsExactlyInAnyOrder(
                        "ann {\"id\":\"ann\",\"n\":1}", "bob {\"id\":\"bob\",\"n\":2}");
        assertThat(session.rows("SELECT n, id FROM t"))
                .containsExactlyInAnyOrder(Row.of(1, "ann"), Row.of(2, "bob"));
    }

    @Test
    void columnsOfTheKeyNeedNotBeInTheData() throws Exception {
        String[] options = {
            "format",
            "",
            "value.format",
            "csv",
            "value.csv.field-delimiter",
            ";",
            "key.format",
            "json",
            "key.fields",
            "k_region;k_id",
            "key.fields-prefix",
            "k_",
            "value.fields-include",
            "except-key"
        };
        options[9] = "k_region;k_id";
        table(
                "n INT, k_id BIGINT, name STRING, k_region STRING, shard INT METADATA FROM"
                        + " 'shard-id' VIRTUAL",
                options);
        session.run(
                "INSERT INTO t VALUES (1, 10, 'ann', 'eu'), (2, 20, 'bob', CAST(NULL AS STRING))");

        assertThat(stored())
                .containsExactlyInAnyOrder(
                        "{\"region\":\"eu\",\"id\":10} 1;ann", "{\"region\":null,\"id\":20} 2;bob");
        assertThat(session.rows("SELECT * FROM t WHERE shard >= 0"))
                .extracting(
                        row ->
                                Row.of(
                                        row.getField(0),
                                        row.getField(1),
                                        row.getField(2),
                                        row.getField(3)))
                .containsExactlyInAnyOrder(
                        Row.of(1, 10L, "ann", "eu"), Row.of(2, 20L, "bob", null));
        assertThat(session.rows("SELECT k_region FROM t"))
                .containsExactlyInAnyOrder(Row.of("eu"), Row.of((Object) null));
        assertThat(session.rows("SELECT name FROM t"))
                .containsExactlyInAnyOrder(Row.of("ann"), Row.of("bob"));
    }

    @Test
    void aRecordWithoutAKeyHasNullInItsColumns() throws Exception {
        streams.putAll(
                StreamPath.parse(STREAM), List.of(PutRecord.of("{\"n\": 7}".getBytes(UTF_8))));
        table(
                "id STRING, n INT",
                "key.format",
                "raw",
                "key.fields",
                "id",
                "value.fields-include",
                "except-key");

        assertThat(session.rows("SELECT id, n FROM t")).containsExactly(Row.of(null, 7));
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        refused("key.fields", "key.format", "raw");
        refused("'key.fields' has an effect only with option 'key.format'", "key.fields", "id");
        refused("no physical column", "key.format", "raw", "key.fields", "nobody");
        refused(
                "'value.fields-include' = 'except-key'",
                "key.format",
                "raw",
                "key.fields",
                "id",
                "key.fields-prefix",
                "i");
        refused(
                "does not begin with 'x'",
                "key.format",
                "raw",
                "key.fields",
                "id",
                "key.fields-prefix",
                "x",
                "value.fields-include",
                "except-key");
        refused("a format of changes", "key.format", "debezium-json", "key.fields", "id");
        refused("Either option 'format' or option 'value.format'", "value.format", "csv");
        table(
                "id STRING, n INT",
                "key.format",
                "raw",
                "key.fields",
                "id",
                "sink.partitioner",
                "fixed");
        assertThatThrownBy(() -> session.explain("INSERT INTO t VALUES ('a', 1)"))
                .hasStackTraceContaining(
                        "chosen by option 'key.format' and by 'sink.partitioner' = 'fixed'");
    }

    private void refused(String message, String... options) {
        table("id STRING, n INT", options);
        assertThatThrownBy(() -> session.explain("SELECT id FROM t"))
                .hasRootCauseInstanceOf(ValidationException.class)
                .hasStackTraceContaining(message);
    }

    /** Chooses by the second column. */
    public static final class ByAmount implements ShardIdSelector<RowData> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer shardId(RowData row) {
            return row.getInt(1) % 4;
        }
    }

    /** Makes a key of the first column. */
    public static final class ByInitial implements PartitionKeySelector<RowData> {
        private static final long serialVersionUID = 1L;

        @Override
        public String partitionKey(RowData row) {
            return row.getString(0).toString().substring(0, 1);
        }
    }

    @Test
    void aClassOfOnesOwnChoosesTheShard() throws Exception {
        table("id STRING, n INT", "sink.partitioner", ByAmount.class.getName());
        session.run("INSERT INTO t VALUES ('ann', 6), ('bob', 3)");

        assertThat(streams.emulator().stream(STREAM).records(2)).hasSize(1);
        assertThat(streams.emulator().stream(STREAM).records(3)).hasSize(1);
        table("id STRING, n INT", "sink.partitioner", ByInitial.class.getName());
        session.run("INSERT INTO t VALUES ('cid', 1)");

        assertThat(stored()).contains("c {\"id\":\"cid\",\"n\":1}");
    }

    @Test
    void aClassThatIsNoPartitionerIsRefused() {
        for (String name : List.of("no.such.Partitioner", "java.util.ArrayList", "FIXED")) {
            table("id STRING, n INT", "sink.partitioner", name);
            assertThatThrownBy(() -> session.explain("INSERT INTO t VALUES ('a', 1)"))
                    .hasRootCauseInstanceOf(ValidationException.class)
                    .hasStackTraceContaining("'sink.partitioner' = '" + name + "' is neither");
        }
    }

    @Test
    void aNullOfRawIsInvalidOrEmptyAsChosen() throws Exception {
        String rows = "INSERT INTO t VALUES ('a'), (CAST(NULL AS STRING)), ('b')";
        table("v STRING", "format", "raw");
        assertThatThrownBy(() -> session.run(rows))
                .hasStackTraceContaining("made nothing of an element");

        table("v STRING", "format", "raw", "sink.on-invalid-record", "drop");
        streams.create("users/me/dropped", 1);
        session.tables().executeSql("ALTER TABLE t SET ('stream' = 'users/me/dropped')");
        session.run(rows);
        assertThat(streams.emulator().stream("users/me/dropped").records(0)).hasSize(2);

        streams.create("users/me/empty", 1);
        table("v STRING", "format", "raw", "sink.empty-for-null", "true");
        session.tables().executeSql("ALTER TABLE t SET ('stream' = 'users/me/empty')");
        session.run(rows);
        assertThat(streams.emulator().stream("users/me/empty").records(0))
                .extracting(record -> record.data().length)
                .containsExactly(1, 0, 1);
    }

    /** Functions of Flink 2.3: the kind of a change becomes a column, and the other way round. */
    @Test
    void aResultThatChangesIsStoredAsRowsWithTheirKindAndReadBack() throws Exception {
        assumeTrue(FLINK.compareTo("2.3") >= 0, "TO_CHANGELOG is there since Flink 2.3");
        streams.create("users/me/input", 1);
        streams.putAll(
                StreamPath.parse("users/me/input"),
                List.of("ann", "bob", "ann").stream()
                        .map(name -> PutRecord.of(name.getBytes(UTF_8)))
                        .toList());
        session.createTable(
                "input (name STRING)",
                streams.endpoint(),
                "users/me/input",
                "format",
                "raw",
                "scan.bounded.mode",
                "latest");
        session.createTable(
                "log (op STRING, name STRING, n BIGINT) PARTITIONED BY (name)",
                streams.endpoint(),
                STREAM,
                "sink.order",
                "strict",
                "scan.bounded.mode",
                "latest");
        session.tables()
                .executeSql(
                        "CREATE VIEW counts AS SELECT name, COUNT(*) AS n FROM input GROUP BY"
                                + " name");

        session.run("INSERT INTO log SELECT op, name, n FROM TO_CHANGELOG(input => TABLE counts)");

        assertThat(stored())
                .contains("ann {\"op\":\"INSERT\",\"name\":\"ann\",\"n\":1}")
                .hasSize(4);
        List<Row> changes = session.rows("SELECT SUM(n) FROM FROM_CHANGELOG(input => TABLE log)");
        assertThat(changes.get(changes.size() - 1).getField(0)).isEqualTo(3L);
    }

    @Test
    void aResultThatChangesIsWrittenInAFormatOfChangesAndReadBack() throws Exception {
        streams.create("users/me/input", 1);
        streams.putAll(
                StreamPath.parse("users/me/input"),
                List.of("ann", "bob", "ann").stream()
                        .map(name -> PutRecord.of(name.getBytes(UTF_8)))
                        .toList());
        session.createTable(
                "input (name STRING)",
                streams.endpoint(),
                "users/me/input",
                "format",
                "raw",
                "scan.bounded.mode",
                "latest");
        String count = "INSERT INTO t SELECT name, COUNT(*) FROM input GROUP BY name";
        table("name STRING, n BIGINT", "format", "debezium-json");
        assertThatThrownBy(() -> session.explain(count)).hasStackTraceContaining("PARTITIONED BY");
        session.tables().executeSql("DROP TABLE t");
        session.createTable(
                "t (name STRING, n BIGINT) PARTITIONED BY (name)",
                streams.endpoint(),
                STREAM,
                "format",
                "debezium-json",
                "sink.order",
                "none");
        assertThatThrownBy(() -> session.explain(count))
                .hasStackTraceContaining("'sink.order' = 'none'");

        session.tables().executeSql("DROP TABLE t");
        session.createChangelog(
                "t (name STRING, n BIGINT) PARTITIONED BY (name)", streams.endpoint(), STREAM);
        session.run(count);

        List<Row> changes = session.rows("SELECT name, SUM(n) FROM t GROUP BY name");
        assertThat(changes).contains(Row.of("bob", 1L));
        assertThat(
                        changes.stream()
                                .filter(row -> "ann".equals(row.getField(0)))
                                .reduce((a, b) -> b))
                .hasValueSatisfying(row -> assertThat(row.getField(1)).isEqualTo(2L));
    }
}

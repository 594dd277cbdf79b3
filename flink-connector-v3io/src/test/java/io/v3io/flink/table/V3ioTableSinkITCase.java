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

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** INSERT INTO on a MiniCluster against the emulator: where rows go, and what is refused. */
@Timeout(180)
class V3ioTableSinkITCase {

    private static final String STREAM = "users/me/orders";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();
    private SqlSession session;

    @BeforeEach
    void start() {
        streams.create(STREAM, 4);
        session = SqlSession.streaming();
    }

    private void createTable(String columns, String... options) {
        session.createTable(columns, streams.endpoint(), STREAM, options);
    }

    private List<StoredRecord> stored(String stream) {
        return IntStream.range(0, streams.emulator().stream(stream).shardCount())
                .boxed()
                .flatMap(shard -> streams.emulator().stream(stream).records(shard).stream())
                .toList();
    }

    /** The partition key by the data of a record. */
    private Map<String, String> storedKeys() {
        Map<String, String> keys = new TreeMap<>();
        stored(STREAM)
                .forEach(
                        record ->
                                keys.put(
                                        new String(record.data(), UTF_8),
                                        String.valueOf(record.partitionKey())));
        return keys;
    }

    @Test
    void partitionedByColumnsMakeThePartitionKeyAndAreData() throws Exception {
        createTable("orders (customer STRING, a INT) PARTITIONED BY (customer)");
        session.run("INSERT INTO orders VALUES ('ann', 1), ('bob', 2), (CAST(NULL AS STRING), 3)");
        session.run("INSERT INTO orders PARTITION (customer = 'cid') SELECT 4");

        assertThat(storedKeys())
                .isEqualTo(
                        Map.of(
                                "{\"customer\":\"ann\",\"a\":1}", "ann",
                                "{\"customer\":\"bob\",\"a\":2}", "bob",
                                "{\"customer\":null,\"a\":3}", "null",
                                "{\"customer\":\"cid\",\"a\":4}", "cid"));
    }

    @Test
    void severalColumnsOfEveryTypeOfKeyAreJoinedByTheDelimiter() throws Exception {
        createTable(
                "orders (i INT, d DECIMAL(10, 2), b BOOLEAN, da DATE, ti TIME(3), ts TIMESTAMP(3),"
                        + " l TIMESTAMP_LTZ(3), s STRING) PARTITIONED BY (s, i, d, b, da, ti, ts, l)",
                "sink.partitioner.field-delimiter",
                ";",
                "format",
                "csv");
        session.run(
                "INSERT INTO orders VALUES (7, 1.50, TRUE, DATE '2026-01-02', TIME '03:04:05',"
                        + " TIMESTAMP '2026-01-02 03:04:05.006', TO_TIMESTAMP_LTZ(1, 3), CAST(NULL AS"
                        + " STRING))");

        assertThat(storedKeys().values())
                .containsExactly(
                        ";7;1.50;true;2026-01-02;03:04:05;2026-01-02T03:04:05.006;1970-01-01T00:00:00.001Z");
    }

    @Test
    void aRowKeyIsMadeOfTheFieldsOfThePartitioner() throws Exception {
        createTable(
                "orders (a INT, id STRING)",
                "sink.partitioner",
                "row-key",
                "sink.partitioner.fields",
                "id",
                "format",
                "csv");
        session.run("INSERT INTO orders VALUES (1, 'x'), (2, 'y')");

        assertThat(storedKeys()).isEqualTo(Map.of("1,x", "x", "2,y", "y"));
    }

    /** 'abc' is in shard 3 of 4 for storey 1.11.7, and '日本' in shard 0. */
    @Test
    void aKeyGoesWhereStoreyWritesIt() throws Exception {
        String[] storey = {"sink.partitioner", "storey", "format", "csv"};
        createTable("columns1 (id STRING, a INT) PARTITIONED BY (id)", storey);
        createTable(
                "columns2 (id STRING, a INT)",
                "sink.partitioner",
                "storey",
                "sink.partitioner.fields",
                "id",
                "format",
                "csv");
        createTable("metadata (id STRING METADATA FROM 'partition-key', a INT)", storey);
        createTable(
                "formatted (id STRING, a INT)",
                "sink.partitioner",
                "storey",
                "key.format",
                "raw",
                "key.fields",
                "id",
                "format",
                "",
                "value.format",
                "csv");
        for (String table : List.of("columns1", "columns2", "metadata", "formatted")) {
            session.run("INSERT INTO " + table + " VALUES ('abc', 1), ('日本', 2)");
        }

        assertThat(streams.emulator().stream(STREAM).records(3))
                .hasSize(4)
                .extracting(StoredRecord::partitionKey)
                .containsOnly("abc");
        assertThat(streams.emulator().stream(STREAM).records(0))
                .hasSize(4)
                .extracting(StoredRecord::partitionKey)
                .containsOnly("日本");
    }

    /** Storey takes the number itself, and 'raw' its four bytes, which would be hashed as text. */
    @Test
    void aFormattedKeyThatIsNoTextIsRefusedWithStorey() throws Exception {
        for (String[] key :
                List.of(new String[] {"raw", "n INT"}, new String[] {"json", "n STRING"})) {
            createTable(
                    key[0] + "_key (" + key[1] + ", a INT)",
                    "sink.partitioner",
                    "storey",
                    "key.format",
                    key[0],
                    "key.fields",
                    "n",
                    "format",
                    "",
                    "value.format",
                    "csv");
            assertThatThrownBy(
                            () ->
                                    session.run(
                                            "INSERT INTO "
                                                    + key[0]
                                                    + "_key SELECT n, a FROM "
                                                    + key[0]
                                                    + "_key"))
                    .hasStackTraceContaining("'raw' on one column of type STRING");
        }
    }

    @Test
    void writableMetadataChoosesKeyAndClientInfoAndIsNoData() throws Exception {
        createTable(
                "orders (k STRING METADATA FROM 'partition-key', a INT, info BYTES METADATA FROM"
                        + " 'client-info', seq BIGINT METADATA FROM 'sequence-number' VIRTUAL)");
        session.run(
                "INSERT INTO orders VALUES ('key', 1, X'0102'), (CAST(NULL AS STRING), 2, CAST(NULL"
                        + " AS BYTES))");

        assertThat(storedKeys()).isEqualTo(Map.of("{\"a\":1}", "key", "{\"a\":2}", "null"));
        assertThat(stored(STREAM))
                .filteredOn(record -> record.clientInfo() != null)
                .singleElement()
                .satisfies(record -> assertThat(record.clientInfo()).containsExactly(1, 2));
    }

    @Test
    void writableMetadataChoosesTheShardUnlessItIsNull() throws Exception {
        createTable("orders (a INT, shard INT METADATA FROM 'shard-id')", "format", "csv");
        session.run("INSERT INTO orders VALUES (1, 3), (2, 0), (3, CAST(NULL AS INT))");

        assertThat(streams.emulator().stream(STREAM).records(3))
                .extracting(record -> new String(record.data(), UTF_8))
                .contains("1");
        assertThat(streams.emulator().stream(STREAM).records(0))
                .extracting(record -> new String(record.data(), UTF_8))
                .contains("2");
        assertThat(stored(STREAM)).hasSize(3);
    }

    @Test
    void writableMetadataChoosesAmongSeveralStreams() throws Exception {
        streams.create("users/me/other", 1);
        createTable(
                "orders (a INT, `stream` STRING METADATA)",
                "stream",
                STREAM + ";users/me/other",
                "format",
                "csv");
        session.run("INSERT INTO orders VALUES (1, 'users/me/orders'), (2, 'users/me/other')");

        assertThat(stored(STREAM))
                .extracting(r -> new String(r.data(), UTF_8))
                .containsExactly("1");
        assertThat(stored("users/me/other"))
                .extracting(r -> new String(r.data(), UTF_8))
                .containsExactly("2");
    }

    @Test
    void fixedWritesToOneShardFromEachSubtask() throws Exception {
        createTable("orders (a INT)", "sink.partitioner", "fixed", "sink.parallelism", "1");
        session.run("INSERT INTO orders VALUES (1), (2), (3), (4), (5), (6), (7), (8)");

        assertThat(streams.emulator().stream(STREAM).records(0)).hasSize(8);
    }

    @Test
    void strictOrderKeepsTheOrderOfAKeyWhateverFails() throws Exception {
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("Resource temporarily unavailable")
                                .probability(0.3));
        createTable(
                "orders (n INT, k INT) PARTITIONED BY (k)",
                "sink.order",
                "strict",
                "format",
                "csv",
                "sink.parallelism",
                "1",
                "sink.batch.max-size",
                "10",
                "sink.retry.initial-backoff",
                "1 ms");
        StringBuilder values = new StringBuilder();
        for (int n = 0; n < 300; n++) {
            values.append(n == 0 ? "" : ", ")
                    .append("(")
                    .append(n)
                    .append(", ")
                    .append(n % 5)
                    .append(")");
        }
        session.set("parallelism.default", "1").run("INSERT INTO orders VALUES " + values);

        Map<String, Integer> last = new TreeMap<>();
        for (int shard = 0; shard < 4; shard++) {
            for (StoredRecord record : streams.emulator().stream(STREAM).records(shard)) {
                String row = new String(record.data(), UTF_8);
                int n = Integer.parseInt(row.substring(0, row.indexOf(',')));
                Integer before = last.put(record.partitionKey(), n);
                assertThat(before == null ? -1 : before).isLessThan(n);
            }
        }
        assertThat(stored(STREAM)).hasSize(300);
    }

    @Test
    void aMissingStreamIsCreatedOnlyWhenChosen() throws Exception {
        createTable(
                "orders (a INT)",
                "stream",
                "users/me/new",
                "sink.create-stream.shard-count",
                "3",
                "sink.create-stream.retention",
                "2 d");
        session.run("INSERT INTO orders VALUES (1)");

        assertThat(streams.emulator().stream("users/me/new").shardCount()).isEqualTo(3);
        assertThat(streams.emulator().stream("users/me/new").retentionPeriodHours()).isEqualTo(48);
        assertThat(stored("users/me/new")).hasSize(1);
        session = SqlSession.streaming();
        createTable("orders (a INT)", "stream", "users/me/none");
        assertThatThrownBy(() -> session.run("INSERT INTO orders VALUES (1)"))
                .hasStackTraceContaining("users/me/none");
        assertThat(streams.emulator().hasStream("users/me/none")).isFalse();
    }

    @Test
    void aRowThatCanNeverBeStoredFailsTheJobOrIsDropped() throws Exception {
        String insert = "INSERT INTO orders VALUES (1, REPEAT('k', 257)), (2, 'k')";
        createTable("orders (a INT, k STRING) PARTITIONED BY (k)");
        assertThatThrownBy(() -> session.run(insert)).hasStackTraceContaining("the limit is 256");
        session = SqlSession.streaming();
        createTable(
                "orders (a INT, k STRING) PARTITIONED BY (k)", "sink.on-invalid-record", "drop");
        int before = stored(STREAM).size();
        session.run(insert);

        assertThat(stored(STREAM)).hasSize(before + 1);
    }

    @Test
    void changesAreRefusedWithFlinksMessage() {
        createTable("orders (k INT, n BIGINT)");
        session.createTable("source (k INT)", streams.endpoint(), STREAM);

        assertThatThrownBy(
                        () ->
                                session.run(
                                        "INSERT INTO orders SELECT k, COUNT(*) FROM source GROUP BY"
                                                + " k"))
                .hasStackTraceContaining(
                        "Table sink 'default_catalog.default_database.orders' doesn't support"
                                + " consuming update changes");
    }

    @Test
    void twoChoicesOfTheShardAreRefused() {
        Map<String, List<String>> refused = new TreeMap<>();
        refused.put(
                "by the metadata column 'shard-id' and by the metadata column 'partition-key'",
                List.of(
                        "(a INT, s INT METADATA FROM 'shard-id', k STRING METADATA FROM"
                                + " 'partition-key')"));
        refused.put(
                "by the metadata column 'partition-key' and by PARTITIONED BY",
                List.of("(a INT, k STRING METADATA FROM 'partition-key') PARTITIONED BY (a)"));
        refused.put(
                "by the metadata column 'shard-id' and by 'sink.partitioner' = 'fixed'",
                List.of("(a INT, s INT METADATA FROM 'shard-id')", "sink.partitioner", "fixed"));
        refused.put(
                "by PARTITIONED BY and by 'sink.partitioner' = 'fixed'",
                List.of("(a INT) PARTITIONED BY (a)", "sink.partitioner", "fixed"));
        refused.put(
                "needs columns that make the key",
                List.of("(a INT)", "sink.partitioner", "row-key"));
        refused.put(
                "'sink.partitioner' = 'storey' chooses the shard by a key",
                List.of("(a INT)", "sink.partitioner", "storey"));
        refused.put(
                "and no metadata column 'shard-id'",
                List.of("(a INT, s INT METADATA FROM 'shard-id')", "sink.partitioner", "storey"));
        refused.put(
                "hashes text, and column 'a' is INT",
                List.of("(a INT) PARTITIONED BY (a)", "sink.partitioner", "storey"));
        refused.put(
                "by PARTITIONED BY and by option 'sink.partitioner.fields'",
                List.of(
                        "(a INT, b STRING) PARTITIONED BY (b)",
                        "sink.partitioner",
                        "storey",
                        "sink.partitioner.fields",
                        "b"));
        refused.put("names several streams", List.of("(a INT)", "stream", "users/me/a;users/me/b"));
        refused.put(
                "cannot be part of a partition key",
                List.of("(a INT, b ARRAY<INT>) PARTITIONED BY (b)"));
        refused.put(
                "can only be read",
                List.of(
                        "(a INT)",
                        "stream",
                        "",
                        "stream-pattern",
                        ".*",
                        "stream-directory",
                        "users/me"));
        refused.put(
                "choose setDeliveryGuarantee(AT_LEAST_ONCE) (in SQL 'sink.delivery-guarantee' ="
                        + " 'at-least-once').",
                List.of("(a INT)", "sink.delivery-guarantee", "exactly-once"));
        refused.put(
                "has an effect only with 'sink.delivery-guarantee' = 'exactly-once'",
                List.of("(a INT)", "sink.exactly-once.takeover-delay", "1 s"));
        refused.put(
                "A metadata column 'client-info' that is written does not go with 'exactly-once'",
                List.of(
                        "(a INT, c BYTES METADATA FROM 'client-info')",
                        "sink.delivery-guarantee",
                        "exactly-once"));
        refused.forEach(
                (message, table) -> {
                    session = SqlSession.streaming();
                    List<String> options = new ArrayList<>(table);
                    options.addAll(List.of("planning-check", "false"));
                    createTable("orders " + options.remove(0), options.toArray(new String[0]));
                    assertThatThrownBy(
                                    () ->
                                            session.explain(
                                                    "INSERT INTO orders SELECT * FROM orders"))
                            .as("%s: %s", message, Arrays.toString(table.toArray()))
                            .hasStackTraceContaining(message);
                });
    }
}

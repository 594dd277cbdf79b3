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

package io.v3io.flink.e2e.sql;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkHome;
import io.v3io.flink.e2e.cluster.SqlClient;
import io.v3io.flink.e2e.cluster.SqlGateway;
import io.v3io.flink.e2e.cluster.StreamContent;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The SQL jar in Flink's own SQL client, with nothing beside it but what the distribution has, on a
 * session cluster of processes.
 */
@Timeout(300)
class SqlClientITCase {

    private static final Duration SOON = Duration.ofMinutes(4);
    private static final Path DIRECTORY = Path.of("target", "clusters", "sql-client");
    private static final Path EXAMPLES = Path.of("..", "examples").toAbsolutePath().normalize();
    private static final String KEY = "key of the session";

    private static EmulatorProcess emulator;
    private static FlinkCluster cluster;
    private static V3ioClient client;

    @BeforeAll
    static void startAll() {
        emulator = EmulatorProcess.start(DIRECTORY.resolve("emulator"), "--access-key", KEY);
        cluster =
                FlinkCluster.builder(DIRECTORY.resolve("flink"))
                        .setSlots(4)
                        .setEnvironment("V3IO_ACCESS_KEY", KEY)
                        .setEnvironment("V3IO_API", emulator.endpoint())
                        .start();
        client = V3ioClient.builder().setEndpoint(emulator.endpoint()).setAccessKey(KEY).build();
    }

    @AfterAll
    static void endAll() {
        if (client != null) {
            client.close();
        }
        if (cluster != null) {
            cluster.close();
        }
        if (emulator != null) {
            emulator.close();
        }
    }

    @Test
    void aDayWithTables() {
        StreamPath orders = StreamPath.parse("users/e2e/orders");
        client.createStream(orders, 3, 24).join();
        put(orders, "ada", 10, "grace", 200, "ada", 300);
        Instant between = afterAll(orders);
        put(orders, "alan", 400, "grace", 50);

        SqlClient.Result result =
                sqlClient(SqlClient.jar())
                        .run(
                                """
                                SET 'table.dml-sync' = 'true';
                                CREATE TABLE orders (
                                  customer STRING,
                                  amount INT,
                                  shard INT METADATA FROM 'shard-id' VIRTUAL,
                                  arrival TIMESTAMP_LTZ(3) METADATA FROM 'arrival-time' VIRTUAL,
                                  WATERMARK FOR arrival AS arrival - INTERVAL '1' SECOND
                                ) WITH (
                                  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}',
                                  'stream' = 'users/e2e/orders', 'format' = 'json',
                                  'scan.bounded.mode' = 'latest');
                                CREATE TABLE large_orders (
                                  customer STRING, amount INT
                                ) PARTITIONED BY (customer) WITH (
                                  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}',
                                  'stream' = 'users/e2e/large-orders', 'format' = 'json',
                                  'sink.create-stream.shard-count' = '2');
                                INSERT INTO large_orders
                                  SELECT customer, amount FROM orders WHERE amount >= 200;
                                SELECT customer, COUNT(*) AS n, SUM(amount) AS spent
                                  FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(arrival), INTERVAL '1' DAY))
                                  GROUP BY window_start, window_end, customer;
                                SELECT customer, amount FROM orders
                                  /*+ OPTIONS('scan.startup.mode' = 'timestamp',
                                              'scan.startup.timestamp-millis' = 'BETWEEN') */;
                                EXPLAIN SELECT customer FROM orders WHERE shard = 1;
                                SET 'execution.runtime-mode' = 'batch';
                                SELECT COUNT(*) AS n FROM orders;
                                """
                                        .replace("BETWEEN", Long.toString(between.toEpochMilli())),
                                SOON);

        assertThat(result.isSuccess()).as(result.text()).isTrue();
        assertThat(stored(StreamPath.parse("users/e2e/large-orders")))
                .containsExactlyInAnyOrder(
                        "grace {\"customer\":\"grace\",\"amount\":200}",
                        "ada {\"customer\":\"ada\",\"amount\":300}",
                        "alan {\"customer\":\"alan\",\"amount\":400}");
        // Two windows of a customer where the day ends between the orders.
        Map<String, Integer> spent = new TreeMap<>();
        result.rows(0)
                .forEach(
                        row -> spent.merge(row.get(1), Integer.parseInt(row.get(3)), Integer::sum));
        assertThat(spent).isEqualTo(Map.of("ada", 310, "grace", 250, "alan", 400));
        assertThat(result.rows(1))
                .containsExactlyInAnyOrder(
                        List.of("+I", "alan", "400"), List.of("+I", "grace", "50"));
        assertThat(result.text()).contains("project=[customer]").contains("'shard-id in 1'");
        assertThat(result.rows(2)).containsExactly(List.of("5"));
    }

    @Test
    void itWorksInOneSessionWithKafkasJar() {
        StreamPath words = StreamPath.parse("users/e2e/beside-kafka");
        client.createStream(words, 1, 24).join();
        client.putRecords(words, List.of(PutRecord.of("wolf".getBytes(UTF_8)))).join();
        Path kafka = FlinkHome.ofBuild().jar("opt", "flink-sql-connector-kafka-");

        SqlClient.Result result =
                sqlClient(kafka, SqlClient.jar())
                        .run(
                                """
                                CREATE TABLE topic (word STRING) WITH (
                                  'connector' = 'kafka', 'topic' = 'words', 'format' = 'json',
                                  'properties.bootstrap.servers' = '127.0.0.1:1');
                                CREATE TABLE words (word STRING) WITH (
                                  'connector' = 'v3io', 'endpoint' = '${V3IO_ENDPOINT}',
                                  'stream' = 'users/e2e/beside-kafka', 'format' = 'raw',
                                  'scan.bounded.mode' = 'latest');
                                SHOW JARS;
                                EXPLAIN INSERT INTO topic SELECT word FROM words;
                                SELECT word FROM words;
                                """,
                                SOON);

        assertThat(result.isSuccess()).as(result.text()).isTrue();
        assertThat(result.text()).contains("Sink(table=[default_catalog.default_database.topic]");
        assertThat(result.rows(0)).hasSize(2);
        assertThat(result.rows(1)).containsExactly(List.of("+I", "wolf"));
    }

    @Test
    void aMaterializedTableIsKeptFreshInAStream() throws Exception {
        StreamPath orders = StreamPath.parse("users/e2e/orders-of-a-view");
        StreamPath large = StreamPath.parse("users/e2e/large-orders-of-a-view");
        client.createStream(orders, 2, 24).join();
        try (SqlGateway gateway = SqlGateway.start(cluster)) {
            run(gateway, "ADD JAR '" + SqlClient.jar() + "'");
            run(
                    gateway,
                    """
                    CREATE TABLE orders (customer STRING, amount INT) WITH (
                      'connector' = 'v3io', 'stream' = 'users/e2e/orders-of-a-view',
                      'format' = 'json')""");
            put(orders, "ada", 10, "grace", 200);
            run(
                    gateway,
                    """
                    CREATE MATERIALIZED TABLE large_orders WITH (
                      'connector' = 'v3io', 'stream' = 'users/e2e/large-orders-of-a-view',
                      'format' = 'json', 'sink.create-stream.shard-count' = '1')
                    FRESHNESS = INTERVAL '2' SECOND REFRESH_MODE = CONTINUOUS
                    AS SELECT customer, amount FROM orders WHERE amount >= 100""");
            awaitStored(large, "null {\"customer\":\"grace\",\"amount\":200}");

            run(gateway, "ALTER MATERIALIZED TABLE large_orders SUSPEND");
            put(orders, "alan", 300, "ada", 20);
            run(gateway, "ALTER MATERIALIZED TABLE large_orders RESUME");

            awaitStored(
                    large,
                    "null {\"customer\":\"grace\",\"amount\":200}",
                    "null {\"customer\":\"alan\",\"amount\":300}");
            run(gateway, "DROP MATERIALIZED TABLE large_orders");
        }
    }

    private static void run(SqlGateway gateway, String statement) {
        assertThat(gateway.failureOf(statement, SOON)).isEmpty();
    }

    private static void awaitStored(StreamPath stream, String... records) {
        await("records of " + stream)
                .atMost(Duration.ofSeconds(90))
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(stored(stream)).containsExactly(records));
    }

    /** The part of the columns is the reader's schema, and the writer's comes from the registry. */
    @Test
    void avroConfluentDecodesThePartOfTheColumnsThatAQueryNeeds() throws Exception {
        Path avro = FlinkHome.ofBuild().jar("opt", "flink-sql-avro-confluent-registry-");
        try (SchemaRegistry registry = SchemaRegistry.start()) {
            SqlClient.Result result =
                    sqlClient(avro, SqlClient.jar())
                            .run(
                                    """
                                    SET 'table.dml-sync' = 'true';
                                    CREATE TABLE numbers (a INT, b STRING, c INT) WITH (
                                      'connector' = 'v3io', 'stream' = 'users/e2e/confluent',
                                      'format' = 'avro-confluent', 'avro-confluent.url' = 'REGISTRY',
                                      'avro-confluent.subject' = 'numbers',
                                      'scan.bounded.mode' = 'latest',
                                      'sink.create-stream.shard-count' = '1');
                                    INSERT INTO numbers VALUES (1, 'x', 100), (2, 'y', 200), (3, 'z', 300);
                                    SET 'execution.runtime-mode' = 'batch';
                                    SELECT c FROM numbers ORDER BY c;
                                    SELECT b, a FROM numbers ORDER BY b;
                                    SELECT SUM(c) AS c FROM numbers;
                                    SELECT COUNT(*) AS n FROM numbers;
                                    SELECT b FROM numbers /*+ OPTIONS('avro-confluent.schema' = '
                                      {"type": "record", "name": "record", "fields": [
                                        {"name": "a", "type": ["null", "int"], "default": null},
                                        {"name": "b", "type": ["null", "string"], "default": null},
                                        {"name": "c", "type": ["null", "int"], "default": null}]}') */ ORDER BY b;
                                    """
                                            .replace("REGISTRY", registry.url()),
                                    SOON);

            assertThat(result.isSuccess()).as(result.text()).isTrue();
            assertThat(result.rows(0))
                    .containsExactly(List.of("100"), List.of("200"), List.of("300"));
            assertThat(result.rows(1))
                    .containsExactly(List.of("x", "1"), List.of("y", "2"), List.of("z", "3"));
            assertThat(result.rows(2)).containsExactly(List.of("600"));
            assertThat(result.rows(3)).containsExactly(List.of("3"));
            assertThat(result.rows(4)).containsExactly(List.of("x"), List.of("y"), List.of("z"));
        }
    }

    @ParameterizedTest(name = "{0} prints what its page shows")
    @ValueSource(strings = {"word-count", "windows", "enrichment", "monitoring"})
    void anExamplePrintsWhatItsPageShows(String example) throws Exception {
        SqlClient.Result result =
                sqlClient(SqlClient.jar())
                        .run(Files.readString(EXAMPLES.resolve("sql/" + example + ".sql")), SOON);

        assertThat(result.isSuccess()).as(result.text()).isTrue();
        // In any order, because rows of one window have none.
        assertThat(result.tables().stream().flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(shown(example));
    }

    @Test
    void theFirstTablePrintsWhatTheReadmeShows() throws Exception {
        Path readme = Path.of("..", "README.md");
        String statements = block(readme, "## The first table\n.*?```sql\n(.*?)```");

        SqlClient.Result result = sqlClient(SqlClient.jar()).run(statements, SOON);

        assertThat(result.isSuccess()).as(result.text()).isTrue();
        assertThat(result.tables().stream().flatMap(List::stream))
                .containsExactlyElementsOf(
                        lines(block(readme, "## The first table\n.*?```text\n(.*?)```")));
    }

    /** The block of text below an example's command. */
    private static List<String> shown(String example) throws IOException {
        return lines(
                block(
                        EXAMPLES.resolve("sql/README.md"),
                        "bin/sql examples/sql/" + example + "\\.sql\n```\n.*?```text\n(.*?)```"));
    }

    private static String block(Path page, String pattern) throws IOException {
        Matcher block = Pattern.compile(pattern, Pattern.DOTALL).matcher(Files.readString(page));
        assertThat(block.find()).as("%s in %s", pattern, page).isTrue();
        return block.group(1);
    }

    private static List<String> lines(String text) {
        return text.lines().filter(line -> !line.isBlank()).toList();
    }

    private static SqlClient sqlClient(Path... jars) {
        return new SqlClient(
                cluster,
                List.of(jars),
                Map.of("V3IO_ENDPOINT", emulator.endpoint(), "EXAMPLES", EXAMPLES.toString()));
    }

    private static void put(StreamPath stream, Object... customersAndAmounts) {
        List<PutRecord> records = new ArrayList<>();
        for (int i = 0; i < customersAndAmounts.length; i += 2) {
            String json =
                    "{\"customer\":\"%s\",\"amount\":%s}"
                            .formatted(customersAndAmounts[i], customersAndAmounts[i + 1]);
            records.add(PutRecord.of(json.getBytes(UTF_8)));
        }
        client.putRecords(stream, records).join();
    }

    /** A time after the arrival of all records, which no later record arrives before. */
    private static Instant afterAll(StreamPath stream) {
        Instant newest =
                StreamContent.read(client, stream).stream()
                        .map(StreamRecord::arrivalTime)
                        .max(Instant::compareTo)
                        .orElseThrow();
        Instant after = newest.plusMillis(2);
        await("time passes").until(() -> Instant.now().isAfter(after));
        return after;
    }

    private static List<String> stored(StreamPath stream) {
        return StreamContent.read(client, stream).stream()
                .map(record -> record.partitionKey() + " " + new String(record.data(), UTF_8))
                .toList();
    }
}

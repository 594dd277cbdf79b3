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
import org.apache.flink.types.RowKind;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** Streams as tables on a MiniCluster against the emulator. */
@Tag("quick")
@Timeout(180)
class V3ioTableITCase {

    private static final String STREAM = "users/me/orders";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath orders;

    @BeforeEach
    void start() {
        orders = streams.create(STREAM, 4);
    }

    @Test
    void whatIsInsertedIntoATableIsReadFromIt() throws Exception {
        for (SqlSession session : List.of(SqlSession.streaming(), SqlSession.batch())) {
            String stream = "users/me/round-trip-" + session.hashCode();
            streams.create(stream, 3);
            session.createTable(
                    "orders (customer STRING, amount DOUBLE, ordered TIMESTAMP(9))",
                    streams.endpoint(),
                    stream,
                    "scan.bounded.mode",
                    "latest");
            session.run(
                    "INSERT INTO orders VALUES ('ann', 1.5, TIMESTAMP '2026-01-02 03:04:05.123456789'),"
                            + " ('bob', CAST(NULL AS DOUBLE), TIMESTAMP '1970-01-01 00:00:00')");

            assertThat(session.rows("SELECT customer, amount, CAST(ordered AS STRING) FROM orders"))
                    .containsExactlyInAnyOrder(
                            Row.of("ann", 1.5, "2026-01-02 03:04:05.123456789"),
                            Row.of("bob", null, "1970-01-01 00:00:00.000000000"));
            List<Row> counts = session.rows("SELECT COUNT(*) FROM orders");
            assertThat(counts.get(counts.size() - 1).getField(0)).isEqualTo(2L);
        }
    }

    @Test
    void metadataColumnsShowWhatARecordHasBesideItsData() throws Exception {
        streams.putAll(
                orders,
                List.of(
                        PutRecord.of("{\"a\": 1}".getBytes(UTF_8))
                                .withPartitionKey("the key")
                                .withClientInfo(new byte[] {1, 2}),
                        PutRecord.of("{\"a\": 2}".getBytes(UTF_8)).withShardId(3)));
        SqlSession session = SqlSession.batch();
        session.createTable(
                "t (k STRING METADATA FROM 'partition-key', a INT, `stream` STRING METADATA VIRTUAL,"
                        + " shard INT METADATA FROM 'shard-id' VIRTUAL, seq BIGINT METADATA FROM 'sequence-number' VIRTUAL,"
                        + " arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL,"
                        + " info BYTES METADATA FROM 'client-info' VIRTUAL)",
                streams.endpoint(),
                STREAM,
                "scan.bounded.mode",
                "latest");

        List<Row> expected = new ArrayList<>();
        for (int shard = 0; shard < 4; shard++) {
            for (StoredRecord record : streams.emulator().stream(STREAM).records(shard)) {
                boolean isFirst = record.partitionKey() != null;
                expected.add(
                        Row.of(
                                isFirst ? "the key" : null,
                                isFirst ? 1 : 2,
                                STREAM,
                                shard,
                                record.sequenceNumber(),
                                record.arrivalTime(),
                                isFirst ? new byte[] {1, 2} : null));
            }
        }
        assertThat(session.rows("SELECT * FROM t")).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(session.rows("SELECT a FROM t WHERE k IS NULL")).containsExactly(Row.of(2));
        assertThat(session.rows("SELECT k FROM t WHERE a = 1")).containsExactly(Row.of("the key"));
    }

    @Test
    void theFormatsOwnMetadataIsThereUnderItsPrefix() throws Exception {
        streams.putAll(
                orders,
                List.of(
                        PutRecord.of(
                                "{\"before\": null, \"after\": {\"a\": 1, \"b\": \"x\"}, \"op\": \"c\", \"ts_ms\": 42}"
                                        .getBytes(UTF_8)),
                        PutRecord.of(
                                "{\"before\": {\"a\": 1, \"b\": \"x\"}, \"after\": null, \"op\": \"d\", \"ts_ms\": 43}"
                                        .getBytes(UTF_8))));
        SqlSession session = SqlSession.streaming();
        session.createChangelog(
                "t (a INT, b STRING, `stream` STRING METADATA VIRTUAL,"
                        + " ingested TIMESTAMP_LTZ(3) METADATA FROM 'value.ingestion-timestamp' VIRTUAL)",
                streams.endpoint(),
                STREAM);

        assertThat(session.rows("SELECT ingested, b, `stream` FROM t"))
                .containsExactlyInAnyOrder(
                        Row.ofKind(RowKind.INSERT, Instant.ofEpochMilli(42), "x", STREAM),
                        Row.ofKind(RowKind.DELETE, Instant.ofEpochMilli(43), "x", STREAM));
        assertThat(session.rows("SELECT `stream`, a FROM t")).hasSize(2);
    }

    @Test
    void watermarksAreMadeForEachShard() throws Exception {
        // Shard 0 is far ahead of shard 1: made over both together, its watermark would make the
        // others' records late.
        put(0, "{\"a\": 1, \"ms\": 100000}");
        put(0, "{\"a\": 1, \"ms\": 200000}");
        for (int second = 0; second < 100; second++) {
            put(1, "{\"a\": 2, \"ms\": " + second * 1000 + "}");
        }
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        session.createTable(
                "t (a INT, ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR ts AS ts)",
                streams.endpoint(),
                STREAM,
                "scan.fetch.max-records",
                "1",
                "scan.bounded.mode",
                "latest",
                "scan.watermark.emit.strategy",
                "on-event");
        String query =
                "SELECT window_start, COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '50' SECOND)"
                        + " GROUP BY window_start, window_end";

        assertThat(session.explain(query)).contains("watermark=[");
        assertThat(session.rows(query))
                .extracting(row -> row.getField(1))
                .containsExactlyInAnyOrder(50L, 50L, 1L, 1L);
    }

    private void put(int shard, String json) {
        streams.putAll(orders, List.of(PutRecord.of(json.getBytes(UTF_8)).withShardId(shard)));
    }

    @Test
    void theArrivalTimeMakesWatermarksWhenItsColumnHasThreeDigits() throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            put(shard, "{\"a\": " + shard + "}");
        }
        SqlSession session = SqlSession.streaming();
        session.createTable(
                "t (a INT, arrival TIMESTAMP_LTZ(3) METADATA FROM 'arrival-time' VIRTUAL,"
                        + " WATERMARK FOR arrival AS arrival - INTERVAL '1' SECOND)",
                streams.endpoint(),
                STREAM,
                "scan.bounded.mode",
                "latest",
                "scan.parallelism",
                "1");

        assertThat(
                        session.rows(
                                "SELECT SUM(a), COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(arrival), INTERVAL '99' DAY)"
                                        + " GROUP BY window_start, window_end"))
                .containsExactly(Row.of(6, 4L));
    }

    @Test
    void aShardWithoutRecordsDoesNotHoldUpWatermarksForLongerThanTheIdleTimeout() throws Exception {
        put(0, "{\"a\": 1, \"ms\": 1000}");
        put(0, "{\"a\": 1, \"ms\": 100000}");
        SqlSession session = SqlSession.streaming();
        session.createTable(
                "t (a INT, ms BIGINT, ts AS TO_TIMESTAMP_LTZ(ms, 3), WATERMARK FOR ts AS ts)",
                streams.endpoint(),
                STREAM,
                "scan.watermark.idle-timeout",
                "100 ms");

        // The scan has no end, so that only a watermark can end the window.
        assertThat(
                        session.firstRows(
                                "SELECT COUNT(*) FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '50' SECOND)"
                                        + " GROUP BY window_start, window_end",
                                1))
                .containsExactly(Row.of(1L));
    }

    /** The page of tables says so, and warns. */
    @Test
    void explainShowsWhatIsInAHint() {
        SqlSession session = SqlSession.streaming();
        session.createTable("t (a INT)", streams.endpoint(), STREAM);

        assertThat(
                        session.explain(
                                "SELECT a FROM t /*+ OPTIONS('secret.access-key' = 'canary') */"))
                .contains("canary");
        assertThat(session.explain("SELECT a FROM t")).doesNotContain(EmulatedStreams.ACCESS_KEY);
    }
}

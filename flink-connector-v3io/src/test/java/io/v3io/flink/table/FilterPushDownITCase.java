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

import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Instant;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Filters that are pushed down read nothing else: records outside of what they need are poison,
 * which no format can decode.
 */
@Timeout(180)
class FilterPushDownITCase {

    private static final String STREAM = "users/me/events";
    private static final String POISON = "not a number";
    private static final String COLUMNS =
            "events (a INT, shard INT METADATA FROM 'shard-id' VIRTUAL,"
                    + " arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL)";

    /** At ten o'clock, eleven and twelve something arrives. */
    private static final Instant TEN = Instant.parse("2026-03-01T10:00:00.123456789Z");

    private static final Instant ELEVEN = Instant.parse("2026-03-01T11:00:00.123456789Z");
    private static final Instant TWELVE = Instant.parse("2026-03-01T12:00:00.123456789Z");

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final ArrivalClock clock = new ArrivalClock(TEN);
    private EmulatedStreams streams;
    private StreamPath events;

    @BeforeEach
    void start() {
        streams = PLATFORM.start(e -> e.clock(clock));
        events = streams.create(STREAM, 4);
    }

    private void put(int shard, String data) {
        streams.putAll(events, List.of(PutRecord.of(data.getBytes(UTF_8)).withShardId(shard)));
    }

    private void createTable(SqlSession session, String columns, String... more) {
        String[] options = new String[more.length + 2];
        options[0] = "format";
        options[1] = "csv";
        System.arraycopy(more, 0, options, 2, more.length);
        session.createTable(columns, streams.endpoint(), STREAM, options);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shard = 2",
                "2 = shard",
                "shard > 1 AND shard <= 2",
                "shard BETWEEN 2 AND 2",
                "shard IN (2, 7, 4095, 5000)",
                "NOT (shard <> 2)",
                "shard NOT IN (0, 1, 3)",
                "shard = 2 AND MOD(a, 2) = 0",
                "CAST(shard AS BIGINT) = 2",
                "CAST(shard AS DECIMAL(10, 2)) = 2.00",
                "shard > 1.5e0 AND shard < 2.5e0"
            })
    void onlyTheShardsOfAFilterAreRead(String filter) throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            put(shard, shard == 2 ? "42" : POISON);
        }
        for (SqlSession session : List.of(SqlSession.batch(), SqlSession.streaming())) {
            createTable(session, COLUMNS, "scan.bounded.mode", "latest");
            String query = "SELECT a, shard FROM events WHERE " + filter;

            assertThat(session.explain(query)).contains("filter=[").doesNotContain("filter=[]");
            assertThat(session.rows(query)).containsExactly(Row.of(42, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "arrival >= TIMESTAMP '2026-03-01 10:30:00' AND arrival < TIMESTAMP '2026-03-01 11:30:00'",
                "arrival BETWEEN '2026-03-01 11:00:00.123456789' AND '2026-03-01 11:00:00.123456789'",
                "arrival = CAST('2026-03-01 11:00:00.123456789' AS TIMESTAMP_LTZ(9))",
                "arrival > '2026-03-01 10:00:00.123456789' AND arrival < '2026-03-01 12:00:00.123456789'",
                "arrival > TO_TIMESTAMP_LTZ(1772359200124, 3) AND arrival <= TO_TIMESTAMP_LTZ(1772366400000, 3)",
                "CAST(arrival AS TIMESTAMP(9)) = TIMESTAMP '2026-03-01 11:00:00.123456789'",
                "CAST(arrival AS TIMESTAMP_LTZ(0)) = CAST('2026-03-01 11:00:00' AS TIMESTAMP_LTZ(0))",
                "NOT (arrival < '2026-03-01 10:30:00' OR arrival > '2026-03-01 11:30:00')",
                "(arrival > '2026-03-01 10:30:00' AND arrival < '2026-03-01 10:40:00')"
                        + " OR (arrival >= '2026-03-01 11:00:00' AND arrival < '2026-03-01 11:00:01')"
            })
    void onlyTheTimeOfAFilterIsRead(String filter) throws Exception {
        for (Instant time : List.of(TEN, ELEVEN, TWELVE)) {
            clock.set(time);
            for (int shard = 0; shard < 4; shard++) {
                put(shard, time.equals(ELEVEN) ? String.valueOf(shard) : POISON);
            }
        }
        for (SqlSession session : List.of(SqlSession.batch(), SqlSession.streaming())) {
            createTable(session, COLUMNS, "scan.bounded.mode", "latest");
            String query = "SELECT a, arrival FROM events WHERE " + filter;

            assertThat(session.explain(query)).contains("filter=[").doesNotContain("filter=[]");
            assertThat(session.rows(query))
                    .containsExactlyInAnyOrder(
                            Row.of(0, ELEVEN),
                            Row.of(1, ELEVEN),
                            Row.of(2, ELEVEN),
                            Row.of(3, ELEVEN));
        }
    }

    @Test
    void aTimeWithoutARecordEndsABoundedScanWithNothing() throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            put(shard, POISON);
        }
        for (String nothing :
                List.of(
                        "arrival > '2030-01-01 00:00:00'",
                        "arrival < '2020-01-01 00:00:00'",
                        "arrival < '1950-01-01 00:00:00'",
                        "arrival > '2030-01-01 00:00:00' AND arrival < '2020-01-01 00:00:00'",
                        "shard = 1000")) {
            SqlSession session = SqlSession.batch();
            createTable(session, COLUMNS, "scan.bounded.mode", "latest");

            assertThat(session.rows("SELECT a FROM events WHERE " + nothing)).as(nothing).isEmpty();
        }
    }

    @Test
    void aScanWithoutAnEndStartsWithTheTimeOfTheFilterButIsNotEndedByIt() throws Exception {
        put(0, POISON);
        clock.set(ELEVEN);
        put(0, "11");
        SqlSession session = SqlSession.streaming();
        createTable(session, COLUMNS);
        String query =
                "SELECT a FROM events WHERE arrival > '2026-03-01 10:30:00' AND arrival < '2026-03-01 12:30:00'";

        assertThat(session.explain(query))
                .contains("arrival-time >= 2026-03-01T10:30:00.000000001Z")
                .doesNotContain("arrival-time <");
        try (var rows = session.tables().executeSql(query).collect()) {
            assertThat(rows.next()).isEqualTo(Row.of(11));
            clock.set(TWELVE);
            put(1, "12");
            assertThat(rows.next()).isEqualTo(Row.of(12));
        }
    }

    @Test
    void thePositionsOfTheTableHoldBesideThoseOfTheFilter() throws Exception {
        for (Instant time : List.of(TEN, ELEVEN, TWELVE)) {
            clock.set(time);
            put(0, time.equals(ELEVEN) ? "11" : POISON);
        }
        String afterTen = String.valueOf(TEN.toEpochMilli() + 1);
        String beforeTwelve = String.valueOf(TWELVE.toEpochMilli());
        for (String filter :
                List.of("arrival > '2020-01-01 00:00:00'", "arrival < '2030-01-01 00:00:00'")) {
            SqlSession session = SqlSession.batch();
            createTable(
                    session,
                    COLUMNS,
                    "scan.startup.mode",
                    "timestamp",
                    "scan.startup.timestamp-millis",
                    afterTen,
                    "scan.bounded.mode",
                    "timestamp",
                    "scan.bounded.timestamp-millis",
                    beforeTwelve);

            assertThat(session.rows("SELECT a FROM events WHERE " + filter))
                    .containsExactly(Row.of(11));
        }
        SqlSession session = SqlSession.batch();
        createTable(
                session,
                COLUMNS,
                "scan.startup.mode",
                "sequence-numbers",
                "scan.startup.sequence-numbers",
                "shard:0,sequence-number:2",
                "scan.bounded.mode",
                "sequence-numbers",
                "scan.bounded.sequence-numbers",
                "shard:0,sequence-number:2");
        assertThat(
                        session.rows(
                                "SELECT a FROM events WHERE arrival >= '2020-01-01 00:00:00' AND arrival <= '2030-01-01 00:00:00'"))
                .containsExactly(Row.of(11));
    }

    /**
     * Flink allows three digits to a column with a watermark and then does not show its sources
     * what is said about it. A column beside it is another matter.
     */
    @Test
    void withAWatermarkTheFilterIsWrittenOverAColumnWithAllDigits() throws Exception {
        put(1, POISON);
        clock.set(ELEVEN);
        put(1, "11");
        SqlSession session = SqlSession.streaming();
        createTable(
                session,
                "events (a INT, arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL,"
                        + " ts AS CAST(arrival AS TIMESTAMP_LTZ(3)), WATERMARK FOR ts AS ts - INTERVAL '1' SECOND)",
                "scan.bounded.mode",
                "latest");
        String query =
                "WITH late AS (SELECT a, ts FROM events WHERE arrival > '2026-03-01 10:30:00')"
                        + " SELECT SUM(a) FROM TUMBLE(TABLE late, DESCRIPTOR(ts), INTERVAL '1' HOUR)"
                        + " GROUP BY window_start, window_end";

        assertThat(session.explain(query))
                .contains("watermark=[")
                .contains("arrival-time >= 2026-03-01T10:30:00.000000001Z");
        assertThat(session.rows(query)).containsExactly(Row.of(11));
    }

    @Test
    void flinkRefusesAWatermarkOverMoreThanThreeDigits() {
        assertThatThrownBy(
                        () ->
                                createTable(
                                        SqlSession.streaming(),
                                        "events (a INT, arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL,"
                                                + " WATERMARK FOR arrival AS arrival)"))
                .hasStackTraceContaining("precision 'p' is from 0 to 3");
    }

    @Test
    void timesOfDayAreThoseOfTheSession() throws Exception {
        // In Berlin the clocks were put back at 01:00 UTC: 02:30 was there twice.
        Instant first = Instant.parse("2025-10-26T00:30:00Z");
        Instant second = Instant.parse("2025-10-26T01:30:00Z");
        clock.set(Instant.parse("2025-10-25T23:59:59.999999999Z"));
        put(0, POISON);
        clock.set(first);
        put(0, "1");
        clock.set(second);
        put(0, "2");
        clock.set(Instant.parse("2025-10-26T02:00:00Z"));
        put(0, POISON);
        SqlSession session = SqlSession.batch().set("table.local-time-zone", "Europe/Berlin");
        createTable(session, COLUMNS, "scan.bounded.mode", "latest");

        assertThat(
                        session.rows(
                                "SELECT a, CAST(CAST(arrival AS TIMESTAMP(0)) AS STRING) FROM events"
                                        + " WHERE CAST(arrival AS TIMESTAMP(9)) >= TIMESTAMP '2025-10-26 02:00:00'"
                                        + " AND CAST(arrival AS TIMESTAMP(9)) < TIMESTAMP '2025-10-26 02:59:59'"))
                .containsExactlyInAnyOrder(
                        Row.of(1, "2025-10-26 02:30:00"), Row.of(2, "2025-10-26 02:30:00"));
    }

    @Test
    void whatTheStoreCannotServeIsLeftToTheFilter() throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            put(shard, String.valueOf(shard));
        }
        SqlSession session = SqlSession.batch();
        createTable(session, COLUMNS, "scan.bounded.mode", "latest");
        for (String filter :
                List.of(
                        "MOD(shard, 2) = 1",
                        "shard = 1 OR a = 3",
                        "CAST(shard AS STRING) IN ('1', '3')")) {
            String query = "SELECT a FROM events WHERE " + filter;

            assertThat(session.explain(query)).contains("filter=[]");
            assertThat(session.rows(query))
                    .as(filter)
                    .containsExactlyInAnyOrder(Row.of(1), Row.of(3));
        }
    }
}

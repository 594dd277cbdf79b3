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

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** A compiled plan does what its statement does, whatever was pushed down to the source. */
@Timeout(180)
class CompiledPlanITCase {

    private static final String STREAM = "users/me/events";

    private static final String COLUMNS =
            "t (v INT, w STRING, shard INT METADATA FROM 'shard-id' VIRTUAL,"
                    + " arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL";

    private static final String WATERMARK =
            ", ts AS CAST(arrival AS TIMESTAMP_LTZ(3)), WATERMARK FOR ts AS ts";

    private static final String SOURCE_WATERMARK =
            ", ts AS CAST(arrival AS TIMESTAMP_LTZ(3)), WATERMARK FOR ts AS SOURCE_WATERMARK()";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    @TempDir private Path directory;

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath events;

    @BeforeEach
    void start() {
        events = streams.create(STREAM, 4);
        for (int shard = 0; shard < 4; shard++) {
            String json = "{\"v\": %d, \"w\": \"w%d\"}".formatted(10 + shard, shard);
            streams.putAll(events, List.of(PutRecord.of(json.getBytes(UTF_8)).withShardId(shard)));
        }
    }

    private SqlSession session(String columns, String output) {
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        session.createTable(
                columns + ")", streams.endpoint(), STREAM, "scan.bounded.mode", "latest");
        session.createTable("o (v STRING)", streams.endpoint(), output);
        return session;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT CAST(v AS STRING) FROM t",
                "SELECT CAST(shard AS STRING) FROM t",
                "SELECT w FROM t WHERE shard = 2",
                "SELECT w || CAST(shard AS STRING) FROM t WHERE shard >= 0",
                "SELECT w FROM t WHERE shard IN (1, 3) AND v > 11",
                "SELECT w FROM t WHERE arrival > TIMESTAMP '2020-01-01 00:00:00'",
                "SELECT w FROM t WHERE shard = 1 AND arrival > TIMESTAMP '2020-01-01 00:00:00'"
                        + " AND arrival < TIMESTAMP '2120-01-01 00:00:00'",
                "SELECT w FROM t WHERE v = 12",
                "SELECT w || CAST(v AS STRING) || CAST(shard AS STRING) || CAST(arrival AS STRING) FROM t",
                "SELECT w || CAST(v AS STRING) || CAST(shard AS STRING) || CAST(arrival AS STRING) FROM t"
                        + " WHERE shard = 2",
                "SELECT w FROM (SELECT * FROM t WHERE shard = 1 LIMIT 5)",
                "SELECT w FROM (SELECT * FROM t LIMIT 9) WHERE shard < 9",
                "SELECT w FROM t WHERE shard = 1 UNION ALL SELECT w FROM t WHERE shard = 3"
            })
    void doesWhatTheStatementDoes(String query) throws Exception {
        for (String columns : List.of(COLUMNS, COLUMNS + WATERMARK, COLUMNS + SOURCE_WATERMARK)) {
            String executed = "users/me/executed-" + columns.length();
            String compiled = "users/me/compiled-" + columns.length();
            streams.create(executed, 1);
            streams.create(compiled, 1);
            SqlSession session = session(columns, executed);
            session.run("INSERT INTO o " + query);
            Path plan = directory.resolve("plan" + columns.length() + ".json");
            session.tables()
                    .executeSql("COMPILE PLAN '" + plan.toUri() + "' FOR INSERT INTO o " + query);

            SqlSession later = session(columns, compiled);
            later.run("EXECUTE PLAN '" + plan.toUri() + "'");

            assertThat(written(executed)).isNotEmpty();
            assertThat(written(compiled)).containsExactlyInAnyOrderElementsOf(written(executed));
        }
    }

    /** The metadata of a format is planned as that of the record is, for reading and writing. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT `user`, id, 'k' || k FROM visits",
                "SELECT `user`, CAST(shard AS STRING), k FROM visits WHERE shard = 1",
                "SELECT id, id, id FROM visits",
                "SELECT `user`, id, k FROM visits WHERE `user` = 'alan' AND id > 'id'"
            })
    void readsAndWritesWhatStandsBesideABody(String query) throws Exception {
        StreamPath visits = streams.create("users/me/visits", 2);
        for (String user : List.of("ada", "alan")) {
            String event =
                    "{\"full_event_wrapper\": true, \"body\": {\"user\": \"%s\"}, \"key\": \"k-%s\","
                            + " \"id\": \"id-%s\"}";
            streams.putAll(
                    visits,
                    List.of(
                            PutRecord.of(event.formatted(user, user, user).getBytes(UTF_8))
                                    .withShardId(user.equals("alan") ? 1 : 0)));
        }
        streams.create("users/me/executed", 1);
        streams.create("users/me/compiled", 1);
        Path plan = directory.resolve("plan.json");
        SqlSession session = storeySession("users/me/executed");
        session.run("INSERT INTO o " + query);
        session.tables()
                .executeSql("COMPILE PLAN '" + plan.toUri() + "' FOR INSERT INTO o " + query);

        storeySession("users/me/compiled").run("EXECUTE PLAN '" + plan.toUri() + "'");

        assertThat(written("users/me/executed")).isNotEmpty().first().asString().contains("\"id\"");
        assertThat(written("users/me/compiled"))
                .containsExactlyInAnyOrderElementsOf(written("users/me/executed"));
    }

    private SqlSession storeySession(String output) {
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        session.createTable(
                "visits (`user` STRING, k STRING METADATA FROM 'value.key' VIRTUAL,"
                        + " id STRING METADATA FROM 'value.id' VIRTUAL,"
                        + " shard INT METADATA FROM 'shard-id' VIRTUAL)",
                streams.endpoint(),
                "users/me/visits",
                "format",
                "storey-json",
                "scan.bounded.mode",
                "latest");
        session.createTable(
                "o (`user` STRING, id STRING METADATA FROM 'value.id', k STRING METADATA FROM 'value.key')",
                streams.endpoint(),
                output,
                "format",
                "storey-json");
        return session;
    }

    private List<String> written(String stream) {
        return streams.emulator().stream(stream).records(0).stream()
                .map(record -> new String(record.data(), UTF_8))
                .toList();
    }

    /** The plan was compiled by Flink 2.0.0 with a table of the same columns. */
    @Test
    void aPlanOfFlink20IsExecuted() throws Exception {
        Path plan = directory.resolve("plan.json");
        try (InputStream kept = getClass().getResourceAsStream("/plans/flink-2.0.json")) {
            Files.copy(kept, plan);
        }
        for (int shard : List.of(0, 1, 3)) {
            streams.putAll(
                    events, List.of(PutRecord.of("poison".getBytes(UTF_8)).withShardId(shard)));
        }
        streams.create("users/me/compiled", 1);

        session(COLUMNS + WATERMARK, "users/me/compiled")
                .run("EXECUTE PLAN '" + plan.toUri() + "'");

        assertThat(written("users/me/compiled")).containsExactly("{\"v\":\"w22\"}");
    }

    /** In a shard that is left out, no record is even decoded. */
    @ParameterizedTest
    @ValueSource(strings = {"SELECT w FROM t WHERE shard = 2", "SELECT w FROM t WHERE 2 = shard"})
    void readsOnlyTheShardsOfItsFilter(String query) throws Exception {
        for (int shard : List.of(0, 1, 3)) {
            streams.putAll(
                    events, List.of(PutRecord.of("poison".getBytes(UTF_8)).withShardId(shard)));
        }
        streams.create("users/me/compiled", 1);
        SqlSession session = session(COLUMNS, "users/me/compiled");
        Path plan = directory.resolve("plan.json");
        session.tables()
                .executeSql("COMPILE PLAN '" + plan.toUri() + "' FOR INSERT INTO o " + query);

        session(COLUMNS, "users/me/compiled").run("EXECUTE PLAN '" + plan.toUri() + "'");

        assertThat(written("users/me/compiled")).containsExactly("{\"v\":\"w2\"}");
    }
}

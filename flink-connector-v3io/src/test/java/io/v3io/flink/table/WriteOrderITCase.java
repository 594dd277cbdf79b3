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
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * In which order a table is written unless it says so, told by the requests: strict order makes one
 * for each row of a key.
 */
@Timeout(180)
class WriteOrderITCase {

    private static final int ROWS = 200;

    /** The first row is inserted; each other one takes the row back and writes another. */
    private static final int CHANGES = 2 * ROWS - 1;

    private static final String COUNT =
            "INSERT INTO t SELECT name, COUNT(*) FROM input GROUP BY name";

    private static final String COPY = "INSERT INTO t SELECT name, 1 FROM input";

    private static final String BY_NAME = "t (name STRING, n BIGINT) PARTITIONED BY (name)";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    @TempDir private Path directory;

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void start() {
        streams.create("users/me/output", 2);
        StreamPath input = streams.create("users/me/input", 1);
        streams.putAll(input, Collections.nCopies(ROWS, PutRecord.of("ann".getBytes(UTF_8))));
    }

    private SqlSession session(String columns, String... options) {
        SqlSession session = SqlSession.streaming().set("parallelism.default", "1");
        session.createTable(
                "input (name STRING)",
                streams.endpoint(),
                "users/me/input",
                "format",
                "raw",
                "scan.bounded.mode",
                "latest");
        session.createTable(columns, streams.endpoint(), "users/me/output", options);
        return session;
    }

    private long requestsOf(ThrowingRunnable statement) throws Exception {
        long before = streams.emulator().requestCount(Operation.PUT_RECORDS);
        statement.run();
        return streams.emulator().requestCount(Operation.PUT_RECORDS) - before;
    }

    private interface ThrowingRunnable {
        void run() throws Exception;
    }

    @Test
    void changesAreInStrictOrder() throws Exception {
        SqlSession session = session(BY_NAME, "format", "debezium-json");

        assertThat(requestsOf(() -> session.run(COUNT))).isEqualTo(CHANGES);
        List<String> written = new ArrayList<>();
        for (int shard = 0; shard < 2; shard++) {
            streams.emulator().stream("users/me/output")
                    .records(shard)
                    .forEach(record -> written.add(new String(record.data(), UTF_8)));
        }
        assertThat(written).hasSize(CHANGES);
        assertThat(written.get(0)).contains("\"n\":1");
        assertThat(written.get(CHANGES - 1)).contains("\"n\":" + ROWS);
    }

    /** The plan does not say what the query is. */
    @Test
    void changesOfACompiledPlanAreInStrictOrder() throws Exception {
        Path plan = directory.resolve("plan.json");
        session(BY_NAME, "format", "debezium-json")
                .tables()
                .executeSql("COMPILE PLAN '" + plan.toUri() + "' FOR " + COUNT);
        SqlSession later = session(BY_NAME, "format", "debezium-json");

        assertThat(requestsOf(() -> later.run("EXECUTE PLAN '" + plan.toUri() + "'")))
                .isEqualTo(CHANGES);
    }

    @Test
    void changesAreInRelaxedOrderWhereThatIsChosen() throws Exception {
        SqlSession session = session(BY_NAME, "format", "debezium-json", "sink.order", "relaxed");

        assertThat(requestsOf(() -> session.run(COUNT))).isLessThan(CHANGES / 4);
    }

    @Test
    void rowsWithAKeyAreInRelaxedOrder() throws Exception {
        SqlSession session = session(BY_NAME);

        assertThat(requestsOf(() -> session.run(COPY))).isLessThan(ROWS / 4);
    }

    @Test
    void rowsWithAKeyAreInStrictOrderWhereThatIsChosen() throws Exception {
        SqlSession session = session(BY_NAME, "sink.order", "strict");

        assertThat(requestsOf(() -> session.run(COPY))).isEqualTo(ROWS);
    }

    /** Strict, it would be one row for each round trip of a subtask, with no gain. */
    @Test
    void rowsWithoutAKeyAreInNoOrderThoughTheFormatIsOneOfChanges() throws Exception {
        SqlSession session = session("t (name STRING, n BIGINT)", "format", "debezium-json");

        assertThat(requestsOf(() -> session.run(COPY))).isLessThan(ROWS / 4);
    }
}

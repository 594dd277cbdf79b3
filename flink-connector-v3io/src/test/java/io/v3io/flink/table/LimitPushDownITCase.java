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

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** LIMIT ends a bounded scan when it has enough, and no other. */
@Timeout(180)
class LimitPushDownITCase {

    private static final String STREAM = "users/me/numbers";
    private static final int RECORDS = 20_000;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void start() {
        StreamPath numbers = streams.create(STREAM, 2);
        streams.put(numbers, 0, "a", RECORDS);
        streams.put(numbers, 1, "b", 3);
    }

    private SqlSession session(SqlSession session, String... options) {
        String[] all = new String[options.length + 6];
        all[0] = "format";
        all[1] = "raw";
        all[2] = "scan.fetch.max-records";
        all[3] = "10";
        // So small that a reader cannot fetch ahead of what is wanted by much.
        all[4] = "scan.fetch.buffer-size";
        all[5] = "1 kb";
        System.arraycopy(options, 0, all, 6, options.length);
        session.createTable("numbers (n STRING)", streams.endpoint(), STREAM, all);
        return session;
    }

    @Test
    void aBoundedScanEndsWhenTheLimitIsReached() throws Exception {
        for (SqlSession session : List.of(SqlSession.batch(), SqlSession.streaming())) {
            session(session, "scan.bounded.mode", "latest");
            long before = streams.emulator().requestCount(Operation.GET_RECORDS);

            assertThat(session.explain("SELECT n FROM numbers LIMIT 7")).contains("limit=[7]");
            assertThat(session.rows("SELECT n FROM numbers LIMIT 7"))
                    .hasSize(7)
                    .doesNotHaveDuplicates();
            assertThat(streams.emulator().requestCount(Operation.GET_RECORDS) - before)
                    .isLessThan(RECORDS / 10 / 2);
        }
    }

    @Test
    void aLimitIsNotAppliedBeforeAFilterAnOrderOrAnAggregate() throws Exception {
        SqlSession session = session(SqlSession.batch(), "scan.bounded.mode", "latest");

        assertThat(session.rows("SELECT n FROM numbers WHERE n LIKE 'b%' LIMIT 7")).hasSize(3);
        assertThat(session.rows("SELECT n FROM numbers ORDER BY n DESC LIMIT 1"))
                .containsExactly(Row.of("b3"));
        assertThat(session.rows("SELECT COUNT(*) FROM numbers LIMIT 1"))
                .containsExactly(Row.of(RECORDS + 3L));
    }

    @Test
    void aLimitAboveWhatThereIsGivesEverything() throws Exception {
        SqlSession session = session(SqlSession.batch(), "scan.bounded.mode", "latest");

        assertThat(session.rows("SELECT n FROM numbers LIMIT 30000")).hasSize(RECORDS + 3);
        assertThat(session.rows("SELECT n FROM numbers LIMIT 1 OFFSET 3")).hasSize(1);
        assertThat(session.rows("SELECT n FROM numbers LIMIT 0")).isEmpty();
    }

    @Test
    void aScanWithoutAnEndGoesOn() throws Exception {
        SqlSession session = session(SqlSession.streaming());

        assertThat(session.firstRows("SELECT n FROM numbers LIMIT 7", 7)).hasSize(7);
        session =
                session(
                        SqlSession.streaming(),
                        "scan.bounded.mode",
                        "latest",
                        "scan.bounded.as-stream",
                        "true");
        assertThat(session.rows("SELECT n FROM numbers LIMIT 7")).hasSize(7);
    }
}

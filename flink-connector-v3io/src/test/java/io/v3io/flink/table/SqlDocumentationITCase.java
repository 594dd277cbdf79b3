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
import io.v3io.testing.DocumentationPage;

import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** The statements of the page of tables run, in their order. */
@Timeout(180)
class SqlDocumentationITCase {

    private static final Pattern BLOCK = Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL);

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void start() {
        streams.create("users/me/first", 1);
    }

    private List<String> statements() throws Exception {
        return BLOCK.matcher(DocumentationPage.read("sql.md").text())
                .results()
                .flatMap(block -> Pattern.compile(";\\s*\n").splitAsStream(block.group(1)))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                // Of the client only.
                .filter(statement -> !statement.startsWith("SET "))
                .map(
                        statement ->
                                statement.replace(
                                        "'connector' = 'v3io'",
                                        "'connector' = 'v3io', 'secret.access-key' = 'k', 'endpoint' = '"
                                                + streams.endpoint()
                                                + "'"))
                .toList();
    }

    @Test
    void everyStatementRuns() throws Exception {
        SqlSession session = SqlSession.streaming();
        List<String> statements = statements();
        assertThat(statements).hasSize(12);

        session.run(statements.get(0));
        session.run(statements.get(1));
        List<Row> counts = session.rows(statements.get(2));
        assertThat(counts.get(counts.size() - 1).getField(0)).isEqualTo(3L);
        assertThat(counts.get(counts.size() - 1).getField(1)).isEqualTo(7.0);
        assertThat(session.rows(statements.get(3)))
                .containsExactlyInAnyOrder(Row.of("ann", 4.5), Row.of("bob", 2.5));
        assertThat(session.rows(statements.get(4))).hasSize(3);
        session.run(statements.get(5));
        assertThat(session.rows(statements.get(6))).containsExactly(Row.of(3L));
        session.run(statements.get(10));
        session.run(statements.get(11));
        assertThat(streams.emulator().hasStream("users/me/spent")).isTrue();
        assertThat(session.rows(statements.get(7)).toString())
                .contains("shard-id in 3 and arrival-time >= 2026-01-01T00:00:00Z");

        streams.create("users/me/dead-letters", 1);
        streams.putAll(
                StreamPath.parse("users/me/orders"),
                List.of(PutRecord.of("{".getBytes(UTF_8)).withPartitionKey("ann")));
        session.run(statements.get(8));
        session.run(statements.get(9));
        assertThat(session.rows("SELECT amount FROM checked_orders")).hasSize(3);
        assertThat(session.rows("SELECT `stream`, partition_key, data FROM dead_letters"))
                .containsExactly(Row.of("users/me/orders", "ann", "{".getBytes(UTF_8)));
    }
}

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

import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.table.api.EnvironmentSettings;
import org.apache.flink.table.api.TableEnvironment;
import org.apache.flink.table.api.TableResult;
import org.apache.flink.types.Row;
import org.apache.flink.util.CloseableIterator;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Statements of one test against the cluster of the test. */
final class SqlSession {

    private final TableEnvironment tables;

    private SqlSession(EnvironmentSettings settings) {
        this.tables = TableEnvironment.create(settings);
        tables.getConfig().set("table.local-time-zone", "UTC");
    }

    static SqlSession streaming() {
        return new SqlSession(EnvironmentSettings.inStreamingMode());
    }

    static SqlSession batch() {
        return new SqlSession(EnvironmentSettings.inBatchMode());
    }

    TableEnvironment tables() {
        return tables;
    }

    SqlSession set(String option, String value) {
        tables.getConfig().set(option, value);
        return this;
    }

    /** Creates a table of a stream on an emulator; options come in pairs of name and value. */
    void createTable(String nameAndColumns, String endpoint, String stream, String... options) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("connector", "v3io");
        all.put("endpoint", endpoint);
        all.put("secret.access-key", EmulatedStreams.ACCESS_KEY);
        all.put("stream", stream);
        all.put("format", "json");
        for (int i = 0; i < options.length; i += 2) {
            all.put(options[i], options[i + 1]);
        }
        all.values().removeIf(String::isEmpty);
        tables.executeSql(
                "CREATE TABLE "
                        + nameAndColumns
                        + all.entrySet().stream()
                                .map(
                                        option ->
                                                "'"
                                                        + option.getKey()
                                                        + "' = '"
                                                        + option.getValue()
                                                        + "'")
                                .collect(Collectors.joining(", ", " WITH (", ")")));
    }

    /** Creates a table of changes, as Debezium writes them, that are read up to the newest one. */
    void createChangelog(String nameAndColumns, String endpoint, String stream) {
        createTable(
                nameAndColumns,
                endpoint,
                stream,
                "format",
                "debezium-json",
                "scan.bounded.mode",
                "latest",
                "scan.bounded.as-stream",
                "true");
    }

    /** Runs a statement to its end. */
    void run(String statement) throws Exception {
        TableResult result = tables.executeSql(statement);
        result.await(120, TimeUnit.SECONDS);
    }

    /** All rows of a query that ends. */
    List<Row> rows(String query) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (CloseableIterator<Row> iterator = tables.executeSql(query).collect()) {
            iterator.forEachRemaining(rows::add);
        }
        return rows;
    }

    /** The first rows of a query, which is then cancelled. */
    List<Row> firstRows(String query, int count) throws Exception {
        List<Row> rows = new ArrayList<>();
        try (CloseableIterator<Row> iterator = tables.executeSql(query).collect()) {
            while (rows.size() < count && iterator.hasNext()) {
                rows.add(iterator.next());
            }
        }
        return rows;
    }

    String explain(String query) {
        return tables.explainSql(query);
    }
}

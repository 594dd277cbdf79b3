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

package io.v3io.flink.e2e.versions;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkCommand;
import io.v3io.flink.e2e.cluster.FlinkHome;
import io.v3io.flink.e2e.cluster.SqlClient;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A small cluster of one version of Flink, for what users begin with. */
final class VersionCheck implements AutoCloseable {

    /** The runnable jar of the examples; the build sets it. */
    static final String EXAMPLES_JAR_PROPERTY = "v3io.examples.jar";

    private static final String ACCESS_KEY = "key-of-the-versions";
    private static final Duration SOON = Duration.ofMinutes(4);

    private static final String SQL =
            """
            SET 'execution.runtime-mode' = 'batch';
            SET 'table.dml-sync' = 'true';
            CREATE TABLE orders (
              customer STRING, amount INT,
              shard INT METADATA FROM 'shard-id' VIRTUAL
            ) WITH (
              'connector' = 'v3io', 'endpoint' = '${ENDPOINT}', 'stream' = 'users/e2e/orders',
              'format' = 'json', 'scan.startup.mode' = 'earliest', 'scan.bounded.mode' = 'latest'
            );
            INSERT INTO orders VALUES ('ann', 1), ('bob', 20), ('ann', 300);
            SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer;
            """;

    private final EmulatorProcess emulator;
    private final FlinkCluster cluster;

    /** Starts emulator and cluster. */
    VersionCheck(FlinkHome home, Path directory) {
        this.emulator =
                EmulatorProcess.start(directory.resolve("emulator"), "--access-key", ACCESS_KEY);
        try {
            this.cluster =
                    FlinkCluster.builder(directory.resolve("flink"))
                            .setHome(home)
                            .setSlots(4)
                            .setEnvironment("V3IO_ACCESS_KEY", ACCESS_KEY)
                            .start();
        } catch (RuntimeException | Error e) {
            emulator.close();
            throw e;
        }
    }

    /** The word count of the examples, by {@code flink run}; returns what it prints. */
    String wordCount() {
        return FlinkCommand.run(
                cluster,
                "word-count",
                Path.of(System.getProperty(EXAMPLES_JAR_PROPERTY)),
                SOON,
                "--endpoint",
                emulator.endpoint());
    }

    /** A file of SQL that writes a stream and reads it; returns what the SQL client prints. */
    String sql() {
        try (V3ioClient client =
                V3ioClient.builder()
                        .setEndpoint(emulator.endpoint())
                        .setAccessKey(ACCESS_KEY)
                        .build()) {
            client.createStream(StreamPath.parse("users/e2e/orders"), 4, 24).join();
        }
        SqlClient sqlClient =
                new SqlClient(
                        cluster, List.of(SqlClient.jar()), Map.of("ENDPOINT", emulator.endpoint()));
        SqlClient.Result result = sqlClient.run(SQL, SOON);
        if (result.exitCode() != 0) {
            throw new IllegalStateException("The SQL client failed: " + result.output());
        }
        return result.output();
    }

    @Override
    public void close() {
        cluster.close();
        emulator.close();
    }
}

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

package io.v3io.flink.e2e.jobs;

import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;

/**
 * A pipeline in SQL: windows over the arrival time of a stream, into files, exactly once. One row
 * for each window and shard: shard, number of records, sum of their sequence numbers.
 */
public final class WindowsJob {

    private WindowsJob() {}

    /**
     * Takes the common options, {@code --output}, a directory, and {@code --delay}, the seconds by
     * which the watermark stays behind.
     */
    public static void main(String[] args) {
        JobOptions options = JobOptions.of(args);
        StreamExecutionEnvironment env = options.environment();
        StreamTableEnvironment tables = StreamTableEnvironment.create(env);
        tables.getConfig().set("pipeline.name", "windows");
        tables.executeSql(
                """
                CREATE TABLE numbers (
                  line STRING,
                  shard INT METADATA FROM 'shard-id' VIRTUAL,
                  seq BIGINT METADATA FROM 'sequence-number' VIRTUAL,
                  arrival TIMESTAMP_LTZ(3) METADATA FROM 'arrival-time' VIRTUAL,
                  WATERMARK FOR arrival AS arrival - INTERVAL '%s' SECOND
                ) WITH (
                  'connector' = 'v3io',
                  'endpoint' = '%s',
                  'secret.access-key-file' = '%s',
                  'stream' = '%s',
                  'format' = 'raw',
                  'scan.startup.mode' = 'earliest',
                  'scan.consumer-group' = 'windows',
                  'scan.shard-discovery.interval' = '1 s'
                )"""
                        .formatted(
                                options.get("delay", "1"),
                                options.get("endpoint"),
                                options.get("access-key-file"),
                                options.get("stream")));
        tables.executeSql(
                """
                CREATE TABLE windows (shard INT, records BIGINT, numbers BIGINT) WITH (
                  'connector' = 'filesystem',
                  'path' = '%s',
                  'format' = 'csv',
                  'sink.rolling-policy.check-interval' = '1 s'
                )"""
                        .formatted(options.get("output")));
        tables.executeSql(
                """
                INSERT INTO windows
                SELECT shard, COUNT(*), SUM(seq)
                FROM TABLE(TUMBLE(TABLE numbers, DESCRIPTOR(arrival), INTERVAL '2' SECOND))
                GROUP BY window_start, window_end, shard""");
    }
}

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

import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.V3ioSource;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.bucketassigners.BasePathBucketAssigner;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;

import java.time.Duration;

/** From a stream through keyed state into files, exactly once: one row for each record. */
public final class FilesJob {

    private FilesJob() {}

    /** Takes the common options and {@code --output}, a directory. */
    public static void main(String[] args) throws Exception {
        JobOptions options = JobOptions.of(args);
        StreamExecutionEnvironment env = options.environment();
        V3ioSource<SeenRecord> source =
                V3ioSource.<SeenRecord>builder()
                        .configureClient(options::configure)
                        .setStream(options.get("stream"))
                        .setStartingPosition(StartingPosition.earliest())
                        .setConsumerGroup("files")
                        .setShardDiscoveryInterval(Duration.ofSeconds(1))
                        .setDeserializer(new SeenRecordSchema())
                        .build();
        FileSink<String> files =
                FileSink.forRowFormat(
                                new Path(options.get("output")),
                                new SimpleStringEncoder<String>("UTF-8"))
                        .withBucketAssigner(new BasePathBucketAssigner<>())
                        .withRollingPolicy(OnCheckpointRollingPolicy.build())
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "stream")
                .uid("stream")
                .keyBy(SeenRecord::getShard)
                .process(new PreviousOfShard())
                .uid("previous")
                .sinkTo(files)
                .uid("files");
        env.execute("files");
    }
}

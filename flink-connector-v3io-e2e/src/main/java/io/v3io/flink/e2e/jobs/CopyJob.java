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

import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.V3ioSource;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.time.Duration;

/**
 * From one stream into another, with partition keys, in the order of the keys, and with client info
 * unless the sink needs that for itself.
 */
public final class CopyJob {

    private CopyJob() {}

    /** Takes the options of all jobs, those of a sink, and {@code --output}, a stream. */
    public static void main(String[] args) throws Exception {
        JobOptions options = JobOptions.of(args);
        StreamExecutionEnvironment env = options.environment();
        V3ioSource<CopiedRecord> source =
                V3ioSource.<CopiedRecord>builder()
                        .configureClient(options::configure)
                        .setStream(options.get("stream"))
                        .setStartingPosition(StartingPosition.earliest())
                        .setConsumerGroup("copy")
                        .setShardDiscoveryInterval(Duration.ofSeconds(1))
                        .setDeserializer(new CopiedRecordSchema())
                        .build();
        V3ioSinkBuilder<CopiedRecord> sink =
                V3ioSink.<CopiedRecord>builder()
                        .configureClient(options::configure)
                        .setStream(options.get("output"))
                        .setSerializationSchema(record -> record.data)
                        .setPartitionKey(record -> record.partitionKey)
                        .setOrder(OrderGuarantee.STRICT);
        options.configure(sink);
        if (!options.isExactlyOnce()) {
            sink.setClientInfo(record -> record.clientInfo);
        }
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "stream")
                .uid("stream")
                .sinkTo(sink.build())
                .uid("copy");
        env.execute("copy");
    }
}

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

package io.v3io.flink.e2e.interop;

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Jobs with source and sink, whose elements are the lines that the other clients speak. */
final class FlinkJobs {

    private static final int PARALLELISM = 2;
    private static final long CHECKPOINT_INTERVAL_MILLIS = 200;

    private FlinkJobs() {}

    /** A source of lines, from the oldest record to the newest. */
    static V3ioSourceBuilder<String> source(String endpoint, StreamPath stream) {
        return V3ioSource.<String>builder()
                .setEndpoint(endpoint)
                .setAccessKey(InteropWorld.ACCESS_KEY)
                .setStream(stream.toString())
                .setStartingPosition(StartingPosition.earliest())
                .setBounded(StoppingPosition.latest())
                .setDeserializer(new LineSchema());
    }

    /** What a bounded source reads, by place. */
    static List<RecordLine> read(V3ioSourceBuilder<String> source) throws Exception {
        List<RecordLine> records = new ArrayList<>();
        try (CloseableIterator<String> lines =
                environment()
                        .fromSource(source.build(), WatermarkStrategy.noWatermarks(), "v3io")
                        .executeAndCollect()) {
            lines.forEachRemaining(line -> records.add(RecordLine.parseLine(line).normalized()));
        }
        records.sort(RecordLine.BY_PLACE);
        return records;
    }

    /** Writes records with the sink, by their keys. */
    static void write(String endpoint, StreamPath stream, List<RecordLine> records)
            throws Exception {
        StreamExecutionEnvironment environment = environment();
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey(InteropWorld.ACCESS_KEY)
                        .setStream(stream.toString())
                        .setSerializationSchema(
                                (SerializationSchema<String>)
                                        line -> RecordLine.parseLine(line).dataBytes())
                        .setPartitionKey(line -> RecordLine.parseLine(line).key())
                        .setClientInfo(line -> RecordLine.parseLine(line).clientBytes())
                        .setMaxBatchSize(10)
                        .setOrdered(true)
                        .build();
        environment
                .fromData(records.stream().map(RecordLine::format).toList(), Types.STRING)
                .sinkTo(sink);
        environment.execute("write");
    }

    /** Writes keys as data, each to the shard that storey would choose. */
    static void writeKeys(String endpoint, StreamPath stream, List<String> keys) throws Exception {
        StreamExecutionEnvironment environment = environment();
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey(InteropWorld.ACCESS_KEY)
                        .setStream(stream.toString())
                        .setSerializationSchema(new SimpleStringSchema())
                        .setPartitioner(Partitioner.STOREY)
                        .setPartitionKey(key -> key)
                        .build();
        environment.fromData(keys, Types.STRING).sinkTo(sink);
        environment.execute("write keys");
    }

    private static StreamExecutionEnvironment environment() {
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment();
        environment.setParallelism(PARALLELISM);
        environment.enableCheckpointing(CHECKPOINT_INTERVAL_MILLIS);
        return environment;
    }

    /** The whole record as a line. */
    private static final class LineSchema implements V3ioDeserializationSchema<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(StreamRecord record, Collector<String> out) {
            out.collect(
                    new RecordLine(
                                    record.shard().number(),
                                    record.sequenceNumber(),
                                    Base64.getEncoder().encodeToString(record.data()),
                                    record.partitionKey(),
                                    record.clientInfo() == null
                                            ? null
                                            : Base64.getEncoder()
                                                    .encodeToString(record.clientInfo()))
                            .format());
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }
}

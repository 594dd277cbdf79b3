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
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;

/** Jobs with source and sink, whose elements are the lines that the other clients speak. */
final class FlinkJobs {

    private static final int PARALLELISM = 2;
    private static final long CHECKPOINT_INTERVAL_MILLIS = 200;
    private static final long EXACTLY_ONCE_INTERVAL_MILLIS = 50;
    private static final int RECORDS_OF_AN_EPOCH = 50;

    private static final AtomicInteger FAILURES_LEFT = new AtomicInteger();

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
                        .setOrder(OrderGuarantee.STRICT)
                        .build();
        environment
                .fromData(records.stream().map(RecordLine::format).toList(), Types.STRING)
                .sinkTo(sink);
        environment.execute("write");
    }

    /**
     * Writes records with an exactly-once sink, by their keys, while attempts of the job fail. Its
     * tags are the records' client info.
     *
     * @param failures how often a task fails
     */
    static void writeExactlyOnce(
            String endpoint, StreamPath stream, List<RecordLine> records, int failures)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 2 * failures);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        environment.setParallelism(PARALLELISM);
        environment.enableCheckpointing(EXACTLY_ONCE_INTERVAL_MILLIS);
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey(InteropWorld.ACCESS_KEY)
                        .setStream(stream.toString())
                        .setSerializationSchema(
                                (SerializationSchema<String>)
                                        line -> RecordLine.parseLine(line).dataBytes())
                        .setPartitionKey(line -> RecordLine.parseLine(line).key())
                        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                        .setLandingTimeout(Duration.ofMillis(100))
                        .setTakeoverDelay(Duration.ofMillis(100))
                        .setMaxBatchSize(10)
                        .setOrder(OrderGuarantee.STRICT)
                        .build();
        List<String> lines = records.stream().map(RecordLine::format).toList();
        // Some of them in each epoch, and failures between the epochs.
        DataGeneratorSource<String> source =
                new DataGeneratorSource<>(
                        index -> lines.get(index.intValue()),
                        lines.size(),
                        RateLimiterStrategy.perCheckpoint(RECORDS_OF_AN_EPOCH),
                        Types.STRING);
        FAILURES_LEFT.set(failures);
        environment
                .fromSource(source, WatermarkStrategy.noWatermarks(), "lines")
                .setParallelism(1)
                .map(new FailingMap())
                .setParallelism(1)
                .keyBy(line -> String.valueOf(RecordLine.parseLine(line).key()))
                .sinkTo(sink);
        environment.execute("write exactly once");
        assertThat(FAILURES_LEFT).as("failures that did not come about").hasValue(0);
    }

    /** Fails in the middle of its second epoch. */
    private static final class FailingMap implements MapFunction<String, String> {

        private static final long serialVersionUID = 1L;

        private int passed;

        @Override
        public String map(String line) {
            if (++passed > RECORDS_OF_AN_EPOCH + RECORDS_OF_AN_EPOCH / 2
                    && FAILURES_LEFT.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("An attempt fails, as the test wants it.");
            }
            return line;
        }
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

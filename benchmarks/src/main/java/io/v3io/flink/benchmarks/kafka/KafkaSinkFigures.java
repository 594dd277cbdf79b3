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

package io.v3io.flink.benchmarks.kafka;

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.Turns;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;
import io.v3io.flink.benchmarks.sink.SinkLoad;
import io.v3io.flink.sink.V3ioSink;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;

import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The CPU time of a Flink process for a gigabyte that it writes, at least once and in the order of
 * its keys, with the defaults of both sinks.
 */
public final class KafkaSinkFigures {

    private static final int ROUNDS = 5;
    private static final int PARTITIONS = 16;
    private static final int RECORD_BYTES = 1_024;

    /** Those before the measurement, in which a new job warms up. */
    private static final int SKIPPED = 250_000;

    private static final int RECORDS = 1_000_000;

    private KafkaSinkFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "kafka.sink.cpu.per.gb",
                        "CPU seconds of the Flink process per GB, 1 KiB records with 64 keys: V3ioSink /"
                                + " KafkaSink with acks=all and 16 partitions",
                        Aim.atMost(1),
                        KafkaSinkFigures::measure));
    }

    private static Reading measure(Run run) throws Exception {
        SinkLoad load = new SinkLoad(RECORD_BYTES);
        try (MeasuredBroker broker = MeasuredBroker.start();
                ServerProcess server =
                        ServerProcess.start(
                                ServerSettings.standard()
                                        .withPutRecordBytes(load.encodedBytes()))) {
            int[] topics = new int[1];
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> secondsPerGigabyte(ours(server.endpoint(), load)),
                            () -> {
                                String topic = "sink-" + topics[0]++;
                                broker.create(topic, PARTITIONS);
                                double seconds = secondsPerGigabyte(kafkas(broker, topic, load));
                                broker.delete(topic);
                                return seconds;
                            });
            run.tell("V3ioSink, CPU ms/GB", turns.ours().times(1_000));
            run.tell("KafkaSink, CPU ms/GB", turns.others().times(1_000));
            return Reading.of(turns.ratio());
        }
    }

    private static double secondsPerGigabyte(Sink<Long> sink) throws Exception {
        return EndingSinkJob.cpuNanosPerRecord(sink, SKIPPED, RECORDS) / RECORD_BYTES;
    }

    static V3ioSink<Long> ours(String endpoint, SinkLoad load) {
        return V3ioSink.<Long>builder()
                .setEndpoint(endpoint)
                .setAccessKey("any")
                .setStream("bench/sink")
                .setSerializationSchema(load)
                .setPartitionKey(load::key)
                .build();
    }

    static KafkaSink<Long> kafkas(MeasuredBroker broker, String topic, SinkLoad load) {
        return KafkaSink.<Long>builder()
                .setBootstrapServers(broker.bootstrapServers())
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setProperty("acks", "all")
                .setRecordSerializer(
                        KafkaRecordSerializationSchema.<Long>builder()
                                .setTopic(topic)
                                .setKeySerializationSchema(
                                        (Long element) -> load.key(element).getBytes(UTF_8))
                                .setValueSerializationSchema(load)
                                .build())
                .build();
    }
}

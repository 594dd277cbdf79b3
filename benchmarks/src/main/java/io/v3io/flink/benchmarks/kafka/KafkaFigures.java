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
import io.v3io.flink.benchmarks.source.CountingJob;
import io.v3io.flink.benchmarks.source.PayloadSchema;

import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;

import java.util.List;
import java.util.Locale;

/**
 * The CPU time of a Flink process for a gigabyte of payload. Kafka's protocol is binary and its
 * broker is free to send what it has on disk as it is; V3IO's is JSON with base64.
 */
public final class KafkaFigures {

    private static final int ROUNDS = 5;
    private static final int PARTITIONS = 16;
    private static final int RECORD_BYTES = 1_024;
    private static final int RECORDS = 1_500_000;

    /** Those of them before the measurement, in which a new job warms up. */
    private static final int SKIPPED = 250_000;

    private static final int MEASURED = 1_200_000;
    static final String TOPIC = "records";

    private KafkaFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "kafka.cpu.per.gb",
                        "CPU seconds of the Flink process per GB, 1 KiB records, 16 shards: ours /"
                                + " flink-connector-kafka with 16 partitions",
                        Aim.atMost(0.60),
                        KafkaFigures::measure));
    }

    private static Reading measure(Run run) throws Exception {
        CountingJob ours =
                CountingJob.ofRecords(SKIPPED, MEASURED, run.profiles("V3ioSource, 16 shards"));
        CountingJob kafkas = CountingJob.ofRecords(SKIPPED, MEASURED, run.profiles("KafkaSource"));
        try (MeasuredBroker broker = MeasuredBroker.start();
                ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            broker.fill(TOPIC, PARTITIONS, RECORDS, RECORD_BYTES);
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () ->
                                    secondsPerGigabyte(
                                            ours.run(CountingJob.v3ioSource(server.endpoint()))),
                            () ->
                                    secondsPerGigabyte(
                                            kafkas.run(kafkaSource(broker.bootstrapServers()))));
            tell(run, "V3ioSource", turns.ours().median());
            tell(run, "KafkaSource", turns.others().median());
            return Reading.of(turns.ratio());
        }
    }

    private static void tell(Run run, String what, double seconds) {
        run.tell(String.format(Locale.ROOT, "%s: %.2f CPU seconds per GB", what, seconds));
    }

    private static double secondsPerGigabyte(CountingJob.Round round) {
        return round.cpuSeconds() / (round.records() * (double) RECORD_BYTES / 1e9);
    }

    static KafkaSource<byte[]> kafkaSource(String bootstrapServers) {
        return KafkaSource.<byte[]>builder()
                .setBootstrapServers(bootstrapServers)
                .setTopics(TOPIC)
                .setGroupId("bench")
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setValueOnlyDeserializer(new PayloadSchema())
                .build();
    }
}

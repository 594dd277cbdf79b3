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

import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;
import io.v3io.flink.benchmarks.sink.SinkLoad;
import io.v3io.flink.benchmarks.source.CountingJob;
import io.v3io.flink.benchmarks.source.CountingSink;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.Socket;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(300)
class MeasuredBrokerITCase {

    private static final int RECORDS = 3_000;

    @Test
    void aJobReadsWhatABrokerWasFilledWithAndNothingOfTheBrokerIsLeft() throws Exception {
        long before = CountingSink.count();
        Path folder;
        String[] address;
        try (MeasuredBroker broker = MeasuredBroker.start()) {
            folder = broker.folder();
            address = broker.bootstrapServers().split(":");
            broker.fill(KafkaFigures.TOPIC, 2, RECORDS, 100);

            CountingJob.Round unused =
                    CountingJob.ofRecords(0, RECORDS, null)
                            .run(KafkaFigures.kafkaSource(broker.bootstrapServers()));
        }

        assertThat(CountingSink.count() - before).isEqualTo(RECORDS);
        assertThat(folder).doesNotExist();
        assertThatThrownBy(() -> new Socket(address[0], Integer.parseInt(address[1])).close())
                .hasMessageContaining("refused");
    }

    @Test
    void bothSinksStoreEveryRecordBeforeTheirJobEnds() throws Exception {
        SinkLoad load = new SinkLoad(100);
        try (MeasuredBroker broker = MeasuredBroker.start();
                ServerProcess server =
                        ServerProcess.start(
                                ServerSettings.standard()
                                        .withPutRecordBytes(load.encodedBytes()))) {
            broker.create("sink", 2);

            double kafkas =
                    EndingSinkJob.cpuNanosPerRecord(
                            KafkaSinkFigures.kafkas(broker, "sink", load), 100, RECORDS);
            double ours =
                    EndingSinkJob.cpuNanosPerRecord(
                            KafkaSinkFigures.ours(server.endpoint(), load), 100, RECORDS);

            assertThat(kafkas).isPositive();
            assertThat(ours).isPositive();
            assertThat(broker.records("sink", 2)).isEqualTo(RECORDS);
            assertThat(server.statistics().records()).isEqualTo(RECORDS);
            broker.delete("sink");
            assertThatThrownBy(() -> broker.records("sink", 2))
                    .hasMessageContaining("UnknownTopicOrPartition");
        }
    }
}

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

package io.v3io.flink.benchmarks.sink;

import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;
import io.v3io.flink.sink.OrderGuarantee;

import org.junit.jupiter.api.Test;

import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;

class SinkJobITCase {

    @Test
    void aJobInStrictOrderSendsNoRequestWithTwoRecordsOfAKey() throws Exception {
        SinkLoad load = new SinkLoad(200);
        try (ServerProcess server =
                ServerProcess.start(
                        ServerSettings.standard().withPutRecordBytes(load.encodedBytes()))) {
            SinkJob job =
                    new SinkJob(
                            server,
                            load,
                            OrderGuarantee.STRICT,
                            Duration.ofMillis(10),
                            Duration.ofMillis(100),
                            null);

            SinkJob.Round round = job.run();

            assertThat(round.recordsPerSecond()).isPositive();
            assertThat(round.sent().putRequests().lastKey()).isBetween(1, SinkLoad.KEYS);
        }
    }
}

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

package io.v3io.flink.benchmarks.source;

import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class CountingJobITCase {

    @Test
    void aJobReadsAsManyRecordsAsItIsAskedFor() throws Exception {
        long before = CountingSink.count();
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            CountingJob.Round round =
                    CountingJob.ofRecords(1_000, 20_000, null)
                            .run(CountingJob.v3ioSource(server.endpoint()));

            assertThat(CountingSink.count() - before).isGreaterThanOrEqualTo(21_000);
            assertThat(round.records()).isPositive();
            assertThat(round.recordsPerSecond()).isPositive();
            assertThat(round.recordsPerCpuSecond()).isPositive();
        }
    }
}

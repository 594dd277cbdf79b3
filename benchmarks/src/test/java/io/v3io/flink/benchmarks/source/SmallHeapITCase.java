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

import io.v3io.flink.benchmarks.measure.JavaProcess;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** A whole Flink job in a process of its own, whose heap holds half of what its shards answer. */
@Timeout(180)
class SmallHeapITCase {

    private static final int SHARDS = 1_024;

    /** In JSON about a megabyte. */
    private static final int RECORDS_PER_ANSWER = 700;

    private static final int ANSWERS = 2 * SHARDS;

    @Test
    void aThousandShardsThatAnswerAMegabyteEachAreReadWithAHeapOfHalfAGigabyte() throws Exception {
        List<String> flags = new ArrayList<>(List.of("-Xmx512m", "-XX:+ExitOnOutOfMemoryError"));
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-")) {
                flags.add(flag);
            }
        }
        ServerSettings settings =
                ServerSettings.standard().withShards(SHARDS).withRecords(1_024, RECORDS_PER_ANSWER);
        try (ServerProcess server = ServerProcess.start(settings);
                JavaProcess job =
                        JavaProcess.start(
                                flags,
                                SmallHeapJob.class,
                                List.of(
                                        server.endpoint(),
                                        String.valueOf(ANSWERS * RECORDS_PER_ANSWER)))) {
            String read = job.awaitLine(SmallHeapJob.READ);

            assertThat(Long.parseLong(read)).isGreaterThanOrEqualTo(ANSWERS * RECORDS_PER_ANSWER);
            job.awaitSuccess();
        }
    }
}

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

package io.v3io.flink.benchmarks.scale;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(240)
class ScaleITCase {

    @Test
    void twoReadersOfAllShardsThatAStreamCanHaveNeedLittleHeap() throws Exception {
        assertThat(ScaleFigures.memory(2, 4_096, "-Xmx512m").live()).isBetween(1.0, 400.0);
    }

    @Test
    void sixtyFourReadersOfAShardEachNeedLittleHeap() throws Exception {
        assertThat(ScaleFigures.memory(64, 64, "-Xmx512m").live()).isBetween(1.0, 400.0);
    }

    @Test
    void whatAnIdleJobAsksForIsBoundedByItsShardsAndNotByItsSubtasks() throws Exception {
        int shards = 8;
        // From 10 ms, doubled by each empty answer, to 250 ms: half a second until all are there.
        IdleJob job = new IdleJob(shards, Duration.ofSeconds(2), Duration.ofSeconds(2));
        double boundPerSecond = shards / 0.25;

        double oneEach = job.requestsPerSecond(shards);
        double manyWithout = job.requestsPerSecond(12 * shards);

        // Looks for new shards, one in ten seconds, come on top.
        assertThat(oneEach).isPositive().isLessThan(1.1 * boundPerSecond + 2);
        assertThat(manyWithout).isPositive().isLessThan(1.1 * boundPerSecond + 2);
    }
}

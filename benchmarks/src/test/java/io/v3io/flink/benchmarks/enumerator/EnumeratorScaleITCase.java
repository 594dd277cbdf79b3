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

package io.v3io.flink.benchmarks.enumerator;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class EnumeratorScaleITCase {

    /** CPU time of one thread, so that a busy machine does not matter. */
    @Test
    void aThousandReadersAndFourHundredThousandShardsCostTheCoordinatorLittle() throws Exception {
        EnumeratorScale.Costs costs = new EnumeratorScale(1_024, 100, 4_096).measure();

        assertThat(costs.start()).isLessThan(2);
        assertThat(costs.failure()).isLessThan(2);
        assertThat(costs.restore()).isLessThan(2);
        assertThat(costs.growth()).isLessThan(2);
        assertThat(costs.checkpointBytes()).isLessThanOrEqualTo(64);
    }
}

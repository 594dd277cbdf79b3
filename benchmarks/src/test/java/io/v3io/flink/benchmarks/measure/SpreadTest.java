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

package io.v3io.flink.benchmarks.measure;

import org.junit.jupiter.api.Test;

import java.util.Iterator;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class SpreadTest {

    @Test
    void theMedianIsTheMiddleOneOrLiesBetweenTheMiddleTwo() {
        assertThat(Spread.of(List.of(5.0, 1.0, 3.0))).isEqualTo(new Spread(3, 1, 5));
        assertThat(Spread.of(List.of(8.0, 1.0, 4.0, 2.0))).isEqualTo(new Spread(3, 1, 8));
    }

    @Test
    void aRatioIsThatOfEachRoundAndRoundsThatWarmUpDoNotCount() throws Exception {
        Iterator<Double> ours = List.of(100.0, 2.0, 2.0, 9.0, 4.0).iterator();
        Iterator<Double> others = List.of(1.0, 1.0, 1.0, 3.0, 4.0).iterator();

        Turns turns = Turns.measure(3, ours::next, others::next);

        assertThat(turns.ratio()).isEqualTo(new Spread(2, 1, 3));
        assertThat(turns.ours()).isEqualTo(new Spread(4, 2, 9));
    }
}

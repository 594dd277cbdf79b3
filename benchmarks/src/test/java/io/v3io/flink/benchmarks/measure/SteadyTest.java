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

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class SteadyTest {

    @Test
    void onlyTheLastValuesCount() {
        assertThat(Steady.of(List.of(1.0, 50.0, 100.0, 102.0, 104.0, 102.0)))
                .isEqualTo(new Steady(102, true));
    }

    @Test
    void valuesThatStillGrowAreNotSteady() {
        assertThat(Steady.of(List.of(90.0, 93.0, 96.0, 99.0)).isSteady()).isFalse();
        assertThat(Steady.of(List.of(99.0, 96.0, 93.0, 90.0)).isSteady()).isFalse();
    }
}

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

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class TurnsTest {

    private final Deque<Double> ours = new ArrayDeque<>();
    private int others;

    private Turns measure(Double... values) throws Exception {
        ours.addAll(List.of(values));
        return Turns.measure(3, ours::remove, () -> (double) ++others);
    }

    @Test
    void theFirstRoundIsNotCounted() throws Exception {
        Turns turns = measure(98.0, 100.0, 110.0, 130.0);

        assertThat(turns.ours()).isEqualTo(new Spread(110, 100, 130));
        assertThat(turns.others()).isEqualTo(new Spread(3, 2, 4));
        assertThat(ours).isEmpty();
    }

    @Test
    void norIsOneThatDiffersFromTheOneBefore() throws Exception {
        Turns turns = measure(50.0, 90.0, 100.0, 101.0, 102.0, 103.0);

        assertThat(turns.ours()).isEqualTo(new Spread(102, 101, 103));
        assertThat(turns.others()).isEqualTo(new Spread(5, 4, 6));
    }

    @Test
    void fourAreNotCountedAtTheMost() throws Exception {
        Turns turns = measure(50.0, 60.0, 70.0, 80.0, 90.0, 100.0, 110.0);

        assertThat(turns.ours()).isEqualTo(new Spread(100, 90, 110));
        assertThat(ours).isEmpty();
    }
}

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

package io.v3io.flink.source.reader;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class ByteBudgetTest {

    private final List<Long> changes = new ArrayList<>();

    @Test
    void takesWhatFitsAndIsCorrectedByWhatComes() {
        ByteBudget budget = new ByteBudget(100, changes::add);

        assertThat(budget.tryReserve(60)).isTrue();
        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(budget.tryReserve(40)).isTrue();
        assertThat(budget.tryChange(40, 41)).isFalse();
        assertThat(budget.usedBytes()).isEqualTo(100);

        assertThat(budget.tryChange(60, 10)).isTrue();
        assertThat(budget.tryChange(40, 90)).isTrue();
        assertThat(budget.usedBytes()).isEqualTo(100);

        budget.release(100);
        assertThat(budget.usedBytes()).isZero();
        assertThat(changes).containsExactly(60L, 100L, 50L, 100L, 0L);
    }

    @Test
    void letsInOneAnswerThatIsLargerThanTheWholeBudgetWhenNothingElseIsThere() {
        ByteBudget budget = new ByteBudget(1, changes::add);

        assertThat(budget.tryReserve(1_000)).isTrue();
        assertThat(budget.tryReserve(1)).isFalse();
        assertThat(budget.tryChange(1_000, 2_000)).isTrue();
        budget.release(2_000);
        assertThat(budget.tryReserve(1)).isTrue();
    }

    @Test
    void whatIsNotNeededNextLeavesOneHalf() {
        ByteBudget budget = new ByteBudget(100, used -> {});
        assertThat(budget.tryChangeSpare(0, 51)).isFalse();
        assertThat(budget.tryChangeSpare(0, 30)).isTrue();
        assertThat(budget.tryChangeSpare(30, 50)).isTrue();
        assertThat(budget.tryChangeSpare(0, 1)).isFalse();
        assertThat(budget.tryReserve(50)).isTrue();
        assertThat(budget.tryChangeSpare(50, 20)).isTrue();
        assertThat(budget.usedBytes()).isEqualTo(70);
    }
}

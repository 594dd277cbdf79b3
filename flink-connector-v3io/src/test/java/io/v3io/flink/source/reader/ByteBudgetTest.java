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

import static org.assertj.core.api.Assertions.assertThat;

class ByteBudgetTest {

    @Test
    void admitsWhatFitsAndCorrectsByWhatCame() {
        ByteBudget budget = new ByteBudget(100);

        assertThat(budget.tryReserve(60)).isTrue();
        assertThat(budget.tryReserve(41)).isFalse();
        assertThat(budget.tryReserve(40)).isTrue();

        budget.correct(60, 10);
        assertThat(budget.usedBytes()).isEqualTo(50);
        assertThat(budget.tryReserve(50)).isTrue();

        budget.release(100);
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void admitsOneAnswerThatIsLargerThanTheWholeBudget() {
        ByteBudget budget = new ByteBudget(1);

        assertThat(budget.tryReserve(1_000)).isTrue();
        assertThat(budget.tryReserve(1)).isFalse();
        budget.release(1_000);
        assertThat(budget.tryReserve(1)).isTrue();
    }
}

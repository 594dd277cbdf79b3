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

package io.v3io.emulator.condition;

import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.AttributeValue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ConditionTest {
    private static final Map<String, AttributeValue> ITEM =
            Map.of(
                    "n",
                    AttributeValue.number(3),
                    "s",
                    new AttributeValue(AttributeValue.Type.S, "it's"),
                    "t",
                    new AttributeValue(AttributeValue.Type.BOOL, "true"),
                    "__my-group_committed_sequence_number",
                    AttributeValue.number(7));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n == 3",
                "n==3",
                "3 == n",
                "n == 3.0",
                "n != 4",
                "n < 4 and n <= 3 and n > 2 and n >= 3",
                "n > -1e3",
                "s == 'it\\'s'",
                "s == \"it's\"",
                "t == true",
                "TRUE == t",
                "exists(n)",
                "EXISTS( n )",
                "not exists(x)",
                "not(exists(x))",
                "NOT (n == 4) AND (s < 'j')",
                "n == 4 or n == 3 and t == true",
                "(n == 3 or n == 4) and t == true",
                "not not n == 3",
                "not x == 1",
                "__my-group_committed_sequence_number == 7"
            })
    void holds(String expression) {
        assertThat(Condition.parse(expression).test(ITEM)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "n == 4",
                "x == 1",
                "x != 1",
                "n == '3'",
                "s == 3",
                "t == false",
                "exists(x)",
                "n == 4 and x == 1 or exists(x)",
                "not (n == 3)"
            })
    void doesNotHold(String expression) {
        assertThat(Condition.parse(expression).test(ITEM)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "n",
                "n ==",
                "== 3",
                "n = 3",
                "(n == 3",
                "n == 3)",
                "n == 3 n == 3",
                "exists n",
                "exists()",
                "s == 'x",
                "n == 1.2.3",
                "and",
                "not"
            })
    void malformedIsRefusedWithItsPlace(String expression) {
        assertThatThrownBy(() -> Condition.parse(expression))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("is malformed at character");
    }

    @Test
    void nestingIsBounded() {
        String deep = "(".repeat(99) + "n == 3" + ")".repeat(99);
        assertThat(Condition.parse(deep).test(ITEM)).isTrue();
        assertThatThrownBy(() -> Condition.parse("not ".repeat(100_000) + "n == 3"))
                .isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> Condition.parse("(".repeat(100_000)))
                .isInstanceOf(ApiException.class);
    }
}

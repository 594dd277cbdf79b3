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

package io.v3io.client.http;

import io.v3io.client.ErrorName;
import io.v3io.client.Operation;
import io.v3io.client.V3ioException.Kind;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class AdviceTest {

    @ParameterizedTest
    @EnumSource
    void everyAnswerHasAnAdviceWhateverWasAskedFor(Kind kind) {
        for (Operation operation : Operation.values()) {
            String advice =
                    Advice.of(
                            kind,
                            operation,
                            404,
                            ErrorName.UNKNOWN,
                            "the key in the drawer",
                            setting -> "what is called " + setting);
            if (kind == Kind.TRANSPORT || kind == Kind.CLOSED) {
                assertThat(advice).isEmpty();
            } else {
                assertThat(advice).endsWith(".").doesNotContain("null").hasSizeBetween(20, 260);
            }
            assertThat(advice.contains("the key in the drawer"))
                    .isEqualTo(kind == Kind.PERMISSION_DENIED);
            assertThat(advice.contains("set"))
                    .as(advice)
                    .isEqualTo(advice.contains("what is called set"));
        }
    }
}

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

import io.v3io.client.AnswerAdmission;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class AttemptAdmissionsTest {

    private final List<Long> asked = new ArrayList<>();
    private final AttemptAdmissions admissions =
            new AttemptAdmissions(
                    bodyBytes -> {
                        asked.add(bodyBytes);
                        return bodyBytes < 100;
                    });

    @Test
    void passesOnWhatTheCallerSays() {
        AnswerAdmission attempt = admissions.next();
        assertThat(attempt.admit(99)).isTrue();
        assertThat(attempt.admit(100)).isFalse();
        assertThat(asked).containsExactly(99L, 100L);
    }

    @Test
    void anAttemptThatHasARepetitionAsksNobodyAnyMore() {
        AnswerAdmission first = admissions.next();
        assertThat(first.admit(1)).isTrue();
        AnswerAdmission second = admissions.next();
        assertThat(second.admit(50)).isTrue();

        assertThat(first.admit(2)).isFalse();

        assertThat(asked).containsExactly(1L, 50L);
    }
}

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

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class CurrentStepTest {

    private final CurrentStep step = new CurrentStep();
    private final List<String> cancelled = new ArrayList<>();

    @Test
    void cancelsNothingBeforeTheFirstStep() {
        step.cancel();
        assertThat(cancelled).isEmpty();
    }

    @Test
    void cancelsTheLastStepOnly() {
        step.note(1, () -> cancelled.add("request 1"));
        step.note(2, () -> cancelled.add("wait"));
        step.cancel();
        assertThat(cancelled).containsExactly("wait");
    }

    @Test
    void aStepThatIsNotedLateDoesNotHideItsSuccessor() {
        step.note(3, () -> cancelled.add("request 2"));
        step.note(1, () -> cancelled.add("request 1"));
        step.cancel();
        assertThat(cancelled).containsExactly("request 2");
    }
}

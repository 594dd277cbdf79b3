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

package io.v3io.flink.examples;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

class FablesTest {

    @Test
    void hasTheWordsThatTheExamplesCount() throws IOException {
        List<String> fables = Fables.all();
        Map<String, Long> counts =
                fables.stream()
                        .flatMap(fable -> Fables.words(fable).stream())
                        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(fables).hasSize(23);
        assertThat(new WordTable(counts).totals()).isEqualTo("2236 words, 754 distinct");
        assertThat(new WordTable(counts).top(4)).isEqualTo("the 140, a 95, and 81, to 60");
    }

    @Test
    void keepsLettersOnlyAndDropsWhatHasNone() {
        assertThat(Fables.words("  The Wolf’s—\tright\n to \u201cEAT\u201d 42 him! - "))
                .containsExactly("the", "wolfs", "right", "to", "eat", "him");
        assertThat(Fables.words(" ")).isEmpty();
    }
}

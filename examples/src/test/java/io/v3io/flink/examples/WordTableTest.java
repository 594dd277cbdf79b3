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

import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;

class WordTableTest {

    @Test
    void showsTheMostFrequentFirstAndTiesByTheAlphabet() {
        Output output = new Output();
        new WordTable(Map.of("wolf", 2L, "lamb", 2L, "the", 140L, "ass", 1L, "bat", 1L))
                .print(output.stream(), 4);
        assertThat(output.lines())
                .containsExactly(
                        "",
                        "rank  word          count",
                        "   1  the             140",
                        "   2  lamb              2",
                        "   3  wolf              2",
                        "   4  ass               1",
                        "",
                        "146 words, 5 distinct");
    }

    @Test
    void showsAnEmptyCount() {
        Output output = new Output();
        new WordTable(Map.of()).print(output.stream(), 4);
        assertThat(output.text()).contains("0 words, 0 distinct");
    }
}

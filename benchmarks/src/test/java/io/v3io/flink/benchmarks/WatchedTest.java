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

package io.v3io.flink.benchmarks;

import io.v3io.flink.benchmarks.measure.Spread;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Queue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class WatchedTest {

    private static final OptionalDouble QUIET = OptionalDouble.of(0.01);
    private static final OptionalDouble DISTURBED = OptionalDouble.of(0.2);
    private static final OptionalDouble MORE_DISTURBED = OptionalDouble.of(0.3);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Run run = new Run(new PrintStream(out, true, UTF_8), false, Path.of("docs"));
    private final Queue<Double> values = new ArrayDeque<>(List.of(1.0, 2.0, 3.0));
    private final Figure figure =
            new Figure(
                    "some.figure",
                    "something",
                    Figure.Aim.atLeast(1.5),
                    unused -> {
                        double value = values.remove();
                        return Reading.of(new Spread(value, value, value));
                    });

    @Test
    void aQuietFigureIsMeasuredOnce() throws Exception {
        Watched.Result result = measure(QUIET);

        assertThat(row(result))
                .isEqualTo("| `some.figure` | something | 1.50 | 1.00 | 1.00 to 1.00 | no | 1 % |");
        assertThat(out.toString(UTF_8)).contains("others had 1 % of the machine before, 1 %");
    }

    @Test
    void aDisturbedFigureIsMeasuredOnceMore() throws Exception {
        assertThat(row(measure(DISTURBED, QUIET)))
                .isEqualTo(
                        "| `some.figure` | something | 1.50 | 2.00 | 2.00 to 2.00 | yes | 1 % |");
    }

    @Test
    void aFigureThatIsDisturbedTwiceSaysSoAndIsTheLessDisturbedOne() throws Exception {
        assertThat(row(measure(DISTURBED, MORE_DISTURBED)))
                .endsWith("| 1.00 | 1.00 to 1.00 | no | disturbed: 20 % |");
        assertThat(values).hasSize(1);
    }

    @Test
    void anUnknownLoadIsNoDisturbance() throws Exception {
        assertThat(row(measure(OptionalDouble.empty()))).endsWith("| no | unknown |");
    }

    @Test
    void whatCannotBeMeasuredHereSaysWhyAndIsNotTriedAgain() throws Exception {
        Figure impossible =
                new Figure(
                        "some.figure",
                        "something",
                        Figure.Aim.none(),
                        unused -> Reading.impossible("no such processor"));

        Watched.Result result = new Watched(run, loads(DISTURBED)).measure(impossible);

        Table table = new Table();
        table.add(impossible, result);
        assertThat(table.lines().get(2))
                .isEqualTo(
                        "| `some.figure` | something (not measurable: no such processor) | report"
                                + " | - | - | - | - |");
    }

    @Test
    void aRemarkAndAFailureStandInTheTable() {
        Table table = new Table();
        Reading reading = Reading.of(new Spread(25, 24, 26)).with("1 of 6 processes was odd");
        table.add(figure, new Watched.Result(reading, QUIET));
        table.addFailed(figure, new IllegalStateException("no"));

        assertThat(table.lines())
                .contains(
                        "| `some.figure` | something (1 of 6 processes was odd) | 1.50 | 25 | 24 to 26"
                                + " | yes | 1 % |",
                        "| `some.figure` | something | 1.50 | failed: IllegalStateException | - | - |"
                                + " - |");
    }

    @Test
    void theSummaryNamesRowsByWhatIsWrong() {
        Table table = new Table();
        assertThat(table.summary())
                .containsExactly(
                        "Disturbed by others: none", "Aim not reached: none", "Not measured: none");

        table.add(figure, new Watched.Result(Reading.of(new Spread(1.4, 1.3, 1.6)), DISTURBED));
        table.addFailed(figure, new IllegalStateException("no"));
        table.add(figure, new Watched.Result(Reading.of(new Spread(1.6, 1.3, 1.6)), QUIET));

        assertThat(table.summary())
                .containsExactly(
                        "Disturbed by others: some.figure",
                        "Aim not reached: some.figure",
                        "Not measured: some.figure");
    }

    private Watched.Result measure(OptionalDouble... meanwhile) throws Exception {
        return new Watched(run, loads(meanwhile)).measure(figure);
    }

    /** Each measurement looks three times: to begin anew, after the look before, and at its end. */
    private static Watched.Load loads(OptionalDouble... meanwhile) {
        Queue<OptionalDouble> loads = new ArrayDeque<>();
        for (OptionalDouble load : meanwhile) {
            loads.addAll(List.of(DISTURBED, QUIET, load));
        }
        return loads::remove;
    }

    private String row(Watched.Result result) {
        Table table = new Table();
        table.add(figure, result);
        return table.lines().get(2);
    }
}

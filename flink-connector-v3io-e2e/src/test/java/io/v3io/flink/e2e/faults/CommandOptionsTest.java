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

package io.v3io.flink.e2e.faults;

import io.v3io.flink.e2e.cluster.ChildProcess;

import org.apache.flink.util.ParameterTool;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the commands with faults are told, and what they refuse before they begin. */
class CommandOptionsTest {

    private static final String HELP =
            """
            Options of tool:
              --runs NUMBER       how many runs
              --mode fast|slow    how
              --directory FOLDER  where
              --help              prints this""";

    private final CommandOptions options =
            new CommandOptions("tool")
                    .number("runs", 1, 10, "how many runs")
                    .choice("mode", "how", "fast", "slow")
                    .folder("directory", "where");

    @TempDir private Path directory;

    @Test
    void readsWhatThereIs() {
        ParameterTool read =
                options.read("--runs", "3", "--mode", "slow", "--directory", "/somewhere");

        assertThat(read.getInt("runs")).isEqualTo(3);
        assertThat(read.get("mode")).isEqualTo("slow");
        assertThat(read.get("directory")).isEqualTo("/somewhere");
        assertThat(options.read().getNumberOfParameters()).isZero();
    }

    @Test
    void takesTheLastValueOfAnOption() {
        assertThat(options.read("--runs", "3", "--runs", "4").getInt("runs")).isEqualTo(4);
    }

    @Test
    void takesNegativeNumbers() {
        CommandOptions seeds = new CommandOptions("tool").number("seed", -9, 9, "what to draw");

        assertThat(seeds.read("--seed", "-7").getLong("seed")).isEqualTo(-7);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    --run 3; There is no option '--run'
                    3; There is no option '3'
                    --runs; --runs is a whole number from 1 to 10, and nothing follows it
                    --runs --mode; --runs is a whole number from 1 to 10, not '--mode'
                    --runs many; --runs is a whole number from 1 to 10, not 'many'
                    --runs 0; --runs is a whole number from 1 to 10, not '0'
                    --runs 11; --runs is a whole number from 1 to 10, not '11'
                    --runs 3 --mode fats; --mode is fast or slow, not 'fats'
                    """)
    void refusesWhatThereIsNot(String typed, String answer) {
        assertThatThrownBy(() -> options.read(typed.split(" ", -1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("tool: " + answer + ".\n" + options.help());
    }

    @Test
    void helpTellsTheMeaningOfEachOption() {
        assertThat(options.help()).isEqualTo(HELP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.v3io.flink.e2e.faults.Faults",
                "io.v3io.flink.e2e.migration.MigrationFaults"
            })
    void commandsBeginNothingWhenAskedForHelp(String command) {
        try (ChildProcess process = start(command, "--directory", "unused", "--help")) {
            assertThat(process.waitFor(60)).isZero();

            assertThat(process.output()).contains("--runs NUMBER").doesNotContain(": seed");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.v3io.flink.e2e.faults.Faults",
                "io.v3io.flink.e2e.migration.MigrationFaults"
            })
    void commandsBeginNothingWithAnOptionThatThereIsNot(String command) {
        try (ChildProcess process = start(command, "--directory", "unused", "--sede", "7")) {
            assertThat(process.waitFor(60)).isEqualTo(2);

            assertThat(process.output()).isEmpty();
            assertThat(process.endOfOutput())
                    .contains("There is no option '--sede'.", "--seed NUMBER");
        }
    }

    private ChildProcess start(String command, String... args) {
        List<String> line =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                command));
        line.addAll(List.of(args));
        return ChildProcess.startProgram("command", directory, line, Map.of(), "");
    }
}

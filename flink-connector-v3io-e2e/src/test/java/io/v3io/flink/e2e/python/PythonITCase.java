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

package io.v3io.flink.e2e.python;

import io.v3io.flink.e2e.cluster.ChildProcess;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static org.assertj.core.api.Assertions.assertThat;

/** The Python package's own checks and tests, on the jars of this build. */
class PythonITCase {

    private static final Path SOURCES = Path.of("..", "flink-python").toAbsolutePath().normalize();
    private static final Path DIRECTORY = Path.of("target", "python").toAbsolutePath();

    private static final List<String> PYTHONS =
            List.of("python3", "python3.12", "python3.11", "python3.10");
    private static final String QUESTION =
            "import sys, venv, ensurepip;"
                    + " sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 12))";

    /** The first time some 400 MB come from the package index. */
    private static final long SECONDS = 1_200;

    @Test
    @Timeout(SECONDS + 60)
    void formTypesAndJobsAreAsTheyShouldBe() throws IOException {
        Files.createDirectories(DIRECTORY);
        Optional<String> python = PYTHONS.stream().filter(PythonITCase::fits).findFirst();
        if (python.isEmpty()) {
            String message =
                    "no Python 3.10 to 3.12 with venv here (Debian: python3, python3-venv)";
            assertThat(System.getenv("CI")).as(message).isNull();
            Assumptions.abort(message);
        }
        Map<String, String> environment =
                Map.of(
                        "PYTHON",
                        python.get(),
                        "V3IO_EMULATOR_JAR",
                        System.getProperty("v3io.emulator.jar"));
        try (ChildProcess tests =
                ChildProcess.startProgram(
                        "python-tests",
                        DIRECTORY,
                        List.of(SOURCES.resolve("bin").resolve("test").toString()),
                        environment,
                        "")) {
            int exit = tests.waitFor(SECONDS);
            assertThat(exit).as(() -> tests.output() + tests.endOfOutput()).isZero();
            assertThat(tests.output()).contains(" passed").doesNotContain("failed");
        }
    }

    private static boolean fits(String python) {
        try (ChildProcess question =
                ChildProcess.startProgram(
                        "python-question",
                        DIRECTORY,
                        List.of(python, "-c", QUESTION),
                        Map.of(),
                        "")) {
            return question.waitFor(60) == 0;
        } catch (UncheckedIOException e) {
            // There is no such program: what the question is for.
            return false;
        }
    }
}

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

package io.v3io.flink.e2e.sql;

import io.v3io.flink.e2e.cluster.FlinkHome;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The command that a person runs statements with: what it prints, how it ends, what it leaves. */
@Timeout(300)
class SqlCommandITCase {

    private static final Path COMMAND = Path.of("bin", "sql").toAbsolutePath();

    /** In the command line of all that the command starts. */
    private static final String RUNS = Path.of("target", "sql.").toAbsolutePath().toString();

    private static final long LIMIT_SECONDS = 240;

    @TempDir private Path directory;

    private Process command;

    @AfterEach
    void endAll() {
        if (command != null) {
            command.destroyForcibly();
        }
        await("all processes have ended")
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(processes()).isEmpty());
    }

    @Test
    void aFileOfStatementsIsRunAndNothingIsLeft() throws Exception {
        assertThat(run(Path.of("..", "examples", "sql", "windows.sql").toString())).isZero();

        assertThat(output())
                .contains("| +I | 2026-01-05 09:30:00.000 |                           alan |");
        assertThat(processes()).isEmpty();
    }

    @Test
    void aStatementThatFailsMakesTheCommandFail() throws Exception {
        Path file =
                Files.writeString(directory.resolve("wrong.sql"), "SELECT 1;\nSELECT nothing;\n");

        assertThat(run(file.toString())).isEqualTo(1);

        assertThat(output()).contains("Received a total of 1 row").contains("'nothing' not found");
        assertThat(processes()).isEmpty();
    }

    /** Its job is not tried again and again. */
    @Test
    void aJobThatFailsEndsTheFileWithItsMessage() throws Exception {
        Path file =
                Files.writeString(
                        directory.resolve("failing.sql"),
                        """
                        SET 'table.dml-sync' = 'true';
                        CREATE TABLE texts (a STRING) WITH (
                          'connector' = 'v3io', 'stream' = 'users/me/rows', 'format' = 'raw',
                          'sink.create-stream.shard-count' = '1');
                        INSERT INTO texts VALUES ('no JSON, but $${NAME}');
                        SELECT a FROM texts /*+ OPTIONS('scan.bounded.mode' = 'latest') */;
                        CREATE TABLE numbers (a INT) WITH (
                          'connector' = 'v3io', 'stream' = 'users/me/rows', 'format' = 'json',
                          'scan.bounded.mode' = 'latest');
                        SELECT a FROM numbers;
                        SELECT 'not reached';
                        """);

        assertThat(run(file.toString())).isEqualTo(1);

        assertThat(output())
                .contains("no JSON, but ${NAME} |")
                .contains("The record with sequence number 1 of shard users/me/rows/0 (")
                .contains("could not be deserialized: ")
                .doesNotContain("1 row in set", "Received a total of 2 rows");
        assertThat(
                        output().lines()
                                .filter(
                                        line ->
                                                line.startsWith("| ")
                                                        && line.contains("not reached")))
                .isEmpty();
    }

    private static void enter(Writer input, String text) throws IOException {
        input.write(text);
        input.flush();
    }

    private void awaitOutput(String text) {
        await(text).atMost(Duration.ofSeconds(LIMIT_SECONDS)).until(() -> output().contains(text));
    }

    /** As a person who copies a whole page into a file, and as one who copies it to the prompt. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"README.md", "docs/sql.md"})
    void aPageCanBeCopiedAsAWhole(String page) throws Exception {
        String text = Files.readString(Path.of("..").resolve(page));
        StringBuilder statements = new StringBuilder();
        Pattern.compile("```sql\n(.*?)```", Pattern.DOTALL)
                .matcher(text)
                .results()
                .forEach(block -> statements.append(block.group(1)).append('\n'));
        Path file = Files.writeString(directory.resolve("page.sql"), statements);

        assertThat(run(file.toString())).as(output()).isZero();

        start();
        try (Writer input = command.outputWriter(UTF_8)) {
            enter(input, statements + "SELECT 'the ' || 'end' AS word;\n");
            awaitOutput("the end");
        }
        assertThat(output()).doesNotContain("[ERROR]");
    }

    @Test
    void aVariableWithoutAValueIsRefusedAtOnce() throws Exception {
        Path file =
                Files.writeString(directory.resolve("unknown.sql"), "SELECT '${NO_SUCH_NAME}';");

        assertThat(run(file.toString())).isEqualTo(2);

        assertThat(output()).contains("variables without a value: NO_SUCH_NAME");
    }

    @Test
    void aFileThatIsNotThereIsRefused() throws Exception {
        assertThat(run("no-such-file.sql")).isEqualTo(2);

        assertThat(output()).contains("Usage:");
    }

    @Test
    void thePromptTakesStatementsAndAllEndsWhenItIsKilled() throws Exception {
        start();
        try (Writer input = command.outputWriter(UTF_8)) {
            input.write("SELECT 'hel' || 'lo' AS greeting;\n");
            input.flush();
            await("the answer")
                    .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                    .until(() -> output().contains("hello"));
            assertThat(processes()).hasSizeGreaterThanOrEqualTo(4);

            command.destroyForcibly();

            await("all processes have ended")
                    .atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(processes()).isEmpty());
        }
    }

    /** Some failures of a job end its TaskManager; a person at the prompt goes on. */
    @Test
    void aTaskManagerThatDiesIsReplaced() throws Exception {
        start();
        try (Writer input = command.outputWriter(UTF_8)) {
            enter(input, "SELECT 'be' || 'fore' AS word;\n");
            awaitOutput("before");

            long dead = taskManager().orElseThrow().pid();
            taskManager().orElseThrow().destroyForcibly();

            await("there is another one")
                    .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                    .until(() -> taskManager().filter(other -> other.pid() != dead).isPresent());
            // Until the JobManager knows of its death, it may be given a job.
            await("a statement works")
                    .atMost(Duration.ofSeconds(LIMIT_SECONDS))
                    .pollInterval(Duration.ofSeconds(5))
                    .until(
                            () -> {
                                enter(input, "SELECT 'af' || 'ter' AS word;\n");
                                return output().contains("after");
                            });
        }
    }

    private static Optional<ProcessHandle> taskManager() {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.filter(
                            process -> {
                                String line = process.info().commandLine().orElse("");
                                return line.contains(RUNS) && line.contains("taskmanager-0.log");
                            })
                    .findFirst();
        }
    }

    private int run(String... arguments) throws Exception {
        start(arguments);
        command.outputWriter().close();
        assertThat(command.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("ends: %s", output())
                .isTrue();
        return command.exitValue();
    }

    private void start(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("bash", COMMAND.toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(line)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("output").toFile());
        // The one that the build has prepared.
        builder.environment().put("FLINK_VERSION", FlinkHome.ofBuild().version());
        command = builder.start();
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("output"));
    }

    private static List<String> processes() {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            return all.map(process -> process.info().commandLine().orElse(""))
                    .filter(line -> line.contains(RUNS))
                    .toList();
        }
    }
}

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

import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.SqlClient;
import io.v3io.flink.e2e.cluster.SqlGateway;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The mistakes of the page of tables: each prints what the page says, at the prompt of Flink's SQL
 * client and through its SQL gateway.
 */
@Timeout(400)
class SqlMistakesITCase {

    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final Duration LIMIT_OF_A_STATEMENT = Duration.ofMinutes(1);
    private static final Path DIRECTORY = Path.of("target", "clusters", "sql-mistakes");
    private static final String KEY = "key-of-the-session";

    /** A table that is not there, so that the number is in the message. */
    private static final String MARK = "SHOW CREATE TABLE mistake_";

    private static final Pattern REASON =
            Pattern.compile(
                    "Could not execute SQL statement\\. Reason:\n([\\w.$]+Exception): (.*?)\n*(?:Flink SQL> |$)",
                    Pattern.DOTALL);

    private static EmulatorProcess emulator;
    private static FlinkCluster cluster;

    /** One row of the page's table. */
    private record Mistake(String statement, Pattern printed) {}

    @BeforeAll
    static void startAll() {
        emulator = EmulatorProcess.start(DIRECTORY.resolve("emulator"), "--access-key", KEY);
        cluster =
                FlinkCluster.builder(DIRECTORY.resolve("flink"))
                        .setSlots(4)
                        .setOption("restart-strategy.type", "none")
                        .setEnvironment("V3IO_ACCESS_KEY", KEY)
                        .setEnvironment("V3IO_API", emulator.endpoint())
                        .start();
    }

    @AfterAll
    static void endAll() {
        if (cluster != null) {
            cluster.close();
        }
        if (emulator != null) {
            emulator.close();
        }
    }

    private static String page() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "sql.md"));
        int begin = page.indexOf("\n## Mistakes\n");
        return page.substring(begin, page.indexOf("\n## ", begin + 1));
    }

    private static List<String> preparation(String stream) throws IOException {
        Matcher block = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL).matcher(page());
        assertThat(block.find()).isTrue();
        return Arrays.stream(block.group(1).replace("users/me/mistakes", stream).split(";\n", -1))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    private static List<Mistake> mistakes(String stream) throws IOException {
        return page().replace("users/me/mistakes", stream)
                .lines()
                .map(Pattern.compile("\\| .+ \\| `(.+)` \\| `(.+)` \\|")::matcher)
                .filter(Matcher::matches)
                .map(
                        row ->
                                new Mistake(
                                        row.group(1).replace("\\|", "|"),
                                        printed(row.group(2).replace("\\|", "|"))))
                .toList();
    }

    private static Pattern printed(String shown) {
        return Pattern.compile(
                Arrays.stream(shown.split("…", -1))
                        .map(Pattern::quote)
                        .collect(Collectors.joining(".*")),
                Pattern.DOTALL);
    }

    @Test
    void thePromptPrintsWhatThePageShows() throws Exception {
        String stream = "users/me/mistakes-1";
        List<Mistake> mistakes = mistakes(stream);
        assertThat(mistakes).hasSizeGreaterThanOrEqualTo(25);
        List<String> statements = new ArrayList<>(preparation(stream));
        for (int i = 0; i < mistakes.size(); i++) {
            statements.add(MARK + i);
            statements.add(mistakes.get(i).statement());
        }
        statements.add(MARK + mistakes.size());

        SqlClient.Result result =
                new SqlClient(cluster, List.of(SqlClient.jar()), Map.of())
                        .runAtPrompt(
                                statements.stream()
                                        .map(statement -> statement + ";\n")
                                        .collect(Collectors.joining()),
                                LIMIT);

        List<String> wrong = new ArrayList<>();
        String rest = result.text();
        for (int i = 0; i < mistakes.size(); i++) {
            rest = after(rest, "mistake_" + i + "` does not exist.");
            String answer =
                    rest.substring(0, Math.max(0, rest.indexOf("mistake_" + (i + 1) + "`")));
            Matcher reason = REASON.matcher(answer);
            check(mistakes.get(i), reason.find() ? reason.group(2) : answer, wrong);
        }
        assertThat(wrong).as(result.text()).isEmpty();
        // Failing so early ends no TaskManager: the one that was there has run all jobs.
        assertThat(cluster.taskManager(0).isAlive()).isTrue();
    }

    private static String after(String text, String mark) {
        int at = text.indexOf(mark);
        assertThat(at).as("%s in %s", mark, text).isNotNegative();
        return text.substring(at + mark.length());
    }

    @Test
    void theGatewayAnswersWhatThePageShows() throws Exception {
        String stream = "users/me/mistakes-2";
        List<String> wrong = new ArrayList<>();
        try (SqlGateway gateway = SqlGateway.start(cluster)) {
            List<String> statements = new ArrayList<>(preparation(stream));
            statements.add(0, "ADD JAR '" + SqlClient.jar() + "'");
            for (String statement : statements) {
                assertThat(gateway.failureOf(statement, LIMIT_OF_A_STATEMENT)).isEmpty();
            }
            for (Mistake mistake : mistakes(stream)) {
                String trace = gateway.failureOf(mistake.statement(), LIMIT_OF_A_STATEMENT);
                // As the clients of a gateway find the last exception.
                String last =
                        trace.substring(trace.lastIndexOf("Caused by: ") + "Caused by: ".length());
                Matcher reason =
                        Pattern.compile("[\\w.$]+Exception: (.*?)(?:\n\t|$)", Pattern.DOTALL)
                                .matcher(last);
                check(mistake, reason.lookingAt() ? reason.group(1) : last, wrong);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(cluster.taskManager(0).isAlive()).isTrue();
    }

    private static void check(Mistake mistake, String printed, List<String> wrong) {
        if (!mistake.printed().matcher(printed.strip()).matches()) {
            wrong.add(
                    "%n%s%n  prints %s%n  not    %s"
                            .formatted(mistake.statement(), printed.strip(), mistake.printed()));
        }
    }
}

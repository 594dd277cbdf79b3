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

package io.v3io.flink.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Flink's own SQL client against a cluster, with jars that a user would add. Each run is a process
 * of its own. Not for use by several threads.
 */
public final class SqlClient {

    /** The SQL jar; the build sets it. */
    public static final String JAR_PROPERTY = "v3io.sql.jar";

    private static final Pattern VARIABLE = Pattern.compile("(\\$?)\\$\\{(\\w+)}");

    private static final Pattern COLOUR = Pattern.compile("\u001B\\[[;\\d]*m");
    private static final Pattern TABLE_LINE = Pattern.compile("(\\+-[-+]*\\+|^\\|.*\\|)$");

    /** Lines: head and one row, and what is above and below them. */
    private static final int SMALLEST_TABLE = 5;

    /** How the client begins to tell of a failure: red. */
    private static final String ERROR = "\u001B[31;1m[ERROR]";

    private static final AtomicInteger CLIENTS = new AtomicInteger();

    private final FlinkCluster cluster;
    private final String name = "sql-client-" + CLIENTS.incrementAndGet();
    private final Path directory;
    private final List<Path> jars;
    private final Map<String, String> variables;
    private int runs;

    /**
     * Flink's SQL client, which is started anew for each file of statements.
     *
     * @param cluster where it submits its jobs
     * @param jars what it is given to add to its sessions
     * @param variables values to fill in where statements have <code>${NAME}</code>
     */
    public SqlClient(FlinkCluster cluster, List<Path> jars, Map<String, String> variables) {
        this.cluster = cluster;
        this.directory = cluster.directory().resolve(name);
        this.jars = List.copyOf(jars);
        this.variables = Map.copyOf(variables);
        Map<String, String> options = new TreeMap<>(cluster.options());
        options.put("execution.target", "remote");
        // The only one that works without a terminal.
        options.put("sql-client.execution.result-mode", "TABLEAU");
        write(
                Directories.createEmpty(directory).resolve("config.yaml"),
                FlinkConfiguration.yaml(options));
    }

    /** The jar of this project, see {@link #JAR_PROPERTY}. */
    public static Path jar() {
        return Path.of(System.getProperty(JAR_PROPERTY)).toAbsolutePath().normalize();
    }

    /**
     * Runs statements as a file of SQL.
     *
     * @throws IllegalArgumentException if they have a variable that has no value
     * @throws IllegalStateException if it takes longer; the client is ended then
     */
    public Result run(String statements, Duration atMost) {
        String run = name + "-" + ++runs;
        Path file = directory.resolve(run + ".sql");
        write(file, fillIn(statements, variables));
        List<String> command = new ArrayList<>(arguments(run));
        command.addAll(List.of("-f", file.toString()));
        try (ChildProcess process =
                ChildProcess.start(run, cluster.logs(), command, environment())) {
            int code = process.waitFor(atMost.toSeconds());
            return new Result(code, process.output());
        }
    }

    /**
     * Enters statements at the prompt, one after another. Those that fail stop nothing, and what
     * follows them is run, too.
     *
     * @throws IllegalStateException if it takes longer; the client is ended then
     */
    public Result runAtPrompt(String statements, Duration atMost) {
        String run = name + "-" + ++runs;
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(arguments(run));
        try (ChildProcess process =
                ChildProcess.startProgram(
                        run, cluster.logs(), command, environment(), statements)) {
            int code = process.waitFor(atMost.toSeconds());
            return new Result(code, process.output());
        }
    }

    /**
     * Puts values in the place of <code>${NAME}</code>; <code>$${NAME}</code> becomes <code>${NAME}
     * </code>.
     *
     * @throws IllegalArgumentException if a name has no value
     */
    static String fillIn(String statements, Map<String, String> values) {
        Matcher matcher = VARIABLE.matcher(statements);
        List<String> unknown =
                matcher.results()
                        .filter(variable -> variable.group(1).isEmpty())
                        .map(variable -> variable.group(2))
                        .filter(name -> !values.containsKey(name))
                        .distinct()
                        .toList();
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "The statements have variables without a value: " + String.join(", ", unknown));
        }
        return matcher.replaceAll(
                variable ->
                        Matcher.quoteReplacement(
                                variable.group(1).isEmpty()
                                        ? values.get(variable.group(2))
                                        : variable.group().substring(1)));
    }

    /** Arguments of {@code java}, without what the client shall do. */
    List<String> arguments(String run) {
        List<String> arguments = new ArrayList<>(FlinkProcesses.flags());
        arguments.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        arguments.addAll(cluster.processes().logging(run));
        arguments.addAll(List.of("-cp", cluster.home().sqlClientClassPath()));
        arguments.add("org.apache.flink.table.client.SqlClient");
        arguments.addAll(List.of("-hist", directory.resolve("history").toString()));
        for (Path jar : jars) {
            arguments.addAll(List.of("-j", jar.toString()));
        }
        return arguments;
    }

    /** What the client needs in its environment, beside what the cluster has. */
    Map<String, String> environment() {
        Map<String, String> environment = new TreeMap<>(cluster.environment());
        environment.put("FLINK_CONF_DIR", directory.toString());
        return environment;
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * How a run ended.
     *
     * @param exitCode of the client's process, which is 0 also when a statement has failed
     * @param output what the client has printed, with its colours
     */
    public record Result(int exitCode, String output) {

        /** Whether all statements worked. The client says it in red when one did not. */
        public boolean isSuccess() {
            return exitCode == 0 && !output.contains(ERROR);
        }

        /** What the client has printed, without colours. */
        public String text() {
            return COLOUR.matcher(output).replaceAll("");
        }

        /**
         * The results of queries, each with all its lines, as they are printed; not those of
         * EXPLAIN, which are texts.
         */
        public List<List<String>> tables() {
            List<List<String>> tables = new ArrayList<>();
            boolean isInside = false;
            for (String line : text().lines().toList()) {
                // The first line of a table comes after the end of its query.
                Matcher part = TABLE_LINE.matcher(line);
                if (part.find()) {
                    if (!isInside) {
                        tables.add(new ArrayList<>());
                    }
                    tables.get(tables.size() - 1).add(part.group());
                    isInside = true;
                } else {
                    isInside = false;
                }
            }
            tables.removeIf(table -> table.size() < SMALLEST_TABLE);
            return tables;
        }

        /** The cells of a query's result, without its head. */
        public List<List<String>> rows(int query) {
            return tables().get(query).stream()
                    .filter(line -> line.startsWith("|"))
                    .skip(1)
                    .map(
                            line ->
                                    Pattern.compile("\\|")
                                            .splitAsStream(line.substring(1, line.length() - 1))
                                            .map(String::strip)
                                            .toList())
                    .toList();
        }
    }
}

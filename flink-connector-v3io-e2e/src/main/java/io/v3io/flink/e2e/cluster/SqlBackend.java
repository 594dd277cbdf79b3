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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What {@code bin/sql} needs in the background: an emulator and a session cluster, for as long as
 * its standard input is open. It prints the emulator's endpoint when all is ready. The script then
 * runs the SQL client, because a client that talks to a person has to own the terminal.
 */
public final class SqlBackend {

    private static final int USAGE = 2;
    private static final String ACCESS_KEY = "key-of-the-emulator";

    private SqlBackend() {}

    /**
     * Runs until the standard input ends.
     *
     * @param args a directory for all files; another one to fill in for {@code EXAMPLES}; then
     *     optionally a file of SQL
     */
    @SuppressWarnings("FutureReturnValueIgnored") // ends with the executor
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        Map<String, String> variables = new TreeMap<>(System.getenv());
        variables.put("V3IO_ENDPOINT", "known soon");
        variables.put("V3IO_ACCESS_KEY", ACCESS_KEY);
        variables.put("EXAMPLES", args[1]);
        String statements = args.length > 2 ? Files.readString(Path.of(args[2])) : "";
        try {
            SqlClient.fillIn(statements, variables);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(USAGE);
        }
        try (EmulatorProcess emulator =
                        EmulatorProcess.start(
                                directory.resolve("emulator"), "--access-key", ACCESS_KEY);
                FlinkCluster cluster =
                        FlinkCluster.builder(directory.resolve("flink"))
                                .setSlots(4)
                                // A statement that fails shall say so, and not be tried for ever.
                                .setOption("restart-strategy.type", "none")
                                .setEnvironment("V3IO_API", emulator.endpoint())
                                .setEnvironment("V3IO_ACCESS_KEY", ACCESS_KEY)
                                .start()) {
            variables.put("V3IO_ENDPOINT", emulator.endpoint());
            SqlClient client = new SqlClient(cluster, List.of(SqlClient.jar()), variables);

            List<String> arguments = new ArrayList<>(client.arguments("sql-client"));
            if (args.length > 2) {
                Path file = directory.resolve("statements.sql");
                Files.writeString(file, SqlClient.fillIn(statements, variables));
                arguments.addAll(List.of("-f", file.toString()));
            }
            Files.write(
                    directory.resolve("client.arguments"),
                    arguments.stream().map(SqlBackend::quoted).toList());
            Files.write(
                    directory.resolve("client.environment"),
                    client.environment().entrySet().stream()
                            .map(variable -> variable.getKey() + "=" + variable.getValue())
                            .toList());

            System.out.println(emulator.endpoint());
            System.out.flush();
            ScheduledExecutorService supervisor = Executors.newSingleThreadScheduledExecutor();
            try {
                supervisor.scheduleWithFixedDelay(cluster::restartEnded, 1, 1, TimeUnit.SECONDS);
                awaitEndOfInput();
            } finally {
                supervisor.shutdownNow();
                awaitEnd(supervisor);
            }
            endClient(directory.resolve("client.pid"));
        }
    }

    /** What it starts now would not be ended. */
    private static void awaitEnd(ScheduledExecutorService supervisor) {
        try {
            if (!supervisor.awaitTermination(1, TimeUnit.MINUTES)) {
                System.err.println("Processes may be left: the supervisor of the cluster hangs.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The client outlives its script when that is killed. */
    private static void endClient(Path pid) throws IOException {
        if (Files.exists(pid)) {
            ProcessHandle.of(Long.parseLong(Files.readString(pid).strip()))
                    .filter(process -> isOf(process, pid.getParent()))
                    .ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    private static boolean isOf(ProcessHandle process, Path directory) {
        return process.info()
                .commandLine()
                .map(line -> line.contains(directory.toString()))
                .orElse(false);
    }

    /** As a file of arguments for {@code java} wants it. */
    private static String quoted(String argument) {
        return '"' + argument.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static void awaitEndOfInput() throws IOException {
        while (System.in.read() >= 0) {
            // Whoever writes here wants nothing.
        }
    }
}

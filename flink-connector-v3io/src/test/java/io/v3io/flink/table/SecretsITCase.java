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

package io.v3io.flink.table;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A key is searched for in everything that jobs of a session cluster show: log, exceptions,
 * EXPLAIN, plan, job graph, lineage, metrics and the answers of the REST API.
 */
@Timeout(300)
class SecretsITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String CANARY = "canary-f3b1c7d2";
    private static final String LOG_SETTINGS =
            """
            rootLogger.level = INFO
            rootLogger.appenderRef.stdout.ref = stdout
            logger.v3io.name = io.v3io
            logger.v3io.level = TRACE
            appender.stdout.type = Console
            appender.stdout.name = stdout
            appender.stdout.layout.type = PatternLayout
            appender.stdout.layout.pattern = %p %c - %m%n
            """;

    @TempDir private Path directory;

    @Test
    void aKeyOfTheEnvironmentIsNowhere() throws Exception {
        Map<String, String> shown = run("", Map.of("V3IO_ACCESS_KEY", CANARY));

        assertThat(filesWith(CANARY, shown)).isEmpty();
    }

    @Test
    void aKeyOfAFileIsNowhere() throws Exception {
        Path file = Files.writeString(directory.resolve("key"), CANARY + "\n");
        Map<String, String> shown = run(", 'secret.access-key-file' = '" + file + "'", Map.of());

        assertThat(filesWith(CANARY, shown)).isEmpty();
    }

    /** The task managers need it, and that is how it gets there. */
    @Test
    void aKeyOfTheTableIsInTheSerializedJobGraphOnly() throws Exception {
        Map<String, String> shown = run(", 'secret.access-key' = '" + CANARY + "'", Map.of());

        assertThat(filesWith(CANARY, shown)).containsExactly("job-graph.bin");
    }

    /** So that a test which finds nothing would have found something. */
    private static void assertThatAllIsThere(Map<String, String> shown, String endpoint) {
        assertThat(shown).containsKeys("log", "explain.txt", "failure.txt", "plan.json");
        assertThat(shown.get("log")).contains("users/me/numbers");
        assertThat(shown.get("explain.txt")).contains("TableSourceScan");
        assertThat(shown.get("failure.txt")).contains("users/me/nothing");
        assertThat(shown.get("job-graph.bin")).contains("users").contains("numbers");
        assertThat(shown.get("lineage.txt"))
                .contains(endpoint + " users/me/numbers")
                .contains(endpoint + " default_catalog.default_database.copies");
        assertThat(filesWith("users/me/nothing", shown))
                .anyMatch(file -> file.contains("exceptions"));
        assertThat(shown.keySet())
                .filteredOn(file -> file.startsWith("rest-jobs-"))
                .hasSizeGreaterThan(16);
    }

    private static List<String> filesWith(String text, Map<String, String> shown) {
        return shown.entrySet().stream()
                .filter(file -> file.getValue().contains(text))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Map<String, String> run(String secretOption, Map<String, String> environment)
            throws Exception {
        Path output = Files.createDirectory(directory.resolve("output"));
        try (V3ioEmulator emulator = PLATFORM.start(e -> e.accessKey(CANARY)).emulator()) {
            try (V3ioClient client =
                    V3ioClient.builder()
                            .setEndpoint(emulator.endpoint())
                            .setAccessKey(CANARY)
                            .build()) {
                StreamPath numbers = StreamPath.parse("users/me/numbers");
                client.createStream(numbers, 1, 24).join();
                client.createStream(StreamPath.parse("users/me/copies"), 1, 24).join();
                client.putRecords(numbers, List.of(PutRecord.of("{\"a\": 1}".getBytes(UTF_8))))
                        .join();
            }
            start(
                    output,
                    List.of(output.toString(), emulator.endpoint(), secretOption),
                    environment);
            assertThat(emulator.stream("users/me/copies").recordCount()).isPositive();
            Map<String, String> shown = read(output);
            assertThatAllIsThere(shown, emulator.endpoint());
            return shown;
        }
    }

    private void start(Path output, List<String> arguments, Map<String, String> environment)
            throws Exception {
        Path logSettings = Files.writeString(directory.resolve("log.properties"), LOG_SETTINGS);
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx1g");
        command.add("-Dlog4j2.configurationFile=" + logSettings);
        for (String open : List.of("lang", "net", "io", "nio", "time", "util", "util.concurrent")) {
            command.add("--add-opens=java.base/java." + open + "=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(CanaryJob.class.getName());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().remove("V3IO_ACCESS_KEY");
        builder.environment().putAll(environment);
        Path log = output.resolve("log");
        Process process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
        try {
            assertThat(process.waitFor(4, TimeUnit.MINUTES)).as("ended").isTrue();
        } finally {
            process.destroyForcibly().waitFor();
        }
        assertThat(process.exitValue()).as(() -> tail(log)).isZero();
    }

    private static String tail(Path log) {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 4_000));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Map<String, String> read(Path output) throws Exception {
        Map<String, String> texts = new TreeMap<>();
        try (Stream<Path> files = Files.list(output)) {
            for (Path file : files.toList()) {
                texts.put(file.getFileName().toString(), Files.readString(file, ISO_8859_1));
            }
        }
        return texts;
    }
}

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

package io.v3io.flink.e2e;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

import java.io.File;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The README tells the truth: its first job compiles and runs, its quick start prints what it
 * shows.
 */
@Timeout(120)
class ReadmeITCase {

    private static final Path README = Path.of("..", "README.md");
    private static final String SHOWN_ENDPOINT = "http://127.0.0.1:8081";

    @Test
    void theFirstJobRuns(@TempDir Path directory) throws Exception {
        StreamPath words = StreamPath.parse("users/me/words");
        StreamPath capitals = StreamPath.parse("users/me/capitals");
        try (V3ioEmulator emulator = V3ioEmulator.builder().start();
                V3ioClient client =
                        V3ioClient.builder()
                                .setEndpoint(emulator.endpoint())
                                .setAccessKey("any")
                                .build()) {
            client.createStream(words, 3, 24).join();
            client.createStream(capitals, 2, 24).join();
            client.putRecords(words, List.of(record("wolf"), record("lamb"), record("bat"))).join();

            String source = block("The first job", "java");
            assertThat(source).contains(SHOWN_ENDPOINT);
            compile("FirstJob", source.replace(SHOWN_ENDPOINT, emulator.endpoint()), directory);
            runMain("FirstJob", directory);

            List<String> stored = new ArrayList<>();
            for (int shard = 0; shard < 2; shard++) {
                for (StoredRecord record : emulator.stream(capitals.toString()).records(shard)) {
                    stored.add(
                            record.partitionKey()
                                    + "="
                                    + new String(record.data(), StandardCharsets.UTF_8));
                }
            }
            assertThat(stored).containsExactlyInAnyOrder("W=WOLF", "L=LAMB", "B=BAT");
        }
    }

    private static PutRecord record(String text) {
        return PutRecord.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void wordCountPrintsWhatTheQuickStartShows(@TempDir Path directory) throws Exception {
        String shown = block("Quick start", "text");

        List<String> printed =
                runMain("io.v3io.flink.examples.WordCount", directory)
                        .lines()
                        // How far a step is, which depends on the machine.
                        .filter(line -> !line.startsWith("  ..."))
                        .toList();

        assertThat(withoutPort(String.join("\n", printed))).isEqualTo(withoutPort(shown.strip()));
    }

    private static String withoutPort(String output) {
        return output.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:PORT");
    }

    /** The first code block of a language in a section. */
    private static String block(String section, String language) throws Exception {
        Matcher block =
                Pattern.compile(
                                "## " + section + "\n.*?```" + language + "\n(.*?)```",
                                Pattern.DOTALL)
                        .matcher(Files.readString(README));
        assertThat(block.find()).as("a block of %s under '%s'", language, section).isTrue();
        return block.group(1);
    }

    private static void compile(String name, String source, Path directory) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter complaints = new StringWriter();
        boolean compiled =
                compiler.getTask(
                                complaints,
                                null,
                                null,
                                List.of(
                                        "-d",
                                        directory.toString(),
                                        "-cp",
                                        System.getProperty("java.class.path")),
                                null,
                                List.of(new SourceText(name, source)))
                        .call();
        assertThat(compiled).as(complaints.toString()).isTrue();
    }

    /**
     * In a process of its own, as a user would, whose classes Flink finds on the class path.
     *
     * @return what it printed
     */
    private static String runMain(String name, Path directory) throws Exception {
        Path output = directory.resolve("output.txt");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The same flags as this JVM: Flink needs some on JDK 17.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("--add-"))
                .forEach(command::add);
        command.add("-cp");
        command.add(directory + File.pathSeparator + System.getProperty("java.class.path"));
        command.add(name);
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("ended in time").isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            return Files.readString(output);
        } finally {
            process.destroyForcibly();
        }
    }

    private static final class SourceText extends SimpleJavaFileObject {
        private final String text;

        SourceText(String name, String text) {
            super(URI.create("string:///" + name + ".java"), Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}

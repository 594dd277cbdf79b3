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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
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

/** The pages tell the truth: what they show compiles, runs, and prints what they say. */
@Timeout(120)
class ReadmeITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final Path README = Path.of("..", "README.md");
    private static final Path EMULATOR_PAGE = Path.of("..", "docs", "emulator.md");
    private static final Path SOURCE_PAGE = Path.of("..", "docs", "datastream-source.md");

    /** What the snippet of the emulator's page takes for granted: imports, a clock, and a job. */
    private static final String SNIPPET_FRAME =
            """
            import static org.assertj.core.api.Assertions.assertThat;
            import io.v3io.client.V3ioClient;
            import io.v3io.client.model.*;
            import io.v3io.emulator.*;
            import java.time.Instant;
            import java.util.Collections;

            public class Snippet {
                public static void main(String[] args) {
                    ManualClock clock = new ManualClock(Instant.EPOCH.plusSeconds(1_700_000_000L));
                    SNIPPET
                }

                static void runMyJob(String endpoint) {
                    StreamPath words = StreamPath.parse("users/me/words");
                    try (V3ioClient client =
                            V3ioClient.builder().setEndpoint(endpoint).setAccessKey("k").build()) {
                        client.createStream(words, 1, 24).join();
                        client.putRecords(words, Collections.nCopies(3, PutRecord.of(new byte[1])))
                                .join();
                        Location start = client.seek(words.shard(0), SeekPosition.earliest()).join();
                        client.getRecords(words.shard(0), start, 10).join();
                        client.commitSequenceNumber(words.shard(0), "my_job", 3).join();
                    }
                }
            }
            """;

    private static final String ITS_ENDPOINT = "emulator.endpoint()";
    private static final String SHOWN_ENDPOINT = "http://127.0.0.1:8081";

    @Test
    void theFirstJobRuns(@TempDir Path directory) throws Exception {
        String source = block(README, "The first job", "java");
        assertThat(source).contains(ITS_ENDPOINT);
        try (V3ioEmulator emulator = PLATFORM.start().emulator()) {
            // Its own emulator ends with it, and could not be asked.
            compile(
                    "FirstJob",
                    source.replace(ITS_ENDPOINT, '"' + emulator.endpoint() + '"'),
                    directory);
            assertThat(runMain("FirstJob", directory)).contains("WOLF", "LAMB", "BAT");

            List<String> stored = new ArrayList<>();
            for (int shard = 0; shard < 2; shard++) {
                for (StoredRecord record : emulator.stream("users/me/capitals").records(shard)) {
                    stored.add(
                            record.partitionKey()
                                    + "="
                                    + new String(record.data(), StandardCharsets.UTF_8));
                }
            }
            assertThat(stored).containsExactlyInAnyOrder("W=WOLF", "L=LAMB", "B=BAT");
        }
    }

    @Test
    void theSourcesPageShowsAJobThatRuns(@TempDir Path directory) throws Exception {
        StreamPath words = StreamPath.parse("users/me/words");
        try (EmulatedStreams streams = PLATFORM.start()) {
            streams.create("users/me/words", 1);
            streams.putAll(words, List.of(record("wolf").withPartitionKey("k"), record("lamb")));

            String source = block(SOURCE_PAGE, "Seeing the whole record", "java");
            assertThat(source).contains(SHOWN_ENDPOINT);
            compile("WholeRecords", source.replace(SHOWN_ENDPOINT, streams.endpoint()), directory);

            assertThat(runMain("WholeRecords", directory))
                    .contains("users/me/words/0 #1 key k: wolf")
                    .contains("users/me/words/0 #2 key null: lamb");
        }
    }

    private static PutRecord record(String text) {
        return PutRecord.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void wordCountPrintsWhatTheQuickStartShows(@TempDir Path directory) throws Exception {
        String shown = block(README, "Quick start", "text");

        List<String> printed =
                runMain("io.v3io.flink.examples.WordCount", directory)
                        .lines()
                        // How far a step is, which depends on the machine.
                        .filter(line -> !line.startsWith("  ..."))
                        .toList();

        assertThat(withoutPort(String.join("\n", printed))).isEqualTo(withoutPort(shown.strip()));
    }

    @Test
    void theEmulatorsPageShowsATestThatRuns(@TempDir Path directory) throws Exception {
        String snippet = block(EMULATOR_PAGE, "In a test", "java");

        compile("Snippet", SNIPPET_FRAME.replace("SNIPPET", snippet), directory);

        runMain("Snippet", directory);
    }

    private static String withoutPort(String output) {
        return output.replaceAll("127\\.0\\.0\\.1:\\d+", "127.0.0.1:PORT");
    }

    /** The first code block of a language in a section. */
    private static String block(Path page, String section, String language) throws Exception {
        Matcher block =
                Pattern.compile(
                                "## " + section + "\n.*?```" + language + "\n(.*?)```",
                                Pattern.DOTALL)
                        .matcher(Files.readString(page));
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

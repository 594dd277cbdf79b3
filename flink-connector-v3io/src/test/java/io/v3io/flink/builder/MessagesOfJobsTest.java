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

package io.v3io.flink.builder;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** Where a job runs nobody knows what its user typed, so messages name settings in both forms. */
class MessagesOfJobsTest {

    private static final Path MAIN = Path.of("src", "main", "java", "io", "v3io", "flink");
    private static final Path CLIENT =
            Path.of("..", "v3io-client", "src", "main", "java", "io", "v3io", "client", "http");

    /** What has no option is said to be of Java. */
    private static final String OF_JAVA_ONLY = "setInvalidRecordHandler (in Java only)";

    private static final Pattern LITERAL = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\"");
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/|//[^\n]*", Pattern.DOTALL);

    private static final Pattern SETTING =
            Pattern.compile(
                    "\\bset[A-Z]\\w*|\\b(?:scan|sink|client|secret|tls)\\.[a-z][a-z.-]+"
                            + "|\\b(?:EXACTLY|AT_LEAST)_ONCE\\b|\\bDEAD_LETTER\\b|\\bEARLIEST\\b"
                            + "|\\bLATEST\\b|\\bDROP\\b|\\bREAD_ON\\b");

    private static final Pattern KEY_ALONE =
            Pattern.compile("V3io(?:Source|Sink)Options\\s*\\.\\w+\\s*\\.key\\(\\)");

    @Test
    void namesOfSettingsComeFromOnePlace() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        int literals = 0;
        for (Path file : runningInJobs()) {
            String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
            KEY_ALONE.matcher(code).results().forEach(key -> found.add(file + ": " + key.group()));
            for (String literal : literals(code)) {
                literals++;
                SETTING.matcher(literal.replace(OF_JAVA_ONLY, ""))
                        .results()
                        .forEach(name -> found.add(file + ": " + name.group()));
            }
        }
        assertThat(literals).isGreaterThan(500);
        assertThat(found).isEmpty();
    }

    /** The client is told how its settings are named, and knows no connector and no SQL. */
    @Test
    void theClientNamesNothingButItsOwnSettings() throws IOException {
        Pattern others =
                Pattern.compile(
                        "\\bSQL\\b|\\b[sS]inks?\\b|\\bFlink\\b|\\b(?:response"
                                + "Timeout|maxResponseBytes|trustStore)\\b|.set[A-Z]\\w*.");
        TreeSet<String> found = new TreeSet<>();
        for (Path file : javaFiles(CLIENT)) {
            for (String literal :
                    literals(COMMENT.matcher(Files.readString(file)).replaceAll(""))) {
                if (others.matcher(literal.replaceFirst("^\"set\\w+\"$", "")).find()) {
                    found.add(file.getFileName() + ": " + literal);
                }
            }
        }
        assertThat(found).isEmpty();
    }

    private static List<Path> runningInJobs() throws IOException {
        return Stream.of(
                        "source/reader",
                        "source/enumerator",
                        "source/split",
                        "sink/writer",
                        "sink/exactlyonce",
                        "sink/state",
                        "sink/ExactlyOnceSink.java",
                        "deadletter")
                .flatMap(part -> javaFiles(MAIN.resolve(part)).stream())
                .toList();
    }

    private static List<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> literals(String code) {
        return LITERAL.matcher(code).results().map(MatchResult::group).toList();
    }
}

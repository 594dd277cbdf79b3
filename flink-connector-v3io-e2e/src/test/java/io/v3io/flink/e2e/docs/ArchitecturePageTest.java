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

package io.v3io.flink.e2e.docs;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/** docs/architecture.md names classes that are there. */
class ArchitecturePageTest {

    private static final Path ROOT = Path.of("..");

    /** At least two words in one, as the names of classes have. */
    private static final Pattern NAME = Pattern.compile("\\b(?:V3io|[A-Z][a-z]+)[A-Z]\\w*");

    /** Flink's and others', and an operation of the API. */
    private static final Set<String> NOT_OURS =
            Set.of("MiniCluster", "HttpClient", "PutRecords", "PublicEvolving", "JobManager");

    private static final List<String> MODULES =
            List.of(
                    "v3io-test-support/src/main",
                    "flink-v3io-test-support/src/main",
                    "v3io-client/src/main",
                    "v3io-emulator/src/main",
                    "flink-connector-v3io/src/main",
                    "v3io-to-kafka/src/main",
                    "flink-connector-v3io-e2e/src/test");

    @Test
    void theClassesThatItNamesAreThere() throws IOException {
        String page = Files.readString(ROOT.resolve("docs").resolve("architecture.md"));
        Set<String> named =
                NAME.matcher(page)
                        .results()
                        .map(MatchResult::group)
                        .filter(name -> !NOT_OURS.contains(name))
                        .collect(Collectors.toCollection(TreeSet::new));

        assertThat(named).hasSizeGreaterThan(40);
        assertThat(classes()).containsAll(named);
    }

    /** The names of all classes of the project with a file of their own. */
    static Set<String> classes() throws IOException {
        Set<String> classes = new TreeSet<>();
        for (String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module))) {
                files.map(file -> file.getFileName().toString())
                        .filter(name -> name.endsWith(".java"))
                        .forEach(name -> classes.add(name.substring(0, name.length() - 5)));
            }
        }
        return classes;
    }
}

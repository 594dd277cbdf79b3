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

import io.v3io.flink.e2e.cluster.ChildProcess;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the first commands of a page build needs nothing that only an earlier build has made, such
 * as the jar of another module's test classes.
 */
class CleanCloneITCase {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    /** The Maven that builds this, which resolves nothing but what that has resolved. */
    private static final String MAVEN =
            """
            export JAVA_HOME='%s'
            exec '%s/bin/mvn' -o -Dmaven.repo.local='%s' -Dflink.version='%s' "$@"
            """
                    .formatted(
                            System.getProperty("java.home"),
                            System.getProperty("v3io.maven.home"),
                            System.getProperty("v3io.maven.repository"),
                            System.getProperty("v3io.flink.version"));

    private static final long SECONDS = 180;

    /**
     * The sources are left out: what is looked for goes wrong before the compiler starts, and this
     * way it takes seconds.
     */
    @ParameterizedTest
    @CsvSource({
        "examples/bin/run, WordCount, io.v3io.flink.examples.WordCount",
        "v3io-to-kafka/bin/v3io-to-kafka, local-broker, io.v3io.flink.kafka.testing.LocalBroker"
    })
    @Timeout(SECONDS + 30)
    void aScriptBuildsWhatItRunsFromTheSourcesAlone(
            String script, String argument, String main, @TempDir Path directory)
            throws IOException {
        Path clone = directory.resolve("clone");
        copyPoms(clone);
        copy(script, clone);
        Path programs = directory.resolve("bin");
        program(programs.resolve("mvn"), MAVEN);
        program(programs.resolve("java"), "echo \"$@\"");

        try (ChildProcess run =
                ChildProcess.startProgram(
                        "script",
                        directory,
                        List.of(clone.resolve(script).toString(), argument),
                        Map.of(
                                "PATH",
                                programs + ":" + System.getenv("PATH"),
                                "JAVA_HOME",
                                directory.toString()),
                        "")) {
            int exit = run.waitFor(SECONDS);
            assertThat(exit).as(() -> run.output() + run.endOfOutput()).isZero();
            assertThat(run.output())
                    .contains(main, clone.resolve("v3io-client/target/classes").toString())
                    // An artifact that somebody has installed may be any version of this project.
                    .doesNotContain("/io/v3io/");
        }
    }

    private static void copyPoms(Path clone) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT, 4)) {
            for (Path pom :
                    (Iterable<Path>)
                            files.filter(file -> file.endsWith("pom.xml"))
                                            .map(ROOT::relativize)
                                            .filter(pom -> !pom.toString().contains("target/"))
                                    ::iterator) {
                copy(pom.toString(), clone);
            }
        }
    }

    private static void copy(String file, Path clone) throws IOException {
        Path copy = clone.resolve(file);
        Files.createDirectories(copy.getParent());
        Files.copy(ROOT.resolve(file), copy);
    }

    private static void program(Path file, String command) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + command + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}

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

package io.v3io.flink.examples;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import static org.assertj.core.api.Assertions.assertThat;

/** The jar for {@code flink run}: it holds what a cluster lacks, and nothing that it has. */
@Timeout(120)
class ExamplesJarITCase {

    private static final Path JAR = Path.of("target", "v3io-examples.jar");

    @TempDir private Path directory;

    @Test
    void holdsWhatAClusterLacks() throws IOException {
        assertThat(entries())
                .contains(
                        "io/v3io/flink/examples/WordCount.class",
                        "io/v3io/flink/examples/StreamTour.class",
                        "io/v3io/flink/examples/fables.txt",
                        "io/v3io/flink/source/V3ioSource.class",
                        "io/v3io/flink/sink/V3ioSink.class",
                        "io/v3io/client/V3ioClient.class",
                        "io/v3io/emulator/V3ioEmulator.class",
                        "org/apache/hc/client5/http/impl/async/HttpAsyncClients.class",
                        "com/fasterxml/jackson/core/JsonFactory.class",
                        "com/fasterxml/jackson/databind/ObjectMapper.class",
                        "io/netty/handler/codec/http/HttpServerCodec.class",
                        "org/sqlite/JDBC.class",
                        "picocli/CommandLine.class",
                        "META-INF/LICENSE",
                        "META-INF/NOTICE");
    }

    @Test
    void holdsNothingThatAClusterHas() throws IOException {
        assertThat(entries())
                .noneMatch(name -> name.startsWith("org/apache/flink/"))
                .noneMatch(name -> name.startsWith("org/slf4j/"))
                .noneMatch(name -> name.startsWith("org/apache/logging/"))
                .noneMatch(name -> name.startsWith("org/apache/log4j/"))
                .noneMatch(name -> name.startsWith("javax/annotation/"))
                .noneMatch(name -> name.startsWith("org/junit/"))
                .noneMatch(name -> name.startsWith("com/google/"));
    }

    @Test
    void holdsNothingTwiceAndNoForeignSignature() throws IOException {
        assertThat(entries()).doesNotHaveDuplicates();
        assertThat(entries())
                .noneMatch(name -> name.matches("META-INF/.*\\.(SF|DSA|RSA)"))
                .noneMatch(name -> name.endsWith("module-info.class"));
    }

    @Test
    void namesWordCountAsItsMainClass() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            assertThat(jar.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo("io.v3io.flink.examples.WordCount");
        }
    }

    @Test
    void isEnoughForTheTourBesideTheLoggingThatAClusterHas() throws Exception {
        Path output = directory.resolve("output");
        Path slf4j =
                Path.of(
                        org.slf4j.Logger.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                JAR + java.io.File.pathSeparator + slf4j,
                                "io.v3io.flink.examples.StreamTour")
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(output)).isZero();
            assertThat(Files.readString(output)).contains("13. Deleted the stream");
        } finally {
            process.destroyForcibly();
        }
    }

    private static List<String> entries() throws IOException {
        try (JarFile jar = new JarFile(JAR.toFile())) {
            return jar.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(JarEntry::getName)
                    .toList();
        }
    }
}

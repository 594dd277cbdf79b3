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

package io.v3io.emulator;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;

import static org.assertj.core.api.Assertions.assertThat;

/** The runnable jar, as a stranger starts it. */
@Tag("quick")
class CommandLineITCase {
    @TempDir Path directory;

    private EmulatorCommand run(String... options) throws Exception {
        return new EmulatorCommand(directory, List.of(), options);
    }

    @Test
    void saysWhereItListensAndNothingElseAndEndsOnSigterm() throws Exception {
        try (EmulatorCommand process =
                run("--host", "127.0.0.1", "--port", "0", "--latency", "20ms").ready()) {
            assertThat(URI.create(process.endpoint()).getPort()).isPositive();
            RawClient client = new RawClient(process.endpoint());
            client.createStream("/users/s", 1);
            assertThat(client.put("/users/s", 0, "a").json().get("FailedRecordCount").asInt())
                    .isZero();
            process.terminate();
            assertThat(process.exitCode()).as("128 + SIGTERM").isEqualTo(143);
            assertThat(process.restOfOutput()).isEmpty();
            assertThat(process.errors()).isEmpty();
        }
    }

    @Test
    void theKeyMayComeFromAFileOrTheEnvironment() throws Exception {
        Path file = Files.writeString(directory.resolve("key"), "from-file\n");
        assertKey(run("--port", "0", "--access-key", "given"), "given");
        assertKey(run("--port", "0", "--access-key-file", file.toString()), "from-file");
        assertKey(
                new EmulatorCommand(
                        directory,
                        List.of("V3IO_EMULATOR_ACCESS_KEY=from-environment"),
                        "--port",
                        "0"),
                "from-environment");
    }

    private static void assertKey(EmulatorCommand process, String key) throws Exception {
        try (process) {
            RawClient client = new RawClient(process.ready().endpoint());
            assertThat(client.get("/").status()).isEqualTo(401);
            assertThat(client.get("/", "X-v3io-session-key", key).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--port 99999|port",
                "--port x|--port",
                "--latency soon|duration",
                "--unknown|--unknown",
                "--access-key a --access-key-file b|exclude each other",
                "--access-key-file /nowhere/at/all|/nowhere/at/all",
                "stray|stray"
            })
    void badOptionsAreNamedAndEndWithTwo(String options, String named) throws Exception {
        try (EmulatorCommand process = run(options.split(" ", -1))) {
            assertThat(process.exitCode()).isEqualTo(2);
            assertThat(process.errors()).contains(named).contains("Usage:");
            assertThat(process.restOfOutput()).isEmpty();
        }
    }

    @Test
    void aPortOrDirectoryInUseEndsWithOne() throws Exception {
        String dataDir = directory.resolve("data").toString();
        try (EmulatorCommand first = run("--port", "0", "--data-dir", dataDir).ready()) {
            int port = URI.create(first.endpoint()).getPort();
            try (EmulatorCommand second = run("--port", Integer.toString(port))) {
                assertThat(second.exitCode()).isEqualTo(1);
                assertThat(second.errors()).contains("cannot listen on 127.0.0.1:" + port);
            }
            try (EmulatorCommand second = run("--port", "0", "--data-dir", dataDir)) {
                assertThat(second.exitCode()).isEqualTo(1);
                assertThat(second.errors().lines()).hasSize(1);
                assertThat(second.errors())
                        .contains("in use by another emulator")
                        .contains(dataDir);
            }
        }
    }

    @Test
    void helpAndVersionAreThere() throws Exception {
        try (EmulatorCommand help = run("--help")) {
            assertThat(help.exitCode()).isZero();
            assertThat(help.restOfOutput()).contains("--data-dir").contains("--access-key-file");
        }
        try (EmulatorCommand version = run("--version")) {
            assertThat(version.exitCode()).isZero();
            assertThat(version.restOfOutput()).matches("v3io-emulator [0-9].*");
        }
    }

    @Test
    void theJarSaysUnderWhichLicenceItIs() throws Exception {
        try (JarFile jar =
                new JarFile(System.getProperty("v3io.emulator.jar", "target/v3io-emulator.jar"))) {
            assertThat(jar.getEntry("META-INF/LICENSE")).isNotNull();
            assertThat(
                            new String(
                                    jar.getInputStream(jar.getEntry("META-INF/NOTICE"))
                                            .readAllBytes(),
                                    StandardCharsets.UTF_8))
                    .contains("flink-connector-v3io");
        }
    }
}

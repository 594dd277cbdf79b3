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

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.awaitility.Awaitility.await;

/** The command of the runnable jar, with its options, its output and its end. */
final class EmulatorCommand implements AutoCloseable {
    static final String LISTENING = "V3IO emulator listening on ";
    private static final long EXIT_SECONDS = 60;

    private final Process process;
    private final BufferedReader out;
    private final Path errors;
    private String endpoint;

    /**
     * Starts it; {@code directory} takes what it writes to its standard error and temporary files.
     */
    EmulatorCommand(Path directory, List<String> environment, String... options)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("-Xmx512m");
        command.add("-Djava.io.tmpdir=" + directory);
        command.add("-jar");
        command.add(System.getProperty("v3io.emulator.jar", "target/v3io-emulator.jar"));
        command.addAll(List.of(options));
        errors = Files.createTempFile(directory, "stderr", ".txt");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
        for (String variable : environment) {
            int equals = variable.indexOf('=');
            builder.environment()
                    .put(variable.substring(0, equals), variable.substring(equals + 1));
        }
        process = builder.start();
        out = process.inputReader();
    }

    /** Waits until it is ready. */
    EmulatorCommand ready() throws IOException {
        String line = out.readLine();
        if (line == null || !line.startsWith(LISTENING)) {
            throw new AssertionError("it printed " + line + " and " + errors());
        }
        endpoint = line.substring(LISTENING.length());
        return this;
    }

    String endpoint() {
        return endpoint;
    }

    String errors() throws IOException {
        return Files.readString(errors);
    }

    /** All that is left on standard output, once the process has ended. */
    String restOfOutput() throws IOException {
        return String.join("\n", out.lines().toList());
    }

    /** As {@code kill -9}. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        exitCode();
    }

    /** As {@code kill}: SIGTERM. */
    void terminate() {
        // Not the process itself: that would close its output, which the test still reads.
        process.toHandle().destroy();
    }

    int exitCode() throws InterruptedException {
        if (!process.waitFor(EXIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the emulator did not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        await().until(() -> !process.isAlive());
        out.close();
    }
}

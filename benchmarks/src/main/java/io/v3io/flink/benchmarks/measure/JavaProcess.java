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

package io.v3io.flink.benchmarks.measure;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Another program of this class path in a process of its own, whose CPU time is not ours. It ends
 * with this one.
 */
public final class JavaProcess implements AutoCloseable {

    private static final long END_SECONDS = 20;

    private final Process process;
    private final Thread hook;

    private JavaProcess(Process process) {
        this.process = process;
        this.hook = new Thread(process::destroyForcibly, "end-of-child");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts a main class with these flags for the JVM and these arguments. */
    public static JavaProcess start(List<String> flags, Class<?> main, List<String> arguments)
            throws IOException {
        return start(flags, main.getName(), arguments);
    }

    public static JavaProcess start(List<String> flags, String main, List<String> arguments)
            throws IOException {
        return start(System.getProperty("java.class.path"), flags, main, arguments);
    }

    /** A main class of another class path. */
    public static JavaProcess start(
            String classPath, List<String> flags, String main, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        String logging = System.getProperty("log4j2.configurationFile");
        if (logging != null) {
            command.add("-Dlog4j2.configurationFile=" + logging);
        }
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        return new JavaProcess(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** The rest of the first line that starts like this; what comes before is of no interest. */
    public String awaitLine(String start) throws IOException, InterruptedException {
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8));
        StringBuilder before = new StringBuilder();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(start)) {
                return line.substring(start.length());
            }
            before.append(line).append('\n');
        }
        throw new IOException(
                "A process has ended with "
                        + process.waitFor()
                        + " before it printed '"
                        + start
                        + "': "
                        + before);
    }

    /** What it prints from now on is read by nobody, and holds it up nowhere. */
    public void ignoreOutput() {
        Thread reader =
                new Thread(
                        () -> {
                            try (var output = process.getInputStream()) {
                                var unused = output.transferTo(OutputStream.nullOutputStream());
                            } catch (IOException e) {
                                // It has ended.
                            }
                        },
                        "output-of-child");
        reader.setDaemon(true);
        reader.start();
    }

    /** CPU seconds that it has taken so far. */
    public double cpuSeconds() throws IOException {
        Duration cpu =
                process.info()
                        .totalCpuDuration()
                        .orElseThrow(() -> new IOException("A process has ended."));
        return cpu.toNanos() / 1e9;
    }

    /** Waits for it to end by itself, and throws if it has failed. */
    public void awaitSuccess() throws IOException, InterruptedException {
        String rest = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("A process has failed with " + process.exitValue() + ": " + rest);
        }
    }

    @Override
    public void close() throws InterruptedException {
        Runtime.getRuntime().removeShutdownHook(hook);
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}

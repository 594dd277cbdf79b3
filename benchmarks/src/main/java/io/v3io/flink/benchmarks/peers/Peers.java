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

package io.v3io.flink.benchmarks.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The reading loops in {@code benchmarks/peers}, with the public clients that they need, which are
 * installed in {@code benchmarks/target} when they are used first.
 */
final class Peers {

    /** The folder of the benchmarks; the command sets it. */
    private static final String FOLDER = "bench.folder";

    private static final long INSTALLATION_SECONDS = 300;
    private static final long SECONDS_BEYOND_ROUND = 60;
    private static final String RESULT = "read ";

    private final Path sources;
    private final Path installed;

    Peers(Path benchmarks) {
        this.sources = benchmarks.resolve("peers");
        this.installed = benchmarks.resolve("target").resolve("peers");
    }

    static Peers ofThisRun() {
        return new Peers(Path.of(System.getProperty(FOLDER, "benchmarks")).toAbsolutePath());
    }

    /** What a loop has read, and what that has cost its process. */
    record Round(long records, double cpuSeconds) {

        double recordsPerCpuSecond() {
            return records / cpuSeconds;
        }
    }

    /** A peer that cannot be had on this machine. */
    static final class MissingException extends Exception {

        private static final long serialVersionUID = 1L;

        MissingException(String why) {
            super(why);
        }
    }

    /** A command that reads; takes an endpoint and a number of seconds. */
    record Loop(List<String> command) {

        Round run(String endpoint, double seconds) throws IOException, InterruptedException {
            List<String> whole = new ArrayList<>(command);
            whole.addAll(List.of(endpoint, Double.toString(seconds)));
            String output =
                    Peers.run(whole, Path.of("."), (long) seconds + SECONDS_BEYOND_ROUND).trim();
            int last = output.lastIndexOf(RESULT);
            if (last < 0) {
                throw new IOException("A reading loop has told nothing: " + output);
            }
            String[] result = output.substring(last + RESULT.length()).split(" ", -1);
            return new Round(Long.parseLong(result[0]), Double.parseDouble(result[1]));
        }
    }

    /** v3io-py in an environment of its own. */
    Loop python() throws MissingException, IOException, InterruptedException {
        Path environment = installed.resolve("python");
        Path requirements = sources.resolve("python").resolve("requirements.txt");
        Path python = environment.resolve("bin").resolve("python");
        install(
                environment.resolve("installed"),
                requirements,
                List.of(
                        List.of("python3", "-m", "venv", environment.toString()),
                        List.of(
                                python.toString(),
                                "-m",
                                "pip",
                                "install",
                                "-q",
                                "-r",
                                requirements.toString())),
                installed);
        return new Loop(
                List.of(
                        python.toString(),
                        sources.resolve("python").resolve("read_loop.py").toString()));
    }

    /** v3io-go, compiled. */
    Loop go() throws MissingException, IOException, InterruptedException {
        Path reader = installed.resolve("reader");
        install(
                installed.resolve("go-installed"),
                sources.resolve("go").resolve("main.go"),
                List.of(List.of("go", "build", "-o", reader.toString(), ".")),
                sources.resolve("go"));
        return new Loop(List.of(reader.toString()));
    }

    /** Unless it has been done since the source was changed. */
    private void install(Path mark, Path source, List<List<String>> commands, Path folder)
            throws MissingException, IOException, InterruptedException {
        if (Files.exists(mark)
                && Files.getLastModifiedTime(mark).compareTo(Files.getLastModifiedTime(source))
                        >= 0) {
            return;
        }
        Files.createDirectories(installed);
        for (List<String> command : commands) {
            try {
                String unused = run(command, folder, INSTALLATION_SECONDS);
            } catch (IOException e) {
                throw new MissingException(
                        e.getMessage().lines().findFirst().orElse("no reason is known"));
            }
        }
        Files.write(mark, new byte[0]);
    }

    /** What it prints; throws if it fails or takes too long. */
    private static String run(List<String> command, Path folder, long seconds)
            throws IOException, InterruptedException {
        Path output = Files.createTempFile("bench-peer", ".txt");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
            String text = Files.readString(output, UTF_8);
            if (!ended || process.exitValue() != 0) {
                throw new IOException(
                        "'"
                                + String.join(" ", command)
                                + (ended ? "' has failed: " : "' takes too long: ")
                                + text);
            }
            return text;
        } finally {
            process.destroyForcibly();
            Files.delete(output);
        }
    }
}

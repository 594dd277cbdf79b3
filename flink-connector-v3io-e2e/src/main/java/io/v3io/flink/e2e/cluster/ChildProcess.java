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

package io.v3io.flink.e2e.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process beside this JVM, a JVM itself or any other program, with a log of its own, that never
 * outlives this JVM. It can be used by several threads.
 */
public final class ChildProcess implements AutoCloseable {

    /** In the command line of every JVM, so that a person can find and blame a stray one. */
    static final String MARK = "-Dv3io.e2e.owner=";

    private static final long DEATH_SECONDS = 30;
    private static final int SHOWN_LOG_CHARACTERS = 4_000;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> RUNNING.forEach(ChildProcess::destroyTree), "end-processes"));
    }

    private final String name;
    private final Process process;
    private final Path output;
    private final Path errors;

    private ChildProcess(String name, Process process, Path output, Path errors) {
        this.name = name;
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /**
     * Starts a JVM.
     *
     * @param name of its log, {@code <name>.out}
     * @param directory its working directory, and where the log is
     * @param arguments of {@code java}
     * @param environment in addition to that of this process
     */
    static ChildProcess start(
            String name, Path directory, List<String> arguments, Map<String, String> environment) {
        Path output = directory.resolve(name + ".out");
        ProcessBuilder builder =
                builder(directory, arguments, environment)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        return new ChildProcess(name, start(builder), output, null);
    }

    /** As {@link #start}, with this process's standard input, output and error. */
    static ChildProcess startInForeground(
            String name, Path directory, List<String> arguments, Map<String, String> environment) {
        ProcessBuilder builder = builder(directory, arguments, environment).inheritIO();
        return new ChildProcess(name, start(builder), null, null);
    }

    /**
     * Starts any program. Its standard output, {@link #output}, and its standard error are kept
     * apart, in {@code <name>.out} and {@code <name>.err}.
     *
     * @param directory its working directory, and where these files are
     * @param input its standard input
     */
    public static ChildProcess startProgram(
            String name,
            Path directory,
            List<String> command,
            Map<String, String> environment,
            String input) {
        Path output = directory.resolve(name + ".out");
        Path errors = directory.resolve(name + ".err");
        Path in = directory.resolve(name + ".in");
        try {
            Files.writeString(in, input);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectInput(in.toFile())
                        .redirectOutput(output.toFile())
                        .redirectError(errors.toFile());
        builder.environment().putAll(environment);
        return new ChildProcess(name, start(builder), output, errors);
    }

    private static ProcessBuilder builder(
            Path directory, List<String> arguments, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add(mark());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().putAll(environment);
        return builder;
    }

    private static Process start(ProcessBuilder builder) {
        try {
            Process process = builder.start();
            RUNNING.add(process);
            Watchdog.watch(process);
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String mark() {
        return MARK + ProcessHandle.current().pid();
    }

    /**
     * The processes that still run of those that this JVM has started, in whatever way, and that
     * they have started; not the watchdog. A process whose parent has ended is nobody's any more,
     * and is not seen.
     */
    public static Set<ProcessHandle> descendants() {
        try (Stream<ProcessHandle> all = ProcessHandle.current().descendants()) {
            return all.filter(process -> !Watchdog.is(process))
                    // Without a command line it has ended, and nobody has asked how.
                    .filter(process -> process.info().commandLine().isPresent())
                    .collect(Collectors.toSet());
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Throws, with the end of its output, if it does not run. */
    void requireAlive() {
        if (!isAlive()) {
            throw new IllegalStateException(this + " has ended: " + endOfOutput());
        }
    }

    /** Ends it with all that it has started, with no time to say goodbye: {@code kill -9}. */
    public void kill() {
        destroyTree(process);
        try {
            if (!process.waitFor(DEATH_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(name + " has survived kill -9.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while " + name + " is killed.", e);
        }
        forget();
    }

    private void forget() {
        if (RUNNING.remove(process)) {
            Watchdog.forget(process);
        }
    }

    private static void destroyTree(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Asks it to end: {@code SIGTERM}. */
    public void terminate() {
        process.destroy();
    }

    /** Lets it hang, as in an endless garbage collection: {@code SIGSTOP}. */
    public void pause() {
        signal("STOP");
    }

    /** Lets it go on: {@code SIGCONT}. */
    public void resume() {
        signal("CONT");
    }

    private void signal(String signal) {
        try {
            Process kill =
                    new ProcessBuilder("kill", "-" + signal, Long.toString(pid()))
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (kill.waitFor() != 0) {
                throw new IllegalStateException(name + " cannot be sent SIG" + signal + ".");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /**
     * Waits for its end.
     *
     * @return its exit code
     * @throws IllegalStateException if it does not end in time; it still runs then
     */
    public int waitFor(long seconds) {
        try {
            if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
                throw new IllegalStateException(
                        name + " has not ended within " + seconds + " s:\n" + endOfOutput());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        forget();
        return process.exitValue();
    }

    /**
     * All that it and earlier JVMs of its name have written to standard output and error; of a
     * program, what it has written to standard output.
     */
    public String output() {
        return output == null ? "" : read(output);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For messages of failures. */
    public String endOfOutput() {
        String end = end(output());
        return errors == null ? end : end + "\n" + end(read(errors));
    }

    private static String end(String text) {
        return text.substring(Math.max(0, text.length() - SHOWN_LOG_CHARACTERS));
    }

    @Override
    public void close() {
        kill();
    }

    @Override
    public String toString() {
        return name + " (pid " + pid() + ")";
    }
}

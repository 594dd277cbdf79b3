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
import java.util.stream.Stream;

/**
 * A JVM beside this one, with a log of its own, that never outlives this one. It can be used by
 * several threads.
 */
public final class JavaProcess implements AutoCloseable {

    /** In the command line of every process, so that a stray one can be found and blamed. */
    static final String MARK = "-Dv3io.e2e.owner=";

    private static final long DEATH_SECONDS = 30;
    private static final int SHOWN_LOG_CHARACTERS = 4_000;

    private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> RUNNING.forEach(JavaProcess::destroyTree), "end-processes"));
    }

    private final String name;
    private final Process process;
    private final Path output;

    private JavaProcess(String name, Process process, Path output) {
        this.name = name;
        this.process = process;
        this.output = output;
    }

    /**
     * Starts one.
     *
     * @param name of its log, {@code <name>.out}
     * @param directory its working directory, and where the log is
     * @param arguments of {@code java}
     * @param environment in addition to that of this process
     */
    static JavaProcess start(
            String name, Path directory, List<String> arguments, Map<String, String> environment) {
        Path output = directory.resolve(name + ".out");
        ProcessBuilder builder =
                builder(directory, arguments, environment)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        return new JavaProcess(name, start(builder), output);
    }

    /** As {@link #start}, with this process's standard input, output and error. */
    static JavaProcess startInForeground(
            String name, Path directory, List<String> arguments, Map<String, String> environment) {
        ProcessBuilder builder = builder(directory, arguments, environment).inheritIO();
        return new JavaProcess(name, start(builder), null);
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

    /** The processes that this JVM has started in this way and that still run. */
    public static List<ProcessHandle> survivors() {
        try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
            // Not by the arguments, which are told only of command lines below 4,096 characters;
            // the
            // beginning of longer ones is told.
            return all.filter(
                            process ->
                                    process.info()
                                            .commandLine()
                                            .map(line -> line.contains(mark() + " "))
                                            .orElse(false))
                    .toList();
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

    /** All that it and earlier ones of its name have written to standard output and error. */
    public String output() {
        if (output == null) {
            return "";
        }
        try {
            return Files.readString(output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For messages of failures. */
    String endOfOutput() {
        String text = output();
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

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

import org.awaitility.Awaitility;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The emulator's runnable jar as a process, which keeps its data in a directory. It can be killed
 * and comes back with its data on its port. Not for use by several threads.
 */
public final class EmulatorProcess implements AutoCloseable {

    /** The runnable jar; the build sets it. */
    public static final String JAR_PROPERTY = "v3io.emulator.jar";

    private static final String LISTENING = "V3IO emulator listening on ";
    private static final Duration START = Duration.ofSeconds(60);

    private final Path directory;
    private final List<String> options;
    private final int port;
    private ChildProcess process;

    private EmulatorProcess(Path directory, List<String> options, int port) {
        this.directory = directory;
        this.options = options;
        this.port = port;
    }

    /**
     * Starts one and waits until it is ready.
     *
     * @param directory for its data and its log; what is there is deleted
     * @param options of its command line in addition, for example {@code --access-key}
     */
    public static EmulatorProcess start(Path directory, String... options) {
        EmulatorProcess emulator =
                new EmulatorProcess(
                        Directories.createEmpty(directory), List.of(options), Ports.lease());
        emulator.restart();
        return emulator;
    }

    /** Starts it on its data and its port, after {@link #kill}, and waits until it is ready. */
    public void restart() {
        if (process != null) {
            process.kill();
        }
        List<String> arguments = new ArrayList<>();
        // Records take three quarters of that at the most, in segments that are not full.
        arguments.add("-Xmx384m");
        arguments.add("-XX:+UseSerialGC");
        arguments.add("-jar");
        arguments.add(Path.of(System.getProperty(JAR_PROPERTY)).toAbsolutePath().toString());
        arguments.addAll(List.of("--host", "127.0.0.1", "--port", Integer.toString(port)));
        arguments.addAll(List.of("--data-dir", directory.resolve("data").toString()));
        arguments.addAll(options);
        int known = process == null ? 0 : process.output().length();
        ChildProcess started = ChildProcess.start("emulator", directory, arguments, Map.of());
        process = started;
        Awaitility.await("the emulator listens")
                .atMost(START)
                .pollInterval(Duration.ofMillis(50))
                .failFast("the emulator has ended", started::requireAlive)
                .until(() -> started.output().substring(known).contains(LISTENING));
    }

    /** The process that runs now, or ran last. */
    public ChildProcess process() {
        return process;
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    /** The process ends; its data and its port are kept for {@link #restart}. */
    public void kill() {
        process.kill();
    }

    @Override
    public void close() {
        process.close();
        Ports.release(port);
    }
}

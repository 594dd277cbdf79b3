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

package io.v3io.flink.e2e.interop;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.cluster.ChildProcess;
import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.faults.EmulatorControl;
import io.v3io.flink.testing.EmulatedStreams;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a class of these tests shares: the emulator as a process, the Java client, and the programs
 * with the public clients.
 */
final class InteropWorld implements BeforeAllCallback, AfterAllCallback {

    static final String ACCESS_KEY = EmulatedStreams.ACCESS_KEY;

    private static final String CONTAINER = "users";
    private static final long PROGRAM_SECONDS = 120;

    private final AtomicInteger programs = new AtomicInteger();
    private final Path directory;
    private PublicClients clients;
    private EmulatorProcess emulator;
    private V3ioClient java;

    /** A world whose files are in a directory of that name. */
    InteropWorld(String name) {
        directory = Path.of("target", "interop", name).toAbsolutePath();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        clients = PublicClients.require();
        emulator = EmulatorProcess.start(directory.resolve("emulator"), "--access-key", ACCESS_KEY);
        Files.createDirectories(directory);
        java =
                V3ioClient.builder()
                        .setEndpoint(emulator.endpoint())
                        .setAccessKey(ACCESS_KEY)
                        .build();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (java != null) {
            java.close();
        }
        if (emulator != null) {
            emulator.close();
        }
    }

    EmulatorProcess emulator() {
        return emulator;
    }

    EmulatorControl control() {
        return new EmulatorControl(emulator.endpoint(), ACCESS_KEY);
    }

    V3ioClient java() {
        return java;
    }

    /** The path of a stream; nobody creates it. */
    static StreamPath stream(String name) {
        return StreamPath.of(CONTAINER, "interop/" + name);
    }

    /** A new stream. */
    StreamPath createStream(String name, int shards) {
        StreamPath stream = stream(name);
        java.createStream(stream, shards, 24).join();
        return stream;
    }

    /** Runs a Python program on a stream to its end; fails if it fails. */
    List<RecordLine> python(
            String program, String command, StreamPath stream, List<RecordLine> input) {
        return RecordLine.parse(pythonOutput(program, command, stream, input));
    }

    /** As {@link #python}; returns what it prints, whatever that is. */
    String pythonOutput(String program, String command, StreamPath stream, List<RecordLine> input) {
        return run(
                clients.python(program, command, stream.container(), stream.path()),
                RecordLine.format(input));
    }

    /** Runs a Python program that needs no stream to its end; returns what it prints. */
    String pythonOutput(String program, List<String> arguments, String input) {
        return run(clients.python(program, arguments.toArray(new String[0])), input);
    }

    /** Runs the Go program on a stream to its end; fails if it fails. */
    List<RecordLine> go(String command, StreamPath stream, List<RecordLine> input) {
        return RecordLine.parse(goOutput(command, stream, input));
    }

    /** As {@link #go}; returns what it prints, whatever that is. */
    String goOutput(String command, StreamPath stream, List<RecordLine> input) {
        return run(
                clients.go(command, stream.container(), stream.path()), RecordLine.format(input));
    }

    private String run(List<String> command, String input) {
        try (ChildProcess process = start("program", emulator.endpoint(), command, input)) {
            if (process.waitFor(PROGRAM_SECONDS) != 0) {
                throw new AssertionError(
                        String.join(" ", command) + " has failed:\n" + process.endOfOutput());
            }
            return process.output();
        }
    }

    /** Starts a member of a consumer group with v3io-go, to be closed. */
    GoMember startMember(StreamPath stream, String group, String name, String... flags) {
        return startMember(emulator.endpoint(), stream, group, name, flags);
    }

    /** As the other one, on another emulator. */
    GoMember startMember(
            String endpoint, StreamPath stream, String group, String name, String... flags) {
        List<String> command =
                new ArrayList<>(
                        clients.go(
                                "consume",
                                "-container",
                                stream.container(),
                                "-stream",
                                stream.path(),
                                "-group",
                                group,
                                "-member",
                                name));
        command.addAll(List.of(flags));
        return new GoMember(start(name, endpoint, command, ""));
    }

    private ChildProcess start(String name, String endpoint, List<String> command, String input) {
        return ChildProcess.startProgram(
                name + "-" + programs.incrementAndGet(),
                directory,
                command,
                Map.of("V3IO_API", endpoint, "V3IO_ACCESS_KEY", ACCESS_KEY),
                input);
    }

    /** The newest sequence number of each shard that has records. */
    Map<Integer, Long> newest(StreamPath stream) {
        Map<Integer, Long> newest = new TreeMap<>();
        java.newestSequenceNumbers(stream)
                .join()
                .forEach((shard, number) -> newest.put(shard.number(), number));
        newest.values().removeIf(number -> number == 0);
        return newest;
    }

    /** What a group has committed, on each shard that has records. */
    Map<Integer, Long> committed(StreamPath stream, String group) {
        Map<Integer, Long> committed = new TreeMap<>();
        for (int shard : newest(stream).keySet()) {
            OptionalLong number =
                    java.getCommittedSequenceNumber(new ShardId(stream, shard), group).join();
            if (number.isPresent()) {
                committed.put(shard, number.getAsLong());
            }
        }
        return committed;
    }
}

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

package io.v3io.flink.e2e.migration;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.e2e.cluster.ChildProcess;
import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.cluster.FlinkCommand;
import io.v3io.flink.e2e.faults.EmulatorControl;
import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.status.ShardStatus;
import io.v3io.flink.kafka.status.StatusSurvey;
import io.v3io.flink.kafka.testing.CommandRun;

import org.apache.kafka.common.KafkaException;
import org.awaitility.Awaitility;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** One stream on an emulator of its own, and its way into a topic. */
final class MigrationRun implements AutoCloseable {

    /** What a job or a copy needs after a fault. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration COMMAND = Duration.ofMinutes(2);

    private final MigrationWorld world;
    private final Path directory;
    private final Path configFile;
    private final StreamPath stream;
    private final String topic;
    private final EmulatorProcess emulator;
    private final EmulatorControl control;
    private final AtomicInteger commands = new AtomicInteger();

    /**
     * Starts an emulator and makes the stream.
     *
     * @param name part of the names of all that is its own
     * @param dialect of the emulator, as {@code --dialect} takes it
     * @param byKey whether keys decide on partitions
     * @param groups consumer groups to be translated
     */
    MigrationRun(
            MigrationWorld world,
            String name,
            String dialect,
            int shards,
            boolean byKey,
            List<String> groups)
            throws IOException {
        this.world = world;
        directory = Files.createDirectories(world.directory().resolve(name));
        stream = StreamPath.parse("users/e2e/" + name);
        topic = name;
        emulator =
                EmulatorProcess.start(
                        directory.resolve("emulator"),
                        "--access-key-file",
                        world.accessKeyFile().toString(),
                        "--dialect",
                        dialect);
        control = new EmulatorControl(emulator.endpoint(), MigrationWorld.ACCESS_KEY);
        configFile = Files.writeString(directory.resolve("migration.yaml"), yaml(byKey, groups));
        try (V3ioClient client = client()) {
            client.createStream(stream, shards, 24).join();
        }
    }

    private String yaml(boolean byKey, List<String> groups) {
        StringBuilder text =
                new StringBuilder(
                        """
                        mirror: %s
                        v3io:
                          endpoint: %s
                          access-key-file: %s
                        kafka:
                          bootstrap-servers: %s
                          state-topic: %s-state
                        job:
                          commit-interval: 300 ms
                          checkpoint-interval: 700 ms
                          parallelism: 2
                        streams:
                          - stream: %s
                            topic: %s
                            partition-by: %s
                            groups:
                        """
                                .formatted(
                                        topic,
                                        emulator.endpoint(),
                                        world.accessKeyFile(),
                                        world.broker().address(),
                                        topic,
                                        stream,
                                        topic,
                                        byKey ? "key" : "shard"));
        groups.forEach(group -> text.append("      ").append(group).append(": ").append("\n"));
        return text.toString();
    }

    MigrationWorld world() {
        return world;
    }

    StreamPath stream() {
        return stream;
    }

    String topic() {
        return topic;
    }

    Path directory() {
        return directory;
    }

    EmulatorProcess emulator() {
        return emulator;
    }

    EmulatorControl control() {
        return control;
    }

    MigrationConfig config() {
        return ConfigFile.read(configFile);
    }

    V3ioClientBuilder clientBuilder() {
        return V3ioClient.builder()
                .setEndpoint(emulator.endpoint())
                .setAccessKey(MigrationWorld.ACCESS_KEY)
                .setResponseTimeout(Duration.ofSeconds(5));
    }

    /** A client, to be closed. */
    V3ioClient client() {
        return clientBuilder().build();
    }

    StoredStream stored() {
        try (V3ioClient client = client()) {
            return StoredStream.read(client, stream);
        }
    }

    /** Runs a command of {@code v3io-to-kafka} in a process of its own. */
    CommandRun command(String name, String... options) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of("-cp", classPath(), "io.v3io.flink.kafka.Main", name));
        command.addAll(List.of(options));
        command.addAll(List.of("--config", configFile.toString()));
        String log = name + "-" + commands.incrementAndGet();
        try (ChildProcess process =
                ChildProcess.startProgram(log, directory, command, Map.of(), "")) {
            int code = process.waitFor(COMMAND.toSeconds());
            return new CommandRun(
                    code, process.output(), Files.readString(directory.resolve(log + ".err")));
        }
    }

    /** The jar and what a Flink cluster has. */
    private String classPath() throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of(System.getProperty("v3io.flink.home"), "lib"))) {
            List<String> jars = new ArrayList<>();
            jars.add(world.jar().toString());
            files.map(Path::toString).filter(file -> file.endsWith(".jar")).forEach(jars::add);
            return String.join(File.pathSeparator, jars);
        }
    }

    /** {@code flink run --detached} of the mirror; returns what it has printed. */
    String startMirror() {
        return FlinkCommand.runDetached(
                world.cluster(),
                "mirror-of-" + topic,
                world.jar(),
                COMMAND,
                "mirror",
                "--config",
                configFile.toString());
    }

    /** Ends the mirror at once. */
    void cancelMirror() {
        world.cluster().rest().cancelAll(PATIENCE);
    }

    /** Waits until every shard is copied up to what is its newest record now, or later. */
    void awaitCopied() {
        try (StatusSurvey survey = new StatusSurvey(config())) {
            Map<Integer, Long> newest = new TreeMap<>();
            Awaitility.await("what is in the stream now is copied")
                    .atMost(PATIENCE)
                    .pollInterval(POLL)
                    // Of a broker or an emulator that has just come back.
                    .ignoreExceptionsMatching(
                            e -> e instanceof KafkaException || e instanceof V3ioException)
                    .until(
                            () -> {
                                List<ShardStatus> shards = survey.look(false);
                                if (newest.isEmpty()) {
                                    shards.forEach(s -> newest.put(s.shard(), s.newest()));
                                }
                                return shards.stream()
                                        .allMatch(
                                                s ->
                                                        s.copied()
                                                                >= newest.getOrDefault(
                                                                        s.shard(), 0L));
                            });
        }
    }

    @Override
    public void close() {
        emulator.close();
    }
}

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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Flink's options for all processes of a cluster, and the files that the processes have them from.
 */
final class FlinkConfiguration {

    static final String LOOPBACK = "127.0.0.1";

    private final Path directory;
    private final Map<String, String> options;

    /** For small processes on this machine that keep all in this directory. */
    FlinkConfiguration(Path directory) {
        this.directory = directory;
        this.options = defaults(directory);
    }

    private static Map<String, String> defaults(Path directory) {
        Map<String, String> settings = new TreeMap<>();
        settings.put("jobmanager.rpc.address", LOOPBACK);
        settings.put("jobmanager.bind-host", LOOPBACK);
        settings.put("taskmanager.host", LOOPBACK);
        settings.put("taskmanager.bind-host", LOOPBACK);
        settings.put("rest.address", LOOPBACK);
        settings.put("rest.bind-address", LOOPBACK);
        settings.put("io.tmp.dirs", directory.resolve("tmp").toString());
        settings.put("web.upload.dir", directory.resolve("upload").toString());

        // Small, for several of them on one machine.
        settings.put("jobmanager.memory.heap.size", "256m");
        settings.put("jobmanager.memory.off-heap.size", "64m");
        settings.put("jobmanager.memory.jvm-metaspace.size", "256m");
        settings.put("jobmanager.memory.jvm-overhead.min", "64m");
        settings.put("jobmanager.memory.jvm-overhead.max", "64m");
        settings.put("taskmanager.memory.framework.heap.size", "96m");
        settings.put("taskmanager.memory.task.heap.size", "192m");
        settings.put("taskmanager.memory.managed.size", "64m");
        settings.put("taskmanager.memory.framework.off-heap.size", "128m");
        settings.put("taskmanager.memory.framework.off-heap.batch-shuffle.size", "32m");
        settings.put("taskmanager.memory.network.min", "32m");
        settings.put("taskmanager.memory.network.max", "32m");
        settings.put("taskmanager.memory.jvm-metaspace.size", "256m");
        settings.put("taskmanager.memory.jvm-overhead.min", "64m");
        settings.put("taskmanager.memory.jvm-overhead.max", "64m");

        settings.put("execution.checkpointing.dir", uri(directory, "checkpoints"));
        settings.put("execution.checkpointing.savepoint-dir", uri(directory, "savepoints"));
        settings.put(
                "execution.checkpointing.externalized-checkpoint-retention",
                "RETAIN_ON_CANCELLATION");
        settings.put("restart-strategy.type", "fixed-delay");
        settings.put("restart-strategy.fixed-delay.attempts", "1000000");
        settings.put("restart-strategy.fixed-delay.delay", "500ms");

        // A process that was killed is noticed by its connection, one that hangs by this.
        settings.put("heartbeat.interval", "1000");
        settings.put("heartbeat.timeout", "10000");
        settings.put("metrics.fetcher.update-interval", "500");

        return settings;
    }

    private static String uri(Path directory, String folder) {
        return directory.resolve(folder).toUri().toString();
    }

    FlinkConfiguration set(String key, Object value) {
        options.put(key, value.toString());
        return this;
    }

    /**
     * Jobs survive the JobManager's death.
     *
     * @param zooKeeper its port
     */
    FlinkConfiguration setHighAvailability(int zooKeeper) {
        set("high-availability.type", "zookeeper");
        set("high-availability.zookeeper.quorum", LOOPBACK + ":" + zooKeeper);
        set("high-availability.storageDir", uri(directory, "ha"));
        set("high-availability.cluster-id", "/e2e");
        set("high-availability.zookeeper.client.session-timeout", "5000");
        // With Flink's default of 3 a JobManager ends itself after some 25 s without ZooKeeper.
        set("high-availability.zookeeper.client.max-retry-attempts", "1000");
        return this;
    }

    Map<String, String> options() {
        return options;
    }

    /** The folder that Flink calls {@code conf}. */
    Path folder() {
        return directory.resolve("conf");
    }

    Path logging() {
        return folder().resolve("log4j.properties");
    }

    /** Writes the files, and makes the folders that the options name. */
    void write() {
        try {
            for (String folder : List.of("conf", "log", "tmp", "upload", "savepoints")) {
                Files.createDirectories(directory.resolve(folder));
            }
            Files.writeString(folder().resolve("config.yaml"), yaml(options));
            Files.writeString(
                    logging(),
                    """
                    rootLogger.level = INFO
                    rootLogger.appenderRef.file.ref = file
                    appender.file.type = File
                    appender.file.name = file
                    appender.file.fileName = ${sys:log.file}
                    appender.file.layout.type = PatternLayout
                    appender.file.layout.pattern = %d{HH:mm:ss.SSS} %-5p [%t] %c{1.} - %m%n
                    """);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes what ZooKeeper is to be told, and returns the file. */
    Path writeZooKeeper(int port) {
        try {
            return Files.writeString(
                    folder().resolve("zoo.cfg"),
                    """
                    tickTime=500
                    dataDir=%s
                    clientPort=%s
                    clientPortAddress=%s
                    admin.enableServer=false
                    """
                            .formatted(directory.resolve("zookeeper"), port, LOOPBACK));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String yaml(Map<String, String> settings) {
        StringBuilder text = new StringBuilder();
        // Quoted, because the values are ours and no YAML.
        settings.forEach(
                (key, value) ->
                        text.append(key)
                                .append(": '")
                                .append(value.replace("'", "''"))
                                .append("'\n"));
        return text.toString();
    }
}

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

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * A session cluster of processes: one JobManager, TaskManagers, and ZooKeeper when the JobManager
 * shall survive its death. Each can be killed, paused and restarted. Not for use by several
 * threads, save for {@link #rest()}.
 *
 * <pre>{@code
 * try (FlinkCluster cluster = FlinkCluster.builder(directory).setTaskManagers(2).start()) {
 *     FlinkRest rest = cluster.rest();
 *     String job = rest.submit(rest.upload(jar), JobRun.of(Copy.class, "--from", "users/a"));
 *     rest.awaitState(job, "FINISHED", Duration.ofSeconds(30));
 * }
 * }</pre>
 */
public final class FlinkCluster implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final String LOOPBACK = "127.0.0.1";

    /** What Flink's scripts ask for the memory options of a process. */
    private static final String MEMORY_TOOL = "org.apache.flink.runtime.util.bash.BashJavaUtils";

    private static final String MEMORY_PREFIX = "BASH_JAVA_UTILS_EXEC_RESULT:";

    private final FlinkHome home;
    private final Path directory;
    private final Map<String, String> environment;
    private final Map<String, String> options;
    private final List<Integer> ports = new ArrayList<>();
    private final List<TaskManager> taskManagers = new ArrayList<>();
    private final int restPort;
    private final boolean highAvailability;
    private final int wantedTaskManagers;
    private List<String> jobManagerMemory = List.of();
    private List<String> taskManagerMemory = List.of();
    private JavaProcess zooKeeper;
    private JavaProcess jobManager;

    private FlinkCluster(Builder builder) {
        this.home = builder.home == null ? FlinkHome.ofBuild() : builder.home;
        this.directory = builder.directory.toAbsolutePath().normalize();
        this.environment = Map.copyOf(builder.environment);
        this.highAvailability = builder.highAvailability;
        this.wantedTaskManagers = builder.taskManagers;
        this.restPort = lease();
        this.options = new TreeMap<>(defaults());
        this.options.put("taskmanager.numberOfTaskSlots", Integer.toString(builder.slots));
        this.options.putAll(builder.options);
    }

    /**
     * A cluster to be.
     *
     * @param directory for its configuration, logs, checkpoints and savepoints; what is there is
     *     deleted
     */
    public static Builder builder(Path directory) {
        return new Builder(directory);
    }

    private int lease() {
        int port = Ports.lease();
        ports.add(port);
        return port;
    }

    private Map<String, String> defaults() {
        Map<String, String> settings = new TreeMap<>();
        settings.put("jobmanager.rpc.address", LOOPBACK);
        settings.put("jobmanager.rpc.port", Integer.toString(lease()));
        settings.put("jobmanager.bind-host", LOOPBACK);
        settings.put("taskmanager.host", LOOPBACK);
        settings.put("taskmanager.bind-host", LOOPBACK);
        settings.put("rest.address", LOOPBACK);
        settings.put("rest.bind-address", LOOPBACK);
        settings.put("rest.port", Integer.toString(restPort));
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

        settings.put("execution.checkpointing.dir", uri("checkpoints"));
        settings.put("execution.checkpointing.savepoint-dir", uri("savepoints"));
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

        if (highAvailability) {
            settings.put("high-availability.type", "zookeeper");
            settings.put("high-availability.zookeeper.quorum", LOOPBACK + ":" + lease());
            settings.put("high-availability.storageDir", uri("ha"));
            settings.put("high-availability.cluster-id", "/e2e");
            settings.put("high-availability.zookeeper.client.session-timeout", "5000");
        }
        return settings;
    }

    private String uri(String folder) {
        return directory.resolve(folder).toUri().toString();
    }

    private void start() {
        Directories.createEmpty(directory);
        try {
            for (String folder : List.of("conf", "log", "tmp", "upload", "savepoints")) {
                Files.createDirectories(directory.resolve(folder));
            }
            Files.writeString(directory.resolve("conf/config.yaml"), yaml(options));
            Files.writeString(
                    directory.resolve("conf/log4j.properties"),
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
        jobManagerMemory = memory("GET_JM_RESOURCE_PARAMS");
        taskManagerMemory = memory("GET_TM_RESOURCE_PARAMS");
        if (highAvailability) {
            startZooKeeper();
        }
        startJobManager();
        for (int i = 0; i < wantedTaskManagers; i++) {
            TaskManager taskManager = new TaskManager(i);
            taskManagers.add(taskManager);
            taskManager.start();
        }
        awaitReady();
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

    /** Flink's own answer: options of the JVM, then options of the process. */
    private List<String> memory(String question) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp", home.classPath()));
        arguments.addAll(List.of(MEMORY_TOOL, question, "--configDir", conf().toString()));
        try (JavaProcess tool =
                JavaProcess.start(question, directory.resolve("log"), arguments, environment)) {
            int code = tool.waitFor(START.toSeconds());
            List<String> answers =
                    tool.output()
                            .lines()
                            .filter(line -> line.startsWith(MEMORY_PREFIX))
                            .map(line -> line.substring(MEMORY_PREFIX.length()))
                            .toList();
            if (code != 0 || answers.size() != 2) {
                throw new IllegalStateException(question + " failed: " + tool.output());
            }
            return answers;
        }
    }

    private Path conf() {
        return directory.resolve("conf");
    }

    private List<String> command(
            String name, List<String> memory, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(words(memory.isEmpty() ? "" : memory.get(0)));
        command.addAll(flags());
        // For processes that live for minutes and share few processors.
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(logging(name));
        command.addAll(List.of("-cp", home.classPath()));
        command.add(mainClass);
        command.addAll(List.of(arguments));
        command.addAll(words(memory.isEmpty() ? "" : memory.get(1)));
        return command;
    }

    /** Options of the JVM to log into a file of that name. */
    List<String> logging(String name) {
        return List.of(
                "-Dlog.file=" + logs().resolve(name + ".log"),
                "-Dlog4j.configurationFile=" + conf().resolve("log4j.properties").toUri());
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+", -1)).filter(word -> !word.isEmpty()).toList();
    }

    /** What Flink needs on JDK 17; the build has them in one place and tells by this property. */
    static List<String> flags() {
        return words(System.getProperty("v3io.flink.jvm.args", ""));
    }

    private JavaProcess startProcess(String name, List<String> command) {
        return JavaProcess.start(name, directory.resolve("log"), command, environment);
    }

    private void startZooKeeper() {
        String port = options.get("high-availability.zookeeper.quorum").replaceAll(".*:", "");
        Path configuration = conf().resolve("zoo.cfg");
        try {
            Files.writeString(
                    configuration,
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
        zooKeeper =
                startProcess(
                        "zookeeper",
                        command(
                                "zookeeper",
                                List.of("-Xmx96m", ""),
                                "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer",
                                "--zkConfigFile",
                                configuration.toString(),
                                "--peerId",
                                "1"));
    }

    private void startJobManager() {
        jobManager =
                startProcess(
                        "jobmanager",
                        command(
                                "jobmanager",
                                jobManagerMemory,
                                "org.apache.flink.runtime.entrypoint"
                                        + ".StandaloneSessionClusterEntrypoint",
                                "--configDir",
                                conf().toString()));
    }

    /** Waits until the JobManager answers and all TaskManagers that run have registered. */
    public void awaitReady() {
        await("the JobManager answers", () -> rest().isReady());
        await(
                "the TaskManagers have registered",
                () -> {
                    List<String> registered = rest().taskManagers();
                    return taskManagers.stream()
                            .filter(TaskManager::isAlive)
                            .allMatch(taskManager -> registered.contains(taskManager.id()));
                });
    }

    private void await(String what, BooleanSupplier condition) {
        Awaitility.await(what)
                .atMost(START)
                .pollInterval(POLL)
                .ignoreException(FlinkRest.RestException.class)
                .failFast("the JobManager has ended", () -> jobManager.requireAlive())
                .until(condition::getAsBoolean);
    }

    /** The REST API of the JobManager, at an address that stays when it is restarted. */
    public FlinkRest rest() {
        return new FlinkRest("http://" + LOOPBACK + ":" + restPort);
    }

    /** The JobManager that runs now, or ran last. */
    public JavaProcess jobManager() {
        return jobManager;
    }

    /**
     * Starts the JobManager anew, after it was killed or instead of the one that runs, and waits
     * until it answers and the TaskManagers have registered with it. It recovers its jobs if the
     * cluster is highly available; otherwise it has none, and a job can be submitted again from its
     * latest checkpoint.
     */
    public void restartJobManager() {
        jobManager.kill();
        startJobManager();
        awaitReady();
    }

    /** ZooKeeper's process, of a highly available cluster. */
    public JavaProcess zooKeeper() {
        return zooKeeper;
    }

    /** The TaskManagers, those too that were killed. */
    public List<TaskManager> taskManagers() {
        return List.copyOf(taskManagers);
    }

    public TaskManager taskManager(int index) {
        return taskManagers.get(index);
    }

    /** Where savepoints can be written. */
    public Path savepoints() {
        return directory.resolve("savepoints");
    }

    /** Where the processes log: {@code jobmanager.log}, {@code taskmanager-0.log}... */
    public Path logs() {
        return directory.resolve("log");
    }

    FlinkHome home() {
        return home;
    }

    Path directory() {
        return directory;
    }

    Map<String, String> options() {
        return options;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Kills all processes. */
    @Override
    public void close() {
        List<JavaProcess> processes = new ArrayList<>();
        taskManagers.forEach(taskManager -> processes.add(taskManager.process));
        processes.add(jobManager);
        processes.add(zooKeeper);
        for (JavaProcess process : processes) {
            if (process != null) {
                process.close();
            }
        }
        ports.forEach(Ports::release);
    }

    /** One TaskManager, and those that followed it in its place. */
    public final class TaskManager {

        private final int index;
        private int generation;
        private JavaProcess process;

        private TaskManager(int index) {
            this.index = index;
        }

        private void start() {
            generation++;
            String name = "taskmanager-" + index;
            List<String> command =
                    new ArrayList<>(
                            command(
                                    name,
                                    taskManagerMemory,
                                    "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                                    "--configDir",
                                    conf().toString()));
            command.addAll(List.of("-D", "taskmanager.resource-id=" + id()));
            process = startProcess(name, command);
        }

        /** The id of the one that runs now, or ran last, in the REST API and in logs. */
        public String id() {
            return "tm-" + index + "." + generation;
        }

        public boolean isAlive() {
            return process.isAlive();
        }

        /** The process that runs now, or ran last: to pause it, for example. */
        public JavaProcess process() {
            return process;
        }

        /** Ends it at once. */
        public void kill() {
            process.kill();
        }

        /**
         * Starts a new one, after it was killed or instead of the one that runs, and waits for it.
         */
        public void restart() {
            kill();
            start();
            FlinkCluster.this.await(
                    id() + " has registered", () -> rest().taskManagers().contains(id()));
        }
    }

    /** What a cluster shall be. */
    public static final class Builder {

        private final Path directory;
        private final Map<String, String> options = new TreeMap<>();
        private final Map<String, String> environment = new TreeMap<>();
        private FlinkHome home;
        private int taskManagers = 1;
        private int slots = 2;
        private boolean highAvailability;

        private Builder(Path directory) {
            this.directory = directory;
        }

        /** Default: that of the build. */
        public Builder setHome(FlinkHome flink) {
            this.home = flink;
            return this;
        }

        /** Default: 1. */
        public Builder setTaskManagers(int number) {
            this.taskManagers = number;
            return this;
        }

        /** Of each TaskManager. Default: 2. */
        public Builder setSlots(int number) {
            this.slots = number;
            return this;
        }

        /** Whether jobs survive the JobManager's death, which takes a ZooKeeper. Default: no. */
        public Builder setHighAvailability(boolean wanted) {
            this.highAvailability = wanted;
            return this;
        }

        /** A line of Flink's configuration. */
        public Builder setOption(String key, String value) {
            options.put(key, value);
            return this;
        }

        /** A variable in the environment of all processes. */
        public Builder setEnvironment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Starts it, and waits until it can run jobs. If that fails, nothing is left running. */
        public FlinkCluster start() {
            FlinkCluster cluster = new FlinkCluster(this);
            try {
                cluster.start();
                return cluster;
            } catch (RuntimeException | Error e) {
                cluster.close();
                throw e;
            }
        }
    }
}

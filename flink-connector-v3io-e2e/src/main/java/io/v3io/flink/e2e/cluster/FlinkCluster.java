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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    private static final Logger LOG = LoggerFactory.getLogger(FlinkCluster.class);

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);

    private final FlinkHome home;
    private final Path directory;
    private final Map<String, String> environment;
    private final FlinkConfiguration configuration;
    private final FlinkProcesses processes;
    private final List<Integer> ports = new ArrayList<>();
    private final List<TaskManager> taskManagers = new ArrayList<>();
    private final int restPort = lease();
    private final int zooKeeperPort = lease();
    @Nullable private final ClusterNetwork network;
    private List<String> jobManagerMemory = List.of();
    private List<String> taskManagerMemory = List.of();
    private ChildProcess zooKeeper;
    private ChildProcess jobManager;

    private FlinkCluster(Builder builder) {
        this.home = builder.home == null ? FlinkHome.ofBuild() : builder.home;
        this.directory = builder.directory.toAbsolutePath().normalize();
        this.environment = Map.copyOf(builder.environment);
        this.configuration =
                new FlinkConfiguration(directory)
                        .set("rest.port", restPort)
                        .set("taskmanager.numberOfTaskSlots", builder.slots);
        int rpcPort = lease();
        for (int i = 0; i < builder.taskManagers; i++) {
            taskManagers.add(new TaskManager(i));
        }
        if (builder.highAvailability) {
            this.network = new ClusterNetwork(rpcPort, zooKeeperPort);
            configuration
                    .setHighAvailability(network.zooKeeperPort())
                    .set("jobmanager.rpc.bind-port", rpcPort)
                    // What "jobmanager.rpc.port" is without high availability.
                    .set("high-availability.jobmanager.port", network.jobManagerPort());
        } else {
            this.network = null;
            configuration.set("jobmanager.rpc.port", rpcPort);
        }
        builder.options.forEach(configuration::set);
        this.processes = new FlinkProcesses(home, configuration, logs(), environment);
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

    private void start() {
        Directories.createEmpty(directory);
        configuration.write();
        jobManagerMemory = processes.memory("GET_JM_RESOURCE_PARAMS");
        taskManagerMemory = processes.memory("GET_TM_RESOURCE_PARAMS");
        if (network != null) {
            startZooKeeper();
        }
        startJobManager();
        taskManagers.forEach(TaskManager::start);
        awaitReady();
    }

    private void startZooKeeper() {
        zooKeeper =
                processes.start(
                        "zookeeper",
                        List.of("-Xmx96m", ""),
                        "org.apache.flink.runtime.zookeeper.FlinkZooKeeperQuorumPeer",
                        "--zkConfigFile",
                        configuration.writeZooKeeper(zooKeeperPort).toString(),
                        "--peerId",
                        "1");
    }

    private void startJobManager() {
        jobManager =
                processes.start(
                        "jobmanager",
                        jobManagerMemory,
                        "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                        "--configDir",
                        configuration.folder().toString());
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
        return new FlinkRest("http://" + FlinkConfiguration.LOOPBACK + ":" + restPort);
    }

    /** The JobManager that runs now, or ran last. */
    public ChildProcess jobManager() {
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

    /**
     * Starts anew what has ended, as a supervisor does: Flink's processes end themselves after some
     * errors. Does not wait for them.
     */
    public void restartEnded() {
        if (!jobManager.isAlive()) {
            LOG.warn("{} is started anew, it has ended: {}", jobManager, jobManager.endOfOutput());
            startJobManager();
        }
        for (TaskManager taskManager : taskManagers) {
            if (!taskManager.isAlive()) {
                LOG.warn("{} is started anew, it has ended", taskManager.process);
                taskManager.start();
            }
        }
    }

    /** ZooKeeper's process, of a highly available cluster. */
    public ChildProcess zooKeeper() {
        return zooKeeper;
    }

    /** What is between the processes of a highly available cluster. */
    public ClusterNetwork network() {
        return Objects.requireNonNull(network, "only with high availability");
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

    FlinkProcesses processes() {
        return processes;
    }

    Path directory() {
        return directory;
    }

    Map<String, String> options() {
        return configuration.options();
    }

    Map<String, String> environment() {
        return environment;
    }

    /** Kills all processes. */
    @Override
    public void close() {
        List<ChildProcess> started = new ArrayList<>();
        taskManagers.forEach(taskManager -> started.add(taskManager.process));
        started.add(jobManager);
        started.add(zooKeeper);
        for (ChildProcess process : started) {
            if (process != null) {
                process.close();
            }
        }
        if (network != null) {
            network.close();
        }
        ports.forEach(Ports::release);
    }

    /** One TaskManager, and those that followed it in its place. */
    public final class TaskManager {

        private final int index;
        private int generation;
        private ChildProcess process;

        private TaskManager(int index) {
            this.index = index;
        }

        private void start() {
            generation++;
            // Flink's RPC may for minutes discard what comes from the address of a process that
            // has died, so that the next one there could not register.
            int rpcPort = lease();
            int known = network == null ? rpcPort : network.join(index, rpcPort);
            process =
                    processes.start(
                            "taskmanager-" + index,
                            taskManagerMemory,
                            "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                            "--configDir",
                            configuration.folder().toString(),
                            "-D",
                            "taskmanager.resource-id=" + id(),
                            "-D",
                            "taskmanager.rpc.bind-port=" + rpcPort,
                            "-D",
                            "taskmanager.rpc.port=" + known);
        }

        /** The id of the one that runs now, or ran last, in the REST API and in logs. */
        public String id() {
            return "tm-" + index + "." + generation;
        }

        public boolean isAlive() {
            return process.isAlive();
        }

        /** The process that runs now, or ran last: to pause it, for example. */
        public ChildProcess process() {
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

    /** Describes a cluster, and starts it. */
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

        /** How many TaskManagers there are. Default: 1. */
        public Builder setTaskManagers(int number) {
            this.taskManagers = number;
            return this;
        }

        /** Slots of each TaskManager. Default: 2. */
        public Builder setSlots(int number) {
            this.slots = number;
            return this;
        }

        /**
         * Whether jobs survive the JobManager's death, which takes a ZooKeeper. The network of such
         * a cluster can be cut. Default: no.
         */
        public Builder setHighAvailability(boolean wanted) {
            this.highAvailability = wanted;
            return this;
        }

        /**
         * Notices soon that a process does not answer any more, and lets one that was cut off come
         * back soon. Default: as Flink does, within up to a minute.
         */
        public Builder setQuickRecovery() {
            // Half of the random faults last longer, and no pause of a busy machine.
            return setOption("heartbeat.timeout", "8000")
                    .setOption("cluster.registration.max-timeout", "2000")
                    .setOption("cluster.registration.error-delay", "1000")
                    .setOption("cluster.registration.refused-registration-delay", "1000");
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

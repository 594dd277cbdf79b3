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

package io.v3io.flink.e2e.faults;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.cluster.Directories;
import io.v3io.flink.e2e.cluster.EmulatorProcess;
import io.v3io.flink.e2e.cluster.FaultProxy;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkRest;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A cluster of processes, an emulator as a process, and the network between them. Whoever changes
 * processes of the cluster holds {@link #clusterLock}; the rest is thread-safe.
 */
public final class FaultWorld implements AutoCloseable {

    private static final String ACCESS_KEY = "the-key-of-the-fault-runs";
    private static final int TASK_MANAGERS = 2;
    private static final int SLOTS = 6;
    private static final int PARALLELISM = 2;
    private static final Duration END_OF_JOBS = Duration.ofSeconds(90);

    private final Path directory;
    private final Path accessKeyFile;
    private final EmulatorProcess emulator;
    private final FaultProxy proxy;
    private final SmallDisk checkpoints;
    private final FlinkCluster cluster;
    private final EmulatorControl control;
    private final String jarId;

    /**
     * Starts everything.
     *
     * @param directory for all data and logs
     * @param jobJar the jar with the audited jobs
     */
    public FaultWorld(Path directory, Path jobJar) throws IOException, InterruptedException {
        this.directory = directory.toAbsolutePath().normalize();
        Files.createDirectories(this.directory);
        // What an earlier run has left, whose streams had the same names.
        Directories.createEmpty(output());
        this.accessKeyFile = Files.writeString(this.directory.resolve("access-key"), ACCESS_KEY);
        this.emulator =
                EmulatorProcess.start(
                        this.directory.resolve("emulator"),
                        "--access-key-file",
                        accessKeyFile.toString());
        this.proxy = new FaultProxy(URI.create(emulator.endpoint()).getPort());
        this.control = new EmulatorControl(emulator.endpoint(), ACCESS_KEY);
        this.checkpoints = new SmallDisk(this.directory.resolve("checkpoints"));
        this.cluster =
                FlinkCluster.builder(this.directory.resolve("flink"))
                        .setTaskManagers(TASK_MANAGERS)
                        .setSlots(SLOTS)
                        .setHighAvailability(true)
                        .setQuickRecovery()
                        .setOption("state.backend.type", "rocksdb")
                        .setOption("execution.checkpointing.interval", "1 s")
                        .setOption(
                                "execution.checkpointing.dir",
                                this.directory.resolve("checkpoints").toUri().toString())
                        .setOption("execution.checkpointing.timeout", "20 s")
                        // The disk is small, and the runs are many.
                        .setOption(
                                "execution.checkpointing.externalized-checkpoint-retention",
                                "DELETE_ON_CANCELLATION")
                        .setOption("execution.checkpointing.tolerable-failed-checkpoints", "10000")
                        .start();
        this.jarId = cluster.rest().upload(jobJar);
    }

    /** Held while processes of the cluster are changed, or jobs are stopped and started. */
    Object clusterLock() {
        return cluster;
    }

    FlinkCluster cluster() {
        return cluster;
    }

    EmulatorProcess emulator() {
        return emulator;
    }

    FaultProxy proxy() {
        return proxy;
    }

    EmulatorControl control() {
        return control;
    }

    /** Where checkpoints are. */
    SmallDisk checkpoints() {
        return checkpoints;
    }

    String jarId() {
        return jarId;
    }

    /** Where jobs write files; empty at the start. */
    Path output() {
        return directory.resolve("out");
    }

    Path accessKeyFile() {
        return accessKeyFile;
    }

    /** Where jobs find the emulator: through the network that can fail. */
    String endpointOfJobs() {
        return "http://127.0.0.1:" + proxy.port();
    }

    /** One of the audited jobs, told where everything is. */
    FlinkRest.JobRun jobRun(Class<?> job, StreamPath stream, String... more) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "--endpoint",
                                endpointOfJobs(),
                                "--access-key-file",
                                accessKeyFile.toString(),
                                "--stream",
                                stream.toString()));
        arguments.addAll(List.of(more));
        return FlinkRest.JobRun.of(job, arguments.toArray(String[]::new))
                .withParallelism(PARALLELISM);
    }

    /** Checkpoints of all jobs that have failed since the JobManager began. */
    int failedCheckpoints() {
        FlinkRest rest = cluster.rest();
        return rest.jobs().stream()
                .mapToInt(job -> rest.checkpoints(job).path("counts").path("failed").asInt())
                .sum();
    }

    /** A client of the emulator itself, which survives that the emulator is away for a while. */
    V3ioClient client() {
        return clientBuilder().build();
    }

    V3ioClientBuilder clientBuilder() {
        return V3ioClient.builder()
                .setEndpoint(emulator.endpoint())
                .setAccessKey(ACCESS_KEY)
                .setResponseTimeout(Duration.ofSeconds(5));
    }

    /** Cancels all jobs, and returns when none runs any more. */
    void cancelAll() {
        cluster.rest().cancelAll(END_OF_JOBS);
    }

    /** Everything runs, and nothing fails any more. */
    void heal() throws IOException, InterruptedException {
        synchronized (clusterLock()) {
            cluster.network().heal();
            cluster.restartEnded();
            cluster.jobManager().resume();
            cluster.taskManagers().forEach(taskManager -> taskManager.process().resume());
            cluster.awaitReady();
        }
        proxy.heal();
        control.clearFaults();
        checkpoints.free();
    }

    @Override
    public void close() throws Exception {
        try (emulator;
                proxy;
                checkpoints;
                cluster) {
            // Closed in the other order, each whatever becomes of the others.
        }
    }
}

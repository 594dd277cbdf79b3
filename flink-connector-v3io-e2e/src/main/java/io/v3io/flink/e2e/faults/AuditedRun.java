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
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.audit.AuditReport;
import io.v3io.flink.e2e.audit.CopyAudit;
import io.v3io.flink.e2e.audit.FilesAudit;
import io.v3io.flink.e2e.audit.GeneratorAudit;
import io.v3io.flink.e2e.audit.PartFiles;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.e2e.audit.WindowsAudit;
import io.v3io.flink.e2e.cluster.FlinkRest;
import io.v3io.flink.e2e.jobs.CopyJob;
import io.v3io.flink.e2e.jobs.FilesJob;
import io.v3io.flink.e2e.jobs.GeneratorJob;
import io.v3io.flink.e2e.jobs.WindowsJob;

import org.apache.flink.connector.base.DeliveryGuarantee;

import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * All audited jobs, on streams of their own, from their submission to the audit of what they did.
 * Faults strike in between.
 */
final class AuditedRun implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(AuditedRun.class);

    private static final int SHARDS = 4;
    private static final int SHARDS_OF_OUTPUTS = 8;
    private static final int RETENTION_HOURS = 24;
    private static final int RECORDS_PER_SECOND = 400;
    private static final int NUMBERS_PER_SECOND = 300;
    private static final int MAX_PARALLELISM = 4;
    private static final int LEAST_RECORDS = 20_000;
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration STATE_CHANGE = Duration.ofSeconds(90);

    /** After the last fault. What did not come out until then is lost. */
    private static final Duration CATCH_UP = Duration.ofMinutes(3);

    private final FaultWorld world;
    private final DeliveryGuarantee guarantee;
    private final StreamPath stream;
    private final StreamPath copy;
    private final StreamPath generated;
    private final int numbers;
    private final Path files;
    private final Path windows;
    private final StreamPath stagingOfCopy;
    private final StreamPath stagingOfGenerator;
    private final Map<Class<?>, String> jobs = new ConcurrentHashMap<>();
    @Nullable private RecordWriter writer;

    private AuditedRun(
            FaultWorld world, String name, DeliveryGuarantee guarantee, int generatorSeconds) {
        this.world = world;
        this.guarantee = guarantee;
        this.stream = StreamPath.parse("users/e2e/" + name + "-in");
        this.copy = StreamPath.parse("users/e2e/" + name + "-copy");
        this.generated = StreamPath.parse("users/e2e/" + name + "-generated");
        this.numbers = NUMBERS_PER_SECOND * generatorSeconds;
        this.files = world.output().resolve(name + "-files");
        this.windows = world.output().resolve(name + "-windows");
        this.stagingOfCopy = StreamPath.parse("users/e2e/" + name + "-copy-staging");
        this.stagingOfGenerator = StreamPath.parse("users/e2e/" + name + "-generated-staging");
    }

    /**
     * Creates the streams, starts the jobs and, when all of them run, a writer.
     *
     * @param name of the run; part of the names of streams and directories
     * @param guarantee of the jobs that write to streams
     * @param generatorSeconds how long the generator generates
     */
    static AuditedRun start(
            FaultWorld world,
            String name,
            DeliveryGuarantee guarantee,
            long seed,
            int generatorSeconds)
            throws Exception {
        AuditedRun run = new AuditedRun(world, name, guarantee, generatorSeconds);
        try {
            run.startAll(seed);
            return run;
        } catch (RuntimeException e) {
            try (run) {
                throw e;
            }
        }
    }

    private void startAll(long seed) {
        try (V3ioClient client = world.client()) {
            client.createStream(stream, SHARDS, RETENTION_HOURS).join();
            client.createStream(copy, SHARDS_OF_OUTPUTS, RETENTION_HOURS).join();
            client.createStream(generated, SHARDS_OF_OUTPUTS, RETENTION_HOURS).join();
        }
        submit(FilesJob.class, filesJob());
        submit(CopyJob.class, copyJob());
        // More than any fault lasts: a shard may be found that much later than it was born.
        submit(
                WindowsJob.class,
                world.jobRun(
                        WindowsJob.class,
                        stream,
                        "--output",
                        windows.toUri().toString(),
                        "--delay",
                        "60"));
        jobs.values().forEach(job -> rest().awaitAllTasksRunning(job, STATE_CHANGE));
        // Now, for it has an end, and the others may take long to begin.
        submit(
                GeneratorJob.class,
                world.jobRun(
                        GeneratorJob.class,
                        generated,
                        "--count",
                        Integer.toString(numbers),
                        "--rate",
                        Integer.toString(NUMBERS_PER_SECOND),
                        "--guarantee",
                        guarantee.name(),
                        "--staging",
                        stagingOfGenerator.toString()));
        writer = new RecordWriter(world.clientBuilder(), stream, RECORDS_PER_SECOND, seed);
    }

    private FlinkRest rest() {
        return world.cluster().rest();
    }

    private FlinkRest.JobRun filesJob() {
        return world.jobRun(FilesJob.class, stream, "--output", files.toUri().toString());
    }

    private FlinkRest.JobRun copyJob() {
        return world.jobRun(
                CopyJob.class,
                stream,
                "--output",
                copy.toString(),
                "--guarantee",
                guarantee.name(),
                "--staging",
                stagingOfCopy.toString());
    }

    private void submit(Class<?> job, FlinkRest.JobRun run) {
        jobs.put(job, rest().submit(world.jarId(), run));
    }

    FaultWorld world() {
        return world;
    }

    /** The stream that is written, read and copied; it may grow. */
    StreamPath stream() {
        return stream;
    }

    /**
     * Stops a job that writes files, or one that writes to a stream, with a savepoint and starts it
     * from there with another parallelism. While other faults last a savepoint may fail; the job
     * goes on then as it was, as Flink promises.
     */
    void rescale(SplittableRandom random) throws IOException {
        boolean toStream = random.nextBoolean();
        Class<?> job = toStream ? CopyJob.class : FilesJob.class;
        Optional<String> savepoint = stop(jobs.get(job));
        if (savepoint.isPresent()) {
            submit(
                    job,
                    (toStream ? copyJob() : filesJob())
                            .withParallelism(random.nextInt(MAX_PARALLELISM) + 1)
                            .from(savepoint.get()));
        }
    }

    private Optional<String> stop(String job) throws IOException {
        try {
            return Optional.of(
                    rest().stopWithSavepoint(
                                    job, world.cluster().savepoints(), false, STATE_CHANGE));
        } catch (FlinkRest.RestException | ConditionTimeoutException e) {
            LOG.info("A savepoint failed, or nobody knows of it: {}", firstLine(e));
        }
        // A JobManager that has just lost its leadership forgets what it was asked for.
        Awaitility.await("job " + job + " runs or has finished")
                .atMost(STATE_CHANGE)
                .pollInterval(POLL)
                .ignoreException(FlinkRest.RestException.class)
                .until(() -> Set.of("RUNNING", "FINISHED").contains(rest().jobState(job)));
        return rest().jobState(job).equals("FINISHED")
                ? Optional.of(writtenSavepoint(job))
                : Optional.empty();
    }

    private String writtenSavepoint(String job) throws IOException {
        String start = "savepoint-" + job.substring(0, 6) + "-";
        try (Stream<Path> all = Files.list(world.cluster().savepoints())) {
            return all.filter(path -> path.getFileName().toString().startsWith(start))
                    .filter(path -> Files.exists(path.resolve("_metadata")))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("No savepoint of job " + job))
                    .toUri()
                    .toString();
        }
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    /**
     * Ends the writer when there is enough to compare, waits until the jobs have done all, and
     * audits. Nothing fails any more.
     */
    List<AuditReport> finish() throws Exception {
        writer.awaitStored(LEAST_RECORDS);
        writer.close();
        try (V3ioClient client = world.client()) {
            StoredStream stored = StoredStream.read(client, stream);
            await("all is in the files", () -> PartFiles.countLines(files) >= stored.count());
            await(
                    "all is copied",
                    () ->
                            CopyAudit.compare(stored, StoredStream.read(client, copy), guarantee)
                                    .lost()
                                    .isEmpty());
            await("the windows have read all", () -> isRead(client, stored, "windows"));
            rest().stopWithSavepoint(
                            jobs.get(WindowsJob.class),
                            world.cluster().savepoints(),
                            true,
                            STATE_CHANGE);
            await(
                    "the windows are in the files",
                    () -> WindowsAudit.countedRecords(windows) >= stored.count());
            // A JobManager that is killed forgets what has finished, so it is not asked.
            await(
                    "all numbers are stored",
                    () ->
                            GeneratorAudit.compare(
                                            numbers,
                                            StoredStream.read(client, generated),
                                            guarantee)
                                    .lost()
                                    .isEmpty());
            // After a while without news of lost ones, repeated ones may still come.
            rest().awaitMoreCheckpoints(jobs.get(FilesJob.class), 2, STATE_CHANGE);
            rest().awaitMoreCheckpoints(jobs.get(CopyJob.class), 2, STATE_CHANGE);
            return List.of(
                    FilesAudit.compare(stored, files),
                    CopyAudit.compare(stored, StoredStream.read(client, copy), guarantee),
                    GeneratorAudit.compare(
                            numbers, StoredStream.read(client, generated), guarantee),
                    WindowsAudit.compare(stored, windows));
        }
    }

    private static boolean isRead(V3ioClient client, StoredStream stored, String group) {
        return stored.shards().values().stream()
                .filter(records -> !records.isEmpty())
                .map(records -> records.get(records.size() - 1))
                .allMatch(
                        last ->
                                client.getCommittedSequenceNumber(
                                                        new ShardId(
                                                                last.shard().stream(),
                                                                last.shard().number()),
                                                        group)
                                                .join()
                                                .orElse(0)
                                        >= last.sequenceNumber());
    }

    /** What does not come true in time shows in the audit, with the records that it concerns. */
    private void await(String what, Callable<Boolean> condition) {
        try {
            Awaitility.await(what)
                    .atMost(CATCH_UP)
                    .pollInterval(POLL)
                    .ignoreException(FlinkRest.RestException.class)
                    .until(condition);
        } catch (ConditionTimeoutException e) {
            LOG.error("{}: not within {}", what, CATCH_UP);
        }
    }

    /** Cancels what still runs, and makes room for other runs: the emulator's memory has an end. */
    @Override
    public void close() throws Exception {
        if (writer != null) {
            writer.close();
        }
        world.cancelAll();
        // Not every platform allows to list a directory, as it takes to remove what is in it.
        world.control().playDefaultDialect();
        try (V3ioClient client = world.client()) {
            for (StreamPath one : List.of(stream, copy, generated)) {
                client.deleteStream(one).join();
            }
            removeStaged(client, stagingOfCopy);
            removeStaged(client, stagingOfGenerator);
        }
    }

    /** What epochs that nobody commits have left. */
    private static void removeStaged(V3ioClient client, StreamPath directory) {
        for (String object : client.listObjects(directory.container(), directory.path()).join()) {
            client.deleteObject(directory.container(), directory.path() + "/" + object).join();
        }
    }
}

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

package io.v3io.flink.benchmarks.source;

import io.v3io.flink.benchmarks.measure.CpuProfile;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.ProcessCpu;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A Flink job in this process that reads a source with one subtask and drops what it reads. */
public final class CountingJob {

    private final Phase warmUp;
    private final Phase round;
    @Nullable private final Consumer<String> profiles;

    /** Something to wait for, beginning now, in a job before which so many records were counted. */
    private interface Phase {
        void await(JobClient job, long countAtStart) throws Exception;
    }

    private CountingJob(Phase warmUp, Phase round, @Nullable Consumer<String> profiles) {
        this.warmUp = warmUp;
        this.round = round;
        this.profiles = profiles;
    }

    /**
     * A job that is measured for some time, which begins some time after its first record.
     *
     * @param profiles takes the profile of each round; null for none
     */
    public static CountingJob ofTime(
            Duration warmUp, Duration round, @Nullable Consumer<String> profiles) {
        return settled(1, warmUp, round, profiles);
    }

    /**
     * A job that is measured for so many records, after so many others; more need not be there. If
     * more than those others have come when the measurement begins, it counts less.
     */
    public static CountingJob ofRecords(
            long warmUp, long round, @Nullable Consumer<String> profiles) {
        return new CountingJob(
                (job, start) -> awaitCount(job, start + warmUp),
                (job, start) -> awaitCount(job, start + warmUp + round),
                profiles);
    }

    /**
     * A job that is measured for some time, which begins some time after so many records. Many
     * shards are first asked where they begin; what is wanted is what a record costs then.
     */
    public static CountingJob settled(
            long records, Duration warmUp, Duration round, @Nullable Consumer<String> profiles) {
        return new CountingJob(
                (job, start) -> {
                    awaitCount(job, start + records);
                    Pause.of(warmUp);
                },
                (job, start) -> Pause.of(round),
                profiles);
    }

    private static void awaitCount(JobClient job, long enough) throws Exception {
        Pause.until(
                () -> isRunning(job) && CountingSink.count() >= enough, "enough records have come");
    }

    /** What one round read, in how much time, and with how much CPU time of this process. */
    public record Round(long records, double seconds, double cpuSeconds) {

        public double recordsPerSecond() {
            return records / seconds;
        }

        public double recordsPerCpuSecond() {
            return records / cpuSeconds;
        }
    }

    /** A source of this project, of 1 KiB records with all defaults. */
    public static V3ioSource<byte[]> v3ioSource(String endpoint) {
        return v3ioSource(endpoint, "bench/source");
    }

    /** The same of this stream. */
    public static V3ioSource<byte[]> v3ioSource(String endpoint, String stream) {
        return builder(endpoint, stream).build();
    }

    /** The same, of which no shard is read ahead. */
    static V3ioSource<byte[]> serialV3ioSource(String endpoint) {
        return builder(endpoint, "bench/source").setReadAhead(1).build();
    }

    private static V3ioSourceBuilder<byte[]> builder(String endpoint, String stream) {
        return V3ioSource.<byte[]>builder()
                .setEndpoint(endpoint)
                .setAccessKey("any")
                .setStream(stream)
                .setDeserializer(new PayloadSchema());
    }

    public Round run(Source<byte[], ?, ?> source) throws Exception {
        return run(source, 1).get(0);
    }

    /** Several rounds of one job, one right after another. */
    public List<Round> run(Source<byte[], ?, ?> source, int rounds) throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        // Payloads are new arrays; to copy them between operators would measure copies.
        env.getConfig().enableObjectReuse();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "source")
                .sinkTo(new CountingSink<>());
        long atStart = CountingSink.count();
        JobClient job = env.executeAsync();
        try {
            warmUp.await(job, atStart);
            List<Round> measured = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                measured.add(measure(job, atStart));
            }
            return measured;
        } finally {
            // It ends with an exception that says that it was cancelled.
            CompletableFuture<Void> end = job.getJobExecutionResult().handle((result, e) -> null);
            if (!end.isDone()) {
                job.cancel().get();
            }
            end.get();
        }
    }

    private Round measure(JobClient job, long countAtStart) throws Exception {
        CpuProfile profile = profiles == null ? null : CpuProfile.start();
        long before = CountingSink.count();
        long cpu = ProcessCpu.nanos();
        long start = System.nanoTime();
        round.await(job, countAtStart);
        Round measured =
                new Round(
                        CountingSink.count() - before,
                        (System.nanoTime() - start) / 1e9,
                        (ProcessCpu.nanos() - cpu) / 1e9);
        if (profile != null) {
            profiles.accept(profile.stop());
        }
        if (measured.records() == 0) {
            throw new IllegalStateException("Nothing was read in a round.");
        }
        return measured;
    }

    private static boolean isRunning(JobClient job) throws Exception {
        if (job.getJobExecutionResult().isDone()) {
            // Throws what has ended it.
            job.getJobExecutionResult().get();
        }
        return true;
    }
}

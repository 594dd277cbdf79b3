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

package io.v3io.flink.benchmarks.sink;

import io.v3io.flink.benchmarks.measure.CpuProfile;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.ProcessCpu;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.V3ioSink;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * A Flink job in this process that writes numbers to a {@link V3ioSink} as fast as it takes them.
 */
public final class SinkJob {

    private final ServerProcess server;
    private final SinkLoad load;
    private final OrderGuarantee order;
    private final Duration warmUp;
    private final Duration round;
    @Nullable private final Consumer<String> profiles;

    /**
     * A job that is measured for some time, which begins some time after its first record.
     *
     * @param profiles takes the profile of each round; null for none
     */
    public SinkJob(
            ServerProcess server,
            SinkLoad load,
            OrderGuarantee order,
            Duration warmUp,
            Duration round,
            @Nullable Consumer<String> profiles) {
        this.server = server;
        this.load = load;
        this.order = order;
        this.warmUp = warmUp;
        this.round = round;
        this.profiles = profiles;
    }

    /** What the server was sent in one round, and the CPU time of this process for it. */
    public record Round(double seconds, double cpuSeconds, ServerProcess.Statistics sent) {

        double recordsPerSecond() {
            return sent.records() / seconds;
        }

        public double recordsPerCpuSecond() {
            return sent.records() / cpuSeconds;
        }
    }

    public Round run() throws Exception {
        return run(1).get(0);
    }

    /** Several rounds of one job, one right after another. */
    public List<Round> run(int rounds) throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        env.fromSource(
                        new NumberSequenceSource(0, Long.MAX_VALUE - 1),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .sinkTo(
                        V3ioSink.<Long>builder()
                                .setEndpoint(server.endpoint())
                                .setAccessKey("any")
                                .setStream("bench/sink")
                                .setSerializationSchema(load)
                                .setPartitionKey(load::key)
                                .setOrder(order)
                                .build());
        ServerProcess.Statistics atStart = server.statistics();
        JobClient job = env.executeAsync();
        try {
            Pause.until(() -> server.statistics().since(atStart).records() > 0, "records arrive");
            Pause.of(warmUp);
            List<Round> measured = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                measured.add(measure());
            }
            return measured;
        } finally {
            // It ends with an exception that says that it was cancelled.
            CompletableFuture<Void> end = job.getJobExecutionResult().handle((result, e) -> null);
            job.cancel().get();
            end.get();
        }
    }

    private Round measure() throws Exception {
        CpuProfile profile = profiles == null ? null : CpuProfile.start();
        ServerProcess.Statistics before = server.statistics();
        long cpu = ProcessCpu.nanos();
        long start = System.nanoTime();
        Pause.of(round);
        ServerProcess.Statistics after = server.statistics();
        double seconds = (System.nanoTime() - start) / 1e9;
        double cpuSeconds = (ProcessCpu.nanos() - cpu) / 1e9;
        if (profile != null) {
            profiles.accept(profile.stop());
        }
        ServerProcess.Statistics sent = after.since(before);
        if (sent.records() == 0) {
            throw new IllegalStateException("Nothing was sent in a round.");
        }
        return new Round(seconds, cpuSeconds, sent);
    }
}

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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.JavaProcess;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.Spread;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long a record is under way from the answer to its put until a job has it, on shards that are
 * nearly idle. The emulator is the server here, in a process of its own, because records have to be
 * stored.
 */
final class TailLatency {

    /** The longest pause between two looks at an idle shard, and what a machine may add. */
    static final double MAX_MILLIS =
            (double) V3ioSourceOptions.IDLE_PAUSE_MAX.defaultValue().toMillis() + 50;

    private static final String STREAM = "bench/tail";
    private static final int SHARDS = 16;
    private static final long PUT_EVERY_MILLIS = 10;
    private static final int WARM_UP_RECORDS = 500;
    private static final int RECORDS_PER_ROUND = 500;
    private static final int ROUNDS = 5;
    private static final int RECORDS = WARM_UP_RECORDS + ROUNDS * RECORDS_PER_ROUND;
    private static final double PERCENTILE = 0.99;

    /** When each record was put and when it was emitted; 0 before. */
    private static final AtomicLongArray PUT = new AtomicLongArray(RECORDS);

    private static final AtomicLongArray EMITTED = new AtomicLongArray(RECORDS);

    private TailLatency() {}

    static Reading measure(Run run) throws Exception {
        try (JavaProcess emulator =
                JavaProcess.start(
                        List.of("-Xmx512m"),
                        "io.v3io.emulator.cli.Main",
                        List.of("--port", "0", "--containers", "bench"))) {
            String endpoint = emulator.awaitLine("V3IO emulator listening on ");
            try (V3ioClient client =
                    V3ioClient.builder().setEndpoint(endpoint).setAccessKey("any").build()) {
                StreamPath stream = StreamPath.parse(STREAM);
                client.createStream(stream, SHARDS, 24).join();
                measure(client, stream, job(endpoint));
            }
        }
        List<Double> percentiles = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            int from = WARM_UP_RECORDS + round * RECORDS_PER_ROUND;
            double[] millis = millis(from, from + RECORDS_PER_ROUND);
            percentiles.add(millis[(int) (PERCENTILE * millis.length)]);
        }
        double[] all = millis(WARM_UP_RECORDS, RECORDS);
        run.tell(
                String.format(
                        "put to emitted: median %.1f ms, p99 %.1f ms, longest %.1f ms",
                        all[all.length / 2],
                        all[(int) (PERCENTILE * all.length)],
                        all[all.length - 1]));
        return Reading.of(Spread.of(percentiles));
    }

    private static JobClient job(String endpoint) throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        env.fromSource(
                        CountingJob.v3ioSource(endpoint, STREAM),
                        WatermarkStrategy.noWatermarks(),
                        "source")
                .map(TailLatency::noteEmitted)
                .sinkTo(new CountingSink<>());
        return env.executeAsync();
    }

    private static byte[] noteEmitted(byte[] payload) {
        EMITTED.set(ByteBuffer.wrap(payload).getInt(), System.nanoTime());
        return payload;
    }

    private static void measure(V3ioClient client, StreamPath stream, JobClient job)
            throws Exception {
        AtomicInteger next = new AtomicInteger();
        ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
        try {
            var unused =
                    timer.scheduleAtFixedRate(
                            () -> put(client, stream, next),
                            0,
                            PUT_EVERY_MILLIS,
                            TimeUnit.MILLISECONDS);
            Pause.of(Duration.ofMillis(RECORDS * PUT_EVERY_MILLIS));
            Pause.until(() -> EMITTED.get(RECORDS - 1) != 0, "the last record is emitted");
            Pause.until(TailLatency::allEmitted, "every record is emitted");
        } finally {
            timer.shutdownNow();
            CompletableFuture<Void> end = job.getJobExecutionResult().handle((result, e) -> null);
            job.cancel().get();
            end.get();
        }
    }

    private static void put(V3ioClient client, StreamPath stream, AtomicInteger next) {
        int index = next.getAndIncrement();
        if (index < RECORDS) {
            byte[] data = ByteBuffer.allocate(Integer.BYTES).putInt(index).array();
            CompletableFuture<Void> unused =
                    client.putRecords(
                                    stream, List.of(PutRecord.of(data).withShardId(index % SHARDS)))
                            .thenAccept(results -> PUT.set(index, System.nanoTime()));
        }
    }

    private static boolean allEmitted() {
        for (int i = 0; i < RECORDS; i++) {
            if (EMITTED.get(i) == 0 || PUT.get(i) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Sorted. A record can be emitted before its writer has the answer; that counts as 0. */
    private static double[] millis(int from, int to) {
        double[] millis = new double[to - from];
        for (int i = from; i < to; i++) {
            millis[i - from] = Math.max(0, EMITTED.get(i) - PUT.get(i)) / 1e6;
        }
        Arrays.sort(millis);
        return millis;
    }
}

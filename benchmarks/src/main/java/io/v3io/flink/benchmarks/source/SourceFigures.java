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

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.client.ClientLoop;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.Turns;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import java.time.Duration;
import java.util.List;

/** What the source does with records, by how fast it could be, and how it hides the network. */
public final class SourceFigures {

    private static final int ROUNDS = 5;
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final Duration ROUND = Duration.ofMillis(1_500);
    private static final int SHARDS = 16;

    private static final int SLOW_SHARDS = 64;
    private static final int MANY_SHARDS = 1_024;
    private static final int RECORDS_PER_ANSWER = 1_000;
    private static final int RECORD_BYTES = 1_024;

    /**
     * What 64 shards answer in 20 ms is then about what a subtask can read in that time. With far
     * fewer, 64 requests at a time cannot keep it busy; with far more, which a serial reader likes
     * as well, both are limited by the CPU and not by the network.
     */
    private static final int RECORDS_PER_SLOW_ANSWER = 500;

    private static final Duration DELAY = Duration.ofMillis(20);

    private SourceFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "source.vs.client",
                        "records/s of V3ioSource -> discard, parallelism 1, 16 shards, 1 KiB / bare"
                                + " client loop with the same concurrency",
                        Aim.atLeast(0.75),
                        SourceFigures::sourceAgainstClient),
                new Figure(
                        "source.latency.hiding",
                        "64 shards, one subtask, +20 ms a response: throughput / the same without"
                                + " the delay",
                        Aim.atLeast(0.80),
                        SourceFigures::latencyHiding),
                new Figure(
                        "source.vs.serial",
                        "the same with the delay / a reader that asks one shard after another",
                        Aim.atLeast(30),
                        SourceFigures::sourceAgainstSerial),
                new Figure(
                        "source.one.shard",
                        "one shard, a million records behind, +20 ms a response: records/s / with"
                                + " one request at a time",
                        Aim.atLeast(6),
                        SourceFigures::oneShard),
                new Figure(
                        "source.tail.p99.ms",
                        "put acknowledged to emitted, 100 records/s over 16 shards, p99 in ms",
                        Aim.atMost(TailLatency.MAX_MILLIS),
                        TailLatency::measure),
                new Figure(
                        "shards.scale",
                        "records per CPU second with 1,024 shards / with 16",
                        Aim.atLeast(0.85),
                        SourceFigures::scale));
    }

    private static CountingJob job(Run run, String what) {
        return CountingJob.ofTime(WARM_UP, ROUND, run.profiles(what));
    }

    private static double recordsPerSecond(CountingJob job, ServerProcess server) throws Exception {
        return job.run(CountingJob.v3ioSource(server.endpoint())).recordsPerSecond();
    }

    private static double clientRecordsPerSecond(ServerProcess server, int shards, int concurrency)
            throws Exception {
        try (ClientLoop loop = new ClientLoop(server.endpoint(), shards, concurrency)) {
            Pause.of(WARM_UP);
            long before = loop.records();
            long start = System.nanoTime();
            Pause.of(ROUND);
            return (loop.records() - before) * 1e9 / (System.nanoTime() - start);
        }
    }

    private static Reading sourceAgainstClient(Run run) throws Exception {
        CountingJob job = job(run, "source, 16 shards");
        try (ServerProcess server =
                ServerProcess.start(ServerSettings.standard().withShards(SHARDS))) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> recordsPerSecond(job, server),
                            () -> clientRecordsPerSecond(server, SHARDS, SHARDS));
            run.tell("source, records/s", turns.ours());
            run.tell("bare client, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    /** By one thread answers wait for each other, for a quarter of the delay. */
    private static ServerSettings slowAnswers() {
        return ServerSettings.standard()
                .withWorkers(2)
                .withShards(SLOW_SHARDS)
                .withRecords(RECORD_BYTES, RECORDS_PER_SLOW_ANSWER);
    }

    private static Reading latencyHiding(Run run) throws Exception {
        CountingJob job = job(run, "source, 64 shards");
        try (ServerProcess slow = ServerProcess.start(slowAnswers().withDelay(DELAY));
                ServerProcess fast = ServerProcess.start(slowAnswers())) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> recordsPerSecond(job, slow),
                            () -> recordsPerSecond(job, fast));
            run.tell("with the delay, records/s", turns.ours());
            run.tell("without, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static Reading sourceAgainstSerial(Run run) throws Exception {
        CountingJob job = job(run, "source, 64 shards with a delay");
        try (ServerProcess slow = ServerProcess.start(slowAnswers().withDelay(DELAY))) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> recordsPerSecond(job, slow),
                            () -> clientRecordsPerSecond(slow, SLOW_SHARDS, 1));
            run.tell("source, records/s", turns.ours());
            run.tell("one shard after another, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static Reading oneShard(Run run) throws Exception {
        CountingJob job = job(run, "source, one shard with a delay");
        ServerSettings oneShard = ServerSettings.standard().withShards(1).withDelay(DELAY);
        try (ServerProcess slow = ServerProcess.start(oneShard)) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> recordsPerSecond(job, slow),
                            () ->
                                    job.run(CountingJob.serialV3ioSource(slow.endpoint()))
                                            .recordsPerSecond());
            run.tell("reading ahead, records/s", turns.ours());
            run.tell("one request at a time, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static Reading scale(Run run) throws Exception {
        // Every shard has answered once before it counts.
        CountingJob job =
                CountingJob.settled(
                        (long) MANY_SHARDS * RECORDS_PER_ANSWER,
                        WARM_UP,
                        ROUND,
                        run.profiles("source, 1,024 and 16 shards in turns"));
        try (ServerProcess many =
                        ServerProcess.start(ServerSettings.standard().withShards(MANY_SHARDS));
                ServerProcess few =
                        ServerProcess.start(ServerSettings.standard().withShards(SHARDS))) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () ->
                                    job.run(CountingJob.v3ioSource(many.endpoint()))
                                            .recordsPerCpuSecond(),
                            () ->
                                    job.run(CountingJob.v3ioSource(few.endpoint()))
                                            .recordsPerCpuSecond());
            run.tell("1,024 shards, records per CPU second", turns.ours());
            run.tell("16 shards, records per CPU second", turns.others());
            return Reading.of(turns.ratio());
        }
    }
}

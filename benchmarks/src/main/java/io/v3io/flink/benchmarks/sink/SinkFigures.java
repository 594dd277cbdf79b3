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

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.Turns;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;
import io.v3io.flink.sink.OrderGuarantee;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What the sink does with records, by how fast it could be. */
public final class SinkFigures {

    private static final int ROUNDS = 5;
    private static final SinkLoad LOAD = new SinkLoad(1_024);
    private static final Duration WARM_UP = Duration.ofMillis(1_500);
    private static final Duration ROUND = Duration.ofSeconds(2);
    private static final Duration DELAY = Duration.ofMillis(20);

    private SinkFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "sink.vs.raw",
                        "records/s of V3ioSink, unordered, 1 KiB / posting ready-made bodies with"
                                + " the same concurrency",
                        Aim.atLeast(0.70),
                        SinkFigures::sinkAgainstRaw),
                new Figure(
                        "sink.relaxed.ratio",
                        "records/s of V3ioSink, 1 KiB, 64 keys in relaxed order / unordered",
                        Aim.atLeast(0.90),
                        run -> againstUnordered(run, OrderGuarantee.RELAXED, Duration.ZERO)),
                new Figure(
                        "sink.relaxed.delayed.ratio",
                        "the same, +20 ms a response",
                        Aim.atLeast(0.90),
                        run -> againstUnordered(run, OrderGuarantee.RELAXED, DELAY)),
                new Figure(
                        "sink.relaxed.one.key",
                        "records/s of V3ioSink, 1 KiB, one key, +20 ms a response: relaxed order /"
                                + " strict",
                        Aim.atLeast(20),
                        SinkFigures::relaxedAgainstStrict),
                new Figure(
                        "sink.strict.ratio",
                        "records/s of V3ioSink, 1 KiB, 64 keys in strict order / unordered",
                        Aim.atLeast(0.50),
                        run -> againstUnordered(run, OrderGuarantee.STRICT, Duration.ZERO)));
    }

    private static ServerProcess startServer(Duration delay) throws Exception {
        return ServerProcess.start(
                ServerSettings.standard().withPutRecordBytes(LOAD.encodedBytes()).withDelay(delay));
    }

    private static SinkJob job(ServerProcess server, SinkLoad load, OrderGuarantee order, Run run) {
        return new SinkJob(server, load, order, WARM_UP, ROUND, run.profiles("sink, " + order));
    }

    private static Reading sinkAgainstRaw(Run run) throws Exception {
        try (ServerProcess server = startServer(Duration.ZERO)) {
            SinkJob job = job(server, LOAD, OrderGuarantee.NONE, run);
            RawPuts raw = new RawPuts(server, LOAD);
            Turns turns =
                    Turns.measure(
                            ROUNDS, () -> job.run().recordsPerSecond(), raw::recordsPerSecond);
            run.tell("sink, records/s", turns.ours());
            run.tell("ready-made bodies, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static Reading againstUnordered(Run run, OrderGuarantee order, Duration delay)
            throws Exception {
        return compared(run, LOAD, order, OrderGuarantee.NONE, delay);
    }

    private static Reading relaxedAgainstStrict(Run run) throws Exception {
        return compared(
                run, LOAD.withKeys(1), OrderGuarantee.RELAXED, OrderGuarantee.STRICT, DELAY);
    }

    private static Reading compared(
            Run run, SinkLoad load, OrderGuarantee order, OrderGuarantee other, Duration delay)
            throws Exception {
        try (ServerProcess server = startServer(delay)) {
            SinkJob job = job(server, load, order, run);
            SinkJob otherJob = job(server, load, other, run);
            RequestSizes sizes = new RequestSizes();
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> {
                                SinkJob.Round round = job.run();
                                sizes.add(round);
                                return round.recordsPerSecond();
                            },
                            () -> otherJob.run().recordsPerSecond());
            run.tell("order " + order + ", records/s", turns.ours());
            run.tell("order " + other + ", records/s", turns.others());
            sizes.tell(run, "order " + order);
            return Reading.of(turns.ratio());
        }
    }

    /** How many records the requests had. */
    private static final class RequestSizes {

        private static final int[] BOUNDS = {1, 10, 32, 100, 500, 999, 1_000};

        private final long[] requests = new long[BOUNDS.length];

        void add(SinkJob.Round round) {
            round.sent()
                    .putRequests()
                    .forEach(
                            (records, count) -> {
                                int i = 0;
                                while (i < BOUNDS.length - 1 && records > BOUNDS[i]) {
                                    i++;
                                }
                                requests[i] += count;
                            });
        }

        void tell(Run run, String what) {
            long all = Arrays.stream(requests).sum();
            for (int i = 0; i < BOUNDS.length; i++) {
                if (requests[i] > 0) {
                    run.tell(
                            String.format(
                                    Locale.ROOT,
                                    "%s, requests of up to %d records: %.1f %%",
                                    what,
                                    BOUNDS[i],
                                    100.0 * requests[i] / all));
                }
            }
        }
    }
}

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

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the sink does with records, by how fast it could be. */
public final class SinkFigures {

    private static final int ROUNDS = 5;
    private static final SinkLoad LOAD = new SinkLoad(1_024);
    private static final Duration WARM_UP = Duration.ofMillis(1_500);
    private static final Duration ROUND = Duration.ofSeconds(2);

    private SinkFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "sink.vs.raw",
                        "records/s of V3ioSink, unordered, 1 KiB / posting ready-made bodies with"
                                + " the same concurrency",
                        Aim.atLeast(0.60),
                        SinkFigures::sinkAgainstRaw),
                new Figure(
                        "sink.ordered.ratio",
                        "records/s of V3ioSink, 1 KiB, ordered with 64 keys / unordered",
                        Aim.atLeast(0.50),
                        SinkFigures::orderedAgainstUnordered));
    }

    private static ServerProcess startServer() throws Exception {
        return ServerProcess.start(
                ServerSettings.standard().withPutRecordBytes(LOAD.encodedBytes()));
    }

    private static SinkJob job(ServerProcess server, boolean ordered, Run run, String what) {
        return new SinkJob(server, LOAD, ordered, WARM_UP, ROUND, run.profiles(what));
    }

    private static Reading sinkAgainstRaw(Run run) throws Exception {
        try (ServerProcess server = startServer()) {
            SinkJob job = job(server, false, run, "sink, unordered");
            RawPuts raw = new RawPuts(server, LOAD);
            Turns turns =
                    Turns.measure(
                            ROUNDS, () -> job.run().recordsPerSecond(), raw::recordsPerSecond);
            run.tell("sink, records/s", turns.ours());
            run.tell("ready-made bodies, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static Reading orderedAgainstUnordered(Run run) throws Exception {
        try (ServerProcess server = startServer()) {
            SinkJob ordered = job(server, true, run, "sink, ordered");
            SinkJob unordered = job(server, false, run, "sink, unordered");
            SortedMap<Integer, Long> sizes = new TreeMap<>();
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> {
                                SinkJob.Round round = ordered.run();
                                round.sent()
                                        .putRequests()
                                        .forEach((k, v) -> sizes.merge(k, v, Long::sum));
                                return round.recordsPerSecond();
                            },
                            () -> unordered.run().recordsPerSecond());
            run.tell("ordered, records/s", turns.ours());
            run.tell("unordered, records/s", turns.others());
            long requests = sizes.values().stream().mapToLong(Long::longValue).sum();
            sizes.forEach(
                    (records, count) ->
                            run.tell(
                                    String.format(
                                            Locale.ROOT,
                                            "ordered requests of %d records: %.1f %%",
                                            records,
                                            100.0 * count / requests)));
            return Reading.of(turns.ratio());
        }
    }
}

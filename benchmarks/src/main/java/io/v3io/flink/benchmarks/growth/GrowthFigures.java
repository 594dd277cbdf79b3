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

package io.v3io.flink.benchmarks.growth;

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.growth.LinePlot.Series;
import io.v3io.flink.benchmarks.measure.Spread;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;
import io.v3io.flink.benchmarks.sink.SinkJob;
import io.v3io.flink.benchmarks.sink.SinkLoad;
import io.v3io.flink.benchmarks.source.CountingJob;
import io.v3io.flink.sink.OrderGuarantee;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The CPU time of the Flink process for a record, over the size of records and over the number of
 * shards. The smallest of a few rounds would flatter; it is the median, with a bar from the
 * smallest to the largest.
 */
public final class GrowthFigures {

    private static final int ROUNDS = 5;
    private static final Duration WARM_UP = Duration.ofMillis(1_500);
    private static final Duration COMPILING = Duration.ofSeconds(8);
    private static final Duration ROUND = Duration.ofSeconds(1);

    private static final List<Integer> SIZES = List.of(100, 1_000, 10_000, 100_000, 1_000_000);
    private static final List<Integer> SHARDS = List.of(1, 4, 16, 64, 256, 1_024, 4_096);

    /** Payload of an answer at the most, unless one record is more. */
    private static final int ANSWER_BYTES = 2_000_000;

    private static final int MAX_RECORDS = 1_000;
    private static final int RECORD_BYTES = 1_024;

    private GrowthFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "growth.record.size",
                        "CPU time of the source for a byte of payload, records of 1 MB / of 1 KB",
                        Aim.none(),
                        GrowthFigures::overRecordSize),
                new Figure(
                        "growth.shards",
                        "CPU time of the source for a record, 4,096 shards / 16 shards",
                        Aim.none(),
                        GrowthFigures::overShards));
    }

    private static Reading overRecordSize(Run run) throws Exception {
        warmUp();
        List<Spread> source = new ArrayList<>();
        List<Spread> sink = new ArrayList<>();
        for (int bytes : SIZES) {
            int perAnswer = Math.max(1, Math.min(MAX_RECORDS, ANSWER_BYTES / bytes));
            source.add(readMicros(ServerSettings.standard().withRecords(bytes, perAnswer)));
            sink.add(writeMicros(new SinkLoad(bytes)));
            run.tell(
                    String.format(
                            Locale.ROOT,
                            "records of %,d bytes: source %.2f us, sink %.2f us",
                            bytes,
                            source.get(source.size() - 1).median(),
                            sink.get(sink.size() - 1).median()));
        }
        run.draw(
                "images/growth-record-size.svg",
                new LinePlot(
                                "CPU time of the Flink process for a record",
                                "payload of a record",
                                "microseconds (logarithmic)",
                                List.of("100 B", "1 KB", "10 KB", "100 KB", "1 MB"),
                                true)
                        .with(new Series("source", source))
                        .with(new Series("sink", sink))
                        .toSvg());
        double growth = (double) SIZES.get(4) / SIZES.get(1);
        return Reading.of(
                new Spread(
                        source.get(4).median() / source.get(1).median() / growth,
                        source.get(4).lowest() / source.get(1).highest() / growth,
                        source.get(4).highest() / source.get(1).lowest() / growth));
    }

    private static Reading overShards(Run run) throws Exception {
        warmUp();
        List<Spread> source = new ArrayList<>();
        List<String> labels = new ArrayList<>();
        for (int shards : SHARDS) {
            source.add(
                    readMicros(
                            ServerSettings.standard()
                                    .withRecords(RECORD_BYTES, MAX_RECORDS)
                                    .withShards(shards)));
            labels.add(String.format(Locale.ROOT, "%,d", shards));
            run.tell(
                    String.format(
                            Locale.ROOT,
                            "%,d shards: %.2f us",
                            shards,
                            source.get(source.size() - 1).median()));
        }
        run.draw(
                "images/growth-shards.svg",
                new LinePlot(
                                "CPU time of the Flink process for a record of 1 KiB",
                                "shards of one subtask",
                                "microseconds",
                                labels,
                                false)
                        .with(new Series("source", source))
                        .toSvg());
        Spread most = source.get(source.size() - 1);
        Spread few = source.get(SHARDS.indexOf(16));
        return Reading.of(
                new Spread(
                        most.median() / few.median(),
                        most.lowest() / few.highest(),
                        most.highest() / few.lowest()));
    }

    /** One job a point, measured when each of its shards has answered once. */
    private static Spread readMicros(ServerSettings settings) throws Exception {
        try (ServerProcess server = ServerProcess.start(settings)) {
            CountingJob job =
                    CountingJob.settled(
                            (long) settings.shards() * settings.recordsPerAnswer(),
                            WARM_UP,
                            ROUND,
                            null);
            return Spread.of(
                    job.run(CountingJob.v3ioSource(server.endpoint()), ROUNDS).stream()
                            .map(round -> 1e6 / round.recordsPerCpuSecond())
                            .toList());
        }
    }

    /** So that the first point is not the one in whose time the compiler is at work. */
    private static void warmUp() throws Exception {
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            CountingJob.Round unused =
                    CountingJob.ofTime(Duration.ZERO, COMPILING, null)
                            .run(CountingJob.v3ioSource(server.endpoint()));
        }
    }

    private static Spread writeMicros(SinkLoad load) throws Exception {
        try (ServerProcess server =
                ServerProcess.start(
                        ServerSettings.standard().withPutRecordBytes(load.encodedBytes()))) {
            SinkJob job = new SinkJob(server, load, OrderGuarantee.NONE, WARM_UP, ROUND, null);
            return Spread.of(
                    job.run(ROUNDS).stream()
                            .map(round -> 1e6 / round.recordsPerCpuSecond())
                            .toList());
        }
    }
}

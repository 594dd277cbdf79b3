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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.JavaProcess;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.Spread;
import io.v3io.flink.benchmarks.measure.Turns;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;
import io.v3io.flink.benchmarks.source.CountingJob;
import io.v3io.flink.benchmarks.source.PayloadSchema;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.sink.state.EpochRecords;
import io.v3io.flink.source.V3ioSource;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What it costs that every record is stored once, and that a source drops copies. */
public final class ExactlyOnceFigures {

    private static final SinkLoad LOAD = new SinkLoad(1_024);
    private static final int SHARDS = 8;
    private static final int ROUNDS = 2;
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final Duration ROUND = INTERVAL.multipliedBy(2);
    private static final Duration DELAY = Duration.ofMillis(20);
    private static final Duration LOOK_EVERY = Duration.ofMillis(20);

    /** For so long nothing is stored between two commits. */
    private static final Duration SILENCE = Duration.ofMillis(700);

    private static final Duration SHORT_INTERVAL = Duration.ofSeconds(1);
    private static final int RECORDS_PER_SECOND = 500;
    private static final int RECORDS_OF_LATENCY = 10_000;
    private static final int WARM_UP_RECORDS = 2_000;
    private static final int RECORDS_OF_AN_ANSWER = 1_000;

    private static final String STREAM = "bench/exactly-once";
    private static final int RETENTION_HOURS = 24;
    private static final int TAG_BYTES = 16;
    private static final int DROP_ROUNDS = 5;
    private static final Duration DROP_ROUND = Duration.ofSeconds(5);

    /** After so many the source remembers as many tags of each shard as it may. */
    private static final int RECORDS_THAT_FILL_WINDOWS = 2_000_000;

    private ExactlyOnceFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "sink.exactly-once.ratio",
                        "records/s stored by V3ioSink, 1 KiB, checkpoints every 10 s, exactly-once"
                                + " with a staging directory / at-least-once",
                        Aim.atLeast(0.50),
                        run -> ratio(run, Duration.ZERO)),
                new Figure(
                        "sink.exactly-once.delayed.ratio",
                        "the same, +20 ms a response",
                        Aim.atLeast(0.50),
                        run -> ratio(run, DELAY)),
                new Figure(
                        "sink.exactly-once.latency",
                        "made to stored, 500 records/s, p99 / the checkpoint interval of 1 s",
                        Aim.none(),
                        ExactlyOnceFigures::latency),
                new Figure(
                        "sink.exactly-once.state.bytes",
                        "bytes in a checkpoint or the staging directory for a record of 1,024 bytes"
                                + " with a key of 6",
                        Aim.none(),
                        ExactlyOnceFigures::stateBytes),
                new Figure(
                        "source.drop-duplicates.ratio",
                        "records per CPU second of V3ioSource, 1 KiB, no copies among them, with"
                                + " setDropDuplicates / without",
                        Aim.atLeast(0.95),
                        ExactlyOnceFigures::dropDuplicates));
    }

    private static Reading ratio(Run run, Duration delay) throws Exception {
        try (ServerProcess exactlyOnce =
                        server(LOAD.record(0).withClientInfo(new byte[TAG_BYTES]), delay);
                ServerProcess atLeastOnce = server(LOAD.record(0), delay)) {
            Turns turns =
                    Turns.measureAll(
                            ROUNDS,
                            () -> recordsPerSecond(exactlyOnce, DeliveryGuarantee.EXACTLY_ONCE),
                            () -> recordsPerSecond(atLeastOnce, DeliveryGuarantee.AT_LEAST_ONCE));
            run.tell("exactly-once, records/s", turns.ours());
            run.tell("at-least-once, records/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static ServerProcess server(PutRecord record, Duration delay) throws Exception {
        return ServerProcess.start(
                ServerSettings.standard()
                        .withShards(SHARDS)
                        .withDelay(delay)
                        .withPutRecordBytes(Math.toIntExact(record.encodedSizeBytes())));
    }

    private static double recordsPerSecond(ServerProcess server, DeliveryGuarantee guarantee)
            throws Exception {
        long atStart = server.statistics().records();
        JobClient job =
                job(
                        env ->
                                env.fromSource(
                                        new NumberSequenceSource(0, Long.MAX_VALUE - 1),
                                        WatermarkStrategy.noWatermarks(),
                                        "numbers"),
                        sink(server.endpoint(), STREAM, guarantee, LOAD)
                                .setPartitionKey(LOAD::key)
                                .build(),
                        INTERVAL);
        try {
            Pause.until(() -> server.statistics().records() > atStart, "records are stored");
            Pause.of(INTERVAL);
            boolean isInCommits = guarantee == DeliveryGuarantee.EXACTLY_ONCE;
            Mark begin = isInCommits ? endOfCommit(server) : Mark.of(server);
            Pause.of(ROUND);
            Mark end = isInCommits ? endOfCommit(server) : Mark.of(server);
            return (end.records - begin.records) * 1e9 / (end.nanos - begin.nanos);
        } finally {
            cancel(job);
        }
    }

    /** So many records were stored at that time. */
    private record Mark(long nanos, long records) {

        static Mark of(ServerProcess server) throws Exception {
            return new Mark(System.nanoTime(), server.statistics().records());
        }
    }

    /**
     * What is stored between two ends of commits was written between them, too. Where one commit
     * follows the other without a pause, it does not matter when one looks.
     */
    private static Mark endOfCommit(ServerProcess server) throws Exception {
        Mark start = Mark.of(server);
        Pause.until(() -> server.statistics().records() > start.records, "a commit begins");
        Mark last = Mark.of(server);
        while (System.nanoTime() - last.nanos < SILENCE.toNanos()
                && last.nanos - start.nanos < ROUND.toNanos()) {
            Pause.of(LOOK_EVERY);
            Mark now = Mark.of(server);
            last = now.records > last.records ? now : last;
        }
        return last;
    }

    private static Reading latency(Run run) throws Exception {
        List<Double> millis = new ArrayList<>();
        try (JavaProcess emulator =
                JavaProcess.start(
                        List.of("-Xmx512m"),
                        "io.v3io.emulator.cli.Main",
                        List.of("--port", "0", "--containers", "bench"))) {
            String endpoint = emulator.awaitLine("V3IO emulator listening on ");
            try (V3ioClient client =
                    V3ioClient.builder().setEndpoint(endpoint).setAccessKey("any").build()) {
                storeWithTimes(endpoint, client, millis);
            }
        }
        millis.sort(Double::compare);
        run.tell(
                String.format(
                        Locale.ROOT,
                        "made to stored, %d records: median %.0f ms, p99 %.0f ms, longest %.0f ms",
                        millis.size(),
                        millis.get(millis.size() / 2),
                        millis.get(millis.size() * 99 / 100),
                        millis.get(millis.size() - 1)));
        return Reading.of(
                Spread.of(
                        List.of(
                                millis.get(millis.size() * 99 / 100)
                                        / (double) SHORT_INTERVAL.toMillis())));
    }

    private static void storeWithTimes(String endpoint, V3ioClient client, List<Double> millis)
            throws Exception {
        StreamPath stream = StreamPath.parse(STREAM);
        client.createStream(stream, SHARDS, RETENTION_HOURS).join();
        job(
                        env ->
                                env.fromSource(
                                        new DataGeneratorSource<>(
                                                index -> index,
                                                RECORDS_OF_LATENCY,
                                                RateLimiterStrategy.perSecond(RECORDS_PER_SECOND),
                                                Types.LONG),
                                        WatermarkStrategy.noWatermarks(),
                                        "numbers"),
                        sink(endpoint, STREAM, DeliveryGuarantee.EXACTLY_ONCE, new TimeOfMaking())
                                .build(),
                        SHORT_INTERVAL)
                .getJobExecutionResult()
                .get();
        for (int shard = 0; shard < SHARDS; shard++) {
            readLatencies(client, stream.shard(shard), millis);
        }
    }

    /** A record is its number and the time when it was made. The first ones are left out. */
    private static void readLatencies(V3ioClient client, ShardId shard, List<Double> millis) {
        Location location = client.seek(shard, SeekPosition.earliest()).join();
        RecordBatch batch;
        do {
            batch = client.getRecords(shard, location, RECORDS_OF_AN_ANSWER).join();
            for (StreamRecord record : batch.records()) {
                ByteBuffer data = ByteBuffer.wrap(record.data());
                if (data.getLong() >= WARM_UP_RECORDS) {
                    millis.add((double) record.arrivalTimeMillis() - data.getLong());
                }
            }
            location = batch.nextLocation();
        } while (batch.recordsBehindLatest() > 0);
    }

    private static final class TimeOfMaking implements SerializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        @Override
        public byte[] serialize(Long number) {
            return ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(number)
                    .putLong(System.currentTimeMillis())
                    .array();
        }
    }

    private static Reading stateBytes(Run run) {
        int records = 10_000;
        EpochRecords.Encoder encoder = new EpochRecords.Encoder();
        for (int i = 0; i < records; i++) {
            encoder.add(0, i, LOAD.record(i));
        }
        double bytes = (double) encoder.length() / records;
        run.tell(String.format(Locale.ROOT, "%.1f bytes beside data and key", bytes - 1_024 - 6));
        return Reading.of(Spread.of(List.of(bytes)));
    }

    private static Reading dropDuplicates(Run run) throws Exception {
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard().withTags())) {
            CountingJob job =
                    CountingJob.settled(
                            RECORDS_THAT_FILL_WINDOWS,
                            Duration.ZERO,
                            DROP_ROUND,
                            run.profiles("source of tagged records, copies dropped or not"));
            Turns turns =
                    Turns.measure(
                            DROP_ROUNDS,
                            () -> job.run(source(server, true)).recordsPerCpuSecond(),
                            () -> job.run(source(server, false)).recordsPerCpuSecond());
            run.tell("copies dropped, records per CPU second", turns.ours());
            run.tell("all kept, records per CPU second", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static V3ioSource<byte[]> source(ServerProcess server, boolean dropDuplicates) {
        return V3ioSource.<byte[]>builder()
                .setEndpoint(server.endpoint())
                .setAccessKey("any")
                .setStream(STREAM)
                .setDeserializer(new PayloadSchema())
                .setDropDuplicates(dropDuplicates)
                .build();
    }

    private static V3ioSinkBuilder<Long> sink(
            String endpoint,
            String stream,
            DeliveryGuarantee guarantee,
            SerializationSchema<Long> schema) {
        V3ioSinkBuilder<Long> sink =
                V3ioSink.<Long>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey("any")
                        .setStream(stream)
                        .setSerializationSchema(schema)
                        .setDeliveryGuarantee(guarantee);
        if (guarantee == DeliveryGuarantee.EXACTLY_ONCE) {
            // Checkpoints lie in the heap of the JobManager, where Flink takes 5 MB of a task.
            sink.setStagingDirectory("bench/staging").setMaxInlineSize(MemorySize.ofMebiBytes(4));
        }
        return sink;
    }

    private static JobClient job(
            Function<StreamExecutionEnvironment, DataStream<Long>> source,
            V3ioSink<Long> sink,
            Duration interval)
            throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        env.enableCheckpointing(interval.toMillis());
        source.apply(env).sinkTo(sink);
        return env.executeAsync();
    }

    private static void cancel(JobClient job) throws Exception {
        // It ends with an exception that says that it was cancelled.
        CompletableFuture<Void> end = job.getJobExecutionResult().handle((result, e) -> null);
        job.cancel().get();
        end.get();
    }
}

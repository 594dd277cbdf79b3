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

package io.v3io.flink.sink;

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.ReportedMetrics;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.testing.TestSeeds;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A job with an exactly-once sink that crashes in its tasks and in its commits, while answers are
 * lost, requests get lost, and records fail one by one: the stream holds each record once, whatever
 * reader looks at it, and of each key in the order in which they were written. The source hands out
 * so many records for each checkpoint, so that there are as many epochs on every machine.
 */
@Timeout(180)
class V3ioSinkExactlyOnceITCase {

    private static final String STREAM = "users/me/numbers";
    private static final String STAGING = "users/me/staging";
    private static final int SHARDS = 5;
    private static final int KEYS = 40;
    private static final int RECORDS = 6_000;
    private static final int CRASHES = 3;
    private static final int REFUSALS = 3;
    private static final int RECORDS_PER_CHECKPOINT = 300;

    private static final ReportedMetrics METRICS = ReportedMetrics.ofAllAttempts();

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 3, METRICS.configuration());

    static LongStream seeds() {
        return TestSeeds.upTo(10, 190);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsStoredOnceThroughCrashesAndFaults(long seed) throws Exception {
        Random random = new Random(new SplittableRandom(seed).nextLong());
        OrderGuarantee order = Seeds.anyOrder(random);
        boolean staged = random.nextBoolean();
        try (EmulatedStreams streams =
                PLATFORM.start(e -> e.seed(seed).latency(Duration.ofMillis(1)))) {
            streams.create(STREAM, SHARDS);
            addFaults(streams, random, order);

            run(streams, seed, order, staged);

            Map<String, Long> newest = new HashMap<>();
            List<Long> stored = new ArrayList<>();
            List<byte[]> tags = new ArrayList<>();
            for (int shard = 0; shard < SHARDS; shard++) {
                for (StoredRecord record : streams.emulator().stream(STREAM).records(shard)) {
                    long number = Long.parseLong(new String(record.data(), UTF_8));
                    stored.add(number);
                    tags.add(record.clientInfo());
                    Long before = newest.put(record.partitionKey(), number);
                    assertThat(order == OrderGuarantee.NONE || before == null || before < number)
                            .as(
                                    "seed %d: %d of key %s after %d",
                                    seed, number, record.partitionKey(), before)
                            .isTrue();
                }
            }
            assertThat(stored)
                    .as("seed %d, order %s, staged %s", seed, order, staged)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, RECORDS).boxed().toList());
            assertThat(streams.client().listObjects("users", "me/staging").join())
                    .as("seed %d: what is left in the staging directory", seed)
                    .allMatch(name -> tags.stream().noneMatch(epoch(name)::isTag))
                    .satisfies(V3ioSinkExactlyOnceITCase::arePrepared);
        }
    }

    /** What a checkpoint had that failed; it might be a savepoint. */
    private static void arePrepared(List<? extends String> names) {
        assertThat(names.stream().map(V3ioSinkExactlyOnceITCase::epoch).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        names.stream()
                                .filter(name -> name.endsWith(".prepared"))
                                .map(V3ioSinkExactlyOnceITCase::epoch)
                                .toList());
    }

    private static EpochId epoch(String staged) {
        String[] parts = staged.split("\\.", -1);
        return new EpochId(
                Long.parseLong(parts[4], 16),
                Integer.parseInt(parts[6]),
                Integer.parseInt(parts[3]));
    }

    /**
     * Without this the runs would prove nothing about what a restored commit has to find. Of one
     * run alone it need not be true: a refusal may come when all of its epoch is stored, or
     * nothing.
     */
    @AfterAll
    static void epochsWereResumed() {
        assertThat(METRICS.sumOfAllAttempts("epochsResumed"))
                .as("epochs that a dead attempt had stored in part")
                .isPositive();
    }

    private static void addFaults(EmulatedStreams streams, Random random, OrderGuarantee order) {
        Fault any = Fault.on(Operation.PUT_RECORDS).probability(0.03);
        streams.emulator().faults().add(any.respond(503, "text/html", "<html>busy</html>"));
        streams.emulator().faults().add(any.throttle(0));
        streams.emulator().faults().add(any.resetBefore().times(20));
        streams.emulator().faults().add(any.resetAfter().times(20));
        streams.emulator().faults().add(any.cutBody().times(20));
        if (order != OrderGuarantee.RELAXED) {
            // They break a relaxed order.
            streams.emulator()
                    .faults()
                    .add(any.failRecords("Resource temporarily unavailable").probability(0.05));
        }
        // Each ends a commit half-way, and with it the attempt of the job, while other requests of
        // the commit are stored and nobody reads their answers any more.
        long request = 0;
        for (int i = 0; i < REFUSALS; i++) {
            request += 20 + random.nextInt(60);
            streams.emulator()
                    .faults()
                    .add(
                            Fault.on(Operation.PUT_RECORDS)
                                    .respond(
                                            403,
                                            "application/json",
                                            "{\"ErrorCode\": -13, \"ErrorMessage\": \"Permission"
                                                    + " denied\"}")
                                    .skip(request)
                                    .times(1));
        }
    }

    private static void run(
            EmulatedStreams streams, long seed, OrderGuarantee order, boolean staged)
            throws Exception {
        Configuration configuration = Restarts.upTo(CRASHES + REFUSALS + 1);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.enableCheckpointing(50);
        env.setParallelism(3);
        V3ioSinkBuilder<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setSerializationSchema(new SimpleStringSchema())
                        .setPartitionKey(number -> "key-" + Long.parseLong(number) % KEYS)
                        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                        .setLandingTimeout(Duration.ofMillis(20))
                        .setTakeoverDelay(Duration.ofMillis(100))
                        .setOrder(order)
                        .setMaxBatchSize(20)
                        .configureClient(client -> client.setRetryPolicy(EmulatedStreams.PATIENT));
        if (staged) {
            sink.setStagingDirectory(STAGING).setMaxInlineSize(new MemorySize(2_000));
        }
        DataGeneratorSource<Long> numbers =
                new DataGeneratorSource<>(
                        index -> index + 1,
                        RECORDS,
                        RateLimiterStrategy.perCheckpoint(RECORDS_PER_CHECKPOINT),
                        Types.LONG);
        env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
                .setParallelism(1)
                .keyBy(number -> number % KEYS)
                .map(new CrashSometimes(seed, CRASHES, 50, 650))
                .sinkTo(sink.build());
        env.execute("exactly once");
    }
}

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

package io.v3io.flink.source;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.testing.TestSeeds;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A limited rate together with alignment, idleness, growth and a failure from which the job is
 * restored, all drawn from a seed. {@code -Dv3io.test.seed=<number>} runs one seed alone.
 */
@Timeout(120)
class V3ioSourceRateITCase {

    private static final int FIXED = 3;
    private static final int NIGHTLY = 40;

    /** How long the records of a run take at its rate, if every subtask has its part of them. */
    private static final int SECONDS = 4;

    /**
     * A reader saves up a quarter of a second, and what it has let through may wait in the two
     * places of Flink's queue and on the way there.
     */
    private static final double SLACK_SECONDS = 4 * 0.25;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    static LongStream seeds() {
        return TestSeeds.upTo(FIXED, NIGHTLY);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordComesOnceInOrderAndNoFasterThanTheRate(long seed) throws Exception {
        Random random = new Random(seed);
        int shards = 2 + random.nextInt(3);
        int grown = shards + 1 + random.nextInt(3);
        int parallelism = 1 + random.nextInt(4);
        boolean limitsBytes = random.nextBoolean();
        int[] counts = random.ints(grown, 50, 400).toArray();
        try (EmulatedStreams streams = PLATFORM.start()) {
            StreamPath words = streams.create("users/me/words", shards);
            long total = 0;
            for (int shard = 0; shard < shards; shard++) {
                streams.put(words, shard, "x", counts[shard]);
            }
            for (int count : counts) {
                total += count;
            }
            long perSecond = total / SECONDS;
            FailOnce.reset(1 + random.nextInt((int) total / 4));
            V3ioSourceBuilder<Tuple3<String, Long, String>> source =
                    V3ioSource.<Tuple3<String, Long, String>>builder()
                            .setEndpoint(streams.endpoint())
                            .setAccessKey(EmulatedStreams.ACCESS_KEY)
                            .setStream("users/me/words")
                            .setShardDiscoveryInterval(Duration.ofMillis(50))
                            .setMaxRecordsPerRequest(20 + random.nextInt(300))
                            .setMaxRecordsPerSecond(perSecond)
                            .setDeserializer(new RecordCoordinates());
            if (limitsBytes) {
                // Data is "x" and a number of up to three digits.
                source.setMaxBytesPerSecond(MemorySize.parse(4 * perSecond + "b"));
            }
            Map<String, List<Long>> read = new TreeMap<>();
            try (CloseableIterator<Tuple3<String, Long, String>> records =
                    run(source.build(), parallelism, 1 + random.nextInt(100))) {
                for (long i = 0; i < total; i++) {
                    if (i == counts[0] / 4) {
                        streams.grow(words, grown);
                        for (int shard = shards; shard < grown; shard++) {
                            streams.put(words, shard, "x", counts[shard]);
                        }
                    }
                    Tuple3<String, Long, String> record = records.next();
                    read.computeIfAbsent(record.f0, shard -> new ArrayList<>()).add(record.f1);
                }
            }
            for (int shard = 0; shard < grown; shard++) {
                assertThat(read.get("users/me/words/" + shard))
                        .as("seed %d, shard %d", seed, shard)
                        .isEqualTo(LongStream.rangeClosed(1, counts[shard]).boxed().toList());
            }
            List<Long> nanos = List.copyOf(FailOnce.EMITTED_NANOS);
            double seconds =
                    (double) (nanos.get(nanos.size() - 1) - nanos.get(0))
                            / TimeUnit.SECONDS.toNanos(1);
            assertThat((double) nanos.size())
                    .as(
                            "seed %d: records after the failure in %s seconds at %d a second",
                            seed, seconds, perSecond)
                    .isGreaterThanOrEqualTo(0.75 * total)
                    .isLessThanOrEqualTo(perSecond * (seconds + SLACK_SECONDS) + parallelism);
        }
    }

    private static CloseableIterator<Tuple3<String, Long, String>> run(
            V3ioSource<Tuple3<String, Long, String>> source, int parallelism, int driftSeconds)
            throws Exception {
        Configuration configuration = Restarts.upTo(3);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        env.enableCheckpointing(40);
        env.getConfig().setAutoWatermarkInterval(10);
        return env.fromSource(
                        source,
                        WatermarkStrategy.<Tuple3<String, Long, String>>forMonotonousTimestamps()
                                .withTimestampAssigner((record, arrival) -> record.f1 * 1_000)
                                .withIdleness(Duration.ofMillis(200))
                                .withWatermarkAlignment(
                                        "group",
                                        Duration.ofSeconds(driftSeconds),
                                        Duration.ofMillis(20)),
                        "v3io")
                .map(new FailOnce())
                .returns(new RecordCoordinates().getProducedType())
                .executeAndCollect();
    }

    private static final class FailOnce
            implements MapFunction<Tuple3<String, Long, String>, Tuple3<String, Long, String>> {
        private static final long serialVersionUID = 1L;
        private static final AtomicLong UNTIL_FAILURE = new AtomicLong();
        private static final Queue<Long> EMITTED_NANOS = new ConcurrentLinkedQueue<>();

        static void reset(long untilFailure) {
            UNTIL_FAILURE.set(untilFailure);
            EMITTED_NANOS.clear();
        }

        @Override
        public Tuple3<String, Long, String> map(Tuple3<String, Long, String> record) {
            EMITTED_NANOS.add(System.nanoTime());
            if (UNTIL_FAILURE.decrementAndGet() == 0) {
                EMITTED_NANOS.clear();
                throw new IllegalStateException("The failure of the test.");
            }
            return record;
        }
    }
}

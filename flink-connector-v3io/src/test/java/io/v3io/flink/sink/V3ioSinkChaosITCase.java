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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.testing.ChaosProxy;
import io.v3io.testing.ChaosProxy.Fate;
import io.v3io.testing.TestSeeds;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * A job that crashes again and again behind a network that loses answers, cuts them, and lets
 * requests land up to 1.5 s after their connection was closed; a server that fails records in part
 * and refuses some for good; and a stream that grows. Every record is stored, the refused ones as
 * dead letters, and with strict order, of each key the first copies stand in the order of the job.
 */
@Timeout(240)
class V3ioSinkChaosITCase {

    private static final String STREAM = "users/me/numbers";
    private static final String DEAD_LETTERS = "users/me/dead letters";
    private static final int SHARDS = 5;
    private static final int GROWN_SHARDS = 9;
    private static final int NO_SUCH_SHARD = 4_000;
    private static final int KEYS = 40;
    private static final int RECORDS = 3_000;
    private static final int CRASHES = 3;
    private static final int LATEST_MILLIS = 1_500;

    /** One number in so many is never stored as it is. */
    private static final int REFUSED_OF = 101;

    private static final String POISON = "poison";
    private static final String ENCODED_POISON =
            Base64.getEncoder().encodeToString(POISON.getBytes(UTF_8));

    private static final Fate INVALID_ARGUMENT =
            new Fate.Refuse(
                    400,
                    "application/json",
                    "{\"ErrorCode\": -201326592, \"ErrorMessage\": \"InvalidArgumentException\"}");

    private static final Fate BUSY = new Fate.Refuse(503, "text/html", "<html>busy</html>");

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 3);

    static LongStream seeds() {
        return TestSeeds.upTo(5, 195);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsStoredAndNoKeyIsInverted(long seed) throws Exception {
        Setting setting = Setting.draw(new Random(seed));
        Dialect dialect = Dialect.random(new SplittableRandom(seed));
        String description = "seed " + seed + ", " + setting + ", " + dialect;
        try (EmulatedStreams streams = PLATFORM.start(e -> e.seed(seed).dialect(dialect))) {
            streams.create(STREAM, SHARDS);
            streams.create(DEAD_LETTERS, 2);
            streams.emulator()
                    .faults()
                    .add(
                            Fault.on(Operation.PUT_RECORDS)
                                    .failRecords("Resource temporarily unavailable")
                                    .probability(0.05));
            try (ChaosProxy proxy = new ChaosProxy(streams.endpoint(), fates(streams, seed))) {
                run(proxy.endpoint(), setting, seed);
            }

            assertThat(CrashSometimes.crashed()).as(description).isEqualTo(CRASHES);
            assertThat(streams.emulator().stream(STREAM).shardCount()).isEqualTo(GROWN_SHARDS);
            assertStored(streams, description);
            if (setting.order() == OrderGuarantee.STRICT) {
                assertInOrder(streams, description);
            }
        }
    }

    /** What becomes of each request; the stream grows after some of them. */
    private static Function<String, Fate> fates(EmulatedStreams streams, long seed) {
        Random random = new Random(seed);
        int growAt = 20 + random.nextInt(100);
        AtomicInteger requests = new AtomicInteger();
        return body -> {
            if (requests.incrementAndGet() == growAt) {
                streams.grow(StreamPath.parse(STREAM), GROWN_SHARDS);
            }
            if (body.contains(ENCODED_POISON) && !isDeadLetter(body)) {
                return INVALID_ARGUMENT;
            }
            int lateMillis;
            int fate;
            synchronized (random) {
                fate = random.nextInt(100);
                lateMillis = random.nextInt(LATEST_MILLIS);
            }
            if (fate < 4) {
                return new Fate.LandLate(Duration.ofMillis(lateMillis));
            }
            if (fate < 7) {
                return Fate.LOSE_ANSWER;
            }
            if (fate < 10) {
                return Fate.CUT_ANSWER;
            }
            return fate < 12 ? BUSY : Fate.PASS;
        };
    }

    private static boolean isDeadLetter(String body) {
        return body.contains("\"PartitionKey\":\"dead\"");
    }

    private static void run(String endpoint, Setting setting, long seed) throws Exception {
        Configuration configuration = Restarts.upTo(CRASHES + 1);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.enableCheckpointing(50);
        env.setParallelism(3);
        V3ioSinkBuilder<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setSerializationSchema(new SimpleStringSchema())
                        .setOrder(setting.order())
                        .setMaxBatchSize(setting.maxBatchSize())
                        .setMaxBufferedRequests(setting.maxBatchSize() + 50)
                        .setMaxInFlightRequests(setting.maxInFlightRequests())
                        .setMaxTimeInBuffer(Duration.ofMillis(10))
                        .setInvalidRecordHandler(
                                invalid ->
                                        PutRecord.of(invalid.record().data())
                                                .withPartitionKey("dead"))
                        .setDeadLetterStream(DEAD_LETTERS)
                        .configureClient(client -> client.setRetryPolicy(EmulatedStreams.PATIENT));
        if (setting.refusedOneByOne()) {
            sink.setShardId(
                    element ->
                            isRefused(number(element))
                                    ? NO_SUCH_SHARD
                                    : (int) (number(element) % KEYS % SHARDS));
        } else {
            sink.setPartitionKey(element -> "key-" + number(element) % KEYS);
        }
        boolean poisons = !setting.refusedOneByOne();
        env.fromSequence(1, RECORDS)
                .setParallelism(1)
                .keyBy(number -> number % KEYS)
                // In one chain with the sink, so that it feels how slow the server is.
                // So soon that all attempts together do not come to the end of its records.
                .map(new CrashSometimes(seed, CRASHES, 50, 200))
                .map(text -> poisons && isRefused(number(text)) ? POISON + text : text)
                .sinkTo(sink.build());
        env.execute("chaos");
    }

    private static boolean isRefused(long number) {
        return number % REFUSED_OF == 7;
    }

    private static long number(String element) {
        return Long.parseLong(element.replace(POISON, ""));
    }

    private static void assertStored(EmulatedStreams streams, String description) {
        assertThat(numbers(streams, STREAM))
                .as(description)
                .containsExactlyInAnyOrderElementsOf(expected(number -> !isRefused(number)));
        assertThat(numbers(streams, DEAD_LETTERS))
                .as(description)
                .containsExactlyInAnyOrderElementsOf(expected(V3ioSinkChaosITCase::isRefused));
    }

    private static List<Long> expected(LongPredicate wanted) {
        return LongStream.rangeClosed(1, RECORDS).filter(wanted).boxed().toList();
    }

    private static Set<Long> numbers(EmulatedStreams streams, String stream) {
        Set<Long> numbers = new HashSet<>();
        byArrival(streams, stream).forEach(record -> numbers.add(number(data(record))));
        return numbers;
    }

    /** A key may have moved to another shard, so the times of arrival tell the order. */
    private static List<StoredRecord> byArrival(EmulatedStreams streams, String stream) {
        List<StoredRecord> all = new ArrayList<>();
        for (int shard = 0; shard < streams.emulator().stream(stream).shardCount(); shard++) {
            all.addAll(streams.emulator().stream(stream).records(shard));
        }
        all.sort(Comparator.comparing(StoredRecord::arrivalTime));
        return all;
    }

    private static void assertInOrder(EmulatedStreams streams, String description) {
        Map<Long, Long> newest = new HashMap<>();
        Set<Long> seen = new HashSet<>();
        for (StoredRecord record : byArrival(streams, STREAM)) {
            long number = number(data(record));
            if (seen.add(number)) {
                Long before = newest.put(number % KEYS, number);
                assertThat(before == null || before < number)
                        .as("%s: %d after %d", description, number, before)
                        .isTrue();
            }
        }
    }

    private static String data(StoredRecord record) {
        return new String(record.data(), UTF_8);
    }

    /**
     * What differs between the runs.
     *
     * @param refusedOneByOne whether the server refuses the records for themselves, by their shard,
     *     or whole requests, because of their data
     */
    private record Setting(
            OrderGuarantee order,
            boolean refusedOneByOne,
            int maxBatchSize,
            int maxInFlightRequests) {

        static Setting draw(Random random) {
            return new Setting(
                    Seeds.anyOrder(random),
                    random.nextBoolean(),
                    5 + random.nextInt(60),
                    1 + random.nextInt(8));
        }
    }
}

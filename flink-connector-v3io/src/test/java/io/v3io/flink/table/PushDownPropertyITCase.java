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

package io.v3io.flink.table;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.testing.TestSeeds;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever a query filters by, wherever its table starts and stops and whatever the platform's
 * dialect: the rows are those that it has when nothing is pushed down. {@code
 * -Dv3io.test.seed=<number>} runs one seed alone.
 */
@Timeout(600)
class PushDownPropertyITCase {

    private static final String STREAM = "users/me/random";
    private static final int PREDICATES = 8;
    private static final String WITHOUT_PUSH_DOWN =
            "table.optimizer.source.predicate-pushdown-enabled";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    static LongStream seeds() {
        return TestSeeds.fresh();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void rowsAreThoseOfAQueryWithoutPushDown(long seed) throws Exception {
        Random random = new Random(seed);
        ArrivalClock clock =
                new ArrivalClock(Instant.parse("2026-03-01T10:00:00Z").plusNanos(random.nextInt()));
        Dialect dialect = Dialect.random(random);
        try (EmulatedStreams streams =
                PLATFORM.start(e -> e.seed(seed).clock(clock).dialect(dialect))) {
            int shardCount = 1 + random.nextInt(5);
            StreamPath stream = streams.create(STREAM, shardCount);
            List<Instant> arrivals = new ArrayList<>();
            int records = 1 + random.nextInt(60);
            for (int i = 0; i < records; i++) {
                arrivals.add(clock.instant());
                streams.putAll(
                        stream,
                        List.of(
                                PutRecord.of(("{\"a\": " + i + "}").getBytes(UTF_8))
                                        .withShardId(random.nextInt(shardCount))));
                clock.set(clock.instant().plusNanos(step(random)));
            }
            List<StoredRecord> ofFirstShard = streams.emulator().stream(STREAM).records(0);
            String[] positions = positions(random, arrivals, ofFirstShard);
            RandomPredicate predicates = new RandomPredicate(random, shardCount, arrivals);
            String query =
                    IntStream.range(0, PREDICATES)
                            .mapToObj(
                                    i ->
                                            "SELECT "
                                                    + i
                                                    + ", a FROM t WHERE "
                                                    + predicates.next(random.nextInt(3)))
                            .collect(Collectors.joining(" UNION ALL "));

            String drawn =
                    String.format(
                            "seed %d, dialect %s, %s, %s",
                            seed, dialect, String.join(" ", positions), query);
            try {
                List<String> pushed =
                        rows(session(streams, random.nextBoolean(), positions), query);
                List<String> filtered =
                        rows(
                                session(streams, false, positions).set(WITHOUT_PUSH_DOWN, "false"),
                                query);
                assertThat(pushed).as(drawn).isEqualTo(filtered);
            } catch (Exception e) {
                throw new AssertionError(drawn, e);
            }
        }
    }

    /** Records of the same nanosecond, of the same millisecond, or of another second. */
    private static long step(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(3);
            case 2 -> random.nextInt(3_000_000);
            default -> random.nextInt(2_000_000_000);
        };
    }

    private static String[] positions(
            Random random, List<Instant> arrivals, List<StoredRecord> ofFirstShard) {
        List<String> options = new ArrayList<>();
        String time = String.valueOf(arrivals.get(random.nextInt(arrivals.size())).toEpochMilli());
        String later =
                String.valueOf(arrivals.get(random.nextInt(arrivals.size())).toEpochMilli() + 1);
        switch (random.nextInt(4)) {
            case 0 -> {}
            case 1 ->
                    options.addAll(
                            List.of(
                                    "scan.startup.mode",
                                    "timestamp",
                                    "scan.startup.timestamp-millis",
                                    time));
            case 2 ->
                    options.addAll(
                            List.of(
                                    "scan.startup.mode",
                                    "committed",
                                    "scan.startup.consumer-group",
                                    "nobody",
                                    "scan.startup.fallback",
                                    "timestamp",
                                    "scan.startup.timestamp-millis",
                                    time));
            default ->
                    options.addAll(
                            List.of(
                                    "scan.startup.mode",
                                    "sequence-numbers",
                                    "scan.startup.sequence-numbers",
                                    "shard:0,sequence-number:" + number(random, ofFirstShard)));
        }
        switch (random.nextInt(5)) {
            case 0 ->
                    options.addAll(
                            List.of(
                                    "scan.bounded.mode",
                                    "timestamp",
                                    "scan.bounded.timestamp-millis",
                                    later));
            case 1 ->
                    options.addAll(
                            List.of(
                                    "scan.bounded.mode",
                                    "sequence-numbers",
                                    "scan.bounded.sequence-numbers",
                                    "shard:0,sequence-number:" + number(random, ofFirstShard)));
            default -> options.addAll(List.of("scan.bounded.mode", "latest"));
        }
        return options.toArray(new String[0]);
    }

    /** Not every platform begins at 1; a shard without a record may. */
    private static long number(Random random, List<StoredRecord> records) {
        return records.isEmpty() ? 1 : records.get(random.nextInt(records.size())).sequenceNumber();
    }

    private static SqlSession session(
            EmulatedStreams streams, boolean isStreaming, String[] positions) {
        SqlSession session = isStreaming ? SqlSession.streaming() : SqlSession.batch();
        session.createTable(
                "t (a INT, shard INT METADATA FROM 'shard-id' VIRTUAL,"
                        + " arrival TIMESTAMP_LTZ(9) METADATA FROM 'arrival-time' VIRTUAL)",
                streams.endpoint(),
                STREAM,
                positions);
        return session;
    }

    private static List<String> rows(SqlSession session, String query) throws Exception {
        return session.rows(query).stream().map(Object::toString).sorted().toList();
    }
}

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

import io.v3io.testing.TestSeeds;

import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.expressions.CallExpression;
import org.apache.flink.table.expressions.FieldReferenceExpression;
import org.apache.flink.table.expressions.ResolvedExpression;
import org.apache.flink.table.expressions.ValueLiteralExpression;
import org.apache.flink.table.functions.BuiltInFunctionDefinition;
import org.apache.flink.table.functions.BuiltInFunctionDefinitions;
import org.apache.flink.table.types.DataType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The region of a predicate has every record that the predicate accepts, for random predicates,
 * also around the hours at which clocks are put forward and back.
 */
class PredicateRegionsTest {

    private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");
    private static final List<Instant> CLOCK_CHANGES =
            List.of(Instant.parse("2026-03-29T01:00:00Z"), Instant.parse("2026-10-25T01:00:00Z"));
    private static final Map<String, ReadableMetadata> COLUMNS =
            Map.of("s", ReadableMetadata.SHARD_ID, "t", ReadableMetadata.ARRIVAL_TIME);
    private static final int SHARDS = 4;

    private static final ResolvedExpression SHARD =
            new FieldReferenceExpression("s", DataTypes.INT().notNull(), 0, 0);
    private static final ResolvedExpression ARRIVAL =
            new FieldReferenceExpression(
                    "t", DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(9).notNull(), 0, 1);

    /** A record, as far as predicates are about it. */
    private record Event(int shard, Instant arrival) {}

    /** A predicate in Flink's form, and what it means. */
    private record Meaning(ResolvedExpression expression, Predicate<Event> accepts) {}

    static LongStream seeds() {
        return TestSeeds.fresh();
    }

    private Random random;
    private List<Event> events;

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aRegionHasEveryRecordThatThePredicateAccepts(long seed) {
        random = new Random(seed);
        PredicateRegions regions = new PredicateRegions(COLUMNS, ZONE);
        int narrowed = 0;
        for (int round = 0; round < 300; round++) {
            events =
                    IntStream.range(0, 60)
                            .mapToObj(i -> new Event(random.nextInt(SHARDS), time()))
                            .toList();
            Meaning predicate = predicate(random.nextInt(4));

            ScanRegion region = regions.of(predicate.expression());

            narrowed += region.isAll() ? 0 : 1;
            for (Event event : events) {
                if (predicate.accepts().test(event)) {
                    assertThat(isIn(event, region))
                            .as(
                                    "seed %d: %s in %s for %s",
                                    seed, event, region, predicate.expression().asSummaryString())
                            .isTrue();
                }
            }
        }
        assertThat(narrowed).as("seed %d", seed).isPositive();
    }

    private static boolean isIn(Event event, ScanRegion region) {
        return (region.shardIds() == null || region.shardIds().contains(event.shard()))
                && (region.from() == null || !event.arrival().isBefore(region.from()))
                && (region.before() == null || event.arrival().isBefore(region.before()));
    }

    private Instant time() {
        Instant change = CLOCK_CHANGES.get(random.nextInt(CLOCK_CHANGES.size()));
        Instant quarter = change.plus(15L * (random.nextInt(25) - 12), ChronoUnit.MINUTES);
        return switch (random.nextInt(3)) {
            case 0 -> quarter;
            case 1 -> quarter.plusNanos(random.nextInt(5) - 2);
            default -> quarter.plusMillis(random.nextInt(2_000) - 1_000);
        };
    }

    private Meaning predicate(int depth) {
        if (depth == 0) {
            return random.nextBoolean() ? shardComparison() : arrivalComparison();
        }
        Meaning left = predicate(depth - 1);
        switch (random.nextInt(3)) {
            case 0 -> {
                return new Meaning(
                        call(BuiltInFunctionDefinitions.NOT, left.expression()),
                        left.accepts().negate());
            }
            case 1 -> {
                Meaning right = predicate(depth - 1);
                return new Meaning(
                        call(BuiltInFunctionDefinitions.AND, left.expression(), right.expression()),
                        left.accepts().and(right.accepts()));
            }
            default -> {
                Meaning right = predicate(depth - 1);
                return new Meaning(
                        call(BuiltInFunctionDefinitions.OR, left.expression(), right.expression()),
                        left.accepts().or(right.accepts()));
            }
        }
    }

    private static CallExpression call(
            BuiltInFunctionDefinition function, ResolvedExpression... arguments) {
        return CallExpression.permanent(
                function, Arrays.asList(arguments), DataTypes.BOOLEAN().notNull());
    }

    private static ResolvedExpression cast(ResolvedExpression expression, DataType type) {
        return CallExpression.permanent(
                BuiltInFunctionDefinitions.CAST, List.of(expression), type.notNull());
    }

    private Meaning shardComparison() {
        double bound = random.nextInt(2 * SHARDS + 4) / 2.0 - 1;
        ResolvedExpression literal =
                new ValueLiteralExpression(bound, DataTypes.DOUBLE().notNull());
        ResolvedExpression side = random.nextBoolean() ? SHARD : cast(SHARD, DataTypes.BIGINT());
        return compare(side, literal, event -> (double) event.shard(), bound);
    }

    private Meaning arrivalComparison() {
        int precision = random.nextInt(10);
        Instant bound =
                random.nextBoolean() ? time() : events.get(random.nextInt(events.size())).arrival();
        return switch (random.nextInt(3)) {
            case 0 -> compare(ARRIVAL, literal(bound), Event::arrival, bound);
            case 1 ->
                    compare(
                            cast(ARRIVAL, DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(precision)),
                            literal(bound),
                            event -> floor(event.arrival(), precision),
                            bound);
            default -> {
                LocalDateTime local =
                        LocalDateTime.ofInstant(
                                bound, random.nextBoolean() ? ZONE : ZoneOffset.ofHours(2));
                yield compare(
                        cast(ARRIVAL, DataTypes.TIMESTAMP(precision)),
                        new ValueLiteralExpression(local, DataTypes.TIMESTAMP(9).notNull()),
                        event -> floor(LocalDateTime.ofInstant(event.arrival(), ZONE), precision),
                        local);
            }
        };
    }

    private static ValueLiteralExpression literal(Instant time) {
        return new ValueLiteralExpression(
                time, DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(9).notNull());
    }

    @SuppressWarnings("unchecked")
    private static <T extends Temporal> T floor(T time, int precision) {
        long step = (long) Math.pow(10, 9 - precision);
        return (T) time.minus(time.getLong(ChronoField.NANO_OF_SECOND) % step, ChronoUnit.NANOS);
    }

    private <T> Meaning compare(
            ResolvedExpression side,
            ResolvedExpression literal,
            Function<Event, ? extends Comparable<T>> value,
            T bound) {
        int choice = random.nextInt(6);
        BuiltInFunctionDefinition function =
                List.of(
                                BuiltInFunctionDefinitions.EQUALS,
                                BuiltInFunctionDefinitions.NOT_EQUALS,
                                BuiltInFunctionDefinitions.LESS_THAN,
                                BuiltInFunctionDefinitions.LESS_THAN_OR_EQUAL,
                                BuiltInFunctionDefinitions.GREATER_THAN,
                                BuiltInFunctionDefinitions.GREATER_THAN_OR_EQUAL)
                        .get(choice);
        boolean isMirrored = random.nextBoolean();
        return new Meaning(
                isMirrored ? call(function, literal, side) : call(function, side, literal),
                event -> {
                    int sign = value.apply(event).compareTo(bound);
                    int ordered = isMirrored ? -sign : sign;
                    return switch (choice) {
                        case 0 -> ordered == 0;
                        case 1 -> ordered != 0;
                        case 2 -> ordered < 0;
                        case 3 -> ordered <= 0;
                        case 4 -> ordered > 0;
                        default -> ordered >= 0;
                    };
                });
    }
}

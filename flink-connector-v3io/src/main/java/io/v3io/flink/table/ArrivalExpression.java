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

import org.apache.flink.table.expressions.CallExpression;
import org.apache.flink.table.expressions.ResolvedExpression;
import org.apache.flink.table.functions.BuiltInFunctionDefinitions;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.TimestampType;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;
import java.time.temporal.Temporal;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The arrival time as an expression has it: perhaps cut down to fewer digits (columns with a
 * watermark have three), perhaps as date and time of day in the session's time zone.
 */
final class ArrivalExpression {

    private static final int FULL_PRECISION = 9;

    private final int precision;
    private final boolean isLocal;
    private final ZoneId timeZone;

    private ArrivalExpression(int precision, boolean isLocal, ZoneId timeZone) {
        this.precision = precision;
        this.isLocal = isLocal;
        this.timeZone = timeZone;
    }

    /** Empty for an expression that is not the arrival time. */
    static Optional<ArrivalExpression> of(
            ResolvedExpression expression,
            Predicate<ResolvedExpression> isArrivalTime,
            ZoneId sessionTimeZone) {
        if (isArrivalTime.test(expression)) {
            return Optional.of(new ArrivalExpression(FULL_PRECISION, false, sessionTimeZone));
        }
        if (!(expression instanceof CallExpression call)
                || !call.getFunctionDefinition().equals(BuiltInFunctionDefinitions.CAST)) {
            return Optional.empty();
        }
        LogicalType type = call.getOutputDataType().getLogicalType();
        return of(call.getResolvedChildren().get(0), isArrivalTime, sessionTimeZone)
                .flatMap(inner -> inner.cast(type));
    }

    private Optional<ArrivalExpression> cast(LogicalType type) {
        if (type instanceof LocalZonedTimestampType instant && !isLocal) {
            return Optional.of(atMost(instant.getPrecision(), false));
        }
        if (type instanceof TimestampType local) {
            return Optional.of(atMost(local.getPrecision(), true));
        }
        return Optional.empty();
    }

    private ArrivalExpression atMost(int otherPrecision, boolean local) {
        return new ArrivalExpression(Math.min(precision, otherPrecision), local, timeZone);
    }

    /** At least the arrival times for which the comparison with a literal holds. */
    ScanRegion region(Comparison comparison, Object literal) {
        if (literal instanceof Instant instant && !isLocal) {
            return region(comparison, instant, Function.identity(), Function.identity());
        }
        if (literal instanceof LocalDateTime local) {
            ScanRegion asLocal =
                    region(comparison, local, this::earliestInstant, this::latestInstant);
            // Flink casts the side with fewer digits to the type of the other one.
            return isLocal
                    ? asLocal
                    : asLocal.or(region(comparison, local.atZone(timeZone).toInstant()));
        }
        return ScanRegion.ALL;
    }

    /**
     * The expression has only the multiples of its precision as values, each for the arrival times
     * from there to the next one. A literal with more digits than that may be compared as it is or
     * cut down, too: what both need is one multiple wider.
     */
    private <T extends Temporal> ScanRegion region(
            Comparison comparison,
            T literal,
            Function<T, Instant> toEarliest,
            Function<T, Instant> toLatest) {
        T floor = floor(literal);
        T next = plusOne(floor);
        T ceiling = floor.equals(literal) ? floor : next;
        return switch (comparison) {
            case EQUAL -> ScanRegion.ofArrivals(toEarliest.apply(floor), toLatest.apply(next));
            case NOT_EQUAL -> ScanRegion.ALL;
            case LESS -> ScanRegion.ofArrivals(null, toLatest.apply(ceiling));
            case NOT_LESS -> ScanRegion.ofArrivals(toEarliest.apply(floor), null);
            case GREATER -> ScanRegion.ofArrivals(toEarliest.apply(next), null);
            case NOT_GREATER -> ScanRegion.ofArrivals(null, toLatest.apply(next));
        };
    }

    private long stepNanos() {
        long step = 1;
        for (int digit = precision; digit < FULL_PRECISION; digit++) {
            step *= 10;
        }
        return step;
    }

    @SuppressWarnings("unchecked")
    private <T extends Temporal> T floor(T time) {
        long nanos = time.getLong(ChronoField.NANO_OF_SECOND);
        return (T) time.minus(nanos % stepNanos(), ChronoUnit.NANOS);
    }

    @SuppressWarnings("unchecked")
    private <T extends Temporal> T plusOne(T time) {
        return (T) time.plus(stepNanos(), ChronoUnit.NANOS);
    }

    /** No instant before it shows this time of day or a later one. */
    private Instant earliestInstant(LocalDateTime local) {
        ZoneRules rules = timeZone.getRules();
        ZoneOffsetTransition transition = rules.getTransition(local);
        if (transition == null) {
            return local.toInstant(rules.getOffset(local));
        }
        return transition.isGap()
                ? transition.getInstant()
                : local.toInstant(transition.getOffsetBefore());
    }

    /** No instant from it on shows a time of day before this one. */
    private Instant latestInstant(LocalDateTime local) {
        ZoneRules rules = timeZone.getRules();
        ZoneOffsetTransition transition = rules.getTransition(local);
        if (transition == null) {
            return local.toInstant(rules.getOffset(local));
        }
        return transition.isGap()
                ? transition.getInstant()
                : local.toInstant(transition.getOffsetAfter());
    }
}

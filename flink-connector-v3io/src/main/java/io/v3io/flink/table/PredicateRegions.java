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
import org.apache.flink.table.expressions.FieldReferenceExpression;
import org.apache.flink.table.expressions.ResolvedExpression;
import org.apache.flink.table.expressions.ValueLiteralExpression;
import org.apache.flink.table.functions.BuiltInFunctionDefinitions;
import org.apache.flink.table.functions.FunctionDefinition;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.LogicalType;

import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the region of a stream that a predicate needs. What it does not understand needs
 * everything; so it may understand as little as it likes, but must never be wrong.
 */
final class PredicateRegions {

    /** How long the largest shard id is, 4,095. */
    private static final int SHARD_ID_DIGITS = 4;

    private final Map<String, ReadableMetadata> columns;
    private final ZoneId sessionTimeZone;

    /**
     * Understands the predicates of one table.
     *
     * @param columns which columns, by their names in predicates, are metadata of the record
     * @param sessionTimeZone in which a point in time becomes a date and time of day
     */
    PredicateRegions(Map<String, ReadableMetadata> columns, ZoneId sessionTimeZone) {
        this.columns = columns;
        this.sessionTimeZone = sessionTimeZone;
    }

    /** At least what the predicate accepts. */
    ScanRegion of(ResolvedExpression predicate) {
        return of(predicate, false);
    }

    private ScanRegion of(ResolvedExpression predicate, boolean negated) {
        if (!(predicate instanceof CallExpression call)) {
            return ScanRegion.ALL;
        }
        FunctionDefinition function = call.getFunctionDefinition();
        List<ResolvedExpression> arguments = call.getResolvedChildren();
        if (function.equals(BuiltInFunctionDefinitions.NOT)) {
            return of(arguments.get(0), !negated);
        }
        boolean isAnd = function.equals(BuiltInFunctionDefinitions.AND);
        if (isAnd || function.equals(BuiltInFunctionDefinitions.OR)) {
            // Not (a and b) is (not a) or (not b).
            return arguments.stream()
                    .map(argument -> of(argument, negated))
                    .reduce(isAnd != negated ? ScanRegion::and : ScanRegion::or)
                    .orElse(ScanRegion.ALL);
        }
        return Comparison.of(function)
                .map(comparison -> negated ? comparison.negated() : comparison)
                .map(comparison -> compared(comparison, arguments))
                .orElse(ScanRegion.ALL);
    }

    private ScanRegion compared(Comparison comparison, List<ResolvedExpression> arguments) {
        ResolvedExpression left = arguments.get(0);
        ResolvedExpression right = arguments.get(1);
        if (right instanceof ValueLiteralExpression literal) {
            return compared(left, comparison, literal);
        }
        if (left instanceof ValueLiteralExpression literal) {
            return compared(right, comparison.mirrored(), literal);
        }
        return ScanRegion.ALL;
    }

    private ScanRegion compared(
            ResolvedExpression side, Comparison comparison, ValueLiteralExpression literal) {
        Optional<Object> value = literal.getValueAs(Object.class);
        if (value.isEmpty()) {
            return ScanRegion.ALL;
        }
        if (isShardId(side)) {
            return shards(comparison, value.get());
        }
        return ArrivalExpression.of(side, this::isArrivalTime, sessionTimeZone)
                .map(arrival -> arrival.region(comparison, value.get()))
                .orElse(ScanRegion.ALL);
    }

    private static ScanRegion shards(Comparison comparison, Object value) {
        if (!(value instanceof Number)) {
            return ScanRegion.ALL;
        }
        BigDecimal number;
        try {
            number = new BigDecimal(value.toString());
        } catch (NumberFormatException e) {
            // Infinite, or not a number at all: leave it to the filter.
            return ScanRegion.ALL;
        }
        return ScanRegion.ofShards(
                id -> comparison.holds(BigDecimal.valueOf(id).compareTo(number)));
    }

    /**
     * The column, or the column as another type of number in which every shard id has its place.
     */
    private boolean isShardId(ResolvedExpression side) {
        if (side instanceof CallExpression call
                && call.getFunctionDefinition().equals(BuiltInFunctionDefinitions.CAST)) {
            LogicalType type = call.getOutputDataType().getLogicalType();
            boolean hasRoom =
                    switch (type.getTypeRoot()) {
                        case SMALLINT, INTEGER, BIGINT, FLOAT, DOUBLE -> true;
                        case DECIMAL -> {
                            DecimalType decimal = (DecimalType) type;
                            yield decimal.getPrecision() - decimal.getScale() >= SHARD_ID_DIGITS;
                        }
                        default -> false;
                    };
            return hasRoom && isShardId(call.getResolvedChildren().get(0));
        }
        return isColumn(side, ReadableMetadata.SHARD_ID);
    }

    private boolean isArrivalTime(ResolvedExpression expression) {
        return isColumn(expression, ReadableMetadata.ARRIVAL_TIME);
    }

    private boolean isColumn(ResolvedExpression expression, ReadableMetadata metadata) {
        return expression instanceof FieldReferenceExpression field
                && columns.get(field.getName()) == metadata;
    }
}

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

import org.apache.flink.table.functions.BuiltInFunctionDefinitions;
import org.apache.flink.table.functions.FunctionDefinition;

import java.util.Map;
import java.util.Optional;

/** How two values are compared. */
enum Comparison {
    EQUAL,
    NOT_EQUAL,
    LESS,
    NOT_LESS,
    GREATER,
    NOT_GREATER;

    private static final Map<FunctionDefinition, Comparison> BY_FUNCTION =
            Map.of(
                    BuiltInFunctionDefinitions.EQUALS, EQUAL,
                    BuiltInFunctionDefinitions.NOT_EQUALS, NOT_EQUAL,
                    BuiltInFunctionDefinitions.LESS_THAN, LESS,
                    BuiltInFunctionDefinitions.GREATER_THAN_OR_EQUAL, NOT_LESS,
                    BuiltInFunctionDefinitions.GREATER_THAN, GREATER,
                    BuiltInFunctionDefinitions.LESS_THAN_OR_EQUAL, NOT_GREATER);

    /** Empty for a function that is no comparison. */
    static Optional<Comparison> of(FunctionDefinition function) {
        return Optional.ofNullable(BY_FUNCTION.get(function));
    }

    Comparison negated() {
        return switch (this) {
            case EQUAL -> NOT_EQUAL;
            case NOT_EQUAL -> EQUAL;
            case LESS -> NOT_LESS;
            case NOT_LESS -> LESS;
            case GREATER -> NOT_GREATER;
            case NOT_GREATER -> GREATER;
        };
    }

    /** The same comparison with its sides exchanged. */
    Comparison mirrored() {
        return switch (this) {
            case EQUAL, NOT_EQUAL -> this;
            case LESS -> GREATER;
            case NOT_LESS -> NOT_GREATER;
            case GREATER -> LESS;
            case NOT_GREATER -> NOT_LESS;
        };
    }

    /** Whether it holds, by the sign of {@code left.compareTo(right)}. */
    boolean holds(int sign) {
        return switch (this) {
            case EQUAL -> sign == 0;
            case NOT_EQUAL -> sign != 0;
            case LESS -> sign < 0;
            case NOT_LESS -> sign >= 0;
            case GREATER -> sign > 0;
            case NOT_GREATER -> sign <= 0;
        };
    }
}

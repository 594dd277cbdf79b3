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

package io.v3io.emulator.condition;

import io.v3io.emulator.store.AttributeValue;

import java.util.Map;
import java.util.function.Predicate;

/**
 * A condition about the attributes of an item, such as {@code (__mtime_secs == 3) AND
 * not(exists(state))}.
 *
 * <p>Known are {@code and}, {@code or}, {@code not}, parentheses, {@code exists(attribute)}, the
 * comparisons {@code == != < <= > >=} between attributes and literals, and as literals numbers,
 * {@code 'strings'}, {@code true} and {@code false}. Keywords may have any case.
 */
public sealed interface Condition extends Predicate<Map<String, AttributeValue>> {

    /** Holds always. */
    Condition ALWAYS = new Not(new Exists(""));

    /**
     * Understands an expression.
     *
     * @throws io.v3io.emulator.protocol.ApiException invalid argument, saying where it is malformed
     */
    static Condition parse(String expression) {
        return new ConditionParser(expression).parse();
    }

    /** Both hold. */
    record And(Condition left, Condition right) implements Condition {
        @Override
        public boolean test(Map<String, AttributeValue> attributes) {
            return left.test(attributes) && right.test(attributes);
        }
    }

    /** At least one holds. */
    record Or(Condition left, Condition right) implements Condition {
        @Override
        public boolean test(Map<String, AttributeValue> attributes) {
            return left.test(attributes) || right.test(attributes);
        }
    }

    /** It does not hold. */
    record Not(Condition condition) implements Condition {
        @Override
        public boolean test(Map<String, AttributeValue> attributes) {
            return !condition.test(attributes);
        }
    }

    /** True if the item has the attribute. */
    record Exists(String attribute) implements Condition {
        @Override
        public boolean test(Map<String, AttributeValue> attributes) {
            return attributes.containsKey(attribute);
        }
    }

    /** Both sides are there, of one type, and in this order. */
    record Comparison(Operand left, Comparator comparator, Operand right) implements Condition {
        @Override
        public boolean test(Map<String, AttributeValue> attributes) {
            AttributeValue a = left.in(attributes);
            AttributeValue b = right.in(attributes);
            return a != null
                    && b != null
                    && a.type() == b.type()
                    && comparator.holds(compare(a, b));
        }

        private static int compare(AttributeValue a, AttributeValue b) {
            return a.type() == AttributeValue.Type.N
                    ? a.toNumber().compareTo(b.toNumber())
                    : a.text().compareTo(b.text());
        }
    }

    /** A side of a comparison. */
    sealed interface Operand {

        /** Its value, or null when there is none. */
        AttributeValue in(Map<String, AttributeValue> attributes);
    }

    /** The value of an attribute. */
    record Attribute(String name) implements Operand {
        @Override
        public AttributeValue in(Map<String, AttributeValue> attributes) {
            return attributes.get(name);
        }
    }

    /** A value in the expression. */
    record Literal(AttributeValue value) implements Operand {
        @Override
        public AttributeValue in(Map<String, AttributeValue> attributes) {
            return value;
        }
    }

    /** How two values are compared. */
    enum Comparator {
        EQUAL("=="),
        NOT_EQUAL("!="),
        LESS_OR_EQUAL("<="),
        GREATER_OR_EQUAL(">="),
        LESS("<"),
        GREATER(">");

        private final String symbol;

        Comparator(String symbol) {
            this.symbol = symbol;
        }

        String symbol() {
            return symbol;
        }

        boolean holds(int comparison) {
            return switch (this) {
                case EQUAL -> comparison == 0;
                case NOT_EQUAL -> comparison != 0;
                case LESS_OR_EQUAL -> comparison <= 0;
                case GREATER_OR_EQUAL -> comparison >= 0;
                case LESS -> comparison < 0;
                case GREATER -> comparison > 0;
            };
        }
    }
}

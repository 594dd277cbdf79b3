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

import io.v3io.emulator.condition.Condition.Comparator;
import io.v3io.emulator.store.AttributeValue;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * Recursive descent over the text of one expression; {@code or} binds weakest, then {@code and},
 * then {@code not}.
 */
final class ConditionParser extends ExpressionParser {
    ConditionParser(String text) {
        super("condition", text);
    }

    Condition parse() {
        Condition condition = or();
        if (!atEnd()) {
            throw malformed("the end");
        }
        return condition;
    }

    private Condition or() {
        Condition left = and();
        while (word("or")) {
            left = new Condition.Or(left, and());
        }
        return left;
    }

    private Condition and() {
        Condition left = not();
        while (word("and")) {
            left = new Condition.And(left, not());
        }
        return left;
    }

    private Condition not() {
        enter();
        try {
            return word("not") ? new Condition.Not(not()) : primary();
        } finally {
            leave();
        }
    }

    private Condition primary() {
        if (symbol("(")) {
            Condition inner = or();
            expect(")");
            return inner;
        }
        if (word("exists")) {
            expect("(");
            Condition exists = new Condition.Exists(name());
            expect(")");
            return exists;
        }
        Condition.Operand left = operand();
        for (Comparator comparator : Comparator.values()) {
            if (symbol(comparator.symbol())) {
                return new Condition.Comparison(left, comparator, operand());
            }
        }
        throw malformed("a comparison");
    }

    private Condition.Operand operand() {
        skipSpace();
        if (position < text.length()
                && (text.charAt(position) == '\'' || text.charAt(position) == '"')) {
            return literal(AttributeValue.Type.S, string());
        }
        if (word("true") || word("false")) {
            boolean isTrue = text.regionMatches(true, position - 4, "true", 0, 4);
            return literal(AttributeValue.Type.BOOL, Boolean.toString(isTrue));
        }
        Optional<String> number = number();
        return number.isPresent()
                ? literal(AttributeValue.Type.N, number.get())
                : new Condition.Attribute(name());
    }

    private static Condition.Literal literal(AttributeValue.Type type, String value) {
        return new Condition.Literal(new AttributeValue(type, value));
    }

    private String string() {
        char quote = text.charAt(position);
        StringBuilder content = new StringBuilder();
        for (int i = position + 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == quote) {
                position = i + 1;
                return content.toString();
            }
            if (c == '\\' && i + 1 < text.length()) {
                i++;
                c = text.charAt(i);
            }
            content.append(c);
        }
        throw malformed("a closing quote");
    }

    private Optional<String> number() {
        skipSpace();
        int end = position;
        if (end < text.length() && "+-".indexOf(text.charAt(end)) >= 0) {
            end++;
        }
        if (end >= text.length() || (!isDigit(text.charAt(end)) && text.charAt(end) != '.')) {
            return Optional.empty();
        }
        while (end < text.length() && isPartOfNumber(end)) {
            end++;
        }
        String number = text.substring(position, end);
        try {
            BigDecimal checked = new BigDecimal(number);
            position = end;
            return Optional.of(checked.toString());
        } catch (NumberFormatException e) {
            throw malformed("a number instead of " + number);
        }
    }

    private boolean isPartOfNumber(int index) {
        char c = text.charAt(index);
        boolean signOfExponent =
                (c == '+' || c == '-') && "eE".indexOf(text.charAt(index - 1)) >= 0;
        return isDigit(c) || c == '.' || c == 'e' || c == 'E' || signOfExponent;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private String name() {
        skipSpace();
        int end = position;
        while (end < text.length() && isPartOfName(text.charAt(end))) {
            end++;
        }
        if (end == position) {
            throw malformed("an attribute");
        }
        String name = text.substring(position, end);
        position = end;
        return name;
    }

    /**
     * There is no arithmetic, so that consumer groups with dashes and dots in their names can be
     * written plainly.
     */
    private static boolean isPartOfName(char c) {
        return Character.isLetterOrDigit(c) || "_-.@$:".indexOf(c) >= 0;
    }

    private boolean word(String keyword) {
        skipSpace();
        int end = position + keyword.length();
        if (text.regionMatches(true, position, keyword, 0, keyword.length())
                && (end == text.length() || !isPartOfName(text.charAt(end)))) {
            position = end;
            return true;
        }
        return false;
    }
}

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

import io.v3io.emulator.condition.UpdateExpression.Action;
import io.v3io.emulator.condition.UpdateExpression.Value;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.AttributeNames;
import io.v3io.emulator.store.AttributeValue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Recursive descent over the text of one update expression. */
final class UpdateParser extends ExpressionParser {
    private static final Pattern NUMBER =
            Pattern.compile("[0-9]+(?:\\.[0-9]*)?(?:[eE][+-]?[0-9]{1,4})?");
    private static final Pattern STRING =
            Pattern.compile("'((?:[^'\\\\]|\\\\.)*)'|\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    UpdateParser(String text) {
        super("update", text);
    }

    List<Action> parse() {
        List<Action> actions = new ArrayList<>();
        while (!atEnd()) {
            actions.add(action());
            if (!atEnd() && !symbol(";")) {
                throw malformed("a semicolon");
            }
        }
        return actions;
    }

    private Action action() {
        String first = name();
        boolean bare = symbol("=");
        if (!bare && first.equalsIgnoreCase("REMOVE")) {
            return new Action(AttributeNames.checkUser(name()), null);
        }
        String attribute = !bare && first.equalsIgnoreCase("SET") ? name() : first;
        if (!bare && !symbol("=")) {
            throw malformed("=");
        }
        return new Action(AttributeNames.checkUser(attribute), sum());
    }

    private Value sum() {
        enter();
        Value value = product();
        while (true) {
            if (symbol("+")) {
                value = arithmetic(value, product(), '+');
            } else if (symbol("-")) {
                value = arithmetic(value, product(), '-');
            } else {
                leave();
                return value;
            }
        }
    }

    private Value product() {
        Value value = primary();
        while (true) {
            if (symbol("*")) {
                value = arithmetic(value, primary(), '*');
            } else if (symbol("/")) {
                value = arithmetic(value, primary(), '/');
            } else if (symbol("%")) {
                value = arithmetic(value, primary(), '%');
            } else {
                return value;
            }
        }
    }

    private Value primary() {
        if (symbol("(")) {
            Value inner = sum();
            expect(")");
            return inner;
        }
        if (symbol("-")) {
            return arithmetic(literal(AttributeValue.Type.N, "0"), primary(), '-');
        }
        String number = token(NUMBER);
        if (number != null) {
            return literal(AttributeValue.Type.N, new BigDecimal(number).toString());
        }
        String string = token(STRING);
        if (string != null) {
            return literal(
                    AttributeValue.Type.S,
                    string.substring(1, string.length() - 1).replaceAll("\\\\(.)", "$1"));
        }
        String name = name();
        if (name.equalsIgnoreCase("true") || name.equalsIgnoreCase("false")) {
            return literal(AttributeValue.Type.BOOL, Boolean.toString(Boolean.parseBoolean(name)));
        }
        if (!symbol("(")) {
            return attribute(name);
        }
        if (!name.equalsIgnoreCase("if_not_exists")) {
            throw malformed("a function that the emulator has, which " + name + " is not,");
        }
        String tested = name();
        expect(",");
        Value otherwise = sum();
        expect(")");
        return attributes ->
                attributes.containsKey(tested) ? attributes.get(tested) : otherwise.in(attributes);
    }

    private static Value literal(AttributeValue.Type type, String value) {
        AttributeValue literal = new AttributeValue(type, value);
        return attributes -> literal;
    }

    private static Value attribute(String name) {
        return attributes -> {
            AttributeValue value = attributes.get(name);
            if (value == null) {
                throw ApiException.invalidArgument("the item has no attribute " + name);
            }
            return value;
        };
    }

    private static Value arithmetic(Value left, Value right, char operator) {
        return attributes -> {
            BigDecimal a = number(left.in(attributes));
            BigDecimal b = number(right.in(attributes));
            if ((operator == '/' || operator == '%') && b.signum() == 0) {
                throw ApiException.invalidArgument("the update divides by zero");
            }
            BigDecimal result =
                    switch (operator) {
                        case '+' -> a.add(b, MathContext.DECIMAL128);
                        case '-' -> a.subtract(b, MathContext.DECIMAL128);
                        case '*' -> a.multiply(b, MathContext.DECIMAL128);
                        case '/' -> a.divide(b, MathContext.DECIMAL64);
                        default -> a.remainder(b, MathContext.DECIMAL128);
                    };
            return new AttributeValue(AttributeValue.Type.N, result.toString());
        };
    }

    private static BigDecimal number(AttributeValue value) {
        if (value.type() != AttributeValue.Type.N) {
            throw ApiException.invalidArgument(
                    "the update counts with " + value.text() + ", which is no number");
        }
        return value.toNumber();
    }

    private String name() {
        String name = token(NAME);
        if (name == null) {
            throw malformed("an attribute");
        }
        return name;
    }

    private String token(Pattern pattern) {
        skipSpace();
        Matcher matcher = pattern.matcher(text).region(position, text.length());
        if (!matcher.lookingAt()) {
            return null;
        }
        position = matcher.end();
        return matcher.group();
    }

    @Override
    String advice() {
        boolean isArray = position < text.length() && text.charAt(position) == '[';
        return isArray ? "; the emulator has no arrays" : "";
    }
}

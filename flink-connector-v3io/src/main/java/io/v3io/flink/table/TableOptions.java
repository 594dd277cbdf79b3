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

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How options of a table are checked against each other: what has no effect is refused. */
final class TableOptions {

    /** How Flink says which value of which option it cannot read; the reason is the cause. */
    private static final Pattern UNREADABLE_VALUE =
            Pattern.compile("Could not parse value '(.*)' for key '(.*)'\\.", Pattern.DOTALL);

    /** What Flink says about the values of an enum, after the name of its class. */
    private static final Pattern VALUES = Pattern.compile("Expected one of: \\[+(.*?)]+");

    private TableOptions() {}

    /**
     * What Flink finds wrong with options, in one message: SQL clients print the last exception of
     * a chain, and that of Flink names neither the option nor its value.
     */
    static <T> T readable(Supplier<T> make) {
        try {
            return make.get();
        } catch (ValidationException e) {
            throw e.getCause() == null ? e : new ValidationException(inOneMessage(e));
        }
    }

    private static String inOneMessage(Throwable failure) {
        List<String> messages = new ArrayList<>();
        for (Throwable one = failure; one != null; one = one.getCause()) {
            String message = String.valueOf(one.getMessage());
            Matcher unreadable = UNREADABLE_VALUE.matcher(message);
            if (unreadable.matches() && one.getCause() != null) {
                return "Option '"
                        + unreadable.group(2)
                        + "' cannot be '"
                        + unreadable.group(1)
                        + "'. "
                        + expectation(one.getCause());
            }
            messages.add(message);
        }
        return String.join(" ", messages);
    }

    private static String expectation(Throwable reason) {
        if (reason instanceof NumberFormatException) {
            return "Expected a number.";
        }
        String message = String.valueOf(reason.getMessage());
        Matcher values = VALUES.matcher(message);
        return values.find()
                ? "Expected one of: " + values.group(1).toLowerCase(Locale.ROOT) + "."
                : message;
    }

    /** Either both options are set or none. */
    static void requireTogether(
            ReadableConfig options, ConfigOption<?> first, ConfigOption<?> second) {
        boolean hasFirst = options.getOptional(first).isPresent();
        if (hasFirst != options.getOptional(second).isPresent()) {
            throw new ValidationException(
                    "Option '"
                            + (hasFirst ? first : second).key()
                            + "' needs option '"
                            + (hasFirst ? second : first).key()
                            + "' beside it.");
        }
    }

    /** Options that have an effect only under a condition. */
    static void requireOnlyIf(
            ReadableConfig options,
            boolean condition,
            String conditionInWords,
            ConfigOption<?>... dependents) {
        for (ConfigOption<?> dependent : dependents) {
            if (!condition && options.getOptional(dependent).isPresent()) {
                throw new ValidationException(
                        "Option '"
                                + dependent.key()
                                + "' has an effect only with "
                                + conditionInWords
                                + ".");
            }
        }
    }

    /** An option that is required because of others. */
    static <T> T require(ReadableConfig options, ConfigOption<T> option, String reason) {
        return options.getOptional(option)
                .orElseThrow(
                        () ->
                                new ValidationException(
                                        "Option '"
                                                + option.key()
                                                + "' is required with "
                                                + reason
                                                + "."));
    }

    /** What is refused of one option's value, with both before it; not for secrets. */
    static <T> T named(ConfigOption<?> option, Object value, Supplier<T> use) {
        try {
            return use.get();
        } catch (IllegalArgumentException e) {
            throw new ValidationException(
                    "Option '" + option.key() + "' = '" + value + "': " + e.getMessage());
        }
    }

    /** What the builders refuse, as Flink's planner reports a table's mistakes. */
    static <T> T validated(OptionWords words, Supplier<T> build) {
        try {
            return build.get();
        } catch (IllegalArgumentException e) {
            // Not its cause: SQL clients print the last exception of a chain.
            throw new ValidationException(words.of(String.valueOf(e.getMessage())));
        }
    }
}

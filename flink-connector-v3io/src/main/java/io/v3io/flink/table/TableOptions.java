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
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

import java.util.function.Supplier;

/** How options of a table are checked against each other: what has no effect is refused. */
final class TableOptions {

    private TableOptions() {}

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

    /** A size that must fit into an int; what does not becomes one that every builder refuses. */
    static int intBytes(ReadableConfig options, ConfigOption<MemorySize> option) {
        return (int) Math.min(Integer.MAX_VALUE, options.get(option).getBytes());
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

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

package io.v3io.flink.e2e.faults;

import org.apache.flink.util.ParameterTool;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The options of a command whose runs take minutes or hours: a mistyped one ends the command before
 * it has begun, instead of being passed over.
 */
public final class CommandOptions {

    private static final String PREFIX = "--";
    private static final String HELP = PREFIX + "help";

    /** As shells expect it of a command that was called in a wrong way. */
    private static final int WRONG_USE = 2;

    private final String command;
    private final List<Option> options = new ArrayList<>();

    /**
     * Options of one command, none yet.
     *
     * @param command as it is called
     */
    public CommandOptions(String command) {
        this.command = command;
    }

    /**
     * Adds one that is a whole number.
     *
     * @param meaning what it does, and what holds without it
     */
    public CommandOptions number(String name, long least, long most, String meaning) {
        return add(
                new Option(
                        name,
                        "NUMBER",
                        "a whole number from " + least + " to " + most,
                        value -> isNumber(value, least, most),
                        meaning));
    }

    /**
     * Adds one that is one of some words.
     *
     * @param meaning what it does, and what holds without it
     */
    public CommandOptions choice(String name, String meaning, String... words) {
        return add(
                new Option(
                        name,
                        String.join("|", words),
                        String.join(" or ", words),
                        Arrays.asList(words)::contains,
                        meaning));
    }

    /**
     * Adds one that is a folder.
     *
     * @param meaning what it does, and what holds without it
     */
    public CommandOptions folder(String name, String meaning) {
        return add(new Option(name, "FOLDER", "a folder", value -> !value.isBlank(), meaning));
    }

    private CommandOptions add(Option option) {
        options.add(option);
        return this;
    }

    private static boolean isNumber(String value, long least, long most) {
        try {
            long number = Long.parseLong(value);
            return least <= number && number <= most;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /**
     * Reads what was typed. If that asks for help, prints it and ends this JVM with 0; if it is
     * wrong, says so and ends this JVM with 2.
     */
    public ParameterTool readOrExit(String[] args) {
        if (Arrays.asList(args).contains(HELP)) {
            System.out.println(help());
            System.exit(0);
        }
        try {
            return read(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(WRONG_USE);
            throw e;
        }
    }

    /**
     * Reads {@code --name value} any number of times. The last value of a name counts: scripts give
     * one that whoever calls them can replace.
     *
     * @throws IllegalArgumentException if there is no such option, or the value is none of it; the
     *     message tells which options there are
     */
    ParameterTool read(String... args) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            Option option = option(args[i]);
            if (i + 1 == args.length) {
                throw wrong(option.typed() + " is " + option.values() + ", and nothing follows it");
            }
            String value = args[i + 1];
            if (!option.accepts().test(value)) {
                throw wrong(option.typed() + " is " + option.values() + ", not '" + value + "'");
            }
            values.put(option.name(), value);
        }
        return ParameterTool.fromMap(values);
    }

    private Option option(String typed) {
        return options.stream()
                .filter(option -> option.typed().equals(typed))
                .findFirst()
                .orElseThrow(() -> wrong("There is no option '" + typed + "'"));
    }

    private IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException(command + ": " + what + ".\n" + help());
    }

    /** What there is, a line for each option. */
    String help() {
        StringBuilder help = new StringBuilder("Options of " + command + ":");
        int width = options.stream().mapToInt(option -> option.usage().length()).max().orElse(0);
        for (Option option : options) {
            line(help, option.usage(), width, option.meaning());
        }
        line(help, HELP, width, "prints this");
        return help.toString();
    }

    private static void line(StringBuilder help, String usage, int width, String meaning) {
        help.append("\n  ").append(usage).append(" ".repeat(Math.max(0, width - usage.length())));
        help.append("  ").append(meaning);
    }

    /**
     * One option.
     *
     * @param placeholder what stands for its value in the help
     * @param values which values it takes, in words
     */
    private record Option(
            String name,
            String placeholder,
            String values,
            Predicate<String> accepts,
            String meaning) {

        String typed() {
            return PREFIX + name;
        }

        String usage() {
            return typed() + " " + placeholder;
        }
    }
}

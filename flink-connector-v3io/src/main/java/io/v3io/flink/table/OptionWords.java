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

import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.builder.SettingNames.Setting;
import io.v3io.flink.sink.V3ioSinkOptions;

import org.apache.flink.configuration.MemorySize;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.util.TimeUtils;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Says what builders refuse in the words of the one who has written a table's options: with the
 * names of options in place of those of setters, and values as they are typed.
 */
final class OptionWords {

    static final OptionWords READING = new OptionWords("scan.", "stream-");
    static final OptionWords WRITING = new OptionWords("sink.");

    /** What reading and writing have in common. */
    static final OptionWords CONNECTING = new OptionWords();

    private static final Pattern WORD = Pattern.compile("(?<![\\w'.-])\\w+(?![\\w'-])");

    /** Where these begin a message they are options; elsewhere they are words like others. */
    private static final Pattern ADDRESS = Pattern.compile("^(?:endpoint|proxy)(?: '| must )");

    private static final Pattern IN_JAVA_ONLY =
            Pattern.compile(" \\((?:configureClient|or setInvalidRecordHandler)\\)");

    private static final Pattern DURATION = Pattern.compile("\\bPT[-\\d.HMS]+\\b");
    private static final Pattern BYTES = Pattern.compile("(?<![\\w'.-])\\d{4,}(?![\\w'-])");

    private final Map<String, String> options = new HashMap<>();
    private final Set<String> sizes = new HashSet<>();

    private OptionWords(String... prefixes) {
        for (Setting setting : SettingNames.all()) {
            boolean isCommon =
                    Stream.of("scan.", "stream-", "sink.").noneMatch(setting.option()::startsWith);
            if (isCommon || Stream.of(prefixes).anyMatch(setting.option()::startsWith)) {
                name(setting);
            }
        }
        options.put("setStreams", options.get("setStream"));
        options.put("setSerializationSchema", FactoryUtil.FORMAT.key());
        options.put("setDeserializer", FactoryUtil.FORMAT.key());
        // Of what chooses the shard, only a user's own class can be refused by a builder.
        options.put("setPartitionKey", V3ioSinkOptions.PARTITIONER.key());
        options.put("setShardId", V3ioSinkOptions.PARTITIONER.key());
    }

    private void name(Setting setting) {
        options.putIfAbsent(setting.setter(), setting.option());
        // A word of English is not a setting wherever it stands.
        if (!setting.word().equals(setting.word().toLowerCase(Locale.ROOT))
                || setting.option().equals(V3ioConnectionOptions.SECRET_PASSWORD.key())) {
            options.putIfAbsent(setting.word(), setting.option());
        }
        if (setting.isSize()) {
            sizes.add(setting.word());
        }
    }

    /** How a client has to name its settings, for {@code V3ioClientBuilder.nameSettings}. */
    Map<String, String> ofClient() {
        Map<String, String> names = new HashMap<>();
        options.forEach((word, option) -> names.put(word, "'" + option + "'"));
        return names;
    }

    /** The message of a builder, for the one who has written options. */
    String of(String message) {
        boolean isAboutSize =
                WORD.matcher(message).results().map(MatchResult::group).anyMatch(sizes::contains);
        String named =
                replace(
                        ADDRESS,
                        IN_JAVA_ONLY.matcher(message).replaceAll(""),
                        OptionWords::address);
        named = replace(WORD, named, this::word);
        named = replace(DURATION, named, OptionWords::duration);
        return isAboutSize ? replace(BYTES, named, OptionWords::size) : named;
    }

    private static String duration(String text) {
        try {
            return TimeUtils.formatWithHighestUnit(Duration.parse(text));
        } catch (DateTimeParseException e) {
            // A name that only looks like a duration.
            return text;
        }
    }

    private static String size(String bytes) {
        return new MemorySize(Long.parseLong(bytes)).toString();
    }

    private static String replace(Pattern pattern, String text, UnaryOperator<String> replacement) {
        return pattern.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement(replacement.apply(found.group())));
    }

    private String word(String word) {
        String option = options.get(word);
        return option == null ? value(word) : "'" + option + "'";
    }

    private static String address(String beginning) {
        return "Option '"
                + (beginning.startsWith("proxy")
                        ? V3ioConnectionOptions.PROXY.key()
                        : V3ioConnectionOptions.ENDPOINT.key())
                + (beginning.endsWith("'") ? "' = '" : "' must ");
    }

    /** Constants that are values of options, and what there is a column for and no option. */
    private static String value(String word) {
        return switch (word) {
            case "EXACTLY_ONCE" -> "'exactly-once'";
            case "AT_LEAST_ONCE" -> "'at-least-once'";
            case "NONE" -> "'none'";
            case "DEAD_LETTER" -> "'dead-letter'";
            case "setClientInfo" -> "A metadata column 'client-info' that is written";
            default -> word;
        };
    }
}

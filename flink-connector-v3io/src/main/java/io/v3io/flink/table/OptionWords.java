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

import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.util.TimeUtils;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says what builders refuse in the words of the one who has written a table's options: with the
 * names of options in place of those of setters, and values as they are typed.
 */
final class OptionWords {

    static final OptionWords READING = new OptionWords();
    static final OptionWords WRITING = new OptionWords();

    static {
        READING.name("maxRetries", V3ioSourceOptions.RETRY_MAX_RETRIES);
        READING.name("maxElapsed", V3ioSourceOptions.RETRY_MAX_ELAPSED);
        READING.name("initialBackoff", V3ioSourceOptions.RETRY_INITIAL_BACKOFF);
        READING.name("maxBackoff", V3ioSourceOptions.RETRY_MAX_BACKOFF);
        READING.name("shardDiscoveryInterval", V3ioSourceOptions.SHARD_DISCOVERY_INTERVAL);
        READING.name("maxRecordsPerRequest", V3ioSourceOptions.FETCH_MAX_RECORDS);
        READING.name("readAhead", V3ioSourceOptions.FETCH_READ_AHEAD);
        READING.nameSize("bufferSize", V3ioSourceOptions.FETCH_BUFFER_SIZE);
        READING.name("shortestIdlePause", V3ioSourceOptions.IDLE_PAUSE_MIN);
        READING.name("longestIdlePause", V3ioSourceOptions.IDLE_PAUSE_MAX);
        READING.name("backlogThreshold", V3ioSourceOptions.BACKLOG_THRESHOLD);
        READING.name("dropDuplicatesMaxRecords", V3ioSourceOptions.DROP_DUPLICATES_MAX_RECORDS);
        READING.name("dropDuplicatesMaxTime", V3ioSourceOptions.DROP_DUPLICATES_MAX_TIME);
        READING.name("maxRecordsPerSecond", V3ioSourceOptions.RATE_LIMIT_RECORDS);
        READING.nameSize("maxBytesPerSecond", V3ioSourceOptions.RATE_LIMIT_BYTES);
        READING.name("setDeadLetterStream", V3ioSourceOptions.DEAD_LETTER_STREAM);
        READING.name("setOnDeserializationFailure", V3ioSourceOptions.ON_DESERIALIZATION_FAILURE);

        READING.name("setConsumerGroup", V3ioSourceOptions.CONSUMER_GROUP);

        WRITING.name("maxRetries", V3ioSinkOptions.RETRY_MAX_RETRIES);
        WRITING.name("maxElapsed", V3ioSinkOptions.RETRY_MAX_ELAPSED);
        WRITING.name("initialBackoff", V3ioSinkOptions.RETRY_INITIAL_BACKOFF);
        WRITING.name("maxBackoff", V3ioSinkOptions.RETRY_MAX_BACKOFF);
        WRITING.name("shardCount", V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT);
        WRITING.name("retentionHours", V3ioSinkOptions.CREATE_STREAM_RETENTION);
        WRITING.name("shardDiscoveryInterval", V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL);
        WRITING.name("setOnInvalidRecord", V3ioSinkOptions.ON_INVALID_RECORD);
        WRITING.name("setDeadLetterStream", V3ioSinkOptions.DEAD_LETTER_STREAM);
        WRITING.name("maxBatchSize", V3ioSinkOptions.BATCH_MAX_SIZE);
        WRITING.nameSize("maxBatchSizeInBytes", V3ioSinkOptions.FLUSH_BUFFER_SIZE);
        WRITING.nameSize("maxRecordSizeInBytes", V3ioSinkOptions.RECORD_MAX_SIZE);
        WRITING.name("maxTimeInBuffer", V3ioSinkOptions.FLUSH_BUFFER_TIMEOUT);
        WRITING.name("maxInFlightRequests", V3ioSinkOptions.REQUESTS_MAX_INFLIGHT);
        WRITING.name("maxBufferedRequests", V3ioSinkOptions.REQUESTS_MAX_BUFFERED);
        WRITING.nameSize("maxPendingBytes", V3ioSinkOptions.MAX_PENDING_BYTES);
        WRITING.name("deliveryGuarantee", V3ioSinkOptions.DELIVERY_GUARANTEE);
        WRITING.name("setDeliveryGuarantee", V3ioSinkOptions.DELIVERY_GUARANTEE);
        WRITING.name("setTagRecords", V3ioSinkOptions.TAG_RECORDS);
        WRITING.name("setStagingDirectory", V3ioSinkOptions.STAGING_DIRECTORY);
        WRITING.nameSize("maxInlineSize", V3ioSinkOptions.MAX_INLINE_SIZE);
        WRITING.name("landingTimeout", V3ioSinkOptions.LANDING_TIMEOUT);
        WRITING.name("takeoverDelay", V3ioSinkOptions.TAKEOVER_DELAY);
    }

    private static final Pattern WORD = Pattern.compile("(?<![\\w'.-])\\w+(?![\\w'-])");

    /** Where these begin a message they are options; elsewhere they are words like others. */
    private static final Pattern ADDRESS = Pattern.compile("^(?:endpoint|proxy)(?: '| must )");

    private static final Pattern IN_JAVA_ONLY =
            Pattern.compile(" \\((?:configureClient|or setInvalidRecordHandler)\\)");

    private static final Pattern DURATION = Pattern.compile("\\bPT[-\\d.HMS]+\\b");
    private static final Pattern BYTES = Pattern.compile("(?<![\\w'.-])\\d{4,}(?![\\w'-])");

    private final Map<String, String> options = new HashMap<>();
    private final Set<String> sizes = new HashSet<>();

    private OptionWords() {
        name("maxConnections", V3ioConnectionOptions.MAX_CONNECTIONS);
        name("ioThreads", V3ioConnectionOptions.IO_THREADS);
        name("connectTimeout", V3ioConnectionOptions.CONNECT_TIMEOUT);
        name("responseTimeout", V3ioConnectionOptions.RESPONSE_TIMEOUT);
        nameSize("maxResponseBytes", V3ioConnectionOptions.MAX_RESPONSE_SIZE);
        name("accessKey", V3ioConnectionOptions.SECRET_ACCESS_KEY);
        name("password", V3ioConnectionOptions.SECRET_PASSWORD);
        name("trustStore", V3ioConnectionOptions.TRUST_STORE);
        name("setStream", V3ioConnectionOptions.STREAM);
        name("setStreams", V3ioConnectionOptions.STREAM);
        name("setEndpoint", V3ioConnectionOptions.ENDPOINT);
    }

    private void name(String word, ConfigOption<?> option) {
        options.put(word, option.key());
    }

    private void nameSize(String word, ConfigOption<MemorySize> option) {
        name(word, option);
        sizes.add(word);
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

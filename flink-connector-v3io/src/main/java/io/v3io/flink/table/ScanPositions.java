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

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.V3ioSourceOptions.BoundedMode;
import io.v3io.flink.source.V3ioSourceOptions.StartupFallback;
import io.v3io.flink.source.V3ioSourceOptions.StartupMode;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a scan starts and stops: the options, narrowed by the arrival times that a query asks for.
 */
final class ScanPositions {

    private static final Pattern SHARD_NUMBER =
            Pattern.compile("(?:stream:(.+),)?shard:(\\d{1,9}),sequence-number:(\\d{1,18})");

    private final ReadableConfig options;
    private final StartupMode startupMode;
    private final StartupFallback fallback;
    private final BoundedMode boundedMode;

    /**
     * Positions of a table.
     *
     * @throws ValidationException if options contradict each other
     */
    ScanPositions(ReadableConfig options) {
        this.options = options;
        this.startupMode = options.get(V3ioSourceOptions.STARTUP_MODE);
        this.fallback = options.get(V3ioSourceOptions.STARTUP_FALLBACK);
        this.boundedMode = options.get(V3ioSourceOptions.BOUNDED_MODE);
        checkStartup();
        checkBounded();
    }

    private boolean hasFallback() {
        return startupMode == StartupMode.COMMITTED || startupMode == StartupMode.SEQUENCE_NUMBERS;
    }

    private void checkStartup() {
        String mode = "'" + V3ioSourceOptions.STARTUP_MODE.key() + "' = ";
        TableOptions.requireOnlyIf(
                options,
                hasFallback(),
                mode + "'committed' or 'sequence-numbers'",
                V3ioSourceOptions.STARTUP_FALLBACK);
        TableOptions.requireOnlyIf(
                options,
                startupMode == StartupMode.TIMESTAMP
                        || (hasFallback() && fallback == StartupFallback.TIMESTAMP),
                mode
                        + "'timestamp', or '"
                        + V3ioSourceOptions.STARTUP_FALLBACK.key()
                        + "' likewise",
                V3ioSourceOptions.STARTUP_TIMESTAMP_MILLIS);
        TableOptions.requireOnlyIf(
                options,
                startupMode == StartupMode.SEQUENCE_NUMBERS,
                mode + "'sequence-numbers'",
                V3ioSourceOptions.STARTUP_SEQUENCE_NUMBERS);
        TableOptions.requireOnlyIf(
                options,
                startupMode == StartupMode.COMMITTED,
                mode + "'committed'",
                V3ioSourceOptions.STARTUP_CONSUMER_GROUP);
    }

    private void checkBounded() {
        String mode = "'" + V3ioSourceOptions.BOUNDED_MODE.key() + "' = ";
        TableOptions.requireOnlyIf(
                options,
                boundedMode == BoundedMode.TIMESTAMP,
                mode + "'timestamp'",
                V3ioSourceOptions.BOUNDED_TIMESTAMP_MILLIS);
        TableOptions.requireOnlyIf(
                options,
                boundedMode == BoundedMode.SEQUENCE_NUMBERS,
                mode + "'sequence-numbers'",
                V3ioSourceOptions.BOUNDED_SEQUENCE_NUMBERS);
        TableOptions.requireOnlyIf(
                options,
                boundedMode == BoundedMode.COMMITTED,
                mode + "'committed'",
                V3ioSourceOptions.BOUNDED_CONSUMER_GROUP);
        TableOptions.requireOnlyIf(
                options,
                boundedMode != BoundedMode.UNBOUNDED,
                "a '" + V3ioSourceOptions.BOUNDED_MODE.key() + "' other than 'unbounded'",
                V3ioSourceOptions.BOUNDED_AS_STREAM);
    }

    /**
     * Whether a scan can start later because a query wants no records from before a time. A start
     * with the newest records, or a group's, may lie before or after that time; nobody knows before
     * the job starts.
     */
    boolean canStartLater() {
        return switch (startupMode) {
            case EARLIEST, TIMESTAMP -> true;
            case LATEST -> false;
            case SEQUENCE_NUMBERS, COMMITTED -> fallback != StartupFallback.LATEST;
        };
    }

    /**
     * Whether a scan can stop earlier because a query wants no records from after a time. One that
     * never ends must not be ended by a filter, and the time may lie in the future.
     */
    boolean canStopEarlier() {
        return boundedMode == BoundedMode.LATEST || boundedMode == BoundedMode.TIMESTAMP;
    }

    /**
     * Where to start.
     *
     * @param notBefore records that arrived earlier are not wanted; null for no such time
     */
    StartingPosition starting(@Nullable Instant notBefore) {
        return switch (startupMode) {
            case EARLIEST -> earliest(notBefore);
            case LATEST -> StartingPosition.latest();
            case TIMESTAMP -> timestamp(notBefore);
            case SEQUENCE_NUMBERS ->
                    StartingPosition.sequenceNumbers(
                            sequenceNumbers(
                                    V3ioSourceOptions.STARTUP_SEQUENCE_NUMBERS,
                                    V3ioSourceOptions.STARTUP_MODE),
                            others(notBefore));
            case COMMITTED -> startOfGroup(notBefore);
        };
    }

    private StartingPosition others(@Nullable Instant notBefore) {
        return switch (fallback) {
            case EARLIEST -> earliest(notBefore);
            case LATEST -> StartingPosition.latest();
            case TIMESTAMP -> timestamp(notBefore);
        };
    }

    private static StartingPosition earliest(@Nullable Instant notBefore) {
        return notBefore == null
                ? StartingPosition.earliest()
                : StartingPosition.computedTimestamp(notBefore);
    }

    private StartingPosition timestamp(@Nullable Instant notBefore) {
        long millis =
                TableOptions.require(
                        options,
                        V3ioSourceOptions.STARTUP_TIMESTAMP_MILLIS,
                        "'" + V3ioSourceOptions.STARTUP_MODE.key() + "' (or fallback) 'timestamp'");
        Instant chosen = Instant.ofEpochMilli(millis);
        StartingPosition position =
                TableOptions.named(
                        V3ioSourceOptions.STARTUP_TIMESTAMP_MILLIS,
                        millis,
                        () -> StartingPosition.timestamp(chosen));
        return notBefore != null && notBefore.isAfter(chosen)
                ? StartingPosition.computedTimestamp(notBefore)
                : position;
    }

    /** From the group that the option for it names, or else that of the scan itself. */
    private StartingPosition startOfGroup(@Nullable Instant notBefore) {
        ConfigOption<String> option =
                options.getOptional(V3ioSourceOptions.STARTUP_CONSUMER_GROUP).isPresent()
                        ? V3ioSourceOptions.STARTUP_CONSUMER_GROUP
                        : V3ioSourceOptions.CONSUMER_GROUP;
        String group =
                options.getOptional(option)
                        .orElseThrow(
                                () ->
                                        new ValidationException(
                                                "'"
                                                        + V3ioSourceOptions.STARTUP_MODE.key()
                                                        + "' = 'committed' needs option '"
                                                        + V3ioSourceOptions.STARTUP_CONSUMER_GROUP
                                                                .key()
                                                        + "' or '"
                                                        + V3ioSourceOptions.CONSUMER_GROUP.key()
                                                        + "'."));
        return TableOptions.named(
                option, group, () -> StartingPosition.committed(group, others(notBefore)));
    }

    /**
     * Where to stop; empty for a scan that never ends.
     *
     * @param before records that arrived at this time or later are not wanted; null for no such
     *     time
     */
    Optional<StoppingPosition> stopping(@Nullable Instant before) {
        return switch (boundedMode) {
            case UNBOUNDED -> Optional.empty();
            case LATEST ->
                    Optional.of(
                            before == null
                                    ? StoppingPosition.latest()
                                    : StoppingPosition.computedTimestamp(before));
            case TIMESTAMP -> Optional.of(stop(before));
            case SEQUENCE_NUMBERS ->
                    Optional.of(
                            StoppingPosition.sequenceNumbers(
                                    sequenceNumbers(
                                            V3ioSourceOptions.BOUNDED_SEQUENCE_NUMBERS,
                                            V3ioSourceOptions.BOUNDED_MODE)));
            case COMMITTED -> {
                String group =
                        TableOptions.require(
                                options,
                                V3ioSourceOptions.BOUNDED_CONSUMER_GROUP,
                                "'" + V3ioSourceOptions.BOUNDED_MODE.key() + "' = 'committed'");
                yield Optional.of(
                        TableOptions.named(
                                V3ioSourceOptions.BOUNDED_CONSUMER_GROUP,
                                group,
                                () -> StoppingPosition.committed(group)));
            }
        };
    }

    /** What the options name, each with the option that does; empty in other modes. */
    Map<ShardId, String> namedShards() {
        Map<ShardId, String> named = new HashMap<>();
        if (startupMode == StartupMode.SEQUENCE_NUMBERS) {
            ConfigOption<List<String>> option = V3ioSourceOptions.STARTUP_SEQUENCE_NUMBERS;
            sequenceNumbers(option, V3ioSourceOptions.STARTUP_MODE)
                    .keySet()
                    .forEach(shard -> named.put(shard, option.key()));
        }
        if (boundedMode == BoundedMode.SEQUENCE_NUMBERS) {
            ConfigOption<List<String>> option = V3ioSourceOptions.BOUNDED_SEQUENCE_NUMBERS;
            sequenceNumbers(option, V3ioSourceOptions.BOUNDED_MODE)
                    .keySet()
                    .forEach(shard -> named.put(shard, option.key()));
        }
        return named;
    }

    private StoppingPosition stop(@Nullable Instant before) {
        long millis =
                TableOptions.require(
                        options,
                        V3ioSourceOptions.BOUNDED_TIMESTAMP_MILLIS,
                        "'" + V3ioSourceOptions.BOUNDED_MODE.key() + "' = 'timestamp'");
        Instant chosen = Instant.ofEpochMilli(millis);
        StoppingPosition position =
                TableOptions.named(
                        V3ioSourceOptions.BOUNDED_TIMESTAMP_MILLIS,
                        millis,
                        () -> StoppingPosition.timestamp(chosen));
        return before != null && before.isBefore(chosen)
                ? StoppingPosition.computedTimestamp(before)
                : position;
    }

    private Map<ShardId, Long> sequenceNumbers(
            ConfigOption<List<String>> option, ConfigOption<?> mode) {
        List<String> parts =
                TableOptions.require(options, option, "'" + mode.key() + "' = 'sequence-numbers'");
        Map<ShardId, Long> numbers = new HashMap<>();
        for (String part : parts) {
            Matcher matcher = SHARD_NUMBER.matcher(part.strip());
            if (!matcher.matches()) {
                throw new ValidationException(
                        "Option '"
                                + option.key()
                                + "' has '"
                                + part
                                + "', but each of its parts must be like 'shard:0,sequence-number:42', or"
                                + " 'stream:container/path,shard:0,sequence-number:42'.");
            }
            ShardId shard =
                    new ShardId(
                            stream(option, matcher.group(1)), Integer.parseInt(matcher.group(2)));
            if (numbers.put(shard, Long.parseLong(matcher.group(3))) != null) {
                throw new ValidationException(
                        "Option '" + option.key() + "' names shard " + shard + " twice.");
            }
        }
        return numbers;
    }

    private StreamPath stream(ConfigOption<?> option, @Nullable String named) {
        if (named != null) {
            return TableOptions.named(option, named, () -> StreamPath.parse(named));
        }
        List<String> streams = options.getOptional(V3ioConnectionOptions.STREAM).orElse(List.of());
        if (streams.size() != 1) {
            throw new ValidationException(
                    "Option '"
                            + option.key()
                            + "' must name the stream of each shard (stream:container/path,shard:...), because the"
                            + " table has several.");
        }
        return StreamAddress.parse(streams.get(0)).stream();
    }
}

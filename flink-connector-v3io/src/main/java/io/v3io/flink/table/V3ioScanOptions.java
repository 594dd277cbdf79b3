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

import io.v3io.flink.source.V3ioSourceBuilder;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Options of a table for reading it. Those that a DataStream job has, too, are in {@link
 * V3ioSourceOptions}.
 */
@PublicEvolving
public final class V3ioScanOptions {

    /** Values of {@link #STARTUP_MODE}. */
    @PublicEvolving
    public enum StartupMode {
        EARLIEST,
        LATEST,
        TIMESTAMP,
        SEQUENCE_NUMBERS,
        COMMITTED;

        @Override
        public String toString() {
            return inOptions(this);
        }
    }

    /** Values of {@link #STARTUP_FALLBACK}. */
    @PublicEvolving
    public enum StartupFallback {
        EARLIEST,
        LATEST,
        TIMESTAMP;

        @Override
        public String toString() {
            return inOptions(this);
        }
    }

    /** Values of {@link #BOUNDED_MODE}. */
    @PublicEvolving
    public enum BoundedMode {
        UNBOUNDED,
        LATEST,
        TIMESTAMP,
        SEQUENCE_NUMBERS,
        COMMITTED;

        @Override
        public String toString() {
            return inOptions(this);
        }
    }

    public static final ConfigOption<String> STREAM_PATTERN =
            ConfigOptions.key("stream-pattern")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "A regular expression: reads all streams directly under stream-directory whose whole names match,"
                                    + " also those that are created later. Not for a sink.");

    public static final ConfigOption<String> STREAM_DIRECTORY =
            ConfigOptions.key("stream-directory")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "The directory of stream-pattern, as container/path or only container.");

    public static final ConfigOption<StartupMode> STARTUP_MODE =
            ConfigOptions.key("scan.startup.mode")
                    .enumType(StartupMode.class)
                    .defaultValue(StartupMode.EARLIEST)
                    .withDescription("Where a job without a checkpoint starts.");

    public static final ConfigOption<Long> STARTUP_TIMESTAMP_MILLIS =
            ConfigOptions.key("scan.startup.timestamp-millis")
                    .longType()
                    .noDefaultValue()
                    .withDescription(
                            "For startup mode (or fallback) 'timestamp': records that arrived at this time or later, in"
                                    + " milliseconds since 1970.");

    public static final ConfigOption<List<String>> STARTUP_SEQUENCE_NUMBERS =
            ConfigOptions.key("scan.startup.sequence-numbers")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription(
                            "For startup mode 'sequence-numbers': the first record of each named shard, as"
                                    + " 'shard:0,sequence-number:42;shard:1,sequence-number:300'; with several streams each"
                                    + " part also has 'stream:container/path'.");

    public static final ConfigOption<StartupFallback> STARTUP_FALLBACK =
            ConfigOptions.key("scan.startup.fallback")
                    .enumType(StartupFallback.class)
                    .defaultValue(StartupFallback.EARLIEST)
                    .withDescription(
                            "Where shards start that have no committed position (mode 'committed') or are not named (mode"
                                    + " 'sequence-numbers').");

    public static final ConfigOption<String> STARTUP_CONSUMER_GROUP =
            ConfigOptions.key("scan.startup.consumer-group")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "For startup mode 'committed': the group whose position counts. Default: that of"
                                    + " scan.consumer-group.");

    public static final ConfigOption<BoundedMode> BOUNDED_MODE =
            ConfigOptions.key("scan.bounded.mode")
                    .enumType(BoundedMode.class)
                    .defaultValue(BoundedMode.UNBOUNDED)
                    .withDescription(
                            "Where the scan ends. It must end for batch mode. The end is resolved when the job starts and never"
                                    + " lies beyond the newest record of that moment.");

    public static final ConfigOption<Long> BOUNDED_TIMESTAMP_MILLIS =
            ConfigOptions.key("scan.bounded.timestamp-millis")
                    .longType()
                    .noDefaultValue()
                    .withDescription(
                            "For bounded mode 'timestamp': only records that arrived before this time, in milliseconds since"
                                    + " 1970.");

    public static final ConfigOption<List<String>> BOUNDED_SEQUENCE_NUMBERS =
            ConfigOptions.key("scan.bounded.sequence-numbers")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription(
                            "For bounded mode 'sequence-numbers': the last record of each named shard, written as in"
                                    + " scan.startup.sequence-numbers; other shards end with the newest one.");

    public static final ConfigOption<String> BOUNDED_CONSUMER_GROUP =
            ConfigOptions.key("scan.bounded.consumer-group")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "For bounded mode 'committed': the group whose position is the last record of each shard; nothing"
                                    + " is read of a shard of which it has committed nothing. It cannot be that of"
                                    + " scan.consumer-group, which would be set back.");

    public static final ConfigOption<Boolean> BOUNDED_AS_STREAM =
            ConfigOptions.key("scan.bounded.as-stream")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether a scan that ends is an unbounded one to Flink until it gets there: with checkpoints and"
                                    + " results as they come. Then not for batch mode.");

    public static final ConfigOption<String> CONSUMER_GROUP =
            ConfigOptions.key("scan.consumer-group")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "A group whose position is committed on each shard when a checkpoint has completed, and at the"
                                    + " end of a bounded scan without checkpoints: letters, digits and '_', not"
                                    + " beginning with '_', at most 128. Default: none.");

    public static final ConfigOption<Integer> RETRY_MAX_RETRIES =
            ConfigOptions.key("scan.retry.max-retries")
                    .intType()
                    .defaultValue(V3ioSourceBuilder.DEFAULT_RETRY_POLICY.maxRetries())
                    .withDescription(
                            "How often a request that failed for a transient reason is sent again, 0 or more.");

    public static final ConfigOption<Duration> RETRY_MAX_ELAPSED =
            ConfigOptions.key("scan.retry.max-elapsed")
                    .durationType()
                    .defaultValue(V3ioSourceBuilder.DEFAULT_RETRY_POLICY.maxElapsed())
                    .withDescription("For how long, up to 365 days.");

    public static final ConfigOption<Duration> RETRY_INITIAL_BACKOFF =
            ConfigOptions.key("scan.retry.initial-backoff")
                    .durationType()
                    .defaultValue(V3ioSourceBuilder.DEFAULT_RETRY_POLICY.initialBackoff())
                    .withDescription("Upper bound of the first pause; it doubles.");

    public static final ConfigOption<Duration> RETRY_MAX_BACKOFF =
            ConfigOptions.key("scan.retry.max-backoff")
                    .durationType()
                    .defaultValue(V3ioSourceBuilder.DEFAULT_RETRY_POLICY.maxBackoff())
                    .withDescription("To what that bound grows, at least the first one.");

    private V3ioScanOptions() {}

    private static String inOptions(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

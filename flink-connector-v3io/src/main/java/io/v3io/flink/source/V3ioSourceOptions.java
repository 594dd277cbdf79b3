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

package io.v3io.flink.source;

import io.v3io.client.model.V3ioLimits;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;

import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Options of the source, with the names, ranges and defaults of the builder's setters. Streams,
 * positions and retries, which a setter takes as one object, are several options of a table.
 */
@PublicEvolving
public final class V3ioSourceOptions {

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

    public static final ConfigOption<Duration> SHARD_DISCOVERY_INTERVAL =
            ConfigOptions.key("scan.shard-discovery.interval")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription(
                            "How often an unbounded source looks for shards that were added to its streams, and for new"
                                    + " streams that match its pattern; 0 for never."
                                    + " A bounded source never does.");

    public static final ConfigOption<OnMissingStream> ON_MISSING_STREAM =
            ConfigOptions.key("scan.on-missing-stream")
                    .enumType(OnMissingStream.class)
                    .defaultValue(OnMissingStream.FAIL)
                    .withDescription(
                            "What to do when a stream does not exist when the job starts, or no stream matches the pattern:"
                                    + " fail, or wait for it, looking at the interval of shard discovery (10 s if that is 0)."
                                    + " A stream that was waited for is read from its first record.");

    public static final ConfigOption<OnDeletedStream> ON_DELETED_STREAM =
            ConfigOptions.key("scan.on-deleted-stream")
                    .enumType(OnDeletedStream.class)
                    .defaultValue(OnDeletedStream.FAIL)
                    .withDescription(
                            "What to do when a stream that is read is deleted: fail, or end its shards where they are and go on"
                                    + " with the other streams, which is logged and counted.");

    public static final ConfigOption<OnUnsubscribedStream> ON_UNSUBSCRIBED_STREAM =
            ConfigOptions.key("scan.on-unsubscribed-stream")
                    .enumType(OnUnsubscribedStream.class)
                    .defaultValue(OnUnsubscribedStream.READ_ON)
                    .withDescription(
                            "What to do with a stream of the checkpoint that is not subscribed any more: read-on, or drop it"
                                    + " with its positions, which is logged. A state that holds a deleted stream is restored"
                                    + " by taking the stream off and dropping it.");

    public static final ConfigOption<Integer> FETCH_MAX_RECORDS =
            ConfigOptions.key("scan.fetch.max-records")
                    .intType()
                    .defaultValue(V3ioLimits.DEFAULT_GET_RECORDS_LIMIT)
                    .withDescription(
                            "Records that one request asks a shard for, 1 or more. The platform also ends an answer at 10"
                                    + " MB.");

    public static final ConfigOption<MemorySize> FETCH_BUFFER_SIZE =
            ConfigOptions.key("scan.fetch.buffer-size")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(64))
                    .withDescription(
                            "Bytes of answers that one reader has under way or not emitted yet, 1 or more. A hard bound: what"
                                    + " does not fit is asked for again when there is room; only an answer that is larger"
                                    + " than all of it is let in, when nothing else is there.");

    public static final ConfigOption<Integer> FETCH_READ_AHEAD =
            ConfigOptions.key("scan.fetch.read-ahead")
                    .intType()
                    .defaultValue(16)
                    .withDescription(
                            "Requests of one shard that may be under way at a time, 1 or more; 1 for never more than one. More"
                                    + " than one are sent only while the shard is far behind, the reader waits for it, and"
                                    + " all its shards together have fewer than that under way.");

    public static final ConfigOption<Duration> IDLE_PAUSE_MIN =
            ConfigOptions.key("scan.idle-pause.min")
                    .durationType()
                    .defaultValue(Duration.ofMillis(10))
                    .withDescription(
                            "How long a shard is left alone after it had nothing new, at first; at least 1 ms.");

    public static final ConfigOption<Duration> IDLE_PAUSE_MAX =
            ConfigOptions.key("scan.idle-pause.max")
                    .durationType()
                    .defaultValue(Duration.ofMillis(250))
                    .withDescription(
                            "To what that pause grows while the shard has nothing new; at least the shortest pause.");

    public static final ConfigOption<Duration> BACKLOG_THRESHOLD =
            ConfigOptions.key("scan.backlog.threshold")
                    .durationType()
                    .noDefaultValue()
                    .withDescription(
                            "How far behind the newest record a shard of an unbounded source must be, when its reading begins,"
                                    + " to be a backlog to Flink until it has caught up; at least 1 ms. Flink then uses"
                                    + " execution.checkpointing.interval-during-backlog. Default: never.");

    public static final ConfigOption<Boolean> DROP_DUPLICATES =
            ConfigOptions.key("scan.drop-duplicates")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether a record is dropped whose client info has 16 bytes and was that of an earlier record of its"
                                    + " shard: a copy, where this connector's sink has written the stream with tags.");

    public static final ConfigOption<Integer> DROP_DUPLICATES_MAX_RECORDS =
            ConfigOptions.key("scan.drop-duplicates.max-records")
                    .intType()
                    .defaultValue(100_000)
                    .withDescription(
                            "How many records of a shard are remembered to know their copies at the most; 1 to 10,000,000.");

    public static final ConfigOption<Duration> DROP_DUPLICATES_MAX_TIME =
            ConfigOptions.key("scan.drop-duplicates.max-time")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(10))
                    .withDescription(
                            "How long, in time of arrival, a record is remembered to know its copies; 1 ms to 7 days.");

    public static final ConfigOption<Long> RATE_LIMIT_RECORDS =
            ConfigOptions.key("scan.rate-limit.records-per-second")
                    .longType()
                    .noDefaultValue()
                    .withDescription(
                            "Records that the source emits in a second, all subtasks together, each with the same share; 1 or"
                                    + " more. Default: no limit.");

    public static final ConfigOption<MemorySize> RATE_LIMIT_BYTES =
            ConfigOptions.key("scan.rate-limit.bytes-per-second")
                    .memoryType()
                    .noDefaultValue()
                    .withDescription(
                            "Bytes of data that the source emits in a second, all subtasks together, each with the same share;"
                                    + " 1 or more. Default: no limit.");

    public static final ConfigOption<OnDataLoss> ON_DATA_LOSS =
            ConfigOptions.key("scan.on-data-loss")
                    .enumType(OnDataLoss.class)
                    .defaultValue(OnDataLoss.FAIL)
                    .withDescription(
                            "What to do when retention has removed records that were not read: fail, or go on with the"
                                    + " earliest or the latest ones, which is logged and counted.");

    public static final ConfigOption<OnDeserializationFailure> ON_DESERIALIZATION_FAILURE =
            ConfigOptions.key("scan.on-deserialization-failure")
                    .enumType(OnDeserializationFailure.class)
                    .defaultValue(OnDeserializationFailure.FAIL)
                    .withDescription(
                            "What to do with a record that cannot be deserialized: fail, drop the whole record, or store it"
                                    + " in the stream of scan.dead-letter.stream; the last two are counted in"
                                    + " numRecordsInErrors.");

    public static final ConfigOption<String> DEAD_LETTER_STREAM =
            ConfigOptions.key("scan.dead-letter.stream")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "With scan.on-deserialization-failure = 'dead-letter': the stream, as container/path, that such"
                                    + " records are stored in, with where they came from and why. It must exist, and is"
                                    + " not one of those that are read.");

    private V3ioSourceOptions() {}

    private static String inOptions(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}

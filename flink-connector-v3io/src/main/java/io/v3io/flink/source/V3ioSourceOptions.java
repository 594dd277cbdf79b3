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

/** Options of the source; the builder's setters carry the same names, ranges and defaults. */
@PublicEvolving
public final class V3ioSourceOptions {

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
                            "What to do with a record that cannot be deserialized: fail, or skip the whole record, which"
                                    + " is counted in numRecordsInErrors.");

    private V3ioSourceOptions() {}
}

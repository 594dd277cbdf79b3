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

package io.v3io.flink.sink;

import io.v3io.client.model.V3ioLimits;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import java.time.Duration;
import java.util.List;

/**
 * Options of the sink, with the names, ranges and defaults of the setters of {@link
 * V3ioSinkBuilder}.
 */
@PublicEvolving
public final class V3ioSinkOptions {

    public static final ConfigOption<String> PARTITIONER =
            ConfigOptions.key("sink.partitioner")
                    .stringType()
                    .defaultValue("default")
                    .withDescription(
                            "Which shard a row goes to. 'default': by the PARTITIONED BY columns, key.fields or a metadata"
                                    + " column, without them the platform chooses; 'fixed': each subtask writes to one"
                                    + " shard; 'row-key': by the PARTITIONED BY columns, or else by"
                                    + " sink.partitioner.fields; 'storey': the shard that storey's StreamTarget takes for"
                                    + " the key that these, key.fields or a metadata column make; or the name of a class of your own, a"
                                    + " PartitionKeySelector<RowData> or ShardIdSelector<RowData> that has a public"
                                    + " constructor without arguments.");

    public static final ConfigOption<List<String>> PARTITIONER_FIELDS =
            ConfigOptions.key("sink.partitioner.fields")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription(
                            "With the partitioner 'row-key' or 'storey': the columns that make the partition key, separated by semicolons.");

    public static final ConfigOption<String> PARTITIONER_FIELD_DELIMITER =
            ConfigOptions.key("sink.partitioner.field-delimiter")
                    .stringType()
                    .defaultValue("|")
                    .withDescription("Stands between the columns of a partition key.");

    public static final ConfigOption<OrderGuarantee> ORDER =
            ConfigOptions.key("sink.order")
                    .enumType(OrderGuarantee.class)
                    .noDefaultValue()
                    .withDescription(
                            "In which order rows of one partition key, or one shard, or one subtask without either, are"
                                    + " stored: 'none', in any; 'relaxed', as written unless the platform fails single rows of"
                                    + " a request; 'strict', as written whatever fails, one row of a key for each round"
                                    + " trip. Default: 'strict' where a format of changes has a key or a shard, 'relaxed'"
                                    + " where another one has, otherwise 'none'.");

    public static final ConfigOption<DeliveryGuarantee> DELIVERY_GUARANTEE =
            ConfigOptions.key("sink.delivery-guarantee")
                    .enumType(DeliveryGuarantee.class)
                    .defaultValue(DeliveryGuarantee.AT_LEAST_ONCE)
                    .withDescription(
                            "'at-least-once': a checkpoint waits until all before it is stored; 'none': it does not;"
                                    + " 'exactly-once': records are stored once, when their checkpoint completes.");

    public static final ConfigOption<Boolean> TAG_RECORDS =
            ConfigOptions.key("sink.tag-records")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether each row gets a tag of 16 bytes in its client info, by which a reader with"
                                    + " scan.drop-duplicates knows copies; 'exactly-once' always writes it.");

    public static final ConfigOption<String> STAGING_DIRECTORY =
            ConfigOptions.key("sink.exactly-once.staging-directory")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Where rows wait for their checkpoint when they are more than sink.exactly-once.max-inline-size:"
                                    + " container/path of a directory for this sink alone. Default: more rows fail the job.");

    public static final ConfigOption<MemorySize> MAX_INLINE_SIZE =
            ConfigOptions.key("sink.exactly-once.max-inline-size")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(16))
                    .withDescription(
                            "Bytes of one subtask's rows between two checkpoints that go into the checkpoint, up to 256 mb.");

    public static final ConfigOption<Duration> LANDING_TIMEOUT =
            ConfigOptions.key("sink.exactly-once.landing-timeout")
                    .durationType()
                    .noDefaultValue()
                    .withDescription(
                            "The time after which a request whose answer never came has taken effect, or never will, up to 1 h."
                                    + " Default: twice client.response-timeout.");

    public static final ConfigOption<Duration> TAKEOVER_DELAY =
            ConfigOptions.key("sink.exactly-once.takeover-delay")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(1))
                    .withDescription(
                            "The time within which an attempt of the job that Flink has replaced surely has stopped, up to 1 h.");

    public static final ConfigOption<OnInvalidRecord> ON_INVALID_RECORD =
            ConfigOptions.key("sink.on-invalid-record")
                    .enumType(OnInvalidRecord.class)
                    .defaultValue(OnInvalidRecord.FAIL)
                    .withDescription(
                            "What becomes of a row that can never be stored, such as one over a limit of the platform: fail the"
                                    + " job, drop and count it, or store it in the stream of sink.dead-letter.stream.");

    public static final ConfigOption<String> DEAD_LETTER_STREAM =
            ConfigOptions.key("sink.dead-letter.stream")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "With sink.on-invalid-record = 'dead-letter': the stream, as container/path, that such rows are"
                                    + " stored in, with where they were to go and why. It is created like the others by"
                                    + " sink.create-stream.shard-count, and is not one of those that are written to.");

    public static final ConfigOption<Boolean> EMPTY_FOR_NULL =
            ConfigOptions.key("sink.empty-for-null")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Whether a row that the format makes nothing of, such as NULL with 'raw', is written as a record"
                                    + " without data, as a tombstone of Kafka. Otherwise it is an invalid record.");

    public static final ConfigOption<Integer> CREATE_STREAM_SHARD_COUNT =
            ConfigOptions.key("sink.create-stream.shard-count")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "Creates a stream that is missing when the job starts, with so many shards, 1 to 4,096. Default: a"
                                    + " missing stream fails the job.");

    public static final ConfigOption<Duration> CREATE_STREAM_RETENTION =
            ConfigOptions.key("sink.create-stream.retention")
                    .durationType()
                    .defaultValue(Duration.ofHours(24))
                    .withDescription(
                            "How long a created stream keeps records: whole hours, 1 h to 365 d.");

    public static final ConfigOption<Duration> SHARD_DISCOVERY_INTERVAL =
            ConfigOptions.key("sink.shard-discovery.interval")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(1))
                    .withDescription(
                            "How often the partitioner 'fixed' or 'storey' asks for the number of shards, 1 ms to 1 d.");

    public static final ConfigOption<Integer> BATCH_MAX_SIZE =
            ConfigOptions.key("sink.batch.max-size")
                    .intType()
                    .defaultValue(V3ioLimits.MAX_PUT_RECORDS)
                    .withDescription("Records of one request at the most, 1 to 1,000.");

    public static final ConfigOption<MemorySize> FLUSH_BUFFER_SIZE =
            ConfigOptions.key("sink.flush-buffer.size")
                    .memoryType()
                    .defaultValue(new MemorySize(V3ioLimits.MAX_PUT_BODY_BYTES))
                    .withDescription("Bytes of one request's JSON at the most, 2 kb to 10 mb.");

    public static final ConfigOption<MemorySize> RECORD_MAX_SIZE =
            ConfigOptions.key("sink.record.max-size")
                    .memoryType()
                    .defaultValue(new MemorySize(V3ioLimits.MAX_DATA_BYTES))
                    .withDescription(
                            "Bytes of a record's data at the most, 1 b to 2 mb; a larger one is treated as"
                                    + " 'sink.on-invalid-record' says. What the platform takes depends on its version.");

    public static final ConfigOption<Duration> FLUSH_BUFFER_TIMEOUT =
            ConfigOptions.key("sink.flush-buffer.timeout")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(1))
                    .withDescription(
                            "After this time a record is sent though its request is not full, 1 ms to 1 h.");

    public static final ConfigOption<Integer> REQUESTS_MAX_INFLIGHT =
            ConfigOptions.key("sink.requests.max-inflight")
                    .intType()
                    .defaultValue(16)
                    .withDescription(
                            "Requests of one subtask under way together, 1 to 1,000 and not more than"
                                    + " client.max-connections.");

    public static final ConfigOption<Integer> REQUESTS_MAX_BUFFERED =
            ConfigOptions.key("sink.requests.max-buffered")
                    .intType()
                    .defaultValue(10_000)
                    .withDescription(
                            "Records of one subtask that wait before there is backpressure, more than a request, up to"
                                    + " 10,000,000.");

    public static final ConfigOption<MemorySize> MAX_PENDING_BYTES =
            ConfigOptions.key("sink.max-pending-bytes")
                    .memoryType()
                    .defaultValue(MemorySize.ofMebiBytes(64))
                    .withDescription(
                            "Bytes of one subtask's records, as JSON, that wait or are under way before there is backpressure;"
                                    + " a request at least.");

    public static final ConfigOption<Integer> RETRY_MAX_RETRIES =
            ConfigOptions.key("sink.retry.max-retries")
                    .intType()
                    .defaultValue(100)
                    .withDescription(
                            "How often a request, or its failed records, are sent again before the job fails, 0 or more.");

    public static final ConfigOption<Duration> RETRY_MAX_ELAPSED =
            ConfigOptions.key("sink.retry.max-elapsed")
                    .durationType()
                    .defaultValue(Duration.ofMinutes(2))
                    .withDescription("For how long, up to 365 days.");

    public static final ConfigOption<Duration> RETRY_INITIAL_BACKOFF =
            ConfigOptions.key("sink.retry.initial-backoff")
                    .durationType()
                    .defaultValue(Duration.ofMillis(100))
                    .withDescription("Upper bound of the first pause; it doubles.");

    public static final ConfigOption<Duration> RETRY_MAX_BACKOFF =
            ConfigOptions.key("sink.retry.max-backoff")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(10))
                    .withDescription("To what that bound grows, at least the first one.");

    private V3ioSinkOptions() {}
}

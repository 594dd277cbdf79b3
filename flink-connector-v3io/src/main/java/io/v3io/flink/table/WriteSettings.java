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

import io.v3io.client.RetryPolicy;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.PartitionKeySelector;
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.ShardIdSelector;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.source.V3ioSourceOptions;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.util.TimeUtils;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes a table's options for writing over into a sink. */
final class WriteSettings {

    /** What {@link V3ioSinkOptions#PARTITIONER} names beside classes. */
    static final String DEFAULT = "default";

    static final String FIXED = "fixed";
    static final String ROW_KEY = "row-key";
    static final String STOREY = "storey";

    private static final String PARTITIONER = "'" + V3ioSinkOptions.PARTITIONER.key() + "' = ";

    private final ReadableConfig options;
    private final List<String> streams;
    @Nullable private final Object ownPartitioner;
    private boolean isPlatformToBeAsked;

    /**
     * Settings of a table.
     *
     * @param session the configuration that the statement is planned with
     * @throws ValidationException if options contradict each other
     */
    WriteSettings(ReadableConfig options, ReadableConfig session, ClassLoader classLoader) {
        this.options = options;
        this.isPlatformToBeAsked = PlanningCheck.isWanted(options, session);
        if (options.getOptional(V3ioSourceOptions.STREAM_PATTERN).isPresent()) {
            throw new ValidationException(
                    "A table with option '"
                            + V3ioSourceOptions.STREAM_PATTERN.key()
                            + "' can only be read. To write, name the stream with option '"
                            + V3ioConnectionOptions.STREAM.key()
                            + "'.");
        }
        this.streams =
                TableOptions.require(
                        options, V3ioConnectionOptions.STREAM, "a table that is written to");
        TableOptions.requireOnlyIf(
                options,
                options.getOptional(V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT).isPresent(),
                "option '" + V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT.key() + "'",
                V3ioSinkOptions.CREATE_STREAM_RETENTION);
        TableOptions.requireOnlyIf(
                options,
                Set.of(FIXED, STOREY).contains(partitioner()),
                PARTITIONER + "'fixed' or 'storey'",
                V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL);
        TableOptions.requireOnlyIf(
                options,
                Set.of(ROW_KEY, STOREY).contains(partitioner()),
                PARTITIONER + "'row-key' or 'storey'",
                V3ioSinkOptions.PARTITIONER_FIELDS);
        TableOptions.requireOnlyIf(
                options,
                options.get(V3ioSinkOptions.DELIVERY_GUARANTEE) == DeliveryGuarantee.EXACTLY_ONCE,
                "'" + V3ioSinkOptions.DELIVERY_GUARANTEE.key() + "' = 'exactly-once'",
                V3ioSinkOptions.STAGING_DIRECTORY,
                V3ioSinkOptions.MAX_INLINE_SIZE,
                V3ioSinkOptions.LANDING_TIMEOUT,
                V3ioSinkOptions.TAKEOVER_DELAY);
        this.ownPartitioner =
                Set.of(DEFAULT, FIXED, ROW_KEY, STOREY).contains(partitioner())
                        ? null
                        : instance(partitioner(), classLoader);
    }

    private static Object instance(String className, ClassLoader classLoader) {
        try {
            Object partitioner =
                    Class.forName(className, true, classLoader).getConstructor().newInstance();
            if (partitioner instanceof PartitionKeySelector<?>
                    || partitioner instanceof ShardIdSelector<?>) {
                return partitioner;
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new ValidationException(
                    wrongPartitioner(className) + " No instance of such a class: " + e);
        }
        throw new ValidationException(
                wrongPartitioner(className)
                        + " The class is neither a PartitionKeySelector nor a ShardIdSelector.");
    }

    private static String wrongPartitioner(String className) {
        return PARTITIONER
                + "'"
                + className
                + "' is neither 'default', 'fixed', 'row-key' or 'storey' nor a class that is a"
                + " PartitionKeySelector<RowData> or ShardIdSelector<RowData>, can be found with"
                + " the jars of the session, and has a public constructor without arguments.";
    }

    List<String> streams() {
        return streams;
    }

    /** One of the names above, or that of a class. */
    String partitioner() {
        return options.get(V3ioSinkOptions.PARTITIONER);
    }

    /** Empty if not set. */
    List<String> keyFields() {
        return options.getOptional(V3ioFormatOptions.KEY_FIELDS).orElse(List.of());
    }

    boolean hasRawKey() {
        return options.getOptional(V3ioFormatOptions.KEY_FORMAT).filter("raw"::equals).isPresent();
    }

    List<String> partitionerFields() {
        return options.getOptional(V3ioSinkOptions.PARTITIONER_FIELDS).orElse(List.of());
    }

    boolean isEmptyForNull() {
        return options.get(V3ioSinkOptions.EMPTY_FOR_NULL);
    }

    /** Makes a sink choose shards as the partitioner says that is no matter of columns. */
    @SuppressWarnings("unchecked")
    void applyPartitioner(V3ioSinkBuilder<RowData> sink) {
        if (partitioner().equals(FIXED)) {
            sink.setPartitioner(Partitioner.FIXED);
        } else if (partitioner().equals(STOREY)) {
            sink.setPartitioner(Partitioner.STOREY);
        } else if (ownPartitioner instanceof ShardIdSelector<?> shard) {
            sink.setShardId((ShardIdSelector<RowData>) shard);
        } else if (ownPartitioner instanceof PartitionKeySelector<?> key) {
            sink.setPartitionKey((PartitionKeySelector<RowData>) key);
        }
    }

    /** Empty if not set. */
    Optional<OrderGuarantee> order() {
        return options.getOptional(V3ioSinkOptions.ORDER);
    }

    String fieldDelimiter() {
        return options.get(V3ioSinkOptions.PARTITIONER_FIELD_DELIMITER);
    }

    /** Null for that of the input. */
    @Nullable
    Integer parallelism() {
        return options.getOptional(FactoryUtil.SINK_PARALLELISM).orElse(null);
    }

    /**
     * The sink.
     *
     * @param serializer makes the data of a record
     * @param routing chooses stream, shard, key and client info
     * @param order in which rows are stored; empty for the sink's default
     * @throws ValidationException if the builder refuses the options
     */
    V3ioSink<RowData> sink(
            RowSerializer serializer, RowRouting routing, Optional<OrderGuarantee> order) {
        V3ioSink<RowData> sink =
                TableOptions.validated(
                        OptionWords.WRITING, () -> build(serializer, routing, order));
        if (isPlatformToBeAsked) {
            PlanningCheck.run(options, expectedStreams());
            isPlatformToBeAsked = false;
        }
        return sink;
    }

    private ExpectedStreams expectedStreams() {
        boolean isCreated =
                options.getOptional(V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT).isPresent();
        String advice =
                "Create it, or let the sink do so with '"
                        + V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT.key()
                        + "' = '...'.";
        return new ExpectedStreams(
                streams.stream().map(text -> StreamAddress.parse(text).stream()).toList(),
                null,
                isCreated ? null : advice,
                isCreated
                        ? null
                        : ExpectedStreams.DeadLetters.of(
                                options, V3ioSinkOptions.DEAD_LETTER_STREAM, advice),
                Map.of());
    }

    private V3ioSink<RowData> build(
            RowSerializer serializer, RowRouting routing, Optional<OrderGuarantee> order) {
        V3ioSinkBuilder<RowData> sink = V3ioSink.builder();
        sink.configureClient(ClientSettings.of(options, retryPolicy(), OptionWords.WRITING));
        options.getOptional(V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT)
                .ifPresent(shards -> sink.setCreateStream(shards, retentionHours()));
        options.getOptional(V3ioSinkOptions.STAGING_DIRECTORY)
                .ifPresent(
                        directory ->
                                TableOptions.named(
                                        V3ioSinkOptions.STAGING_DIRECTORY,
                                        directory,
                                        () -> sink.setStagingDirectory(directory)));
        options.getOptional(V3ioSinkOptions.LANDING_TIMEOUT).ifPresent(sink::setLandingTimeout);
        options.getOptional(V3ioSinkOptions.DEAD_LETTER_STREAM)
                .ifPresent(
                        stream ->
                                TableOptions.named(
                                        V3ioSinkOptions.DEAD_LETTER_STREAM,
                                        stream,
                                        () -> sink.setDeadLetterStream(stream)));
        routing.applyTo(sink, serializer.partitionKey());
        order.ifPresent(sink::setOrder);
        TableOptions.named(
                V3ioConnectionOptions.STREAM,
                String.join(";", streams),
                () -> sink.setStreams(streams));
        return sink.setTagRecords(options.get(V3ioSinkOptions.TAG_RECORDS))
                .setDeliveryGuarantee(options.get(V3ioSinkOptions.DELIVERY_GUARANTEE))
                .setMaxInlineSize(options.get(V3ioSinkOptions.MAX_INLINE_SIZE))
                .setTakeoverDelay(options.get(V3ioSinkOptions.TAKEOVER_DELAY))
                .setOnInvalidRecord(options.get(V3ioSinkOptions.ON_INVALID_RECORD))
                .setShardDiscoveryInterval(options.get(V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL))
                .setMaxBatchSize(options.get(V3ioSinkOptions.BATCH_MAX_SIZE))
                .setMaxBatchSizeInBytes(options.get(V3ioSinkOptions.FLUSH_BUFFER_SIZE))
                .setMaxRecordSizeInBytes(options.get(V3ioSinkOptions.RECORD_MAX_SIZE))
                .setMaxTimeInBuffer(options.get(V3ioSinkOptions.FLUSH_BUFFER_TIMEOUT))
                .setMaxInFlightRequests(options.get(V3ioSinkOptions.REQUESTS_MAX_INFLIGHT))
                .setMaxBufferedRequests(options.get(V3ioSinkOptions.REQUESTS_MAX_BUFFERED))
                .setMaxPendingBytes(options.get(V3ioSinkOptions.MAX_PENDING_BYTES))
                .setSerializationSchema(serializer)
                .build();
    }

    private int retentionHours() {
        Duration retention = options.get(V3ioSinkOptions.CREATE_STREAM_RETENTION);
        long hours = retention.toHours();
        if (!Duration.ofHours(hours).equals(retention)
                || hours < 1
                || hours > V3ioLimits.MAX_RETENTION_HOURS) {
            throw new ValidationException(
                    "Option '"
                            + V3ioSinkOptions.CREATE_STREAM_RETENTION.key()
                            + "' must be whole hours, 1 h to 365 d, not "
                            + TimeUtils.formatWithHighestUnit(retention)
                            + ".");
        }
        return (int) hours;
    }

    private RetryPolicy retryPolicy() {
        return new RetryPolicy(
                options.get(V3ioSinkOptions.RETRY_MAX_RETRIES),
                options.get(V3ioSinkOptions.RETRY_MAX_ELAPSED),
                options.get(V3ioSinkOptions.RETRY_INITIAL_BACKOFF),
                options.get(V3ioSinkOptions.RETRY_MAX_BACKOFF));
    }
}

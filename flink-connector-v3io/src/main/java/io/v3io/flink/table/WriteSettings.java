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
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.table.V3ioSinkOptions.Partitioner;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.List;

/** Takes a table's options for writing over into a sink. */
final class WriteSettings {

    private final ReadableConfig options;
    private final List<String> streams;

    /**
     * Settings of a table.
     *
     * @throws ValidationException if options contradict each other
     */
    WriteSettings(ReadableConfig options) {
        this.options = options;
        if (options.getOptional(V3ioScanOptions.STREAM_PATTERN).isPresent()) {
            throw new ValidationException(
                    "A table with option '"
                            + V3ioScanOptions.STREAM_PATTERN.key()
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
                partitioner() == Partitioner.FIXED,
                "'" + V3ioSinkOptions.PARTITIONER.key() + "' = 'fixed'",
                V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL);
    }

    List<String> streams() {
        return streams;
    }

    Partitioner partitioner() {
        return options.get(V3ioSinkOptions.PARTITIONER);
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
     * @throws ValidationException if the builder refuses the options
     */
    V3ioSink<RowData> sink(SerializationSchema<RowData> serializer, RowRouting routing) {
        return TableOptions.validated(() -> build(serializer, routing));
    }

    private V3ioSink<RowData> build(SerializationSchema<RowData> serializer, RowRouting routing) {
        V3ioSinkBuilder<RowData> sink = V3ioSink.builder();
        sink.configureClient(ClientSettings.of(options, retryPolicy()));
        options.getOptional(V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT)
                .ifPresent(shards -> sink.setCreateStream(shards, retentionHours()));
        routing.applyTo(sink);
        return sink.setStreams(streams)
                .setOrdered(options.get(V3ioSinkOptions.ORDERED))
                .setDeliveryGuarantee(options.get(V3ioSinkOptions.DELIVERY_GUARANTEE))
                .setInvalidRecordPolicy(options.get(V3ioSinkOptions.ON_INVALID_RECORD))
                .setShardDiscoveryInterval(options.get(V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL))
                .setMaxBatchSize(options.get(V3ioSinkOptions.BATCH_MAX_SIZE))
                .setMaxBatchSizeInBytes(options.get(V3ioSinkOptions.BATCH_MAX_BYTES).getBytes())
                .setMaxRecordSize(options.get(V3ioSinkOptions.RECORD_MAX_SIZE).getBytes())
                .setMaxTimeInBuffer(options.get(V3ioSinkOptions.BATCH_MAX_TIME))
                .setMaxInFlightRequests(options.get(V3ioSinkOptions.REQUESTS_MAX_INFLIGHT))
                .setMaxBufferedRequests(options.get(V3ioSinkOptions.REQUESTS_MAX_BUFFERED))
                .setMaxPendingBytes(options.get(V3ioSinkOptions.MAX_PENDING_BYTES).getBytes())
                .setSerializationSchema(serializer)
                .build();
    }

    private int retentionHours() {
        Duration retention = options.get(V3ioSinkOptions.CREATE_STREAM_RETENTION);
        long hours = retention.toHours();
        if (!Duration.ofHours(hours).equals(retention) || hours > Integer.MAX_VALUE) {
            throw new ValidationException(
                    "Option '"
                            + V3ioSinkOptions.CREATE_STREAM_RETENTION.key()
                            + "' must be whole hours, 1 h to 365 d, not "
                            + retention
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

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

import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.builder.SettingRange;
import io.v3io.flink.sink.writer.SinkSettings;

import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import java.time.Duration;

/**
 * How large a sink's requests become, how many there are, and what waits for them, as its builder
 * is told. Checks what does not fit together.
 */
@Internal
final class RequestBounds {

    /** Holds all of a dead letter but its data. */
    private static final MemorySize MIN_RECORD_SIZE_OF_DEAD_LETTERS = MemorySize.parse("64 kb");

    private static final MemorySize MIN_BATCH_SIZE_OF_DEAD_LETTERS = MemorySize.parse("128 kb");

    /** So much that every key and client info fits, with all escapes. */
    private static final int MIN_MAX_BATCH_SIZE_IN_BYTES = 2 * 1024;

    private static final int MAX_MAX_IN_FLIGHT_REQUESTS = 1_000;
    private static final int MAX_MAX_BUFFERED_REQUESTS = 10_000_000;
    private static final Duration MAX_MAX_TIME_IN_BUFFER = Duration.ofHours(1);

    private int maxBatchSize = V3ioSinkOptions.BATCH_MAX_SIZE.defaultValue();
    private MemorySize maxBatchSizeInBytes = V3ioSinkOptions.FLUSH_BUFFER_SIZE.defaultValue();
    private MemorySize maxRecordSizeInBytes = V3ioSinkOptions.RECORD_MAX_SIZE.defaultValue();
    private Duration maxTimeInBuffer = V3ioSinkOptions.FLUSH_BUFFER_TIMEOUT.defaultValue();
    private int maxInFlightRequests = V3ioSinkOptions.REQUESTS_MAX_INFLIGHT.defaultValue();
    private int maxBufferedRequests = V3ioSinkOptions.REQUESTS_MAX_BUFFERED.defaultValue();
    private MemorySize maxPendingBytes = V3ioSinkOptions.MAX_PENDING_BYTES.defaultValue();

    void setMaxBatchSize(int records) {
        maxBatchSize = SettingRange.require("maxBatchSize", records, 1, V3ioLimits.MAX_PUT_RECORDS);
    }

    void setMaxBatchSizeInBytes(MemorySize size) {
        maxBatchSizeInBytes =
                SettingRange.require(
                        "maxBatchSizeInBytes",
                        size,
                        MIN_MAX_BATCH_SIZE_IN_BYTES,
                        V3ioLimits.MAX_PUT_BODY_BYTES);
    }

    void setMaxRecordSizeInBytes(MemorySize size) {
        maxRecordSizeInBytes =
                SettingRange.require(
                        "maxRecordSizeInBytes", size, 1, V3ioLimits.MAX_CONFIGURABLE_DATA_BYTES);
    }

    void setMaxTimeInBuffer(Duration time) {
        maxTimeInBuffer =
                SettingRange.require("maxTimeInBuffer", time, MAX_MAX_TIME_IN_BUFFER, "1 hour");
    }

    void setMaxInFlightRequests(int requests) {
        maxInFlightRequests =
                SettingRange.require(
                        "maxInFlightRequests", requests, 1, MAX_MAX_IN_FLIGHT_REQUESTS);
    }

    void setMaxBufferedRequests(int records) {
        maxBufferedRequests =
                SettingRange.require("maxBufferedRequests", records, 2, MAX_MAX_BUFFERED_REQUESTS);
    }

    void setMaxPendingBytes(MemorySize size) {
        maxPendingBytes =
                SettingRange.require(
                        "maxPendingBytes", size, MIN_MAX_BATCH_SIZE_IN_BYTES, Long.MAX_VALUE / 2);
    }

    void checkDeadLettersFit() {
        requireForDeadLetters(
                "maxRecordSizeInBytes", maxRecordSizeInBytes, MIN_RECORD_SIZE_OF_DEAD_LETTERS);
        requireForDeadLetters(
                "maxBatchSizeInBytes", maxBatchSizeInBytes, MIN_BATCH_SIZE_OF_DEAD_LETTERS);
    }

    private static void requireForDeadLetters(String setting, MemorySize value, MemorySize min) {
        if (value.compareTo(min) < 0) {
            throw new IllegalArgumentException(
                    "setOnInvalidRecord with DEAD_LETTER needs "
                            + setting
                            + " of at least "
                            + min.getBytes()
                            + ", not "
                            + value.getBytes()
                            + ", so that a dead letter can be stored.");
        }
    }

    void check() {
        if (maxBufferedRequests <= maxBatchSize) {
            throw new IllegalArgumentException(
                    "maxBufferedRequests "
                            + maxBufferedRequests
                            + " must be more than maxBatchSize "
                            + maxBatchSize
                            + ".");
        }
        if (maxPendingBytes.compareTo(maxBatchSizeInBytes) < 0) {
            throw new IllegalArgumentException(
                    "maxPendingBytes "
                            + maxPendingBytes.getBytes()
                            + " must be at least maxBatchSizeInBytes "
                            + maxBatchSizeInBytes.getBytes()
                            + ".");
        }
    }

    void check(V3ioClientConfig client) {
        if (maxInFlightRequests > client.maxConnections()) {
            throw new IllegalArgumentException(
                    "maxInFlightRequests "
                            + maxInFlightRequests
                            + " must not be more than the client's maxConnections "
                            + client.maxConnections()
                            + " (configureClient).");
        }
    }

    /** The settings of a sink whose requests have these bounds. */
    SinkSettings settings(
            V3ioClientConfig client,
            SinkSettings.Routing routing,
            DeliveryGuarantee deliveryGuarantee,
            SinkSettings.OfInvalidRecords invalidRecords) {
        return new SinkSettings(
                client,
                routing,
                deliveryGuarantee,
                invalidRecords,
                maxBatchSize,
                maxBatchSizeInBytes.getBytes(),
                maxTimeInBuffer,
                maxInFlightRequests,
                maxBufferedRequests,
                maxPendingBytes.getBytes(),
                (int) maxRecordSizeInBytes.getBytes());
    }
}

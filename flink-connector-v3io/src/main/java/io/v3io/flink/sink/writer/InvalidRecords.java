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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.InvalidRecord;
import io.v3io.flink.sink.InvalidRecordHandler;
import io.v3io.flink.sink.OnInvalidRecord;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.connector.base.sink.writer.ElementConverter;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.Optional;

/**
 * Does with records that can never be stored what the user chose, whether it is found out before
 * they are sent or by the server. One thread at a time.
 */
@Internal
public final class InvalidRecords {

    private static final Logger LOG = LoggerFactory.getLogger(InvalidRecords.class);

    private final OnInvalidRecord policy;
    @Nullable private final InvalidRecordHandler handler;
    @Nullable private final StreamPath deadLetterStream;
    private final RecordLimits limits;
    private final SinkMetrics metrics;
    private final LogThrottle logThrottle;

    public InvalidRecords(
            SinkSettings.OfInvalidRecords settings,
            RecordLimits limits,
            SinkMetrics metrics,
            LogThrottle logThrottle) {
        this.policy = settings.policy();
        this.handler =
                policy == OnInvalidRecord.DEAD_LETTER
                        ? new DeadLetterHandler(settings.endpoint(), limits)
                        : settings.handler();
        this.deadLetterStream = settings.deadLetterStream();
        this.limits = limits;
        this.metrics = metrics;
        this.logThrottle = logThrottle;
    }

    /** Whether the record is one of the dead-letter stream, which has no other to go to. */
    public boolean isDeadLetter(StreamPath stream) {
        return stream.equals(deadLetterStream);
    }

    /**
     * The record to write for an element.
     *
     * @param converter is open
     * @return null if it was invalid and nothing takes its place
     * @throws IOException if it is invalid and the job is to fail
     */
    @Nullable
    public <IN> RoutedRecord admit(
            ElementConverter<IN, RoutedRecord> converter, IN element, SinkWriter.Context context)
            throws IOException {
        try {
            return converter.apply(element, context);
        } catch (InvalidRecordException e) {
            return handle(e.invalid()).orElse(null);
        }
    }

    /**
     * The record to write for one of an earlier writer, whose limits may have been others.
     *
     * @return null if it was invalid and nothing takes its place
     * @throws IOException if it is invalid and the job is to fail
     */
    @Nullable
    RoutedRecord admit(RoutedRecord restored) throws IOException {
        try {
            limits.check(restored.stream(), restored.record());
            return restored;
        } catch (InvalidRecordException e) {
            return handle(e.invalid()).orElse(null);
        }
    }

    /**
     * Drops a record, or hands it over.
     *
     * @return what to write in its place
     * @throws IOException if the job is to fail
     */
    public Optional<RoutedRecord> handle(InvalidRecord invalid) throws IOException {
        if (handler != null) {
            return handOver(invalid, handler);
        }
        if (policy == OnInvalidRecord.FAIL) {
            throw new IOException(
                    invalid.reason()
                            + " Correct such records before the sink, drop them with"
                            + " "
                            + SettingNames.of(
                                    V3ioSinkOptions.ON_INVALID_RECORD, OnInvalidRecord.DROP)
                            + ", store them elsewhere with "
                            + SettingNames.of(OnInvalidRecord.DEAD_LETTER)
                            + ", or take them with setInvalidRecordHandler (in Java only).");
        }
        metrics.dropped();
        if (logThrottle.permit()) {
            LOG.warn(
                    "Dropped a record: {} ({} such warnings held back.)",
                    invalid.reason(),
                    logThrottle.suppressed());
        }
        return Optional.empty();
    }

    private Optional<RoutedRecord> handOver(InvalidRecord invalid, InvalidRecordHandler to)
            throws IOException {
        PutRecord deadLetter;
        try {
            deadLetter = to.handle(invalid);
        } catch (Exception e) {
            throw new IOException(
                    "The handler of invalid records "
                            + to.getClass().getName()
                            + " failed. What it was given: "
                            + invalid.reason(),
                    e);
        }
        metrics.handedOver();
        if (deadLetter == null) {
            return Optional.empty();
        }
        if (deadLetterStream == null) {
            throw new IOException(
                    "The handler of invalid records "
                            + to.getClass().getName()
                            + " returned a record, but there is no stream to write it to: name one with "
                            + SettingNames.of(V3ioSinkOptions.DEAD_LETTER_STREAM)
                            + ".");
        }
        try {
            limits.check(deadLetterStream, deadLetter);
        } catch (InvalidRecordException e) {
            throw new IOException(
                    "The handler of invalid records "
                            + to.getClass().getName()
                            + " returned one itself: "
                            + e.getMessage(),
                    e);
        }
        return Optional.of(new RoutedRecord(deadLetterStream, ownBytes(deadLetter)));
    }

    /** The record waits, and the handler may use its arrays again. */
    private static PutRecord ownBytes(PutRecord record) {
        byte[] clientInfo = record.clientInfo();
        PutRecord own =
                PutRecord.of(record.data().clone())
                        .withPartitionKey(record.partitionKey())
                        .withClientInfo(clientInfo == null ? null : clientInfo.clone());
        return record.shardId().isPresent() ? own.withShardId(record.shardId().getAsInt()) : own;
    }
}

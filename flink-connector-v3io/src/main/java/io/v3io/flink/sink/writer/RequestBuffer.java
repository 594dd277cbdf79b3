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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.connector.base.sink.writer.strategy.RateLimitingStrategy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Gathers the records of one writer into batches, and hands these to the {@link RequestDelivery}.
 * Everything in here runs on the mailbox thread.
 *
 * <p>What is buffered is bounded by records (base class) and, beyond it, by bytes, because ten
 * thousand records of a megabyte are more than a task manager has. Beyond either bound the writer
 * yields to the mailbox until answers make room, which is how backpressure reaches the job.
 */
final class RequestBuffer extends AsyncSinkWriter<RoutedRecord, RoutedRecord> {

    /**
     * A sink that keeps an order may have so many times as many records handed over as may be under
     * way: while a key waits for an answer, others need enough to fill the next request.
     */
    private static final int BACKLOG_OF_ORDER = 2;

    /** A slow key keeps a batch open; so many times as many as requests may be under way. */
    private static final int OPEN_BATCHES_OF_ORDER = 16;

    private final SinkSettings settings;
    private final MailboxExecutor mailbox;
    private final V3ioClient client;
    private final RequestDelivery delivery;

    private final Backlog backlog;

    /** Counts the records that are not handed over yet. */
    private long bufferedBytes;

    /**
     * A buffer that begins with the records of earlier ones; none at the first start.
     *
     * @throws IOException if one of these records is over a limit by now, and the job is to fail
     */
    static RequestBuffer create(
            SinkSettings settings,
            WriterInitContext context,
            InvalidRecords invalidRecords,
            SinkMetrics metrics,
            Collection<BufferedRequestState<RoutedRecord>> restored)
            throws IOException {
        CongestionControl congestion =
                new CongestionControl(
                        settings.maxInFlightRequests(), settings.backoff(), System::nanoTime);
        RequestBuffer buffer =
                new RequestBuffer(
                        settings,
                        invalidRecords,
                        congestion,
                        new Backlog(),
                        metrics,
                        context,
                        admitted(settings, invalidRecords, restored));
        try {
            buffer.start(congestion, metrics);
        } catch (RuntimeException | Error e) {
            try (buffer) {
                throw e;
            }
        }
        return buffer;
    }

    // Its successor takes a batch creator and a buffer, and does not exist in Flink 2.0.
    @SuppressWarnings("deprecation")
    private RequestBuffer(
            SinkSettings settings,
            InvalidRecords invalidRecords,
            CongestionControl congestion,
            Backlog backlog,
            SinkMetrics metrics,
            WriterInitContext context,
            BufferedRequestState<RoutedRecord> restored) {
        super(
                (record, writerContext) -> record,
                new InterruptKeepingContext(context),
                configuration(settings, congestion, backlog),
                List.of(restored));
        this.settings = settings;
        this.mailbox = context.getMailboxExecutor();
        this.backlog = backlog;
        this.bufferedBytes = restored.getStateSize();
        int subtask = context.getTaskInfo().getIndexOfThisSubtask();
        MailboxCalls calls = new MailboxCalls(mailbox);
        // After all that can fail, which would leave its threads behind.
        this.client = V3ioClient.create(settings.writerClient());
        this.delivery =
                new RequestDelivery(
                        settings,
                        subtask,
                        client,
                        calls,
                        congestion,
                        backlog,
                        invalidRecords,
                        metrics,
                        getFatalExceptionCons());
    }

    /** The records of earlier writers that keep the limits of this one. */
    private static BufferedRequestState<RoutedRecord> admitted(
            SinkSettings settings,
            InvalidRecords invalidRecords,
            Collection<BufferedRequestState<RoutedRecord>> restored)
            throws IOException {
        List<RequestEntryWrapper<RoutedRecord>> admitted = new ArrayList<>();
        for (BufferedRequestState<RoutedRecord> state : restored) {
            for (RequestEntryWrapper<RoutedRecord> wrapper : state.getBufferedRequestEntries()) {
                RoutedRecord record = invalidRecords.admit(wrapper.getRequestEntry());
                if (record != null) {
                    admitted.add(wrapped(settings, record));
                }
            }
        }
        return new BufferedRequestState<>(admitted);
    }

    private static RequestEntryWrapper<RoutedRecord> wrapped(
            SinkSettings settings, RoutedRecord record) {
        return new RequestEntryWrapper<>(record, settings.sizeInBytes(record));
    }

    private void start(CongestionControl congestion, SinkMetrics metrics) {
        metrics.registerGauges(delivery::requestsInFlight, congestion::limit, this::pendingBytes);
        for (StreamPath stream : settings.allStreams()) {
            delivery.prepare(stream);
        }
        delivery.start();
    }

    private static AsyncSinkWriterConfiguration configuration(
            SinkSettings settings, CongestionControl congestion, Backlog backlog) {
        return AsyncSinkWriterConfiguration.builder()
                .setMaxBatchSize(settings.maxBatchSize())
                .setMaxBatchSizeInBytes(settings.maxRecordBytesPerRequest())
                .setMaxInFlightRequests(settings.maxInFlightRequests())
                .setMaxBufferedRequests(settings.maxBufferedRequests())
                .setMaxTimeInBufferMS(settings.maxTimeInBuffer().toMillis())
                .setMaxRecordSizeInBytes(settings.maxRecordBytesPerRequest())
                .setRequestTimeoutMS(SinkSettings.BATCH_TIMEOUT.toMillis())
                .setFailOnTimeout(true)
                .setRateLimitingStrategy(handOver(settings, congestion, backlog))
                .build();
    }

    private static RateLimitingStrategy handOver(
            SinkSettings settings, CongestionControl congestion, Backlog backlog) {
        int maxBatchSize = settings.maxBatchSize();
        if (settings.routing().order() == OrderGuarantee.NONE) {
            return HandOverLimit.ofBatches(backlog, congestion::limit, maxBatchSize);
        }
        int underWay = settings.maxInFlightRequests() * maxBatchSize;
        return HandOverLimit.ofRecords(
                backlog,
                BACKLOG_OF_ORDER * underWay,
                OPEN_BATCHES_OF_ORDER * settings.maxInFlightRequests(),
                maxBatchSize);
    }

    /** Yields to the mailbox until there is room for a record. */
    void awaitRoom() throws InterruptedException {
        // So many bytes are either in flight, or the base class has nothing to wait for with them.
        while (isFull() && delivery.isBusy()) {
            mailbox.yield();
        }
    }

    private boolean isFull() {
        if (pendingBytes() < settings.maxPendingBytes()) {
            return false;
        }
        backlog.wantRoom();
        return pendingBytes() >= settings.maxPendingBytes();
    }

    @Override
    public void write(RoutedRecord record, Context context)
            throws IOException, InterruptedException {
        bufferedBytes += getSizeInBytes(record);
        super.write(record, context);
    }

    @Override
    protected void submitRequestEntries(
            List<RoutedRecord> records, ResultHandler<RoutedRecord> resultHandler) {
        for (RoutedRecord record : records) {
            bufferedBytes -= getSizeInBytes(record);
        }
        delivery.deliver(records, resultHandler::complete);
        // The handler keeps the list until the whole batch is stored, and with it all data.
        records.clear();
    }

    @Override
    protected long getSizeInBytes(RoutedRecord record) {
        return settings.sizeInBytes(record);
    }

    /**
     * Returns when all records are stored, or throws. At a checkpoint the base class would wait for
     * requests in flight only and put the others into the state; sending these, too, makes the
     * simpler promise that a completed checkpoint means stored records, and costs one request.
     * Without a guarantee a checkpoint does not wait; see {@link #snapshotState}.
     */
    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        if (endOfInput || settings.deliveryGuarantee() == DeliveryGuarantee.AT_LEAST_ONCE) {
            super.flush(true);
        }
    }

    /** What is not known to be stored: records handed over for delivery, then those buffered. */
    @Override
    public List<BufferedRequestState<RoutedRecord>> snapshotState(long checkpointId) {
        List<BufferedRequestState<RoutedRecord>> buffered = super.snapshotState(checkpointId);
        List<RoutedRecord> unsettled = delivery.unsettled();
        if (unsettled.isEmpty()) {
            return buffered;
        }
        List<RequestEntryWrapper<RoutedRecord>> all = new ArrayList<>();
        unsettled.forEach(record -> all.add(wrapped(settings, record)));
        buffered.forEach(state -> all.addAll(state.getBufferedRequestEntries()));
        return List.of(new BufferedRequestState<>(all));
    }

    private long pendingBytes() {
        return bufferedBytes + backlog.bytes();
    }

    @Override
    public void close() {
        try (client) {
            delivery.close();
        }
    }
}

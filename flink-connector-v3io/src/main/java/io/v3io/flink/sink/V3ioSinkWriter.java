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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/**
 * The writer of one subtask: admits elements, lets the base class gather them into requests, and
 * hands these to the {@link RecordDelivery}. Everything in here runs on the mailbox thread.
 *
 * <p>What is buffered is bounded by records (base class) and, beyond it, by bytes, because ten
 * thousand records of a megabyte are more than a task manager has. Beyond either bound {@link
 * #write} yields to the mailbox until answers make room, which is how backpressure reaches the job.
 *
 * @param <IN> type of the elements
 */
final class V3ioSinkWriter<IN> extends AsyncSinkWriter<IN, RoutedRecord> {

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final SinkSettings settings;
    private final RecordAdmission<IN> admission;
    private final MailboxExecutor mailbox;
    private final V3ioClient client;
    private final RecordDelivery delivery;

    private long pendingBytes;

    /** A writer that goes on with the buffered records of earlier ones; none at the first start. */
    static <IN> V3ioSinkWriter<IN> create(
            SinkSettings settings,
            ElementConverter<IN, RoutedRecord> converter,
            WriterInitContext context,
            Collection<BufferedRequestState<RoutedRecord>> restored) {
        SinkMetrics metrics = new SinkMetrics(context.metricGroup());
        InvalidRecords invalidRecords =
                new InvalidRecords(
                        settings.invalidRecords(),
                        metrics,
                        new LogThrottle(LOG_INTERVAL, System::nanoTime));
        CongestionControl congestion =
                new CongestionControl(
                        settings.maxInFlightRequests(), settings.backoff(), System::nanoTime);
        return new V3ioSinkWriter<>(
                settings,
                new RecordAdmission<>(converter, invalidRecords),
                invalidRecords,
                congestion,
                metrics,
                context,
                restored);
    }

    // Its successor takes a batch creator and a buffer, and does not exist in Flink 2.0.
    @SuppressWarnings("deprecation")
    private V3ioSinkWriter(
            SinkSettings settings,
            RecordAdmission<IN> admission,
            InvalidRecords invalidRecords,
            CongestionControl congestion,
            SinkMetrics metrics,
            WriterInitContext context,
            Collection<BufferedRequestState<RoutedRecord>> restored) {
        super(
                admission,
                new InterruptKeepingContext(context),
                configuration(settings, congestion),
                restored);
        this.settings = settings;
        this.admission = admission;
        this.mailbox = context.getMailboxExecutor();
        for (BufferedRequestState<RoutedRecord> state : restored) {
            pendingBytes += state.getStateSize();
        }
        // After all that can fail, which would leave it open.
        this.client = V3ioClient.create(settings.writerClient());
        this.delivery =
                new RecordDelivery(
                        settings,
                        context.getTaskInfo().getIndexOfThisSubtask(),
                        client,
                        new MailboxCalls(mailbox, context.getProcessingTimeService()),
                        congestion,
                        invalidRecords,
                        metrics,
                        getFatalExceptionCons());
        metrics.registerGauges(delivery::requestsInFlight, congestion::limit, () -> pendingBytes);
        for (StreamPath stream : settings.allStreams()) {
            delivery.prepare(stream);
        }
    }

    private static AsyncSinkWriterConfiguration configuration(
            SinkSettings settings, CongestionControl congestion) {
        return AsyncSinkWriterConfiguration.builder()
                .setMaxBatchSize(settings.maxBatchSize())
                .setMaxBatchSizeInBytes(settings.maxRecordBytesPerRequest())
                .setMaxInFlightRequests(settings.maxInFlightRequests())
                .setMaxBufferedRequests(settings.maxBufferedRequests())
                .setMaxTimeInBufferMS(settings.maxTimeInBuffer().toMillis())
                .setMaxRecordSizeInBytes(settings.maxRecordBytesPerRequest())
                .setRequestTimeoutMS(settings.requestTimeout().toMillis())
                .setFailOnTimeout(true)
                .setRateLimitingStrategy(
                        new InFlightRequestLimit(
                                settings.routing().ordered()
                                        ? settings::maxInFlightRequests
                                        : congestion::limit,
                                settings.maxBatchSize()))
                .build();
    }

    @Override
    public void write(IN element, Context context) throws IOException, InterruptedException {
        // So many bytes are either in flight, or the base class has nothing to wait for with them.
        while (pendingBytes >= settings.maxPendingBytes() && delivery.isBusy()) {
            mailbox.yield();
        }
        if (admission.admit(element, context)) {
            pendingBytes += getSizeInBytes(admission.admitted());
            super.write(element, context);
        }
    }

    @Override
    protected void submitRequestEntries(
            List<RoutedRecord> records, ResultHandler<RoutedRecord> resultHandler) {
        long bytes = 0;
        for (RoutedRecord record : records) {
            bytes += getSizeInBytes(record);
        }
        long requestBytes = bytes;
        delivery.deliver(
                records,
                () -> {
                    pendingBytes -= requestBytes;
                    resultHandler.complete();
                });
    }

    @Override
    protected long getSizeInBytes(RoutedRecord record) {
        return settings.sizeInBytes(record);
    }

    /**
     * Returns when all records are stored, or throws. At a checkpoint the base class would wait for
     * requests in flight only and put the others into the state; sending these, too, makes the
     * simpler promise that a completed checkpoint means stored records, and costs one request.
     * Without a guarantee a checkpoint does not wait: what is buffered goes into it.
     */
    @Override
    public void flush(boolean endOfInput) throws InterruptedException {
        if (endOfInput || settings.deliveryGuarantee() == DeliveryGuarantee.AT_LEAST_ONCE) {
            super.flush(true);
        }
    }

    @Override
    public void close() {
        delivery.close();
        client.close();
    }
}

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
import io.v3io.client.V3ioException;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Follows the records of one writer until all of them are stored, or the job has to fail: a fatal
 * error, or transient ones beyond the retry policy.
 *
 * <p>What failed is sent again from here, and is not given back to the base class's buffer. Put
 * back there, it would be sent at once, without any wait and without anybody counting the attempts;
 * a dead server would be hit in a loop. Kept here, a failed request holds its place among the
 * requests in flight while it waits, so the more fails the less is sent, the memory stays bounded,
 * and a flush waits for it like for any other.
 *
 * <p>Good answers are judged on the I/O thread that brings them, and this thread also sends what
 * may be sent next. A task that has much else to do does not hold up the requests then, and with an
 * {@link OrderedQueue}, where a key's next record waits for the answer to its last one, two changes
 * of thread for each request would cost as much time as the server takes. All else belongs to the
 * mailbox thread: whatever went wrong, the code of users, and waiting. What both need is in the
 * {@link RequestSchedule}.
 */
final class RecordDelivery {

    private static final Logger LOG = LoggerFactory.getLogger(RecordDelivery.class);

    /**
     * How often a request is sent again after an answer that nobody understands. The page of a
     * gateway with status 200 may be gone a moment later, but a server that stores the records and
     * then answers nonsense would store them again with each repetition.
     */
    private static final int MAX_REPEATS_AFTER_MALFORMED_ANSWERS = 2;

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final SinkSettings settings;
    private final int subtask;
    private final V3ioClient client;
    private final MailboxCalls calls;
    private final RetryBackoff backoff;
    private final CongestionControl congestion;
    private final InvalidRecords invalidRecords;
    private final SinkMetrics metrics;
    private final Consumer<Exception> onFatal;
    private final LogThrottle logThrottle = new LogThrottle(LOG_INTERVAL, System::nanoTime);

    private final RequestSchedule schedule;

    private final Map<StreamPath, Destination> destinations = new LinkedHashMap<>();
    private int batches;

    /**
     * A delivery.
     *
     * @param subtask index of this writer among those of the sink
     * @param client repeats nothing itself
     * @param onFatal called once when the job has to fail; nothing is sent any more then
     */
    RecordDelivery(
            SinkSettings settings,
            int subtask,
            V3ioClient client,
            MailboxCalls calls,
            CongestionControl congestion,
            InvalidRecords invalidRecords,
            SinkMetrics metrics,
            Consumer<Exception> onFatal) {
        this.settings = settings;
        this.subtask = subtask;
        this.client = client;
        this.calls = calls;
        this.backoff = settings.backoff();
        this.congestion = congestion;
        this.invalidRecords = invalidRecords;
        this.metrics = metrics;
        this.onFatal = onFatal;
        this.schedule = new RequestSchedule(congestion, metrics, this::waitForResume);
    }

    /** Begins with what a stream needs, before the first record for it comes. */
    void prepare(StreamPath stream) {
        destination(stream);
    }

    /**
     * Sends records and sees to it that all are stored.
     *
     * @param records 1 to 1,000, together within the limits of one request
     * @param onDone called on the mailbox thread when every record is stored, or given up as the
     *     user chose, unless the job fails or {@link #close} comes first
     */
    void deliver(List<RoutedRecord> records, Runnable onDone) {
        batches++;
        PendingRecord.Batch batch =
                new PendingRecord.Batch(records.size(), () -> calls.run(() -> batchDone(onDone)));
        Map<Destination, List<PendingRecord>> byDestination = new LinkedHashMap<>();
        StreamPath stream = null;
        List<PendingRecord> part = List.of();
        for (RoutedRecord routed : records) {
            // Mostly there is one stream for all.
            if (!routed.stream().equals(stream)) {
                stream = routed.stream();
                part =
                        byDestination.computeIfAbsent(
                                destination(stream), d -> new ArrayList<>(records.size()));
            }
            part.add(pending(routed, batch));
        }
        schedule.add(byDestination);
        sendWhatMay();
    }

    private void batchDone(Runnable onDone) {
        batches--;
        onDone.run();
    }

    private PendingRecord pending(RoutedRecord routed, PendingRecord.Batch batch) {
        return new PendingRecord(routed.record(), settings.sizeInBytes(routed), batch);
    }

    private Destination destination(StreamPath stream) {
        Destination known = destinations.get(stream);
        if (known != null) {
            return known;
        }
        Destination added = new Destination(stream, newSetup(stream), newQueue());
        destinations.put(stream, added);
        schedule.add(added);
        added.start();
        return added;
    }

    private StreamSetup newSetup(StreamPath stream) {
        return new StreamSetup(
                stream,
                settings.routing(),
                subtask,
                client,
                calls,
                backoff,
                this::sendWhatMay,
                this::fail);
    }

    private RecordQueue newQueue() {
        return settings.routing().ordered()
                ? new OrderedQueue(settings.maxBatchSize(), settings.maxRecordBytesPerRequest())
                : new UnorderedQueue();
    }

    /** Requests that wait for an answer or for their next attempt. */
    int requestsInFlight() {
        return schedule.requests();
    }

    /** Whether there are batches whose end was not told yet. */
    boolean isBusy() {
        return batches > 0;
    }

    /** Gives up everything; nothing will be called any more. */
    void close() {
        schedule.end();
        calls.close();
    }

    private void fail(Exception reason) {
        if (schedule.end()) {
            onFatal.accept(reason);
        }
    }

    /** On any thread. */
    private void sendWhatMay() {
        for (PutRequest next = schedule.next(); next != null; next = schedule.next()) {
            send(next);
        }
    }

    private void send(PutRequest request) {
        calls.whenAnsweredAnywhere(
                client.putRecords(request.stream(), request.records()),
                (results, error) -> answered(request, results, error));
    }

    private void waitForResume() {
        calls.run(() -> calls.runLater(congestion.pauseMillis(), this::resume));
    }

    private void resume() {
        schedule.resume();
        sendWhatMay();
    }

    private void answered(
            PutRequest request, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (error == null && RequestOutcome.isAllStored(request.pending(), results)) {
            schedule.stored(request);
            sendWhatMay();
        } else {
            calls.run(() -> judge(request, results, error));
        }
    }

    private void judge(
            PutRequest request, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (!schedule.answered(request)) {
            return;
        }
        if (error != null) {
            judgeFailure(request, error);
        } else {
            judgeResults(request, results);
        }
        sendWhatMay();
    }

    private void judgeFailure(PutRequest request, Throwable error) {
        metrics.sendFailed(request.pending().size());
        if (!(error instanceof V3ioException e && e.kind().isTransient())) {
            fail(SinkErrors.requestRefused(request.stream(), request.records(), error));
        } else if (e.kind() == V3ioException.Kind.MALFORMED_RESPONSE
                && request.countMalformedAnswer() > MAX_REPEATS_AFTER_MALFORMED_ANSWERS) {
            fail(
                    SinkErrors.notUnderstood(
                            request.stream(), request.records(), request.malformedAnswers(), e));
        } else {
            sendAgain(request, request.pending(), SendFailure.of(e), e.getMessage(), e);
        }
    }

    private void judgeResults(PutRequest request, List<PutResult> results) {
        List<PendingRecord> sent = request.pending();
        if (results.size() != sent.size()) {
            fail(SinkErrors.resultsMismatch(request.stream(), sent.size(), results.size()));
            return;
        }
        RequestOutcome outcome = RequestOutcome.of(sent, results, request.destination());
        schedule.settled(request.destination(), outcome.stored());
        for (RequestOutcome.Refused refused : outcome.refused()) {
            metrics.sendFailed(1);
            if (!giveUp(request.destination(), refused)) {
                return;
            }
        }
        if (outcome.failure() != SendFailure.THROTTLED) {
            congestion.served(request.sentNanos());
        }
        List<PendingRecord> failed = outcome.failed();
        if (failed.isEmpty()) {
            schedule.done(request);
        } else {
            metrics.sendFailed(failed.size());
            sendAgain(request, failed, outcome.failure(), outcome.reason(), null);
        }
    }

    /**
     * The server refuses this record for itself, and would do so again.
     *
     * @return false if the job fails because of it
     */
    private boolean giveUp(Destination destination, RequestOutcome.Refused refused) {
        StreamPath stream = destination.stream();
        PendingRecord record = refused.record();
        PutResult.Failed refusal = refused.refusal();
        PutRecord sent = destination.route(record);
        IOException error = SinkErrors.recordRefused(stream, sent, refusal);
        if (!RecordErrors.isOfRecord(refusal.errorMessage())
                || invalidRecords.isDeadLetter(stream)) {
            fail(error);
            return false;
        }
        Optional<RoutedRecord> substitute;
        try {
            substitute =
                    invalidRecords.handle(
                            new InvalidRecord(stream.toString(), sent, error.getMessage()));
        } catch (IOException e) {
            fail(e);
            return false;
        }
        if (substitute.isEmpty()) {
            schedule.settled(destination, List.of(record));
            return true;
        }
        // It takes the place in the batch, so that a checkpoint waits for it.
        PendingRecord instead = pending(substitute.get(), record.batch());
        Destination deadLetters = destination(substitute.get().stream());
        schedule.replaced(destination, record, deadLetters, instead);
        return true;
    }

    private void sendAgain(
            PutRequest request,
            List<PendingRecord> failed,
            SendFailure failure,
            String reason,
            @Nullable V3ioException cause) {
        int attempts = request.attempts();
        Duration elapsed = Duration.ofNanos(System.nanoTime() - request.startNanos());
        Duration wanted = cause == null ? Duration.ZERO : cause.retryAfter().orElse(Duration.ZERO);
        OptionalLong delay = backoff.nextDelayMillis(attempts - 1, elapsed, wanted);
        int tried = request.pending().size();
        request.keepOnly(failed);
        if (delay.isEmpty()) {
            fail(
                    SinkErrors.givenUp(
                            request.stream(), request.records(), attempts, elapsed, reason, cause));
            return;
        }
        long delayMillis = delay.getAsLong();
        if (failure == SendFailure.THROTTLED) {
            // The pause is everybody's, and takes the place of this request's own wait.
            congestion.throttled(request.sentNanos(), wanted.isZero() ? 0 : delayMillis);
            delayMillis = congestion.pauseMillis();
            schedule.repeat(request);
        } else {
            calls.runLater(
                    delayMillis,
                    () -> {
                        schedule.repeat(request);
                        sendWhatMay();
                    });
        }
        metrics.willBeSentAgain(failure);
        if (logThrottle.permit()) {
            LOG.warn(
                    "Stream {}: {} of {} records were not stored by attempt {}, sending them"
                            + " again in {} ms: {} ({} such warnings held back.)",
                    request.stream(),
                    failed.size(),
                    tried,
                    attempts,
                    delayMillis,
                    reason,
                    logThrottle.suppressed());
        }
    }
}

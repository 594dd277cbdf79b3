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
import io.v3io.client.V3ioException;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.SinkMetrics.SendFailure;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * <p>Good answers are judged on the I/O thread that brings them. In strict order this thread also
 * sends what may be sent next: a key's next record waits for the answer to its last one, and two
 * changes of thread for each small request would cost as much time as the server takes. All else
 * belongs to the mailbox thread: encoding large requests, whatever went wrong, the code of users,
 * and waiting. What both need is in the {@link RequestSchedule}.
 */
final class RequestDelivery {

    private static final Logger LOG = LoggerFactory.getLogger(RequestDelivery.class);

    /**
     * How often a request is sent again after an answer that nobody understands. The page of a
     * gateway with status 200 may be gone a moment later, but a server that stores the records and
     * then answers nonsense would store them again with each repetition.
     */
    private static final int MAX_REPEATS_AFTER_MALFORMED_ANSWERS = 2;

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private static final Duration WATCH_INTERVAL = Duration.ofMinutes(1);

    private final SinkSettings settings;
    private final int subtask;
    private final V3ioClient client;
    private final MailboxCalls calls;
    private final RetryBackoff backoff;
    private final CongestionControl congestion;
    private final Backlog backlog;
    private final InvalidRecords invalidRecords;
    private final SinkMetrics metrics;
    private final Consumer<Exception> onFatal;
    private final LogThrottle logThrottle = new LogThrottle(LOG_INTERVAL, System::nanoTime);

    private final RequestSchedule schedule;
    private final RefusedRecords refusedRecords;

    private final Map<StreamPath, Destination> destinations = new LinkedHashMap<>();

    /** The records of each batch whose end was not told yet, by stream; the oldest batch first. */
    private final Map<PendingRecord.Batch, Collection<List<PendingRecord>>> batches =
            new LinkedHashMap<>();

    /**
     * Follows the records of one writer; nothing is sent before the first is given to it.
     *
     * @param subtask index of this writer among those of the sink
     * @param client repeats nothing itself
     * @param backlog is told what is handed over and what is stored
     * @param onFatal called once when the job has to fail; nothing is sent any more then
     */
    RequestDelivery(
            SinkSettings settings,
            int subtask,
            V3ioClient client,
            MailboxCalls calls,
            CongestionControl congestion,
            Backlog backlog,
            InvalidRecords invalidRecords,
            SinkMetrics metrics,
            Consumer<Exception> onFatal) {
        this.settings = settings;
        this.subtask = subtask;
        this.client = client;
        this.calls = calls;
        this.backoff = settings.backoff();
        this.congestion = congestion;
        this.backlog = backlog;
        this.invalidRecords = invalidRecords;
        this.metrics = metrics;
        this.onFatal = onFatal;
        this.schedule =
                new RequestSchedule(
                        congestion, backlog, metrics, this::waitForResume, this::waitForMore);
        this.refusedRecords =
                new RefusedRecords(settings, invalidRecords, schedule, this::deliver, this::fail);
    }

    /** Begins to look after the answers; {@link #close} ends it. */
    void start() {
        calls.runLater(WATCH_INTERVAL.toMillis(), this::watch);
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
        PendingRecord.Batch batch =
                new PendingRecord.Batch(
                        records.size(), done -> calls.run(() -> batchDone(done, onDone)));
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
            part.add(new PendingRecord(routed, settings.sizeInBytes(routed), batch));
        }
        batches.put(batch, byDestination.values());
        schedule.add(byDestination);
        sendWhatMay();
    }

    private void batchDone(PendingRecord.Batch batch, Runnable onDone) {
        batches.remove(batch);
        onDone.run();
    }

    private Destination destination(StreamPath stream) {
        Destination known = destinations.get(stream);
        if (known != null) {
            return known;
        }
        Destination added = new Destination(stream, newSetup(stream), RecordQueue.create(settings));
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

    /** Requests that wait for an answer or for their next attempt. */
    int requestsInFlight() {
        return schedule.requests();
    }

    /** Whether there are batches whose end was not told yet. */
    boolean isBusy() {
        return !batches.isEmpty();
    }

    /**
     * What was handed over and has to be written still, as far as is known: records that wait, and
     * those whose answer has not come. Of each key, in the order in which they were handed over.
     */
    List<RoutedRecord> unsettled() {
        List<RoutedRecord> unsettled = new ArrayList<>();
        batches.values().forEach(lists -> unsettled.addAll(schedule.unsettled(lists)));
        return unsettled;
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

    /** Encodes and sends all requests that may be sent now; called on any thread. */
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

    private void waitForMore() {
        calls.run(() -> calls.runLater(RecordQueue.HOLD_MILLIS, this::release));
    }

    private void release() {
        schedule.release();
        sendWhatMay();
    }

    private void answered(
            PutRequest request, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (error == null && RequestOutcome.isAllStored(request.pending(), results)) {
            schedule.stored(request);
            if (settings.routing().order() == OrderGuarantee.STRICT) {
                // A key waits for every round trip, and requests are small.
                sendWhatMay();
                if (backlog.takeWish()) {
                    calls.run(this::sendWhatMay);
                }
            } else {
                // Requests are large, and this thread has other answers to read.
                calls.run(this::sendWhatMay);
            }
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
        if (error instanceof V3ioException e && SinkErrors.mayConcernOneRecord(e)) {
            judgeRefusal(request, e);
        } else if (!(error instanceof V3ioException e && e.kind().isTransient())) {
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

    /**
     * The server refuses a request as it is, and nobody knows which of its records it means. So
     * each half is sent alone, one after the other, down to the one record that is refused by
     * itself: for one among a thousand that takes some twenty requests.
     */
    private void judgeRefusal(PutRequest request, V3ioException refusal) {
        List<PendingRecord> sent = request.pending();
        Destination destination = request.destination();
        if (destination.mayBeStoredLater(refusal.errorName())) {
            sendAgain(request, sent, SendFailure.PARTIAL, refusal.getMessage(), refusal);
        } else if (sent.size() == 1) {
            PendingRecord record = sent.get(0);
            String reason =
                    SinkErrors.refusedAlone(request.stream(), destination.route(record), refusal);
            if (invalidRecords.isDeadLetter(request.stream())) {
                fail(new IOException(reason, refusal));
                return;
            }
            refusedRecords.add(destination, record, reason);
            schedule.done(request);
            refusedRecords.handle();
        } else {
            request.split();
            metrics.willBeSentAgain(SendFailure.REFUSED);
            schedule.repeat(request);
            if (logThrottle.permit()) {
                LOG.warn(
                        "Stream {}: the server refused a request of {} records as a whole; sending"
                                + " halves of it, until the record is found that it means: {} ({} such"
                                + " warnings held back.)",
                        request.stream(),
                        sent.size(),
                        SinkErrors.told(refusal),
                        logThrottle.suppressed());
            }
        }
    }

    private void judgeResults(PutRequest request, List<PutResult> results) {
        List<PendingRecord> sent = request.pending();
        if (results.size() != sent.size()) {
            fail(SinkErrors.resultsMismatch(request.stream(), sent.size(), results.size()));
            return;
        }
        Destination destination = request.destination();
        RequestOutcome outcome = RequestOutcome.of(sent, results, destination);
        schedule.settled(destination, outcome.stored());
        List<PendingRecord> failed = outcome.failed();
        // Before anything can fail: it is known now, and never again.
        metrics.overtaken(RecordQueue.countOvertaken(sent, outcome.stored(), failed));
        for (RequestOutcome.Refused refused : outcome.refused()) {
            metrics.sendFailed(1);
            PendingRecord record = refused.record();
            String reason =
                    SinkErrors.recordRefused(
                            request.stream(), destination.route(record), refused.refusal());
            if (!SinkErrors.isOfRecord(refused.refusal().errorName())
                    || invalidRecords.isDeadLetter(request.stream())) {
                fail(new IOException(reason));
                return;
            }
            refusedRecords.add(destination, record, reason);
        }
        if (outcome.failure() != SendFailure.THROTTLED) {
            congestion.served(request.sentNanos());
        }
        if (failed.isEmpty()) {
            schedule.done(request);
        } else {
            metrics.sendFailed(failed.size());
            sendAgain(request, failed, outcome.failure(), outcome.reason(), null);
        }
        refusedRecords.handle();
    }

    /**
     * Each attempt ends by the client's time-outs; a job must not wait for ever if one does not.
     */
    private void watch() {
        Duration limit = settings.attemptLimit();
        IOException overdue = schedule.overdue(System.nanoTime(), limit);
        if (overdue == null) {
            calls.runLater(WATCH_INTERVAL.toMillis(), this::watch);
        } else {
            fail(overdue);
        }
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

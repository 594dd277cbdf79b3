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

import io.v3io.client.V3ioException;
import io.v3io.client.model.PutResult;
import io.v3io.flink.sink.writer.SinkMetrics.SendFailure;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Decides what follows from an answer that is no plain success: which records are sent again and
 * when, which are refused for themselves, and when the job has to fail. Mailbox thread only.
 */
final class AnswerJudge {

    private static final Logger LOG = LoggerFactory.getLogger(AnswerJudge.class);

    /**
     * How often a request is sent again after an answer that nobody understands. The page of a
     * gateway with status 200 may be gone a moment later, but a server that stores the records and
     * then answers nonsense would store them again with each repetition.
     */
    private static final int MAX_REPEATS_AFTER_MALFORMED_ANSWERS = 2;

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final MailboxCalls calls;
    private final RetryBackoff backoff;
    private final RequestSchedule schedule;
    private final CongestionControl congestion;
    private final SinkMetrics metrics;
    private final RefusedRecords refusedRecords;
    private final Runnable onRepeat;
    private final Consumer<Exception> onFatal;
    private final LogThrottle logThrottle = new LogThrottle(LOG_INTERVAL, System::nanoTime);

    /**
     * Judges the answers of one writer.
     *
     * @param onRepeat called after a wait, when a request may be sent again
     * @param onFatal called when the job has to fail
     */
    AnswerJudge(
            MailboxCalls calls,
            RetryBackoff backoff,
            RequestSchedule schedule,
            CongestionControl congestion,
            SinkMetrics metrics,
            RefusedRecords refusedRecords,
            Runnable onRepeat,
            Consumer<Exception> onFatal) {
        this.calls = calls;
        this.backoff = backoff;
        this.schedule = schedule;
        this.congestion = congestion;
        this.metrics = metrics;
        this.refusedRecords = refusedRecords;
        this.onRepeat = onRepeat;
        this.onFatal = onFatal;
    }

    /**
     * Judges an answer, of which the schedule knows.
     *
     * @param results of the records, in their order; null if there is an error
     * @param error why there are none; null if there are
     */
    void judge(PutRequest request, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (error != null) {
            judgeFailure(request, error);
        } else {
            judgeResults(request, results);
        }
    }

    private void judgeFailure(PutRequest request, Throwable error) {
        metrics.sendFailed(request.pending().size());
        if (error instanceof V3ioException e && SinkErrors.mayConcernOneRecord(e)) {
            judgeRefusal(request, e);
        } else if (!(error instanceof V3ioException e && e.kind().isTransient())) {
            onFatal.accept(SinkErrors.requestRefused(request.stream(), request.records(), error));
        } else if (e.kind() == V3ioException.Kind.MALFORMED_RESPONSE
                && request.countMalformedAnswer() > MAX_REPEATS_AFTER_MALFORMED_ANSWERS) {
            onFatal.accept(
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
            if (refusedRecords.areDeadLetters(request.stream())) {
                onFatal.accept(new IOException(reason, refusal));
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
            onFatal.accept(
                    SinkErrors.resultsMismatch(request.stream(), sent.size(), results.size()));
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
                    || refusedRecords.areDeadLetters(request.stream())) {
                onFatal.accept(new IOException(reason));
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
            onFatal.accept(
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
                        onRepeat.run();
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

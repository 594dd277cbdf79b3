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

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Follows each request of one writer until all of its records are stored, or the job has to fail: a
 * fatal error, or transient ones beyond the retry policy.
 *
 * <p>What failed is sent again from here, and is not given back to the base class's buffer. Put
 * back there, it would be sent at once, without any wait and without anybody counting the attempts;
 * a dead server would be hit in a loop. Kept here, a failed request holds its place among the
 * requests in flight while it waits, so the more fails the less is sent, the memory stays bounded,
 * and a flush waits for it like for any other.
 *
 * <p>All state is confined to the mailbox thread. Answers arrive on the client's threads and are
 * only handed over; the waits are the task's own timers, which Flink drops with the task, so that
 * nothing is left behind when the writer is closed.
 */
final class RecordDelivery {

    private static final Logger LOG = LoggerFactory.getLogger(RecordDelivery.class);

    /**
     * How often a request is sent again after an answer that nobody understands. The page of a
     * gateway with status 200 may be gone a moment later, but a server that stores the records and
     * then answers nonsense would store them again with each repetition.
     */
    private static final int MAX_REPEATS_AFTER_MALFORMED_ANSWERS = 2;

    private final V3ioClient client;
    private final StreamPath stream;
    private final RetryBackoff backoff;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService timers;
    private final LongSupplier nanoTime;
    private final SinkMetrics metrics;
    private final LogThrottle logThrottle;

    private final Set<Request> requests = new HashSet<>();
    private boolean closed;

    RecordDelivery(
            V3ioClient client,
            StreamPath stream,
            RetryBackoff backoff,
            MailboxExecutor mailbox,
            ProcessingTimeService timers,
            LongSupplier nanoTime,
            SinkMetrics metrics,
            LogThrottle logThrottle) {
        this.client = client;
        this.stream = stream;
        this.backoff = backoff;
        this.mailbox = mailbox;
        this.timers = timers;
        this.nanoTime = nanoTime;
        this.metrics = metrics;
        this.logThrottle = logThrottle;
    }

    /**
     * Sends records and sees to it that all are stored. Exactly one of the callbacks is called, on
     * the mailbox thread, unless {@link #close} comes first.
     *
     * @param records 1 to 1,000, together within the limits of one request
     * @param onStored called when every record is stored
     * @param onFatal called with the reason when one of them cannot be
     */
    void deliver(List<PutRecord> records, Runnable onStored, Consumer<Exception> onFatal) {
        Request request = new Request(records, onStored, onFatal);
        requests.add(request);
        request.send();
    }

    /** Requests that wait for an answer or for their next attempt. */
    int requestsInFlight() {
        return requests.size();
    }

    /** Gives up all requests; none of their callbacks will be called any more. */
    void close() {
        closed = true;
        requests.forEach(Request::cancelTimer);
        requests.clear();
    }

    private void toMailbox(Runnable answer) {
        try {
            mailbox.execute(answer::run, "Judge the answer to a PutRecords request");
        } catch (RejectedExecutionException e) {
            // The task has ended, so there is neither a checkpoint nor a record that waits for it.
            LOG.debug("An answer from stream {} came after the end of its task.", stream, e);
        }
    }

    /** The records of one request that are not stored yet, and how often they were sent. */
    private final class Request {

        private final Runnable onStored;
        private final Consumer<Exception> onFatal;
        private final long startNanos = nanoTime.getAsLong();
        private List<PutRecord> pending;
        private int retries;
        private int malformedAnswers;
        @Nullable private ScheduledFuture<?> timer;

        Request(List<PutRecord> records, Runnable onStored, Consumer<Exception> onFatal) {
            this.pending = records;
            this.onStored = onStored;
            this.onFatal = onFatal;
        }

        void send() {
            // Nobody waits for the dependent stage: the callback reports everything itself.
            var unused =
                    client.putRecords(stream, pending)
                            .whenComplete(
                                    (results, error) -> toMailbox(() -> judge(results, error)));
        }

        private void judge(@Nullable List<PutResult> results, @Nullable Throwable error) {
            if (closed) {
                return;
            }
            if (error != null) {
                judgeFailure(error);
            } else {
                judgeResults(results);
            }
        }

        private void judgeFailure(Throwable error) {
            metrics.sendFailed(pending.size());
            if (!(error instanceof V3ioException e && e.kind().isTransient())) {
                fail(SinkErrors.requestRefused(stream, pending, error));
            } else if (e.kind() == V3ioException.Kind.MALFORMED_RESPONSE
                    && ++malformedAnswers > MAX_REPEATS_AFTER_MALFORMED_ANSWERS) {
                fail(SinkErrors.notUnderstood(stream, pending, malformedAnswers, e));
            } else {
                sendAgain(pending, e.getMessage(), e);
            }
        }

        private void judgeResults(List<PutResult> results) {
            if (results.size() != pending.size()) {
                fail(SinkErrors.resultsMismatch(stream, pending.size(), results.size()));
                return;
            }
            List<PutRecord> failed = new ArrayList<>();
            PutResult.Failed first = null;
            for (int i = 0; i < results.size(); i++) {
                if (results.get(i) instanceof PutResult.Failed failure) {
                    PutRecord record = pending.get(i);
                    if (!RecordErrors.isTransient(failure.errorMessage())) {
                        metrics.sendFailed(failed.size() + 1);
                        fail(SinkErrors.recordRefused(stream, record, failure));
                        return;
                    }
                    first = first == null ? failure : first;
                    failed.add(record);
                }
            }
            if (first == null) {
                requests.remove(this);
                onStored.run();
                return;
            }
            metrics.sendFailed(failed.size());
            sendAgain(failed, first.errorMessage() + " (" + first.errorCode() + ")", null);
        }

        private void sendAgain(
                List<PutRecord> failed, String reason, @Nullable V3ioException cause) {
            Duration elapsed = Duration.ofNanos(nanoTime.getAsLong() - startNanos);
            Duration wanted =
                    cause == null ? Duration.ZERO : cause.retryAfter().orElse(Duration.ZERO);
            OptionalLong delay = backoff.nextDelayMillis(retries, elapsed, wanted);
            if (delay.isEmpty()) {
                fail(SinkErrors.givenUp(stream, failed, retries + 1, elapsed, reason, cause));
                return;
            }
            if (logThrottle.permit()) {
                LOG.warn(
                        "Stream {}: {} of {} records were not stored by attempt {}, sending them"
                                + " again in {} ms: {} ({} such warnings held back.)",
                        stream,
                        failed.size(),
                        pending.size(),
                        retries + 1,
                        delay.getAsLong(),
                        reason,
                        logThrottle.suppressed());
            }
            pending = failed;
            retries++;
            timer =
                    timers.registerTimer(
                            timers.getCurrentProcessingTime() + delay.getAsLong(),
                            time -> {
                                timer = null;
                                if (!closed) {
                                    metrics.sentAgain(pending.size());
                                    send();
                                }
                            });
        }

        private void fail(IOException reason) {
            requests.remove(this);
            onFatal.accept(reason);
        }

        private void cancelTimer() {
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }
}

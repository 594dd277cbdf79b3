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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
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
 * <p>Each stream has a {@link RecordQueue}, which says what the next request may hold; the {@link
 * CongestionControl} says when it may be sent. Repetitions go before new requests.
 *
 * <p>Good answers are judged on the I/O thread that brings them, and this thread also sends what
 * may be sent next. A task that has much else to do does not hold up the requests then, and with an
 * {@link OrderedQueue}, where a key's next record waits for the answer to its last one, two changes
 * of thread for each request would cost as much time as the server takes. All else belongs to the
 * mailbox thread: whatever went wrong, the code of users, and waiting. What both need is guarded by
 * a lock, which nobody holds for longer than it takes to choose or to settle the records of one
 * request.
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

    /** Mailbox thread only, as is the number of batches. */
    private final Map<StreamPath, Destination> destinations = new LinkedHashMap<>();

    private int batches;

    /** Guards all that follows, the queues of the destinations, and the open batches. */
    private final Object lock = new Object();

    /** The destinations in the order in which they are served; the first one is next. */
    private final ArrayDeque<Destination> turns = new ArrayDeque<>();

    private final Set<Request> requests = new HashSet<>();
    private final Queue<Request> repetitions = new ArrayDeque<>();
    private int sending;
    private boolean waitingForResume;
    private boolean ended;

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
        synchronized (lock) {
            byDestination.forEach(Destination::add);
        }
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
        synchronized (lock) {
            turns.add(added);
        }
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
        synchronized (lock) {
            return requests.size();
        }
    }

    /** Whether there are batches whose end was not told yet. */
    boolean isBusy() {
        return batches > 0;
    }

    /** Gives up everything; nothing will be called any more. */
    void close() {
        synchronized (lock) {
            ended = true;
            requests.clear();
            repetitions.clear();
        }
        calls.close();
    }

    private void fail(Exception reason) {
        synchronized (lock) {
            if (ended) {
                return;
            }
            ended = true;
        }
        onFatal.accept(reason);
    }

    /** On any thread. */
    private void sendWhatMay() {
        for (Request next = nextRequest(); next != null; next = nextRequest()) {
            next.send();
        }
    }

    /** What is to be sent now; null if nothing is, or if nothing may. */
    @Nullable
    private Request nextRequest() {
        synchronized (lock) {
            if (ended || sending >= congestion.limit() || isPaused()) {
                return null;
            }
            Request next = repetitions.poll();
            if (next == null) {
                next = newRequest();
            }
            if (next != null) {
                next.begin();
            }
            return next;
        }
    }

    private boolean isPaused() {
        boolean paused = congestion.pauseMillis() > 0;
        if (paused && !waitingForResume) {
            waitingForResume = true;
            calls.run(() -> calls.runLater(congestion.pauseMillis(), this::resume));
        }
        return paused;
    }

    private void resume() {
        synchronized (lock) {
            waitingForResume = false;
        }
        sendWhatMay();
    }

    @Nullable
    private Request newRequest() {
        // Those that wait for their next attempt hold their places.
        if (requests.size() >= congestion.limit()) {
            return null;
        }
        for (int i = 0; i < turns.size(); i++) {
            Destination destination = turns.remove();
            turns.add(destination);
            List<PendingRecord> records = destination.poll();
            if (!records.isEmpty()) {
                Request request = new Request(destination, records);
                requests.add(request);
                return request;
            }
        }
        return null;
    }

    /**
     * The records of one request that are not stored yet, and how often they were sent. Belongs to
     * the thread that sends it, and then to the one that judges its answer.
     */
    private final class Request {

        private final Destination destination;
        private final StreamPath stream;
        private List<PendingRecord> pending;
        private int attempts;
        private int malformedAnswers;
        private long startNanos;
        private long sentNanos;

        Request(Destination destination, List<PendingRecord> records) {
            this.destination = destination;
            this.stream = destination.stream();
            this.pending = records;
        }

        /** Under the lock, like {@link #end}. */
        void begin() {
            sentNanos = System.nanoTime();
            if (attempts == 0) {
                startNanos = sentNanos;
                long bytes = 0;
                for (PendingRecord record : pending) {
                    bytes += record.sizeBytes();
                }
                metrics.requestSent(pending.size(), bytes);
            } else {
                metrics.sentAgain(pending.size());
            }
            attempts++;
            sending++;
            destination.sent();
        }

        private void end() {
            sending--;
            destination.answered();
        }

        void send() {
            calls.whenAnsweredAnywhere(client.putRecords(stream, records()), this::answered);
        }

        private List<PutRecord> records() {
            return destination.route(pending);
        }

        private void answered(@Nullable List<PutResult> results, @Nullable Throwable error) {
            if (error == null && RequestOutcome.isAllStored(pending, results)) {
                allStored();
                sendWhatMay();
            } else {
                calls.run(() -> judge(results, error));
            }
        }

        private void allStored() {
            synchronized (lock) {
                if (ended) {
                    return;
                }
                end();
                settle(pending);
                congestion.served(sentNanos);
                requests.remove(this);
            }
        }

        private void settle(List<PendingRecord> stored) {
            for (PendingRecord record : stored) {
                destination.settled(record);
                record.batch().recordDone();
            }
        }

        private void judge(@Nullable List<PutResult> results, @Nullable Throwable error) {
            synchronized (lock) {
                if (ended) {
                    return;
                }
                end();
            }
            if (error != null) {
                judgeFailure(error);
            } else {
                judgeResults(results);
            }
            sendWhatMay();
        }

        private void judgeFailure(Throwable error) {
            metrics.sendFailed(pending.size());
            if (!(error instanceof V3ioException e && e.kind().isTransient())) {
                fail(SinkErrors.requestRefused(stream, records(), error));
            } else if (e.kind() == V3ioException.Kind.MALFORMED_RESPONSE
                    && ++malformedAnswers > MAX_REPEATS_AFTER_MALFORMED_ANSWERS) {
                fail(SinkErrors.notUnderstood(stream, records(), malformedAnswers, e));
            } else {
                sendAgain(pending, SendFailure.of(e), e.getMessage(), e);
            }
        }

        private void judgeResults(List<PutResult> results) {
            if (results.size() != pending.size()) {
                fail(SinkErrors.resultsMismatch(stream, pending.size(), results.size()));
                return;
            }
            RequestOutcome outcome = RequestOutcome.of(pending, results, destination);
            synchronized (lock) {
                settle(outcome.stored());
            }
            for (RequestOutcome.Refused refused : outcome.refused()) {
                metrics.sendFailed(1);
                if (!giveUp(refused.record(), refused.refusal())) {
                    return;
                }
            }
            if (outcome.failure() != SendFailure.THROTTLED) {
                congestion.served(sentNanos);
            }
            List<PendingRecord> failed = outcome.failed();
            if (failed.isEmpty()) {
                synchronized (lock) {
                    requests.remove(this);
                }
            } else {
                metrics.sendFailed(failed.size());
                sendAgain(failed, outcome.failure(), outcome.reason(), null);
            }
        }

        /**
         * The server refuses this record for itself, and would do so again.
         *
         * @return false if the job fails because of it
         */
        private boolean giveUp(PendingRecord record, PutResult.Failed refusal) {
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
                synchronized (lock) {
                    settle(List.of(record));
                }
                return true;
            }
            // It takes the place in the batch, so that a checkpoint waits for it.
            PendingRecord instead = pending(substitute.get(), record.batch());
            Destination deadLetters = destination(substitute.get().stream());
            synchronized (lock) {
                destination.settled(record);
                deadLetters.add(List.of(instead));
            }
            return true;
        }

        private void sendAgain(
                List<PendingRecord> failed,
                SendFailure failure,
                String reason,
                @Nullable V3ioException cause) {
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            Duration wanted =
                    cause == null ? Duration.ZERO : cause.retryAfter().orElse(Duration.ZERO);
            OptionalLong delay = backoff.nextDelayMillis(attempts - 1, elapsed, wanted);
            int tried = pending.size();
            pending = failed;
            if (delay.isEmpty()) {
                fail(SinkErrors.givenUp(stream, records(), attempts, elapsed, reason, cause));
                return;
            }
            long delayMillis = delay.getAsLong();
            if (failure == SendFailure.THROTTLED) {
                // The pause is everybody's, and takes the place of this request's own wait.
                congestion.throttled(sentNanos, wanted.isZero() ? 0 : delayMillis);
                delayMillis = congestion.pauseMillis();
                repeat();
            } else {
                calls.runLater(
                        delayMillis,
                        () -> {
                            repeat();
                            sendWhatMay();
                        });
            }
            metrics.willBeSentAgain(failure);
            if (logThrottle.permit()) {
                LOG.warn(
                        "Stream {}: {} of {} records were not stored by attempt {}, sending them"
                                + " again in {} ms: {} ({} such warnings held back.)",
                        stream,
                        failed.size(),
                        tried,
                        attempts,
                        delayMillis,
                        reason,
                        logThrottle.suppressed());
            }
        }

        private void repeat() {
            synchronized (lock) {
                repetitions.add(this);
            }
        }
    }
}

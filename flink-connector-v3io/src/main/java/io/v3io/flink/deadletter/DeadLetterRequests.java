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

package io.v3io.flink.deadletter;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.V3ioLimits;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Sends dead letters, one request after the other, and repeats what fails as long as the retry
 * policy allows. A request whose fate is unknown is sent again, so that a dead letter may be stored
 * twice.
 *
 * <p>Used by the task's main thread, the client's I/O threads, which judge the answers, and a timer
 * of its own.
 */
final class DeadLetterRequests implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterRequests.class);

    private static final long MAX_REQUEST_BYTES = 4L * 1024 * 1024;

    /** A server that stores records and answers nonsense would store them with each repetition. */
    private static final int MAX_MALFORMED_ANSWERS = 3;

    private final V3ioClient client;
    private final DeadLetterSettings settings;
    private final PendingDeadLetters pending;
    private final Consumer<String> onGivenUp;

    /** What the request under way, or the next one, holds; empty for none. */
    @GuardedBy("this")
    private List<PutRecord> sent = List.of();

    /** Halved for good when a gateway takes no request of the size. */
    @GuardedBy("this")
    private long maxRequestBytes = MAX_REQUEST_BYTES;

    /** Halved to find the one record that is refused, and doubled with each success. */
    @GuardedBy("this")
    private int maxRecords = V3ioLimits.MAX_PUT_RECORDS;

    @GuardedBy("this")
    private int attempts;

    @GuardedBy("this")
    private int malformedAnswers;

    /** When the request under way was begun, or some of its records were stored. */
    @GuardedBy("this")
    private long startNanos;

    @GuardedBy("this")
    private long failedAttempts;

    /** Made when something has to wait. */
    @GuardedBy("this")
    @Nullable
    private ScheduledExecutorService timer;

    /**
     * None is under way; the client stays the caller's.
     *
     * @param onGivenUp is told once or more, on any thread, why no more can be stored
     */
    DeadLetterRequests(
            V3ioClient client,
            DeadLetterSettings settings,
            PendingDeadLetters pending,
            Consumer<String> onGivenUp) {
        this.client = client;
        this.settings = settings;
        this.pending = pending;
        this.onGivenUp = onGivenUp;
    }

    /** Begins with what is pending, unless a request is under way: its answer begins the next. */
    void begin() {
        List<PutRecord> next;
        synchronized (this) {
            if (!sent.isEmpty()) {
                return;
            }
            next = takeNext();
        }
        send(next);
    }

    /** What it returns is the caller's alone to send: nobody else may read it from the field. */
    @GuardedBy("this")
    private List<PutRecord> takeNext() {
        sent = pending.take(maxRecords, maxRequestBytes);
        attempts = 0;
        malformedAnswers = 0;
        startNanos = System.nanoTime();
        return sent;
    }

    private void send(List<PutRecord> records) {
        synchronized (this) {
            if (records.isEmpty() || pending.hasEnded()) {
                return;
            }
            attempts++;
        }
        CompletableFuture<List<PutResult>> unused =
                client.putRecords(settings.stream(), records)
                        .whenComplete((results, error) -> answered(records, results, error));
    }

    private void answered(
            List<PutRecord> records, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (pending.hasEnded()) {
            return;
        }
        if (error == null) {
            judge(records, results);
        } else if (!(error instanceof V3ioException e)) {
            onGivenUp.accept(error.toString());
        } else if (records.size() > 1 && mayMeanItsSize(e)) {
            halve(e);
        } else if (!e.kind().isTransient()) {
            onGivenUp.accept(settings.explain(e));
        } else {
            sendAgain(e.getMessage(), e.kind(), e.retryAfter().orElse(Duration.ZERO));
        }
    }

    private static boolean mayMeanItsSize(V3ioException error) {
        return error.kind() == Kind.REQUEST_TOO_LARGE || error.kind() == Kind.INVALID_ARGUMENT;
    }

    /** A smaller request may be taken, or shows the one record that is not. */
    private void halve(V3ioException refusal) {
        List<PutRecord> next;
        synchronized (this) {
            if (refusal.kind() == Kind.REQUEST_TOO_LARGE) {
                maxRequestBytes = sent.stream().mapToLong(PutRecord::encodedSizeBytes).sum() / 2;
            } else {
                maxRecords = Math.max(1, sent.size() / 2);
            }
            pending.giveBack(sent);
            next = takeNext();
        }
        LOG.warn(
                "Dead-letter stream {}: a request was refused as a whole; sending smaller ones: {}",
                settings.stream(),
                refusal.getMessage());
        send(next);
    }

    private void judge(List<PutRecord> records, List<PutResult> results) {
        if (results.size() != records.size()) {
            onGivenUp.accept(results.size() + " results came for " + records.size() + " records.");
            return;
        }
        List<PutRecord> failed = new ArrayList<>();
        PutResult.Failed last = null;
        long storedBytes = 0;
        for (int i = 0; i < records.size(); i++) {
            if (!(results.get(i) instanceof PutResult.Failed refusal)) {
                storedBytes += records.get(i).encodedSizeBytes();
                continue;
            }
            last = refusal;
            failed.add(records.get(i));
            if (!refusal.kind().isTransient()) {
                onGivenUp.accept(
                        "the server says '"
                                + refusal.errorMessage()
                                + "' ("
                                + refusal.errorCode()
                                + ") of a record with "
                                + records.get(i).data().length
                                + " bytes."
                                + settings.advice(refusal.kind()));
                return;
            }
        }
        settle(failed, records.size() - failed.size());
        pending.stored(records.size() - failed.size(), storedBytes);
        if (last != null) {
            sendAgain(
                    "the server says '" + last.errorMessage() + "' (" + last.errorCode() + ").",
                    last.kind(),
                    Duration.ZERO);
        }
    }

    /** What is not stored is sent again before anything else. */
    private void settle(List<PutRecord> failed, int storedRecords) {
        synchronized (this) {
            sent = failed;
            if (storedRecords > 0) {
                startNanos = System.nanoTime();
                attempts = 1;
                malformedAnswers = 0;
                maxRecords = Math.min(V3ioLimits.MAX_PUT_RECORDS, 2 * maxRecords);
            }
        }
        if (failed.isEmpty()) {
            begin();
        }
    }

    private void sendAgain(String reason, Kind kind, Duration retryAfter) {
        String givenUp;
        synchronized (this) {
            if (pending.hasEnded()) {
                return;
            }
            failedAttempts++;
            Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
            Optional<Duration> delay =
                    settings.retryPolicy()
                            .nextDelay(
                                    attempts - 1,
                                    elapsed,
                                    retryAfter,
                                    ThreadLocalRandom.current().nextDouble());
            boolean isNonsense =
                    kind == Kind.MALFORMED_RESPONSE && ++malformedAnswers >= MAX_MALFORMED_ANSWERS;
            if (delay.isPresent() && !isNonsense) {
                if (Long.bitCount(failedAttempts) == 1) {
                    LOG.warn(
                            "Dead-letter stream {}: {} records are sent again; {} failed attempts"
                                    + " so far: {}",
                            settings.stream(),
                            sent.size(),
                            failedAttempts,
                            reason);
                }
                List<PutRecord> again = sent;
                var unused =
                        timer().schedule(
                                        () -> send(again),
                                        delay.get().toMillis(),
                                        TimeUnit.MILLISECONDS);
                return;
            }
            givenUp =
                    "given up after "
                            + attempts
                            + " attempts in "
                            + elapsed.toMillis()
                            + " ms. The last one: "
                            + reason;
        }
        onGivenUp.accept(givenUp);
    }

    @GuardedBy("this")
    private ScheduledExecutorService timer() {
        if (timer == null) {
            timer =
                    Executors.newSingleThreadScheduledExecutor(
                            action -> {
                                Thread thread = new Thread(action, "v3io-dead-letters");
                                thread.setDaemon(true);
                                return thread;
                            });
        }
        return timer;
    }

    /** Sends and repeats nothing more. */
    @Override
    public synchronized void close() {
        // Under this lock, so that no timer is made after it.
        pending.close();
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}

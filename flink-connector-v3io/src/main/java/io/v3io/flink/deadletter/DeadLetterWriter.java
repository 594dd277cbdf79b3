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
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.client.model.V3ioLimits;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Stores dead letters, at least once, one request after the other. Whoever adds them must stop when
 * there is no {@link #hasRoom room}, and {@link #awaitStored wait} at a snapshot: a position in a
 * checkpoint then never passes a record whose dead letter is not stored. A request whose fate is
 * unknown is sent again, so that a dead letter may be stored twice.
 *
 * <p>Used by the task's main thread; answers are judged on the client's I/O threads. Futures that
 * others wait for are completed without the lock.
 */
@Internal
public final class DeadLetterWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);

    /** JSON of records that wait or are under way; one more record may come on top. */
    public static final long MAX_PENDING_BYTES = 16L * 1024 * 1024;

    private static final long MAX_REQUEST_BYTES = 4L * 1024 * 1024;

    private static final int MAX_REASON_CHARS = 2_000;

    /** A server that stores records and answers nonsense would store them with each repetition. */
    private static final int MAX_MALFORMED_ANSWERS = 3;

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    /** Is told how much there is; called on any thread, one call at a time. */
    public interface Progress {

        /** So many more records are stored in the dead-letter stream. */
        void deadLettersStored(int records);

        /** So many bytes of JSON are not stored yet. */
        void deadLettersPending(long bytes);
    }

    private final V3ioClient client;
    private final DeadLetterSettings settings;
    private final Progress progress;
    private volatile Runnable onFailure = () -> {};
    private boolean isChecked;

    @GuardedBy("this")
    private final Deque<PutRecord> waiting = new ArrayDeque<>();

    /** What the request under way, or the next one, holds; empty for none. */
    @GuardedBy("this")
    private List<PutRecord> sent = List.of();

    @GuardedBy("this")
    private long pendingBytes;

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

    /** When something was stored. */
    @GuardedBy("this")
    private long progressNanos;

    @GuardedBy("this")
    private long failedAttempts;

    @GuardedBy("this")
    private long timesFull;

    @GuardedBy("this")
    private CompletableFuture<Void> room = DONE;

    @GuardedBy("this")
    private CompletableFuture<Void> stored = DONE;

    @GuardedBy("this")
    @Nullable
    private String failure;

    @GuardedBy("this")
    private boolean closed;

    /** Made when something has to wait. */
    @GuardedBy("this")
    @Nullable
    private ScheduledExecutorService timer;

    /** A writer that has nothing to write; the client stays the caller's. */
    public DeadLetterWriter(V3ioClient client, DeadLetterSettings settings, Progress progress) {
        this.client = client;
        this.settings = settings;
        this.progress = progress;
    }

    /** Calls this once, on any thread, when nothing is stored any more. */
    public void onFailure(Runnable action) {
        onFailure = action;
    }

    /**
     * A dead letter that is read cannot be decoded either, and would make another one for ever.
     *
     * @throws IllegalStateException if this is the stream of the dead letters
     */
    public void refuseToRead(StreamPath stream) {
        if (stream.equals(settings.stream())) {
            throw new IllegalStateException(
                    "Stream "
                            + stream
                            + " is read, as the checkpoint says, and is to take the dead letters, too."
                            + " Correct "
                            + settings.setting()
                            + ", or drop the stream from the checkpoint (setOnUnsubscribedStream, in"
                            + " SQL 'scan.on-unsubscribed-stream' = 'drop').");
        }
    }

    /**
     * Looks once whether the stream is there, so that a mistake is seen before the first dead
     * letter.
     */
    public void checkStream() {
        if (isChecked) {
            return;
        }
        isChecked = true;
        CompletableFuture<StreamDescription> unused =
                client.describeStream(settings.stream())
                        .whenComplete(
                                (description, error) -> {
                                    if (error instanceof V3ioException e
                                            && (e.kind() == Kind.NOT_FOUND
                                                    || e.kind() == Kind.NOT_A_STREAM)) {
                                        fail(told(e));
                                    }
                                });
    }

    /**
     * Takes a record that could not be decoded.
     *
     * @param error why
     * @throws IOException if nothing can be stored any more
     */
    public void add(StreamRecord record, Throwable error) throws IOException {
        String reason = client.withoutSecrets(words(error), MAX_REASON_CHARS);
        List<PutRecord> letter =
                DeadLetterEncoder.encode(
                        settings.endpoint(), record, error.getClass().getName(), reason);
        boolean isIdle;
        synchronized (this) {
            throwIfFailed();
            isIdle = sent.isEmpty();
            waiting.addAll(letter);
            letter.forEach(part -> pendingBytes += part.encodedSizeBytes());
            if (stored.isDone()) {
                stored = new CompletableFuture<>();
            }
            if (!hasRoom() && room.isDone()) {
                room = new CompletableFuture<>();
                timesFull++;
                if (Long.bitCount(timesFull) == 1) {
                    LOG.warn(
                            "Dead-letter stream {}: {} bytes are not stored yet, so this reader waits,"
                                    + " for the {}. time. To withIdleness it looks idle meanwhile.",
                            settings.stream(),
                            pendingBytes,
                            timesFull);
                }
            }
            progress.deadLettersPending(pendingBytes);
            if (isIdle) {
                takeNext();
            }
        }
        if (isIdle) {
            send();
        }
    }

    /** What an error and its causes say, each once. */
    private static String words(Throwable error) {
        StringBuilder words = new StringBuilder();
        int depth = 0;
        for (Throwable cause = error; cause != null && depth < 20; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            if (words.indexOf(message) < 0) {
                words.append(words.isEmpty() ? "" : " / ").append(message);
            }
            depth++;
        }
        return words.toString();
    }

    /** Whether more may be added. */
    public synchronized boolean hasRoom() {
        return pendingBytes < MAX_PENDING_BYTES;
    }

    /**
     * Done when there is room, or nothing is stored any more. A copy, because Flink completes what
     * a reader gives it when it changes to another reader.
     */
    public synchronized CompletableFuture<Void> room() {
        return room.copy();
    }

    /** Whether all that was added is stored. */
    public synchronized boolean isStored() {
        return failure == null && pendingBytes == 0;
    }

    /** Done when all that was added is stored, or nothing is stored any more; a copy. */
    public synchronized CompletableFuture<Void> stored() {
        return stored.copy();
    }

    /**
     * Waits until all that was added is stored, for as long as there is progress: as the retry
     * policy and one answer allow for each request.
     *
     * @throws IOException if it cannot be stored
     */
    public void awaitStored() throws IOException, InterruptedException {
        long beginNanos = System.nanoTime();
        long limitNanos = settings.limit().toNanos();
        while (true) {
            CompletableFuture<Void> all;
            long left;
            synchronized (this) {
                throwIfFailed();
                if (pendingBytes == 0) {
                    return;
                }
                all = stored;
                long now = System.nanoTime();
                left = limitNanos - Math.min(now - beginNanos, now - progressNanos);
            }
            if (left <= 0) {
                fail("none was stored in " + settings.limit().toSeconds() + " s.");
                continue;
            }
            try {
                all.get(left, TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw new IllegalStateException("This future does not fail.", e);
            } catch (TimeoutException e) {
                // Whether there was progress is looked at above.
            }
        }
    }

    /** Says why nothing can be stored any more, if that is so. */
    public synchronized void throwIfFailed() throws IOException {
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /** Takes as much of what waits as one request holds. */
    @GuardedBy("this")
    private void takeNext() {
        List<PutRecord> next = new ArrayList<>();
        long bytes = 0;
        while (!waiting.isEmpty() && next.size() < maxRecords) {
            bytes += waiting.peek().encodedSizeBytes();
            if (bytes > maxRequestBytes && !next.isEmpty()) {
                break;
            }
            next.add(waiting.poll());
        }
        sent = next;
        attempts = 0;
        malformedAnswers = 0;
        startNanos = System.nanoTime();
    }

    private void send() {
        List<PutRecord> records;
        synchronized (this) {
            if (closed || failure != null) {
                return;
            }
            records = sent;
            attempts++;
        }
        CompletableFuture<List<PutResult>> unused =
                client.putRecords(settings.stream(), records)
                        .whenComplete((results, error) -> answered(records, results, error));
    }

    private void answered(
            List<PutRecord> records, @Nullable List<PutResult> results, @Nullable Throwable error) {
        synchronized (this) {
            if (closed || failure != null) {
                return;
            }
        }
        if (error == null) {
            judge(records, results);
        } else if (!(error instanceof V3ioException e)) {
            fail(error.toString());
        } else if (records.size() > 1 && mayMeanItsSize(e)) {
            halve(e);
        } else if (!e.kind().isTransient()) {
            fail(told(e));
        } else {
            sendAgain(e.getMessage(), e.kind(), e.retryAfter().orElse(Duration.ZERO));
        }
    }

    private static boolean mayMeanItsSize(V3ioException error) {
        return error.kind() == Kind.REQUEST_TOO_LARGE || error.kind() == Kind.INVALID_ARGUMENT;
    }

    /** A smaller request may be taken, or shows the one record that is not. */
    private void halve(V3ioException refusal) {
        synchronized (this) {
            if (refusal.kind() == Kind.REQUEST_TOO_LARGE) {
                maxRequestBytes = sent.stream().mapToLong(PutRecord::encodedSizeBytes).sum() / 2;
            } else {
                maxRecords = Math.max(1, sent.size() / 2);
            }
            for (int i = sent.size() - 1; i >= 0; i--) {
                waiting.addFirst(sent.get(i));
            }
            takeNext();
        }
        LOG.warn(
                "Dead-letter stream {}: a request was refused as a whole; sending smaller ones: {}",
                settings.stream(),
                refusal.getMessage());
        send();
    }

    private void judge(List<PutRecord> records, List<PutResult> results) {
        if (results.size() != records.size()) {
            fail(results.size() + " results came for " + records.size() + " records.");
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
                fail(
                        "the server says '"
                                + refusal.errorMessage()
                                + "' ("
                                + refusal.errorCode()
                                + ") of a record with "
                                + records.get(i).data().length
                                + " bytes."
                                + advice(refusal.kind()));
                return;
            }
        }
        settle(failed, records.size() - failed.size(), storedBytes);
        if (last != null) {
            sendAgain(
                    "the server says '" + last.errorMessage() + "' (" + last.errorCode() + ").",
                    last.kind(),
                    Duration.ZERO);
        }
    }

    /** Some are stored; what is not is sent again before anything else. */
    private void settle(List<PutRecord> failed, int count, long bytes) {
        CompletableFuture<Void> hasRoom = DONE;
        CompletableFuture<Void> allStored = DONE;
        boolean goesOn;
        synchronized (this) {
            sent = failed;
            pendingBytes -= bytes;
            if (count > 0) {
                progressNanos = System.nanoTime();
                startNanos = progressNanos;
                attempts = 1;
                malformedAnswers = 0;
                maxRecords = Math.min(V3ioLimits.MAX_PUT_RECORDS, 2 * maxRecords);
            }
            progress.deadLettersStored(count);
            progress.deadLettersPending(pendingBytes);
            // Taken away before they are completed: what is added in between needs others.
            if (hasRoom()) {
                hasRoom = room;
                room = DONE;
            }
            if (pendingBytes == 0) {
                allStored = stored;
                stored = DONE;
            }
            goesOn = failed.isEmpty() && !waiting.isEmpty();
            if (goesOn) {
                takeNext();
            }
        }
        if (goesOn) {
            send();
        }
        hasRoom.complete(null);
        allStored.complete(null);
    }

    private void sendAgain(String reason, Kind kind, Duration retryAfter) {
        String givenUp;
        synchronized (this) {
            if (closed) {
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
                var unused =
                        timer().schedule(this::send, delay.get().toMillis(), TimeUnit.MILLISECONDS);
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
        fail(givenUp);
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

    private String told(V3ioException error) {
        String advice = advice(error.kind());
        return advice.isEmpty() ? error.getMessage() : error.description() + advice;
    }

    private String advice(Kind kind) {
        return switch (kind) {
            case NOT_FOUND, NOT_A_STREAM ->
                    " Create the stream, or correct " + settings.setting() + ".";
            case PERMISSION_DENIED ->
                    " Check the access key and its right to write to the stream, or correct "
                            + settings.setting()
                            + ".";
            default -> "";
        };
    }

    private void fail(String reason) {
        CompletableFuture<Void> hasRoom;
        CompletableFuture<Void> allStored;
        synchronized (this) {
            if (closed || failure != null) {
                return;
            }
            failure =
                    "Dead letters cannot be stored in stream "
                            + settings.stream()
                            + ": "
                            + reason
                            + " The job fails, because no checkpoint may pass a record whose dead"
                            + " letter is not stored.";
            hasRoom = room;
            allStored = stored;
        }
        hasRoom.complete(null);
        allStored.complete(null);
        onFailure.run();
    }

    /** Gives up what is not stored. Before the client is closed. */
    @Override
    public synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}

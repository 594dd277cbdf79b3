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

package io.v3io.client.http;

import io.v3io.client.V3ioException.Kind;

import org.apache.hc.client5.http.async.AsyncExecRuntime;
import org.apache.hc.core5.concurrent.FutureCallback;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One request on its way to one answer. Whatever happens (answer, error, deadline, cancellation),
 * and in whatever order, its listener hears exactly once.
 *
 * <p>It waits for a connection as long as others are answered that have one, because it is only
 * their number that keeps it waiting; if nobody is answered, it gives up. Then there are two
 * deadlines: to make a connection, if it has to be a new one, and for the whole answer. They run
 * against the clock and not between two reads, so that a server which drips bytes cannot hold a
 * request for ever.
 */
final class Exchange implements FutureCallback<HttpAnswer> {

    /** Hears how an exchange ended, on an I/O thread, the timer's, or the caller's. */
    interface Listener {

        /** Others no longer hold it up, who did so for this long; at most once, before its end. */
        void hasLeftQueue(long waitedNanos);

        void answered(HttpAnswer answer);

        void failed(TransportFailure failure);
    }

    private enum State {
        /** Other requests have all the connections. */
        QUEUED,
        /** A connection is being made for it; no byte of the request can have left. */
        CONNECTING,
        /** The request may have left. */
        SENDING,
        ENDED
    }

    private final Listener listener;
    private final ScheduledExecutorService timer;
    private final Duration connectionTimeout;
    private final Duration responseTimeout;
    private final Progress progress;
    private final long startNanos;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);

    @Nullable private volatile Future<?> running;
    @Nullable private volatile AsyncExecRuntime connection;
    @Nullable private volatile Future<?> deadline;

    /**
     * An exchange before its start.
     *
     * @param connectionTimeout limit for a new connection, and for the time without any answer to
     *     anybody while this one waits for a connection
     * @param responseTimeout limit for the whole answer once there is a connection
     */
    Exchange(
            Listener listener,
            ScheduledExecutorService timer,
            Duration connectionTimeout,
            Duration responseTimeout,
            Progress progress) {
        this.listener = listener;
        this.timer = timer;
        this.connectionTimeout = connectionTimeout;
        this.responseTimeout = responseTimeout;
        this.progress = progress;
        this.startNanos = progress.nowNanos();
    }

    /** Starts to wait for a connection. */
    void await() {
        setDeadline(State.QUEUED, connectionTimeout.toNanos(), this::waitedInQueue);
    }

    private void waitedInQueue() {
        long leftNanos = connectionTimeout.toNanos() - progress.nanosSinceAnswer();
        if (leftNanos > 0) {
            setDeadline(State.QUEUED, leftNanos, this::waitedInQueue);
        } else {
            timedOut(
                    State.QUEUED,
                    "no connection within "
                            + connectionTimeout.toMillis()
                            + " ms: all are in use, and no request got an answer meanwhile",
                    "Check that the server is well; if it is only slow, raise responseTimeout.");
        }
    }

    /** Hands over what can be cancelled. */
    void runs(Future<?> running) {
        this.running = running;
        if (state.get() == State.ENDED) {
            abort();
        }
    }

    /** Called when a connection is going to be made for the request. */
    void connecting() {
        if (state.compareAndSet(State.QUEUED, State.CONNECTING)) {
            listener.hasLeftQueue(progress.nowNanos() - startNanos);
            setDeadline(
                    State.CONNECTING,
                    connectionTimeout.toNanos(),
                    () ->
                            timedOut(
                                    State.CONNECTING,
                                    "no connection within "
                                            + connectionTimeout.toMillis()
                                            + " ms: the server, or the look-up of its name, did"
                                            + " not answer",
                                    TransportFailure.CHECK_SERVER));
        }
    }

    /**
     * Called when the request has its connection, before its first byte leaves.
     *
     * @param connection what holds the connection
     * @throws IOException to keep the request from leaving
     */
    void sending(AsyncExecRuntime connection) throws IOException {
        this.connection = connection;
        if (state.compareAndSet(State.QUEUED, State.SENDING)) {
            listener.hasLeftQueue(progress.nowNanos() - startNanos);
        } else if (!state.compareAndSet(State.CONNECTING, State.SENDING)) {
            throw new IOException("The request was given up, or is sent already.");
        }
        setDeadline(
                State.SENDING,
                responseTimeout.toNanos(),
                () ->
                        timedOut(
                                State.SENDING,
                                "no whole answer within " + responseTimeout.toMillis() + " ms",
                                "If the server is well but slow, raise responseTimeout, or ask for"
                                        + " less at once."));
    }

    /** Gives up. */
    void cancel() {
        if (end(new TransportFailure(Kind.TRANSPORT, false, false, "cancelled", "", null))) {
            abort();
        }
    }

    @Override
    public void completed(HttpAnswer answer) {
        // Told by the collector of the answer, a moment later.
    }

    /** The whole answer is there, and its connection is free again. */
    void answered(HttpAnswer answer) {
        if (state.getAndSet(State.ENDED) != State.ENDED) {
            clearDeadline();
            progress.answered();
            listener.answered(answer);
        }
    }

    @Override
    public void failed(Exception cause) {
        State last = state.getAndSet(State.ENDED);
        if (last != State.ENDED) {
            clearDeadline();
            TransportFailure failure = TransportFailure.of(cause, last == State.SENDING);
            if (failure.hasAnswer()) {
                progress.answered();
            }
            listener.failed(failure);
        }
    }

    @Override
    public void cancelled() {
        // Not by us, or the exchange would have ended: the HTTP client is closing.
        failed(new IOException("The exchange was cancelled."));
    }

    /** Whether nobody waits for the answer any more. */
    boolean hasEnded() {
        return state.get() == State.ENDED;
    }

    private void setDeadline(State expected, long nanos, Runnable timeout) {
        clearDeadline();
        Future<?> scheduled;
        try {
            scheduled = timer.schedule(timeout, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            failed(new IOException("The client is closing.", e));
            abort();
            return;
        }
        deadline = scheduled;
        if (state.get() != expected) {
            scheduled.cancel(false);
        }
    }

    /** A deadline that comes when its state has just passed is none. */
    private void timedOut(State expected, String what, String advice) {
        if (state.compareAndSet(expected, State.ENDED)) {
            listener.failed(
                    new TransportFailure(
                            Kind.TRANSPORT, expected != State.SENDING, true, what, advice, null));
            abort();
        }
    }

    private boolean end(TransportFailure failure) {
        if (state.getAndSet(State.ENDED) == State.ENDED) {
            return false;
        }
        clearDeadline();
        listener.failed(failure);
        return true;
    }

    /**
     * Ends what still runs. The library's own cancellation is not enough: on a connection that is
     * reused it cancels the waiting for the connection, which is over, and not the request.
     */
    private void abort() {
        Future<?> current = running;
        if (current != null) {
            current.cancel(true);
        }
        AsyncExecRuntime held = connection;
        if (held != null) {
            held.discardEndpoint();
        }
    }

    private void clearDeadline() {
        Future<?> current = deadline;
        if (current != null) {
            current.cancel(false);
        }
    }
}

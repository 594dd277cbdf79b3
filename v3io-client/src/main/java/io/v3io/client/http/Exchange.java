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
import java.util.Arrays;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

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
    private final String responseTimeoutSetting;
    private final Progress progress;
    private final long startNanos;
    private final AtomicReference<Phase> phase = new AtomicReference<>(new Phase(State.QUEUED));

    @Nullable private volatile Future<?> running;
    @Nullable private volatile AsyncExecRuntime connection;
    @Nullable private volatile Supplier<HttpAnswer> refusal;

    /**
     * A state with its own deadline. Whoever leaves the state ends the deadline with it, so that no
     * thread can end, or forget, the one of another state.
     */
    private final class Phase {

        private final State state;

        // Guarded by this.
        @Nullable private Future<?> deadline;
        private boolean isLeft;

        Phase(State state) {
            this.state = state;
        }

        void setDeadline(long nanos, Runnable timeout) {
            try {
                synchronized (this) {
                    if (!isLeft) {
                        deadline = timer.schedule(timeout, nanos, TimeUnit.NANOSECONDS);
                    }
                }
            } catch (RejectedExecutionException e) {
                failed(new IOException("The client is closing.", e));
                abort();
            }
        }

        synchronized void leave() {
            isLeft = true;
            if (deadline != null) {
                deadline.cancel(false);
            }
        }
    }

    /**
     * Makes an exchange that has not started yet.
     *
     * @param connectionTimeout limit for a new connection, and for the time without any answer to
     *     anybody while this one waits for a connection
     * @param responseTimeout limit for the whole answer once there is a connection
     * @param responseTimeoutSetting what that setting is called
     */
    Exchange(
            Listener listener,
            ScheduledExecutorService timer,
            Duration connectionTimeout,
            Duration responseTimeout,
            String responseTimeoutSetting,
            Progress progress) {
        this.listener = listener;
        this.timer = timer;
        this.connectionTimeout = connectionTimeout;
        this.responseTimeout = responseTimeout;
        this.responseTimeoutSetting = responseTimeoutSetting;
        this.progress = progress;
        this.startNanos = progress.nowNanos();
    }

    /** Starts to wait for a connection. */
    void await() {
        Phase current = phase.get();
        if (current.state == State.QUEUED) {
            setQueueDeadline(current, connectionTimeout.toNanos());
        }
    }

    private void setQueueDeadline(Phase queued, long nanos) {
        queued.setDeadline(nanos, () -> waitedInQueue(queued));
    }

    private void waitedInQueue(Phase queued) {
        long leftNanos = connectionTimeout.toNanos() - progress.nanosSinceAnswer();
        if (leftNanos > 0) {
            setQueueDeadline(queued, leftNanos);
        } else {
            timedOut(
                    queued,
                    "no connection within "
                            + connectionTimeout.toMillis()
                            + " ms: all are in use, and no request got an answer meanwhile",
                    "Check that the server is well; if it is only slow, raise "
                            + responseTimeoutSetting
                            + ".");
        }
    }

    /** Goes from one of these states to the next; null if it is in another one. */
    @Nullable
    private Phase enter(State next, State... from) {
        Phase current = phase.get();
        while (Arrays.asList(from).contains(current.state)) {
            Phase entered = new Phase(next);
            if (phase.compareAndSet(current, entered)) {
                current.leave();
                if (current.state == State.QUEUED) {
                    listener.hasLeftQueue(progress.nowNanos() - startNanos);
                }
                return entered;
            }
            current = phase.get();
        }
        return null;
    }

    /** Ends it in whatever state it is; that state, or null if it had ended. */
    @Nullable
    private State end() {
        Phase last = phase.getAndSet(new Phase(State.ENDED));
        last.leave();
        return last.state == State.ENDED ? null : last.state;
    }

    /** Hands over what can be cancelled. */
    void runs(Future<?> running) {
        this.running = running;
        if (hasEnded()) {
            abort();
        }
    }

    /** Called when a connection is going to be made for the request. */
    void connecting() {
        Phase connecting = enter(State.CONNECTING, State.QUEUED);
        if (connecting != null) {
            connecting.setDeadline(
                    connectionTimeout.toNanos(),
                    () ->
                            timedOut(
                                    connecting,
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
        Phase sending = enter(State.SENDING, State.QUEUED, State.CONNECTING);
        if (sending == null) {
            throw new IOException("The request was given up, or is sent already.");
        }
        sending.setDeadline(
                responseTimeout.toNanos(),
                () ->
                        timedOut(
                                sending,
                                "no whole answer within " + responseTimeout.toMillis() + " ms",
                                "If the server is well but slow, raise "
                                        + responseTimeoutSetting
                                        + ", or ask for less at once."));
    }

    /** Whether the request may have left; before that, nobody but a proxy can answer. */
    boolean isSending() {
        return phase.get().state == State.SENDING;
    }

    /** The server refuses: whatever happens to the rest of its answer, its status is known. */
    void refused(Supplier<HttpAnswer> soFar) {
        refusal = soFar;
    }

    /** Gives up and tells the listener, unless it has ended. */
    void cancel() {
        if (end() != null) {
            listener.failed(
                    new TransportFailure(Kind.TRANSPORT, false, false, "cancelled", "", "", null));
            abort();
        }
    }

    @Override
    public void completed(HttpAnswer answer) {
        // Told by the collector of the answer, a moment later.
    }

    /** The whole answer is there, and its connection is free again. */
    void answered(HttpAnswer answer) {
        if (end() != null) {
            progress.answered();
            listener.answered(answer);
        }
    }

    @Override
    public void failed(Exception cause) {
        State last = end();
        if (last == null || hasToldRefusal()) {
            return;
        }
        TransportFailure failure = TransportFailure.of(cause, last == State.SENDING);
        if (failure.hasAnswer()) {
            progress.answered();
        }
        listener.failed(failure);
    }

    private boolean hasToldRefusal() {
        Supplier<HttpAnswer> soFar = refusal;
        if (soFar == null) {
            return false;
        }
        progress.answered();
        listener.answered(soFar.get());
        return true;
    }

    @Override
    public void cancelled() {
        // Not by us, or the exchange would have ended: the HTTP client is closing.
        failed(new IOException("The exchange was cancelled."));
    }

    /** Whether nobody waits for the answer any more. */
    boolean hasEnded() {
        return phase.get().state == State.ENDED;
    }

    /** A deadline that comes when its state has just passed is none. */
    private void timedOut(Phase expected, String what, String advice) {
        if (phase.compareAndSet(expected, new Phase(State.ENDED))) {
            expected.leave();
            if (!hasToldRefusal()) {
                listener.failed(
                        new TransportFailure(
                                Kind.TRANSPORT,
                                expected.state != State.SENDING,
                                true,
                                what,
                                "",
                                advice,
                                null));
            }
            abort();
        }
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
}

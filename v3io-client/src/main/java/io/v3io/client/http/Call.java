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

import io.v3io.client.AnswerAdmission;
import io.v3io.client.Operation;
import io.v3io.client.V3ioException;
import io.v3io.client.wire.AnswerDecoder;
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.MalformedAnswerException;
import io.v3io.client.wire.SmallAnswers;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Runs one operation with its repetitions. Its steps run one after another, on I/O threads and the
 * timer's.
 */
final class Call<T> implements Exchange.Listener {

    private final CallRunner runner;
    private final ApiRequest request;
    private final AnswerDecoder<T> decoder;
    @Nullable private final V3ioException.Kind expected;
    @Nullable private final Supplier<T> valueOfExpected;
    @Nullable private final AttemptAdmissions admissions;
    private final long startNanos;

    final CompletableFuture<T> result = new CompletableFuture<>();
    private final AtomicBoolean hasFailed = new AtomicBoolean();

    // Written before an exchange starts or a repetition is scheduled, read after it: in order.
    private Secret secret;
    private int steps;
    private int attempts;
    private int retries;
    private boolean hasTriedNewSecret;
    private long queuedNanos;

    private final CurrentStep current = new CurrentStep();

    Call(
            CallRunner runner,
            ApiRequest request,
            AnswerDecoder<T> decoder,
            @Nullable V3ioException.Kind expected,
            @Nullable Supplier<T> valueOfExpected,
            @Nullable AttemptAdmissions admissions) {
        this.runner = runner;
        this.request = request;
        this.startNanos = runner.time.nanos().getAsLong();
        this.secret = runner.authentication.current();
        this.decoder = decoder;
        this.expected = expected;
        this.valueOfExpected = valueOfExpected;
        this.admissions = admissions;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the release cannot fail
    void start() {
        runner.running.add(this);
        // However it ends, also by the caller's hand: nothing of it remains.
        result.whenComplete((value, error) -> release());
        Throwable fault = runner.broken;
        if (runner.closed) {
            closed();
        } else if (fault != null) {
            failByFault(fault);
        } else {
            attemptSafely();
        }
    }

    private void attemptSafely() {
        try {
            attempt();
        } catch (RuntimeException | Error e) {
            failByFault(e);
        }
    }

    /** A future that never ends would be worse than an error of our own making. */
    void failByFault(Throwable fault) {
        try {
            fail(runner.failures.ofBug(request, fault));
        } catch (RuntimeException | Error e) {
            // There is no memory left for words.
            result.completeExceptionally(fault);
        }
    }

    void closed() {
        fail(runner.failures.closed(request));
    }

    private void release() {
        runner.running.remove(this);
        current.cancel();
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        attempts++;
        runner.redaction.add(secret);
        // Taken before the request leaves: what follows it may have begun when send returns.
        int step = ++steps;
        runner.counters.requestStarted(attempts > 1);
        AnswerAdmission admission = admissions == null ? null : admissions.next();
        noteStep(step, runner.transport.send(request, secret, admission, this)::cancel);
    }

    private void noteStep(int step, Runnable cancellation) {
        current.note(step, cancellation);
        if (result.isDone()) {
            cancellation.run();
        }
    }

    @Override
    public void hasLeftQueue(long waitedNanos) {
        queuedNanos += waitedNanos;
    }

    @Override
    public void answered(HttpAnswer answer) {
        runner.counters.requestEnded();
        if (result.isDone()) {
            return;
        }
        try {
            if (answer.isSuccess()) {
                succeed(answer);
            } else {
                refused(answer);
            }
        } catch (RuntimeException | Error e) {
            failByFault(e);
        }
    }

    @Override
    public void failed(TransportFailure failure) {
        runner.counters.requestEnded();
        if (result.isDone()) {
            return;
        }
        try {
            judge(failure);
        } catch (RuntimeException | Error e) {
            failByFault(e);
        }
    }

    private void judge(TransportFailure failure) {
        V3ioException error = runner.failures.ofTransport(request, failure);
        if (runner.closed) {
            closed();
        } else if (failure.isRepeatable() && (request.isRepeatable() || failure.neverSent())) {
            retryOrFail(error);
        } else {
            failAfterAttempts(error);
        }
    }

    private void succeed(HttpAnswer answer) {
        T value;
        try {
            value = decoder.decode(answer.body(), answer.length());
        } catch (MalformedAnswerException e) {
            V3ioException error = runner.failures.ofMalformed(request, answer, e);
            if (request.isRepeatable() && error.kind().isTransient()) {
                retryOrFail(error);
            } else {
                failAfterAttempts(error);
            }
            return;
        }
        if (attempts > 1) {
            runner.retryLog.succeeded();
        }
        if (request.body() != null) {
            // First, because whoever hears of the result may want it for the next request.
            request.body().giveBack();
        }
        result.complete(value);
    }

    private void refused(HttpAnswer answer) {
        V3ioException error = runner.failures.ofAnswer(request, answer);
        if (answer.status() == 404
                && error.kind() == V3ioException.Kind.UNAVAILABLE
                && request.existence() != null) {
            confirmAbsence(request.existence(), answer, error);
            return;
        }
        if (error.kind() == expected) {
            result.complete(valueOfExpected.get());
            return;
        }
        switch (error.kind()) {
            case PERMISSION_DENIED -> retryWithNewSecret(error, answer);
            case UNAVAILABLE -> {
                if (request.isRepeatable() || answer.status() == 429) {
                    retryOrFail(error);
                } else {
                    failAfterAttempts(error);
                }
            }
            case TRANSPORT -> {
                if (request.isRepeatable()) {
                    retryOrFail(error);
                } else {
                    failAfterAttempts(error);
                }
            }
            default -> failAfterAttempts(error);
        }
    }

    private void notFound(V3ioException error) {
        if (expected == V3ioException.Kind.NOT_FOUND) {
            result.complete(valueOfExpected.get());
        } else {
            failAfterAttempts(error);
        }
    }

    /**
     * A 404 that the API has perhaps not written is believed if the API says the same. It is asked
     * with its own repetitions; whatever else it answers, the 404 was not its own.
     */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails in it goes to the result
    private void confirmAbsence(
            ApiRequest existence, HttpAnswer answer, V3ioException unconfirmed) {
        AnswerDecoder<?> decoderOfIt =
                existence.operation() == Operation.DESCRIBE_STREAM
                        ? SmallAnswers::description
                        : SmallAnswers::item;
        int step = ++steps;
        CompletableFuture<?> question = runner.run(existence, decoderOfIt);
        noteStep(step, () -> question.cancel(false));
        question.whenComplete(
                (there, error) -> {
                    try {
                        if (runner.closed) {
                            closed();
                        } else if (error instanceof V3ioException e
                                && e.kind() == V3ioException.Kind.NOT_FOUND) {
                            notFound(runner.failures.ofConfirmedAbsence(request, answer));
                        } else {
                            retryOrFail(unconfirmed);
                        }
                    } catch (RuntimeException | Error e) {
                        failByFault(e);
                    }
                });
    }

    /** A refused request was not acted on, so any operation may be sent again. */
    @SuppressWarnings("FutureReturnValueIgnored") // what fails in it goes to the result
    private void retryWithNewSecret(V3ioException error, HttpAnswer answer) {
        CompletableFuture<Secret> look;
        try {
            look = runner.authentication.afterRefusal(secret);
        } catch (RejectedExecutionException e) {
            // Only a closed client has a timer that takes no more.
            closed();
            return;
        }
        look.whenComplete(
                (newest, trouble) -> {
                    try {
                        if (trouble != null) {
                            failByFault(trouble);
                        } else {
                            retryWithNewSecret(newest, error, answer);
                        }
                    } catch (RuntimeException | Error e) {
                        failByFault(e);
                    }
                });
    }

    private void retryWithNewSecret(Secret newest, V3ioException error, HttpAnswer answer) {
        if (hasTriedNewSecret || newest.isSame(secret)) {
            // Worded again: the second look may have found what is wrong with the source.
            failAfterAttempts(
                    newest.isSame(secret) ? runner.failures.ofAnswer(request, answer) : error);
            return;
        }
        hasTriedNewSecret = true;
        secret = newest;
        attempt();
    }

    private void retryOrFail(V3ioException error) {
        Optional<Duration> delay =
                runner.retryPolicy.nextDelay(
                        retries,
                        // Other requests have taken that time, and not this one's failures.
                        Duration.ofNanos(elapsedNanos() - queuedNanos),
                        error.retryAfter().orElse(Duration.ZERO),
                        runner.time.jitter().getAsDouble());
        if (delay.isEmpty()) {
            fail(
                    runner.failures.afterLastAttempt(
                            error,
                            attempts,
                            TimeUnit.NANOSECONDS.toMillis(elapsedNanos()),
                            runner.retryPolicy));
            return;
        }
        retries++;
        runner.retryLog.willRepeat(error, attempts, elapsedNanos() - queuedNanos);
        int step = ++steps;
        Future<?> scheduled;
        try {
            scheduled =
                    runner.timer.schedule(this::retry, delay.get().toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            // Only a closed client has a timer that takes no more.
            closed();
            return;
        }
        noteStep(step, () -> scheduled.cancel(false));
    }

    private void retry() {
        try {
            secret = runner.authentication.current();
            attempt();
        } catch (RuntimeException | Error e) {
            failByFault(e);
        }
    }

    private void failAfterAttempts(V3ioException error) {
        fail(
                Failures.afterAttempts(
                        error, attempts, TimeUnit.NANOSECONDS.toMillis(elapsedNanos())));
    }

    private void fail(V3ioException error) {
        // Counted first: whoever sees the error may look at the counter.
        if (!result.isDone() && hasFailed.compareAndSet(false, true)) {
            runner.counters.failed();
            result.completeExceptionally(error);
        }
    }

    private long elapsedNanos() {
        return runner.time.nanos().getAsLong() - startNanos;
    }
}

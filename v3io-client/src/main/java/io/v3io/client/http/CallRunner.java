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
import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioException;
import io.v3io.client.wire.AnswerDecoder;
import io.v3io.client.wire.ApiRequest;

import javax.annotation.Nullable;

import java.time.Clock;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Runs operations, each with its repetitions, until the client is closed. Thread-safe. */
final class CallRunner {

    final Transport transport;
    final Authentication authentication;
    final Failures failures;
    final Redaction redaction;
    final RetryLog retryLog;
    final ClientCounters counters;
    final RetryPolicy retryPolicy;
    final ScheduledExecutorService timer;
    final Time time;

    final Set<Call<?>> running = ConcurrentHashMap.newKeySet();
    volatile boolean closed;
    @Nullable volatile Throwable broken;

    /**
     * What changes by itself; injected, so that tests own it.
     *
     * @param clock for dates in {@code Retry-After}
     * @param nanos for elapsed time
     * @param jitter uniform in [0, 1)
     */
    record Time(Clock clock, LongSupplier nanos, DoubleSupplier jitter) {}

    CallRunner(
            Transport transport,
            Authentication authentication,
            Failures failures,
            Redaction redaction,
            ClientCounters counters,
            RetryPolicy retryPolicy,
            ScheduledExecutorService timer,
            Time time) {
        this.transport = transport;
        this.authentication = authentication;
        this.failures = failures;
        this.redaction = redaction;
        this.retryLog = new RetryLog(time.nanos());
        this.counters = counters;
        this.retryPolicy = retryPolicy;
        this.timer = timer;
        this.time = time;
    }

    /**
     * Sends a request until there is an answer; fails as {@link io.v3io.client.V3ioClient} says.
     */
    <T> CompletableFuture<T> run(ApiRequest request, AnswerDecoder<T> decoder) {
        return start(new Call<>(this, request, decoder, null, null, null));
    }

    /**
     * As {@link #run(ApiRequest, AnswerDecoder)}.
     *
     * @param admission asked for the memory of the answer
     */
    <T> CompletableFuture<T> runAdmitted(
            ApiRequest request, AnswerDecoder<T> decoder, AnswerAdmission admission) {
        return start(
                new Call<>(this, request, decoder, null, null, new AttemptAdmissions(admission)));
    }

    /**
     * As {@link #run(ApiRequest, AnswerDecoder)}.
     *
     * @param expected an error that is none here
     * @param value what it means
     */
    <T> CompletableFuture<T> run(
            ApiRequest request,
            AnswerDecoder<T> decoder,
            V3ioException.Kind expected,
            Supplier<T> value) {
        return start(new Call<>(this, request, decoder, expected, value, null));
    }

    /** Words what goes wrong, also in operations of several requests. */
    Failures failures() {
        return failures;
    }

    private static <T> CompletableFuture<T> start(Call<T> call) {
        call.start();
        return call.result;
    }

    /** Lets nothing start any more; what fails from now on fails because of that. */
    void startClosing() {
        closed = true;
    }

    /** Fails everything that still runs. */
    void finishClosing() {
        for (Call<?> call : running) {
            call.closed();
        }
    }

    /**
     * An I/O thread has ended by an error, and nobody knows what it has left half-done: what runs
     * may never be answered, so it fails, and so does what starts from now on.
     */
    void ioThreadEnded(Throwable error) {
        broken = error;
        for (Call<?> call : running) {
            call.failByFault(error);
        }
    }
}

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

package io.v3io.client;

import io.v3io.client.annotation.PublicEvolving;

import java.io.Serializable;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * How often and how long transient failures are repeated: exponential back-off with full jitter.
 * Before the n-th repetition the client waits a random time between 0 and {@code min(maxBackoff,
 * initialBackoff * 2^(n-1))}; a {@code Retry-After} of the server raises that, up to what {@code
 * maxElapsed} leaves.
 *
 * @param maxRetries repetitions of one operation at the most, 0 or more
 * @param maxElapsed time from an operation's start after which nothing is repeated, not counting
 *     what it has waited until other requests of its client left it a connection; positive, up to
 *     365 days
 * @param initialBackoff upper bound of the first wait; positive
 * @param maxBackoff upper bound of every wait; at least {@code initialBackoff}, up to 365 days
 */
@PublicEvolving
public record RetryPolicy(
        int maxRetries, Duration maxElapsed, Duration initialBackoff, Duration maxBackoff)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Far beyond any use, and far from an overflow in nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /** Refuses values out of range. */
    public RetryPolicy {
        Objects.requireNonNull(maxElapsed, "maxElapsed");
        Objects.requireNonNull(initialBackoff, "initialBackoff");
        Objects.requireNonNull(maxBackoff, "maxBackoff");
        if (maxRetries < 0) {
            throw new IllegalArgumentException(
                    "maxRetries must be 0 or more, not " + maxRetries + ".");
        }
        requirePositive("maxElapsed", maxElapsed);
        if (maxElapsed.compareTo(LONGEST) > 0 || maxBackoff.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "maxElapsed "
                            + maxElapsed
                            + " and maxBackoff "
                            + maxBackoff
                            + " must not be above "
                            + LONGEST
                            + ".");
        }
        requirePositive("initialBackoff", initialBackoff);
        if (maxBackoff.compareTo(initialBackoff) < 0) {
            throw new IllegalArgumentException(
                    "maxBackoff "
                            + maxBackoff
                            + " must not be below initialBackoff "
                            + initialBackoff
                            + ".");
        }
    }

    /** Up to 10 repetitions within 60 seconds, waiting from 50 ms up to 5 s. */
    public static RetryPolicy defaults() {
        return new RetryPolicy(
                10, Duration.ofSeconds(60), Duration.ofMillis(50), Duration.ofSeconds(5));
    }

    /** Returns the policy that repeats nothing. */
    public static RetryPolicy none() {
        return new RetryPolicy(
                0, Duration.ofSeconds(1), Duration.ofMillis(1), Duration.ofMillis(1));
    }

    /**
     * The wait before the next repetition: a random part of {@link #backoffBound}, but at least
     * what the server asks for, and cut so that it ends within {@link #maxElapsed}.
     *
     * @param retries repetitions until now, 0 or more
     * @param elapsed time since the first attempt began
     * @param retryAfter what the server asks to wait; zero if it does not
     * @param random uniform in [0, 1)
     * @return empty when there is no repetition left, by number or by time
     */
    public Optional<Duration> nextDelay(
            int retries, Duration elapsed, Duration retryAfter, double random) {
        Duration left = maxElapsed.minus(elapsed);
        if (retries >= maxRetries || left.isNegative() || left.isZero()) {
            return Optional.empty();
        }
        Duration jittered = Duration.ofNanos((long) (backoffBound(retries).toNanos() * random));
        Duration wanted = jittered.compareTo(retryAfter) > 0 ? jittered : retryAfter;
        return Optional.of(wanted.compareTo(left) > 0 ? left : wanted);
    }

    /**
     * The upper bound of the wait before the next repetition: {@code min(maxBackoff, initialBackoff
     * * 2^retries)}.
     *
     * @param retries repetitions until now, 0 or more
     */
    public Duration backoffBound(int retries) {
        long initial = initialBackoff.toNanos();
        // Compared before it is multiplied: the product of a late repetition would overflow.
        if (retries >= Long.SIZE - 1 || initial > maxBackoff.toNanos() >> retries) {
            return maxBackoff;
        }
        return Duration.ofNanos(initial << retries);
    }

    private static void requirePositive(String name, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be positive, not " + value + ".");
        }
    }
}

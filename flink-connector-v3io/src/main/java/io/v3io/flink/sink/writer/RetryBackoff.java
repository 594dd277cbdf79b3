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

import io.v3io.client.RetryPolicy;

import org.apache.flink.annotation.Internal;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;

/** The waits of a retry policy with their jitter, in milliseconds as Flink's timers take them. */
@Internal
public final class RetryBackoff {

    private final RetryPolicy policy;
    private final DoubleSupplier jitter;

    /** Takes random numbers, uniform in [0, 1), from jitter. */
    RetryBackoff(RetryPolicy policy, DoubleSupplier jitter) {
        this.policy = policy;
        this.jitter = jitter;
    }

    /**
     * The wait before the next repetition, cut so that it begins within the policy's time.
     *
     * @param retries repetitions until now, 0 or more
     * @param elapsed time since the first attempt began
     * @param wanted what the server asks to wait at least; zero if it does not
     * @return milliseconds; empty when the policy's count or time is used up
     */
    public OptionalLong nextDelayMillis(int retries, Duration elapsed, Duration wanted) {
        // Rounded up: what comes a moment early is refused again.
        Duration wantedMillis = Duration.ofMillis(wanted.plusNanos(999_999).toMillis());
        Optional<Duration> delay =
                policy.nextDelay(retries, elapsed, wantedMillis, jitter.getAsDouble());
        return delay.isEmpty() ? OptionalLong.empty() : OptionalLong.of(delay.get().toMillis());
    }

    /**
     * How long nothing at all is sent after the server throttled: half of the bound and a random
     * part of the other half, because many writers wait, and none must be lucky again and again.
     */
    long pauseMillis(int throttlesBefore) {
        long bound = Math.max(1, policy.backoffBound(throttlesBefore).toMillis());
        return bound / 2 + (long) ((bound - bound / 2) * jitter.getAsDouble());
    }
}

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

package io.v3io.client.retry;

import io.v3io.client.RetryPolicy;
import io.v3io.client.annotation.Internal;

import java.util.OptionalLong;

/** When a repetition may happen: a pure function of the policy and of what happened so far. */
@Internal
public final class RetrySchedule {

    private RetrySchedule() {}

    /**
     * The wait before the next repetition; empty when there is none left.
     *
     * @param retriesDone repetitions of this operation so far
     * @param elapsedNanos time since the operation's start
     * @param retryAfterNanos what the server asked to wait; 0 if it did not
     * @param random uniform in [0, 1)
     */
    public static OptionalLong nextDelayNanos(
            RetryPolicy policy,
            int retriesDone,
            long elapsedNanos,
            long retryAfterNanos,
            double random) {
        long left = policy.maxElapsed().toNanos() - elapsedNanos;
        if (retriesDone >= policy.maxRetries() || left <= 0) {
            return OptionalLong.empty();
        }
        long jittered = (long) (maxBackoffNanos(policy, retriesDone + 1) * random);
        return OptionalLong.of(Math.min(Math.max(jittered, retryAfterNanos), left));
    }

    /**
     * The upper bound of the wait before the n-th repetition: {@code min(maxBackoff, initialBackoff
     * * 2^(n-1))}.
     *
     * @param retry 1 for the first repetition
     */
    static long maxBackoffNanos(RetryPolicy policy, int retry) {
        long initial = policy.initialBackoff().toNanos();
        long max = policy.maxBackoff().toNanos();
        int doublings = retry - 1;
        // Compared before it is multiplied: the product of a late repetition would overflow.
        if (doublings >= Long.SIZE - 1 || initial > max >> doublings) {
            return max;
        }
        return initial << doublings;
    }
}

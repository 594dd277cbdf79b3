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

import org.junit.jupiter.api.Test;

import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;

class RetryPolicyTest {

    private static final double ALMOST_ONE = Math.nextDown(1.0);

    private final RetryPolicy policy =
            new RetryPolicy(
                    10, Duration.ofSeconds(60), Duration.ofMillis(50), Duration.ofSeconds(5));

    @Test
    void doublesTheBoundForEachRepetitionUpToTheCap() {
        long[] boundsMillis = {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
        for (int retries = 0; retries < 10; retries++) {
            assertThat(policy.backoffBound(retries))
                    .as("after %d repetitions", retries)
                    .isEqualTo(Duration.ofMillis(boundsMillis[retries]));
        }
    }

    @Test
    void neverOverflowsHoweverLateTheRepetition() {
        Duration year = Duration.ofDays(365);
        RetryPolicy large = new RetryPolicy(Integer.MAX_VALUE, year, Duration.ofNanos(1), year);
        Duration last = Duration.ZERO;
        for (int retries = 0; retries < 200; retries++) {
            Duration bound = large.backoffBound(retries);
            assertThat(bound).isGreaterThanOrEqualTo(last).isPositive();
            assertThat(bound).isLessThanOrEqualTo(year);
            last = bound;
        }
        assertThat(large.backoffBound(Integer.MAX_VALUE)).isEqualTo(last);
        assertThat(last).isEqualTo(year);
        assertThat(delay(large, 63, Duration.ZERO, Duration.ZERO, ALMOST_ONE))
                .isBetween(Duration.ofDays(364), year);
    }

    @Test
    void spreadsTheWaitOverTheWholeRangeFromZero() {
        assertThat(delay(policy, 0, Duration.ZERO, Duration.ZERO, 0.0)).isZero();
        assertThat(delay(policy, 0, Duration.ZERO, Duration.ZERO, 0.5))
                .isEqualTo(Duration.ofMillis(25));
        assertThat(delay(policy, 0, Duration.ZERO, Duration.ZERO, ALMOST_ONE))
                .isBetween(Duration.ofNanos(49_999_999), Duration.ofMillis(50));
        assertThat(delay(policy, 3, Duration.ZERO, Duration.ZERO, 0.5))
                .isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void endsAfterTheLastRepetition() {
        for (int retries = 0; retries < 10; retries++) {
            assertThat(policy.nextDelay(retries, Duration.ZERO, Duration.ZERO, 0.5)).isPresent();
        }
        assertThat(policy.nextDelay(10, Duration.ZERO, Duration.ZERO, 0.5)).isEmpty();
        assertThat(RetryPolicy.none().nextDelay(0, Duration.ZERO, Duration.ZERO, 0.5)).isEmpty();
    }

    @Test
    void endsWhenTheTimeIsOver() {
        Duration end = Duration.ofSeconds(60);
        assertThat(policy.nextDelay(0, end, Duration.ZERO, 0.5)).isEmpty();
        assertThat(policy.nextDelay(0, Duration.ofDays(365), Duration.ZERO, 0.5)).isEmpty();
        assertThat(delay(policy, 0, end.minusNanos(1), Duration.ZERO, 0.5))
                .isEqualTo(Duration.ofNanos(1));
    }

    @Test
    void waitsAsLongAsTheServerAsksButNotLongerThanTheTimeLeft() {
        assertThat(delay(policy, 0, Duration.ZERO, Duration.ofSeconds(7), 0.5))
                .isEqualTo(Duration.ofSeconds(7));
        assertThat(delay(policy, 0, Duration.ZERO, Duration.ofNanos(1), 0.5))
                .isEqualTo(Duration.ofMillis(25));
        assertThat(delay(policy, 0, Duration.ofSeconds(50), Duration.ofHours(1), 0.5))
                .isEqualTo(Duration.ofSeconds(10));
    }

    private static Duration delay(
            RetryPolicy policy, int retries, Duration elapsed, Duration retryAfter, double random) {
        return policy.nextDelay(retries, elapsed, retryAfter, random).orElseThrow();
    }
}

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

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

class RetryScheduleTest {

    private static final double ALMOST_ONE = Math.nextDown(1.0);

    private final RetryPolicy policy =
            new RetryPolicy(
                    10, Duration.ofSeconds(60), Duration.ofMillis(50), Duration.ofSeconds(5));

    @Test
    void doublesTheBoundForEachRepetitionUpToTheCap() {
        long[] boundsMillis = {50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
        for (int retry = 1; retry <= 10; retry++) {
            assertThat(RetrySchedule.maxBackoffNanos(policy, retry))
                    .as("repetition %d", retry)
                    .isEqualTo(TimeUnit.MILLISECONDS.toNanos(boundsMillis[retry - 1]));
        }
    }

    @Test
    void neverOverflowsHoweverLateTheRepetition() {
        RetryPolicy large =
                new RetryPolicy(
                        Integer.MAX_VALUE,
                        Duration.ofDays(365),
                        Duration.ofNanos(1),
                        Duration.ofDays(365));
        long last = 0;
        for (int retry = 1; retry <= 200; retry++) {
            long bound = RetrySchedule.maxBackoffNanos(large, retry);
            assertThat(bound).isGreaterThanOrEqualTo(last).isPositive();
            assertThat(bound).isLessThanOrEqualTo(Duration.ofDays(365).toNanos());
            last = bound;
        }
        assertThat(RetrySchedule.maxBackoffNanos(large, Integer.MAX_VALUE)).isEqualTo(last);
        assertThat(last).isEqualTo(Duration.ofDays(365).toNanos());
    }

    @Test
    void spreadsTheWaitOverTheWholeRangeFromZero() {
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, 0, 0, 0.0)).hasValue(0);
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, 0, 0, 0.5)).hasValue(25_000_000);
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, 0, 0, ALMOST_ONE).getAsLong())
                .isBetween(49_999_999L, 50_000_000L);
    }

    @Test
    void endsAfterTheLastRepetition() {
        for (int done = 0; done < 10; done++) {
            assertThat(RetrySchedule.nextDelayNanos(policy, done, 0, 0, 0.5)).isPresent();
        }
        assertThat(RetrySchedule.nextDelayNanos(policy, 10, 0, 0, 0.5)).isEmpty();
        assertThat(RetrySchedule.nextDelayNanos(RetryPolicy.none(), 0, 0, 0, 0.5)).isEmpty();
    }

    @Test
    void endsWhenTheTimeIsOver() {
        long end = Duration.ofSeconds(60).toNanos();
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, end, 0, 0.5)).isEmpty();
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, end - 1, 0, 0.5)).hasValue(1);
    }

    @Test
    void waitsAsLongAsTheServerAsksButNotLongerThanTheTimeLeft() {
        long second = Duration.ofSeconds(1).toNanos();
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, 0, 7 * second, 0.5))
                .hasValue(7 * second);
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, 0, 1, 0.5)).hasValue(25_000_000);
        assertThat(RetrySchedule.nextDelayNanos(policy, 0, 50 * second, 3600 * second, 0.5))
                .hasValue(10 * second);
    }
}

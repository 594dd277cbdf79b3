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

import org.junit.jupiter.api.Test;

import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;

class RetryBackoffTest {

    private static final RetryPolicy POLICY =
            new RetryPolicy(
                    1_000, Duration.ofSeconds(60), Duration.ofMillis(100), Duration.ofSeconds(5));

    @Test
    void pausesForHalfOfTheBoundAndARandomPartOfTheRest() {
        assertThat(new RetryBackoff(POLICY, () -> 0).pauseMillis(0)).isEqualTo(50);
        assertThat(new RetryBackoff(POLICY, () -> 0.5).pauseMillis(1)).isEqualTo(150);
        assertThat(new RetryBackoff(POLICY, () -> 0.999).pauseMillis(1_000)).isEqualTo(4_997);
    }

    @Test
    void drawsFromZeroToTheBound() {
        assertThat(
                        new RetryBackoff(POLICY, () -> 0)
                                .nextDelayMillis(3, Duration.ZERO, Duration.ZERO))
                .hasValue(0);
        assertThat(
                        new RetryBackoff(POLICY, () -> 0.5)
                                .nextDelayMillis(3, Duration.ZERO, Duration.ZERO))
                .hasValue(400);
        assertThat(
                        new RetryBackoff(POLICY, () -> 0.999)
                                .nextDelayMillis(3, Duration.ZERO, Duration.ZERO))
                .hasValue(799);
    }

    @Test
    void endsWithTheCount() {
        RetryBackoff backoff = new RetryBackoff(POLICY, () -> 0.5);
        assertThat(backoff.nextDelayMillis(999, Duration.ZERO, Duration.ZERO)).isPresent();
        assertThat(backoff.nextDelayMillis(1_000, Duration.ZERO, Duration.ZERO)).isEmpty();
        assertThat(
                        new RetryBackoff(RetryPolicy.none(), () -> 0)
                                .nextDelayMillis(0, Duration.ZERO, Duration.ZERO))
                .isEmpty();
    }

    @Test
    void endsWithTheTimeAndCutsTheLastWaitToIt() {
        RetryBackoff backoff = new RetryBackoff(POLICY, () -> 0.9);
        assertThat(backoff.nextDelayMillis(10, Duration.ofMillis(59_990), Duration.ZERO))
                .hasValue(10);
        assertThat(backoff.nextDelayMillis(10, Duration.ofSeconds(60), Duration.ZERO)).isEmpty();
        assertThat(backoff.nextDelayMillis(10, Duration.ofDays(365), Duration.ZERO)).isEmpty();
    }

    @Test
    void waitsAsLongAsTheServerWantsWithinThePolicysTime() {
        RetryBackoff backoff = new RetryBackoff(POLICY, () -> 0.5);
        assertThat(backoff.nextDelayMillis(0, Duration.ZERO, Duration.ofMillis(10))).hasValue(50);
        assertThat(backoff.nextDelayMillis(0, Duration.ZERO, Duration.ofSeconds(7)))
                .hasValue(7_000);
        assertThat(backoff.nextDelayMillis(0, Duration.ZERO, Duration.ofNanos(7_000_000_001L)))
                .hasValue(7_001);
        assertThat(backoff.nextDelayMillis(0, Duration.ofSeconds(58), Duration.ofDays(365)))
                .hasValue(2_000);
    }

    @Test
    void neverOverflows() {
        RetryBackoff backoff =
                new RetryBackoff(
                        new RetryPolicy(
                                Integer.MAX_VALUE,
                                Duration.ofDays(365),
                                Duration.ofNanos(1),
                                Duration.ofDays(365)),
                        () -> 0.999);
        assertThat(backoff.pauseMillis(Integer.MAX_VALUE))
                .isBetween(Duration.ofDays(364).toMillis(), Duration.ofDays(365).toMillis());
        assertThat(backoff.nextDelayMillis(63, Duration.ZERO, Duration.ZERO).getAsLong())
                .isPositive();
    }
}

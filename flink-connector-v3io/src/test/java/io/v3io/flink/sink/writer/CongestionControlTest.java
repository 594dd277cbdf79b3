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
import java.util.Random;
import java.util.function.DoubleSupplier;

import static org.assertj.core.api.Assertions.assertThat;

class CongestionControlTest {

    private static final int MAX = 16;

    /** The sink's default. */
    private static final RetryPolicy POLICY =
            new RetryPolicy(
                    100, Duration.ofMinutes(2), Duration.ofMillis(100), Duration.ofSeconds(10));

    private long nanos = Long.MAX_VALUE - 5_000_000;
    private DoubleSupplier jitter = () -> 0;

    private final CongestionControl congestion =
            new CongestionControl(
                    MAX, new RetryBackoff(POLICY, () -> jitter.getAsDouble()), () -> nanos);

    @Test
    void allowsTheMostAtFirst() {
        assertThat(congestion.limit()).isEqualTo(MAX);
        assertThat(congestion.pauseMillis()).isZero();
    }

    @Test
    void halvesTheLimitOnceForRequestsThatWereUnderWayTogether() {
        long sent = nanos;
        pass(10);
        for (int i = 0; i < MAX; i++) {
            congestion.throttled(sent, 0);
        }
        assertThat(congestion.limit()).isEqualTo(MAX / 2);
        assertThat(congestion.pauseMillis()).isEqualTo(50);
    }

    @Test
    void fallsToOneRequestAndDoublesThePauseUpToTheCap() {
        long[] pauses = {50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000};
        for (long pause : pauses) {
            congestion.throttled(nanos, 0);
            assertThat(congestion.pauseMillis()).isEqualTo(pause);
            pass(pause);
        }
        assertThat(congestion.limit()).isEqualTo(1);
    }

    @Test
    void pausesAsLongAsTheServerAsksFor() {
        congestion.throttled(nanos, 7_000);
        assertThat(congestion.pauseMillis()).isEqualTo(7_000);
        congestion.throttled(nanos - 1, 9_000);
        assertThat(congestion.pauseMillis()).isEqualTo(9_000);
        congestion.throttled(nanos - 1, 1);
        assertThat(congestion.pauseMillis()).isEqualTo(9_000);
    }

    @Test
    void growsByOneForEachRoundOfGoodAnswersUpToTheMost() {
        for (int i = 0; i < 10; i++) {
            congestion.throttled(nanos, 0);
            pass(10_000);
        }
        int answers = 0;
        for (int limit = 1; limit < MAX; limit++) {
            assertThat(congestion.limit()).isEqualTo(limit);
            while (congestion.limit() == limit) {
                congestion.served(nanos);
                answers++;
            }
        }
        // A round of n answers raises n by a little less than one.
        assertThat(answers).isBetween(15 * 16 / 2, 2 * 15 * 16 / 2);
        for (int i = 0; i < 100; i++) {
            congestion.served(nanos);
        }
        assertThat(congestion.limit()).isEqualTo(MAX);
    }

    @Test
    void beginsWithShortPausesAgainAfterAGoodAnswer() {
        for (int i = 0; i < 5; i++) {
            congestion.throttled(nanos, 0);
            pass(10_000);
        }
        congestion.served(nanos);
        congestion.throttled(nanos, 0);
        assertThat(congestion.pauseMillis()).isEqualTo(50);
    }

    @Test
    void doesNotTakeALateGoodAnswerForARecovery() {
        long sent = nanos;
        pass(10);
        congestion.throttled(sent, 0);
        congestion.served(sent);
        pass(50);
        congestion.throttled(nanos, 0);
        assertThat(congestion.pauseMillis()).isEqualTo(100);
    }

    @Test
    void asksAServerThatThrottlesFor30SecondsAtMost41Times() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int run = 0; run < 1_000; run++) {
            CongestionControl fresh =
                    new CongestionControl(
                            MAX, new RetryBackoff(POLICY, random::nextDouble), () -> nanos);
            long start = nanos;
            // All that may be sent is sent, and each is throttled at once.
            int requests = 0;
            while (nanos - start < Duration.ofSeconds(30).toNanos()) {
                int round = fresh.limit();
                for (int i = 0; i < round && fresh.pauseMillis() == 0; i++) {
                    requests++;
                }
                long sent = nanos;
                for (int i = 0; i < round; i++) {
                    fresh.throttled(sent, 0);
                    // What comes second was under way before the reaction.
                    sent = nanos - 1;
                }
                pass(fresh.pauseMillis());
            }
            assertThat(requests).as("seed %d", seed).isLessThanOrEqualTo(16 + 8 + 4 + 2 + 11);
        }
    }

    private void pass(long millis) {
        nanos += Duration.ofMillis(millis).toNanos();
    }
}

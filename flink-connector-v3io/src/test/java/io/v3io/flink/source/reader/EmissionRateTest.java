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

package io.v3io.flink.source.reader;

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class EmissionRateTest {

    private static final double NO_LIMIT = Double.POSITIVE_INFINITY;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private long nanos = -5 * SECOND;

    @Test
    void withoutALimitEverythingPassesAtOnce() {
        EmissionRate rate = new EmissionRate(RateLimit.NONE, () -> nanos);

        assertThat(rate.isLimited()).isFalse();
        assertThat(rate.take(records(1_000, 10))).isEqualTo(1_000);
        assertThat(rate.nanosUntilOpen()).isZero();
    }

    @Test
    void beginsWithoutCreditAndSavesAQuarterOfASecond() {
        EmissionRate rate = new EmissionRate(new RateLimit(100, NO_LIMIT), () -> nanos);

        assertThat(rate.take(records(10, 1))).isZero();
        nanos += 3_600 * SECOND;
        assertThat(rate.take(records(1_000, 1))).isEqualTo(25);
        assertThat(rate.take(records(1_000, 1))).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void holdsTheRateOfRecordsOverAnyTimeAndNeedsNoMore(long seed) {
        Random random = new Random(seed);
        double perSecond = 0.5 + random.nextInt(5_000);
        EmissionRate rate = new EmissionRate(new RateLimit(perSecond, NO_LIMIT), () -> nanos);
        long start = nanos;
        long taken = 0;
        while (nanos - start < 60 * SECOND) {
            taken += rate.take(records(1 + random.nextInt(700), 1));
            double allowed = perSecond * (nanos - start) / SECOND;
            assertThat((double) taken).as("seed %d", seed).isLessThanOrEqualTo(allowed + 1);
            nanos += Math.max(1, rate.nanosUntilOpen());
        }
        assertThat((double) taken)
                .as("seed %d", seed)
                .isCloseTo(perSecond * 60, within(perSecond * 0.05 + 2));
    }

    @Test
    void aRecordLargerThanASecondsBytesPassesAndIsMadeUpFor() {
        EmissionRate rate = new EmissionRate(new RateLimit(NO_LIMIT, 100), () -> nanos);
        nanos += SECOND / 10;

        assertThat(rate.take(records(5, 1_000))).isEqualTo(1);
        // 10 bytes were there, and 990 are missing.
        assertThat(rate.nanosUntilOpen()).isBetween(9_900_000_000L, 9_920_000_000L);
        nanos += 9_920_000_000L;
        assertThat(rate.take(records(5, 1_000))).isEqualTo(1);
    }

    @Test
    void theStricterOfTwoLimitsHolds() {
        EmissionRate rate = new EmissionRate(new RateLimit(1_000, 1_000), () -> nanos);
        nanos += SECOND / 4;

        assertThat(rate.take(records(1_000, 25))).isEqualTo(10);
        assertThat(rate.take(records(1_000, 0))).isZero();
    }

    @Test
    void theSharesOfAllReadersAreTheWhole() {
        RateLimit job = new RateLimit(1_000, NO_LIMIT);
        for (int readers = 1; readers <= 7; readers++) {
            assertThat(job.share(readers).recordsPerSecond() * readers)
                    .isCloseTo(1_000, within(1e-6));
            assertThat(job.share(readers).bytesPerSecond()).isEqualTo(NO_LIMIT);
        }
    }

    private static List<StreamRecord> records(int count, int bytes) {
        return Collections.nCopies(
                count,
                new StreamRecord(
                        StreamPath.parse("users/words").shard(0),
                        1,
                        1,
                        1,
                        new byte[bytes],
                        null,
                        null));
    }
}

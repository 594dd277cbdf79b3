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

import org.junit.jupiter.api.Test;

import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;

class IdlePauseTest {

    @Test
    void doublesFromTheShortestToTheLongestAndStartsAgainAfterARecord() {
        IdlePause pause = new IdlePause(Duration.ofMillis(10), Duration.ofMillis(50));

        for (long millis : new long[] {10, 20, 40, 50, 50}) {
            assertThat(pause.afterEmptyAnswer()).isEqualTo(Duration.ofMillis(millis).toNanos());
        }
        assertThat(pause.afterLastRecord()).isEqualTo(Duration.ofMillis(10).toNanos());
        assertThat(pause.afterEmptyAnswer()).isEqualTo(Duration.ofMillis(10).toNanos());
    }

    @Test
    void startsShortAgainAfterMoreRecords() {
        IdlePause pause = new IdlePause(Duration.ofMillis(10), Duration.ofMillis(50));
        pause.afterEmptyAnswer();
        pause.afterEmptyAnswer();

        pause.afterMoreRecords();

        assertThat(pause.afterEmptyAnswer()).isEqualTo(Duration.ofMillis(10).toNanos());
    }

    @Test
    void theLongestDurationDoesNotOverflow() {
        Duration longest = Duration.ofNanos(Long.MAX_VALUE);
        IdlePause pause = new IdlePause(Duration.ofMillis(1), longest);

        long last = 0;
        for (int i = 0; i < 100; i++) {
            long next = pause.afterEmptyAnswer();
            assertThat(next).isGreaterThanOrEqualTo(last);
            last = next;
        }
        assertThat(last).isEqualTo(longest.toNanos());
    }
}

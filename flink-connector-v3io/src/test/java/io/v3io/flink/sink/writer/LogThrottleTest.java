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

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

class LogThrottleTest {

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final LogThrottle throttle = new LogThrottle(Duration.ofNanos(10), nanos::get);

    @Test
    void permitsOneLinePerIntervalAndCountsTheOthers() {
        assertThat(throttle.permit()).isTrue();
        assertThat(throttle.suppressed()).isZero();
        assertThat(throttle.permit()).isFalse();
        nanos.addAndGet(9);
        assertThat(throttle.permit()).isFalse();
        nanos.addAndGet(1);
        assertThat(throttle.permit()).isTrue();
        assertThat(throttle.suppressed()).isEqualTo(2);
        assertThat(throttle.suppressed()).isZero();
    }
}

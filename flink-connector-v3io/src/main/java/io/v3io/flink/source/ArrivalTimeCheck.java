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

package io.v3io.flink.source;

import java.time.Duration;
import java.time.Instant;

/**
 * Refuses arrival times that no stream has: most likely their unit is another one. Plain seconds
 * taken for milliseconds lie in 1970, microseconds thousands of years ahead.
 */
final class ArrivalTimeCheck {

    /** The platform is younger. */
    private static final Instant EARLIEST = Instant.parse("2015-01-01T00:00:00Z");

    private static final Duration FURTHEST_AHEAD = Duration.ofDays(366);

    private ArrivalTimeCheck() {}

    /**
     * The time itself.
     *
     * @param what begins the message, such as "The starting timestamp"
     * @throws IllegalArgumentException for a time before 2015 or more than a year ahead
     */
    static Instant check(String what, Instant arrivalTime) {
        if (arrivalTime.isBefore(EARLIEST)
                || arrivalTime.isAfter(Instant.now().plus(FURTHEST_AHEAD))) {
            throw new IllegalArgumentException(
                    what
                            + " "
                            + arrivalTime
                            + " must not be before 2015 or more than a year ahead; a number must count milliseconds,"
                            + " not seconds or microseconds, since 1970.");
        }
        return arrivalTime;
    }
}

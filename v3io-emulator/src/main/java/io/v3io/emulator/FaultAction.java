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

package io.v3io.emulator;

import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/** What a {@link Fault} does to a request. */
public sealed interface FaultAction {

    /**
     * Answers this instead of doing anything.
     *
     * @param status HTTP status
     * @param contentType of the body
     * @param body sent in UTF-8
     */
    record Respond(int status, String contentType, String body) implements FaultAction {
        public Respond {
            if (status < 200 || status > 599) {
                throw new IllegalArgumentException(
                        "status must be within 200..599, but was " + status);
            }
            Objects.requireNonNull(contentType, "contentType");
            Objects.requireNonNull(body, "body");
        }
    }

    /** Answers 429 with a {@code Retry-After} of this many seconds instead of doing anything. */
    record Throttle(int retryAfterSeconds) implements FaultAction {
        public Throttle {
            if (retryAfterSeconds < 0) {
                throw new IllegalArgumentException("retryAfterSeconds must not be negative");
            }
        }
    }

    /**
     * Fails records of a PutRecords one by one with this error; the others are stored.
     *
     * @param positions which ones, from 0; empty for all, each with the fault's probability
     */
    record FailRecords(String errorMessage, Set<Integer> positions) implements FaultAction {
        public FailRecords {
            Objects.requireNonNull(errorMessage, "errorMessage");
            positions = Set.copyOf(positions);
        }
    }

    /**
     * Holds the answer back for this long; the request has taken effect before. Other faults may
     * act as well.
     */
    record Latency(Duration latency) implements FaultAction {
        public Latency {
            if (latency.isNegative()) {
                throw new IllegalArgumentException(
                        "latency must not be negative, but was " + latency);
            }
        }
    }

    /**
     * Resets the connection at once and does what was asked this much later, when the client may
     * have sent it again.
     */
    record LandLate(Duration delay) implements FaultAction {
        public LandLate {
            if (delay.isNegative()) {
                throw new IllegalArgumentException("delay must not be negative, but was " + delay);
            }
        }
    }

    /** Faults that need no more words. */
    enum Simple implements FaultAction {
        /** Resets the connection instead of doing anything. */
        RESET_BEFORE,
        /** Does what was asked, then resets the connection instead of answering. */
        RESET_AFTER,
        /** Does what was asked, and closes the connection in the middle of the answer's body. */
        CUT_BODY,
        /**
         * Kills all locations of the shard that were handed out so far, then does what was asked.
         */
        KILL_LOCATION,
        /** Does nothing and never answers; the connection stays open. */
        NEVER,
        /**
         * Stores the records of a PutRecords and once more all of them, each copy with a number of
         * its own; the answer tells the numbers of the first ones.
         */
        DUPLICATE
    }
}

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

package io.v3io.client.model;

import io.v3io.client.annotation.PublicEvolving;

import java.time.Instant;
import java.util.Objects;

/** Where in a shard a Seek points to. A closed set: the four types of the Seek page. */
@PublicEvolving
public sealed interface SeekPosition {

    /** The oldest record that the shard still has. */
    static SeekPosition earliest() {
        return Earliest.INSTANCE;
    }

    /** After the newest record: what arrives after the Seek. */
    static SeekPosition latest() {
        return Latest.INSTANCE;
    }

    /**
     * The first record that arrived at this time or later, to the nanosecond.
     *
     * @throws IllegalArgumentException for a time before 1970
     */
    static SeekPosition time(Instant arrivalTime) {
        return new Time(arrivalTime);
    }

    /**
     * The record with this sequence number. The Seek fails when the shard does not hold it, also
     * when it is the next one to come.
     *
     * @throws IllegalArgumentException for a number below 1
     */
    static SeekPosition sequenceNumber(long sequenceNumber) {
        return new Sequence(sequenceNumber);
    }

    /** See {@link SeekPosition#earliest()}. */
    enum Earliest implements SeekPosition {
        INSTANCE
    }

    /** See {@link SeekPosition#latest()}. */
    enum Latest implements SeekPosition {
        INSTANCE
    }

    /**
     * See {@link SeekPosition#time(Instant)}.
     *
     * @param arrivalTime inclusive lower bound
     */
    record Time(Instant arrivalTime) implements SeekPosition {
        /** Refuses null and times before 1970. */
        public Time {
            Objects.requireNonNull(arrivalTime, "arrivalTime");
            if (arrivalTime.getEpochSecond() < 0) {
                throw new IllegalArgumentException(
                        "Seek time " + arrivalTime + " must not be before 1970.");
            }
        }
    }

    /**
     * See {@link SeekPosition#sequenceNumber(long)}.
     *
     * @param sequenceNumber 1 or more
     */
    record Sequence(long sequenceNumber) implements SeekPosition {
        /** Refuses numbers below 1, the first of every shard. */
        public Sequence {
            if (sequenceNumber < 1) {
                throw new IllegalArgumentException(
                        "Sequence number " + sequenceNumber + " must be 1 or more.");
            }
        }
    }
}

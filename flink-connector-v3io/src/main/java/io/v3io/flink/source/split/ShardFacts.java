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

package io.v3io.flink.source.split;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.Objects;

/**
 * What a reader has found out about a shard beside its position, and what the next one needs to
 * tell a loss from a number that the platform left out. Immutable.
 *
 * @param givenUp records that were passed over because of a loss; null when there are none after
 *     the position
 * @param caughtUp when the shard was last seen to have nothing more; null when it never was
 * @param hasGaps whether the platform has been seen to leave out numbers in this shard
 */
@Internal
public record ShardFacts(@Nullable GivenUp givenUp, @Nullable CaughtUp caughtUp, boolean hasGaps) {

    /** What is known of a shard that nobody has read. */
    public static final ShardFacts NONE = new ShardFacts(null, null, false);

    /** The same, of a shard in which the platform has left out a number. */
    public ShardFacts withGaps() {
        return new ShardFacts(givenUp, caughtUp, true);
    }

    /** The same, of a shard that had nothing more at that time. */
    public ShardFacts with(CaughtUp seen) {
        return new ShardFacts(givenUp, seen, hasGaps);
    }

    /** The same, of a reader whose last record has this number. */
    ShardFacts after(long sequenceNumber) {
        GivenUp stillAhead =
                givenUp == null || givenUp.through() <= sequenceNumber ? null : givenUp;
        CaughtUp stillTrue =
                caughtUp == null || caughtUp.sequenceNumber() < sequenceNumber ? null : caughtUp;
        return Objects.equals(stillAhead, givenUp) && Objects.equals(stillTrue, caughtUp)
                ? this
                : new ShardFacts(stillAhead, stillTrue, hasGaps);
    }

    /**
     * Records that are gone, or that the job went past, as the user chose. It counts for a reader
     * that has emitted all records before them.
     *
     * @param after number of the last record before them; 0 for none
     * @param through the last number that is passed over
     */
    public record GivenUp(long after, long through) {}

    /**
     * At some time the platform said that a shard had nothing more.
     *
     * @param sequenceNumber the last number before its end; 0 when it had no record at all
     * @param epochSecond when, on the clock of the machine that read it; seconds since 1970
     */
    public record CaughtUp(long sequenceNumber, long epochSecond) {}
}

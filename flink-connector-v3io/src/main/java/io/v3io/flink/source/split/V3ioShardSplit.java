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

import io.v3io.client.model.ShardId;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceSplit;

import javax.annotation.Nullable;

import java.util.Arrays;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * One shard to read: where it starts, how far it has been emitted, where it stops. Immutable; what
 * a checkpoint holds of the shard.
 */
@Internal
public final class V3ioShardSplit implements SourceSplit {

    private static final long UNBOUNDED = Long.MAX_VALUE;
    private static final byte[] NO_TAGS = {};

    private final ShardId shard;
    private final ShardStart start;
    @Nullable private final EmittedPosition emitted;
    private final long lastSequenceNumber;
    private final ShardFacts facts;
    private final byte[] seenTags;

    private V3ioShardSplit(
            ShardId shard,
            ShardStart start,
            @Nullable EmittedPosition emitted,
            long lastSequenceNumber,
            ShardFacts facts,
            byte[] seenTags) {
        this.shard = Objects.requireNonNull(shard, "shard");
        this.start = Objects.requireNonNull(start, "start");
        this.emitted = emitted;
        this.lastSequenceNumber = lastSequenceNumber;
        this.facts = Objects.requireNonNull(facts, "facts");
        this.seenTags = seenTags;
    }

    /** A shard to be read from its start without an end. */
    public static V3ioShardSplit unbounded(ShardId shard, ShardStart start) {
        return new V3ioShardSplit(shard, start, null, UNBOUNDED, ShardFacts.NONE, NO_TAGS);
    }

    /**
     * A shard to be read from its start up to a record.
     *
     * @param lastSequenceNumber the number after which nothing is emitted (inclusive), 1 or more
     */
    public static V3ioShardSplit bounded(ShardId shard, ShardStart start, long lastSequenceNumber) {
        if (lastSequenceNumber < 1 || lastSequenceNumber == UNBOUNDED) {
            throw new IllegalArgumentException(
                    "Last sequence number "
                            + lastSequenceNumber
                            + " of "
                            + shard
                            + " is out of range.");
        }
        return new V3ioShardSplit(shard, start, null, lastSequenceNumber, ShardFacts.NONE, NO_TAGS);
    }

    /**
     * The same shard, of which is known that it had no record yet at a time. Its first record is
     * then known to be that, whatever its number, for as long as retention cannot have removed any.
     *
     * @param epochSecond on the clock of the machine that looked, seconds since 1970
     */
    public V3ioShardSplit unbornAt(long epochSecond) {
        return with(
                new ShardFacts(
                        facts.givenUp(), new ShardFacts.CaughtUp(0, epochSecond), facts.hasGaps()));
    }

    /** The same shard, emitted up to a position; null for nothing yet. */
    public V3ioShardSplit emittedUpTo(@Nullable EmittedPosition position) {
        return new V3ioShardSplit(shard, start, position, lastSequenceNumber, facts, seenTags);
    }

    /**
     * The same shard, of which nothing has been emitted, with a start that is a record's number.
     */
    public V3ioShardSplit startingAt(long sequenceNumber) {
        return new V3ioShardSplit(
                shard,
                new ShardStart.At(sequenceNumber),
                null,
                lastSequenceNumber,
                facts,
                seenTags);
    }

    /** The same shard with what has been found out about it, as far as it is of interest still. */
    public V3ioShardSplit with(ShardFacts found) {
        return new V3ioShardSplit(
                shard, start, emitted, lastSequenceNumber, found.after(reached()), seenTags);
    }

    /** The same shard with the tags of the records that were emitted last; none when empty. */
    V3ioShardSplit withSeenTags(byte[] tags) {
        return new V3ioShardSplit(shard, start, emitted, lastSequenceNumber, facts, tags);
    }

    /** {@code container/path/shard id}. */
    @Override
    public String splitId() {
        return shard.toString();
    }

    public ShardId shard() {
        return shard;
    }

    /** Where the shard starts; only of interest while nothing has been emitted. */
    public ShardStart start() {
        return start;
    }

    /** How far it has been emitted; null when nothing has. */
    @Nullable
    public EmittedPosition emitted() {
        return emitted;
    }

    /**
     * The number after which nothing is emitted (inclusive); empty for a shard that is read without
     * an end.
     */
    public OptionalLong lastSequenceNumber() {
        return lastSequenceNumber == UNBOUNDED
                ? OptionalLong.empty()
                : OptionalLong.of(lastSequenceNumber);
    }

    /** The tags of the records that were emitted last, as {@link SeenTags} writes them. */
    byte[] seenTags() {
        return seenTags;
    }

    /** What has been found out about the shard beside its position. */
    public ShardFacts facts() {
        return facts;
    }

    /**
     * Records up to this number are not to be emitted any more: they have been, or lie before the
     * start, or have been given up. 0 when there are none, or the start names no number.
     */
    public long takenThrough() {
        ShardFacts.GivenUp givenUp = facts.givenUp();
        return givenUp != null && givenUp.after() <= reached()
                ? Math.max(givenUp.through(), reached())
                : reached();
    }

    private long reached() {
        if (emitted != null) {
            return emitted.sequenceNumber();
        }
        if (start instanceof ShardStart.After after) {
            return after.sequenceNumber();
        }
        return start instanceof ShardStart.At at ? at.sequenceNumber() - 1 : 0;
    }

    /**
     * Whether nothing is left to be emitted. A start by time may have nothing either, but only
     * reading tells.
     */
    public boolean isFinished() {
        return takenThrough() >= lastSequenceNumber;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof V3ioShardSplit that
                && shard.equals(that.shard)
                && start.equals(that.start)
                && Objects.equals(emitted, that.emitted)
                && lastSequenceNumber == that.lastSequenceNumber
                && facts.equals(that.facts)
                && Arrays.equals(seenTags, that.seenTags);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                shard, start, emitted, lastSequenceNumber, facts, Arrays.hashCode(seenTags));
    }

    @Override
    public String toString() {
        return "V3ioShardSplit{"
                + shard
                + ", start="
                + start
                + (emitted == null ? "" : ", emitted=" + emitted.sequenceNumber())
                + (lastSequenceNumber == UNBOUNDED ? "" : ", last=" + lastSequenceNumber)
                + (facts.equals(ShardFacts.NONE) ? "" : ", " + facts)
                + "}";
    }
}

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

import java.util.Objects;
import java.util.OptionalLong;

/**
 * One shard to read: where it starts, how far it has been emitted, where it stops. Immutable; what
 * a checkpoint holds of the shard.
 */
@Internal
public final class V3ioShardSplit implements SourceSplit {

    private static final long UNBOUNDED = Long.MAX_VALUE;

    private final ShardId shard;
    private final ShardStart start;
    @Nullable private final EmittedPosition emitted;
    private final long lastSequenceNumber;

    private V3ioShardSplit(
            ShardId shard,
            ShardStart start,
            @Nullable EmittedPosition emitted,
            long lastSequenceNumber) {
        this.shard = Objects.requireNonNull(shard, "shard");
        this.start = Objects.requireNonNull(start, "start");
        this.emitted = emitted;
        this.lastSequenceNumber = lastSequenceNumber;
    }

    /** A shard to be read from its start without an end. */
    public static V3ioShardSplit unbounded(ShardId shard, ShardStart start) {
        return new V3ioShardSplit(shard, start, null, UNBOUNDED);
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
        return new V3ioShardSplit(shard, start, null, lastSequenceNumber);
    }

    /** The same shard, emitted up to a position; null for nothing yet. */
    public V3ioShardSplit emittedUpTo(@Nullable EmittedPosition position) {
        return new V3ioShardSplit(shard, start, position, lastSequenceNumber);
    }

    /**
     * The same shard, of which nothing has been emitted, with a start that is a record's number.
     */
    public V3ioShardSplit startingAt(long sequenceNumber) {
        return new V3ioShardSplit(
                shard, new ShardStart.At(sequenceNumber), null, lastSequenceNumber);
    }

    /** {@code container/path/shard id}. */
    @Override
    public String splitId() {
        return shard.toString();
    }

    /** The shard. */
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

    /**
     * Whether nothing is left to be emitted. A start by time may have nothing either, but only
     * reading tells.
     */
    public boolean isFinished() {
        if (emitted != null) {
            return emitted.sequenceNumber() >= lastSequenceNumber;
        }
        if (start instanceof ShardStart.After after) {
            return after.sequenceNumber() >= lastSequenceNumber;
        }
        return start instanceof ShardStart.At at && at.sequenceNumber() > lastSequenceNumber;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof V3ioShardSplit that
                && shard.equals(that.shard)
                && start.equals(that.start)
                && Objects.equals(emitted, that.emitted)
                && lastSequenceNumber == that.lastSequenceNumber;
    }

    @Override
    public int hashCode() {
        return Objects.hash(shard, start, emitted, lastSequenceNumber);
    }

    @Override
    public String toString() {
        return "V3ioShardSplit{"
                + shard
                + ", start="
                + start
                + (emitted == null ? "" : ", emitted=" + emitted.sequenceNumber())
                + (lastSequenceNumber == UNBOUNDED ? "" : ", last=" + lastSequenceNumber)
                + "}";
    }
}

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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.ShardId;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes splits of a stream: this is where a position such as "latest" becomes concrete, once.
 * Immutable.
 */
@Internal
final class SplitFactory {

    /**
     * Start of shards that hold nothing yet when the job starts, or are found later: by number and
     * not as "earliest", so that a job that was down for longer than the retention period finds out
     * that it has missed records.
     */
    private static final ShardStart FIRST_RECORD = new ShardStart.At(1);

    private final StreamReading reading;

    /** A factory for what is read of a stream. */
    SplitFactory(StreamReading reading) {
        this.reading = reading;
    }

    /**
     * Splits of all shards of a stream that is seen for the first time; without those that have
     * nothing to read.
     *
     * @param createdAfterStart whether the stream was not there when the job started: then nothing
     *     in it is older than that, and "latest" is its first record
     * @throws IllegalArgumentException if the starting position names a shard that the stream does
     *     not have
     */
    List<V3ioShardSplit> firstSplits(StreamShards shards, boolean createdAfterStart) {
        checkNamedShardsExist(shards);
        checkGroupHasProcessed(shards);
        List<V3ioShardSplit> splits = new ArrayList<>();
        for (int number = 0; number < shards.shardCount(); number++) {
            if (!reading.reads(number)) {
                continue;
            }
            ShardId shard = shards.stream().shard(number);
            Long newest = shards.newest(shard);
            Long committed = shards.committedSequenceNumbers().get(shard);
            Long newestAtStart = createdAfterStart ? null : newest;
            boolean isBirthKnown = createdAfterStart || shards.isNewestKnown();
            ShardStart start =
                    startOf(
                            shard,
                            reading.startingPosition(),
                            newestAtStart,
                            isBirthKnown,
                            committed);
            if (reading.stoppingPosition() == null) {
                splits.add(V3ioShardSplit.unbounded(shard, start));
            } else if (newest != null) {
                checkNotBeyondEnd(shard, start, newest);
                long last = lastNumberOf(shard, newest, shards);
                if (last >= 1 && !V3ioShardSplit.bounded(shard, start, last).isFinished()) {
                    splits.add(V3ioShardSplit.bounded(shard, start, last));
                }
            }
        }
        return splits;
    }

    /**
     * Splits of shards that a growth has added: read from their first record, whatever the starting
     * position was.
     *
     * @throws FlinkRuntimeException if the stream has fewer shards than it had
     */
    List<V3ioShardSplit> addedSplits(StreamShards shards, int knownShardCount) {
        if (shards.shardCount() < knownShardCount) {
            throw new FlinkRuntimeException(
                    "Stream "
                            + shards.stream()
                            + " has "
                            + shards.shardCount()
                            + " shards but had "
                            + knownShardCount
                            + ". Streams never shrink: it was deleted and created again, and the"
                            + " positions of this job belong to the old one. Start the job without"
                            + " its state to read the new one.");
        }
        List<V3ioShardSplit> splits = new ArrayList<>();
        for (int number = knownShardCount; number < shards.shardCount(); number++) {
            if (reading.reads(number)) {
                splits.add(V3ioShardSplit.unbounded(shards.stream().shard(number), FIRST_RECORD));
            }
        }
        return splits;
    }

    /** Below 1 when the shard has nothing before the stop. */
    private long lastNumberOf(ShardId shard, long newest, StreamShards shards) {
        if (reading.stoppingPosition() instanceof StoppingPosition.Timestamp
                || reading.stoppingPosition() instanceof StoppingPosition.Committed) {
            Long firstPastStop = shards.firstNumbersPastStop().get(shard);
            return firstPastStop == null ? newest : Math.min(newest, firstPastStop - 1);
        }
        if (reading.stoppingPosition() instanceof StoppingPosition.SequenceNumbers numbers) {
            return Math.min(newest, numbers.lastSequenceNumbers().getOrDefault(shard, newest));
        }
        return newest;
    }

    /**
     * Where a shard starts.
     *
     * @param newest the newest record when the job started; null if the shard had none
     * @param isBirthKnown whether null really means that; otherwise it may have had some
     */
    private static ShardStart startOf(
            ShardId shard,
            StartingPosition position,
            @Nullable Long newest,
            boolean isBirthKnown,
            @Nullable Long committed) {
        if (position instanceof StartingPosition.Committed group) {
            return committed == null
                    ? startOf(shard, group.fallback(), newest, isBirthKnown, null)
                    : new ShardStart.After(committed);
        }
        if (position instanceof StartingPosition.Latest) {
            // A shard without a record yet: all that it will hold arrives after the start.
            return newest == null ? FIRST_RECORD : new ShardStart.After(newest);
        }
        if (position instanceof StartingPosition.Timestamp timestamp) {
            return new ShardStart.AtTime(timestamp.arrivalTime());
        }
        if (position instanceof StartingPosition.SequenceNumbers numbers) {
            Long first = numbers.firstSequenceNumbers().get(shard);
            return first == null
                    ? startOf(shard, numbers.others(), newest, isBirthKnown, null)
                    : new ShardStart.At(first);
        }
        return newest == null && isBirthKnown ? FIRST_RECORD : ShardStart.Earliest.INSTANCE;
    }

    private void checkNamedShardsExist(StreamShards shards) {
        if (reading.startingPosition() instanceof StartingPosition.SequenceNumbers numbers) {
            checkExist("starting", numbers.firstSequenceNumbers().keySet(), shards);
        }
        if (reading.stoppingPosition() instanceof StoppingPosition.SequenceNumbers numbers) {
            checkExist("stopping", numbers.lastSequenceNumbers().keySet(), shards);
        }
    }

    /** A bounded source would otherwise end with nothing, as if all were well. */
    private void checkGroupHasProcessed(StreamShards shards) {
        if (reading.stoppingPosition() instanceof StoppingPosition.Committed group
                && !shards.firstNumbersPastStop().isEmpty()
                && shards.firstNumbersPastStop().values().stream().allMatch(first -> first == 1)) {
            throw new IllegalArgumentException(
                    "The stopping position is that of consumer group '"
                            + group.consumerGroup()
                            + "', but the group has committed nothing on any shard of stream "
                            + shards.stream()
                            + " that is read. Check its name, or wait until it has.");
        }
    }

    /** A bounded source would otherwise end with nothing, as if all were well. */
    private static void checkNotBeyondEnd(ShardId shard, ShardStart start, long newest) {
        if (start instanceof ShardStart.At at && at.sequenceNumber() > newest + 1) {
            throw new IllegalArgumentException(
                    "The starting position names sequence number "
                            + at.sequenceNumber()
                            + " of shard "
                            + shard
                            + ", but its newest record has number "
                            + newest
                            + ". Choose a number up to the newest one plus one.");
        }
    }

    private static void checkExist(String position, Set<ShardId> named, StreamShards shards) {
        for (ShardId shard : named) {
            if (shard.stream().equals(shards.stream()) && shard.number() >= shards.shardCount()) {
                throw new IllegalArgumentException(
                        "The "
                                + position
                                + " position names shard "
                                + shard.number()
                                + " of stream "
                                + shards.stream()
                                + ", which has only "
                                + shards.shardCount()
                                + " shards (0 to "
                                + (shards.shardCount() - 1)
                                + ").");
            }
        }
    }
}

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

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Makes splits of a surveyed stream: this is where a position such as "latest" becomes concrete,
 * once. Immutable.
 */
@Internal
final class SplitFactory {

    /**
     * Of shards that hold nothing yet when the job starts, or are found later: by its number and
     * not as "earliest", so that a job that was down for longer than the retention period finds out
     * that it has missed records.
     */
    private static final ShardStart FIRST_RECORD = new ShardStart.At(1);

    private final StartingPosition startingPosition;
    @Nullable private final StoppingPosition stoppingPosition;
    @Nullable private final Set<Integer> shardIds;

    /** A factory for all shards, or only for those with certain ids. */
    SplitFactory(
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition,
            @Nullable Set<Integer> shardIds) {
        this.startingPosition = startingPosition;
        this.stoppingPosition = stoppingPosition;
        this.shardIds = shardIds;
    }

    private boolean isWanted(int number) {
        return shardIds == null || shardIds.contains(number);
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
    List<V3ioShardSplit> firstSplits(StreamSurvey survey, boolean createdAfterStart) {
        checkNamedShardsExist(survey);
        List<V3ioShardSplit> splits = new ArrayList<>();
        for (int number = 0; number < survey.shardCount(); number++) {
            if (!isWanted(number)) {
                continue;
            }
            ShardId shard = survey.stream().shard(number);
            Long newest = survey.newestSequenceNumbers().get(shard);
            Long committed = survey.committedSequenceNumbers().get(shard);
            Long newestAtStart = createdAfterStart ? null : newest;
            ShardStart start = startOf(shard, startingPosition, newestAtStart, committed);
            if (stoppingPosition == null) {
                splits.add(V3ioShardSplit.unbounded(shard, start));
            } else if (newest != null) {
                checkNotBeyondEnd(shard, start, newest);
                long last = lastNumberOf(shard, newest, survey);
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
     */
    List<V3ioShardSplit> addedSplits(StreamSurvey survey, int knownShardCount) {
        List<V3ioShardSplit> splits = new ArrayList<>();
        for (int number = knownShardCount; number < survey.shardCount(); number++) {
            if (isWanted(number)) {
                splits.add(V3ioShardSplit.unbounded(survey.stream().shard(number), FIRST_RECORD));
            }
        }
        return splits;
    }

    /** Below 1 when the shard has nothing before the stop. */
    private long lastNumberOf(ShardId shard, long newest, StreamSurvey survey) {
        if (stoppingPosition instanceof StoppingPosition.Timestamp) {
            Long firstPastStop = survey.firstNumbersPastStop().get(shard);
            return firstPastStop == null ? newest : Math.min(newest, firstPastStop - 1);
        }
        if (stoppingPosition instanceof StoppingPosition.SequenceNumbers numbers) {
            return Math.min(newest, numbers.lastSequenceNumbers().getOrDefault(shard, newest));
        }
        return newest;
    }

    /**
     * Where a shard starts.
     *
     * @param newest the newest record when the job started; null if the shard had none
     */
    private static ShardStart startOf(
            ShardId shard,
            StartingPosition position,
            @Nullable Long newest,
            @Nullable Long committed) {
        if (position instanceof StartingPosition.Committed group) {
            return committed == null
                    ? startOf(shard, group.fallback(), newest, null)
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
                    ? startOf(shard, numbers.others(), newest, null)
                    : new ShardStart.At(first);
        }
        return newest == null ? FIRST_RECORD : ShardStart.Earliest.INSTANCE;
    }

    private void checkNamedShardsExist(StreamSurvey survey) {
        if (startingPosition instanceof StartingPosition.SequenceNumbers numbers) {
            checkExist("starting", numbers.firstSequenceNumbers().keySet(), survey);
        }
        if (stoppingPosition instanceof StoppingPosition.SequenceNumbers numbers) {
            checkExist("stopping", numbers.lastSequenceNumbers().keySet(), survey);
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

    private static void checkExist(String position, Set<ShardId> named, StreamSurvey survey) {
        for (ShardId shard : named) {
            if (shard.stream().equals(survey.stream()) && shard.number() >= survey.shardCount()) {
                throw new IllegalArgumentException(
                        "The "
                                + position
                                + " position names shard "
                                + shard.number()
                                + " of stream "
                                + survey.stream()
                                + ", which has only "
                                + survey.shardCount()
                                + " shards (0 to "
                                + (survey.shardCount() - 1)
                                + ").");
            }
        }
    }
}

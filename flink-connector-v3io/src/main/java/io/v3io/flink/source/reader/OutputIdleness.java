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

import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps a reader without shards from holding up the others' watermark: its output is idle until the
 * first element of the first shards that it gets. Task thread only.
 */
@Internal
final class OutputIdleness {

    /** No shard's split has this id, because each begins with its container. */
    private static final String NO_SPLIT = "/no-split";

    /** Before any event, and far enough from the least number that a subtraction does no harm. */
    private static final long LEAST_WATERMARK = Long.MIN_VALUE / 2;

    /** Whether the enumerator has said that there is no shard for this reader. */
    private boolean isSurplus;

    private boolean hasHadShards;

    /** Whether the output has been marked idle for that. */
    private boolean isMarked;

    /** Splits that came while the output was idle, until it is active again. */
    private final Set<String> wakingSplits = new HashSet<>();

    private long timesWoken;

    /**
     * The enumerator says that there is no shard for this reader.
     *
     * @param held what holds shards cannot have too few of them, whatever the enumerator knows
     */
    void noShardsToCome(int held) {
        isSurplus = held == 0;
    }

    /** The reader gets shards. */
    void shardsCame(List<V3ioShardSplit> splits) {
        isSurplus = false;
        hasHadShards = true;
        if (isMarked || !wakingSplits.isEmpty()) {
            splits.forEach(split -> wakingSplits.add(split.splitId()));
        }
    }

    /** Nothing more comes of these shards. */
    void shardsEnded(Collection<String> splitIds) {
        wakingSplits.removeAll(splitIds);
    }

    /** Marks the output idle, if it is to be so; called before anything is emitted. */
    void mark(ReaderOutput<?> output) {
        if (isSurplus != isMarked) {
            isMarked = isSurplus;
            if (isSurplus) {
                if (hasHadShards) {
                    // Flink forgets a shard's part of the output when the shard ends, but not that
                    // it was active. The part of a shard that there is not takes that back.
                    output.createOutputForSplit(NO_SPLIT).markIdle();
                    output.releaseOutputForSplit(NO_SPLIT);
                }
                output.markIdle();
            }
        }
    }

    /**
     * Makes the output active with the first element of the first shards, by the least watermark on
     * their parts of it. To mark the reader's own part active would keep it so for ever, because
     * nothing is emitted there: Flink marks an output idle only when both the reader's own part and
     * that of its shards are. To leave it to the shards' own watermarks is not enough either: with
     * {@code noWatermarks()} there are none, and an operator after the source makes them.
     */
    void elementEmitted(ReaderOutput<?> output) {
        if (wakingSplits.isEmpty()) {
            return;
        }
        // Flink passes on none that is not higher than the last one.
        Watermark least = new Watermark(LEAST_WATERMARK + timesWoken++);
        wakingSplits.forEach(splitId -> output.createOutputForSplit(splitId).emitWatermark(least));
        wakingSplits.clear();
    }
}

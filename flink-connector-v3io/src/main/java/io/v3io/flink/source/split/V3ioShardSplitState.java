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

import io.v3io.client.model.Location;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.metrics.ShardMetrics;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The checkpoint position of one shard while it moves. Used by the task's main thread only: the
 * emitter advances it, a snapshot reads it, so that a snapshot never sees a half-emitted record.
 */
@Internal
public final class V3ioShardSplitState {

    private final V3ioShardSplit split;
    private final ShardMetrics metrics;
    @Nullable private final SeenTags seen;

    // Plain fields and not an EmittedPosition, which would cost an object per record; and not the
    // record itself, whose
    // payload would then be held until the shard's next one.
    private long sequenceNumber;
    private long arrivalTimeSeconds;
    private int arrivalTimeNanos;
    @Nullable private Location location;

    /** The state of a shard whose copies are emitted like other records. */
    public V3ioShardSplitState(V3ioShardSplit split, ShardMetrics metrics) {
        this(split, metrics, null);
    }

    private V3ioShardSplitState(
            V3ioShardSplit split, ShardMetrics metrics, @Nullable SeenTags seen) {
        this.split = split;
        this.metrics = metrics;
        this.seen = seen;
    }

    /**
     * The state of a shard.
     *
     * @param window of the tags by which copies are known; null if they are not to be
     */
    public static V3ioShardSplitState of(
            V3ioShardSplit split, ShardMetrics metrics, @Nullable SeenTags.Window window) {
        if (window == null) {
            return new V3ioShardSplitState(split, metrics);
        }
        try {
            return new V3ioShardSplitState(split, metrics, SeenTags.of(split.seenTags(), window));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "The state of " + split.shard() + " cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Whether the record is a copy of one that was emitted before, which it is not when copies are
     * not looked for. Asked once for each record, before it is emitted.
     */
    public boolean isCopy(StreamRecord record) {
        return seen != null && seen.isCopy(record);
    }

    /**
     * Notes that a record has been emitted.
     *
     * @param record the record
     * @param location a location from which the record after it is found
     */
    public void advance(StreamRecord record, Location location) {
        this.sequenceNumber = record.sequenceNumber();
        this.arrivalTimeSeconds = record.arrivalTimeSeconds();
        this.arrivalTimeNanos = record.arrivalTimeNanos();
        this.location = location;
        metrics.emitted(sequenceNumber);
    }

    /** The shard with the position reached. */
    public V3ioShardSplit toSplit() {
        V3ioShardSplit tagged = split.withSeenTags(seen == null ? new byte[0] : seen.toBytes());
        return location == null
                ? tagged
                : tagged.emittedUpTo(
                        new EmittedPosition(
                                sequenceNumber, arrivalTimeSeconds, arrivalTimeNanos, location));
    }
}

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

import io.v3io.client.model.ShardId;

import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

import java.io.Serializable;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Where a job without a checkpoint starts to read. A closed set.
 *
 * <p>It is resolved once, when the job first starts, and kept in checkpoints: a restored job goes
 * on where its checkpoint was, whatever is set here. A job that fails before its first checkpoint,
 * or before the platform has answered what resolves it, starts over. Shards that are added after
 * the start are read from their first record, whatever is set here; so are shards that have no
 * record yet, except that a timestamp in the future holds for them.
 */
@PublicEvolving
public sealed interface StartingPosition extends Serializable {

    /** The oldest records that the stream still has. The default. */
    static StartingPosition earliest() {
        return Earliest.INSTANCE;
    }

    /** What arrives after the job's start. */
    static StartingPosition latest() {
        return Latest.INSTANCE;
    }

    /**
     * Records that arrived at this time or later, to the nanosecond. May lie in the future: records
     * that arrive earlier are then left out.
     *
     * @throws IllegalArgumentException for a time before 2015 or more than a year ahead, which no
     *     record has: a number is most likely in another unit
     */
    static StartingPosition timestamp(Instant arrivalTime) {
        return new Timestamp(ArrivalTimeCheck.check("The starting timestamp", arrivalTime));
    }

    /** As {@link #timestamp}, for a time that was computed and may be any. */
    @Internal
    static StartingPosition computedTimestamp(Instant arrivalTime) {
        return new Timestamp(arrivalTime);
    }

    /**
     * In each given shard the record with this sequence number (inclusive), and the oldest records
     * of all other shards.
     *
     * @see #sequenceNumbers(Map, StartingPosition)
     */
    static StartingPosition sequenceNumbers(Map<ShardId, Long> firstSequenceNumbers) {
        return sequenceNumbers(firstSequenceNumbers, earliest());
    }

    /**
     * In each given shard the record with this sequence number (inclusive). The number of the
     * record that comes next, the newest plus one, is allowed. The job fails if retention has
     * already removed the record.
     *
     * @param firstSequenceNumbers by shard, for example {@code
     *     StreamPath.parse("users/me/words").shard(0)}; 1 or more
     * @param others where shards that are not in the map start; not itself a position by sequence
     *     numbers
     * @throws IllegalArgumentException if a value is out of range
     */
    static StartingPosition sequenceNumbers(
            Map<ShardId, Long> firstSequenceNumbers, StartingPosition others) {
        return new SequenceNumbers(firstSequenceNumbers, others);
    }

    /**
     * In each shard the record after the one that a consumer group has committed, for example one
     * of Nuclio or of an earlier job; for shards without a committed position the fallback.
     *
     * @param consumerGroup name of the group
     * @param fallback not itself a committed position or one by sequence numbers
     */
    static StartingPosition committed(String consumerGroup, StartingPosition fallback) {
        return new Committed(consumerGroup, fallback);
    }

    /** See {@link StartingPosition#earliest()}. */
    @Internal
    enum Earliest implements StartingPosition {
        INSTANCE
    }

    /** See {@link StartingPosition#latest()}. */
    @Internal
    enum Latest implements StartingPosition {
        INSTANCE
    }

    /**
     * See {@link StartingPosition#timestamp(Instant)}.
     *
     * @param arrivalTime inclusive lower bound
     */
    @Internal
    record Timestamp(Instant arrivalTime) implements StartingPosition {
        public Timestamp {
            Objects.requireNonNull(arrivalTime, "arrivalTime");
            if (arrivalTime.getEpochSecond() < 0) {
                throw new IllegalArgumentException(
                        "Starting timestamp " + arrivalTime + " must not be before 1970.");
            }
        }
    }

    /**
     * See {@link StartingPosition#sequenceNumbers(Map, StartingPosition)}.
     *
     * @param firstSequenceNumbers inclusive
     * @param others for shards that are not in the map
     */
    @Internal
    record SequenceNumbers(Map<ShardId, Long> firstSequenceNumbers, StartingPosition others)
            implements StartingPosition {
        public SequenceNumbers {
            // A HashMap and not Map.copyOf: the position travels in the job graph by Java
            // serialization.
            firstSequenceNumbers = new HashMap<>(firstSequenceNumbers);
            Objects.requireNonNull(others, "others");
            if (others instanceof SequenceNumbers || others instanceof Committed) {
                throw new IllegalArgumentException(
                        "The starting position of other shards must not be by sequence numbers or a group's.");
            }
            firstSequenceNumbers.forEach(
                    (shard, number) -> {
                        if (number < 1) {
                            throw new IllegalArgumentException(
                                    "Starting sequence number "
                                            + number
                                            + " of shard "
                                            + shard
                                            + " must be 1 or more.");
                        }
                    });
        }
    }

    /**
     * See {@link StartingPosition#committed(String, StartingPosition)}.
     *
     * @param consumerGroup name of the group
     * @param fallback for shards without a committed position
     */
    @Internal
    record Committed(String consumerGroup, StartingPosition fallback) implements StartingPosition {
        public Committed {
            Objects.requireNonNull(fallback, "fallback");
            ConsumerGroupName.check(consumerGroup);
            if (fallback instanceof SequenceNumbers || fallback instanceof Committed) {
                throw new IllegalArgumentException(
                        "The fallback of a committed starting position must be earliest, latest or a timestamp.");
            }
        }
    }
}

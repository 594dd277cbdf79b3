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
 * Where a job stops. A closed set. It is resolved once, when the job first starts, into a last
 * sequence number for each shard, and kept in checkpoints; it never lies beyond the newest record
 * of that moment. So the job ends, whatever the shards receive or do not receive meanwhile. Shards
 * that have no record by then are not read.
 */
@PublicEvolving
public sealed interface StoppingPosition extends Serializable {

    /** The newest record of each shard at the moment of the job's start (inclusive). */
    static StoppingPosition latest() {
        return Latest.INSTANCE;
    }

    /**
     * Before the first record of each shard that arrived at this time or later. A time in the
     * future means {@link #latest}.
     *
     * @throws IllegalArgumentException for a time before 2015 or more than a year ahead, which no
     *     record has: a number is most likely in another unit
     */
    static StoppingPosition timestamp(Instant arrivalTime) {
        return new Timestamp(ArrivalTimeCheck.check("The stopping timestamp", arrivalTime));
    }

    /** As {@link #timestamp}, for a time that was computed and may be any. */
    @Internal
    static StoppingPosition computedTimestamp(Instant arrivalTime) {
        return new Timestamp(arrivalTime);
    }

    /**
     * In each given shard the record with this sequence number (inclusive), or the newest one if
     * that comes first; in all other shards the newest one.
     *
     * @param lastSequenceNumbers by shard, for example {@code
     *     StreamPath.parse("users/me/words").shard(0)}; 1 or more
     * @throws IllegalArgumentException if a value is out of range
     */
    static StoppingPosition sequenceNumbers(Map<ShardId, Long> lastSequenceNumbers) {
        return new SequenceNumbers(lastSequenceNumbers);
    }

    /**
     * In each shard the record that a consumer group has committed (inclusive) at the moment of the
     * job's start: what the group has processed by then. Nothing is read of a shard of which it has
     * not committed anything. The job fails if it has not committed anything of a whole stream that
     * has records, because its name is most likely another one.
     *
     * @param consumerGroup name of the group, for example of a Nuclio function or another job
     * @throws IllegalArgumentException if no group can have this name
     */
    static StoppingPosition committed(String consumerGroup) {
        return new Committed(consumerGroup);
    }

    /** See {@link StoppingPosition#latest()}. */
    @Internal
    enum Latest implements StoppingPosition {
        INSTANCE
    }

    /**
     * See {@link StoppingPosition#timestamp(Instant)}.
     *
     * @param arrivalTime exclusive upper bound
     */
    @Internal
    record Timestamp(Instant arrivalTime) implements StoppingPosition {
        public Timestamp {
            Objects.requireNonNull(arrivalTime, "arrivalTime");
            if (arrivalTime.getEpochSecond() < 0) {
                throw new IllegalArgumentException(
                        "Stopping timestamp " + arrivalTime + " must not be before 1970.");
            }
        }
    }

    /**
     * See {@link StoppingPosition#committed(String)}.
     *
     * @param consumerGroup name of the group
     */
    @Internal
    record Committed(String consumerGroup) implements StoppingPosition {
        public Committed {
            ConsumerGroupName.check(consumerGroup);
        }
    }

    /**
     * See {@link StoppingPosition#sequenceNumbers(Map)}.
     *
     * @param lastSequenceNumbers inclusive
     */
    @Internal
    record SequenceNumbers(Map<ShardId, Long> lastSequenceNumbers) implements StoppingPosition {
        public SequenceNumbers {
            // A HashMap and not Map.copyOf: the position travels in the job graph by Java
            // serialization.
            lastSequenceNumbers = new HashMap<>(lastSequenceNumbers);
            lastSequenceNumbers.forEach(
                    (shard, number) -> {
                        if (number < 1) {
                            throw new IllegalArgumentException(
                                    "Stopping sequence number "
                                            + number
                                            + " of shard "
                                            + shard
                                            + " must be 1 or more.");
                        }
                    });
        }
    }
}

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

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.Objects;

/**
 * A record as received from a shard. Its byte arrays are the record's own and are not copied by the
 * getters: whoever changes them changes the record.
 */
@PublicEvolving
public final class StreamRecord {

    private final ShardId shard;
    private final long sequenceNumber;
    private final long arrivalTimeSeconds;
    private final int arrivalTimeNanos;
    private final byte[] data;
    @Nullable private final String partitionKey;
    @Nullable private final byte[] clientInfo;

    /**
     * A record from its parts.
     *
     * @param shard the shard that it was read from
     * @param sequenceNumber 1 or more
     * @param arrivalTimeSeconds seconds since 1970 at which the platform took the record
     * @param arrivalTimeNanos nanoseconds within that second, 0 to 999,999,999
     * @param data the payload, may be empty
     * @param partitionKey null when the record was put without one
     * @param clientInfo null when the record was put without it
     */
    public StreamRecord(
            ShardId shard,
            long sequenceNumber,
            long arrivalTimeSeconds,
            int arrivalTimeNanos,
            byte[] data,
            @Nullable String partitionKey,
            @Nullable byte[] clientInfo) {
        this.shard = Objects.requireNonNull(shard, "shard");
        this.sequenceNumber = sequenceNumber;
        this.arrivalTimeSeconds = arrivalTimeSeconds;
        this.arrivalTimeNanos = arrivalTimeNanos;
        this.data = Objects.requireNonNull(data, "data");
        this.partitionKey = partitionKey;
        this.clientInfo = clientInfo;
    }

    /** The shard that the record was read from, with its stream. */
    public ShardId shard() {
        return shard;
    }

    /** The record's number in its shard: 1 or more, growing, unique per shard. */
    public long sequenceNumber() {
        return sequenceNumber;
    }

    /** Seconds since 1970 at which the platform took the record. */
    public long arrivalTimeSeconds() {
        return arrivalTimeSeconds;
    }

    /** Nanoseconds within {@link #arrivalTimeSeconds()}, 0 to 999,999,999. */
    public int arrivalTimeNanos() {
        return arrivalTimeNanos;
    }

    /** The arrival time in milliseconds since 1970, rounded down. */
    public long arrivalTimeMillis() {
        return arrivalTimeSeconds * 1_000 + arrivalTimeNanos / 1_000_000;
    }

    /** The arrival time to the nanosecond. */
    public Instant arrivalTime() {
        return Instant.ofEpochSecond(arrivalTimeSeconds, arrivalTimeNanos);
    }

    /** The payload, not copied; may be empty. */
    public byte[] data() {
        return data;
    }

    /** The partition key that the record was put with; null without one. */
    @Nullable
    public String partitionKey() {
        return partitionKey;
    }

    /** The client info that the record was put with, not copied; null without it. */
    @Nullable
    public byte[] clientInfo() {
        return clientInfo;
    }

    /** Coordinates and size; never data, key or client info, which may be confidential. */
    @Override
    public String toString() {
        return "StreamRecord{shard="
                + shard
                + ", sequenceNumber="
                + sequenceNumber
                + ", arrivalTime="
                + arrivalTime()
                + ", dataBytes="
                + data.length
                + "}";
    }
}

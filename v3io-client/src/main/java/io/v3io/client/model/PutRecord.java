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

import java.io.Serializable;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A record to store. Immutable, except that byte arrays are taken and returned without a copy.
 *
 * <p>A shard id wins over a partition key; a partition key is hashed to a shard by the platform and
 * stays with it while the shard count does; with neither, the platform chooses a shard. The limits
 * ({@link V3ioLimits}) are not checked here but by whoever sends the record, who can name it: see
 * {@link LimitViolation}.
 */
@PublicEvolving
public final class PutRecord implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final int NO_SHARD = -1;

    private final byte[] data;
    @Nullable private final String partitionKey;
    private final int shardNumber;
    @Nullable private final byte[] clientInfo;

    /**
     * Zero until somebody asks, if it does not fit, or if UTF-8 cannot express the key. Buffers,
     * limits and the encoder all ask, and each time the key would be read. Several threads may
     * compute it: they find the same.
     */
    private transient int encodedSizeBytes;

    private PutRecord(
            byte[] data,
            @Nullable String partitionKey,
            int shardNumber,
            @Nullable byte[] clientInfo) {
        this.data = data;
        this.partitionKey = partitionKey;
        this.shardNumber = shardNumber;
        this.clientInfo = clientInfo;
    }

    /** A record with data only: the platform chooses its shard. */
    public static PutRecord of(byte[] data) {
        return new PutRecord(Objects.requireNonNull(data, "data"), null, NO_SHARD, null);
    }

    /** The same record with a partition key, or without one if it is null. */
    public PutRecord withPartitionKey(@Nullable String partitionKey) {
        return new PutRecord(data, partitionKey, shardNumber, clientInfo);
    }

    /**
     * The same record for the shard with this id.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public PutRecord withShardId(int shardNumber) {
        if (shardNumber < 0) {
            throw new IllegalArgumentException(
                    "Shard id " + shardNumber + " must not be negative.");
        }
        return new PutRecord(data, partitionKey, shardNumber, clientInfo);
    }

    /** The same record with client info, or without it if it is null. */
    public PutRecord withClientInfo(@Nullable byte[] clientInfo) {
        return new PutRecord(data, partitionKey, shardNumber, clientInfo);
    }

    /** The payload, not copied. */
    public byte[] data() {
        return data;
    }

    /** The partition key; null without one. */
    @Nullable
    public String partitionKey() {
        return partitionKey;
    }

    /** The id of the shard that must take the record; empty when the platform decides. */
    public OptionalInt shardId() {
        return shardNumber == NO_SHARD ? OptionalInt.empty() : OptionalInt.of(shardNumber);
    }

    /** The client info, not copied; null without it. */
    @Nullable
    public byte[] clientInfo() {
        return clientInfo;
    }

    /**
     * Bytes of this record in a PutRecords body: JSON with base64, field names and punctuation. See
     * {@link PutRecordsSize} for a whole request.
     *
     * @throws IllegalArgumentException if the partition key has an unpaired surrogate
     */
    public long encodedSizeBytes() {
        long measured = measure();
        if (measured < 0) {
            throw new IllegalArgumentException("The " + unpairedSurrogate(measured) + ".");
        }
        return measured;
    }

    /** As {@link PutRecordsSize#ofRecord}; reads the key the first time only. */
    long measure() {
        int known = encodedSizeBytes;
        if (known > 0) {
            return known;
        }
        long size = PutRecordsSize.ofRecord(data, partitionKey, shardNumber, clientInfo);
        if (size > 0 && size <= Integer.MAX_VALUE) {
            encodedSizeBytes = (int) size;
        }
        return size;
    }

    /** In words what {@link #measure} has found, if it is negative. */
    static String unpairedSurrogate(long measured) {
        return "partition key has an unpaired surrogate at position "
                + (-1 - measured)
                + ", which UTF-8 cannot express";
    }

    /** Route and size; never data, key or client info, which may be confidential. */
    @Override
    public String toString() {
        return "PutRecord{dataBytes="
                + data.length
                + (shardNumber == NO_SHARD ? "" : ", shardId=" + shardNumber)
                + (partitionKey == null ? "" : ", partitionKeyChars=" + partitionKey.length())
                + (clientInfo == null ? "" : ", clientInfoBytes=" + clientInfo.length)
                + "}";
    }
}

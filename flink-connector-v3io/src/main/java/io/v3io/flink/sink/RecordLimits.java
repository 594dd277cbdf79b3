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

package io.v3io.flink.sink;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/**
 * The limits that a single record must keep. Pure.
 *
 * @param maxDataBytes bytes of its data at the most
 * @param maxEncodedBytes bytes of its JSON at the most, so that a request can hold it
 */
record RecordLimits(int maxDataBytes, long maxEncodedBytes) implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    /**
     * Checks what a record carries.
     *
     * @throws InvalidRecordException if a part of it is over its limit
     */
    void check(StreamPath stream, PutRecord record) {
        if (record.data().length > maxDataBytes) {
            throw tooLarge(
                    stream,
                    record,
                    "data has "
                            + record.data().length
                            + " bytes, the limit is "
                            + maxDataBytes
                            + " (setMaxRecordSize).");
        }
        String key = record.partitionKey();
        if (key != null) {
            checkKey(stream, record, key);
        }
        byte[] clientInfo = record.clientInfo();
        if (clientInfo != null) {
            checkSize(
                    stream,
                    record,
                    "client info",
                    clientInfo.length,
                    V3ioLimits.MAX_CLIENT_INFO_BYTES);
        }
        OptionalInt shardId = record.shardId();
        if (shardId.isPresent()) {
            checkShardId(stream, record, shardId.getAsInt());
        }
        // Known from now on, so it costs nothing to ask for it here.
        if (record.encodedSizeBytes() > maxEncodedBytes) {
            throw tooLarge(
                    stream,
                    record,
                    "JSON has "
                            + record.encodedSizeBytes()
                            + " bytes, and a request has room for "
                            + maxEncodedBytes
                            + " (setMaxBatchSizeInBytes).");
        }
    }

    /**
     * Checks a shard id against what any stream can have; whether this one has it, the server
     * knows.
     *
     * @throws InvalidRecordException if no stream can have it
     */
    static void checkShardId(StreamPath stream, PutRecord record, int shardId) {
        if (shardId < 0 || shardId >= V3ioLimits.MAX_SHARDS) {
            throw new InvalidRecordException(
                    stream.toString(),
                    record,
                    "A record for stream "
                            + stream
                            + " cannot be stored: setShardId chose shard "
                            + shardId
                            + ", a shard id is 0 to "
                            + (V3ioLimits.MAX_SHARDS - 1)
                            + ".");
        }
    }

    private static void checkKey(StreamPath stream, PutRecord record, String key) {
        if (key.length() > V3ioLimits.MAX_PARTITION_KEY_BYTES / MAX_UTF8_BYTES_PER_CHAR) {
            int bytes = key.getBytes(StandardCharsets.UTF_8).length;
            checkSize(stream, record, "partition key", bytes, V3ioLimits.MAX_PARTITION_KEY_BYTES);
        }
        int unpaired = unpairedSurrogate(key);
        if (unpaired >= 0) {
            throw new InvalidRecordException(
                    stream.toString(),
                    record,
                    cannotBeStored(stream, record)
                            + "its partition key has an unpaired surrogate at position "
                            + unpaired
                            + ", which UTF-8 cannot express.");
        }
    }

    /** By characters: looking for code points takes several times as long, for every record. */
    private static int unpairedSurrogate(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == key.length()
                        || !Character.isLowSurrogate(key.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    private static void checkSize(
            StreamPath stream, PutRecord record, String part, int bytes, int limit) {
        if (bytes > limit) {
            throw tooLarge(
                    stream, record, part + " has " + bytes + " bytes, the limit is " + limit + ".");
        }
    }

    private static InvalidRecordException tooLarge(
            StreamPath stream, PutRecord record, String what) {
        return new InvalidRecordException(
                stream.toString(), record, cannotBeStored(stream, record) + "its " + what);
    }

    private static String cannotBeStored(StreamPath stream, PutRecord record) {
        return "A record for stream "
                + stream
                + " ("
                + RecordRoute.describe(record)
                + ") cannot be stored: ";
    }
}

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

package io.v3io.flink.deadletter;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamRecord;
import io.v3io.client.model.V3ioLimits;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Makes of a record that could not be decoded the records that are its dead letter. Their client
 * info is a tag that the same record always gets, so that copies of a dead letter are known by it;
 * their key is that of the record, or else the id of its shard, so that copies are in one shard.
 */
final class DeadLetterEncoder {

    /**
     * Base64 of it is 933,336 bytes, so that with all else a dead letter stays below 1,000,000
     * bytes, which every version of the platform takes.
     */
    static final int MAX_PART_BYTES = 700_000;

    private DeadLetterEncoder() {}

    /** One record, or several if its data is too large for one. */
    static List<PutRecord> encode(
            String endpoint, StreamRecord record, String error, String reason) {
        byte[] data = record.data();
        int parts = Math.max(1, (data.length + MAX_PART_BYTES - 1) / MAX_PART_BYTES);
        List<PutRecord> encoded = new ArrayList<>(parts);
        for (int part = 1; part <= parts; part++) {
            int from = (part - 1) * MAX_PART_BYTES;
            byte[] partData =
                    parts == 1
                            ? data
                            : Arrays.copyOfRange(
                                    data, from, Math.min(data.length, from + MAX_PART_BYTES));
            DeadLetter letter =
                    new DeadLetter(
                            endpoint,
                            record.shard().stream().toString(),
                            record.shard().number(),
                            record.sequenceNumber(),
                            record.arrivalTime(),
                            record.partitionKey(),
                            record.clientInfo(),
                            error,
                            reason,
                            part,
                            parts,
                            data.length,
                            partData);
            encoded.add(
                    PutRecord.of(letter.toJson())
                            .withPartitionKey(key(record))
                            .withClientInfo(tag(record, part)));
        }
        return encoded;
    }

    private static String key(StreamRecord record) {
        String key = DeadLetter.usableKey(record.partitionKey());
        return key == null ? String.valueOf(record.shard().number()) : key;
    }

    /** Another history of the stream has the same numbers, but not the same times. */
    private static byte[] tag(StreamRecord record, int part) {
        byte[] shard = record.shard().toString().getBytes(UTF_8);
        ByteBuffer identity =
                ByteBuffer.allocate(shard.length + 2 * Long.BYTES + 2 * Integer.BYTES)
                        .put(shard)
                        .putLong(record.sequenceNumber())
                        .putLong(record.arrivalTimeSeconds())
                        .putInt(record.arrivalTimeNanos())
                        .putInt(part);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.array());
            return Arrays.copyOf(hash, V3ioLimits.MAX_CLIENT_INFO_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}

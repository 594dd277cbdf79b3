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

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * Why the platform cannot store a record: a part of it breaks one of the {@link V3ioLimits}. It
 * holds sizes and positions, never what the record carries.
 *
 * @param part what is at fault
 * @param words what is wrong with it, such as "data has 17 bytes, the limit is 16"
 */
@PublicEvolving
public record LimitViolation(Part part, String words) {

    /** Parts of a record that have limits. */
    public enum Part {
        DATA,
        CLIENT_INFO,
        PARTITION_KEY
    }

    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    /** Refuses null. */
    public LimitViolation {
        Objects.requireNonNull(part, "part");
        Objects.requireNonNull(words, "words");
    }

    /**
     * Checks a record, which reads its key once, however often the record is checked and measured.
     * The size of a whole request is for whoever puts one together: see {@link PutRecordsSize}.
     *
     * @param maxDataBytes bytes of data at the most, before base64
     * @return what is wrong first; null if the record is within all limits
     */
    @Nullable
    public static LimitViolation of(PutRecord record, int maxDataBytes) {
        if (record.data().length > maxDataBytes) {
            return new LimitViolation(
                    Part.DATA, tooMany("data", record.data().length, maxDataBytes));
        }
        byte[] clientInfo = record.clientInfo();
        if (clientInfo != null && clientInfo.length > V3ioLimits.MAX_CLIENT_INFO_BYTES) {
            return new LimitViolation(
                    Part.CLIENT_INFO,
                    tooMany("client info", clientInfo.length, V3ioLimits.MAX_CLIENT_INFO_BYTES));
        }
        String key = record.partitionKey();
        String wrongKey = key == null ? null : refuseKey(record, key);
        return wrongKey == null ? null : new LimitViolation(Part.PARTITION_KEY, wrongKey);
    }

    @Nullable
    private static String refuseKey(PutRecord record, String key) {
        long measured = record.measure();
        if (measured < 0) {
            return PutRecord.unpairedSurrogate(measured);
        }
        if (key.length() * (long) MAX_UTF8_BYTES_PER_CHAR <= V3ioLimits.MAX_PARTITION_KEY_BYTES) {
            return null;
        }
        // No text has fewer bytes in UTF-8 than chars, so a huge key is not encoded to be refused.
        if (key.length() > V3ioLimits.MAX_PARTITION_KEY_BYTES) {
            return "partition key has "
                    + key.length()
                    + " characters, the limit is "
                    + V3ioLimits.MAX_PARTITION_KEY_BYTES
                    + " bytes";
        }
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        return bytes <= V3ioLimits.MAX_PARTITION_KEY_BYTES
                ? null
                : tooMany("partition key", bytes, V3ioLimits.MAX_PARTITION_KEY_BYTES);
    }

    private static String tooMany(String part, int bytes, int limit) {
        return part + " has " + bytes + " bytes, the limit is " + limit;
    }
}

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

package io.v3io.client.wire;

import io.v3io.client.annotation.Internal;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;
import io.v3io.client.model.V3ioLimits;

import javax.annotation.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** Refuses what the server would refuse, naming the record by its index and never by its data. */
@Internal
public final class PutRecordsCheck {

    private static final int MAX_UTF8_BYTES_PER_CHAR = 3;

    private PutRecordsCheck() {}

    /**
     * Why these records cannot be sent in one request; null if they can.
     *
     * @param maxDataBytes the largest record's data, before base64
     */
    @Nullable
    public static String refuse(List<PutRecord> records, int maxDataBytes) {
        if (records.isEmpty() || records.size() > V3ioLimits.MAX_PUT_RECORDS) {
            return "A request takes 1 to "
                    + V3ioLimits.MAX_PUT_RECORDS
                    + " records, not "
                    + records.size()
                    + "; split the list.";
        }
        long bytes = (long) PutRecordsSize.EMPTY_REQUEST_BYTES - PutRecordsSize.SEPARATOR_BYTES;
        for (int i = 0; i < records.size(); i++) {
            PutRecord record = records.get(i);
            String refusal = record == null ? "is null." : refuse(record, maxDataBytes);
            if (refusal != null) {
                return "Record " + i + " of " + records.size() + " " + refusal;
            }
            bytes += record.encodedSizeBytes() + PutRecordsSize.SEPARATOR_BYTES;
            if (bytes > V3ioLimits.MAX_PUT_BODY_BYTES) {
                return "Records 0 to "
                        + i
                        + " of "
                        + records.size()
                        + " already take "
                        + bytes
                        + " bytes of JSON; a request takes at most "
                        + V3ioLimits.MAX_PUT_BODY_BYTES
                        + "; split the list.";
            }
        }
        return null;
    }

    /**
     * Why a record cannot be sent, as a sentence without its subject; null if it can.
     *
     * @param maxDataBytes the largest record's data, before base64
     */
    @Nullable
    public static String refuse(PutRecord record, int maxDataBytes) {
        if (record.data().length > maxDataBytes) {
            return "has "
                    + record.data().length
                    + " bytes of data; at most "
                    + maxDataBytes
                    + " are sent (maxRecordBytes).";
        }
        byte[] clientInfo = record.clientInfo();
        if (clientInfo != null && clientInfo.length > V3ioLimits.MAX_CLIENT_INFO_BYTES) {
            return "has "
                    + clientInfo.length
                    + " bytes of client info; the platform takes at most "
                    + V3ioLimits.MAX_CLIENT_INFO_BYTES
                    + ".";
        }
        String key = record.partitionKey();
        return key == null ? null : refuseKey(key);
    }

    @Nullable
    private static String refuseKey(String key) {
        // No text has fewer bytes in UTF-8 than chars, so a huge key is not encoded to be refused.
        if (key.length() > V3ioLimits.MAX_PARTITION_KEY_BYTES) {
            return "has a partition key of "
                    + key.length()
                    + " characters; the platform takes at most "
                    + V3ioLimits.MAX_PARTITION_KEY_BYTES
                    + " bytes in UTF-8.";
        }
        int unpaired = unpairedSurrogate(key);
        if (unpaired >= 0) {
            return "has a partition key with an unpaired surrogate at position "
                    + unpaired
                    + ", which no UTF-8 can express.";
        }
        if (key.length() * MAX_UTF8_BYTES_PER_CHAR <= V3ioLimits.MAX_PARTITION_KEY_BYTES) {
            return null;
        }
        int bytes = key.getBytes(StandardCharsets.UTF_8).length;
        return bytes <= V3ioLimits.MAX_PARTITION_KEY_BYTES
                ? null
                : "has a partition key of "
                        + bytes
                        + " bytes in UTF-8; the platform takes at most "
                        + V3ioLimits.MAX_PARTITION_KEY_BYTES
                        + ".";
    }

    private static int unpairedSurrogate(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }
}

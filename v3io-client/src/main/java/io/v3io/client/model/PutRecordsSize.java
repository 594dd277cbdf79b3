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

/**
 * The exact size of records as JSON, without encoding them: what counts against {@link
 * V3ioLimits#MAX_PUT_BODY_BYTES}.
 *
 * <p>A request's body has {@link #EMPTY_REQUEST_BYTES}, plus {@link PutRecord#encodedSizeBytes()}
 * of each record, plus one for the comma between two of them; see {@link #ofRequest}.
 */
@PublicEvolving
public final class PutRecordsSize {

    /** Bytes of a body without records: {@code {"Records":[]}}. */
    public static final int EMPTY_REQUEST_BYTES = "{\"Records\":[]}".length();

    /** Bytes between two records. */
    public static final int SEPARATOR_BYTES = 1;

    private static final int DATA_BYTES = "{\"Data\":\"\"}".length();
    private static final int CLIENT_INFO_BYTES = ",\"ClientInfo\":\"\"".length();
    private static final int PARTITION_KEY_BYTES = ",\"PartitionKey\":\"\"".length();
    private static final int SHARD_ID_BYTES = ",\"ShardId\":".length();

    private PutRecordsSize() {}

    /**
     * Bytes of a whole PutRecords body.
     *
     * @throws IllegalArgumentException if a partition key has an unpaired surrogate
     */
    public static long ofRequest(Iterable<PutRecord> records) {
        long bytes = EMPTY_REQUEST_BYTES;
        int count = 0;
        for (PutRecord record : records) {
            bytes += record.encodedSizeBytes();
            count++;
        }
        return count == 0 ? bytes : bytes + (long) (count - 1) * SEPARATOR_BYTES;
    }

    /**
     * Bytes of a record; negative if its key has a surrogate without its other half: then it is
     * {@code -1 - position}.
     */
    static long ofRecord(
            byte[] data,
            @Nullable String partitionKey,
            int shardNumber,
            @Nullable byte[] clientInfo) {
        long bytes = DATA_BYTES + base64Bytes(data.length);
        if (clientInfo != null) {
            bytes += CLIENT_INFO_BYTES + base64Bytes(clientInfo.length);
        }
        if (partitionKey != null) {
            long keyBytes = jsonBytes(partitionKey);
            if (keyBytes < 0) {
                return keyBytes;
            }
            bytes += PARTITION_KEY_BYTES + keyBytes;
        }
        if (shardNumber >= 0) {
            bytes += SHARD_ID_BYTES + digits(shardNumber);
        }
        return bytes;
    }

    private static long base64Bytes(int length) {
        return (length + 2L) / 3 * 4;
    }

    /**
     * Bytes of a text between quotes: UTF-8, with quote, backslash and control characters escaped;
     * {@code -1 - position} of a surrogate without its other half, which UTF-8 cannot express.
     */
    private static long jsonBytes(String text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x800) {
                if (Character.isSurrogate(c)) {
                    if (!Character.isHighSurrogate(c)
                            || i + 1 == text.length()
                            || !Character.isLowSurrogate(text.charAt(i + 1))) {
                        return -1L - i;
                    }
                    i++;
                    bytes += 4;
                } else {
                    bytes += 3;
                }
            } else if (c >= 0x80) {
                bytes += 2;
            } else if (c == '"' || c == '\\') {
                bytes += 2;
            } else if (c < 0x20) {
                bytes += c == '\b' || c == '\t' || c == '\n' || c == '\f' || c == '\r' ? 2 : 6;
            } else {
                bytes++;
            }
        }
        return bytes;
    }

    private static int digits(int number) {
        int digits = 1;
        for (int rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        return digits;
    }
}

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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes records as a PutRecords body: straight into one array, without a text per record. The
 * field order is that of the public clients.
 */
final class PutRecordsEncoder {

    private static final byte[] START = ascii("{\"Records\":[");
    private static final byte[] END = ascii("]}");
    private static final byte[] DATA = ascii("{\"Data\":\"");
    private static final byte[] CLIENT_INFO = ascii(",\"ClientInfo\":\"");
    private static final byte[] PARTITION_KEY = ascii(",\"PartitionKey\":\"");
    private static final byte[] SHARD_ID = ascii(",\"ShardId\":");
    private static final byte[] HEX = ascii("0123456789ABCDEF");

    private final byte[] body;
    private final Base64Writer base64 = new Base64Writer();
    private int position;

    private PutRecordsEncoder(byte[] body) {
        this.body = body;
    }

    /**
     * The body. The records must be within the limits, see {@link PutRecordsCheck}, so that the
     * size fits an int.
     */
    static RequestBody encode(List<PutRecord> records, BodyArrays arrays) {
        int size = Math.toIntExact(PutRecordsSize.ofRequest(records));
        byte[] body = arrays.take(size);
        new PutRecordsEncoder(body).write(records, size);
        return RequestBody.in(body, size, arrays);
    }

    private void write(List<PutRecord> records, int size) {
        raw(START);
        for (int i = 0; i < records.size(); i++) {
            if (i > 0) {
                body[position++] = ',';
            }
            record(records.get(i));
        }
        raw(END);
        if (position != size) {
            throw new IllegalStateException(
                    "Computed " + size + " bytes for PutRecords but wrote " + position + ".");
        }
    }

    private void record(PutRecord record) {
        raw(DATA);
        position = base64.write(record.data(), body, position);
        body[position++] = '"';
        byte[] clientInfo = record.clientInfo();
        if (clientInfo != null) {
            raw(CLIENT_INFO);
            position = base64.write(clientInfo, body, position);
            body[position++] = '"';
        }
        String partitionKey = record.partitionKey();
        if (partitionKey != null) {
            raw(PARTITION_KEY);
            text(partitionKey);
            body[position++] = '"';
        }
        if (record.shardId().isPresent()) {
            raw(SHARD_ID);
            number(record.shardId().getAsInt());
        }
        body[position++] = '}';
    }

    private void raw(byte[] bytes) {
        System.arraycopy(bytes, 0, body, position, bytes.length);
        position += bytes.length;
    }

    private void text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                asciiCharacter(c);
            } else if (c < 0x800) {
                body[position++] = (byte) (0xC0 | (c >> 6));
                body[position++] = (byte) (0x80 | (c & 0x3F));
            } else if (Character.isHighSurrogate(c)) {
                // Paired: the computation of the size has refused anything else.
                i++;
                int codePoint = Character.toCodePoint(c, text.charAt(i));
                body[position++] = (byte) (0xF0 | (codePoint >> 18));
                body[position++] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
                body[position++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
                body[position++] = (byte) (0x80 | (codePoint & 0x3F));
            } else {
                body[position++] = (byte) (0xE0 | (c >> 12));
                body[position++] = (byte) (0x80 | ((c >> 6) & 0x3F));
                body[position++] = (byte) (0x80 | (c & 0x3F));
            }
        }
    }

    private void asciiCharacter(char c) {
        if (c >= 0x20 && c != '"' && c != '\\') {
            body[position++] = (byte) c;
            return;
        }
        body[position++] = '\\';
        switch (c) {
            case '"', '\\' -> body[position++] = (byte) c;
            case '\b' -> body[position++] = 'b';
            case '\t' -> body[position++] = 't';
            case '\n' -> body[position++] = 'n';
            case '\f' -> body[position++] = 'f';
            case '\r' -> body[position++] = 'r';
            default -> {
                body[position++] = 'u';
                body[position++] = '0';
                body[position++] = '0';
                body[position++] = HEX[c >> 4];
                body[position++] = HEX[c & 0xF];
            }
        }
    }

    private void number(int number) {
        int divisor = 1;
        while (number / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            body[position++] = (byte) ('0' + number / divisor % 10);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

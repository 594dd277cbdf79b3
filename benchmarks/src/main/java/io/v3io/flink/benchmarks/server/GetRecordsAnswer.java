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

package io.v3io.flink.benchmarks.server;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;

/**
 * A whole GetRecords answer, head and body, of which only the next location and the sequence
 * numbers have to be written anew for each request. These have a fixed width, so that nothing else
 * moves. A location is the number of records before it.
 */
public final class GetRecordsAnswer {

    private static final int KEYS = 64;
    private static final int LOCATION_DIGITS = 16;
    private static final int NUMBER_DIGITS = 12;
    private static final int GROUP = 10_000;

    /** The first number has as many digits as the last. */
    static final long FIRST_NUMBER = 100_000_000_000L;

    static final long LAST_NUMBER = 999_999_999_999L;

    /** A shard gets one of so many records of the sink that wrote them. */
    private static final int STEP_OF_TAGS = 16;

    /** As base64; its last two characters, and the four before them, are the record's index. */
    private static final String TAG = "AAAAAAAAAAAAAAAAAAAAAA==";

    private static final int INDEX_AT = 16;

    /** Two characters of base64 each, as the bytes of a short. */
    private static final short[] BASE64 = base64();

    /** Four digits each, as the bytes of an int. */
    private static final int[] DIGITS = digits();

    private final int records;
    private final byte[] bytes;
    private final int headBytes;
    private final int locationAt;
    private final int[] numbersAt;

    /** Where the indices in the tags are; none if records have no tags. */
    private final int[] indicesAt;

    /** An answer with so many records of so many bytes, which have tags or not. */
    GetRecordsAnswer(int records, int recordBytes, boolean tagged) {
        this.records = records;
        this.numbersAt = new int[records];
        this.indicesAt = new int[tagged ? records : 0];
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        append(body, "{\"NextLocation\":\"");
        int location = body.size();
        append(
                body,
                "0".repeat(LOCATION_DIGITS)
                        + "\",\"MSecBehindLatest\":60000,\"RecordsBehindLatest\":1000000,"
                        + "\"Records\":[");
        Random random = new Random(records);
        byte[] data = new byte[recordBytes];
        for (int i = 0; i < records; i++) {
            random.nextBytes(data);
            append(
                    body,
                    (i == 0 ? "" : ",")
                            // The same in all answers: a time that goes back is another history.
                            + "{\"ArrivalTimeSec\":1790000000,\"ArrivalTimeNSec\":100000000"
                            + ",\"SequenceNumber\":");
            numbersAt[i] = body.size();
            append(body, "0".repeat(NUMBER_DIGITS));
            if (tagged) {
                append(body, ",\"ClientInfo\":\"");
                indicesAt[i] = body.size() + INDEX_AT;
                append(body, TAG + "\"");
            }
            append(
                    body,
                    ",\"PartitionKey\":\"key-"
                            + (10 + i % KEYS)
                            + "\",\"Data\":\""
                            + Base64.getEncoder().encodeToString(data)
                            + "\"}");
        }
        append(body, "]}");
        byte[] head =
                ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                + body.size()
                                + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII);
        bytes = new byte[head.length + body.size()];
        System.arraycopy(head, 0, bytes, 0, head.length);
        System.arraycopy(body.toByteArray(), 0, bytes, head.length, body.size());
        headBytes = head.length;
        locationAt = head.length + location;
        for (int i = 0; i < records; i++) {
            numbersAt[i] += head.length;
        }
        for (int i = 0; i < indicesAt.length; i++) {
            indicesAt[i] += head.length;
        }
    }

    /** The body of the first answer of a shard, with so many records of so many bytes. */
    public static byte[] firstBody(int records, int recordBytes) {
        GetRecordsAnswer answer = new GetRecordsAnswer(records, recordBytes, false);
        ByteBuffer buffer = answer.newBuffer();
        answer.fill(buffer, 0);
        byte[] body = new byte[answer.bytes.length - answer.headBytes];
        buffer.get(answer.headBytes, body);
        return body;
    }

    private static void append(ByteArrayOutputStream body, String text) {
        body.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static int[] digits() {
        int[] digits = new int[GROUP];
        for (int i = 0; i < GROUP; i++) {
            byte[] text = Integer.toString(GROUP + i).getBytes(StandardCharsets.US_ASCII);
            digits[i] = ByteBuffer.wrap(text, 1, 4).getInt();
        }
        return digits;
    }

    /** The location of the record with this number, as text. */
    static String location(long number) {
        String location = Long.toString(number - FIRST_NUMBER);
        return "0".repeat(LOCATION_DIGITS - location.length()) + location;
    }

    private static short[] base64() {
        short[] pairs = new short[1 << 12];
        for (int i = 0; i < pairs.length; i++) {
            byte[] twelveBits = {(byte) (i >> 4), (byte) (i << 4)};
            pairs[i] = ByteBuffer.wrap(Base64.getEncoder().encode(twelveBits)).getShort();
        }
        return pairs;
    }

    /** A buffer that {@link #fill} can be called with. */
    ByteBuffer newBuffer() {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    /** Makes it the answer to a request from this location. */
    void fill(ByteBuffer buffer, long location) {
        long next = location + records;
        buffer.clear();
        put(buffer, locationAt, (int) (next / GROUP / GROUP / GROUP));
        put(buffer, locationAt + 4, (int) (next / GROUP / GROUP % GROUP));
        put(buffer, locationAt + 8, (int) (next / GROUP % GROUP));
        put(buffer, locationAt + 12, (int) (next % GROUP));
        for (int i = 0; i < records; i++) {
            long number = FIRST_NUMBER + location + i;
            int at = numbersAt[i];
            put(buffer, at, (int) (number / GROUP / GROUP));
            put(buffer, at + 4, (int) (number / GROUP % GROUP));
            put(buffer, at + 8, (int) (number % GROUP));
        }
        for (int i = 0; i < indicesAt.length; i++) {
            int index = (int) (location + i) * STEP_OF_TAGS;
            buffer.putShort(indicesAt[i], BASE64[index >>> 20]);
            buffer.putShort(indicesAt[i] + 2, BASE64[(index >>> 8) & 0xfff]);
            buffer.putShort(indicesAt[i] + 4, BASE64[(index & 0xff) << 4]);
        }
    }

    private static void put(ByteBuffer buffer, int at, int group) {
        buffer.putInt(at, DIGITS[group]);
    }
}

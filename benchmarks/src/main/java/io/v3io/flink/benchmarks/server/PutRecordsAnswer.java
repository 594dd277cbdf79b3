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

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The answer that all records of a PutRecords request were stored: a part of the longest one. */
final class PutRecordsAnswer {

    private static final int MAX_RECORDS = 1_000;
    private static final byte[] START = ascii("{\"FailedRecordCount\":0,\"Records\":[");
    private static final byte[] END = ascii("]}");
    private static final int RESULT_BYTES = result(0).length;
    private static final byte[] RESULTS = results();

    private PutRecordsAnswer() {}

    static int maxBytes() {
        return 200 + START.length + MAX_RECORDS * RESULT_BYTES + END.length;
    }

    /** Writes the answer for so many records, 1 to 1,000, and flips the buffer. */
    static void fill(ByteBuffer buffer, int records) {
        // Without the comma before the first one.
        int results = records * RESULT_BYTES - 1;
        buffer.clear();
        buffer.put(
                ascii(
                        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                                + (START.length + results + END.length)
                                + "\r\n\r\n"));
        buffer.put(START).put(RESULTS, 1, results).put(END).flip();
    }

    private static byte[] results() {
        ByteBuffer results = ByteBuffer.allocate(MAX_RECORDS * RESULT_BYTES);
        for (int i = 0; i < MAX_RECORDS; i++) {
            results.put(result(i));
        }
        return results.array();
    }

    private static byte[] result(int i) {
        return ascii(
                ",{\"SequenceNumber\":" + (1_000_000_000L + i) + ",\"ShardId\":" + i % 8 + "}");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

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

package io.v3io.flink.source.reader;

import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.V3ioLimits;

import org.apache.flink.annotation.Internal;

import javax.annotation.concurrent.NotThreadSafe;

/**
 * How many records a shard is asked for next, and how many bytes they are expected to be: so many
 * records that an answer stays well within the reader's budget and the platform's 10 MB, judged by
 * the shard's last answers. Guarded by the reader's monitor.
 */
@Internal
@NotThreadSafe
final class RequestSize {

    /** So many answers of one reader shall fit into its budget at the same time. */
    private static final int ANSWERS_PER_BUDGET = 16;

    private static final int LEAST_TARGET_BYTES = 64 * 1024;

    /**
     * Before the first answer nothing is known of a shard. What it turns out to be more, the budget
     * is asked for when the answer's head has come.
     */
    private static final int FIRST_EXPECTED_BYTES = 1024 * 1024;

    private static final int LEAST_EXPECTED_BYTES = 16 * 1024;

    /** A server that sends less than it is asked for is believed step by step: by an eighth. */
    private static final int PART_BELIEVED = 8;

    private final int maxRecords;
    private final long targetBytes;

    private int limit;
    private long expectedBytes;

    /**
     * What an answer has at the most, although there is more; not less than it turned out to be.
     */
    private int mostRecords;

    /**
     * The size of a shard's first request.
     *
     * @param maxRecords what the user allows a request to ask for
     * @param budgetBytes of the reader
     */
    RequestSize(int maxRecords, long budgetBytes) {
        this.maxRecords = maxRecords;
        this.targetBytes =
                Math.min(
                        V3ioLimits.MAX_GET_RECORDS_BYTES,
                        Math.max(LEAST_TARGET_BYTES, budgetBytes / ANSWERS_PER_BUDGET));
        this.limit = maxRecords;
        this.mostRecords = maxRecords;
        this.expectedBytes = Math.min(FIRST_EXPECTED_BYTES, targetBytes);
    }

    /** Records to ask for. */
    int limit() {
        return limit;
    }

    /** Bytes that the next answer is expected to have. */
    long expectedBytes() {
        return expectedBytes;
    }

    /**
     * Records that one answer may be expected to have: what is asked for, if the server does not
     * always send less.
     */
    int expectedRecords() {
        return Math.min(limit, mostRecords);
    }

    /** An answer to a request for so many records has come. */
    void noteAnswer(RecordBatch batch, int asked) {
        int records = batch.records().size();
        if (records == 0) {
            expectedBytes = LEAST_EXPECTED_BYTES;
            return;
        }
        if (records >= limit) {
            mostRecords = maxRecords;
        } else if (records < asked && batch.recordsBehindLatest() > 0) {
            mostRecords = Math.max(records, mostRecords - mostRecords / PART_BELIEVED);
        }
        long bytesPerRecord = Math.max(1, batch.bodyBytes() / records);
        limit = (int) Math.max(1, Math.min(maxRecords, targetBytes / bytesPerRecord));
        long expectedRecords =
                batch.recordsBehindLatest() > 0
                        ? Math.min(expectedRecords(), batch.recordsBehindLatest())
                        : Math.min(limit, records);
        expectedBytes =
                Math.max(
                        LEAST_EXPECTED_BYTES,
                        Math.min(
                                expectedRecords * bytesPerRecord,
                                V3ioLimits.MAX_GET_RECORDS_BYTES));
    }

    /** The server announced an answer for which there was no room. */
    void noteRefused(long bodyBytes) {
        expectedBytes = bodyBytes;
        // Its records are not known, so that this may be too many still, but never too few.
        long leastBytesPerRecord = Math.max(1, bodyBytes / limit);
        limit = (int) Math.max(1, Math.min(limit, targetBytes / leastBytesPerRecord));
    }
}

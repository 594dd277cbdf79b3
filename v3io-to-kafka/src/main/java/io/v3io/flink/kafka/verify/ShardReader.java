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

package io.v3io.flink.kafka.verify;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.stream.ShardCursor;

import javax.annotation.Nullable;

import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Reads a shard one by one, and knows what retention has removed from it. Not thread-safe. */
final class ShardReader {

    private static final int BATCH = 500;

    private final V3ioClient client;
    private final ShardId shard;
    private final ShardCursor cursor;
    private Iterator<StreamRecord> read = Collections.emptyIterator();
    @Nullable private StreamRecord next;
    private boolean isFirstOfBatch = true;

    /** Numbers below it are gone. */
    private long oldest = 1;

    /**
     * From the record after one, or from the oldest.
     *
     * @param after number of a record that was there once; 0 for the oldest
     */
    ShardReader(V3ioClient client, ShardId shard, long after) {
        this.client = client;
        this.shard = shard;
        cursor =
                after == 0
                        ? ShardCursor.atOldest(client, shard)
                        : ShardCursor.after(client, shard, after);
    }

    /** The next record, which stays the next one; null at the end. */
    @Nullable
    StreamRecord peek() throws InterruptedException {
        if (next == null) {
            isFirstOfBatch = !read.hasNext();
            if (isFirstOfBatch) {
                read = cursor.next(BATCH).iterator();
            }
            next = read.hasNext() ? read.next() : null;
        }
        return next;
    }

    /** Whether the next record came together with the one before it: nothing was between them. */
    boolean isNextAdjacent() {
        return !isFirstOfBatch;
    }

    void take() {
        next = null;
    }

    /** Whether retention has removed all records up to this number, itself included. */
    boolean isGone(long number) throws InterruptedException {
        if (number >= oldest) {
            List<StreamRecord> first = ShardCursor.atOldest(client, shard).next(1);
            oldest = first.isEmpty() ? Long.MAX_VALUE : first.get(0).sequenceNumber();
        }
        return number < oldest;
    }
}

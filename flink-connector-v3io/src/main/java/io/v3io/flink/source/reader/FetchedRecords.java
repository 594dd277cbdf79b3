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

import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * What one fetch hands to the task: records of several shards, and the shards that end with them.
 * Made by the fetcher thread, read by the task's main thread; the hand-over queue lies between.
 */
@Internal
final class FetchedRecords implements RecordsWithSplitIds<FetchedRecord> {

    private final List<FetchedBatch> batches;
    private final Set<String> finishedSplits;
    private final LongConsumer onEmitted;
    private final FetchedRecord current = new FetchedRecord();

    private int nextBatch;
    private int nextRecord;
    @Nullable private FetchedBatch batch;

    /**
     * Hands over what was received of some shards, in this order.
     *
     * @param batches one after another; the list becomes this object's own
     * @param finishedSplits splits that end when these records have been emitted
     * @param onEmitted gets the body bytes of each batch when its records have been emitted
     */
    FetchedRecords(List<FetchedBatch> batches, Set<String> finishedSplits, LongConsumer onEmitted) {
        this.batches = batches;
        this.finishedSplits = finishedSplits;
        this.onEmitted = onEmitted;
    }

    /** Nothing: what a fetch returns when it was woken up. */
    static FetchedRecords nothing() {
        return new FetchedRecords(new ArrayList<>(), Set.of(), bytes -> {});
    }

    @Override
    @Nullable
    public String nextSplit() {
        giveBackCurrent();
        if (nextBatch == batches.size()) {
            return null;
        }
        batch = batches.get(nextBatch++);
        nextRecord = 0;
        return batch.splitId();
    }

    /** At once and not with all others, so that the next answers come while those are emitted. */
    private void giveBackCurrent() {
        if (batch != null) {
            batches.set(nextBatch - 1, null);
            onEmitted.accept(batch.bodyBytes());
            batch = null;
        }
    }

    @Override
    @Nullable
    public FetchedRecord nextRecordFromSplit() {
        if (batch == null) {
            throw new IllegalStateException("There is no current split.");
        }
        List<StreamRecord> records = batch.records();
        if (nextRecord == records.size()) {
            return null;
        }
        StreamRecord record = records.get(nextRecord++);
        return current.set(record, batch.fetchedFrom());
    }

    @Override
    public Set<String> finishedSplits() {
        return finishedSplits;
    }

    @Override
    public void recycle() {
        while (nextSplit() != null) {
            // Gives back what has been fetched and is not going to be emitted.
        }
    }
}

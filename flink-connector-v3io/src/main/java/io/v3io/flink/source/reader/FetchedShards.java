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

import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * What one fetch hands to the task: records of several shards, and the shards that end with them.
 * Made by the fetcher thread, read by the task's main thread; the hand-over queue lies between.
 */
@Internal
final class FetchedShards implements RecordsWithSplitIds<FetchedRecord> {

    private final List<ShardRecords> shards;
    private final Set<String> finishedSplits;
    private final LongConsumer onRecycled;
    private final FetchedRecord current = new FetchedRecord();

    private int nextShard;
    private int nextRecord;
    @Nullable private ShardRecords shard;

    /**
     * A fetch.
     *
     * @param shards records by shard
     * @param finishedSplits splits that end when these records have been emitted
     * @param onRecycled gets the sum of body bytes when all has been emitted or dropped
     */
    FetchedShards(List<ShardRecords> shards, Set<String> finishedSplits, LongConsumer onRecycled) {
        this.shards = shards;
        this.finishedSplits = finishedSplits;
        this.onRecycled = onRecycled;
    }

    /** Nothing: what a fetch returns when it was woken up. */
    static FetchedShards nothing() {
        return new FetchedShards(List.of(), Set.of(), bytes -> {});
    }

    @Override
    @Nullable
    public String nextSplit() {
        if (nextShard == shards.size()) {
            shard = null;
            return null;
        }
        shard = shards.get(nextShard++);
        nextRecord = 0;
        return shard.splitId();
    }

    @Override
    @Nullable
    public FetchedRecord nextRecordFromSplit() {
        if (shard == null) {
            throw new IllegalStateException("There is no current split.");
        }
        List<StreamRecord> records = shard.records();
        if (nextRecord == records.size()) {
            return null;
        }
        StreamRecord record = records.get(nextRecord++);
        return current.set(record, shard.fetchedFrom());
    }

    @Override
    public Set<String> finishedSplits() {
        return finishedSplits;
    }

    @Override
    public void recycle() {
        onRecycled.accept(shards.stream().mapToLong(ShardRecords::bodyBytes).sum());
    }
}

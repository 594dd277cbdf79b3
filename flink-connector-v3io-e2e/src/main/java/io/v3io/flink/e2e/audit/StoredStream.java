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

package io.v3io.flink.e2e.audit;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;

/**
 * All that a stream holds.
 *
 * @param shards the records of each shard number, oldest first
 */
public record StoredStream(SortedMap<Integer, List<StreamRecord>> shards) {

    private static final int LIMIT = 1_000;

    /** Reads a stream to which nobody writes any more. */
    public static StoredStream read(V3ioClient client, StreamPath stream) {
        int shardCount = client.describeStream(stream).join().shardCount();
        SortedMap<Integer, List<StreamRecord>> shards = new TreeMap<>();
        for (int shard = 0; shard < shardCount; shard++) {
            shards.put(shard, readShard(client, new ShardId(stream, shard)));
        }
        return new StoredStream(shards);
    }

    private static List<StreamRecord> readShard(V3ioClient client, ShardId shard) {
        Location location;
        try {
            location = client.seek(shard, SeekPosition.earliest()).join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof V3ioException error
                    && error.kind() == V3ioException.Kind.NOT_FOUND) {
                // A shard is born with its first record.
                return List.of();
            }
            throw e;
        }
        List<StreamRecord> records = new ArrayList<>();
        while (true) {
            RecordBatch batch = client.getRecords(shard, location, LIMIT).join();
            records.addAll(batch.records());
            location = batch.nextLocation();
            if (batch.records().isEmpty() && batch.recordsBehindLatest() == 0) {
                return records;
            }
        }
    }

    /** Records of all shards. */
    public long count() {
        return shards.values().stream().mapToLong(List::size).sum();
    }

    /** The records, shard after shard, oldest first. */
    public List<StreamRecord> records() {
        return shards.values().stream().flatMap(List::stream).toList();
    }
}

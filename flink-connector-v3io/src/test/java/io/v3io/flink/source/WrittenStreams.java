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

package io.v3io.flink.source;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/**
 * The streams that a test writes, and how many records it has written to each shard. The emulator's
 * sequence numbers have no gaps, so that count is the number of the newest record.
 */
final class WrittenStreams implements AutoCloseable {

    private final EmulatedStreams streams;
    private final Map<StreamPath, Integer> shardCounts = new TreeMap<>();
    private final Map<ShardId, Long> newest = new HashMap<>();
    private int written;

    WrittenStreams(EmulatedStreams streams) {
        this.streams = streams;
    }

    EmulatedStreams server() {
        return streams;
    }

    StreamPath create(String stream, int shardCount) {
        StreamPath path = streams.create(stream, shardCount);
        shardCounts.put(path, shardCount);
        return path;
    }

    void grow(StreamPath stream, int shardCount) {
        streams.grow(stream, shardCount);
        shardCounts.put(stream, shardCount);
    }

    /** Stores records that are told apart by their data. */
    void put(ShardId shard, int records, IntSupplier sizes) {
        List<PutRecord> batch = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            String data = "record " + written++ + " ";
            byte[] bytes =
                    (data + "-".repeat(sizes.getAsInt())).getBytes(StandardCharsets.US_ASCII);
            batch.add(PutRecord.of(bytes).withShardId(shard.number()));
        }
        streams.putAll(shard.stream(), batch);
        newest.merge(shard, (long) records, Long::sum);
    }

    List<StreamPath> paths() {
        return List.copyOf(shardCounts.keySet());
    }

    int shardCount(StreamPath stream) {
        return shardCounts.get(stream);
    }

    /** All shards, born or not. */
    List<ShardId> shards() {
        List<ShardId> shards = new ArrayList<>();
        shardCounts.forEach(
                (stream, count) -> {
                    for (int number = 0; number < count; number++) {
                        shards.add(stream.shard(number));
                    }
                });
        return shards;
    }

    /** Number of a shard's newest record; 0 when it has none, or does not exist. */
    long newest(ShardId shard) {
        return newest.getOrDefault(shard, 0L);
    }

    /** What the server has of a shard. */
    List<StoredRecord> stored(ShardId shard) {
        return streams.emulator().stream(shard.stream().toString()).records(shard.number());
    }

    @Override
    public void close() {
        streams.close();
    }
}

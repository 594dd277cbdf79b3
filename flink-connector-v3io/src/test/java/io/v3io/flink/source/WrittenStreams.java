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
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.EmulatedStreams;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/**
 * The streams that a test writes, and all that has ever been stored in each shard, whatever
 * retention has removed of it since. Records are known by their index in that, because sequence
 * numbers may have gaps and begin anywhere.
 */
final class WrittenStreams implements AutoCloseable {

    private final EmulatedStreams streams;
    private final Map<StreamPath, Integer> shardCounts = new TreeMap<>();
    private final Map<ShardId, List<StoredRecord>> history = new HashMap<>();
    private final Map<ShardId, Integer> removed = new HashMap<>();
    private final Map<StreamPath, Integer> deleted = new TreeMap<>();
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

    /** Deletes a stream, whoever may list it. */
    void delete(StreamPath stream) {
        V3ioEmulator emulator = streams.emulator();
        Dialect dialect = emulator.dialect();
        emulator.faults().clear();
        emulator.setDialect(dialect.with(Listing.GRANTED));
        streams.client().deleteStream(stream).join();
        emulator.setDialect(dialect);
        deleted.put(stream, shardCounts.remove(stream));
    }

    /** Whether a stream has been deleted. */
    boolean isDeleted(StreamPath stream) {
        return deleted.containsKey(stream);
    }

    /** Whether any stream has been deleted. */
    boolean isAnyDeleted() {
        return !deleted.isEmpty();
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
        noteStored(shard);
    }

    /** The platform may have stored some twice. */
    private void noteStored(ShardId shard) {
        List<StoredRecord> all = history.computeIfAbsent(shard, id -> new ArrayList<>());
        long newest = newest(shard);
        streams.emulator().stream(shard.stream().toString()).records(shard.number()).stream()
                .filter(record -> record.sequenceNumber() > newest)
                .forEach(all::add);
    }

    /**
     * Retention removes the oldest records of a shard.
     *
     * @param left index of the first one that stays
     */
    void retain(ShardId shard, int left) {
        List<StoredRecord> all = stored(shard);
        streams.emulator()
                .trimShard(
                        shard.stream().toString(),
                        shard.number(),
                        left < all.size() ? all.get(left).sequenceNumber() : newest(shard) + 1);
        removed.merge(shard, left, Math::max);
    }

    /** How many of a shard's records retention has removed. */
    int removed(ShardId shard) {
        return removed.getOrDefault(shard, 0);
    }

    List<StreamPath> paths() {
        return List.copyOf(shardCounts.keySet());
    }

    int shardCount(StreamPath stream) {
        return shardCounts.get(stream);
    }

    /** All shards, born or not, of the streams that there are. */
    List<ShardId> shards() {
        return shardsOf(shardCounts);
    }

    /** All shards that there have ever been. */
    List<ShardId> everyShard() {
        List<ShardId> shards = shardsOf(shardCounts);
        shards.addAll(shardsOf(deleted));
        return shards;
    }

    private static List<ShardId> shardsOf(Map<StreamPath, Integer> counts) {
        List<ShardId> shards = new ArrayList<>();
        counts.forEach(
                (stream, count) -> {
                    for (int number = 0; number < count; number++) {
                        shards.add(stream.shard(number));
                    }
                });
        return shards;
    }

    /** The shards of some streams. */
    List<ShardId> shards(Collection<StreamPath> of) {
        return shards().stream().filter(shard -> of.contains(shard.stream())).toList();
    }

    /** Number of a shard's newest record; 0 when it has none, or does not exist. */
    long newest(ShardId shard) {
        List<StoredRecord> all = stored(shard);
        return all.isEmpty() ? 0 : all.get(all.size() - 1).sequenceNumber();
    }

    /** How many records a shard has had. */
    int count(ShardId shard) {
        return stored(shard).size();
    }

    /** Index of the first record with this number or a larger one; the count when there is none. */
    int indexOf(ShardId shard, long sequenceNumber) {
        List<StoredRecord> all = stored(shard);
        int low = 0;
        int high = all.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (all.get(middle).sequenceNumber() < sequenceNumber) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** All that a shard has had, oldest first. */
    List<StoredRecord> stored(ShardId shard) {
        return history.getOrDefault(shard, List.of());
    }

    @Override
    public void close() {
        streams.close();
    }
}

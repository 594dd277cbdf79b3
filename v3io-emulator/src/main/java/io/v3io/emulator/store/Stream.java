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

package io.v3io.emulator.store;

import io.v3io.emulator.Assumptions;
import io.v3io.emulator.DialectSetting.RoundRobin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A stream: a directory with shards in it. Thread-safe; routing and reading need no lock of the
 * stream, {@link Container} changes it under its own.
 */
public final class Stream extends Directory {
    private final StoreContext context;
    private final String container;
    private final String path;
    private final int retentionHours;
    private final AtomicInteger nextRoundRobin;

    /** Replaced, never changed, when the stream grows or a shard is deleted. */
    private volatile Shard[] shards;

    Stream(
            StoreContext context,
            String container,
            String path,
            long createdNanos,
            int shardCount,
            int retentionHours) {
        super(SystemAttributes.inode(container, path), createdNanos);
        this.context = context;
        this.container = container;
        this.path = path;
        this.retentionHours = retentionHours;
        this.nextRoundRobin = new AtomicInteger(roundRobinStart(context, shardCount));
        this.shards = withNewShards(new Shard[0], shardCount);
    }

    private static int roundRobinStart(StoreContext context, int shardCount) {
        return context.dialect().get().is(RoundRobin.ANYWHERE)
                ? context.draw().applyAsInt(shardCount)
                : 0;
    }

    private Shard[] withNewShards(Shard[] present, int shardCount) {
        Shard[] grown = Arrays.copyOf(present, shardCount);
        for (int id = present.length; id < shardCount; id++) {
            grown[id] = newShard(id);
        }
        return grown;
    }

    private Shard newShard(int id) {
        return new Shard(context, this, id, context.incarnations().incrementAndGet());
    }

    /** Without slashes around. */
    public String container() {
        return container;
    }

    /** Within the container, without slashes around. */
    public String path() {
        return path;
    }

    /** How many shards there are, born or not. */
    public int shardCount() {
        return shards.length;
    }

    /** How long records stay, in hours. */
    public int retentionHours() {
        return retentionHours;
    }

    long retentionNanos() {
        return TimeUnit.HOURS.toNanos(retentionHours);
    }

    /** The shard of this id, which must be one of the stream. */
    public Shard shard(int id) {
        return shards[id];
    }

    /** All shards at this moment, by id. */
    public List<Shard> shards() {
        return List.of(shards);
    }

    /**
     * The shard id that a name in the stream's directory means, whether there is such a shard or
     * not.
     */
    public static OptionalInt shardIdOf(String name) {
        if (name.isEmpty() || name.length() > 9 || (name.length() > 1 && name.charAt(0) == '0')) {
            return OptionalInt.empty();
        }
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return OptionalInt.empty();
            }
        }
        return OptionalInt.of(Integer.parseInt(name));
    }

    /**
     * Stores records of one request, those of one shard in the order of the request.
     *
     * @param twice whether each is stored once more, with a number of its own
     * @return a result for each record, when all that could be stored are safe
     */
    public CompletableFuture<List<PutOutcome>> append(List<NewRecord> puts, boolean twice) {
        return new RecordRouter(this, puts, twice).append();
    }

    /** The shard of a record that asks for none. */
    int route(NewRecord put, int shardCount) {
        return put.partitionKey() != null
                ? Assumptions.shardOfPartitionKey(put.partitionKey(), shardCount)
                : Math.floorMod(nextRoundRobin.getAndIncrement(), shardCount);
    }

    /** The shards as they are now, for one request to go by. */
    Shard[] currentShards() {
        return shards;
    }

    /** Lets retention remove whatever it may, to make room. */
    void removeExpired() {
        for (Shard shard : shards) {
            shard.removeExpired();
        }
    }

    void grow(int shardCount) {
        shards = withNewShards(shards, shardCount);
    }

    /** Puts back a shard of an earlier run. */
    Shard restoreShard(
            int id,
            long incarnation,
            long firstSequence,
            int epoch,
            Numbering numbering,
            ItemState state) {
        Shard[] replaced = shards.clone();
        replaced[id] =
                new Shard(context, this, id, incarnation, firstSequence, epoch, numbering, state);
        shards = replaced;
        return replaced[id];
    }

    /** Removes a shard's records; the shard is unborn again, and what it was before stays dead. */
    CompletableFuture<Void> deleteShard(int id) {
        Shard[] replaced = shards.clone();
        Shard old = replaced[id];
        replaced[id] = newShard(id);
        shards = replaced;
        return old.delete();
    }

    /** Ends all shards, also for writers that have found the stream just before it was removed. */
    CompletableFuture<Void> deleteShards() {
        List<CompletableFuture<Void>> deleted = new ArrayList<>();
        for (Shard shard : shards) {
            deleted.add(shard.delete());
        }
        return CompletableFuture.allOf(deleted.toArray(CompletableFuture<?>[]::new));
    }

    @Override
    Node child(String name) {
        OptionalInt id = shardIdOf(name);
        if (id.isPresent()) {
            Shard[] current = shards;
            return id.getAsInt() < current.length ? current[id.getAsInt()] : null;
        }
        return super.child(name);
    }

    /** Objects and born shards. */
    @Override
    NavigableMap<String, Node> children() {
        NavigableMap<String, Node> all = new TreeMap<>(super.children());
        Shard[] current = shards;
        for (int id = 0; id < current.length; id++) {
            if (current[id].isBorn()) {
                all.put(Integer.toString(id), current[id]);
            }
        }
        return all;
    }

    @Override
    boolean isEmpty() {
        return super.isEmpty() && Arrays.stream(shards).noneMatch(Shard::isBorn);
    }

    @Override
    void release() {
        super.release();
        for (Shard shard : shards) {
            shard.release();
        }
    }

    /** Kills every location of every shard handed out so far. */
    public CompletableFuture<Void> expireLocations() {
        return CompletableFuture.allOf(
                Arrays.stream(shards)
                        .map(Shard::expireLocations)
                        .toArray(CompletableFuture<?>[]::new));
    }

    /** What every shard knows about itself at this moment. */
    public List<ShardSummary> summaries() {
        return Arrays.stream(shards).map(Shard::summary).toList();
    }

    /** The committed sequence numbers in a shard's attributes, by group (API page section 8). */
    public static Map<String, Long> committedByGroup(Map<String, AttributeValue> attributes) {
        Map<String, Long> committed = new TreeMap<>();
        attributes.forEach(
                (name, value) -> {
                    if (name.startsWith(COMMITTED_PREFIX)
                            && name.endsWith(COMMITTED_SUFFIX)
                            && name.length() > COMMITTED_PREFIX.length() + COMMITTED_SUFFIX.length()
                            && value.type() == AttributeValue.Type.N) {
                        committed.put(
                                name.substring(
                                        COMMITTED_PREFIX.length(),
                                        name.length() - COMMITTED_SUFFIX.length()),
                                value.toNumber().longValue());
                    }
                });
        return committed;
    }

    private static final String COMMITTED_PREFIX = "__";
    private static final String COMMITTED_SUFFIX = "_committed_sequence_number";
}

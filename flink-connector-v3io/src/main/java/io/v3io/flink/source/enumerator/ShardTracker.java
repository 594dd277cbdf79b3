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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which streams and shards are known, and which of their splits no reader has: what the enumerator
 * puts into a checkpoint. Holds no Flink context; used by the coordinator thread only.
 */
@Internal
final class ShardTracker {

    private final Map<StreamPath, Integer> knownShardCounts;
    private final Set<StreamPath> awaitedStreams;
    @Nullable private String searchedPattern;
    // By id, so that a split given back twice is there once and assignments come in a stable order.
    private final SortedMap<String, V3ioShardSplit> unassigned = new TreeMap<>();

    ShardTracker(V3ioEnumeratorState state) {
        this.knownShardCounts = new TreeMap<>(state.knownShardCounts());
        this.awaitedStreams = new TreeSet<>(state.awaitedStreams());
        this.searchedPattern = state.searchedPattern();
        addUnassigned(state.unassignedSplits());
    }

    /**
     * Whether start and stop of the stream's first shards have been resolved, in this run or before
     * a restore.
     */
    boolean isResolved(StreamPath stream) {
        return knownShardCounts.containsKey(stream);
    }

    /** The streams that are resolved. */
    Set<StreamPath> resolvedStreams() {
        return Set.copyOf(knownShardCounts.keySet());
    }

    /** How many of the stream's shards are known: those with ids below it. */
    int knownShardCount(StreamPath stream) {
        return knownShardCounts.getOrDefault(stream, 0);
    }

    /** Takes note that a stream was not there when the source looked for it. */
    boolean await(StreamPath stream) {
        return awaitedStreams.add(stream);
    }

    /** Whether the stream was not there when the source looked for it before. */
    boolean isAwaited(StreamPath stream) {
        return awaitedStreams.contains(stream);
    }

    /** Takes note that all streams of a pattern that were there have been found. */
    void searched(String pattern) {
        searchedPattern = pattern;
    }

    /** Whether a stream of this pattern that is not known yet was created after the start. */
    boolean hasSearched(String pattern) {
        return pattern.equals(searchedPattern);
    }

    /**
     * Takes note of a stream's shards up to a count, and of the splits that were made of the new
     * ones.
     */
    void addShards(StreamPath stream, int shardCount, Collection<V3ioShardSplit> splits) {
        awaitedStreams.remove(stream);
        knownShardCounts.put(stream, shardCount);
        addUnassigned(splits);
    }

    /** Takes splits that a failed reader had, or new ones. */
    void addUnassigned(Collection<V3ioShardSplit> splits) {
        splits.forEach(split -> unassigned.put(split.splitId(), split));
    }

    /** Takes out the splits that a reader is to get. */
    List<V3ioShardSplit> takeUnassigned(Predicate<V3ioShardSplit> wanted) {
        List<V3ioShardSplit> taken = new ArrayList<>();
        unassigned
                .values()
                .removeIf(
                        split -> {
                            boolean take = wanted.test(split);
                            if (take) {
                                taken.add(split);
                            }
                            return take;
                        });
        return taken;
    }

    /** The splits that no reader has, in a stable order. */
    List<V3ioShardSplit> unassigned() {
        return List.copyOf(unassigned.values());
    }

    /** Number of splits that no reader has. */
    int unassignedCount() {
        return unassigned.size();
    }

    V3ioEnumeratorState snapshot() {
        return new V3ioEnumeratorState(
                knownShardCounts, awaitedStreams, searchedPattern, unassigned.values());
    }
}

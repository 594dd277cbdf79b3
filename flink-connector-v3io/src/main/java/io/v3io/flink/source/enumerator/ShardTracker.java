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

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which streams and shards are known. Holds no Flink context; used by the coordinator thread only.
 */
@Internal
final class ShardTracker {

    private final Map<StreamPath, Integer> knownShardCounts;
    private final Set<StreamPath> awaitedStreams;
    private final Set<StreamPath> endedStreams;
    @Nullable private String searchedPattern;
    @Nullable private final Boolean wasBounded;
    private long lastLookSeconds;

    ShardTracker(V3ioEnumeratorState state) {
        this.knownShardCounts = new TreeMap<>(state.knownShardCounts());
        this.awaitedStreams = new TreeSet<>(state.awaitedStreams());
        this.endedStreams = new TreeSet<>(state.endedStreams());
        this.lastLookSeconds = state.lastLookSeconds();
        this.wasBounded = state.isBounded();
        this.searchedPattern = state.searchedPattern();
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

    /**
     * Whether the source of the checkpoint was to end by itself; null if there is none or an older
     * connector wrote it.
     */
    @Nullable
    Boolean wasBounded() {
        return wasBounded;
    }

    /** Forgets the other streams, and tells which they were. */
    Set<StreamPath> dropUnless(Predicate<StreamPath> isRead) {
        Set<StreamPath> dropped = new TreeSet<>(knownShardCounts.keySet());
        dropped.removeIf(isRead);
        knownShardCounts.keySet().removeAll(dropped);
        awaitedStreams.removeIf(isRead.negate());
        endedStreams.removeIf(isRead.negate());
        return dropped;
    }

    /** Takes note that a stream was deleted and is not to be read any more. */
    void end(StreamPath stream) {
        knownShardCounts.remove(stream);
        endedStreams.add(stream);
    }

    /** Streams that were deleted and are not to be read any more. */
    Set<StreamPath> endedStreams() {
        return Set.copyOf(endedStreams);
    }

    /** Whether all streams of a subscription that there were at the start are resolved. */
    boolean knowsAllOf(StreamSubscription subscription) {
        return subscription instanceof StreamSubscription.Named named
                ? named.streams().stream()
                        .allMatch(stream -> isResolved(stream) || endedStreams.contains(stream))
                : hasSearched(subscription.toString()) && !isNothingKnown();
    }

    /** Whether no stream has ever been there. */
    boolean isNothingKnown() {
        return knownShardCounts.isEmpty() && endedStreams.isEmpty();
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

    /** Takes note of when a look began that told what there was. */
    void lookedAt(long epochSecond) {
        lastLookSeconds = epochSecond;
    }

    /** When the last look began that told what there was, in seconds since 1970; 0 for none. */
    long lastLookSeconds() {
        return lastLookSeconds;
    }

    /** Whether a stream of this pattern that is not known yet was created after the start. */
    boolean hasSearched(String pattern) {
        return pattern.equals(searchedPattern);
    }

    /** Takes note of a stream's shards up to a count, of which splits have been made. */
    void know(StreamPath stream, int shardCount) {
        awaitedStreams.remove(stream);
        knownShardCounts.put(stream, shardCount);
    }

    /** With the splits that no reader has. */
    V3ioEnumeratorState snapshot(boolean isBounded, Collection<V3ioShardSplit> unassigned) {
        return new V3ioEnumeratorState(
                knownShardCounts,
                awaitedStreams,
                searchedPattern,
                endedStreams,
                isBounded,
                lastLookSeconds,
                unassigned);
    }
}

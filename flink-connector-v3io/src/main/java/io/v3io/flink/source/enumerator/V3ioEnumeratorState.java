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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a checkpoint holds of the enumerator. A stream that is not in {@code knownShardCounts} has
 * not been resolved yet: nothing of it has been read.
 *
 * @param knownShardCounts by stream, how many of its shards have been made splits (or were found to
 *     have nothing to read)
 * @param awaitedStreams streams that the source has looked for and that were not there: when they
 *     are, they were created after the start
 * @param searchedPattern the pattern whose streams at the start have all been found; null if there
 *     is none or that has not happened yet
 * @param endedStreams streams that were deleted and whose end was accepted: they are not read any
 *     more, also if they are there again
 * @param isBounded whether the source was to end by itself; null when an older connector wrote this
 * @param lastLookSeconds when the last look at the streams began that told what there was, in
 *     seconds since 1970; 0 if there was none or an older connector wrote this
 * @param unassignedSplits splits that no reader has, with their resolved starts and stops
 */
@Internal
public record V3ioEnumeratorState(
        Map<StreamPath, Integer> knownShardCounts,
        Set<StreamPath> awaitedStreams,
        @Nullable String searchedPattern,
        Set<StreamPath> endedStreams,
        @Nullable Boolean isBounded,
        long lastLookSeconds,
        Collection<V3ioShardSplit> unassignedSplits) {

    public V3ioEnumeratorState {
        knownShardCounts = new TreeMap<>(knownShardCounts);
        awaitedStreams = new TreeSet<>(awaitedStreams);
        endedStreams = new TreeSet<>(endedStreams);
        unassignedSplits = List.copyOf(unassignedSplits);
    }

    /** The state of a job that has not started. */
    public static V3ioEnumeratorState initial() {
        return new V3ioEnumeratorState(Map.of(), Set.of(), null, Set.of(), null, 0, List.of());
    }
}

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

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a checkpoint holds of the enumerator. A stream that is not in {@code knownShardCounts} has
 * not been resolved yet: nothing of it has been read.
 *
 * @param knownShardCounts by stream, how many of its shards have been made splits (or were found to
 *     have nothing to read)
 * @param unassignedSplits splits that no reader has, with their resolved starts and stops
 */
@Internal
public record V3ioEnumeratorState(
        Map<StreamPath, Integer> knownShardCounts, Collection<V3ioShardSplit> unassignedSplits) {

    public V3ioEnumeratorState {
        knownShardCounts = new TreeMap<>(knownShardCounts);
        unassignedSplits = List.copyOf(unassignedSplits);
    }

    /** The state of a job that has not started. */
    public static V3ioEnumeratorState initial() {
        return new V3ioEnumeratorState(Map.of(), List.of());
    }
}

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

import io.v3io.flink.source.OnMissingStream;
import io.v3io.flink.source.ShardAssigner;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/**
 * What a source reads; checked by the builder.
 *
 * @param subscription the streams
 * @param shardIds the shards of every stream to read; null for all
 * @param startingPosition where shards start that a checkpoint does not know
 * @param stoppingPosition where they stop; null for a source that never ends
 * @param discoveryInterval how often to look for added shards and streams; zero for never
 * @param onMissingStream what to do when a stream is not there at the start
 * @param shardAssigner chooses readers
 */
@Internal
public record EnumeratorSettings(
        StreamSubscription subscription,
        @Nullable Set<Integer> shardIds,
        StartingPosition startingPosition,
        @Nullable StoppingPosition stoppingPosition,
        Duration discoveryInterval,
        OnMissingStream onMissingStream,
        ShardAssigner shardAssigner)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    public EnumeratorSettings {
        // A HashSet and not Set.copyOf, whose class Java serialization does not keep compatible.
        shardIds = shardIds == null ? null : new HashSet<>(shardIds);
    }

    /** Whether the source ends by itself. */
    public boolean isBounded() {
        return stoppingPosition != null;
    }
}

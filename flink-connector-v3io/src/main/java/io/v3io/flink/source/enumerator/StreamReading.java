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
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is read of a stream.
 *
 * @param startingPosition where shards start that a checkpoint does not know
 * @param stoppingPosition where they stop; null for never
 * @param shardIds the shards to read; null for all
 */
@Internal
public record StreamReading(
        StartingPosition startingPosition,
        @Nullable StoppingPosition stoppingPosition,
        @Nullable Set<Integer> shardIds)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    public StreamReading {
        // A HashSet and not Set.copyOf, whose class Java serialization does not keep compatible.
        shardIds = shardIds == null ? null : new HashSet<>(shardIds);
    }

    /** Whether a shard is to be read. */
    boolean reads(int shardNumber) {
        return shardIds == null || shardIds.contains(shardNumber);
    }

    /**
     * What is read of each stream.
     *
     * @param standard of streams that are no exception
     * @param exceptions streams with positions or shards of their own
     */
    @Internal
    public record OfStreams(StreamReading standard, Map<StreamPath, StreamReading> exceptions)
            implements Serializable {

        private static final long serialVersionUID = 1L;

        public OfStreams {
            exceptions = new HashMap<>(exceptions);
        }

        /** What is read of a stream. */
        StreamReading of(StreamPath stream) {
            return exceptions.getOrDefault(stream, standard);
        }

        /** Whether every stream is read to an end: all are, or none is. */
        boolean isBounded() {
            return standard.stoppingPosition() != null;
        }
    }
}

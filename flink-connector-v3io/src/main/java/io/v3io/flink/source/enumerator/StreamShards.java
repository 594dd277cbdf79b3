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

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.Map;

/**
 * What is known of a stream's shards: what its splits are made of.
 *
 * @param stream the stream
 * @param shardCount how many shards it has
 * @param newestSequenceNumbers of the shards that have been born; null if that is not known,
 *     because no position needs it or the access key may not learn it
 * @param committedSequenceNumbers of the shards for which the starting position's consumer group
 *     has one
 * @param firstNumbersPastStop of the shards that have a record past the stopping position, if that
 *     is a time or a group's: the first such record, which is 1 if all of them are
 */
@Internal
record StreamShards(
        StreamPath stream,
        int shardCount,
        @Nullable Map<ShardId, Long> newestSequenceNumbers,
        Map<ShardId, Long> committedSequenceNumbers,
        Map<ShardId, Long> firstNumbersPastStop) {

    /** Only the count: what a look for added shards needs. */
    static StreamShards ofCount(StreamPath stream, int shardCount) {
        return new StreamShards(stream, shardCount, null, Map.of(), Map.of());
    }

    /** Whether it is known which shards have been born. */
    boolean isNewestKnown() {
        return newestSequenceNumbers != null;
    }

    /** Number of the newest record of a shard; null if it has none, or if that is not known. */
    @Nullable
    Long newest(ShardId shard) {
        return newestSequenceNumbers == null ? null : newestSequenceNumbers.get(shard);
    }
}

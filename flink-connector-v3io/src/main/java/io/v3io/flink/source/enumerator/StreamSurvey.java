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

import java.util.Map;

/**
 * What the platform said of one stream. Committed numbers and those past a stop are asked for only
 * if a position needs them, and empty otherwise.
 *
 * @param stream the stream
 * @param shardCount its shards, born or not
 * @param newestSequenceNumbers of the shards that have been born
 * @param committedSequenceNumbers of the shards for which the starting position's consumer group
 *     has one
 * @param firstNumbersPastStop of the shards that have a record at or after the stopping position's
 *     time
 */
@Internal
record StreamSurvey(
        StreamPath stream,
        int shardCount,
        Map<ShardId, Long> newestSequenceNumbers,
        Map<ShardId, Long> committedSequenceNumbers,
        Map<ShardId, Long> firstNumbersPastStop) {

    /** Only the count: what a look for added shards needs. */
    static StreamSurvey ofCount(StreamPath stream, int shardCount) {
        return new StreamSurvey(stream, shardCount, Map.of(), Map.of(), Map.of());
    }
}

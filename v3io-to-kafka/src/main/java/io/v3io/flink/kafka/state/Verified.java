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

package io.v3io.flink.kafka.state;

import javax.annotation.Nullable;

import java.util.SortedMap;

/**
 * How far a shard and its partition have been compared and found equal.
 *
 * @param sequenceNumber number of the last record that was compared
 * @param offset offset after that record; 0 where keys decide on partitions
 * @param records how many were compared
 * @param hash of key, data, client info and arrival time of all of them, in hexadecimal
 * @param unprovable how many records of the partition could not be compared, because retention had
 *     removed them from the stream
 * @param lost how many sequence numbers neither side has any more, or has ever had
 * @param offsets offset after the last record of the shard that was compared, by partition, where
 *     keys decide on partitions; null where shards do
 */
public record Verified(
        long sequenceNumber,
        long offset,
        long records,
        String hash,
        long unprovable,
        long lost,
        @Nullable SortedMap<Integer, Long> offsets) {}

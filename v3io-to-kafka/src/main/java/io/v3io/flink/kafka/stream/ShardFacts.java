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

package io.v3io.flink.kafka.stream;

import javax.annotation.Nullable;

import java.time.Instant;

/**
 * What a shard is like at one moment.
 *
 * @param shard its id
 * @param newest number of its newest record; 0 before the first one
 * @param oldest number of the oldest record that it still has; 0 if it has none
 * @param oldestArrival when that one arrived; null if it has none
 * @param largestSeen bytes of data of the largest of the oldest records
 */
public record ShardFacts(
        int shard, long newest, long oldest, @Nullable Instant oldestArrival, int largestSeen) {}

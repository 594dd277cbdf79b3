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

package io.v3io.flink.kafka.translate;

import javax.annotation.Nullable;

/**
 * The position of a group in one shard and in its partition.
 *
 * @param shard its id; where keys decide on partitions, that of the partition
 * @param committed number of the last record that the group has processed, as it has committed it;
 *     0 if it has committed nothing
 * @param offset of the first record that it has not processed
 * @param now the offset that the group has on Kafka; null if it has none
 * @param note what there is to know about it; null if nothing
 */
public record ShardTranslation(
        int shard, long committed, long offset, @Nullable Long now, @Nullable String note) {}

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

package io.v3io.flink.kafka.config;

/** What decides on the partition of a record. */
public enum PartitionBy {
    /** Its shard: partition i has what shard i has, in the same order. */
    SHARD,

    /**
     * Its key, as Kafka's own partitioner does it, so that old records and those of new writers
     * meet in one partition. Order holds among the records of a shard with the same key.
     */
    KEY
}

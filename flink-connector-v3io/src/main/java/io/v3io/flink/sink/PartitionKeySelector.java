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

package io.v3io.flink.sink;

import org.apache.flink.annotation.PublicEvolving;

import javax.annotation.Nullable;

import java.io.Serializable;

/**
 * Chooses the partition key of an element. The platform hashes the key to a shard, so records with
 * one key are in one shard while the shard count stays the same.
 *
 * @param <IN> type of the elements
 */
@PublicEvolving
@FunctionalInterface
public interface PartitionKeySelector<IN> extends Serializable {

    /**
     * The key, at most 256 bytes in UTF-8. With null or an empty text the record is sent without a
     * key, and the platform chooses a shard: how it would treat an empty key is not published.
     * Called by the task's thread.
     */
    @Nullable
    String partitionKey(IN element);
}

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

import java.util.Locale;

/** Who chooses the shard of an element that names none itself. */
@PublicEvolving
public enum Partitioner {
    /** The platform: by the partition key, or as it likes without one. */
    DEFAULT,

    /** Each subtask writes to one shard: its index modulo the number of shards. */
    FIXED,

    /**
     * The shard that storey's StreamTarget takes for a text: xxHash32 of the partition key's UTF-8
     * with the seed 0, modulo the number of shards. So what a flow of storey and this sink write
     * under one key is in one shard. Without a key the platform chooses.
     */
    STOREY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}

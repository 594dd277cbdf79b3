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

import io.v3io.client.model.PutRecord;

/** Says where a record goes, for errors and logs. Never shows a key, which may be confidential. */
final class RecordRoute {

    private RecordRoute() {}

    /** For example {@code shard 3}, or {@code partition key of 12 characters}. */
    static String describe(PutRecord record) {
        if (record.shardId().isPresent()) {
            return "shard " + record.shardId().getAsInt();
        }
        String key = record.partitionKey();
        return key == null
                ? "shard chosen by the platform"
                : "partition key of " + key.length() + " characters";
    }
}

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

package io.v3io.flink.kafka.verify;

/**
 * The first difference of a shard and its partition.
 *
 * @param kind what it is
 * @param sequenceNumber number of the record in the shard; 0 if it is not a record of the shard
 * @param offset where it is in the partition, or where the one after it is
 * @param message in words
 */
public record Difference(Kind kind, long sequenceNumber, long offset, String message) {

    /** The differences there are. */
    public enum Kind {
        /** The shard has the record, the partition does not. */
        MISSING,
        /** The partition has a record that the shard does not have. */
        EXTRA,
        /** Both have the record, and it is not the same. */
        CHANGED,
        /** The partition has the record again, or after one with a larger number. */
        OUT_OF_ORDER,
        /** The shard is not the one that was copied: its stream was deleted and made anew. */
        CREATED_AGAIN,
        /** The shard has the record, and the copy has not come that far. */
        NOT_COPIED
    }
}

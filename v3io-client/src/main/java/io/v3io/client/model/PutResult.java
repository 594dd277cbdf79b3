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

package io.v3io.client.model;

import io.v3io.client.annotation.PublicEvolving;

import java.util.Objects;

/**
 * What became of one record of a PutRecords request: stored or failed, independent of its
 * neighbours.
 */
@PublicEvolving
public sealed interface PutResult {

    /**
     * The record was stored.
     *
     * @param shardNumber id of the shard that took it
     * @param sequenceNumber its number in that shard
     */
    record Stored(int shardNumber, long sequenceNumber) implements PutResult {}

    /**
     * The record was not stored.
     *
     * @param errorCode the server's number; most numbers are not published, so decide by the name
     * @param errorMessage the server's symbolic name, for example {@code
     *     ShardIDOutOfRangeException}; empty if it gave none
     */
    record Failed(int errorCode, String errorMessage) implements PutResult {
        /** Refuses a null name. */
        public Failed {
            Objects.requireNonNull(errorMessage, "errorMessage");
        }
    }
}

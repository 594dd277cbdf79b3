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

import io.v3io.client.ErrorName;
import io.v3io.client.V3ioException;
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
     * @param errorCode the server's number; most numbers are not published, so decide by {@link
     *     #errorName} or {@link #kind}
     * @param errorMessage the server's symbolic name, for example {@code
     *     ShardIDOutOfRangeException}; empty if it gave none
     */
    record Failed(int errorCode, String errorMessage) implements PutResult {
        /** Refuses a null name. */
        public Failed {
            Objects.requireNonNull(errorMessage, "errorMessage");
        }

        /** Which of the known names the server gave. */
        public ErrorName errorName() {
            return ErrorName.of(errorMessage);
        }

        /**
         * What the error means, by its name: {@link V3ioException.Kind#isTransient} says whether
         * the record may be stored when it is sent again, and {@link V3ioException.Kind#UNEXPECTED}
         * is an error that nobody knows.
         */
        public V3ioException.Kind kind() {
            return errorName().kind();
        }
    }
}

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

import java.util.List;
import java.util.Objects;

/**
 * What one GetRecords returned.
 *
 * @param records in shard order; may be empty, also when the shard has more
 * @param nextLocation the location to go on from, also after an empty answer
 * @param millisBehindLatest arrival time between the last returned record and the shard's newest
 *     one, in milliseconds
 * @param recordsBehindLatest records of the shard after the last returned one; 0 means that the end
 *     has been reached
 * @param bodyBytes size of the response body that the batch was decoded from
 */
@PublicEvolving
public record RecordBatch(
        List<StreamRecord> records,
        Location nextLocation,
        long millisBehindLatest,
        long recordsBehindLatest,
        int bodyBytes) {

    /** Refuses null; the list is kept as it is, not copied. */
    public RecordBatch {
        Objects.requireNonNull(records, "records");
        Objects.requireNonNull(nextLocation, "nextLocation");
    }
}

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

package io.v3io.flink.source.reader;

import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;

import java.util.List;

/**
 * What is to be emitted of a {@link RecordBatch}, the client's answer: its records, less what had
 * been emitted before a restore and what lies beyond the stop, and where they were fetched from.
 *
 * @param splitId the shard's split
 * @param records what to emit, in shard order; not empty
 * @param fetchedFrom the location of which the server returned them
 * @param bodyBytes what they weigh in the {@link ByteBudget}
 */
@Internal
record FetchedBatch(
        String splitId, List<StreamRecord> records, Location fetchedFrom, int bodyBytes) {

    /** The first of the records; what all of them weigh stays with the rest. */
    FetchedBatch first(int count) {
        return new FetchedBatch(splitId, records.subList(0, count), fetchedFrom, 0);
    }

    /** What comes after the first of the records. */
    FetchedBatch after(int count) {
        return new FetchedBatch(
                splitId, records.subList(count, records.size()), fetchedFrom, bodyBytes);
    }

    long firstSequenceNumber() {
        return records.get(0).sequenceNumber();
    }

    /** When the last of the records arrived, milliseconds since 1970. */
    long newestArrivalMillis() {
        return records.get(records.size() - 1).arrivalTimeMillis();
    }
}

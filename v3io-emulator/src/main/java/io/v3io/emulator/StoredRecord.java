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

package io.v3io.emulator;

import java.time.Instant;
import java.util.Arrays;
import java.util.Objects;

/**
 * A record as a shard holds it, for the assertions of tests.
 *
 * @param sequenceNumber unique within its shard, from 1
 * @param arrivalTime when the emulator stored it, by the emulator's clock
 * @param partitionKey null when the record was sent without one
 * @param clientInfo at most 16 bytes; null when the record was sent without
 * @param data the payload, decoded
 */
// Arrays are the natural form of payloads here; the record is made for each caller and never
// shared.
@SuppressWarnings("ArrayRecordComponent")
public record StoredRecord(
        long sequenceNumber,
        Instant arrivalTime,
        String partitionKey,
        byte[] clientInfo,
        byte[] data) {

    /** Compares payload and client info by content. */
    @Override
    public boolean equals(Object other) {
        return other instanceof StoredRecord that
                && sequenceNumber == that.sequenceNumber
                && arrivalTime.equals(that.arrivalTime)
                && Objects.equals(partitionKey, that.partitionKey)
                && Arrays.equals(clientInfo, that.clientInfo)
                && Arrays.equals(data, that.data);
    }

    @Override
    public int hashCode() {
        return Objects.hash(sequenceNumber, arrivalTime, partitionKey, Arrays.hashCode(data));
    }

    @Override
    public String toString() {
        return "record "
                + sequenceNumber
                + " of "
                + arrivalTime
                + " with "
                + data.length
                + " bytes";
    }
}

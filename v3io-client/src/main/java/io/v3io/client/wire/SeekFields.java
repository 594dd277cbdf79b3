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

package io.v3io.client.wire;

import io.v3io.client.model.SeekPosition;

import com.fasterxml.jackson.core.JsonGenerator;

import java.io.IOException;
import java.time.Instant;

/** Writes the fields of a Seek request. */
final class SeekFields {

    private SeekFields() {}

    static void write(JsonGenerator json, SeekPosition position) throws IOException {
        if (position instanceof SeekPosition.Earliest) {
            json.writeStringField("Type", "EARLIEST");
        } else if (position instanceof SeekPosition.Latest) {
            json.writeStringField("Type", "LATEST");
        } else if (position instanceof SeekPosition.Time time) {
            json.writeStringField("Type", "TIME");
            Instant arrivalTime = time.arrivalTime();
            json.writeNumberField("TimestampSec", arrivalTime.getEpochSecond());
            json.writeNumberField("TimestampNSec", arrivalTime.getNano());
        } else if (position instanceof SeekPosition.Sequence sequence) {
            json.writeStringField("Type", "SEQUENCE");
            json.writeNumberField("StartingSequenceNumber", sequence.sequenceNumber());
        } else {
            throw new IllegalArgumentException("Unknown seek position " + position + ".");
        }
    }

    /** Names the position for error messages. */
    static String describe(SeekPosition position) {
        if (position instanceof SeekPosition.Time time) {
            return "time " + time.arrivalTime();
        }
        if (position instanceof SeekPosition.Sequence sequence) {
            return "sequence number " + sequence.sequenceNumber();
        }
        return position instanceof SeekPosition.Earliest ? "earliest" : "latest";
    }
}

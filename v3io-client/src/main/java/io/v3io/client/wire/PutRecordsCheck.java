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

import io.v3io.client.annotation.Internal;
import io.v3io.client.model.LimitViolation;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;
import io.v3io.client.model.V3ioLimits;

import javax.annotation.Nullable;

import java.util.List;

/** Refuses what the server would refuse, naming the record by its index and never by its data. */
@Internal
public final class PutRecordsCheck {

    private PutRecordsCheck() {}

    /**
     * Why these records cannot be sent in one request; null if they can.
     *
     * @param maxDataBytes the largest record's data, before base64
     */
    @Nullable
    public static String refuse(List<PutRecord> records, int maxDataBytes) {
        if (records.isEmpty() || records.size() > V3ioLimits.MAX_PUT_RECORDS) {
            return "A request takes 1 to "
                    + V3ioLimits.MAX_PUT_RECORDS
                    + " records, not "
                    + records.size()
                    + "; split the list.";
        }
        long bytes = (long) PutRecordsSize.EMPTY_REQUEST_BYTES - PutRecordsSize.SEPARATOR_BYTES;
        for (int i = 0; i < records.size(); i++) {
            PutRecord record = records.get(i);
            if (record == null) {
                return "Record " + i + " of " + records.size() + " is null.";
            }
            LimitViolation violation = LimitViolation.of(record, maxDataBytes);
            if (violation != null) {
                return "Record "
                        + i
                        + " of "
                        + records.size()
                        + " cannot be stored: its "
                        + violation.words()
                        + (violation.part() == LimitViolation.Part.DATA
                                ? " (maxRecordBytes)."
                                : ".");
            }
            bytes += record.encodedSizeBytes() + PutRecordsSize.SEPARATOR_BYTES;
            if (bytes > V3ioLimits.MAX_PUT_BODY_BYTES) {
                return "Records 0 to "
                        + i
                        + " of "
                        + records.size()
                        + " already take "
                        + bytes
                        + " bytes of JSON; a request takes at most "
                        + V3ioLimits.MAX_PUT_BODY_BYTES
                        + "; split the list.";
            }
        }
        return null;
    }
}

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

package io.v3io.flink.sink.writer;

import io.v3io.client.ErrorName;
import io.v3io.client.model.PutResult;
import io.v3io.flink.sink.writer.SinkMetrics.SendFailure;

import java.util.ArrayList;
import java.util.List;

/**
 * What the results of one request mean for its records.
 *
 * @param stored are in the stream
 * @param failed may be stored by a repetition
 * @param failure why these are sent again; of no meaning without them
 * @param reason the server's words for the last one of them
 * @param refused would be refused again
 */
record RequestOutcome(
        List<PendingRecord> stored,
        List<PendingRecord> failed,
        SendFailure failure,
        String reason,
        List<Refused> refused) {

    /** A record that the server does not take, and its words. */
    record Refused(PendingRecord record, PutResult.Failed refusal) {}

    /** Whether the answer says of each record that it is stored, which is what is usual. */
    static boolean isAllStored(List<PendingRecord> sent, List<PutResult> results) {
        if (results.size() != sent.size()) {
            return false;
        }
        for (PutResult result : results) {
            if (result instanceof PutResult.Failed) {
                return false;
            }
        }
        return true;
    }

    /**
     * Judges results, one for each record and in their order.
     *
     * @param destination where the records were sent to
     */
    static RequestOutcome of(
            List<PendingRecord> sent, List<PutResult> results, Destination destination) {
        List<PendingRecord> stored = new ArrayList<>(sent.size());
        List<PendingRecord> failed = new ArrayList<>();
        List<Refused> refused = new ArrayList<>();
        SendFailure failure = SendFailure.PARTIAL;
        String reason = "";
        for (int i = 0; i < sent.size(); i++) {
            PendingRecord record = sent.get(i);
            if (!(results.get(i) instanceof PutResult.Failed refusal)) {
                stored.add(record);
            } else if (destination.mayBeStoredLater(refusal.errorName())) {
                failed.add(record);
                reason = refusal.errorMessage() + " (" + refusal.errorCode() + ")";
                if (refusal.errorName() == ErrorName.THROTTLED) {
                    failure = SendFailure.THROTTLED;
                }
            } else {
                refused.add(new Refused(record, refusal));
            }
        }
        return new RequestOutcome(stored, failed, failure, reason, refused);
    }
}

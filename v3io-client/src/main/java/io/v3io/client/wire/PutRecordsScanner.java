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

import io.v3io.client.model.PutResult;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes the results of a PutRecords body that is plain and tells of no failure. What any other is
 * worth, {@link PutRecordsParser} says; null, here, never means more than "not by me".
 */
final class PutRecordsScanner {

    private static final FieldName FAILED_COUNT = FieldName.of("FailedRecordCount");
    private static final FieldName RECORDS = FieldName.of("Records");
    private static final FieldName SEQUENCE_NUMBER = FieldName.of("SequenceNumber");
    private static final FieldName SHARD_ID = FieldName.of("ShardId");

    private final PlainJson json;
    private final int recordCount;

    PutRecordsScanner(int recordCount, byte[] body, int length) {
        this.json = new PlainJson(body, length);
        this.recordCount = recordCount;
    }

    /** The results, as many as there are records and all of them stored; else null. */
    @Nullable
    List<PutResult> scan() {
        boolean hasCount = false;
        List<PutResult> results = null;
        if (!json.pass('{')) {
            return null;
        }
        do {
            if (!json.pass('"')) {
                return null;
            }
            if (!hasCount && json.passName(FAILED_COUNT)) {
                hasCount = true;
                if (!json.pass(':') || json.number() != 0) {
                    return null;
                }
            } else if (results == null && json.passName(RECORDS)) {
                results = json.pass(':') ? results() : null;
                if (results == null) {
                    return null;
                }
            } else {
                // Unknown, or the second of its name, which the parser refuses.
                return null;
            }
        } while (json.pass(','));
        return json.pass('}') && json.isAtEnd() && hasCount ? results : null;
    }

    @Nullable
    private List<PutResult> results() {
        List<PutResult> results = new ArrayList<>(recordCount);
        if (!json.pass('[')) {
            return null;
        }
        do {
            PutResult result = result();
            if (result == null || results.size() == recordCount) {
                return null;
            }
            results.add(result);
        } while (json.pass(','));
        return json.pass(']') && results.size() == recordCount ? results : null;
    }

    /** Two fields, in one order or the other. */
    @Nullable
    private PutResult result() {
        long sequenceNumber = PlainJson.NONE;
        long shardNumber = PlainJson.NONE;
        if (!json.pass('{')) {
            return null;
        }
        for (int field = 0; field < 2; field++) {
            if ((field > 0 && !json.pass(',')) || !json.pass('"')) {
                return null;
            }
            if (json.passName(SEQUENCE_NUMBER)) {
                sequenceNumber = json.pass(':') ? json.number() : PlainJson.NONE;
            } else if (json.passName(SHARD_ID)) {
                shardNumber = json.pass(':') ? json.number() : PlainJson.NONE;
            } else {
                return null;
            }
        }
        return json.pass('}')
                        && sequenceNumber >= 1
                        && shardNumber >= 0
                        && shardNumber <= Integer.MAX_VALUE
                ? new PutResult.Stored((int) shardNumber, sequenceNumber)
                : null;
    }
}

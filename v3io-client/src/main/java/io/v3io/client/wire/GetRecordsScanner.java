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

import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;

/**
 * Makes records of a GetRecords body that is written as servers usually write it: in one pass, with
 * nothing allocated for a record but what it keeps. Fields come in any order, and unknown ones are
 * passed if they are simple. It makes nothing of any other body; {@link GetRecordsParser} then says
 * what it is worth. So null, here, never means more than "not by me".
 */
final class GetRecordsScanner {

    private static final FieldName NEXT_LOCATION = FieldName.of("NextLocation");
    private static final FieldName MSEC_BEHIND = FieldName.of("MSecBehindLatest");
    private static final FieldName RECORDS_BEHIND = FieldName.of("RecordsBehindLatest");
    private static final FieldName RECORDS = FieldName.of("Records");

    private static final FieldName ARRIVAL_SEC = FieldName.of("ArrivalTimeSec");
    private static final FieldName ARRIVAL_NSEC = FieldName.of("ArrivalTimeNSec");
    private static final FieldName SEQUENCE_NUMBER = FieldName.of("SequenceNumber");
    private static final FieldName CLIENT_INFO = FieldName.of("ClientInfo");
    private static final FieldName PARTITION_KEY = FieldName.of("PartitionKey");
    private static final FieldName DATA = FieldName.of("Data");

    /** Instead of a field: its name is not plain, or there is none. */
    private static final int NO_FIELD = -1;

    // Bits, to note which fields have been seen.
    private static final int UNKNOWN = 0;

    private static final int IS_NEXT_LOCATION = 1;
    private static final int IS_MSEC_BEHIND = 1 << 1;
    private static final int IS_RECORDS_BEHIND = 1 << 2;
    private static final int IS_RECORDS = 1 << 3;
    private static final int WHOLE_BATCH =
            IS_NEXT_LOCATION | IS_MSEC_BEHIND | IS_RECORDS_BEHIND | IS_RECORDS;

    private static final int IS_ARRIVAL_SEC = 1;
    private static final int IS_ARRIVAL_NSEC = 1 << 1;
    private static final int IS_SEQUENCE_NUMBER = 1 << 2;
    private static final int IS_CLIENT_INFO = 1 << 3;
    private static final int IS_PARTITION_KEY = 1 << 4;
    private static final int IS_DATA = 1 << 5;
    private static final int WHOLE_RECORD =
            IS_ARRIVAL_SEC | IS_ARRIVAL_NSEC | IS_SEQUENCE_NUMBER | IS_DATA;

    private static final int MAX_NANOS = 999_999_999;

    /** The usual limit of a request. No first record, however small, makes more be reserved. */
    private static final int MAX_RESERVED = 1_000;

    private final ShardId shard;
    private final PlainJson json;
    private final KeyCache keys;
    private final int length;

    GetRecordsScanner(ShardId shard, byte[] body, int length) {
        this.shard = shard;
        this.json = new PlainJson(body, length);
        this.keys = new KeyCache(body);
        this.length = length;
    }

    /** The batch; null if the body is not plain, or not right. */
    @Nullable
    RecordBatch scan() {
        int seen = 0;
        Location nextLocation = null;
        long millisBehind = 0;
        long recordsBehind = 0;
        List<StreamRecord> records = null;
        if (!json.pass('{')) {
            return null;
        }
        do {
            int field = batchField();
            if (field == NO_FIELD || (seen & field) != 0 || !json.pass(':')) {
                return null;
            }
            seen |= field;
            boolean isRead =
                    switch (field) {
                        case IS_NEXT_LOCATION -> (nextLocation = location()) != null;
                        case IS_MSEC_BEHIND -> (millisBehind = json.number()) >= 0;
                        case IS_RECORDS_BEHIND -> (recordsBehind = json.number()) >= 0;
                        case IS_RECORDS -> (records = records()) != null;
                        default -> json.passScalar();
                    };
            if (!isRead) {
                return null;
            }
        } while (json.pass(','));
        return json.pass('}') && json.isAtEnd() && seen == WHOLE_BATCH
                ? new RecordBatch(records, nextLocation, millisBehind, recordsBehind, length)
                : null;
    }

    private int batchField() {
        if (!json.pass('"')) {
            return NO_FIELD;
        }
        long word = json.word();
        if (json.passName(NEXT_LOCATION, word)) {
            return IS_NEXT_LOCATION;
        }
        if (json.passName(MSEC_BEHIND, word)) {
            return IS_MSEC_BEHIND;
        }
        if (json.passName(RECORDS_BEHIND, word)) {
            return IS_RECORDS_BEHIND;
        }
        if (json.passName(RECORDS, word)) {
            return IS_RECORDS;
        }
        return json.passText() ? UNKNOWN : NO_FIELD;
    }

    @Nullable
    private Location location() {
        String text = json.text(null);
        return text == null || text.isEmpty() ? null : new Location(text);
    }

    @Nullable
    private List<StreamRecord> records() {
        if (!json.pass('[')) {
            return null;
        }
        if (json.pass(']')) {
            return List.of();
        }
        List<StreamRecord> records = null;
        long last = 0;
        do {
            int start = json.position();
            StreamRecord record = record();
            if (record == null || record.sequenceNumber() <= last) {
                return null;
            }
            last = record.sequenceNumber();
            if (records == null) {
                int others = (length - start) / (json.position() - start);
                records = new ArrayList<>(Math.min(others + 1, MAX_RESERVED));
            }
            records.add(record);
        } while (json.pass(','));
        return json.pass(']') ? records : null;
    }

    @Nullable
    private StreamRecord record() {
        int seen = 0;
        long seconds = 0;
        long nanos = 0;
        long sequenceNumber = 0;
        byte[] data = null;
        String partitionKey = null;
        byte[] clientInfo = null;
        if (!json.pass('{')) {
            return null;
        }
        do {
            int field = recordField();
            if (field == NO_FIELD || (seen & field) != 0 || !json.pass(':')) {
                return null;
            }
            seen |= field;
            boolean isRead =
                    switch (field) {
                        case IS_ARRIVAL_SEC ->
                                (seconds = json.number()) >= 0
                                        && seconds <= GetRecordsParser.MAX_SECONDS;
                        case IS_ARRIVAL_NSEC -> (nanos = json.number()) >= 0 && nanos <= MAX_NANOS;
                        case IS_SEQUENCE_NUMBER -> (sequenceNumber = json.number()) > 0;
                        case IS_CLIENT_INFO ->
                                json.passNull() || (clientInfo = json.base64()) != null;
                        case IS_PARTITION_KEY ->
                                json.passNull() || (partitionKey = json.text(keys)) != null;
                        case IS_DATA -> (data = json.base64()) != null;
                        default -> json.passScalar();
                    };
            if (!isRead) {
                return null;
            }
        } while (json.pass(','));
        return json.pass('}') && (seen & WHOLE_RECORD) == WHOLE_RECORD
                ? new StreamRecord(
                        shard, sequenceNumber, seconds, (int) nanos, data, partitionKey, clientInfo)
                : null;
    }

    /** In the order in which they come from the platform, though any order is understood. */
    private int recordField() {
        if (!json.pass('"')) {
            return NO_FIELD;
        }
        long word = json.word();
        if (json.passName(ARRIVAL_SEC, word)) {
            return IS_ARRIVAL_SEC;
        }
        if (json.passName(ARRIVAL_NSEC, word)) {
            return IS_ARRIVAL_NSEC;
        }
        if (json.passName(SEQUENCE_NUMBER, word)) {
            return IS_SEQUENCE_NUMBER;
        }
        if (json.passName(CLIENT_INFO, word)) {
            return IS_CLIENT_INFO;
        }
        if (json.passName(PARTITION_KEY, word)) {
            return IS_PARTITION_KEY;
        }
        if (json.passName(DATA, word)) {
            return IS_DATA;
        }
        return json.passText() ? UNKNOWN : NO_FIELD;
    }
}

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

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes records of a GetRecords body with a general JSON parser. It takes everything that JSON
 * allows, says what is wrong with anything else, and so is the judge of {@link GetRecordsScanner},
 * which is faster and knows much less. The payload is decoded from the body into the record's own
 * array, and no tree is built.
 */
final class GetRecordsParser implements AnswerDecoder<RecordBatch> {

    private static final int NEXT_LOCATION = 1;
    private static final int MSEC_BEHIND = 1 << 1;
    private static final int RECORDS_BEHIND = 1 << 2;
    private static final int RECORDS = 1 << 3;

    private static final int ARRIVAL_SEC = 1;
    private static final int ARRIVAL_NSEC = 1 << 1;
    private static final int SEQUENCE_NUMBER = 1 << 2;
    private static final int CLIENT_INFO = 1 << 3;
    private static final int PARTITION_KEY = 1 << 4;
    private static final int DATA = 1 << 5;
    private static final int REQUIRED_OF_RECORD =
            ARRIVAL_SEC | ARRIVAL_NSEC | SEQUENCE_NUMBER | DATA;

    /** Seconds that still fit a number of milliseconds. */
    static final long MAX_SECONDS = Long.MAX_VALUE / 1_000 - 1;

    private final ShardId shard;

    GetRecordsParser(ShardId shard) {
        this.shard = shard;
    }

    @Override
    public RecordBatch decode(byte[] body, int length) throws MalformedAnswerException {
        return JsonAnswer.read(body, length, json -> batch(json, length));
    }

    private RecordBatch batch(JsonParser json, int length)
            throws IOException, MalformedAnswerException {
        int seen = 0;
        Location nextLocation = null;
        long millisBehind = 0;
        long recordsBehind = 0;
        List<StreamRecord> records = List.of();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "NextLocation" -> {
                    seen = JsonAnswer.once(seen, NEXT_LOCATION, name);
                    nextLocation = SmallAnswers.location(json, name);
                }
                case "MSecBehindLatest" -> {
                    seen = JsonAnswer.once(seen, MSEC_BEHIND, name);
                    millisBehind = JsonAnswer.longValue(json, name, 0, Long.MAX_VALUE);
                }
                case "RecordsBehindLatest" -> {
                    seen = JsonAnswer.once(seen, RECORDS_BEHIND, name);
                    recordsBehind = JsonAnswer.longValue(json, name, 0, Long.MAX_VALUE);
                }
                case "Records" -> {
                    seen = JsonAnswer.once(seen, RECORDS, name);
                    records = records(json);
                }
                default -> json.skipChildren();
            }
        }
        JsonAnswer.requireToken(json, JsonToken.END_OBJECT, "the answer");
        JsonAnswer.require(seen, NEXT_LOCATION, "NextLocation");
        JsonAnswer.require(seen, MSEC_BEHIND, "MSecBehindLatest");
        JsonAnswer.require(seen, RECORDS_BEHIND, "RecordsBehindLatest");
        JsonAnswer.require(seen, RECORDS, "Records");
        return new RecordBatch(records, nextLocation, millisBehind, recordsBehind, length);
    }

    private List<StreamRecord> records(JsonParser json)
            throws IOException, MalformedAnswerException {
        JsonAnswer.requireToken(json, JsonToken.START_ARRAY, "Records");
        List<StreamRecord> records = new ArrayList<>();
        long last = 0;
        while (json.nextToken() != JsonToken.END_ARRAY) {
            JsonAnswer.requireToken(json, JsonToken.START_OBJECT, "an element of Records");
            StreamRecord record = record(json);
            if (record.sequenceNumber() <= last) {
                throw new MalformedAnswerException(
                        "has sequence number "
                                + record.sequenceNumber()
                                + " after "
                                + last
                                + ", though they must grow within a shard");
            }
            last = record.sequenceNumber();
            records.add(record);
        }
        return records;
    }

    private StreamRecord record(JsonParser json) throws IOException, MalformedAnswerException {
        int seen = 0;
        long seconds = 0;
        int nanos = 0;
        long sequenceNumber = 0;
        byte[] data = null;
        String partitionKey = null;
        byte[] clientInfo = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "ArrivalTimeSec" -> {
                    seen = JsonAnswer.once(seen, ARRIVAL_SEC, name);
                    seconds = JsonAnswer.longValue(json, name, 0, MAX_SECONDS);
                }
                case "ArrivalTimeNSec" -> {
                    seen = JsonAnswer.once(seen, ARRIVAL_NSEC, name);
                    nanos = JsonAnswer.intValue(json, name, 0, 999_999_999);
                }
                case "SequenceNumber" -> {
                    seen = JsonAnswer.once(seen, SEQUENCE_NUMBER, name);
                    sequenceNumber = JsonAnswer.longValue(json, name, 1, Long.MAX_VALUE);
                }
                case "Data" -> {
                    seen = JsonAnswer.once(seen, DATA, name);
                    data = JsonAnswer.base64(json, name);
                }
                case "PartitionKey" -> {
                    seen = JsonAnswer.once(seen, PARTITION_KEY, name);
                    partitionKey = JsonAnswer.optionalText(json, name);
                }
                case "ClientInfo" -> {
                    seen = JsonAnswer.once(seen, CLIENT_INFO, name);
                    clientInfo = JsonAnswer.optionalBase64(json, name);
                }
                default -> json.skipChildren();
            }
        }
        JsonAnswer.requireToken(json, JsonToken.END_OBJECT, "a record");
        if ((seen & REQUIRED_OF_RECORD) != REQUIRED_OF_RECORD) {
            requireRecord(seen);
        }
        return new StreamRecord(
                shard, sequenceNumber, seconds, nanos, data, partitionKey, clientInfo);
    }

    private static void requireRecord(int seen) throws MalformedAnswerException {
        JsonAnswer.require(seen, SEQUENCE_NUMBER, "SequenceNumber of a record");
        JsonAnswer.require(seen, ARRIVAL_SEC, "ArrivalTimeSec of a record");
        JsonAnswer.require(seen, ARRIVAL_NSEC, "ArrivalTimeNSec of a record");
        JsonAnswer.require(seen, DATA, "Data of a record");
    }
}

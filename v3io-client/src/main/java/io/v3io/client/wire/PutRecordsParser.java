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

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the results of a PutRecords body with a general JSON parser: of everything that JSON allows
 * and the API knows, and so also of failed records. It is the judge of {@link PutRecordsScanner}.
 */
final class PutRecordsParser implements AnswerDecoder<List<PutResult>> {

    private static final int FAILED_COUNT = 1;
    private static final int RECORDS = 1 << 1;

    private static final int SEQUENCE_NUMBER = 1;
    private static final int SHARD_ID = 1 << 1;
    private static final int ERROR_CODE = 1 << 2;
    private static final int ERROR_MESSAGE = 1 << 3;

    private static final int MAX_ERROR_CHARS = 300;

    private final int recordCount;
    private final ServerWords words;

    /** For the answer to a request with so many records. */
    PutRecordsParser(int recordCount, ServerWords words) {
        this.recordCount = recordCount;
        this.words = words;
    }

    @Override
    public List<PutResult> decode(byte[] body, int length) throws MalformedAnswerException {
        return JsonAnswer.read(body, length, this::results);
    }

    private List<PutResult> results(JsonParser json) throws IOException, MalformedAnswerException {
        int seen = 0;
        int failedCount = 0;
        List<PutResult> results = List.of();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "FailedRecordCount" -> {
                    seen = JsonAnswer.once(seen, FAILED_COUNT, name);
                    failedCount = JsonAnswer.intValue(json, name, 0, Integer.MAX_VALUE);
                }
                case "Records" -> {
                    seen = JsonAnswer.once(seen, RECORDS, name);
                    results = array(json);
                }
                default -> json.skipChildren();
            }
        }
        JsonAnswer.require(seen, FAILED_COUNT, "FailedRecordCount");
        JsonAnswer.require(seen, RECORDS, "Records");
        if (results.size() != recordCount) {
            throw MalformedAnswerException.unmatchedResults(
                    "has " + results.size() + " results for " + recordCount + " records");
        }
        long failed = results.stream().filter(PutResult.Failed.class::isInstance).count();
        if (failed != failedCount) {
            throw MalformedAnswerException.unmatchedResults(
                    "counts " + failedCount + " failed records but lists " + failed);
        }
        return results;
    }

    private List<PutResult> array(JsonParser json) throws IOException, MalformedAnswerException {
        JsonAnswer.requireToken(json, JsonToken.START_ARRAY, "Records");
        List<PutResult> results = new ArrayList<>(recordCount);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            JsonAnswer.requireToken(json, JsonToken.START_OBJECT, "an element of Records");
            PutResult result = result(json);
            if (results.size() == recordCount) {
                throw MalformedAnswerException.unmatchedResults(
                        "has more results than the " + recordCount + " records of the request");
            }
            results.add(result);
        }
        return results;
    }

    private PutResult result(JsonParser json) throws IOException, MalformedAnswerException {
        int seen = 0;
        long sequenceNumber = 0;
        int shardNumber = 0;
        int errorCode = 0;
        String errorMessage = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (name) {
                case "SequenceNumber" -> {
                    seen = JsonAnswer.once(seen, SEQUENCE_NUMBER, name);
                    sequenceNumber = JsonAnswer.longValue(json, name, 1, Long.MAX_VALUE);
                }
                case "ShardId" -> {
                    seen = JsonAnswer.once(seen, SHARD_ID, name);
                    shardNumber = JsonAnswer.intValue(json, name, 0, Integer.MAX_VALUE);
                }
                case "ErrorCode" -> {
                    seen = JsonAnswer.once(seen, ERROR_CODE, name);
                    errorCode =
                            JsonAnswer.intValue(json, name, Integer.MIN_VALUE, Integer.MAX_VALUE);
                }
                case "ErrorMessage" -> {
                    seen = JsonAnswer.once(seen, ERROR_MESSAGE, name);
                    errorMessage = words.line(JsonAnswer.text(json, name), MAX_ERROR_CHARS);
                }
                default -> json.skipChildren();
            }
        }
        boolean isError = errorCode != 0 || (errorMessage != null && !errorMessage.isEmpty());
        boolean isStored = (seen & SEQUENCE_NUMBER) != 0;
        if (isError && isStored) {
            throw MalformedAnswerException.unmatchedResults(
                    "has a result with both a sequence number and an error");
        }
        if (isError) {
            return new PutResult.Failed(errorCode, errorMessage == null ? "" : errorMessage);
        }
        JsonAnswer.require(seen, SEQUENCE_NUMBER, "SequenceNumber or ErrorCode of a result");
        JsonAnswer.require(seen, SHARD_ID, "ShardId of a result");
        return new PutResult.Stored(shardNumber, sequenceNumber);
    }
}

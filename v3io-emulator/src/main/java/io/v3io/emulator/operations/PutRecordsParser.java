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

package io.v3io.emulator.operations;

import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.protocol.Limits;
import io.v3io.emulator.store.NewRecord;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a PutRecords body token by token and checks the limits of API page section 2 on the way.
 */
final class PutRecordsParser {
    private static final JsonFactory FACTORY = new JsonFactory();

    /**
     * A body, understood.
     *
     * @param streamName from the body, or null
     */
    record PutRecordsBody(String streamName, List<NewRecord> records) {}

    private final JsonParser parser;
    private int position;

    private PutRecordsParser(JsonParser parser) {
        this.parser = parser;
    }

    /**
     * Understands a body.
     *
     * @throws ApiException invalid argument, naming the record that breaks a rule
     */
    static PutRecordsBody parse(byte[] body) {
        if (body.length > Limits.MAX_PUT_BODY_BYTES) {
            throw ApiException.invalidArgument(
                    "the body has "
                            + body.length
                            + " bytes, more than "
                            + Limits.MAX_PUT_BODY_BYTES);
        }
        try (JsonParser parser = FACTORY.createParser(body)) {
            return new PutRecordsParser(parser).body();
        } catch (JsonProcessingException e) {
            throw ApiException.invalidArgument("the body is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw ApiException.invalidArgument("the body is not JSON: " + e.getMessage());
        }
    }

    private PutRecordsBody body() throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw ApiException.invalidArgument("the body must be a JSON object");
        }
        String streamName = null;
        List<NewRecord> records = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            switch (field) {
                case "StreamName" -> streamName = text(field);
                case "Records" -> records = records();
                default -> parser.skipChildren();
            }
        }
        if (parser.nextToken() != null) {
            throw ApiException.invalidArgument("the body has more than one JSON object");
        }
        if (records == null || records.isEmpty()) {
            throw ApiException.invalidArgument("Records is missing or empty");
        }
        return new PutRecordsBody(streamName, records);
    }

    private List<NewRecord> records() throws IOException {
        if (!parser.isExpectedStartArrayToken()) {
            throw ApiException.invalidArgument("Records must be an array");
        }
        List<NewRecord> records = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (records.size() == Limits.MAX_RECORDS_PER_PUT) {
                throw ApiException.invalidArgument(
                        "Records has more than " + Limits.MAX_RECORDS_PER_PUT + " records");
            }
            position = records.size();
            records.add(newRecord());
        }
        return records;
    }

    private NewRecord newRecord() throws IOException {
        if (!parser.isExpectedStartObjectToken()) {
            throw invalid("must be an object");
        }
        byte[] data = null;
        byte[] clientInfo = null;
        String partitionKey = null;
        Long shardId = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            if (parser.nextToken() == JsonToken.VALUE_NULL) {
                continue;
            }
            switch (field) {
                case "Data" -> data = base64(field, Limits.MAX_DATA_BYTES);
                case "ClientInfo" -> clientInfo = base64(field, Limits.MAX_CLIENT_INFO_BYTES);
                case "PartitionKey" -> partitionKey = partitionKey(field);
                case "ShardId" -> shardId = shardId(field);
                default -> parser.skipChildren();
            }
        }
        if (data == null) {
            throw invalid("has no Data");
        }
        return new NewRecord(data, clientInfo, partitionKey, escaped(partitionKey), shardId);
    }

    private byte[] base64(String field, int maxBytes) throws IOException {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            throw invalid("must have a base64 string as " + field);
        }
        byte[] text =
                Base64Text.copy(
                        parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        if (text == null) {
            throw invalid("has a " + field + " that is not base64");
        }
        int size = Base64Text.decodedSize(text);
        if (size > maxBytes) {
            throw invalid("has " + size + " bytes of " + field + ", more than " + maxBytes);
        }
        return text;
    }

    private String partitionKey(String field) throws IOException {
        String key = text("record " + position + ": " + field);
        int size = key.getBytes(StandardCharsets.UTF_8).length;
        if (size > Limits.MAX_PARTITION_KEY_BYTES) {
            throw invalid(
                    "has "
                            + size
                            + " bytes of "
                            + field
                            + ", more than "
                            + Limits.MAX_PARTITION_KEY_BYTES);
        }
        return key;
    }

    private byte[] escaped(String key) {
        try {
            return key == null ? null : JsonStringEncoder.getInstance().quoteAsUTF8(key);
        } catch (IllegalArgumentException e) {
            throw invalid("has a PartitionKey that is not Unicode: " + e.getMessage());
        }
    }

    private Long shardId(String field) throws IOException {
        if (!parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
            throw invalid("must have a whole number as " + field);
        }
        // A number beyond 64 bits is outside of every stream just as well.
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? Long.MAX_VALUE
                : parser.getLongValue();
    }

    private String text(String field) throws IOException {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            throw ApiException.invalidArgument(field + " must be a string");
        }
        return parser.getText();
    }

    private ApiException invalid(String what) {
        return ApiException.invalidArgument("record " + position + " " + what);
    }
}

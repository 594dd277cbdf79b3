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

import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.KeyWithShardId;
import io.v3io.emulator.DialectSetting.LargestRecord;
import io.v3io.emulator.DialectSetting.UnfitRecord;
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
     * @param records null where a record breaks a rule and the dialect lets only that record fail
     */
    record PutRecordsBody(String streamName, List<NewRecord> records) {}

    private final JsonParser parser;
    private final Dialect dialect;
    private int position;

    /** Whether the present record has broken a rule. */
    private boolean unfit;

    private PutRecordsParser(JsonParser parser, Dialect dialect) {
        this.parser = parser;
        this.dialect = dialect;
    }

    /**
     * Understands a body.
     *
     * @throws ApiException invalid argument, when the body breaks a rule; where the dialect lets
     *     the whole request fail with one of its records, it names the record
     */
    static PutRecordsBody parse(byte[] body, Dialect dialect) {
        if (body.length > Limits.MAX_PUT_BODY_BYTES) {
            throw ApiException.invalidArgument(
                    "the body has "
                            + body.length
                            + " bytes, more than "
                            + Limits.MAX_PUT_BODY_BYTES);
        }
        try (JsonParser parser = FACTORY.createParser(body)) {
            return new PutRecordsParser(parser, dialect).body();
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
                default -> throw JsonBody.unknown(field);
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
        unfit = false;
        if (!parser.isExpectedStartObjectToken()) {
            parser.skipChildren();
            unfit("must be an object");
            return null;
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
                case "Data" -> data = base64(field, dialect.get(LargestRecord.class).bytes());
                case "ClientInfo" -> clientInfo = base64(field, Limits.MAX_CLIENT_INFO_BYTES);
                case "PartitionKey" -> partitionKey = partitionKey(field);
                case "ShardId" -> shardId = shardId(field);
                default -> {
                    parser.skipChildren();
                    unfit("has the field " + field + ", which the emulator does not know");
                }
            }
        }
        if (data == null) {
            unfit("has no Data");
            return null;
        }
        if (shardId != null && dialect.is(KeyWithShardId.DROPPED)) {
            partitionKey = null;
        }
        byte[] key = escaped(partitionKey);
        return unfit ? null : new NewRecord(data, clientInfo, partitionKey, key, shardId);
    }

    private byte[] base64(String field, int maxBytes) throws IOException {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            parser.skipChildren();
            unfit("must have a base64 string as " + field);
            return null;
        }
        byte[] text =
                Base64Text.copy(
                        parser.getTextCharacters(), parser.getTextOffset(), parser.getTextLength());
        if (text == null) {
            unfit("has a " + field + " that is not base64");
            return null;
        }
        int size = Base64Text.decodedSize(text);
        if (size > maxBytes) {
            unfit("has " + size + " bytes of " + field + ", more than " + maxBytes);
            return null;
        }
        return text;
    }

    private String partitionKey(String field) throws IOException {
        if (!parser.hasToken(JsonToken.VALUE_STRING)) {
            parser.skipChildren();
            unfit("must have a string as " + field);
            return null;
        }
        String key = parser.getText();
        int size = key.getBytes(StandardCharsets.UTF_8).length;
        if (size > Limits.MAX_PARTITION_KEY_BYTES) {
            unfit(
                    "has "
                            + size
                            + " bytes of "
                            + field
                            + ", more than "
                            + Limits.MAX_PARTITION_KEY_BYTES);
            return null;
        }
        return key;
    }

    private byte[] escaped(String key) {
        try {
            return key == null ? null : JsonStringEncoder.getInstance().quoteAsUTF8(key);
        } catch (IllegalArgumentException e) {
            unfit("has a PartitionKey that is not Unicode: " + e.getMessage());
            return null;
        }
    }

    private Long shardId(String field) throws IOException {
        if (!parser.hasToken(JsonToken.VALUE_NUMBER_INT)) {
            parser.skipChildren();
            unfit("must have a whole number as " + field);
            return null;
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

    /** Notes that the present record breaks a rule. */
    private void unfit(String what) {
        if (dialect.is(UnfitRecord.REQUEST)) {
            throw ApiException.invalidArgument("record " + position + " " + what);
        }
        unfit = true;
    }
}

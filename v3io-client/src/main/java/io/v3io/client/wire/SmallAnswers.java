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
import io.v3io.client.model.Location;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.V3ioLimits;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import java.io.IOException;
import java.util.OptionalLong;

/** Decoders of the answers that hold a value or two. */
@Internal
public final class SmallAnswers {

    private static final int SHARD_COUNT = 1;
    private static final int RETENTION = 1 << 1;

    private SmallAnswers() {}

    /** Of DescribeStream. */
    public static StreamDescription description(byte[] body, int length)
            throws MalformedAnswerException {
        return JsonAnswer.read(body, length, SmallAnswers::description);
    }

    /** Of Seek. */
    public static Location location(byte[] body, int length) throws MalformedAnswerException {
        return JsonAnswer.read(
                body,
                length,
                json -> {
                    Location location = null;
                    for (String name = json.nextFieldName();
                            name != null;
                            name = json.nextFieldName()) {
                        json.nextToken();
                        if (name.equals("Location")) {
                            JsonAnswer.once(location == null ? 0 : 1, 1, name);
                            location = location(json, name);
                        } else {
                            json.skipChildren();
                        }
                    }
                    JsonAnswer.require(location == null ? 0 : 1, 1, "Location");
                    return location;
                });
    }

    static Location location(JsonParser json, String field)
            throws IOException, MalformedAnswerException {
        String text = JsonAnswer.text(json, field);
        if (text.isEmpty()) {
            throw new MalformedAnswerException("has an empty " + field);
        }
        return new Location(text);
    }

    /** Of GetItem: the committed position of a group, empty when it has none. */
    public static AnswerDecoder<OptionalLong> committedSequenceNumber(String consumerGroup) {
        String attribute = CommittedPosition.attribute(consumerGroup);
        return (body, length) ->
                JsonAnswer.read(body, length, json -> numberAttribute(json, attribute));
    }

    private static StreamDescription description(JsonParser json)
            throws IOException, MalformedAnswerException {
        int seen = 0;
        int shardCount = 0;
        int retentionHours = 0;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            switch (name) {
                case "ShardCount" -> {
                    seen = JsonAnswer.once(seen, SHARD_COUNT, name);
                    shardCount = JsonAnswer.intValue(json, name, 1, V3ioLimits.MAX_SHARDS);
                }
                case "RetentionPeriodHours" -> {
                    seen = JsonAnswer.once(seen, RETENTION, name);
                    retentionHours = JsonAnswer.intValue(json, name, 0, Integer.MAX_VALUE);
                }
                default -> json.skipChildren();
            }
        }
        JsonAnswer.require(seen, SHARD_COUNT, "ShardCount");
        JsonAnswer.require(seen, RETENTION, "RetentionPeriodHours");
        return new StreamDescription(shardCount, retentionHours);
    }

    private static OptionalLong numberAttribute(JsonParser json, String attribute)
            throws IOException, MalformedAnswerException {
        boolean hasItem = false;
        OptionalLong number = OptionalLong.empty();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (!name.equals("Item")) {
                json.skipChildren();
                continue;
            }
            JsonAnswer.once(hasItem ? 1 : 0, 1, name);
            hasItem = true;
            JsonAnswer.requireToken(json, JsonToken.START_OBJECT, name);
            for (String inner = json.nextFieldName(); inner != null; inner = json.nextFieldName()) {
                json.nextToken();
                if (inner.equals(attribute)) {
                    JsonAnswer.once(number.isPresent() ? 1 : 0, 1, attribute);
                    number = OptionalLong.of(typedNumber(json, attribute));
                } else {
                    json.skipChildren();
                }
            }
        }
        JsonAnswer.require(hasItem ? 1 : 0, 1, "Item");
        return number;
    }

    /** Reads {@code {"N": "41"}}. */
    private static long typedNumber(JsonParser json, String attribute)
            throws IOException, MalformedAnswerException {
        JsonAnswer.requireToken(json, JsonToken.START_OBJECT, attribute);
        String text = null;
        for (String type = json.nextFieldName(); type != null; type = json.nextFieldName()) {
            json.nextToken();
            if (type.equals("N")) {
                text = JsonAnswer.text(json, attribute);
            } else {
                json.skipChildren();
            }
        }
        if (text == null) {
            throw new MalformedAnswerException("has no number (N) in attribute " + attribute);
        }
        try {
            long number = Long.parseLong(text);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new MalformedAnswerException(
                    "has an attribute " + attribute + " that is not an integer of 64 bits", e);
        }
        throw new MalformedAnswerException("has a negative attribute " + attribute);
    }
}

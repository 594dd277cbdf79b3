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

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/** Reads the numbers among the attributes of a shard, from the answer of GetItem. */
final class ShardItem {

    private static final String NEWEST = "__last_sequence_num";
    private static final String OBJECT_TYPE = "__obj_type";

    /** Without white space, which the server would take for a part of a name. */
    static final String ATTRIBUTES_OF_NEWEST = NEWEST + "," + OBJECT_TYPE;

    private static final long OBJECT_TYPE_SHARD = 3;

    private ShardItem() {}

    /** See {@link SmallAnswers#newestSequenceNumber}. */
    static OptionalLong newestSequenceNumber(JsonParser json)
            throws IOException, MalformedAnswerException {
        Map<String, Long> numbers = numbers(json, Set.of(NEWEST, OBJECT_TYPE));
        Long newest = numbers.get(NEWEST);
        if (newest != null) {
            return newest == 0 ? OptionalLong.empty() : OptionalLong.of(newest);
        }
        if (numbers.getOrDefault(OBJECT_TYPE, OBJECT_TYPE_SHARD) != OBJECT_TYPE_SHARD) {
            return OptionalLong.empty();
        }
        throw MalformedAnswerException.notTold(
                "has no attribute " + NEWEST + ", which platforms from 2.10 on have for a shard");
    }

    /** Those of the attributes that the item has. */
    static Map<String, Long> numbers(JsonParser json, Set<String> attributes)
            throws IOException, MalformedAnswerException {
        Map<String, Long> numbers = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (!name.equals("Item")) {
                json.skipChildren();
                continue;
            }
            JsonAnswer.once(numbers == null ? 0 : 1, 1, name);
            numbers = item(json, attributes);
        }
        JsonAnswer.require(numbers == null ? 0 : 1, 1, "Item");
        return numbers;
    }

    private static Map<String, Long> item(JsonParser json, Set<String> attributes)
            throws IOException, MalformedAnswerException {
        JsonAnswer.requireToken(json, JsonToken.START_OBJECT, "Item");
        Map<String, Long> numbers = new HashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (attributes.contains(name)) {
                JsonAnswer.once(numbers.containsKey(name) ? 1 : 0, 1, name);
                numbers.put(name, typedNumber(json, name));
            } else {
                json.skipChildren();
            }
        }
        return numbers;
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

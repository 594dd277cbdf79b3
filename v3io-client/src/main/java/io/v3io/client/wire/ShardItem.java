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

/** Reads the attributes of a shard, or of another item, from the answer of GetItem. */
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
        return values(json, attributes, ShardItem::number);
    }

    /** As {@link #numbers}, of attributes that are texts. */
    static Map<String, String> texts(JsonParser json, Set<String> attributes)
            throws IOException, MalformedAnswerException {
        return values(json, attributes, (item, attribute) -> typed(item, attribute, "S", "text"));
    }

    private static <T> Map<String, T> values(
            JsonParser json, Set<String> attributes, AttributeReader<T> reader)
            throws IOException, MalformedAnswerException {
        Map<String, T> values = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (!name.equals("Item")) {
                json.skipChildren();
                continue;
            }
            JsonAnswer.once(values == null ? 0 : 1, 1, name);
            values = item(json, attributes, reader);
        }
        JsonAnswer.require(values == null ? 0 : 1, 1, "Item");
        return values;
    }

    private static <T> Map<String, T> item(
            JsonParser json, Set<String> attributes, AttributeReader<T> reader)
            throws IOException, MalformedAnswerException {
        JsonAnswer.requireToken(json, JsonToken.START_OBJECT, "Item");
        Map<String, T> values = new HashMap<>();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (attributes.contains(name)) {
                JsonAnswer.once(values.containsKey(name) ? 1 : 0, 1, name);
                values.put(name, reader.read(json, name));
            } else {
                json.skipChildren();
            }
        }
        return values;
    }

    private static long number(JsonParser json, String attribute)
            throws IOException, MalformedAnswerException {
        String text = typed(json, attribute, "N", "number");
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

    /** Reads {@code {"N": "41"}} or {@code {"S": "text"}}. */
    private static String typed(JsonParser json, String attribute, String type, String word)
            throws IOException, MalformedAnswerException {
        JsonAnswer.requireToken(json, JsonToken.START_OBJECT, attribute);
        String text = null;
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (name.equals(type)) {
                text = JsonAnswer.text(json, attribute);
            } else {
                json.skipChildren();
            }
        }
        if (text == null) {
            throw new MalformedAnswerException(
                    "has no " + word + " (" + type + ") in attribute " + attribute);
        }
        return text;
    }

    /** Reads the value of one attribute. */
    @FunctionalInterface
    private interface AttributeReader<T> {
        T read(JsonParser json, String attribute) throws IOException, MalformedAnswerException;
    }
}

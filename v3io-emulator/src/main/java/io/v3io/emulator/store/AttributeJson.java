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

package io.v3io.emulator.store;

import io.v3io.emulator.protocol.ApiException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/**
 * Attributes as JSON, {@code {"a": {"N": "41"}, "b": {"S": "x"}}}: on the wire and in the data
 * directory.
 */
public final class AttributeJson {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private AttributeJson() {}

    /** Writes the attributes as a JSON object. */
    public static ObjectNode toJson(Map<String, AttributeValue> attributes) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        attributes.forEach(
                (name, value) -> {
                    ObjectNode typed = json.putObject(name);
                    if (value.type() == AttributeValue.Type.BOOL) {
                        typed.put(value.type().name(), Boolean.parseBoolean(value.text()));
                    } else {
                        typed.put(value.type().name(), value.text());
                    }
                });
        return json;
    }

    /** Writes the attributes as text. */
    static String write(Map<String, AttributeValue> attributes) {
        return toJson(attributes).toString();
    }

    /** Reads what {@link #write} wrote. */
    static Map<String, AttributeValue> read(String text) {
        try {
            return fromJson(MAPPER.readTree(text));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("stored attributes are not JSON: " + text, e);
        }
    }

    /**
     * Understands attributes.
     *
     * @throws ApiException invalid argument, saying which attribute is wrong
     */
    public static Map<String, AttributeValue> fromJson(JsonNode json) {
        Map<String, AttributeValue> attributes = new TreeMap<>();
        for (Map.Entry<String, JsonNode> attribute : json.properties()) {
            attributes.put(attribute.getKey(), value(attribute.getKey(), attribute.getValue()));
        }
        return attributes;
    }

    private static AttributeValue value(String name, JsonNode typed) {
        if (!typed.isObject() || typed.size() != 1) {
            throw ApiException.invalidArgument(
                    "attribute "
                            + name
                            + " must be an object with one type, such as {\"N\": \"1\"}");
        }
        Map.Entry<String, JsonNode> only = typed.properties().iterator().next();
        AttributeValue.Type type;
        try {
            type = AttributeValue.Type.valueOf(only.getKey());
        } catch (IllegalArgumentException e) {
            throw ApiException.invalidArgument(
                    "attribute " + name + " has the unknown type " + only.getKey());
        }
        JsonNode value = only.getValue();
        boolean rightForm =
                type == AttributeValue.Type.BOOL ? value.isBoolean() : value.isTextual();
        if (!rightForm) {
            throw ApiException.invalidArgument(
                    "attribute "
                            + name
                            + " of type "
                            + type
                            + " has the wrong JSON type: "
                            + value);
        }
        AttributeValue result = new AttributeValue(type, value.asText());
        checkContent(name, result);
        return result;
    }

    private static void checkContent(String name, AttributeValue value) {
        try {
            if (value.type() == AttributeValue.Type.N) {
                value.toNumber();
            } else if (value.type() == AttributeValue.Type.B) {
                Base64.getDecoder().decode(value.text());
            }
        } catch (IllegalArgumentException e) {
            throw ApiException.invalidArgument(
                    "attribute "
                            + name
                            + " of type "
                            + value.type()
                            + " has the value "
                            + value.text());
        }
    }
}

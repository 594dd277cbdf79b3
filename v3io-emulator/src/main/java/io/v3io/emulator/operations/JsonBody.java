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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A small JSON request body, read field by field with messages that name the field. Unknown fields
 * are refused by {@link #checkNoOthers}.
 */
public final class JsonBody {
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    private final JsonNode json;

    private JsonBody(JsonNode json) {
        this.json = json;
    }

    /**
     * Understands a body; an empty one is an object without fields.
     *
     * @throws ApiException invalid argument, when it is not one JSON object
     */
    public static JsonBody parse(byte[] body) {
        if (body.length == 0) {
            return new JsonBody(JsonNodeFactory.instance.objectNode());
        }
        return of(parseAny(body));
    }

    /**
     * Understands any JSON value.
     *
     * @throws ApiException invalid argument, when it is not JSON
     */
    public static JsonNode parseAny(byte[] body) {
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw ApiException.invalidArgument("the body is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw ApiException.invalidArgument("the body is not JSON: " + e.getMessage());
        }
    }

    /** Reads the fields of an object. */
    public static JsonBody of(JsonNode json) {
        if (json == null || !json.isObject()) {
            throw ApiException.invalidArgument("the body must be a JSON object");
        }
        return new JsonBody(json);
    }

    /** A whole number within these bounds, if the field is there. */
    public OptionalLong optionalLong(String field, long min, long max) {
        Optional<JsonNode> value = value(field);
        if (value.isEmpty()) {
            return OptionalLong.empty();
        }
        if (!value.get().isIntegralNumber()) {
            throw ApiException.invalidArgument(
                    field + " must be a whole number, but was " + value.get());
        }
        if (!value.get().canConvertToLong()
                || value.get().longValue() < min
                || value.get().longValue() > max) {
            throw ApiException.invalidArgument(
                    field + " must be within " + min + ".." + max + ", but was " + value.get());
        }
        return OptionalLong.of(value.get().longValue());
    }

    /** A whole number within these bounds. */
    public long requiredLong(String field, long min, long max) {
        return optionalLong(field, min, max).orElseThrow(() -> missing(field));
    }

    /** A string, if the field is there. */
    public Optional<String> optionalString(String field) {
        Optional<JsonNode> value = value(field);
        if (value.isPresent() && !value.get().isTextual()) {
            throw ApiException.invalidArgument(field + " must be a string, but was " + value.get());
        }
        return value.map(JsonNode::textValue);
    }

    /** The string in a field; without it the request is refused. */
    public String requiredString(String field) {
        return optionalString(field).orElseThrow(() -> missing(field));
    }

    /** The object in a field; empty without it. */
    public JsonNode requiredObject(String field) {
        return optionalObject(field).orElseThrow(() -> missing(field));
    }

    /** An object, if the field is there. */
    public Optional<JsonNode> optionalObject(String field) {
        Optional<JsonNode> value = value(field);
        if (value.isPresent() && !value.get().isObject()) {
            throw ApiException.invalidArgument(
                    field + " must be an object, but was " + value.get());
        }
        return value;
    }

    /**
     * Refuses what would otherwise be ignored.
     *
     * @throws ApiException invalid argument, when there are fields with other names
     */
    public void checkNoOthers(Set<String> known) {
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!known.contains(field.getKey())) {
                throw unknown(field.getKey());
            }
        }
    }

    private Optional<JsonNode> value(String field) {
        JsonNode value = json.get(field);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    /** A field that would otherwise be ignored. */
    static ApiException unknown(String field) {
        return ApiException.invalidArgument("the emulator does not know the field " + field);
    }

    private static ApiException missing(String field) {
        return ApiException.invalidArgument(field + " is missing");
    }
}

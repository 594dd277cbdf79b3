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

package io.v3io.emulator.admin;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * The fields of one fault's JSON; remembers which were asked for, to find those that nobody knows.
 */
final class FaultFields {
    private final JsonNode json;
    private final Set<String> known = new HashSet<>();

    FaultFields(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException("must be an object, but was " + json);
        }
        this.json = json;
    }

    /** A string; null as default makes it required. */
    String text(String field, String byDefault) {
        JsonNode value = value(field, byDefault == null);
        if (value == null) {
            return byDefault;
        }
        if (!value.isTextual()) {
            throw new IllegalArgumentException(field + " must be a string, but was " + value);
        }
        return value.textValue();
    }

    /** A whole number; null as default makes it required. */
    long whole(String field, Long byDefault) {
        JsonNode value = value(field, byDefault == null);
        if (value == null) {
            return byDefault;
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new IllegalArgumentException(
                    field + " must be a whole number of 32 bits, but was " + value);
        }
        return value.longValue();
    }

    double number(String field, double byDefault) {
        JsonNode value = value(field, false);
        if (value == null) {
            return byDefault;
        }
        if (!value.isNumber()) {
            throw new IllegalArgumentException(field + " must be a number, but was " + value);
        }
        return value.doubleValue();
    }

    Set<Integer> positions(String field) {
        JsonNode value = value(field, false);
        Set<Integer> positions = new HashSet<>();
        if (value != null) {
            if (!value.isArray()) {
                throw new IllegalArgumentException(field + " must be an array, but was " + value);
            }
            for (JsonNode position : value) {
                if (!position.isInt()) {
                    throw new IllegalArgumentException(
                            field + " must hold whole numbers, but was " + value);
                }
                positions.add(position.intValue());
            }
        }
        return positions;
    }

    private JsonNode value(String field, boolean required) {
        known.add(field);
        JsonNode value = json.get(field);
        if (value == null && required) {
            throw new IllegalArgumentException(field + " is missing");
        }
        return value;
    }

    void checkNoOthers(Set<String> alsoKnown) {
        Iterator<String> names = json.fieldNames();
        while (names.hasNext()) {
            String name = names.next();
            if (!known.contains(name) && !alsoKnown.contains(name)) {
                throw new IllegalArgumentException("unknown field " + name);
            }
        }
    }
}

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

import io.v3io.emulator.Dialect;
import io.v3io.emulator.protocol.ApiException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.util.Map;

/**
 * A dialect as a flat JSON object of names and values. What is not named has its default. {@code
 * "dialect"} may name a fixed dialect to begin with: {@code {"dialect": "hostile", "duplicates":
 * "none"}}.
 */
final class DialectJson {
    private static final String BASE = "dialect";

    private DialectJson() {}

    /**
     * Understands a dialect.
     *
     * @throws ApiException invalid argument, when a name or value is unknown
     */
    static Dialect read(JsonNode json) {
        if (!json.isObject()) {
            throw ApiException.invalidArgument("a dialect must be a JSON object");
        }
        try {
            Dialect dialect = Dialect.parse(json.path(BASE).asText("default"));
            for (Map.Entry<String, JsonNode> choice : json.properties()) {
                if (!choice.getKey().equals(BASE)) {
                    dialect = dialect.with(choice.getKey(), choice.getValue().asText());
                }
            }
            return dialect;
        } catch (IllegalArgumentException e) {
            throw ApiException.invalidArgument(e.getMessage());
        }
    }

    /** All settings. */
    static ObjectNode write(Dialect dialect) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        dialect.toMap().forEach(json::put);
        return json;
    }
}

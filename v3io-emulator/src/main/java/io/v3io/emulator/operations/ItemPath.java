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

import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.RequestTarget;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.AttributeJson;
import io.v3io.emulator.store.AttributeValue;

import com.fasterxml.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where an item is: in the URL, or with its table as {@code TableName} and its name as {@code Key}
 * in the body.
 *
 * @param whole container, then names
 * @param key the attribute that a key in the body makes; empty without
 */
record ItemPath(List<String> whole, Map<String, AttributeValue> key) {

    /** The table or directory that a request means. */
    static List<String> table(Request request, JsonBody body) {
        List<String> path = new ArrayList<>(request.target().segments());
        body.optionalString("TableName")
                .ifPresent(table -> path.addAll(RequestTarget.namesIn(table)));
        if (path.isEmpty()) {
            throw ApiException.invalidArgument("the path needs a container");
        }
        return path;
    }

    /** Finds the item that a request means, by its path or by the key in its body. */
    static ItemPath of(Request request, JsonBody body) {
        List<String> path = table(request, body);
        Optional<JsonNode> key = body.optionalObject("Key");
        Map<String, AttributeValue> attribute = Map.of();
        if (key.isPresent()) {
            attribute = AttributeJson.fromJson(key.get());
            if (attribute.size() != 1) {
                throw ApiException.invalidArgument("Key must have one attribute");
            }
            path.addAll(RequestTarget.namesIn(attribute.values().iterator().next().text()));
        }
        if (path.size() < 2) {
            throw ApiException.invalidArgument("the path of an item needs a container and a name");
        }
        return new ItemPath(List.copyOf(path), attribute);
    }

    /** The parts of the path after the container. */
    List<String> inContainer() {
        return whole.subList(1, whole.size());
    }

    @Override
    public String toString() {
        return String.join("/", whole);
    }
}

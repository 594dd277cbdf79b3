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

package io.v3io.flink.e2e.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The schema in a CustomResourceDefinition, as strict as {@code kubectl} is: a field that the
 * schema does not know is a mistake. It knows those parts of OpenAPI that such schemas use.
 */
final class CustomResourceSchema {

    private final Map<?, ?> schema;

    /** The schema of the first version that a definition, read from YAML, has. */
    CustomResourceSchema(Map<?, ?> definition) {
        List<?> versions = (List<?>) map(definition.get("spec")).get("versions");
        this.schema = map(map(map(versions.get(0)).get("schema")).get("openAPIV3Schema"));
    }

    /** What is wrong with a part of a resource, each with its path; empty if nothing is. */
    List<String> violations(String part, Object value) {
        List<String> violations = new ArrayList<>();
        check(part, value, map(map(schema.get("properties")).get(part)), violations);
        return violations;
    }

    private static void check(
            String path, Object value, Map<?, ?> schema, List<String> violations) {
        if (Boolean.TRUE.equals(schema.get("x-kubernetes-int-or-string"))) {
            require(value instanceof Integer || value instanceof String, path, value, violations);
            return;
        }
        switch (String.valueOf(schema.get("type"))) {
            case "object" -> {
                if (require(value instanceof Map, path, value, violations)) {
                    checkFields(path, map(value), schema, violations);
                }
            }
            case "array" -> {
                if (require(value instanceof List, path, value, violations)) {
                    List<?> elements = (List<?>) value;
                    for (int i = 0; i < elements.size(); i++) {
                        String ofElement = path + "[" + i + "]";
                        check(ofElement, elements.get(i), map(schema.get("items")), violations);
                    }
                }
            }
            case "string" -> require(value instanceof String, path, value, violations);
            case "boolean" -> require(value instanceof Boolean, path, value, violations);
            case "integer" ->
                    require(
                            value instanceof Integer || value instanceof Long,
                            path,
                            value,
                            violations);
            case "number" -> require(value instanceof Number, path, value, violations);
            default -> violations.add(path + " has a type that is not known here: " + schema);
        }
        if (schema.get("enum") instanceof List<?> allowed && !allowed.contains(value)) {
            violations.add(path + " is " + value + ", not one of " + allowed);
        }
    }

    private static void checkFields(
            String path, Map<?, ?> value, Map<?, ?> schema, List<String> violations) {
        Map<?, ?> known = map(schema.get("properties"));
        Map<?, ?> others = map(schema.get("additionalProperties"));
        value.forEach(
                (name, field) -> {
                    String ofField = path + "." + name;
                    if (known.containsKey(name)) {
                        check(ofField, field, map(known.get(name)), violations);
                    } else if (!others.isEmpty()) {
                        check(ofField, field, others, violations);
                    } else {
                        violations.add(ofField + " is no field");
                    }
                });
        if (schema.get("required") instanceof List<?> required) {
            required.stream()
                    .filter(name -> !value.containsKey(name))
                    .forEach(name -> violations.add(path + "." + name + " is missing"));
        }
    }

    private static boolean require(
            boolean condition, String path, Object value, List<String> violations) {
        if (!condition) {
            violations.add(path + " has the wrong type: " + value);
        }
        return condition;
    }

    private static Map<?, ?> map(Object value) {
        return value == null ? Map.of() : (Map<?, ?>) value;
    }
}

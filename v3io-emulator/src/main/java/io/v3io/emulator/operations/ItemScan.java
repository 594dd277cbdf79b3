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

import io.v3io.emulator.condition.Condition;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.AttributeJson;
import io.v3io.emulator.store.AttributeValue;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.Directory;
import io.v3io.emulator.store.Item;
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Store;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** GetItems: the items of a directory by name, filtered, in parts. */
final class ItemScan {
    private static final int MAX_SEGMENTS = 1024;
    private static final long MOST_ITEMS = 1000;
    private static final Set<String> FIELDS =
            Set.of(
                    "TableName",
                    "Limit",
                    "AttributesToGet",
                    "FilterExpression",
                    "ShardingKey",
                    "SortKeyRangeStart",
                    "SortKeyRangeEnd",
                    "Segment",
                    "TotalSegment",
                    "Marker",
                    "AllowObjectScatter",
                    "ReturnData");

    private final Store store;

    ItemScan(Store store) {
        this.store = store;
    }

    CompletableFuture<Response> run(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(FIELDS);
        checkOff(body, "AllowObjectScatter");
        checkOff(body, "ReturnData");
        Names names = Names.of(body);
        AttributeSelection wanted =
                new AttributeSelection(body.optionalString("AttributesToGet").orElse("*"), true);
        Condition filter =
                body.optionalString("FilterExpression")
                        .filter(expression -> !expression.isBlank())
                        .map(Condition::parse)
                        .orElse(Condition.ALWAYS);
        long limit =
                Math.min(
                        MOST_ITEMS,
                        body.optionalLong("Limit", 1, Long.MAX_VALUE).orElse(MOST_ITEMS));
        ObjectNode answer = JsonNodeFactory.instance.objectNode();
        ArrayNode items = JsonNodeFactory.instance.arrayNode();
        String last = null;
        String next = null;
        for (Map.Entry<String, Node> entry :
                children(ItemPath.table(request, body))
                        .tailMap(body.optionalString("Marker").orElse(""), false)
                        .entrySet()) {
            if (!(entry.getValue() instanceof Item item) || !names.include(entry.getKey())) {
                continue;
            }
            Item.Snapshot attributes = item.snapshot();
            Map<String, AttributeValue> all = new TreeMap<>(attributes.user());
            all.putAll(attributes.system());
            if (!filter.test(all)) {
                continue;
            }
            if (items.size() == limit) {
                next = last;
                break;
            }
            items.add(AttributeJson.toJson(wanted.of(attributes)));
            last = entry.getKey();
        }
        answer.put("LastItemIncluded", next == null ? "TRUE" : "FALSE");
        answer.put("NumItems", items.size());
        if (next != null) {
            answer.put("NextMarker", next);
        }
        answer.set("Items", items);
        return CompletableFuture.completedFuture(Response.json(200, answer));
    }

    /** v3io-go always sends these, and they change nothing as long as they are off. */
    private static void checkOff(JsonBody body, String field) {
        String value = body.optionalString(field).orElse("");
        if (!value.isEmpty() && !value.equalsIgnoreCase("false")) {
            throw ApiException.invalidArgument("the emulator has no " + field);
        }
    }

    private NavigableMap<String, Node> children(List<String> path) {
        Container container = store.existingContainer(path.get(0));
        if (container != null
                && container.find(path.subList(1, path.size())) instanceof Directory directory) {
            return container.children(directory);
        }
        throw new ApiException(
                ApiError.NO_SUCH_FILE, "there is no directory " + String.join("/", path));
    }

    /**
     * The names that a scan is restricted to.
     *
     * @param segments into which the names are divided; 1 for a scan of all
     * @param shardingKey what comes before the first dot of a name; null for any
     * @param start the lowest of what comes after it; null for any
     * @param end above the highest of what comes after it; null for any
     */
    private record Names(int segment, int segments, String shardingKey, String start, String end) {

        static Names of(JsonBody body) {
            OptionalLong segments = body.optionalLong("TotalSegment", 1, MAX_SEGMENTS);
            OptionalLong segment =
                    body.optionalLong("Segment", 0, segments.orElse(MAX_SEGMENTS) - 1);
            if (segments.isPresent() != segment.isPresent()) {
                throw ApiException.invalidArgument("Segment and TotalSegment go together");
            }
            String shardingKey = body.optionalString("ShardingKey").orElse(null);
            String start = body.optionalString("SortKeyRangeStart").orElse(null);
            String end = body.optionalString("SortKeyRangeEnd").orElse(null);
            if (shardingKey == null && (start != null || end != null)) {
                throw ApiException.invalidArgument("a range of sorting keys needs a ShardingKey");
            }
            if (shardingKey != null && segments.isPresent()) {
                throw ApiException.invalidArgument("a scan is by ShardingKey or by Segment");
            }
            return new Names(
                    (int) segment.orElse(0), (int) segments.orElse(1), shardingKey, start, end);
        }

        boolean include(String name) {
            if (Math.floorMod(name.hashCode(), segments) != segment) {
                return false;
            }
            if (shardingKey == null) {
                return true;
            }
            int dot = name.indexOf('.');
            String sortingKey = dot < 0 ? "" : name.substring(dot + 1);
            return (dot < 0 ? name : name.substring(0, dot)).equals(shardingKey)
                    && (start == null || sortingKey.compareTo(start) >= 0)
                    && (end == null || sortingKey.compareTo(end) < 0);
        }
    }
}

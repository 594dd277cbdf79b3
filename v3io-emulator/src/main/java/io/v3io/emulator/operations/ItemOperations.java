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
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.Item;
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.SystemAttributes;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import java.util.List;
import java.util.Map;
import java.util.StringTokenizer;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** GetItem and PutItem: API page section 7. */
final class ItemOperations {
    private static final String KEEP_OTHERS = "CreateOrReplaceAttributes";
    private static final String REPLACE_ALL = "OverWriteAttributes";

    private final Store store;
    private final StreamResolver resolver;

    ItemOperations(Store store, StreamResolver resolver) {
        this.store = store;
        this.resolver = resolver;
    }

    CompletableFuture<Response> get(Request request) {
        String wanted = JsonBody.parse(request.body()).requiredString("AttributesToGet");
        Node node = resolver.find(request.target().segments());
        if (!(node instanceof Item item) || (node instanceof Shard shard && !shard.isBorn())) {
            throw new ApiException(ApiError.NO_SUCH_FILE, "there is no item " + request.path());
        }
        return CompletableFuture.completedFuture(
                Response.json(
                        200,
                        JsonNodeFactory.instance
                                .objectNode()
                                .set("Item", AttributeJson.toJson(select(item, wanted)))));
    }

    private static Map<String, AttributeValue> select(Item item, String wanted) {
        Item.Snapshot attributes = item.snapshot();
        Map<String, AttributeValue> user = attributes.user();
        Map<String, AttributeValue> all = new TreeMap<>(user);
        all.putAll(attributes.system());
        Map<String, AttributeValue> selected = new TreeMap<>();
        StringTokenizer names = new StringTokenizer(wanted, ",");
        while (names.hasMoreTokens()) {
            String name = names.nextToken().strip();
            switch (name) {
                case "*" -> selected.putAll(user);
                case "**" -> selected.putAll(all);
                default -> {
                    if (all.containsKey(name)) {
                        selected.put(name, all.get(name));
                    }
                }
            }
        }
        return selected;
    }

    CompletableFuture<Response> put(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        Map<String, AttributeValue> changed = AttributeJson.fromJson(body.requiredObject("Item"));
        for (String name : changed.keySet()) {
            if (name.isEmpty() || SystemAttributes.isSystem(name)) {
                throw ApiException.invalidArgument("the attribute " + name + " cannot be put");
            }
        }
        boolean keepOthers = keepOthers(body.optionalString("UpdateMode").orElse(REPLACE_ALL));
        Condition condition =
                body.optionalString("ConditionExpression")
                        .map(Condition::parse)
                        .orElse(Condition.ALWAYS);
        List<String> path = request.target().segments();
        if (path.size() < 2) {
            throw ApiException.invalidArgument("the path of an item needs a container and a name");
        }
        return store.container(path.get(0))
                .putItem(path.subList(1, path.size()), changed, keepOthers, condition)
                .thenApply(ItemOperations::verified);
    }

    private static boolean keepOthers(String updateMode) {
        return switch (updateMode) {
            case KEEP_OTHERS -> true;
            case REPLACE_ALL -> false;
            default ->
                    throw ApiException.invalidArgument(
                            "UpdateMode must be "
                                    + KEEP_OTHERS
                                    + " or "
                                    + REPLACE_ALL
                                    + ", but was "
                                    + updateMode);
        };
    }

    private static Response verified(long mtimeNanos) {
        return Response.empty(200)
                .withHeader(
                        "X-v3io-transaction-verifier",
                        SystemAttributes.MTIME_SECONDS
                                + "=="
                                + EmulatorClock.seconds(mtimeNanos)
                                + " and "
                                + SystemAttributes.MTIME_NANOS
                                + "=="
                                + EmulatorClock.nanosOfSecond(mtimeNanos));
    }
}

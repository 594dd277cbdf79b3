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
import io.v3io.emulator.condition.UpdateExpression;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.AttributeJson;
import io.v3io.emulator.store.AttributeNames;
import io.v3io.emulator.store.AttributeValue;
import io.v3io.emulator.store.Item;
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Store;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** GetItem, PutItem and UpdateItem: API page section 7. */
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
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(Set.of("TableName", "Key", "AttributesToGet"));
        AttributeSelection wanted =
                new AttributeSelection(body.requiredString("AttributesToGet"), false);
        ItemPath path = ItemPath.of(request, body);
        Node node = resolver.find(path.whole());
        if (!(node instanceof Item item) || (node instanceof Shard shard && !shard.isBorn())) {
            throw new ApiException(ApiError.NO_SUCH_FILE, "there is no item " + path);
        }
        return CompletableFuture.completedFuture(
                Verified.at(
                        node.mtimeNanos(),
                        Response.json(
                                200,
                                JsonNodeFactory.instance
                                        .objectNode()
                                        .set(
                                                "Item",
                                                AttributeJson.toJson(
                                                        wanted.of(item.snapshot()))))));
    }

    CompletableFuture<Response> put(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(Set.of("TableName", "Key", "Item", "UpdateMode", "ConditionExpression"));
        ItemPath path = ItemPath.of(request, body);
        Map<String, AttributeValue> changed =
                new TreeMap<>(AttributeJson.fromJson(body.requiredObject("Item")));
        changed.putAll(path.key());
        changed.keySet().forEach(AttributeNames::checkUser);
        boolean keepOthers = keepOthers(body.optionalString("UpdateMode").orElse(REPLACE_ALL));
        Condition condition = condition(body);
        return change(
                path,
                (user, all) -> {
                    check(condition, all);
                    Map<String, AttributeValue> next =
                            keepOthers ? new TreeMap<>(user) : new TreeMap<>();
                    next.putAll(changed);
                    return next;
                });
    }

    CompletableFuture<Response> update(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(
                Set.of(
                        "TableName",
                        "Key",
                        "UpdateExpression",
                        "AlternateUpdateExpression",
                        "ConditionExpression",
                        "UpdateMode"));
        ItemPath path = ItemPath.of(request, body);
        path.key().keySet().forEach(AttributeNames::checkUser);
        if (!keepOthers(body.optionalString("UpdateMode").orElse(KEEP_OTHERS))) {
            throw ApiException.invalidArgument(
                    "an UpdateItem keeps the other attributes: UpdateMode must be " + KEEP_OTHERS);
        }
        UpdateExpression update = UpdateExpression.parse(body.requiredString("UpdateExpression"));
        Optional<UpdateExpression> alternate =
                body.optionalString("AlternateUpdateExpression").map(UpdateExpression::parse);
        Condition condition = condition(body);
        return change(
                path,
                (user, all) -> {
                    boolean holds = condition.test(all);
                    if (!holds && alternate.isEmpty()) {
                        check(condition, all);
                    }
                    Map<String, AttributeValue> next =
                            (holds ? update : alternate.get()).apply(user, all);
                    next.putAll(path.key());
                    return next;
                });
    }

    private CompletableFuture<Response> change(ItemPath path, Item.Change change) {
        return store.container(path.whole().get(0))
                .changeItem(path.inContainer(), change)
                .thenApply(mtimeNanos -> Verified.at(mtimeNanos, Response.empty(200)));
    }

    private static Condition condition(JsonBody body) {
        return body.optionalString("ConditionExpression")
                .filter(expression -> !expression.isBlank())
                .map(Condition::parse)
                .orElse(Condition.ALWAYS);
    }

    private static void check(Condition condition, Map<String, AttributeValue> attributes) {
        if (!condition.test(attributes)) {
            throw new ApiException(
                    ApiError.FALSE_CONDITION, "the condition did not hold, nothing was written");
        }
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
}

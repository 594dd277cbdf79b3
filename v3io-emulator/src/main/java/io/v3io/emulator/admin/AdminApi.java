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
import io.v3io.emulator.Fault;
import io.v3io.emulator.faults.FaultInjector;
import io.v3io.emulator.http.Answer;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.RequestHandler;
import io.v3io.emulator.http.RequestTarget;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.operations.AccessControl;
import io.v3io.emulator.operations.JsonBody;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.netty.handler.codec.http.HttpMethod;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Answers everything under {@code /_emulator/}. Faults and latency do not concern it. Thread-safe.
 */
public final class AdminApi implements RequestHandler {
    /** The first segment of all its paths; no container can have this name. */
    public static final String ROOT = "_emulator";

    private static final long MAX_MILLIS = Duration.ofDays(366).toMillis() * 10;

    private final Store store;
    private final FaultInjector faults;
    private final AccessControl access;
    private final AtomicReference<Dialect> dialect;
    private final Consumer<Duration> outage;
    private final Page page = new Page();

    /**
     * The administration of an emulator.
     *
     * @param dialect of the emulator; set here
     * @param outage takes the emulator out of service for a while
     */
    public AdminApi(
            Store store,
            FaultInjector faults,
            AccessControl access,
            AtomicReference<Dialect> dialect,
            Consumer<Duration> outage) {
        this.store = store;
        this.faults = faults;
        this.access = access;
        this.dialect = dialect;
        this.outage = outage;
    }

    @Override
    public CompletableFuture<Answer> handle(Request request) {
        Response response;
        try {
            access.check(request);
            response = dispatch(request);
        } catch (ApiException e) {
            response = Response.error(e);
        }
        return CompletableFuture.completedFuture(Answer.of(response));
    }

    private Response dispatch(Request request) {
        List<String> path = request.target().segments();
        String resource = path.size() == 2 ? path.get(1) : "";
        String method = request.method().name();
        if (HttpMethod.POST.equals(request.method())) {
            method = HttpMethod.PUT.name();
        }
        return switch (method + " " + resource) {
            case "GET " -> page(request);
            case "GET state" -> Response.json(200, new StateJson(store, dialect.get()).write());
            case "GET faults" -> Response.json(200, FaultJson.write(faults.active()));
            case "PUT faults" -> putFaults(request);
            case "DELETE faults" -> {
                faults.clear();
                yield Response.empty(204);
            }
            case "GET dialect" -> Response.json(200, DialectJson.write(dialect.get()));
            case "PUT dialect" -> putDialect(request);
            case "GET clock" -> now();
            case "PUT clock" -> moveClock(request);
            case "PUT expire" -> expire(request);
            case "PUT trim" -> trim(request);
            case "PUT pause" -> pause(request);
            default ->
                    throw new ApiException(
                            ApiError.NO_SUCH_FILE,
                            "the emulator has no " + method + " " + request.path());
        };
    }

    private Response page(Request request) {
        if (request.target().segments().size() > 1) {
            throw new ApiException(ApiError.NO_SUCH_FILE, "the emulator has no " + request.path());
        }
        return request.target().endsInSlash()
                ? page.response()
                : Response.empty(302).withHeader("Location", "/" + ROOT + "/");
    }

    private Response putFaults(Request request) {
        JsonNode json = JsonBody.parseAny(request.body());
        List<Fault> added = FaultJson.read(json);
        JsonNode seed = json.path("seed");
        if (!seed.isMissingNode() && !seed.canConvertToLong()) {
            throw ApiException.invalidArgument("seed must be a whole number, but was " + seed);
        }
        try {
            faults.replace(added);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalidArgument(e.getMessage());
        }
        if (!seed.isMissingNode()) {
            faults.reseed(seed.longValue());
        }
        return Response.json(200, FaultJson.write(faults.active()));
    }

    private Response putDialect(Request request) {
        dialect.set(DialectJson.read(JsonBody.parseAny(request.body())));
        return Response.json(200, DialectJson.write(dialect.get()));
    }

    private Response now() {
        return Response.json(
                200,
                JsonNodeFactory.instance.objectNode().put("now", store.clock().now().toString()));
    }

    private Response moveClock(Request request) {
        long millis =
                body(request, "advanceMillis")
                        .requiredLong("advanceMillis", -MAX_MILLIS, MAX_MILLIS);
        store.clock().advance(Duration.ofMillis(millis));
        return now();
    }

    // The journal keeps these in order with everything else; nobody needs to wait for them.
    @SuppressWarnings("FutureReturnValueIgnored")
    private Response expire(Request request) {
        stream(body(request, "stream")).expireLocations();
        return Response.empty(204);
    }

    @SuppressWarnings("FutureReturnValueIgnored")
    private Response trim(Request request) {
        JsonBody body = body(request, "stream", "shardId", "firstRemainingSequenceNumber");
        Stream stream = stream(body);
        int shardId = (int) body.requiredLong("shardId", 0, stream.shardCount() - 1L);
        stream.shard(shardId)
                .trim(body.requiredLong("firstRemainingSequenceNumber", 1, Long.MAX_VALUE));
        return Response.empty(204);
    }

    private Response pause(Request request) {
        long millis = body(request, "millis").requiredLong("millis", 1, MAX_MILLIS);
        outage.accept(Duration.ofMillis(millis));
        return Response.empty(204);
    }

    private static JsonBody body(Request request, String... fields) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(Set.of(fields));
        return body;
    }

    private Stream stream(JsonBody body) {
        String path = body.requiredString("stream");
        List<String> names = RequestTarget.namesIn(path);
        Container container = names.isEmpty() ? null : store.existingContainer(names.get(0));
        if (container != null
                && container.find(names.subList(1, names.size())) instanceof Stream stream) {
            return stream;
        }
        throw new ApiException(ApiError.RESOURCE_NOT_FOUND, "there is no stream " + path);
    }
}

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

import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.DialectSetting.CreateExisting;
import io.v3io.emulator.DialectSetting.IllegalLocation;
import io.v3io.emulator.DialectSetting.MissingStream;
import io.v3io.emulator.DialectSetting.SeekUnborn;
import io.v3io.emulator.FaultAction;
import io.v3io.emulator.Operation;
import io.v3io.emulator.faults.FaultInjector;
import io.v3io.emulator.faults.FaultPlan;
import io.v3io.emulator.http.Answer;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.RequestHandler;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Store;

import io.netty.handler.codec.http.HttpMethod;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

/**
 * The web API: finds out what a request asks for, lets faults act, checks the key, and has it done.
 * Thread-safe.
 */
public final class WebApi implements RequestHandler, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WebApi.class);
    private static final int BAD_REQUEST = 400;

    private final Supplier<Dialect> dialect;
    private final LateRequests late;
    private final FaultInjector faults;
    private final AccessControl access;
    private final RequestCounter counter;
    private final Duration latency;
    private final StreamResolver resolver;
    private final StreamOperations streams;
    private final PutRecordsOperation putRecords;
    private final ItemOperations items;
    private final ItemScan scan;
    private final ObjectOperations objects;
    private final Store store;
    private final ListOperations lists;

    /**
     * The web API of a store.
     *
     * @param latency added to every answer
     * @param dialect the present one; it can change at any time
     * @param seed decides when late requests land
     */
    public WebApi(
            Store store,
            FaultInjector faults,
            AccessControl access,
            RequestCounter counter,
            Duration latency,
            Supplier<Dialect> dialect,
            long seed) {
        this.faults = faults;
        this.access = access;
        this.counter = counter;
        this.latency = latency;
        this.dialect = dialect;
        this.late = new LateRequests(seed);
        this.resolver = new StreamResolver(store);
        this.streams = new StreamOperations(store, resolver);
        this.putRecords = new PutRecordsOperation(resolver, dialect);
        this.items = new ItemOperations(store, resolver);
        this.scan = new ItemScan(store);
        this.store = store;
        this.objects = new ObjectOperations(store, resolver);
        this.lists = new ListOperations(store, dialect);
    }

    @Override
    public CompletableFuture<Answer> handle(Request request) {
        Operation operation;
        try {
            operation = operationOf(request);
        } catch (ApiException e) {
            return CompletableFuture.completedFuture(Answer.of(Response.error(e)));
        }
        counter.increment(operation);
        FaultPlan plan = faults.plan(operation, request.path());
        Duration delay = latency.plus(plan.latency());
        FaultAction action = plan.action();
        if (action instanceof FaultAction.LandLate landing) {
            late.land(landing.delay(), () -> performUnheard(operation, request));
            return undone(Response.empty(500), Answer.Delivery.RESET, delay);
        }
        boolean unheard =
                action == FaultAction.Simple.RESET_BEFORE || action == FaultAction.Simple.NEVER;
        if (unheard && operation.isWrite() && dialect.get().is(DialectSetting.LateRequests.LAND)) {
            late.land(() -> performUnheard(operation, request));
        }
        if (action == FaultAction.Simple.RESET_BEFORE) {
            return undone(Response.empty(500), Answer.Delivery.RESET, delay);
        }
        if (action == FaultAction.Simple.NEVER) {
            return undone(Response.empty(500), Answer.Delivery.NEVER, delay);
        }
        if (action instanceof FaultAction.Respond respond) {
            return undone(
                    Response.text(respond.status(), respond.contentType(), respond.body()),
                    Answer.Delivery.NORMAL,
                    delay);
        }
        if (action instanceof FaultAction.Throttle throttle) {
            return undone(
                    Response.text(429, "text/plain", "Too Many Requests")
                            .withHeader(
                                    "Retry-After", Integer.toString(throttle.retryAfterSeconds())),
                    Answer.Delivery.NORMAL,
                    delay);
        }
        if (action == FaultAction.Simple.KILL_LOCATION) {
            return killLocations(request)
                    .thenCompose(killed -> perform(operation, request, plan))
                    .thenApply(response -> new Answer(response, Answer.Delivery.NORMAL, delay));
        }
        Answer.Delivery delivery = deliveryOf(action);
        return perform(operation, request, plan)
                .thenApply(response -> new Answer(response, delivery, delay));
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the last stage, whose failure is logged in it
    private void performUnheard(Operation operation, Request request) {
        perform(operation, request, FaultPlan.NONE)
                .whenComplete(
                        (response, failure) -> {
                            if (failure == null) {
                                response.body().release();
                            } else {
                                LOG.error("A late request failed inside the emulator", failure);
                            }
                        });
    }

    private static Answer.Delivery deliveryOf(FaultAction action) {
        if (action == FaultAction.Simple.RESET_AFTER) {
            return Answer.Delivery.RESET;
        }
        return action == FaultAction.Simple.CUT_BODY ? Answer.Delivery.CUT : Answer.Delivery.NORMAL;
    }

    private static CompletableFuture<Answer> undone(
            Response response, Answer.Delivery delivery, Duration delay) {
        return CompletableFuture.completedFuture(new Answer(response, delivery, delay));
    }

    private CompletableFuture<Void> killLocations(Request request) {
        Shard shard = resolver.shardAt(request.target().segments());
        return shard == null ? CompletableFuture.completedFuture(null) : shard.expireLocations();
    }

    private CompletableFuture<Response> perform(
            Operation operation, Request request, FaultPlan plan) {
        CompletableFuture<Response> response;
        try {
            if (operation == Operation.LIST_CONTAINERS && wantsPage(request)) {
                return CompletableFuture.completedFuture(
                        Response.empty(302).withHeader("Location", "/_emulator/"));
            }
            access.check(request);
            if (!request.target().segments().isEmpty()) {
                store.checkContainer(request.target().segments().get(0));
            }
            if (operation == Operation.LIST && dialect.get().is(DialectSetting.Listing.REFUSED)) {
                throw new ApiException(
                        ApiError.PERMISSION_DENIED, "this key may not list, says the dialect");
            }
            response = dispatch(operation, request, plan);
        } catch (ApiException e) {
            return CompletableFuture.completedFuture(error(e));
        }
        return response.isDone() && !response.isCompletedExceptionally()
                ? response
                : response.exceptionally(this::errorOf);
    }

    private Response errorOf(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause instanceof ApiException e) {
            return error(e);
        }
        throw new CompletionException(cause);
    }

    /** An error in the words of the dialect. */
    private Response error(ApiException e) {
        Dialect spoken = dialect.get();
        ApiError error = e.error();
        boolean isBadRequest =
                switch (error) {
                    case RESOURCE_NOT_FOUND -> spoken.is(MissingStream.BAD_REQUEST);
                    case UNBORN_SHARD -> spoken.is(SeekUnborn.BAD_REQUEST);
                    case RESOURCE_IN_USE -> spoken.is(CreateExisting.BAD_REQUEST);
                    default -> false;
                };
        String name =
                error == ApiError.ILLEGAL_LOCATION
                        ? spoken.get(IllegalLocation.class).value()
                        : error.symbolicName();
        return Response.error(e, isBadRequest ? BAD_REQUEST : error.status(), name);
    }

    /** Drops what has not landed yet. */
    @Override
    public void close() {
        late.close();
    }

    private static boolean wantsPage(Request request) {
        String accept = request.headers().get("Accept");
        return accept != null
                && accept.contains("text/html")
                && AccessControl.keyOf(request).isEmpty();
    }

    private CompletableFuture<Response> dispatch(
            Operation operation, Request request, FaultPlan plan) {
        return switch (operation) {
            case CREATE_STREAM -> streams.create(request);
            case DESCRIBE_STREAM -> streams.describe(request);
            case UPDATE_STREAM -> streams.update(request);
            case PUT_RECORDS -> putRecords.put(request, plan);
            case SEEK -> streams.seek(request);
            case GET_RECORDS -> streams.getRecords(request);
            case GET_ITEM -> items.get(request);
            case GET_ITEMS -> scan.run(request);
            case PUT_ITEM -> items.put(request);
            case UPDATE_ITEM -> items.update(request);
            case LIST -> lists.directory(request);
            case LIST_CONTAINERS -> lists.containers();
            case GET_OBJECT -> objects.get(request);
            case HEAD_OBJECT -> objects.head(request);
            case PUT_OBJECT -> objects.put(request);
            case DELETE_OBJECT -> objects.delete(request);
        };
    }

    private static Operation operationOf(Request request) {
        HttpMethod method = request.method();
        boolean writes = HttpMethod.PUT.equals(method) || HttpMethod.POST.equals(method);
        String function = request.headers().get("X-v3io-function");
        if (function != null && writes) {
            return Operation.ofFunction(function)
                    .orElseThrow(
                            () ->
                                    ApiException.invalidArgument(
                                            "unknown X-v3io-function " + function));
        }
        if (writes) {
            return Operation.PUT_OBJECT;
        }
        int depth = request.target().segments().size();
        if (HttpMethod.GET.equals(method)) {
            return depth == 0
                    ? Operation.LIST_CONTAINERS
                    : depth == 1 ? Operation.LIST : Operation.GET_OBJECT;
        }
        if (HttpMethod.HEAD.equals(method)) {
            return Operation.HEAD_OBJECT;
        }
        if (HttpMethod.DELETE.equals(method)) {
            return Operation.DELETE_OBJECT;
        }
        throw new ApiException(ApiError.METHOD_NOT_ALLOWED, "unknown method " + method);
    }
}

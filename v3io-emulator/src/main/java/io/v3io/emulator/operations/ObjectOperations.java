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
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.Directory;
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.StoredObject;

import io.netty.buffer.Unpooled;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Plain objects: PUT, GET, HEAD, DELETE of API page section 7; deleting shards and streams as well.
 */
final class ObjectOperations {
    private static final int NO_CONTENT = 204;

    private final Store store;
    private final StreamResolver resolver;

    ObjectOperations(Store store, StreamResolver resolver) {
        this.store = store;
        this.resolver = resolver;
    }

    CompletableFuture<Response> put(Request request) {
        List<String> path = request.target().segments();
        if (path.isEmpty() || (path.size() == 1 && !request.target().endsInSlash())) {
            throw ApiException.invalidArgument(
                    "the path of an object needs a container and a name");
        }
        Container container = store.container(path.get(0));
        List<String> within = path.subList(1, path.size());
        CompletableFuture<Void> safe;
        if (!request.target().endsInSlash()) {
            safe = container.putObject(within, request.body());
        } else if (request.body().length == 0) {
            safe = container.makeDirectory(within);
        } else {
            throw ApiException.invalidArgument(
                    "a path that ends in / is a directory and takes no body");
        }
        return safe.thenApply(stored -> Response.empty(200));
    }

    CompletableFuture<Response> get(Request request) {
        StoredObject object = object(request);
        byte[] content = object.content();
        String range = request.headers().get("Range");
        Response response =
                range == null
                        ? new Response(200, Map.of(), Unpooled.wrappedBuffer(content))
                        : part(content, range);
        return CompletableFuture.completedFuture(
                response.withHeader("Content-Type", "application/octet-stream")
                        .withHeader("Accept-Ranges", "bytes")
                        .withHeader("Last-Modified", httpDate(object.mtimeNanos())));
    }

    private static Response part(byte[] content, String range) {
        ByteRange part = ByteRange.parse(range, content.length);
        if (part == null) {
            return new Response(200, Map.of(), Unpooled.wrappedBuffer(content));
        }
        return new Response(
                206,
                Map.of(
                        "Content-Range",
                        "bytes " + part.first() + "-" + part.last() + "/" + content.length),
                Unpooled.wrappedBuffer(content, part.first(), part.last() - part.first() + 1));
    }

    CompletableFuture<Response> head(Request request) {
        Node node = resolver.find(request.target().segments());
        if (node instanceof Directory || (node instanceof Shard shard && shard.isBorn())) {
            return CompletableFuture.completedFuture(
                    Response.empty(200).withHeader("Last-Modified", httpDate(node.mtimeNanos())));
        }
        return get(request);
    }

    private StoredObject object(Request request) {
        Node node = resolver.find(request.target().segments());
        if (node instanceof Directory || (node instanceof Shard shard && shard.isBorn())) {
            throw new ApiException(
                    ApiError.NOT_PERMITTED, request.path() + " is not a plain object");
        }
        if (!(node instanceof StoredObject object)) {
            throw missing(request);
        }
        return object;
    }

    CompletableFuture<Response> delete(Request request) {
        List<String> path = request.target().segments();
        Container container = path.size() < 2 ? null : store.existingContainer(path.get(0));
        if (container == null) {
            throw missing(request);
        }
        return container
                .delete(path.subList(1, path.size()))
                .thenApply(safe -> Response.empty(NO_CONTENT));
    }

    private static ApiException missing(Request request) {
        return new ApiException(ApiError.NO_SUCH_FILE, "there is nothing at " + request.path());
    }

    private static String httpDate(long nanos) {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(
                EmulatorClock.toInstant(nanos).atOffset(ZoneOffset.UTC));
    }
}

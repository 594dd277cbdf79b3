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
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.StoredObject;

import io.netty.buffer.Unpooled;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Plain objects: PUT, GET, HEAD, DELETE of API page section 7; deleting shards and streams as well.
 */
final class ObjectOperations {
    private static final int NO_CONTENT = 204;
    private static final String APPEND = "-1";

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
        boolean append = appends(request);
        Container container = store.container(path.get(0));
        List<String> within = path.subList(1, path.size());
        CompletableFuture<Void> safe;
        if (!request.target().endsInSlash()) {
            safe = container.putObject(within, request.body(), append);
        } else if (append) {
            throw ApiException.invalidArgument("nothing can be appended to a directory");
        } else if (request.body().length == 0) {
            safe = container.makeDirectory(within);
        } else {
            throw ApiException.invalidArgument(
                    "a path that ends in / is a directory and takes no body");
        }
        return safe.thenApply(stored -> Response.empty(200));
    }

    private static boolean appends(Request request) {
        checkNoQuery(request);
        String range = request.headers().get("Range");
        if (range != null && !range.equals(APPEND)) {
            throw ApiException.invalidArgument(
                    "a PUT can have the Range -1, which appends, but had " + range);
        }
        return range != null;
    }

    private static void checkNoQuery(Request request) {
        if (!request.target().query().isEmpty()) {
            throw ApiException.invalidArgument(
                    "the emulator knows no query of an object, but there was "
                            + request.target().query().keySet());
        }
    }

    CompletableFuture<Response> get(Request request) {
        checkNoQuery(request);
        StoredObject object = object(request);
        byte[] content = object.content();
        String range = request.headers().get("Range");
        Response response =
                range == null
                        ? new Response(200, Map.of(), Unpooled.wrappedBuffer(content))
                        : part(content, range);
        return CompletableFuture.completedFuture(
                Verified.at(
                        object.mtimeNanos(),
                        response.withHeader("Content-Type", "application/octet-stream")
                                .withHeader("Accept-Ranges", "bytes")));
    }

    private static Response part(byte[] content, String range) {
        ByteRange part = ByteRange.parse(range, content.length);
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
                    Verified.at(node.mtimeNanos(), Response.empty(200)));
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
}

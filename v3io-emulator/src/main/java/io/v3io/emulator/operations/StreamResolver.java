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
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.Stream;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Finds the stream or shard that a request means: by its path, or by {@code StreamName} and {@code
 * ShardId} in its body (API page section 1).
 */
final class StreamResolver {
    private final Store store;

    StreamResolver(Store store) {
        this.store = store;
    }

    /** The whole path of a stream: container, then names. */
    List<String> streamPath(Request request, String streamName) {
        List<String> path = new ArrayList<>(request.target().segments());
        if (streamName != null) {
            if (!request.target().endsInSlash()) {
                throw ApiException.invalidArgument(
                        "with StreamName in the body the path must end in /");
            }
            path.addAll(RequestTarget.namesIn(streamName));
        }
        if (path.size() < 2) {
            throw ApiException.invalidArgument("the path of a stream needs a container and a name");
        }
        return path;
    }

    /**
     * The stream of a request.
     *
     * @param notAStream what to answer when the path leads to something else
     */
    Stream stream(Request request, String streamName, ApiError notAStream) {
        return stream(streamPath(request, streamName), notAStream);
    }

    private Stream stream(List<String> path, ApiError notAStream) {
        Node node = find(path);
        if (node == null) {
            throw new ApiException(
                    ApiError.RESOURCE_NOT_FOUND, "there is no stream " + String.join("/", path));
        }
        if (!(node instanceof Stream stream)) {
            throw new ApiException(notAStream, String.join("/", path) + " is not a stream");
        }
        return stream;
    }

    /** The shard of a request, born or not. */
    Shard shard(Request request, JsonBody body) {
        String streamName = body.optionalString("StreamName").orElse(null);
        OptionalLong inBody = body.optionalLong("ShardId", Long.MIN_VALUE, Long.MAX_VALUE);
        List<String> path = new ArrayList<>(request.target().segments());
        if (inBody.isPresent()) {
            return shard(
                    stream(streamPath(request, streamName), ApiError.RESOURCE_NOT_STREAM),
                    inBody.getAsLong());
        }
        if (streamName != null) {
            throw ApiException.invalidArgument(
                    "with StreamName in the body, ShardId must be there as well");
        }
        if (path.size() < 3) {
            throw ApiException.invalidArgument(
                    "the path of a shard needs a container, a stream and a shard id");
        }
        String name = path.remove(path.size() - 1);
        Stream stream = stream(path, ApiError.RESOURCE_NOT_STREAM);
        OptionalInt id = Stream.shardIdOf(name);
        if (id.isEmpty()) {
            throw new ApiException(ApiError.SHARD_ID_OUT_OF_RANGE, name + " is not a shard id");
        }
        return shard(stream, id.getAsInt());
    }

    private static Shard shard(Stream stream, long id) {
        int count = stream.shardCount();
        if (id < 0 || id >= count) {
            throw new ApiException(
                    ApiError.SHARD_ID_OUT_OF_RANGE,
                    "the stream has " + count + " shards, and none with id " + id);
        }
        return stream.shard((int) id);
    }

    /** The shard that a path means, or null. */
    Shard shardAt(List<String> path) {
        return find(path) instanceof Shard shard ? shard : null;
    }

    /** What a whole path leads to, or null. */
    Node find(List<String> path) {
        Container container = path.isEmpty() ? null : store.existingContainer(path.get(0));
        return container == null ? null : container.find(path.subList(1, path.size()));
    }
}

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

package io.v3io.client.http;

import io.v3io.client.Operation;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.ListingPage;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What listings of directories tell about streams. */
final class StreamListings {

    private static final int MAX_SHARD_DIGITS = 4;

    private StreamListings() {}

    static CompletableFuture<SortedMap<ShardId, Long>> newestSequenceNumbers(
            CallRunner calls, StreamPath stream) {
        SortedMap<ShardId, Long> newest = new TreeMap<>();
        List<ShardId> untold = new ArrayList<>();
        Composite<SortedMap<ShardId, Long>> result =
                new Composite<>(calls, Operation.LIST, stream.toString());
        result.then(
                DirectoryListing.read(
                        calls,
                        stream.container(),
                        stream.path(),
                        ApiRequests.describeStream(stream),
                        page -> {
                            addShards(page, stream, newest, untold);
                            return true;
                        }),
                isComplete ->
                        result.then(
                                NewestNumbers.ask(calls, untold),
                                told -> {
                                    newest.putAll(told);
                                    result.complete(newest);
                                }));
        return result.result();
    }

    static CompletableFuture<List<StreamListing>> streams(
            CallRunner calls, String container, String directory) {
        List<StreamListing> streams = new ArrayList<>();
        Composite<List<StreamListing>> result =
                new Composite<>(calls, Operation.LIST, container + "/" + directory);
        result.then(
                DirectoryListing.read(
                        calls,
                        container,
                        directory,
                        // The root needs no question: it is there if its container is.
                        directory.isEmpty() ? null : ApiRequests.exists(container, directory + "/"),
                        page -> {
                            addStreams(calls, page, container, directory, streams);
                            return true;
                        }),
                isComplete -> result.complete(streams));
        return result.result();
    }

    private static void addShards(
            ListingPage page,
            StreamPath stream,
            SortedMap<ShardId, Long> newest,
            List<ShardId> untold) {
        String prefix = stream.path() + "/";
        for (ListingPage.ListedObject object : page.objects()) {
            int number =
                    object.key().startsWith(prefix)
                            ? shardNumber(object.key().substring(prefix.length()))
                            : -1;
            if (number >= 0 && object.lastSequenceId() > 0) {
                newest.put(stream.shard(number), object.lastSequenceId());
            } else if (number >= 0) {
                // A listing that tells no number does not say that there is none.
                untold.add(stream.shard(number));
            }
        }
    }

    /** The names of the objects in a directory; none without it. */
    static CompletableFuture<List<String>> objects(
            CallRunner calls, String container, String directory) {
        List<String> names = new ArrayList<>();
        return DirectoryListing.read(
                        calls,
                        container,
                        directory,
                        ApiRequests.exists(container, directory + "/"),
                        page -> {
                            addNames(page, directory + "/", names);
                            return true;
                        })
                .handle(
                        (isComplete, error) -> {
                            Throwable cause =
                                    error instanceof CompletionException ? error.getCause() : error;
                            if (cause != null
                                    && !(cause instanceof V3ioException e
                                            && e.kind() == V3ioException.Kind.NOT_FOUND)) {
                                throw new CompletionException(cause);
                            }
                            return names;
                        });
    }

    private static void addNames(ListingPage page, String prefix, List<String> names) {
        for (ListingPage.ListedObject object : page.objects()) {
            if (object.key().startsWith(prefix)) {
                names.add(object.key().substring(prefix.length()));
            }
        }
    }

    private static void addStreams(
            CallRunner calls,
            ListingPage page,
            String container,
            String parent,
            List<StreamListing> streams) {
        String prefix = parent.isEmpty() ? "" : parent + "/";
        for (ListingPage.ListedDirectory directory : page.directories()) {
            String path = directory.path();
            if (!path.startsWith(prefix) || path.indexOf('/', prefix.length()) >= 0) {
                throw malformed(
                        calls, container, parent, path, "is not directly in that directory");
            }
            if (directory.stream() != null) {
                try {
                    streams.add(
                            new StreamListing(StreamPath.of(container, path), directory.stream()));
                } catch (IllegalArgumentException e) {
                    throw malformed(calls, container, parent, path, "is no name of a stream");
                }
            }
        }
    }

    private static V3ioException malformed(
            CallRunner calls, String container, String parent, String name, String complaint) {
        return calls.failures()
                .ofListing(container + "/" + parent, "the listed name", name, complaint);
    }

    /** The number that an object's name is; -1 for a name that no shard has. */
    private static int shardNumber(String name) {
        if (name.isEmpty()
                || name.length() > MAX_SHARD_DIGITS
                || (name.length() > 1 && name.charAt(0) == '0')) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = number * 10 + (c - '0');
        }
        return number < V3ioLimits.MAX_SHARDS ? number : -1;
    }

    static String trimSlashes(String path) {
        int start = path.startsWith("/") ? 1 : 0;
        int end = path.length() > start && path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(start, end);
    }

    /** Why this cannot be listed; null if it can. The root of a container can. */
    @Nullable
    static String refuseDirectory(String container, String directory) {
        try {
            // The same rules as for a stream in that directory.
            StreamPath.of(container, directory.isEmpty() ? "any" : directory);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }
}

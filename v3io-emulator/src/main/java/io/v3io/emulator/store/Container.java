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

package io.v3io.emulator.store;

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.protocol.Limits;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;

/**
 * A container: a tree of directories. Finding needs no lock; the container's monitor guards changes
 * of the tree.
 *
 * <p>Paths are lists of names, empty for the root.
 */
public final class Container {
    private final StoreContext context;
    private final String name;
    private final int id;
    private final Directory root;

    Container(StoreContext context, String name, int id, long createdNanos) {
        this.context = context;
        this.name = name;
        this.id = id;
        this.root = new Directory(SystemAttributes.inode(name, ""), createdNanos);
    }

    /** Its name, the first segment of paths. */
    public String name() {
        return name;
    }

    /** Its number, by order of birth from 1. */
    public int id() {
        return id;
    }

    /** When it was first used, in nanoseconds since 1970. */
    public long createdNanos() {
        return root.createdNanos();
    }

    /** What a path leads to, or null; a shard of a stream is there even before it is born. */
    public Node find(List<String> path) {
        Node node = root;
        for (String segment : path) {
            if (!(node instanceof Directory directory)) {
                return null;
            }
            node = directory.child(segment);
        }
        return node;
    }

    /** What a directory holds, by name; shards are in it when they are born. */
    public NavigableMap<String, Node> children(Directory directory) {
        return directory.children();
    }

    /** All streams, by path. */
    public List<Stream> streams() {
        List<Stream> streams = new ArrayList<>();
        collectStreams(root, streams);
        return streams;
    }

    private static void collectStreams(Directory directory, List<Stream> streams) {
        if (directory instanceof Stream stream) {
            streams.add(stream);
        }
        for (Node child : directory.children().values()) {
            if (child instanceof Directory inside) {
                collectStreams(inside, streams);
            }
        }
    }

    /**
     * Creates a stream.
     *
     * @throws ApiException when there is something at the path already
     */
    public synchronized CompletableFuture<Void> createStream(
            List<String> path, int shardCount, int retentionHours) {
        if (find(path) != null) {
            throw new ApiException(
                    ApiError.RESOURCE_IN_USE, "there is something at " + text(path) + " already");
        }
        Directory parent = makeParents(path, ApiError.RESOURCE_IN_USE);
        long now = context.clock().nowNanos();
        Stream stream = new Stream(context, name, text(path), now, shardCount, retentionHours);
        CompletableFuture<Void> safe = context.journal().submit(mutation(stream));
        parent.put(last(path), stream);
        return safe;
    }

    /**
     * Adds shards to a stream.
     *
     * @throws ApiException when it has as many already
     */
    public synchronized CompletableFuture<Void> growStream(Stream stream, int shardCount) {
        if (shardCount <= stream.shardCount()) {
            throw new ApiException(
                    ApiError.INVALID_SHARD_COUNT,
                    "the stream has "
                            + stream.shardCount()
                            + " shards and can only grow, not to "
                            + shardCount);
        }
        if (shardCount > Limits.MAX_SHARDS) {
            throw ApiException.invalidArgument("ShardCount must be at most " + Limits.MAX_SHARDS);
        }
        stream.grow(shardCount);
        return context.journal().submit(mutation(stream));
    }

    private Mutation mutation(Stream stream) {
        return new Mutation.PutStream(
                name,
                stream.path(),
                stream.createdNanos(),
                stream.shardCount(),
                stream.retentionHours());
    }

    /** Makes a directory, and those above it, unless it is there. */
    public synchronized CompletableFuture<Void> makeDirectory(List<String> path) {
        if (find(path) instanceof Directory) {
            return CompletableFuture.completedFuture(null);
        }
        if (find(path) != null) {
            throw new ApiException(ApiError.NOT_PERMITTED, text(path) + " is not a directory");
        }
        Directory parent = makeParents(path, ApiError.NOT_PERMITTED);
        Directory directory = newDirectory(path);
        parent.put(last(path), directory);
        return context.journal()
                .submit(new Mutation.PutDirectory(name, text(path), directory.createdNanos()));
    }

    /**
     * Stores bytes at a path.
     *
     * @param append whether they come after those that are there
     */
    public synchronized CompletableFuture<Void> putObject(
            List<String> path, byte[] content, boolean append) {
        if (find(path) instanceof StoredObject object) {
            return append ? object.append(content) : object.write(content);
        }
        long now = context.clock().nowNanos();
        return addObject(
                path,
                new StoredObject(context, name, text(path), now, now, Map.of(), content),
                content);
    }

    /**
     * Changes the attributes of an object or shard; a plain object is made when there is none.
     *
     * @return the time of the change in nanoseconds since 1970, when it is safe
     * @throws ApiException when the change refuses
     */
    public CompletableFuture<Long> changeItem(List<String> path, Item.Change change) {
        // Most puts find their item and need no lock of the container.
        Node present = find(path);
        if (present instanceof Item item && !(item instanceof Shard shard && !shard.isBorn())) {
            return item.change(change);
        }
        synchronized (this) {
            if (find(path) instanceof StoredObject object) {
                return object.change(change);
            }
            Map<String, AttributeValue> changed = change.next(Map.of(), Map.of());
            long now = context.clock().nowNanos();
            StoredObject object =
                    new StoredObject(context, name, text(path), now, now, changed, null);
            return addObject(path, object, object.content()).thenApply(safe -> now);
        }
    }

    private CompletableFuture<Void> addObject(
            List<String> path, StoredObject object, byte[] content) {
        Node present = find(path);
        if (present instanceof Directory) {
            throw new ApiException(ApiError.NOT_PERMITTED, text(path) + " is a directory");
        }
        if (present instanceof Shard) {
            throw new ApiException(
                    ApiError.NOT_PERMITTED, "a shard is born with its first record, not by a put");
        }
        Directory parent = makeParents(path, ApiError.NOT_PERMITTED);
        if (parent instanceof Stream && Stream.shardIdOf(last(path)).isPresent()) {
            throw new ApiException(
                    ApiError.NOT_PERMITTED, "numbers in a stream are names of shards");
        }
        CompletableFuture<Void> safe = context.journal().submit(object.mutation(content));
        parent.put(last(path), object);
        return safe;
    }

    private Directory newDirectory(List<String> path) {
        return new Directory(SystemAttributes.inode(name, text(path)), context.clock().nowNanos());
    }

    private Directory makeParents(List<String> path, ApiError blocked) {
        Directory directory = root;
        for (int i = 0; i < path.size() - 1; i++) {
            Node child = directory.child(path.get(i));
            if (child == null) {
                List<String> upTo = path.subList(0, i + 1);
                if (directory instanceof Stream && Stream.shardIdOf(last(upTo)).isPresent()) {
                    throw new ApiException(
                            ApiError.NOT_PERMITTED, "numbers in a stream are names of shards");
                }
                Directory made = newDirectory(upTo);
                submitDirectory(upTo, made);
                directory.put(path.get(i), made);
                child = made;
            }
            if (!(child instanceof Directory next)) {
                throw new ApiException(
                        blocked, text(path.subList(0, i + 1)) + " is not a directory");
            }
            directory = next;
        }
        return directory;
    }

    /**
     * The journal acknowledges in order, so whoever waits for what is inside waits for the
     * directory as well.
     */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void submitDirectory(List<String> path, Directory directory) {
        context.journal()
                .submit(new Mutation.PutDirectory(name, text(path), directory.createdNanos()));
    }

    /**
     * Removes an object, a shard's records, or an empty directory.
     *
     * @throws ApiException when there is nothing, or a directory that is not empty
     */
    public synchronized CompletableFuture<Void> delete(List<String> path) {
        Node node = find(path);
        if (node == null || path.isEmpty() || (node instanceof Shard shard && !shard.isBorn())) {
            throw new ApiException(ApiError.NO_SUCH_FILE, "there is nothing at " + text(path));
        }
        Directory parent = (Directory) find(path.subList(0, path.size() - 1));
        if (node instanceof Shard) {
            return ((Stream) parent).deleteShard(Integer.parseInt(last(path)));
        }
        if (node instanceof StoredObject object) {
            parent.remove(last(path));
            return object.delete();
        }
        Directory directory = (Directory) node;
        if (!directory.isEmpty()) {
            throw new ApiException(ApiError.DIRECTORY_NOT_EMPTY, text(path) + " is not empty");
        }
        parent.remove(last(path));
        CompletableFuture<Void> shards =
                directory instanceof Stream stream
                        ? stream.deleteShards()
                        : CompletableFuture.completedFuture(null);
        return CompletableFuture.allOf(
                shards, context.journal().submit(new Mutation.DeleteNode(name, text(path))));
    }

    /** Puts back a directory, stream or object of an earlier run. */
    synchronized void restore(List<String> path, Node node) {
        ((Directory) find(path.subList(0, path.size() - 1))).put(last(path), node);
    }

    void release() {
        root.release();
    }

    private static String last(List<String> path) {
        return path.get(path.size() - 1);
    }

    private static String text(List<String> path) {
        return String.join("/", path);
    }
}

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

import io.v3io.emulator.Dialect;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * All containers. Those that it begins with come into being with it; others with the first thing
 * stored in them, where that is wanted. Thread-safe.
 */
public final class Store implements AutoCloseable {
    private final StoreContext context;
    private final SplittableRandom random;
    private final AtomicInteger lastContainerId = new AtomicInteger();
    private final ConcurrentSkipListMap<String, Container> containers =
            new ConcurrentSkipListMap<>();
    private final Map<String, Container> byId = new ConcurrentHashMap<>();
    private final boolean onDemand;

    /**
     * Opens a store with what an earlier run has stored.
     *
     * @param journal hears of every change from now on
     * @param seed decides what the platform does by itself: duplicates, and where round robin
     *     starts
     * @param dialect the present one; it can change at any time
     * @param containerNames what to begin with
     * @param onDemand whether other containers are made when something is stored in them
     * @throws io.v3io.emulator.protocol.ApiException when the memory does not suffice for what was
     *     stored
     */
    public Store(
            EmulatorClock clock,
            Journal journal,
            RecordMemory memory,
            StoredState earlier,
            long seed,
            Supplier<Dialect> dialect,
            List<String> containerNames,
            boolean onDemand) {
        // Random, so that a location of an earlier run never fits a shard of this one by accident.
        long firstIncarnation = (long) new SecureRandom().nextInt(Integer.MAX_VALUE) << 32;
        this.context =
                new StoreContext(
                        clock,
                        journal,
                        memory,
                        new AtomicLong(firstIncarnation),
                        dialect,
                        this::draw);
        this.random = new SplittableRandom(seed);
        this.onDemand = onDemand;
        containerNames.forEach(this::make);
        earlier.replay(new Restorer());
    }

    /** The clock of arrival times and retention. */
    public EmulatorClock clock() {
        return context.clock();
    }

    /** All containers, by name. */
    public Collection<Container> containers() {
        return Collections.unmodifiableCollection(containers.values());
    }

    /**
     * The container of this name or number, made if need be and where that is wanted.
     *
     * @throws ApiException when there is none
     */
    public Container container(String nameOrId) {
        Container present = existingContainer(nameOrId);
        if (present != null) {
            return present;
        }
        if (!onDemand) {
            throw new ApiException(
                    ApiError.CONTAINER_NOT_FOUND, "there is no container " + nameOrId);
        }
        return make(nameOrId);
    }

    private Container make(String name) {
        return containers.computeIfAbsent(
                name,
                made -> {
                    int id = lastContainerId.incrementAndGet();
                    Container container =
                            new Container(context, made, id, context.clock().nowNanos());
                    byId.put(Integer.toString(id), container);
                    return container;
                });
    }

    /** The container of this name or number, or null if there is none. */
    public Container existingContainer(String nameOrId) {
        Container named = containers.get(nameOrId);
        return named != null ? named : byId.get(nameOrId);
    }

    /**
     * Refuses a request for a container that does not exist.
     *
     * @throws ApiException container not found, unless containers are made on demand
     */
    public void checkContainer(String nameOrId) {
        if (!onDemand && existingContainer(nameOrId) == null) {
            throw new ApiException(
                    ApiError.CONTAINER_NOT_FOUND, "there is no container " + nameOrId);
        }
    }

    private synchronized int draw(int bound) {
        return random.nextInt(bound);
    }

    /** Gives back the memory of all records. Answers on their way keep what they need. */
    @Override
    public void close() {
        containers.values().forEach(Container::release);
        containers.clear();
        byId.clear();
    }

    /**
     * Builds up what an earlier run has stored; used by one thread before anyone else sees the
     * store.
     */
    private final class Restorer implements Consumer<Mutation> {
        private final Map<Long, Shard> shards = new HashMap<>();

        @Override
        public void accept(Mutation mutation) {
            if (mutation instanceof Mutation.PutDirectory put) {
                restore(
                        put.container(),
                        put.path(),
                        new Directory(
                                SystemAttributes.inode(put.container(), put.path()),
                                put.createdNanos()));
            } else if (mutation instanceof Mutation.PutStream put) {
                restore(put.container(), put.path(), stream(put));
            } else if (mutation instanceof Mutation.PutObject put) {
                restore(put.container(), put.path(), object(put));
            } else if (mutation instanceof Mutation.PutShard put) {
                shards.put(put.incarnation(), shard(put));
            } else if (mutation instanceof Mutation.AppendRecords append) {
                shards.get(append.incarnation()).restore(append.chunk());
            } else {
                throw new IllegalArgumentException("not a part of a stored state: " + mutation);
            }
        }

        private void restore(String container, String path, Node node) {
            make(container).restore(path(path), node);
        }

        private Stream stream(Mutation.PutStream put) {
            return new Stream(
                    context,
                    put.container(),
                    put.path(),
                    put.createdNanos(),
                    put.shardCount(),
                    put.retentionHours());
        }

        private StoredObject object(Mutation.PutObject put) {
            return new StoredObject(
                    context,
                    put.container(),
                    put.path(),
                    put.createdNanos(),
                    put.mtimeNanos(),
                    AttributeJson.read(put.attributes()),
                    put.content());
        }

        private Shard shard(Mutation.PutShard put) {
            Stream stream = (Stream) make(put.container()).find(path(put.streamPath()));
            ItemState state = new ItemState(AttributeJson.read(put.attributes()), put.mtimeNanos());
            return stream.restoreShard(
                    put.shardId(),
                    put.incarnation(),
                    put.firstSequence(),
                    put.epoch(),
                    Numbering.valueOf(put.numbering()),
                    state);
        }

        private static List<String> path(String path) {
            return Arrays.asList(path.split("/", -1));
        }
    }
}

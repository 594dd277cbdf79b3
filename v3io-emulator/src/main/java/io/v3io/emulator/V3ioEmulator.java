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

package io.v3io.emulator;

import io.v3io.emulator.admin.AdminApi;
import io.v3io.emulator.faults.FaultInjector;
import io.v3io.emulator.http.HttpServer;
import io.v3io.emulator.http.RequestHandler;
import io.v3io.emulator.journal.SqliteJournal;
import io.v3io.emulator.operations.AccessControl;
import io.v3io.emulator.operations.RequestCounter;
import io.v3io.emulator.operations.WebApi;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.Journal;
import io.v3io.emulator.store.RecordMemory;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.StoredState;
import io.v3io.emulator.store.Stream;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * An emulator of the V3IO Streaming Web API that is running in this process. Thread-safe.
 *
 * <pre>{@code
 * try (V3ioEmulator emulator = V3ioEmulator.builder().start()) {
 *     runMyJob(emulator.endpoint());
 *     assertThat(emulator.stream("users/me/words").records(0)).hasSize(3);
 * }
 * }</pre>
 *
 * <p>Records are held in memory outside the heap, as much as {@link
 * V3ioEmulatorBuilder#recordMemory} allows; when that is used up, records fail with "Cannot
 * allocate memory" until retention or a delete makes room.
 */
public final class V3ioEmulator implements AutoCloseable {
    private final FaultInjector faults;
    private final RequestCounter counter = new RequestCounter();
    private final AtomicReference<Dialect> dialect;
    private final Store store;
    private final Journal journal;
    private final AccessControl access;
    private final WebApi webApi;
    private final HttpServer server;
    private final String endpoint;

    V3ioEmulator(V3ioEmulatorBuilder settings) throws IOException {
        dialect = new AtomicReference<>(settings.dialect());
        faults = new FaultInjector(settings.seed());
        access = new AccessControl(settings.accessKey());
        SqliteJournal kept =
                settings.dataDir().isPresent()
                        ? SqliteJournal.open(settings.dataDir().get())
                        : null;
        journal = kept == null ? Journal.NONE : kept;
        try {
            store =
                    new Store(
                            new EmulatorClock(settings.clock()),
                            journal,
                            new RecordMemory(settings.recordMemory()),
                            kept == null ? StoredState.EMPTY : kept,
                            settings.seed(),
                            dialect::get,
                            settings.containers(),
                            settings.containersOnDemand());
            if (kept != null) {
                kept.start();
            }
            webApi =
                    new WebApi(
                            store,
                            faults,
                            access,
                            counter,
                            settings.latency(),
                            dialect::get,
                            settings.seed());
            server = HttpServer.start(settings.host(), settings.port(), settings.tls(), handler());
        } catch (ApiException e) {
            journal.close();
            throw new IOException(
                    "what the data directory holds is too much: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            journal.close();
            throw e;
        }
        endpoint = endpoint(settings);
    }

    private RequestHandler handler() {
        AdminApi adminApi = new AdminApi(store, faults, access, dialect, this::pauseFor);
        return request -> {
            List<String> path = request.target().segments();
            boolean toAdmin = !path.isEmpty() && path.get(0).equals(AdminApi.ROOT);
            return (toAdmin ? adminApi : webApi).handle(request);
        };
    }

    private void pauseFor(Duration duration) {
        server.pauseFor(duration);
    }

    private String endpoint(V3ioEmulatorBuilder settings) {
        String host = settings.host();
        return (settings.tls() == null ? "http://" : "https://")
                + (host.contains(":") ? "[" + host + "]" : host)
                + ":"
                + server.address().getPort();
    }

    /** Settings for a new emulator. */
    public static V3ioEmulatorBuilder builder() {
        return new V3ioEmulatorBuilder();
    }

    /** Where it listens, such as {@code http://127.0.0.1:8081}, with the real port. */
    public String endpoint() {
        return endpoint;
    }

    /** The platform that it plays at present. */
    public Dialect dialect() {
        return dialect.get();
    }

    /**
     * Plays another platform from now on. What is stored stays: a shard keeps the numbering with
     * which it was born.
     */
    public void setDialect(Dialect newDialect) {
        dialect.set(Objects.requireNonNull(newDialect, "dialect"));
    }

    /** Switches faults on and off. */
    public Faults faults() {
        return faults;
    }

    /** How many requests for an operation have come in since the start, whatever became of them. */
    public long requestCount(Operation operation) {
        return counter.count(operation);
    }

    /**
     * A look into a stream.
     *
     * @param path {@code container/path}
     * @throws NoSuchElementException when there is no such stream
     */
    public EmulatedStream stream(String path) {
        return new EmulatedStream(existing(path));
    }

    /** Whether there is a stream at {@code container/path}. */
    public boolean hasStream(String path) {
        return find(path).isPresent();
    }

    /**
     * Kills every location of a stream that was handed out so far, as if the platform had lost
     * them.
     *
     * @throws NoSuchElementException when there is no such stream
     */
    public void expireLocations(String path) {
        existing(path).expireLocations().join();
    }

    /**
     * Removes the oldest records of a shard, as if retention had passed up to one.
     *
     * @param firstRemainingSequenceNumber the oldest record that stays; one after the newest
     *     removes all
     * @throws NoSuchElementException when there is no such stream or shard
     */
    public void trimShard(String path, int shardId, long firstRemainingSequenceNumber) {
        stream(path).shard(shardId).trim(firstRemainingSequenceNumber).join();
    }

    /**
     * Lets in requests with one of these access keys, from now on, and no others: keys expire and
     * follow one another, with a time in between in which the old and the new one are good.
     *
     * @param keys at least one
     */
    public void acceptAccessKeys(String... keys) {
        if (keys.length == 0) {
            throw new IllegalArgumentException("at least one access key must be accepted");
        }
        access.accept(List.of(keys));
    }

    /**
     * Goes out of service: resets all connections, and new ones as soon as they are made. The port
     * stays the same.
     */
    public void pause() {
        server.pause();
    }

    /** Comes back into service. */
    public void resume() {
        server.resume();
    }

    /**
     * Ends the emulator: its port is free, its threads are gone, its memory is given back when this
     * returns.
     */
    @Override
    public void close() {
        server.close();
        webApi.close();
        journal.close();
        store.close();
    }

    private Stream existing(String path) {
        return find(path).orElseThrow(() -> new NoSuchElementException("no stream " + path));
    }

    private Optional<Stream> find(String path) {
        List<String> names =
                Arrays.stream(Objects.requireNonNull(path).split("/", -1))
                        .filter(name -> !name.isEmpty())
                        .toList();
        Container container = names.isEmpty() ? null : store.existingContainer(names.get(0));
        return container != null
                        && container.find(names.subList(1, names.size())) instanceof Stream stream
                ? Optional.of(stream)
                : Optional.empty();
    }
}

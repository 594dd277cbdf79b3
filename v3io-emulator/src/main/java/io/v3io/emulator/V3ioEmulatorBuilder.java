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

import javax.net.ssl.SSLContext;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Settings of an emulator that is yet to start. Not thread-safe. */
public final class V3ioEmulatorBuilder {
    private static final int MAX_PORT = 65_535;

    private String host = "127.0.0.1";
    private int port;
    private String accessKey;
    private Duration latency = Duration.ZERO;
    private Path dataDir;
    private SSLContext tls;
    private InstantSource clock = InstantSource.system();
    private long recordMemory = Runtime.getRuntime().maxMemory() / 4 * 3;
    private long seed = ThreadLocalRandom.current().nextLong();

    private Dialect dialect = Dialect.DEFAULT;
    private List<String> containers = List.of("users", "projects", "bigdata");
    private boolean containersOnDemand;

    V3ioEmulatorBuilder() {}

    /** The address to listen on; default 127.0.0.1, so that only this machine can reach it. */
    public V3ioEmulatorBuilder host(String newHost) {
        host = Objects.requireNonNull(newHost, "host");
        return this;
    }

    /** The port to listen on; 0, the default, takes any free one. */
    public V3ioEmulatorBuilder port(int newPort) {
        if (newPort < 0 || newPort > MAX_PORT) {
            throw new IllegalArgumentException(
                    "port must be within 0.." + MAX_PORT + ", but was " + newPort);
        }
        port = newPort;
        return this;
    }

    /** The key that requests must bring; by default any key will do, and none as well. */
    public V3ioEmulatorBuilder accessKey(String newAccessKey) {
        if (newAccessKey.isEmpty()) {
            throw new IllegalArgumentException("accessKey must not be empty");
        }
        accessKey = newAccessKey;
        return this;
    }

    /** How long every answer is held back, without a thread that waits; default zero. */
    public V3ioEmulatorBuilder latency(Duration newLatency) {
        if (newLatency.isNegative()) {
            throw new IllegalArgumentException(
                    "latency must not be negative, but was " + newLatency);
        }
        latency = newLatency;
        return this;
    }

    /**
     * Where to keep everything across restarts: what was acknowledged survives the death of the
     * process. By default nothing is kept. The directory is made if need be; only one emulator can
     * use it at a time.
     */
    public V3ioEmulatorBuilder dataDir(Path newDataDir) {
        dataDir = Objects.requireNonNull(newDataDir, "dataDir");
        return this;
    }

    /** Serves https with this context's key; default plain http. */
    public V3ioEmulatorBuilder tls(SSLContext newTls) {
        tls = Objects.requireNonNull(newTls, "tls");
        return this;
    }

    /**
     * Where arrival times and retention take the time from, such as a {@link ManualClock}; default
     * the system's clock.
     */
    public V3ioEmulatorBuilder clock(InstantSource newClock) {
        clock = Objects.requireNonNull(newClock, "clock");
        return this;
    }

    /**
     * Decides the draws of faults with a probability and what the dialect leaves to chance; default
     * random.
     */
    public V3ioEmulatorBuilder seed(long newSeed) {
        seed = newSeed;
        return this;
    }

    /** The containers that there are at the start; default users, projects, bigdata. */
    public V3ioEmulatorBuilder containers(String... names) {
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9_.-]+")) {
                throw new IllegalArgumentException(
                        "containers must have names of letters, digits, dots, dashes and underscores, but one was \""
                                + name
                                + "\"");
            }
        }
        containers = List.of(names);
        return this;
    }

    /**
     * Whether other containers are made when something is stored in them; default false: then
     * requests for them are answered with 404 {@code Container not found}.
     */
    public V3ioEmulatorBuilder containersOnDemand(boolean onDemand) {
        containersOnDemand = onDemand;
        return this;
    }

    /**
     * Which platform it plays where the evidence allows several; default {@link Dialect#DEFAULT}.
     */
    public V3ioEmulatorBuilder dialect(Dialect newDialect) {
        dialect = Objects.requireNonNull(newDialect, "dialect");
        return this;
    }

    /**
     * How many bytes the records may take, outside the heap; default three quarters of the JVM's
     * largest heap, which is also the JVM's default for all memory outside the heap.
     */
    public V3ioEmulatorBuilder recordMemory(long bytes) {
        if (bytes < 1) {
            throw new IllegalArgumentException("recordMemory must be positive, but was " + bytes);
        }
        recordMemory = bytes;
        return this;
    }

    /**
     * Starts the emulator; it takes requests when this returns.
     *
     * @throws UncheckedIOException when the address or the data directory cannot be used
     */
    public V3ioEmulator start() {
        try {
            return new V3ioEmulator(this);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    List<String> containers() {
        return containers;
    }

    boolean containersOnDemand() {
        return containersOnDemand;
    }

    Dialect dialect() {
        return dialect;
    }

    String host() {
        return host;
    }

    int port() {
        return port;
    }

    String accessKey() {
        return accessKey;
    }

    Duration latency() {
        return latency;
    }

    Optional<Path> dataDir() {
        return Optional.ofNullable(dataDir);
    }

    SSLContext tls() {
        return tls;
    }

    InstantSource clock() {
        return clock;
    }

    long recordMemory() {
        return recordMemory;
    }

    long seed() {
        return seed;
    }
}

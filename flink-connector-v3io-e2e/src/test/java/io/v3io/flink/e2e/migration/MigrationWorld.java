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

package io.v3io.flink.e2e.migration;

import io.v3io.flink.e2e.cluster.Directories;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.Ports;
import io.v3io.flink.kafka.testing.KafkaBroker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A broker and a highly available Flink cluster, all of them processes. */
final class MigrationWorld implements AutoCloseable {

    /** The one key that emulators take. */
    static final String ACCESS_KEY = "the-key-of-the-migrations";

    /** The jar for {@code flink run}; the build and the command set it. */
    static final String JAR_PROPERTY = "v3io.kafka.jar";

    private final Path directory;
    private final Path accessKeyFile;
    private final Path jar;
    private final int brokerPort = Ports.lease();
    private final KafkaBroker broker;
    private final FlinkCluster cluster;

    /**
     * Starts everything.
     *
     * @param directory for all data and logs; what is there is deleted
     */
    MigrationWorld(Path directory) throws IOException {
        this.directory = Directories.createEmpty(directory);
        jar = Path.of(System.getProperty(JAR_PROPERTY)).toAbsolutePath().normalize();
        accessKeyFile = Files.writeString(this.directory.resolve("access-key"), ACCESS_KEY);
        // At the same time: each takes its while.
        CompletableFuture<KafkaBroker> starting = CompletableFuture.supplyAsync(this::startBroker);
        FlinkCluster started = null;
        try {
            started = startCluster();
        } finally {
            broker = starting.join();
            if (started == null) {
                broker.kill();
            }
        }
        cluster = started;
    }

    private KafkaBroker startBroker() {
        try {
            return KafkaBroker.start(
                    Files.createDirectories(directory.resolve("kafka")), brokerPort);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private FlinkCluster startCluster() {
        return FlinkCluster.builder(directory.resolve("flink"))
                .setTaskManagers(2)
                .setSlots(1)
                .setHighAvailability(true)
                .setQuickRecovery()
                .start();
    }

    Path directory() {
        return directory;
    }

    Path accessKeyFile() {
        return accessKeyFile;
    }

    Path jar() {
        return jar;
    }

    KafkaBroker broker() {
        return broker;
    }

    FlinkCluster cluster() {
        return cluster;
    }

    @Override
    public void close() throws Exception {
        try {
            cluster.close();
        } finally {
            broker.close();
            Ports.release(brokerPort);
        }
    }
}

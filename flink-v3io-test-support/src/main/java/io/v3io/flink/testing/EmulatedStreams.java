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

package io.v3io.flink.testing;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.emulator.V3ioEmulatorBuilder;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** An emulator, and a client to fill its streams. Used by one thread. */
public final class EmulatedStreams implements AutoCloseable {

    /** Repeats soon and for long, as jobs with faults like it. */
    public static final RetryPolicy PATIENT =
            new RetryPolicy(
                    100, Duration.ofSeconds(60), Duration.ofMillis(2), Duration.ofMillis(20));

    /** What the client says; an emulator takes any key unless it was told one. */
    public static final String ACCESS_KEY = "an-access-key-of-the-tests";

    private final V3ioEmulator emulator;
    private final V3ioClient client;
    private boolean isClosed;

    private EmulatedStreams(V3ioEmulator emulator) {
        this.emulator = emulator;
        this.client =
                V3ioClient.builder()
                        .setEndpoint(emulator.endpoint())
                        .setAccessKey(ACCESS_KEY)
                        .setRetryPolicy(RetryPolicy.none())
                        .build();
    }

    /** For whoever closes it; a test class asks its {@link TestPlatform}. */
    public static EmulatedStreams start() {
        return start(settings -> settings);
    }

    /** As {@link #start()}, with these settings in addition to a seed that is always the same. */
    public static EmulatedStreams start(UnaryOperator<V3ioEmulatorBuilder> settings) {
        return new EmulatedStreams(settings.apply(V3ioEmulator.builder().seed(7)).start());
    }

    public V3ioEmulator emulator() {
        return emulator;
    }

    public V3ioClient client() {
        return client;
    }

    public String endpoint() {
        return emulator.endpoint();
    }

    public StreamPath create(String stream, int shardCount) {
        StreamPath path = StreamPath.parse(stream);
        client.createStream(path, shardCount, 24).join();
        return path;
    }

    public void grow(StreamPath stream, int shardCount) {
        client.updateStream(stream, shardCount).join();
    }

    /** Stores records {@code <prefix>1} to {@code <prefix><count>} in one shard. */
    public void put(StreamPath stream, int shard, String prefix, int count) {
        List<PutRecord> records = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            records.add(
                    PutRecord.of((prefix + i).getBytes(StandardCharsets.UTF_8)).withShardId(shard));
            if (records.size() == 1_000 || i == count) {
                putAll(stream, records);
                records.clear();
            }
        }
    }

    public void putAll(StreamPath stream, List<PutRecord> records) {
        for (PutResult result : client.putRecords(stream, records).join()) {
            if (!(result instanceof PutResult.Stored)) {
                throw new AssertionError("Not stored: " + result);
            }
        }
    }

    @Override
    public void close() {
        if (!isClosed) {
            isClosed = true;
            try {
                client.close();
            } finally {
                emulator.close();
            }
        }
    }
}

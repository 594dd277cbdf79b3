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

package io.v3io.flink.sink;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.emulator.V3ioEmulatorBuilder;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

import static java.nio.charset.StandardCharsets.UTF_8;

/** A writer of strings against an emulator over HTTP, with the test's thread as its mailbox. */
final class EmulatedSink implements AutoCloseable {

    static final String STREAM = "users/me/orders";
    static final String KEY = EmulatedStreams.ACCESS_KEY;

    /** Repeats soon and for long, as tests with faults like it. */
    static final RetryPolicy PATIENT =
            new RetryPolicy(
                    1_000, Duration.ofSeconds(60), Duration.ofMillis(1), Duration.ofMillis(5));

    private final EmulatedStreams streams;
    private final TestTask task;
    private StatefulSinkWriter<String, BufferedRequestState<RoutedRecord>> writer;

    EmulatedSink(long seed) {
        this(seed, 0);
    }

    /** A sink of the subtask with this index; there is no stream yet. */
    EmulatedSink(long seed, int subtask) {
        this(settings -> settings.seed(seed), subtask);
    }

    /**
     * A sink on a platform as there may be one, drawn from the seed. What it stores it may store
     * twice.
     */
    static EmulatedSink onAnyPlatform(long seed) {
        Dialect dialect = Dialect.random(new SplittableRandom(seed));
        // The test's output is how a failed seed is understood.
        System.out.println("seed " + seed + ": " + dialect);
        return new EmulatedSink(settings -> settings.seed(seed).dialect(dialect), 0);
    }

    /** A sink with an emulator of its own, which has these settings and takes one key. */
    EmulatedSink(UnaryOperator<V3ioEmulatorBuilder> settings, int subtask) {
        this.streams = EmulatedStreams.start(e -> settings.apply(e).accessKey(KEY));
        this.task = new TestTask(subtask);
    }

    V3ioEmulator emulator() {
        return streams.emulator();
    }

    TestTask task() {
        return task;
    }

    void createStream(String stream, int shards) {
        streams.create(stream, shards);
    }

    V3ioClient client() {
        return V3ioClient.builder().setEndpoint(streams.endpoint()).setAccessKey(KEY).build();
    }

    /** Sends what is full only, and what is flushed. */
    V3ioSinkBuilder<String> builder() {
        return V3ioSink.<String>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(KEY)
                .setStream(STREAM)
                .setSerializationSchema(new SimpleStringSchema())
                .setMaxTimeInBuffer(Duration.ofMinutes(10))
                .configureClient(c -> c.setRetryPolicy(PATIENT));
    }

    V3ioSink<String> sink(UnaryOperator<V3ioSinkBuilder<String>> settings) {
        return settings.apply(builder()).build();
    }

    void open(V3ioSinkBuilder<String> settings) {
        try {
            writer = settings.build().createWriter(task.context());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void open(UnaryOperator<V3ioSinkBuilder<String>> settings) {
        open(settings.apply(builder()));
    }

    void write(List<String> elements) throws Exception {
        for (String element : elements) {
            writer.write(element, null);
        }
    }

    /** What a checkpoint would hold now, through the serializer. */
    List<BufferedRequestState<RoutedRecord>> snapshot() throws Exception {
        var serializer = builder().build().getWriterStateSerializer();
        List<BufferedRequestState<RoutedRecord>> states = new ArrayList<>();
        for (BufferedRequestState<RoutedRecord> state : writer.snapshotState(1)) {
            states.add(
                    serializer.deserialize(serializer.getVersion(), serializer.serialize(state)));
        }
        return states;
    }

    /** Another writer takes the place of this one, with its state. */
    void restore(
            List<BufferedRequestState<RoutedRecord>> states,
            UnaryOperator<V3ioSinkBuilder<String>> settings)
            throws Exception {
        writer.close();
        writer = sink(settings).restoreWriter(task.context(), states);
    }

    /** What a checkpoint does before it takes the snapshot. */
    void prepareCheckpoint() throws Exception {
        writer.flush(false);
    }

    /** The data of all records in the state. */
    static List<String> data(List<BufferedRequestState<RoutedRecord>> states) {
        return states.stream()
                .flatMap(state -> state.getBufferedRequestEntries().stream())
                .map(wrapper -> new String(wrapper.getRequestEntry().record().data(), UTF_8))
                .toList();
    }

    /** Returns when everything is stored. */
    void flush() throws Exception {
        writer.flush(true);
    }

    /** The data of all records, shard after shard, each in its order. */
    List<String> stored(String stream) {
        List<String> stored = new ArrayList<>();
        for (int shard = 0; shard < emulator().stream(stream).shardCount(); shard++) {
            stored.addAll(stored(stream, shard));
        }
        return stored;
    }

    List<String> stored(String stream, int shard) {
        return emulator().stream(stream).records(shard).stream()
                .map(StoredRecord::data)
                .map(data -> new String(data, UTF_8))
                .toList();
    }

    @Override
    public void close() throws Exception {
        task.close();
        if (writer != null) {
            writer.close();
        }
        streams.close();
    }
}

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

package io.v3io.flink.testing.suite;

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.EmulatedStream;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.testframe.external.ExternalSystemDataReader;
import org.apache.flink.connector.testframe.external.sink.DataStreamSinkV2ExternalContext;
import org.apache.flink.connector.testframe.external.sink.TestingSinkSettings;
import org.apache.flink.core.execution.CheckpointingMode;

import org.awaitility.core.ConditionTimeoutException;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

import static org.awaitility.Awaitility.await;

/** What Flink's own tests of sinks write. */
public final class SinkSuiteStream implements DataStreamSinkV2ExternalContext<String> {

    /**
     * Some of the suite's jobs set no interval of checkpoints, which an exactly-once sink of an
     * unbounded job needs. It comes from the configuration, as on many a cluster, and is the one
     * that Flink takes for none: these jobs make only the savepoint that the suite asks for, and
     * their source, which reads on after a checkpoint, stays where the suite expects it. With
     * exactly-once checkpoints the suite would see no record before the first one; the others
     * differ from these only where a task has several inputs, and none has here.
     */
    public static final Configuration CHECKPOINTS =
            new Configuration()
                    .set(
                            CheckpointingOptions.CHECKPOINTING_INTERVAL,
                            Duration.ofMillis(Long.MAX_VALUE))
                    .set(
                            CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                            CheckpointingMode.AT_LEAST_ONCE);

    private static final int SHARDS = 4;

    private final EmulatedStreams streams;
    private final StreamPath stream;
    private final UnaryOperator<V3ioSinkBuilder<String>> settings;
    private final List<URL> jars;

    /**
     * A new stream.
     *
     * @param settings of the sink, in addition
     * @param jars that the cluster needs and does not have
     */
    public SinkSuiteStream(
            SuiteEmulator emulator,
            UnaryOperator<V3ioSinkBuilder<String>> settings,
            List<URL> jars) {
        this.streams = emulator.streams();
        this.stream = streams.create(emulator.newStream().toString(), SHARDS);
        this.settings = settings;
        this.jars = List.copyOf(jars);
    }

    @Override
    // The suite has no other way to say which guarantee it tests.
    @SuppressWarnings("deprecation")
    public Sink<String> createSink(TestingSinkSettings suite) {
        return settings.apply(V3ioSink.<String>builder())
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream(stream.toString())
                .setSerializationSchema(new SimpleStringSchema())
                .setMaxTimeInBuffer(Duration.ofMillis(20))
                .setDeliveryGuarantee(
                        DeliveryGuarantee.valueOf(suite.getCheckpointingMode().name()))
                .build();
    }

    @Override
    public ExternalSystemDataReader<String> createSinkDataReader(TestingSinkSettings suite) {
        return new StoredRecords(streams.emulator().stream(stream.toString()));
    }

    /** Each record names the seed, for the message of a test that misses it. */
    @Override
    public List<String> generateTestData(TestingSinkSettings suite, long seed) {
        return IntStream.rangeClosed(1, 100 + new Random(seed).nextInt(900))
                .mapToObj(number -> number + " of seed " + seed)
                .toList();
    }

    @Override
    public TypeInformation<String> getProducedType() {
        return Types.STRING;
    }

    @Override
    public List<URL> getConnectorJarPaths() {
        return jars;
    }

    @Override
    public void close() {
        // The emulator is closed with all streams in it.
    }

    @Override
    public String toString() {
        return stream.toString();
    }

    /** Gives each stored record once. */
    private static final class StoredRecords implements ExternalSystemDataReader<String> {

        private final EmulatedStream stream;
        private final int[] given = new int[SHARDS];

        StoredRecords(EmulatedStream stream) {
            this.stream = stream;
        }

        @Override
        public List<String> poll(Duration timeout) {
            List<String> polled = new ArrayList<>();
            try {
                // In this thread: what another one took after the time is up would be lost.
                await().pollInSameThread().atMost(timeout).until(() -> takeNew(polled));
            } catch (ConditionTimeoutException e) {
                // Nothing new within the time, or only just; the suite polls again or judges.
                return polled;
            }
            return polled;
        }

        private boolean takeNew(List<String> polled) {
            for (int shard = 0; shard < SHARDS; shard++) {
                List<StoredRecord> all = stream.records(shard);
                for (StoredRecord record : all.subList(given[shard], all.size())) {
                    polled.add(new String(record.data(), StandardCharsets.UTF_8));
                }
                given[shard] = all.size();
            }
            return !polled.isEmpty();
        }

        @Override
        public void close() {}
    }
}

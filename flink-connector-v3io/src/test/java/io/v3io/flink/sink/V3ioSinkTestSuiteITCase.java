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

import io.v3io.emulator.EmulatedStream;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.testframe.TestResource;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.environment.TestEnvironmentSettings;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.external.ExternalSystemDataReader;
import org.apache.flink.connector.testframe.external.sink.DataStreamSinkV2ExternalContext;
import org.apache.flink.connector.testframe.external.sink.TestingSinkSettings;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SinkTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static org.awaitility.Awaitility.await;

/**
 * Flink's own tests of sinks, as they are, on a MiniCluster and an emulator over HTTP: writing,
 * savepoints with other parallelisms, metrics. With both guarantees.
 */
@Timeout(120)
class V3ioSinkTestSuiteITCase extends SinkTestSuiteBase<String> {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final int SHARDS = 4;

    @TestEnv final MiniClusterTestEnvironment cluster = new CheckpointingMiniCluster();

    @TestExternalSystem final Emulator emulator = new Emulator();

    @TestSemantics
    final CheckpointingMode[] semantics = {
        CheckpointingMode.AT_LEAST_ONCE, CheckpointingMode.EXACTLY_ONCE
    };

    @TestContext
    final ExternalContextFactory<WrittenStream> streams =
            testName -> new WrittenStream(emulator.streams);

    /**
     * Some of the suite's jobs set no interval of checkpoints, which an exactly-once sink of an
     * unbounded job needs. It comes from the configuration here, as on many a cluster, and is the
     * one that Flink takes for none: these jobs make only the savepoint that the suite asks for,
     * and their source, which reads on after a checkpoint, stays where the suite expects it. With
     * exactly-once checkpoints the suite would see no record before the first one; the others
     * differ from these only where a task has several inputs, and none has here.
     */
    private static final class CheckpointingMiniCluster extends MiniClusterTestEnvironment {

        @Override
        public StreamExecutionEnvironment createExecutionEnvironment(
                TestEnvironmentSettings settings) {
            StreamExecutionEnvironment environment = super.createExecutionEnvironment(settings);
            environment.configure(
                    new Configuration()
                            .set(
                                    CheckpointingOptions.CHECKPOINTING_INTERVAL,
                                    Duration.ofMillis(Long.MAX_VALUE))
                            .set(
                                    CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                                    CheckpointingMode.AT_LEAST_ONCE));
            return environment;
        }
    }

    /** One emulator for all tests, which each have a stream of their own. */
    static final class Emulator implements TestResource {

        private EmulatedStreams streams;

        @Override
        public void startUp() {
            if (streams == null) {
                streams = PLATFORM.start();
            }
        }

        @Override
        public void tearDown() {
            if (streams != null) {
                streams.close();
            }
        }
    }

    static final class WrittenStream implements DataStreamSinkV2ExternalContext<String> {

        private static final AtomicInteger STREAMS = new AtomicInteger();

        private final EmulatedStreams streams;
        private final String stream = "users/me/suite-" + STREAMS.incrementAndGet();

        WrittenStream(EmulatedStreams streams) {
            this.streams = streams;
            streams.create(stream, SHARDS);
        }

        @Override
        // The suite has no other way to say which guarantee it tests.
        @SuppressWarnings("deprecation")
        public Sink<String> createSink(TestingSinkSettings settings) {
            return V3ioSink.<String>builder()
                    .setEndpoint(streams.endpoint())
                    .setAccessKey("test-key")
                    .setStream(stream)
                    .setSerializationSchema(new SimpleStringSchema())
                    .setPartitionKey(record -> record)
                    .setMaxTimeInBuffer(Duration.ofMillis(20))
                    .setDeliveryGuarantee(
                            DeliveryGuarantee.valueOf(settings.getCheckpointingMode().name()))
                    .build();
        }

        @Override
        public ExternalSystemDataReader<String> createSinkDataReader(TestingSinkSettings settings) {
            return new StoredRecords(streams.emulator().stream(stream));
        }

        @Override
        public List<String> generateTestData(TestingSinkSettings settings, long seed) {
            return IntStream.rangeClosed(1, 100 + new Random(seed).nextInt(900))
                    .mapToObj(number -> number + " of seed " + seed)
                    .toList();
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }

        /** None: this JVM's class path has them all. */
        @Override
        public List<URL> getConnectorJarPaths() {
            return List.of();
        }

        @Override
        public void close() {
            // The emulator is closed with all streams in it.
        }

        @Override
        public String toString() {
            return stream;
        }
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
        public void close() {
            // Holds nothing.
        }
    }
}

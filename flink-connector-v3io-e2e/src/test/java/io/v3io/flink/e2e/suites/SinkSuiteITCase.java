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

package io.v3io.flink.e2e.suites;

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.cluster.StreamContent;
import io.v3io.flink.sink.V3ioSink;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
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

import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.Timeout;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

import static org.awaitility.Awaitility.await;

/** Flink's own tests of sinks, as they are, on a cluster of processes. With both guarantees. */
@Timeout(300)
class SinkSuiteITCase extends SinkTestSuiteBase<String> {

    private static final int SHARDS = 4;

    /**
     * The interval is the one that Flink takes for none: some of the suite's jobs set none, but an
     * exactly-once sink of an unbounded job needs one. With exactly-once checkpoints the suite
     * would see no record before the first one; the others differ only where a task has several
     * inputs.
     */
    private static final Configuration CHECKPOINTS =
            new Configuration()
                    .set(
                            CheckpointingOptions.CHECKPOINTING_INTERVAL,
                            Duration.ofMillis(Long.MAX_VALUE))
                    .set(
                            CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE,
                            CheckpointingMode.AT_LEAST_ONCE);

    @TestEnv final ClusterOfProcesses cluster = new ClusterOfProcesses("sink-suite", CHECKPOINTS);

    @TestExternalSystem final Emulator emulator = new Emulator();

    @TestSemantics
    final CheckpointingMode[] semantics = {
        CheckpointingMode.AT_LEAST_ONCE, CheckpointingMode.EXACTLY_ONCE
    };

    @TestContext
    final ExternalContextFactory<WrittenStream> streams = testName -> new WrittenStream(emulator);

    static final class WrittenStream implements DataStreamSinkV2ExternalContext<String> {

        private static final int RETENTION_HOURS = 24;

        private final Emulator emulator;
        private final StreamPath stream;

        WrittenStream(Emulator emulator) {
            this.emulator = emulator;
            this.stream = emulator.newStream();
            emulator.client().createStream(stream, SHARDS, RETENTION_HOURS).join();
        }

        /** Without a partition key, whose function would be in no jar of the cluster. */
        @Override
        // The suite has no other way to say which guarantee it tests.
        @SuppressWarnings("deprecation")
        public Sink<String> createSink(TestingSinkSettings settings) {
            return V3ioSink.<String>builder()
                    .setEndpoint(emulator.endpoint())
                    .setAccessKey(Emulator.ACCESS_KEY)
                    .setStream(stream.toString())
                    .setSerializationSchema(new SimpleStringSchema())
                    .setMaxTimeInBuffer(Duration.ofMillis(20))
                    .setDeliveryGuarantee(
                            DeliveryGuarantee.valueOf(settings.getCheckpointingMode().name()))
                    .build();
        }

        @Override
        public ExternalSystemDataReader<String> createSinkDataReader(TestingSinkSettings settings) {
            return new StoredRecords(emulator, stream);
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

        @Override
        public List<URL> getConnectorJarPaths() {
            return ClusterOfProcesses.jars();
        }

        @Override
        public void close() {
            // The emulator is closed with all streams in it.
        }

        @Override
        public String toString() {
            return stream.toString();
        }
    }

    /** Gives each stored record once. */
    private static final class StoredRecords implements ExternalSystemDataReader<String> {

        private final Emulator emulator;
        private final StreamPath stream;
        private final int[] given = new int[SHARDS];

        StoredRecords(Emulator emulator, StreamPath stream) {
            this.emulator = emulator;
            this.stream = stream;
        }

        @Override
        public List<String> poll(Duration timeout) {
            List<String> polled = new ArrayList<>();
            try {
                // In this thread: what another one took after the time is up would be lost.
                await().pollInSameThread().atMost(timeout).until(() -> takeNew(polled));
            } catch (ConditionTimeoutException e) {
                // Nothing new within the time, or hardly; the suite polls again or judges.
                return polled;
            }
            return polled;
        }

        private boolean takeNew(List<String> polled) {
            for (int shard = 0; shard < SHARDS; shard++) {
                List<StreamRecord> all = StreamContent.read(emulator.client(), stream.shard(shard));
                for (StreamRecord record : all.subList(given[shard], all.size())) {
                    polled.add(new String(record.data(), StandardCharsets.UTF_8));
                }
                given[shard] = all.size();
            }
            return !polled.isEmpty();
        }

        /** The client is everyone's. */
        @Override
        public void close() {}
    }
}

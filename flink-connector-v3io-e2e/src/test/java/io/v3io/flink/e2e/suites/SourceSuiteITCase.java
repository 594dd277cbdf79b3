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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.external.ExternalSystemSplitDataWriter;
import org.apache.flink.connector.testframe.external.source.DataStreamSourceExternalContext;
import org.apache.flink.connector.testframe.external.source.TestingSourceSettings;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SourceTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Flink's own tests of sources, as they are, on a cluster of processes. Where a task manager fails,
 * all of them are killed.
 *
 * <p>In threads of their own, because their waiting for results does not end when interrupted.
 */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class SourceSuiteITCase extends SourceTestSuiteBase<String> {

    @TestEnv final ClusterOfProcesses cluster = new ClusterOfProcesses("source-suite");

    @TestExternalSystem final Emulator emulator = new Emulator();

    @TestSemantics final CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

    @TestContext
    final ExternalContextFactory<GrowingStream> streams = testName -> new GrowingStream(emulator);

    /** A stream with one shard for each writer. */
    static final class GrowingStream implements DataStreamSourceExternalContext<String> {

        private static final int RETENTION_HOURS = 24;

        private final Emulator emulator;
        private final StreamPath stream;
        private int shards;

        GrowingStream(Emulator emulator) {
            this.emulator = emulator;
            this.stream = emulator.newStream();
        }

        @Override
        public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
            V3ioSourceBuilder<String> source =
                    V3ioSource.<String>builder()
                            .setEndpoint(emulator.endpoint())
                            .setAccessKey(Emulator.ACCESS_KEY)
                            .setStream(stream.toString())
                            .setShardDiscoveryInterval(Duration.ofMillis(50))
                            .setDeserializer(new SimpleStringSchema());
            if (settings.getBoundedness() == Boundedness.BOUNDED) {
                source.setBounded(StoppingPosition.latest());
            }
            return source.build();
        }

        @Override
        public ExternalSystemSplitDataWriter<String> createSourceSplitDataWriter(
                TestingSourceSettings settings) {
            int shard = shards++;
            if (shard == 0) {
                emulator.client().createStream(stream, shards, RETENTION_HOURS).join();
            } else {
                emulator.client().updateStream(stream, shards).join();
            }
            return new ShardWriter(emulator, stream, shard);
        }

        /** Each record names split and seed, for the message of a test that misses it. */
        @Override
        public List<String> generateTestData(
                TestingSourceSettings settings, int splitIndex, long seed) {
            return IntStream.rangeClosed(1, 100 + new Random(seed).nextInt(900))
                    .mapToObj(number -> splitIndex + "/" + number + " of seed " + seed)
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
            emulator.client().deleteStream(stream).join();
        }

        @Override
        public String toString() {
            return stream.toString();
        }
    }

    private record ShardWriter(Emulator emulator, StreamPath stream, int shard)
            implements ExternalSystemSplitDataWriter<String> {

        @Override
        public void writeRecords(List<String> records) {
            emulator.put(
                    stream,
                    records.stream()
                            .map(record -> record.getBytes(StandardCharsets.UTF_8))
                            .map(data -> PutRecord.of(data).withShardId(shard))
                            .toList());
        }

        /** The client is everyone's. */
        @Override
        public void close() {}
    }
}

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

package io.v3io.flink.source;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.testframe.TestResource;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Flink's own tests of sources, as they are, on a MiniCluster and an emulator over HTTP: bounded
 * and unbounded, idle readers, savepoints with other parallelisms, a lost task manager.
 *
 * <p>In threads of their own, because their waiting for results does not end when interrupted.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class V3ioSourceTestSuiteITCase extends SourceTestSuiteBase<String> {

    @TestEnv final MiniClusterTestEnvironment cluster = new MiniClusterTestEnvironment();

    @TestExternalSystem final Emulator emulator = new Emulator();

    @TestSemantics final CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

    @TestContext
    final ExternalContextFactory<GrowingStream> streams =
            testName -> new GrowingStream(emulator.streams());

    /** One emulator for all tests, which each have a stream of their own. */
    static final class Emulator implements TestResource {

        private EmulatedStreams streams;

        EmulatedStreams streams() {
            return streams;
        }

        @Override
        public void startUp() {
            if (streams == null) {
                streams = new EmulatedStreams();
            }
        }

        /** After the cluster, so that the only clients left can be those that were not closed. */
        @Override
        public void tearDown() {
            if (streams == null) {
                return;
            }
            streams.close();
            await("threads of readers, enumerators and their clients")
                    .untilAsserted(
                            () ->
                                    assertThat(Thread.getAllStackTraces().keySet())
                                            .extracting(Thread::getName)
                                            .noneMatch(name -> name.startsWith("v3io-client"))
                                            .noneMatch(
                                                    name -> name.startsWith("Source Data Fetcher"))
                                            .noneMatch(
                                                    name -> name.startsWith("SourceCoordinator")));
        }
    }

    /** A stream with one shard for each writer. */
    static final class GrowingStream implements DataStreamSourceExternalContext<String> {

        private static final AtomicInteger STREAMS = new AtomicInteger();

        private final EmulatedStreams streams;
        private final StreamPath stream =
                StreamPath.parse("users/me/suite-" + STREAMS.incrementAndGet());
        private int shards;

        GrowingStream(EmulatedStreams streams) {
            this.streams = streams;
        }

        @Override
        public Source<String, ?, ?> createSource(TestingSourceSettings settings) {
            V3ioSourceBuilder<String> source =
                    V3ioSource.<String>builder()
                            .setEndpoint(streams.endpoint())
                            .setAccessKey("test-key")
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
                streams.create(stream.toString(), shards);
            } else {
                streams.grow(stream, shards);
            }
            return new ShardWriter(streams, stream, shard);
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

        /** None: this JVM's class path has them all. */
        @Override
        public List<URL> getConnectorJarPaths() {
            return List.of();
        }

        @Override
        public void close() {
            streams.client().deleteStream(stream).join();
        }

        @Override
        public String toString() {
            return stream.toString();
        }
    }

    private record ShardWriter(EmulatedStreams streams, StreamPath stream, int shard)
            implements ExternalSystemSplitDataWriter<String> {

        @Override
        public void writeRecords(List<String> records) {
            streams.putAll(
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

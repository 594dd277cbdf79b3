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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.flink.testing.suite.SourceSuiteStream;

import org.apache.flink.connector.testframe.TestResource;
import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SourceTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

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

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    @TestEnv final MiniClusterTestEnvironment cluster = new MiniClusterTestEnvironment();

    @TestExternalSystem final Emulator emulator = new Emulator();

    @TestSemantics final CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

    @TestContext
    final ExternalContextFactory<SourceSuiteStream> streams = testName -> emulator.newStream();

    /** One emulator for all tests, which each have a stream of their own. */
    static final class Emulator implements TestResource {

        private final AtomicInteger count = new AtomicInteger();
        private EmulatedStreams streams;

        SourceSuiteStream newStream() {
            return new SourceSuiteStream(
                    streams.endpoint(),
                    "test-key",
                    streams.client(),
                    StreamPath.parse("users/me/suite-" + count.incrementAndGet()),
                    // This JVM's class path has them all.
                    List.of());
        }

        @Override
        public void startUp() {
            if (streams == null) {
                streams = PLATFORM.start();
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
}

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

import io.v3io.flink.testing.suite.SourceSuiteStream;
import io.v3io.flink.testing.suite.SuiteEmulator;

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

import java.util.List;

/**
 * Flink's own tests of sources, as they are, on a MiniCluster and an emulator over HTTP: bounded
 * and unbounded, idle readers, savepoints with other parallelisms, a lost task manager.
 *
 * <p>In threads of their own, because their waiting for results does not end when interrupted.
 */
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
class V3ioSourceTestSuiteITCase extends SourceTestSuiteBase<String> {

    @TestEnv final MiniClusterTestEnvironment cluster = new MiniClusterTestEnvironment();

    @TestExternalSystem final SuiteEmulator emulator = new SuiteEmulator();

    @TestSemantics final CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

    /** This JVM's class path has all that the cluster needs. */
    @TestContext
    final ExternalContextFactory<SourceSuiteStream> streams =
            testName -> new SourceSuiteStream(emulator, List.of());
}

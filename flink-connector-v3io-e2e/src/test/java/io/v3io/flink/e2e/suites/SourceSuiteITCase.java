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

import io.v3io.flink.testing.suite.SourceSuiteStream;
import io.v3io.flink.testing.suite.SuiteEmulator;

import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SourceTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

/**
 * Flink's own tests of sources, as they are, on a cluster of processes. Where a task manager fails,
 * all of them are killed.
 *
 * <p>In threads of their own, because their waiting for results does not end when interrupted.
 */
@Timeout(value = 300, threadMode = ThreadMode.SEPARATE_THREAD)
class SourceSuiteITCase extends SourceTestSuiteBase<String> {

    @TestEnv final ClusterOfProcesses cluster = new ClusterOfProcesses("source-suite");

    @TestExternalSystem final SuiteEmulator emulator = new SuiteEmulator();

    @TestSemantics final CheckpointingMode[] semantics = {CheckpointingMode.EXACTLY_ONCE};

    @TestContext
    final ExternalContextFactory<SourceSuiteStream> streams =
            testName -> new SourceSuiteStream(emulator, ClusterOfProcesses.jars());
}

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

import io.v3io.flink.testing.suite.SinkSuiteStream;
import io.v3io.flink.testing.suite.SuiteEmulator;

import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SinkTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;

import org.junit.jupiter.api.Timeout;

/** Flink's own tests of sinks, as they are, on a cluster of processes. With both guarantees. */
@Timeout(300)
class SinkSuiteITCase extends SinkTestSuiteBase<String> {

    @TestEnv
    final ClusterOfProcesses cluster =
            new ClusterOfProcesses("sink-suite", SinkSuiteStream.CHECKPOINTS);

    @TestExternalSystem final SuiteEmulator emulator = new SuiteEmulator();

    @TestSemantics
    final CheckpointingMode[] semantics = {
        CheckpointingMode.AT_LEAST_ONCE, CheckpointingMode.EXACTLY_ONCE
    };

    /** Without a partition key, whose function would be in no jar of the cluster. */
    @TestContext
    final ExternalContextFactory<SinkSuiteStream> streams =
            testName -> new SinkSuiteStream(emulator, sink -> sink, ClusterOfProcesses.jars());
}

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

import io.v3io.flink.testing.suite.SinkSuiteStream;
import io.v3io.flink.testing.suite.SuiteEmulator;

import org.apache.flink.connector.testframe.environment.MiniClusterTestEnvironment;
import org.apache.flink.connector.testframe.environment.TestEnvironmentSettings;
import org.apache.flink.connector.testframe.external.ExternalContextFactory;
import org.apache.flink.connector.testframe.junit.annotations.TestContext;
import org.apache.flink.connector.testframe.junit.annotations.TestEnv;
import org.apache.flink.connector.testframe.junit.annotations.TestExternalSystem;
import org.apache.flink.connector.testframe.junit.annotations.TestSemantics;
import org.apache.flink.connector.testframe.testsuites.SinkTestSuiteBase;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Timeout;

import java.util.List;

/**
 * Flink's own tests of sinks, as they are, on a MiniCluster and an emulator over HTTP: writing,
 * savepoints with other parallelisms, metrics. With both guarantees.
 */
@Timeout(120)
class V3ioSinkTestSuiteITCase extends SinkTestSuiteBase<String> {

    @TestEnv final MiniClusterTestEnvironment cluster = new CheckpointingMiniCluster();

    @TestExternalSystem final SuiteEmulator emulator = new SuiteEmulator();

    @TestSemantics
    final CheckpointingMode[] semantics = {
        CheckpointingMode.AT_LEAST_ONCE, CheckpointingMode.EXACTLY_ONCE
    };

    /** This JVM's class path has all that the cluster needs. */
    @TestContext
    final ExternalContextFactory<SinkSuiteStream> streams =
            testName ->
                    new SinkSuiteStream(
                            emulator, sink -> sink.setPartitionKey(record -> record), List.of());

    private static final class CheckpointingMiniCluster extends MiniClusterTestEnvironment {

        @Override
        public StreamExecutionEnvironment createExecutionEnvironment(
                TestEnvironmentSettings settings) {
            StreamExecutionEnvironment environment = super.createExecutionEnvironment(settings);
            environment.configure(SinkSuiteStream.CHECKPOINTS);
            return environment;
        }
    }
}

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

package io.v3io.flink.kafka;

import org.apache.flink.client.program.PackagedProgram;
import org.apache.flink.client.program.ProgramInvocationException;
import org.apache.flink.configuration.Configuration;

import org.junit.jupiter.api.Test;

import java.net.URL;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MainTest {

    /** As in a JobManager that gets the jar by REST: to exit would end the cluster. */
    @Test
    void doesNotEndTheProcessOfACluster() throws Exception {
        URL classes = Main.class.getProtectionDomain().getCodeSource().getLocation();
        Configuration configuration = new Configuration();
        configuration.setString("classloader.resolve-order", "parent-first");
        try (PackagedProgram program =
                PackagedProgram.newBuilder()
                        .setUserClassPaths(List.of(classes))
                        .setEntryPointClassName(Main.class.getName())
                        .setConfiguration(configuration)
                        .setArguments("status", "--config", "/none/migration.yaml")
                        .build()) {
            assertThatThrownBy(program::invokeInteractiveModeForExecution)
                    .isInstanceOf(ProgramInvocationException.class)
                    .hasStackTraceContaining("v3io-to-kafka has ended with 2");
        }
    }
}

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

package io.v3io.flink.benchmarks.peers;

import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(400)
class PeersITCase {

    private static final Path BENCHMARKS = Path.of("").toAbsolutePath();

    @Test
    void aLoopOfV3ioGoReadsRecords() throws Exception {
        Peers.Loop loop;
        try {
            loop = new Peers(BENCHMARKS).go();
        } catch (Peers.MissingException e) {
            Assumptions.abort(e.getMessage());
            return;
        }
        assertReads(loop);
    }

    @Test
    void aLoopOfV3ioPyReadsRecords() throws Exception {
        Peers.Loop loop;
        try {
            loop = new Peers(BENCHMARKS).python();
        } catch (Peers.MissingException e) {
            Assumptions.abort(e.getMessage());
            return;
        }
        assertReads(loop);
    }

    @Test
    void aPeerThatCannotBeInstalledIsMissing(@TempDir Path empty) {
        assertThatThrownBy(() -> new Peers(empty).go()).isInstanceOf(Peers.MissingException.class);
        assertThat(empty.resolve("target").resolve("peers").resolve("go-installed")).doesNotExist();
    }

    private static void assertReads(Peers.Loop loop) throws Exception {
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            Peers.Round round = loop.run(server.endpoint(), 0.2);

            assertThat(round.records()).isPositive().matches(records -> records % 1_000 == 0);
            assertThat(round.recordsPerCpuSecond()).isPositive();
        }
        assertThat(Files.exists(BENCHMARKS.resolve("target").resolve("peers"))).isTrue();
    }
}

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

package io.v3io.flink.benchmarks.client;

import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SocketDrainTest {

    /** Several answers of 1.4 MB on each connection. */
    private static final long ENOUGH_BYTES = 20_000_000;

    @Test
    void answerAfterAnswerIsDroppedOrReadIntoAnArray() throws Exception {
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            try (SocketDrain drain = new SocketDrain(server.port(), 2)) {
                Pause.until(() -> drain.bytes() > ENOUGH_BYTES, "enough is dropped");
            }
            try (SocketDrain drain = SocketDrain.intoArrays(server.port(), 2)) {
                Pause.until(() -> drain.bytes() > ENOUGH_BYTES, "enough is read");
                assertThat(drain.bytes()).isGreaterThan(ENOUGH_BYTES);
            }
        }
    }
}

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

package io.v3io.flink.e2e.cluster;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How one TaskManager takes the place of another in a network. */
@Timeout(30)
class ClusterNetworkTest {

    private ServerSocket first;
    private ServerSocket second;
    private ClusterNetwork network;

    @BeforeEach
    void listen() throws IOException {
        first = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        second = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        network = new ClusterNetwork(first.getLocalPort(), first.getLocalPort());
    }

    @AfterEach
    void close() throws IOException {
        network.close();
        first.close();
        second.close();
    }

    @Test
    void theNextTaskManagerIsFoundElsewhereAndTheOneBeforeItNoMore() throws IOException {
        int before = network.join(0, first.getLocalPort());
        int after = network.join(0, second.getLocalPort());

        assertThat(after).isNotEqualTo(before);
        assertThatThrownBy(() -> connect(before)).isInstanceOf(ConnectException.class);
        try (Socket client = connect(after);
                Socket accepted = second.accept()) {
            client.getOutputStream().write(1);
            assertThat(accepted.getInputStream().read()).isEqualTo(1);
        }
    }

    @Test
    void aTaskManagerThatJoinsWhileTheNetworkIsCutIsCutOffToo() throws IOException {
        network.join(0, first.getLocalPort());
        network.cutJobManager();
        int after = network.join(0, second.getLocalPort());

        try (Socket client = connect(after)) {
            client.getOutputStream().write(1);
            second.setSoTimeout(300);
            // The proxy may or may not connect; it passes nothing on.
            assertThat(arrivesWithin300Millis()).isFalse();

            network.heal();
            client.setSoTimeout(10_000);
            assertThatThrownBy(() -> client.getInputStream().read())
                    .isInstanceOf(SocketException.class);
        }
    }

    private boolean arrivesWithin300Millis() throws IOException {
        try (Socket accepted = second.accept()) {
            accepted.setSoTimeout(300);
            return accepted.getInputStream().read() >= 0;
        } catch (SocketTimeoutException e) {
            // What the question is for.
            return false;
        }
    }

    private static Socket connect(int port) throws IOException {
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }
}

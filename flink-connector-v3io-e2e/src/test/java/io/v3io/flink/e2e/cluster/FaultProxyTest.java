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
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** A client and a server of one connection, and what the network between them does. */
@Timeout(30)
class FaultProxyTest {

    /** How long nothing arrives, to believe that nothing will. */
    private static final int SILENCE_MILLIS = 300;

    /** Until something arrives: no thread is interrupted while it reads from a socket. */
    private static final int AT_MOST_MILLIS = 10_000;

    private ServerSocket server;
    private FaultProxy proxy;
    private Socket client;
    private Socket accepted;

    @BeforeEach
    void connect() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        proxy = new FaultProxy(server.getLocalPort());
        client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        accepted = server.accept();
        client.setSoTimeout(AT_MOST_MILLIS);
        accepted.setSoTimeout(AT_MOST_MILLIS);
        // The system makes a connection before the proxy knows that it has one.
        client.getOutputStream().write(0);
        assertThat(accepted.getInputStream().read()).isZero();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        proxy.close();
        server.close();
        await().until(
                        () ->
                                Thread.getAllStackTraces().keySet().stream()
                                        .noneMatch(one -> one.getName().startsWith("fault-proxy")));
    }

    @Test
    void bytesPassBothWays() throws IOException {
        client.getOutputStream().write(1);
        accepted.getOutputStream().write(2);

        assertThat(accepted.getInputStream().read()).isEqualTo(1);
        assertThat(client.getInputStream().read()).isEqualTo(2);
    }

    @Test
    void aCutResetsBothSidesAndEveryNewConnectionUntilItHeals() throws IOException {
        proxy.cut();

        assertReset(client);
        assertReset(accepted);
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            assertReset(other);
        }

        proxy.heal();
        assertConnects();
    }

    @Test
    void whatIsSwallowedNeverArrivesAndNobodyIsToldUntilItHeals() throws IOException {
        proxy.swallow();

        client.getOutputStream().write(1);
        accepted.getOutputStream().write(2);
        assertSilent(accepted);
        assertSilent(client);

        proxy.heal();
        assertReset(client);
        assertReset(accepted);
        assertConnects();
    }

    @Test
    void itCanBeClosedWhileItSwallows() throws IOException {
        proxy.swallow();
        client.getOutputStream().write(1);

        proxy.close();

        assertReset(client);
        assertReset(accepted);
    }

    private void assertConnects() throws IOException {
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket end = server.accept()) {
            other.getOutputStream().write(3);
            assertThat(end.getInputStream().read()).isEqualTo(3);
        }
    }

    private static void assertSilent(Socket socket) throws IOException {
        socket.setSoTimeout(SILENCE_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketTimeoutException.class);
    }

    private static void assertReset(Socket socket) throws IOException {
        socket.setSoTimeout(AT_MOST_MILLIS);
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .hasMessageContaining("reset");
    }
}

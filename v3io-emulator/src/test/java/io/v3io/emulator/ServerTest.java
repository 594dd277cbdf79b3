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

package io.v3io.emulator;

import io.v3io.emulator.RawClient.Reply;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** API page section 1, and what a server has to do besides: keys, order, outages, its own end. */
class ServerTest {

    @Test
    void withoutAKeyEveryoneIsLetIn() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start()) {
            RawClient client = new RawClient(emulator.endpoint());
            assertThat(client.get("/").status()).isEqualTo(200);
            assertThat(client.get("/", "X-v3io-session-key", "whatever").status()).isEqualTo(200);
        }
    }

    @Test
    void aMissingKeyIs401AndAWrongOne403() throws Exception {
        try (V3ioEmulator emulator =
                V3ioEmulator.builder().containersOnDemand(true).accessKey("secret").start()) {
            RawClient client = new RawClient(emulator.endpoint());
            for (String path :
                    List.of(
                            "/",
                            "/c?prefix=x",
                            "/c/x",
                            "/_emulator/state",
                            "/_emulator/",
                            "/_emulator/faults")) {
                assertThat(client.get(path).status()).as(path).isEqualTo(401);
                Reply wrong = client.get(path, "X-v3io-session-key", "secre");
                assertThat(wrong.status()).as(path).isEqualTo(403);
                assertThat(wrong.error()).isEqualTo("Permission denied");
                assertThat(wrong.code()).isEqualTo(-13);
            }
            assertThat(client.get("/").header("WWW-Authenticate")).startsWith("Basic");
            assertThat(client.get("/", "x-V3IO-Session-KEY", "secret").status()).isEqualTo(200);
            assertThat(client.get("/", "Authorization", basic("anyone:secret")).status())
                    .isEqualTo(200);
            assertThat(client.get("/", "Authorization", basic("secret:wrong")).status())
                    .isEqualTo(403);
            assertThat(client.get("/", "Authorization", "Basic %%%").status()).isEqualTo(403);
            assertThat(client.get("/", "Authorization", "Bearer secret").status()).isEqualTo(401);
            assertThat(client.function("CreateStream", "/c/s/", "{}").status()).isEqualTo(401);
            assertThat(emulator.hasStream("c/s")).isFalse();
        }
    }

    private static String basic(String credentials) {
        return "Basic "
                + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void accessKeysFollowOneAnother() throws Exception {
        try (V3ioEmulator emulator =
                V3ioEmulator.builder().containersOnDemand(true).accessKey("old").start()) {
            RawClient client = new RawClient(emulator.endpoint());
            emulator.acceptAccessKeys("old", "new");
            assertThat(client.get("/", "X-v3io-session-key", "old").status()).isEqualTo(200);
            assertThat(client.get("/", "X-v3io-session-key", "new").status()).isEqualTo(200);
            emulator.acceptAccessKeys("new");
            assertThat(client.get("/", "X-v3io-session-key", "old").status()).isEqualTo(403);
            assertThat(client.get("/", "X-v3io-session-key", "new").status()).isEqualTo(200);
        }
    }

    @Test
    void aBrowserWithoutKeyIsSentToThePage() throws Exception {
        try (V3ioEmulator emulator =
                V3ioEmulator.builder().containersOnDemand(true).accessKey("secret").start()) {
            RawClient client = new RawClient(emulator.endpoint());
            Reply redirect = client.get("/", "Accept", "text/html,application/xhtml+xml");
            assertThat(redirect.status()).isEqualTo(302);
            assertThat(redirect.header("Location")).isEqualTo("/_emulator/");
            assertThat(
                            client.get("/", "Accept", "text/html", "X-v3io-session-key", "secret")
                                    .body())
                    .contains("<Buckets>");
            assertThat(client.get("/_emulator", "X-v3io-session-key", "secret").header("Location"))
                    .isEqualTo("/_emulator/");
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInTheirOrder() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start();
                RawSocket socket = new RawSocket(emulator.endpoint())) {
            emulator.faults()
                    .add(
                            Fault.on(Operation.GET_OBJECT)
                                    .path("c/0")
                                    .latency(Duration.ofMillis(100)));
            StringBuilder requests = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                requests.append("PUT /c/")
                        .append(i)
                        .append(" HTTP/1.1\r\nContent-Length: 2\r\n\r\n")
                        .append(i + 10);
            }
            for (int i = 0; i < 50; i++) {
                requests.append("GET /c/").append(i).append(" HTTP/1.1\r\n\r\n");
            }
            socket.send(requests.toString());
            for (int i = 0; i < 50; i++) {
                assertThat(socket.receive().status()).isEqualTo(200);
            }
            for (int i = 0; i < 50; i++) {
                assertThat(socket.receive().body()).isEqualTo(Integer.toString(i + 10));
            }
        }
    }

    @Test
    void whatIsNotHttpIsAnsweredAndClosed() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start();
                RawSocket socket = new RawSocket(emulator.endpoint())) {
            assertThat(socket.send("no such thing\r\n\r\n").receive().status()).isEqualTo(400);
            assertThatThrownBy(socket::receive).isInstanceOf(IOException.class);
        }
    }

    @Test
    void chunkedBodiesAndConnectionCloseAreUnderstood() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start();
                RawSocket socket = new RawSocket(emulator.endpoint())) {
            RawSocket.Reply put =
                    socket.send(
                                    "PUT /c/x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                            .receive();
            assertThat(put.status()).isEqualTo(200);
            assertThat(
                            socket.send("GET /c/x HTTP/1.1\r\nConnection: close\r\n\r\n")
                                    .receive()
                                    .body())
                    .isEqualTo("abcde");
            assertThatThrownBy(socket::receive).isInstanceOf(IOException.class);
        }
    }

    @Test
    void latencyHoldsManyAnswersBackAtOnce() throws Exception {
        Duration latency = Duration.ofMillis(200);
        try (V3ioEmulator emulator =
                V3ioEmulator.builder().containersOnDemand(true).latency(latency).start()) {
            List<RawSocket> sockets = new ArrayList<>();
            long start = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                sockets.add(new RawSocket(emulator.endpoint()).send("GET / HTTP/1.1\r\n\r\n"));
            }
            for (RawSocket socket : sockets) {
                assertThat(socket.receive().status()).isEqualTo(200);
                socket.close();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            assertThat(took).isBetween(latency, latency.multipliedBy(20));
        }
    }

    @Test
    void aPausedEmulatorResetsConnectionsAndComesBackAtTheSamePort() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start();
                RawSocket before = new RawSocket(emulator.endpoint())) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/s", 1);
            assertThat(before.send("GET / HTTP/1.1\r\n\r\n").receive().status()).isEqualTo(200);
            emulator.pause();
            assertThatThrownBy(() -> before.send("GET / HTTP/1.1\r\n\r\n").receive())
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> client.get("/")).isInstanceOf(IOException.class);
            emulator.resume();
            assertThat(client.function("DescribeStream", "/c/s/", null).status()).isEqualTo(200);
        }
    }

    @Test
    void anOutageOrderedOverHttpEndsByItself() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start()) {
            RawClient client = new RawClient(emulator.endpoint());
            assertThat(client.method("POST", "/_emulator/pause", "{\"millis\":300}").status())
                    .isEqualTo(204);
            await().until(() -> !isReachable(client));
            await().until(() -> isReachable(client));
            assertThat(client.method("POST", "/_emulator/pause", "{\"millis\":0}").status())
                    .isEqualTo(400);
        }
    }

    private static boolean isReachable(RawClient client) throws InterruptedException {
        try {
            return client.get("/").status() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void aTakenPortIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(
                            () ->
                                    V3ioEmulator.builder()
                                            .containersOnDemand(true)
                                            .port(taken.getLocalPort())
                                            .start())
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining("127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefusedAtOnce() {
        assertThatThrownBy(() -> V3ioEmulator.builder().containersOnDemand(true).port(65536))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> V3ioEmulator.builder().containersOnDemand(true).accessKey(""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(
                        () ->
                                V3ioEmulator.builder()
                                        .containersOnDemand(true)
                                        .latency(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void closingFreesPortAndThreads() throws Exception {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        int port;
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start();
                RawSocket open = new RawSocket(emulator.endpoint())) {
            port = URI.create(emulator.endpoint()).getPort();
            assertThat(open.send("GET / HTTP/1.1\r\n\r\n").receive().status()).isEqualTo(200);
            assertThat(emulatorThreads(before)).isNotEmpty();
        }
        assertThat(emulatorThreads(before)).isEmpty();
        try (V3ioEmulator again =
                V3ioEmulator.builder().containersOnDemand(true).port(port).start()) {
            assertThat(again.endpoint()).endsWith(":" + port);
        }
        // Netty's one thread for notifications ends by itself after a second without work.
        await().untilAsserted(() -> assertThat(newThreads(before)).isEmpty());
    }

    private static Set<String> emulatorThreads(Set<Thread> before) {
        return newThreads(before).stream()
                .filter(name -> name.contains("v3io"))
                .collect(Collectors.toSet());
    }

    private static Set<String> newThreads(Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread) && thread.isAlive())
                .map(Thread::getName)
                .filter(name -> name.contains("v3io") || name.contains("globalEventExecutor"))
                .collect(Collectors.toSet());
    }

    @Test
    void concurrentWritersGetGaplessGrowingNumbersAndReadersSeeThemInOrder() throws Exception {
        int writers = 8;
        int puts = 40;
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start()) {
            new RawClient(emulator.endpoint()).createStream("/c/s", 1);
            ExecutorService threads = Executors.newFixedThreadPool(writers);
            try {
                List<Callable<List<Long>>> tasks = new ArrayList<>();
                for (int writer = 0; writer < writers; writer++) {
                    int id = writer;
                    tasks.add(() -> write(new RawClient(emulator.endpoint()), id, puts));
                }
                List<Long> all = new ArrayList<>();
                for (Future<List<Long>> numbers : threads.invokeAll(tasks)) {
                    assertThat(numbers.get()).isSorted();
                    all.addAll(numbers.get());
                }
                assertThat(all).doesNotHaveDuplicates().hasSize(writers * puts * 3);
                assertThat(all.stream().mapToLong(Long::longValue).max())
                        .hasValue(3L * writers * puts);
            } finally {
                threads.shutdownNow();
            }
            int[] next = new int[writers];
            long sequence = 0;
            for (StoredRecord record : emulator.stream("c/s").records(0)) {
                assertThat(record.sequenceNumber()).isEqualTo(++sequence);
                String[] parts = new String(record.data(), StandardCharsets.UTF_8).split("-", -1);
                int writer = Integer.parseInt(parts[0]);
                assertThat(Integer.parseInt(parts[1])).isEqualTo(next[writer]++);
            }
            assertThat(sequence).isEqualTo(3L * writers * puts);
        }
    }

    private static List<Long> write(RawClient client, int id, int puts) throws Exception {
        List<Long> numbers = new ArrayList<>();
        for (int i = 0; i < puts; i++) {
            JsonNode answer =
                    client.put(
                                    "/c/s",
                                    0,
                                    id + "-" + 3 * i,
                                    id + "-" + (3 * i + 1),
                                    id + "-" + (3 * i + 2))
                            .json();
            answer.get("Records")
                    .forEach(result -> numbers.add(result.get("SequenceNumber").asLong()));
        }
        return numbers;
    }
}

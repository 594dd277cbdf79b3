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

package io.v3io.client.http;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.Test;

import javax.net.ServerSocketFactory;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** A name with several addresses. */
class AddressesTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final int REQUESTS = 16;

    /** Always the same addresses in the same order, as a name server may give them. */
    private record Fixed(List<InetAddress> addresses) implements DnsResolver {

        @Override
        public InetAddress[] resolve(String host) {
            return addresses.toArray(InetAddress[]::new);
        }

        @Override
        public String resolveCanonicalHostname(String host) {
            return host;
        }
    }

    @Test
    void connectionsAreSpreadOverAllAddresses() throws Exception {
        CountDownLatch all = new CountDownLatch(REQUESTS);
        CannedServer.Handler handler =
                (request, connection) -> {
                    all.countDown();
                    try {
                        all.await();
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    }
                    connection.json("{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}");
                };
        InetAddress first = address(127, 0, 0, 1);
        InetAddress second = address(127, 0, 0, 2);
        try (CannedServer one =
                        CannedServer.start(ServerSocketFactory.getDefault(), first, 0, handler);
                CannedServer two =
                        CannedServer.start(
                                ServerSocketFactory.getDefault(), second, one.port(), handler);
                V3ioClient client = client(one.port(), new Fixed(List.of(first, second)))) {
            List<CompletableFuture<?>> asked = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                asked.add(client.describeStream(STREAM));
            }
            asked.forEach(Clients::get);
            assertThat(one.connections()).isEqualTo(REQUESTS / 2);
            assertThat(two.connections()).isEqualTo(REQUESTS / 2);
        }
    }

    @Test
    void anAddressThatIsDeadIsPassedOver() throws Exception {
        InetAddress dead = address(127, 0, 0, 3);
        InetAddress alive = address(127, 0, 0, 1);
        try (CannedServer server =
                CannedServer.start(
                        (request, connection) -> {
                            connection.json("{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}");
                            connection.close();
                        })) {
            try (V3ioClient client = client(server.port(), new Fixed(List.of(dead, alive)))) {
                for (int i = 0; i < 4; i++) {
                    get(client.describeStream(STREAM));
                }
            }
        }
    }

    @Test
    void takesTurnsWithinTheFamilyThatTheSystemPrefers() throws UnknownHostException {
        InetAddress a = address(10, 0, 0, 1);
        InetAddress b = address(10, 0, 0, 2);
        InetAddress c = address(10, 0, 0, 3);
        InetAddress six =
                InetAddress.getByAddress(
                        new byte[] {(byte) 0xFD, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
        RotatingDns dns = new RotatingDns(new Fixed(List.of(a, six, b, c)), Integer.MAX_VALUE);
        List<InetAddress> firsts = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            InetAddress[] found = dns.resolve("host");
            assertThat(found).containsExactlyInAnyOrder(a, b, c, six);
            assertThat(found[3]).isEqualTo(six);
            firsts.add(found[0]);
        }
        // Through the end of the integers, where one turn is shorter.
        assertThat(firsts).contains(a, b, c);
        assertThat(dns.resolve("host", 80)).hasSize(4);
    }

    private static InetAddress address(int... parts) throws UnknownHostException {
        byte[] bytes = new byte[parts.length];
        for (int i = 0; i < parts.length; i++) {
            bytes[i] = (byte) parts[i];
        }
        return InetAddress.getByAddress(bytes);
    }

    private static V3ioClient client(int port, DnsResolver resolver) {
        return new HttpV3ioClient(
                ClientRuntime.start(
                        Clients.builder("http://api.example.test:" + port)
                                .setRetryPolicy(Clients.quickRetries(3))
                                .toConfig(),
                        new ClientRuntime.Surroundings(
                                name -> null,
                                resolver,
                                new CallRunner.Time(
                                        Clock.systemUTC(), System::nanoTime, () -> 0.5))));
    }
}

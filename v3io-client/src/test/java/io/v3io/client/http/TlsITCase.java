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
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;
import io.v3io.emulator.V3ioEmulator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** https with certificates made on the spot: who is trusted, who is not, and through a proxy. */
class TlsITCase {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final String PASSWORD = "canary-store-password";

    @TempDir static Path directory;

    private static Path localhostStore;
    private static Path otherStore;

    private CannedServer server;

    @BeforeAll
    static void makeCertificates() throws Exception {
        localhostStore = makeStore("localhost", "dns:localhost,ip:127.0.0.1");
        otherStore = makeStore("other", "dns:other.example");
    }

    @AfterEach
    void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    @Test
    void trustsTheEmulatorsCertificateByItsOwnTrustStore() throws Exception {
        try (V3ioEmulator emulator =
                        V3ioEmulator.builder().port(0).tls(context(localhostStore)).start();
                V3ioClient client =
                        Clients.builder(emulator.endpoint())
                                .setTrustStore(localhostStore, PASSWORD)
                                .build()) {
            assertThat(emulator.endpoint()).startsWith("https://");
            get(client.createStream(STREAM, 3, 24));
            assertThat(get(client.describeStream(STREAM)).shardCount()).isEqualTo(3);
            assertThat(error(client.describeStream(StreamPath.parse("users/none"))).kind())
                    .isEqualTo(Kind.NOT_FOUND);
        }
    }

    @Test
    void refusesACertificateThatNobodyVouchesFor() throws Exception {
        try (V3ioClient client = serve(localhostStore).build()) {
            assertDistrust(error(client.describeStream(STREAM)));
        }
    }

    @Test
    void refusesACertificateForAnotherHostName() throws Exception {
        try (V3ioClient client = serve(otherStore).setTrustStore(otherStore, PASSWORD).build()) {
            assertDistrust(error(client.describeStream(STREAM)));
        }
    }

    @Test
    void refusesACertificateThatAnotherTrustStoreHolds() throws Exception {
        try (V3ioClient client =
                serve(localhostStore).setTrustStore(otherStore, PASSWORD).build()) {
            assertDistrust(error(client.describeStream(STREAM)));
        }
    }

    @Test
    void takesAnyCertificateOnlyWhenToldSo() throws Exception {
        try (V3ioClient client = serve(otherStore).setInsecureSkipTlsVerification(true).build()) {
            get(client.describeStream(STREAM));
        }
    }

    @Test
    void saysThatAServerSpeaksNoTls() throws Exception {
        server = CannedServer.start((request, connection) -> connection.noContent());
        try (V3ioClient client = Clients.builder("https://localhost:" + server.port()).build()) {
            V3ioException error = error(client.describeStream(STREAM));
            assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
            assertThat(error.neverSent()).isTrue();
        }
    }

    @Test
    void refusesATrustStoreThatCannotBeRead() {
        assertThatThrownBy(() -> build(localhostStore, "wrong-" + PASSWORD))
                .hasMessageContaining("The trust store '" + localhostStore + "' of type PKCS12")
                .hasMessageContaining("is its password right?")
                .hasMessageNotContaining(PASSWORD);
        assertThatThrownBy(() -> build(directory.resolve("none"), PASSWORD))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be read (NoSuchFileException)");
    }

    @Test
    void goesThroughATunnelOfTheProxyWithoutTellingItTheKey() throws Exception {
        V3ioClientBuilder direct = serve(localhostStore).setTrustStore(localhostStore, PASSWORD);
        int port = server.port();
        try (CannedServer proxy =
                        CannedServer.start(
                                (request, connection) -> {
                                    connection.write("HTTP/1.1 200 Connected\r\n\r\n");
                                    connection.relay(port);
                                });
                V3ioClient client = direct.setProxy("127.0.0.1:" + proxy.port()).build()) {
            get(client.describeStream(STREAM));
            CannedServer.Request connect = proxy.requests().get(0);
            assertThat(connect.method()).isEqualTo("CONNECT");
            assertThat(connect.target()).isEqualTo("localhost:" + port);
            assertThat(connect.headers().toString()).doesNotContain(Clients.KEY);
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void asksTheProxyForAPlainServer() throws Exception {
        try (CannedServer proxy =
                        CannedServer.start(
                                (request, connection) ->
                                        connection.json(
                                                "{\"ShardCount\": 4, \"RetentionPeriodHours\":"
                                                        + " 24}"));
                V3ioClient client =
                        Clients.builder("http://far.example:8081")
                                .setProxy("http://127.0.0.1:" + proxy.port())
                                .build()) {
            get(client.describeStream(STREAM));
            assertThat(proxy.requests().get(0).target())
                    .isEqualTo("http://far.example:8081/users/me/s/");
        }
    }

    @Test
    void saysThatAProxyRefusesTheTunnel() throws Exception {
        try (CannedServer proxy =
                        CannedServer.start(
                                (request, connection) ->
                                        connection.answer(403, "text/plain", "no"));
                V3ioClient client =
                        Clients.builder("https://far.example:8081")
                                .setProxy("http://127.0.0.1:" + proxy.port())
                                .build()) {
            V3ioException error = error(client.describeStream(STREAM));
            assertThat(error.kind()).isIn(Kind.TRANSPORT, Kind.PERMISSION_DENIED);
        }
    }

    private static void assertDistrust(V3ioException error) {
        assertThat(error.kind()).isEqualTo(Kind.TRANSPORT);
        assertThat(error.neverSent()).isTrue();
        assertThat(error).hasMessageContaining("the server's TLS certificate is not trusted");
    }

    private V3ioClientBuilder serve(Path store) throws Exception {
        server =
                CannedServer.start(
                        context(store).getServerSocketFactory(),
                        InetAddress.getLoopbackAddress(),
                        0,
                        (request, connection) ->
                                connection.json(
                                        "{\"ShardCount\": 4, \"RetentionPeriodHours\": 24}"));
        // A certificate is not asked for again, however often an operation may be repeated.
        return Clients.builder("https://localhost:" + server.port())
                .setRetryPolicy(Clients.quickRetries(1_000_000));
    }

    private static void build(Path store, String password) {
        Clients.builder("https://localhost").setTrustStore(store, password).build().close();
    }

    private static Path makeStore(String name, String san) throws Exception {
        Path store = directory.resolve(name + ".p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                name,
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=" + name,
                                "-ext",
                                "san=" + san,
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-keystore",
                                store.toString(),
                                "-storepass",
                                PASSWORD)
                        .redirectErrorStream(true)
                        .start();
        String output = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(output).isZero();
        return store;
    }

    private static SSLContext context(Path store) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}

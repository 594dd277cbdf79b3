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

package io.v3io.client;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioClientBuilderTest {

    private static final String SECRET = "canary-8812";

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "http://host:8081, http://host:8081",
        "host:8081, http://host:8081",
        "HTTPS://Host.Example.COM, https://host.example.com:443",
        "http://host/, http://host:80",
        " http://host:1 , http://host:1",
        "http://[::1]:8081, http://[::1]:8081",
        "http://10.0.0.1, http://10.0.0.1:80"
    })
    void takesAnEndpointInEveryFormThatNamesAServer(String text, String endpoint) {
        assertThat(builder().setEndpoint(text).toConfig().endpoint()).hasToString(endpoint);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "http://user:canary-8812@host, must not have user information",
        "canary-8812@host, must not have user information",
        "http://host/users/me, must not have a path",
        "http://host?x=y, must not have a query",
        "http://host/#f, must not have a query",
        "ftp://host, must have the scheme http or https",
        "http://, is not a URL",
        "http:///x, has no valid host",
        "http://a_b, has no valid host",
        "http://a b, is not a URL",
        "http://host:0, must have a port from 1 to 65535",
        "http://host:65536, must have a port from 1 to 65535"
    })
    void refusesAnEndpointThatIsMoreOrLessThanAServer(String text, String complaint) {
        assertThatThrownBy(() -> builder().setEndpoint(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("endpoint")
                .hasMessageContaining(complaint)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void readsTheEndpointFromTheEnvironmentOrKnowsTheOneOfTheCluster() {
        assertThat(new V3ioClientBuilder(Map.of("V3IO_API", "webapi:9")::get).toConfig().endpoint())
                .hasToString("http://webapi:9");
        assertThat(new V3ioClientBuilder(name -> null).toConfig().endpoint())
                .hasToString("http://v3io-webapi:8081");
        assertThat(new V3ioClientBuilder(name -> " ").toConfig().endpoint())
                .hasToString("http://v3io-webapi:8081");
        assertThatThrownBy(() -> new V3ioClientBuilder(name -> "http://a/b").toConfig())
                .hasMessageContaining("environment variable V3IO_API 'http://a/b'");
    }

    @Test
    void refusesValuesOutOfRangeAtTheSetter() {
        refuses(b -> b.setMaxConnections(0), "maxConnections must be 1 to 10000, not 0.");
        refuses(b -> b.setMaxConnections(10_001), "maxConnections must be 1 to 10000");
        refuses(b -> b.setIoThreads(0), "ioThreads must be 1 to 64, not 0.");
        refuses(b -> b.setIoThreads(65), "ioThreads must be 1 to 64");
        refuses(b -> b.setMaxResponseBytes(1023), "maxResponseBytes must be 1024 to");
        refuses(b -> b.setConnectTimeout(Duration.ZERO), "connectTimeout must be 1 millisecond");
        refuses(b -> b.setConnectTimeout(Duration.ofDays(2)), "connectTimeout must be 1");
        refuses(b -> b.setResponseTimeout(Duration.ofSeconds(-1)), "responseTimeout must be 1");
        refuses(b -> b.setResponseTimeout(Duration.ofSeconds(Long.MAX_VALUE)), "responseTimeout");
        refuses(b -> b.setAccessKey(" "), "accessKey must not be empty.");
        refuses(b -> b.setAccessKey("a\r\nb"), "accessKey has a control character at position 1.");
        refuses(b -> b.setUser("a:b", "p"), "user 'a:b' must not be empty or contain a colon.");
        refuses(b -> b.setUser("a", ""), "password must not be empty.");
        refuses(b -> b.setProxy("https://p:1"), "proxy 'https://p:1' must have the scheme http");
        refuses(b -> b.setProxy("p:1/x"), "proxy 'p:1/x' must not have a path");
    }

    @Test
    void refusesSettingsThatContradictEachOther() {
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setAccessKey(SECRET)
                                        .setAccessKeyFile(Path.of("f"))
                                        .toConfig())
                .hasMessageContaining("Only one of accessKey, accessKeyFile and user")
                .hasMessageNotContaining(SECRET);
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setTrustStore(Path.of("t"), SECRET)
                                        .setInsecureSkipTlsVerification(true)
                                        .toConfig())
                .hasMessageContaining("no effect with insecureSkipTlsVerification")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void settingsSurviveSerializationAndTheWayBackToABuilder() throws Exception {
        V3ioClientConfig config = everything();
        assertThat(roundTrip(config)).isEqualTo(config).hasSameHashCodeAs(config);
        assertThat(config.toBuilder().toConfig()).isEqualTo(config);
        assertThat(config.toBuilder().setIoThreads(9).toConfig()).isNotEqualTo(config);
    }

    @Test
    void everySettingMakesAnotherConfigurationAndIsShown() {
        Map<String, UnaryOperator<V3ioClientBuilder>> settings =
                Map.ofEntries(
                        Map.entry("endpoint", b -> b.setEndpoint("other:1")),
                        Map.entry("access key", b -> b.setAccessKey(SECRET)),
                        Map.entry("access key file", b -> b.setAccessKeyFile(Path.of("k"))),
                        Map.entry("user", b -> b.setUser("u", SECRET)),
                        Map.entry("maxConnections", b -> b.setMaxConnections(3)),
                        Map.entry("ioThreads", b -> b.setIoThreads(9)),
                        Map.entry("connectTimeout", b -> b.setConnectTimeout(Duration.ofDays(1))),
                        Map.entry("responseTimeout", b -> b.setResponseTimeout(Duration.ofDays(1))),
                        Map.entry("maxResponseBytes", b -> b.setMaxResponseBytes(2_000)),
                        Map.entry("maxRecordBytes", b -> b.setMaxRecordBytes(2_000)),
                        Map.entry("retryPolicy", b -> b.setRetryPolicy(RetryPolicy.none())),
                        Map.entry("trustStoreFile", b -> b.setTrustStore(Path.of("t"), SECRET)),
                        Map.entry(
                                "insecureSkipTlsVerification",
                                b -> b.setInsecureSkipTlsVerification(true)),
                        Map.entry("proxy", b -> b.setProxy("http://p:1")));
        V3ioClientConfig plain = builder().toConfig();
        settings.forEach(
                (name, setting) -> {
                    V3ioClientConfig changed = setting.apply(builder()).toConfig();
                    assertThat(changed).as(name).isNotEqualTo(plain);
                    assertThat(changed.toString())
                            .isNotEqualTo(plain.toString())
                            .contains(name)
                            .doesNotContain(SECRET);
                });
    }

    @Test
    void noSecretIsInTheTextForm() {
        assertThat(everything().toString())
                .contains("user me", "password ***", "trustStorePassword=***", "http://p:1")
                .doesNotContain(SECRET);
        assertThat(builder().setAccessKey(SECRET).toConfig().toString())
                .contains("access key ***")
                .doesNotContain(SECRET);
        assertThat(builder().setAccessKeyFile(Path.of("/k")).toConfig().toString())
                .contains("access key file /k");
    }

    @Test
    void aKeyOfTheEnvironmentOrAFileIsNotSerialized() throws Exception {
        V3ioClientConfig config =
                new V3ioClientBuilder(Map.of("V3IO_ACCESS_KEY", SECRET)::get).toConfig();
        assertThat(config.accessKey()).isEmpty();
        assertThat(new String(serialize(config), StandardCharsets.ISO_8859_1))
                .doesNotContain(SECRET);
        assertThat(config.toString()).contains("environment V3IO_ACCESS_KEY");
    }

    @Test
    void aRetryPolicyRefusesWhatMakesNoSense() {
        Duration second = Duration.ofSeconds(1);
        assertThatThrownBy(() -> new RetryPolicy(-1, second, second, second))
                .hasMessageContaining("maxRetries");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ZERO, second, second))
                .hasMessageContaining("maxElapsed");
        assertThatThrownBy(() -> new RetryPolicy(1, second, Duration.ZERO, second))
                .hasMessageContaining("initialBackoff");
        assertThatThrownBy(() -> new RetryPolicy(1, second, second, second.minusNanos(1)))
                .hasMessageContaining("maxBackoff");
        assertThatThrownBy(() -> new RetryPolicy(1, Duration.ofDays(366), second, second))
                .hasMessageContaining("must not be above PT8760H");
    }

    private static V3ioClientConfig everything() {
        return builder()
                .setEndpoint("https://h:1")
                .setUser("me", SECRET)
                .setMaxConnections(7)
                .setIoThreads(3)
                .setConnectTimeout(Duration.ofMillis(11))
                .setResponseTimeout(Duration.ofMillis(12))
                .setMaxResponseBytes(9999)
                .setRetryPolicy(RetryPolicy.none())
                .setTrustStore(Path.of("/t.jks"), SECRET, "JKS")
                .setProxy("p:1")
                .toConfig();
    }

    private static void refuses(Consumer<V3ioClientBuilder> setter, String message) {
        assertThatThrownBy(() -> setter.accept(builder()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static V3ioClientBuilder builder() {
        return new V3ioClientBuilder(name -> null);
    }

    private static byte[] serialize(Object value) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        }
        return bytes.toByteArray();
    }

    private static Object roundTrip(Object value) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in =
                new ObjectInputStream(new ByteArrayInputStream(serialize(value)))) {
            return in.readObject();
        }
    }

    @Test
    void refusesAKeyThatNoHeaderCanCarry() throws IOException {
        String key = "key-\u4e16-secret";
        assertThatThrownBy(() -> V3ioClient.builder().setAccessKey(key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "accessKey has a character at position 4 that cannot be sent in a header;"
                                + " only Latin-1 can.");
        assertThatThrownBy(() -> V3ioClient.builder().setAccessKey("key-\u0085"))
                .hasMessageContaining("position 4");
        V3ioClient.builder().setAccessKey("key-\u00e9-\u00ff");
        Path file = Files.writeString(Files.createTempFile("v3io", "key"), key);
        try {
            V3ioClientBuilder builder = V3ioClient.builder().setAccessKeyFile(file);
            assertThatThrownBy(builder::build)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("at position 4 that cannot be sent in a header")
                    .hasMessageNotContaining("secret;");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void theLargestRecordIsASettingWithinWhatThePlatformsDocumentsSay() {
        assertThat(V3ioClient.builder().toConfig().maxRecordBytes()).isEqualTo(1 << 20);
        assertThat(
                        V3ioClient.builder().setMaxRecordBytes(2 << 20).toConfig().toBuilder()
                                .toConfig()
                                .maxRecordBytes())
                .isEqualTo(2 << 20);
        assertThatThrownBy(() -> V3ioClient.builder().setMaxRecordBytes(0))
                .hasMessage("maxRecordBytes must be 1 to 2097152, not 0.");
        assertThatThrownBy(() -> V3ioClient.builder().setMaxRecordBytes((2 << 20) + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }
}

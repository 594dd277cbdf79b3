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

import io.v3io.client.annotation.Internal;
import io.v3io.client.annotation.PublicEvolving;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.V3ioLimits;

import javax.annotation.Nullable;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Configures a {@link V3ioClient}.
 *
 * <pre>{@code
 * try (V3ioClient client =
 *         V3ioClient.builder()
 *                 .setEndpoint("https://webapi.example.com")
 *                 .setAccessKeyFile(Path.of("/var/run/secrets/v3io/access-key"))
 *                 .build()) {
 *     StreamPath stream = StreamPath.parse("users/me/words");
 *     client.createStream(stream, 8, 24).join();
 *     client.putRecords(stream, List.of(PutRecord.of("wolf".getBytes(UTF_8)))).join();
 * }
 * }</pre>
 *
 * <p>Without any setting it reads the same environment as the platform's Python client: {@value
 * #ENDPOINT_VARIABLE} and {@value #ACCESS_KEY_VARIABLE}. A setter refuses a value out of range with
 * an {@link IllegalArgumentException}; {@link #toConfig()} refuses settings that contradict each
 * other.
 */
@PublicEvolving
public final class V3ioClientBuilder {

    /** Environment variable with the endpoint, for when none is set. */
    public static final String ENDPOINT_VARIABLE = "V3IO_API";

    /** Environment variable with the access key, for when no other authentication is set. */
    public static final String ACCESS_KEY_VARIABLE = "V3IO_ACCESS_KEY";

    /** The address of the web API inside of a cluster, for when there is no other. */
    public static final String DEFAULT_ENDPOINT = "http://v3io-webapi:8081";

    /** See {@link #setMaxConnections}. */
    public static final int DEFAULT_MAX_CONNECTIONS = 64;

    /** See {@link #setMaxResponseBytes}. */
    public static final int DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

    private static final int MAX_MAX_CONNECTIONS = 10_000;
    private static final int MAX_IO_THREADS = 64;
    private static final int DEFAULT_MAX_IO_THREADS = 2;
    private static final int MIN_MAX_RESPONSE_BYTES = 1_024;
    private static final Duration MIN_TIMEOUT = Duration.ofMillis(1);
    private static final Duration MAX_TIMEOUT = Duration.ofDays(1);

    private final UnaryOperator<String> environment;

    @Nullable URI endpoint;

    /** As it was given. */
    @Nullable private String endpointText;

    @Nullable String accessKey;
    @Nullable Path accessKeyFile;
    @Nullable String user;
    @Nullable String password;
    int maxConnections = DEFAULT_MAX_CONNECTIONS;
    int ioThreads = Math.min(DEFAULT_MAX_IO_THREADS, Runtime.getRuntime().availableProcessors());
    Duration connectTimeout = Duration.ofSeconds(5);
    Duration responseTimeout = Duration.ofSeconds(30);
    int maxResponseBytes = DEFAULT_MAX_RESPONSE_BYTES;
    int maxRecordBytes = V3ioLimits.MAX_DATA_BYTES;
    RetryPolicy retryPolicy = RetryPolicy.defaults();
    @Nullable Path trustStoreFile;
    @Nullable String trustStorePassword;
    String trustStoreType = "PKCS12";
    boolean insecureSkipTlsVerification;
    @Nullable URI proxy;
    Map<String, String> settingNames = Map.of();

    V3ioClientBuilder() {
        this(System::getenv);
    }

    V3ioClientBuilder(UnaryOperator<String> environment) {
        this.environment = environment;
    }

    /**
     * The server, as {@code [http://|https://]host[:port]}; http without a scheme, the scheme's
     * port without a port. Connections are spread over the addresses of a host name that has
     * several, the others are tried where one does not answer, and a connection is made anew after
     * five minutes, so that a changed address is noticed. Default: the environment variable {@value
     * #ENDPOINT_VARIABLE} where {@link #toConfig()} is called, else {@value #DEFAULT_ENDPOINT}.
     */
    public V3ioClientBuilder setEndpoint(String endpoint) {
        this.endpoint =
                EndpointText.parse("endpoint", Objects.requireNonNull(endpoint, "endpoint"));
        this.endpointText = endpoint;
        return this;
    }

    /**
     * The access key itself. It becomes part of the serialized settings; prefer the environment or
     * a file. Default: the environment variable {@value #ACCESS_KEY_VARIABLE} where the client is
     * created.
     */
    public V3ioClientBuilder setAccessKey(String accessKey) {
        Objects.requireNonNull(accessKey, "accessKey");
        String complaint = AccessKeyText.refuse(accessKey);
        if (complaint != null) {
            throw new IllegalArgumentException("accessKey " + complaint);
        }
        this.accessKey = accessKey;
        return this;
    }

    /**
     * A file that holds the access key, surrounding white space ignored. It is read where the
     * client is created, and again when it changes, so that keys can be rotated under a running
     * job.
     */
    public V3ioClientBuilder setAccessKeyFile(Path file) {
        this.accessKeyFile = Objects.requireNonNull(file, "file");
        return this;
    }

    /** User name and password instead of an access key (HTTP Basic authentication). */
    public V3ioClientBuilder setUser(String name, String password) {
        Objects.requireNonNull(name, "name");
        if (name.isEmpty() || name.indexOf(':') >= 0) {
            throw new IllegalArgumentException(
                    "user '" + name + "' must not be empty or contain a colon.");
        }
        this.user = name;
        this.password = requireSecret("password", password);
        return this;
    }

    /**
     * Connections to the server at the most, which is also the number of requests that are on the
     * wire together. Further ones wait, in the order in which they came, for as long as others are
     * answered; see {@link #setResponseTimeout}. 1 to 10,000; default {@value
     * #DEFAULT_MAX_CONNECTIONS}.
     */
    public V3ioClientBuilder setMaxConnections(int connections) {
        this.maxConnections = requireRange("maxConnections", connections, 1, MAX_MAX_CONNECTIONS);
        return this;
    }

    /**
     * Threads that move bytes, decode answers and complete futures. 1 to 64; default 2, or 1 on a
     * machine with one processor.
     */
    public V3ioClientBuilder setIoThreads(int threads) {
        this.ioThreads = requireRange("ioThreads", threads, 1, MAX_IO_THREADS);
        return this;
    }

    /**
     * Limit for making a connection, and again for its TLS handshake. Up to one day; default 5
     * seconds.
     */
    public V3ioClientBuilder setConnectTimeout(Duration timeout) {
        this.connectTimeout = requireTimeout("connectTimeout", timeout);
        return this;
    }

    /**
     * Limit for one whole answer, from the moment that the request has a connection to the answer's
     * last byte; each repetition has it anew. A request that waits for a connection fails when no
     * request of the client was answered for that long and twice the connect timeout; so does one
     * whose own connection takes that long to be made. Up to one day; default 30 seconds.
     */
    public V3ioClientBuilder setResponseTimeout(Duration timeout) {
        this.responseTimeout = requireTimeout("responseTimeout", timeout);
        return this;
    }

    /**
     * Bytes of a response body at the most; a larger one is an error and is not read further. 1 KiB
     * or more; default 32 MiB, because 10 MB of records are some 14 MB of JSON.
     */
    public V3ioClientBuilder setMaxResponseBytes(int bytes) {
        this.maxResponseBytes =
                requireRange("maxResponseBytes", bytes, MIN_MAX_RESPONSE_BYTES, Integer.MAX_VALUE);
        return this;
    }

    /**
     * Bytes of a record's data, before base64, that {@link V3ioClient#putRecords} sends at the
     * most; it refuses a larger record before anything leaves. The platform's own documents name 1
     * MB and 2 MB: raise it to 2 MiB for a platform that takes them, lower it for one that takes
     * less. 1 to 2,097,152; default 1 MiB.
     */
    public V3ioClientBuilder setMaxRecordBytes(int bytes) {
        this.maxRecordBytes =
                requireRange("maxRecordBytes", bytes, 1, V3ioLimits.MAX_CONFIGURABLE_DATA_BYTES);
        return this;
    }

    /** How transient failures are repeated. Default: {@link RetryPolicy#defaults()}. */
    public V3ioClientBuilder setRetryPolicy(RetryPolicy policy) {
        this.retryPolicy = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /** As {@link #setTrustStore(Path, String, String)} with a PKCS12 file. */
    public V3ioClientBuilder setTrustStore(Path file, @Nullable String password) {
        return setTrustStore(file, password, "PKCS12");
    }

    /**
     * Certificates to trust for https instead of the JVM's.
     *
     * @param file read where the client is created
     * @param password null for a store without one
     * @param type for example {@code PKCS12} or {@code JKS}
     */
    public V3ioClientBuilder setTrustStore(Path file, @Nullable String password, String type) {
        this.trustStoreFile = Objects.requireNonNull(file, "file");
        this.trustStorePassword = password;
        this.trustStoreType = Objects.requireNonNull(type, "type");
        return this;
    }

    /**
     * Turns off every check of the server's certificate and host name, so that anybody on the way
     * can read and change what is sent, the access key included. For tests only. Default false.
     */
    public V3ioClientBuilder setInsecureSkipTlsVerification(boolean skip) {
        this.insecureSkipTlsVerification = skip;
        return this;
    }

    /**
     * An HTTP proxy, as {@code http://host:port}; https endpoints are reached through a tunnel.
     * Default none; the JVM's proxy properties are not looked at.
     */
    public V3ioClientBuilder setProxy(String proxy) {
        URI parsed = EndpointText.parse("proxy", Objects.requireNonNull(proxy, "proxy"));
        if (!"http".equals(parsed.getScheme())) {
            throw new IllegalArgumentException(
                    "proxy '" + proxy + "' must have the scheme http: expected http://host:port.");
        }
        this.proxy = parsed;
        return this;
    }

    /**
     * How errors and warnings of the client name its settings, for those who set them otherwise
     * than by this builder, such as by options.
     *
     * @param names by setter, or by component of the retry policy; what is not there keeps its name
     */
    @Internal
    public V3ioClientBuilder nameSettings(Map<String, String> names) {
        this.settingNames = Map.copyOf(names);
        return this;
    }

    /**
     * The settings as an immutable value, to be handed around.
     *
     * @throws IllegalArgumentException if settings contradict each other
     */
    public V3ioClientConfig toConfig() {
        int authentications =
                (accessKey == null ? 0 : 1)
                        + (accessKeyFile == null ? 0 : 1)
                        + (user == null ? 0 : 1);
        if (authentications > 1) {
            throw new IllegalArgumentException(
                    "Only one of accessKey, accessKeyFile and user can be set, not "
                            + authentications
                            + " of them.");
        }
        if (insecureSkipTlsVerification && trustStoreFile != null) {
            throw new IllegalArgumentException(
                    "trustStore '"
                            + trustStoreFile
                            + "' has no effect with insecureSkipTlsVerification; set only one.");
        }
        return new V3ioClientConfig(this);
    }

    /**
     * The settings for these streams: where their addresses name a server, that is the endpoint.
     *
     * @throws IllegalArgumentException if they name different ones, or another one than {@link
     *     #setEndpoint}; or as {@link #toConfig()} does
     */
    public V3ioClientConfig toConfig(Collection<StreamAddress> streams) {
        StreamAddress first = null;
        URI named = null;
        for (StreamAddress address : streams) {
            if (address.endpoint() == null) {
                continue;
            }
            URI its =
                    EndpointText.parse(
                            "The server of stream '" + address.text() + "',", address.endpoint());
            if (named != null && !its.equals(named)) {
                throw new IllegalArgumentException(
                        "The streams '"
                                + first.text()
                                + "' and '"
                                + address.text()
                                + "' name different servers; one source or sink has one.");
            }
            if (endpointText != null && !its.equals(endpoint)) {
                throw new IllegalArgumentException(
                        "The stream '"
                                + address.text()
                                + "' names another server than setEndpoint '"
                                + endpointText
                                + "' does. Leave one of them out.");
            }
            first = address;
            named = its;
        }
        return named == null || named.equals(endpoint)
                ? toConfig()
                : copyWithEndpoint(named).toConfig();
    }

    /** The endpoint of the environment is not read, which may be wrong and is not needed. */
    private V3ioClientBuilder copyWithEndpoint(URI other) {
        URI own = endpoint;
        endpoint = other;
        try {
            return toConfig().toBuilder();
        } finally {
            endpoint = own;
        }
    }

    /** Starts a client with these settings; throws as {@link #toConfig()} does. */
    public V3ioClient build() {
        return V3ioClient.create(toConfig());
    }

    URI resolvedEndpoint() {
        if (endpoint != null) {
            return endpoint;
        }
        String fromEnvironment = environment.apply(ENDPOINT_VARIABLE);
        if (fromEnvironment == null || fromEnvironment.isBlank()) {
            return EndpointText.parse("endpoint", DEFAULT_ENDPOINT);
        }
        return EndpointText.parse("environment variable " + ENDPOINT_VARIABLE, fromEnvironment);
    }

    /** Refuses what cannot be sent in a header, without showing it. */
    private static String requireSecret(String option, String value) {
        Objects.requireNonNull(value, option);
        if (value.isBlank()) {
            throw new IllegalArgumentException(option + " must not be empty.");
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new IllegalArgumentException(
                        option + " has a control character at position " + i + ".");
            }
        }
        return value;
    }

    private static int requireRange(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException(
                    option + " must be " + min + " to " + max + ", not " + value + ".");
        }
        return value;
    }

    private static Duration requireTimeout(String option, Duration value) {
        Objects.requireNonNull(value, option);
        if (value.compareTo(MIN_TIMEOUT) < 0 || value.compareTo(MAX_TIMEOUT) > 0) {
            throw new IllegalArgumentException(
                    option + " must be 1 millisecond to 1 day, not " + value + ".");
        }
        return value;
    }
}

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

import javax.annotation.Nullable;

import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Immutable, serializable settings of a client, made by {@link V3ioClientBuilder}.
 *
 * <p>It holds an access key only if that was given literally. A key from the environment or a file
 * is read where a client is created from these settings, so it travels in no serialized form.
 */
@PublicEvolving
public final class V3ioClientConfig implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final String MASKED = "***";

    private final URI endpoint;
    @Nullable private final String accessKey;
    @Nullable private final String accessKeyFile;
    @Nullable private final String user;
    @Nullable private final String password;
    private final int maxConnections;
    private final int ioThreads;
    private final Duration connectTimeout;
    private final Duration responseTimeout;
    private final int maxResponseBytes;
    private final int maxRecordBytes;
    private final RetryPolicy retryPolicy;
    @Nullable private final String trustStoreFile;
    @Nullable private final String trustStorePassword;
    private final String trustStoreType;
    private final boolean insecureSkipTlsVerification;
    @Nullable private final URI proxy;

    @SuppressWarnings("serial") // Map.copyOf is serializable, and javac cannot know it
    private final Map<String, String> settingNames;

    V3ioClientConfig(V3ioClientBuilder builder) {
        this.endpoint = builder.resolvedEndpoint();
        this.accessKey = builder.accessKey;
        this.accessKeyFile =
                builder.accessKeyFile == null ? null : builder.accessKeyFile.toString();
        this.user = builder.user;
        this.password = builder.password;
        this.maxConnections = builder.maxConnections;
        this.ioThreads = builder.ioThreads;
        this.connectTimeout = builder.connectTimeout;
        this.responseTimeout = builder.responseTimeout;
        this.maxResponseBytes = builder.maxResponseBytes;
        this.maxRecordBytes = builder.maxRecordBytes;
        this.retryPolicy = builder.retryPolicy;
        this.trustStoreFile =
                builder.trustStoreFile == null ? null : builder.trustStoreFile.toString();
        this.trustStorePassword = builder.trustStorePassword;
        this.trustStoreType = builder.trustStoreType;
        this.insecureSkipTlsVerification = builder.insecureSkipTlsVerification;
        this.proxy = builder.proxy;
        this.settingNames = builder.settingNames;
    }

    /** A builder that starts from these settings. */
    public V3ioClientBuilder toBuilder() {
        V3ioClientBuilder builder = new V3ioClientBuilder();
        builder.endpoint = endpoint;
        builder.accessKey = accessKey;
        builder.accessKeyFile = accessKeyFile == null ? null : Path.of(accessKeyFile);
        builder.user = user;
        builder.password = password;
        builder.maxConnections = maxConnections;
        builder.ioThreads = ioThreads;
        builder.connectTimeout = connectTimeout;
        builder.responseTimeout = responseTimeout;
        builder.maxResponseBytes = maxResponseBytes;
        builder.maxRecordBytes = maxRecordBytes;
        builder.retryPolicy = retryPolicy;
        builder.trustStoreFile = trustStoreFile == null ? null : Path.of(trustStoreFile);
        builder.trustStorePassword = trustStorePassword;
        builder.trustStoreType = trustStoreType;
        builder.insecureSkipTlsVerification = insecureSkipTlsVerification;
        builder.proxy = proxy;
        builder.settingNames = settingNames;
        return builder;
    }

    /** The server, always with scheme, host and port; for example {@code http://host:8081}. */
    public URI endpoint() {
        return endpoint;
    }

    /** The literal access key; empty when another way to authenticate was chosen. */
    @Internal
    public Optional<String> accessKey() {
        return Optional.ofNullable(accessKey);
    }

    /** The file that holds the access key, if that was chosen. */
    public Optional<Path> accessKeyFile() {
        return Optional.ofNullable(accessKeyFile).map(Path::of);
    }

    /** The user of Basic authentication, if that was chosen. */
    public Optional<String> user() {
        return Optional.ofNullable(user);
    }

    /** The password of {@link #user()}. */
    @Internal
    public Optional<String> password() {
        return Optional.ofNullable(password);
    }

    /** Connections at the most. */
    public int maxConnections() {
        return maxConnections;
    }

    /** Threads that move bytes and complete futures. */
    public int ioThreads() {
        return ioThreads;
    }

    /** Limit for making a connection, and again for its TLS handshake. */
    public Duration connectTimeout() {
        return connectTimeout;
    }

    /** Limit for one whole answer, from the request's first byte to the answer's last one. */
    public Duration responseTimeout() {
        return responseTimeout;
    }

    /** Bytes of a response body at the most. */
    public int maxResponseBytes() {
        return maxResponseBytes;
    }

    /** Bytes of a record's data, before base64, that are sent at the most. */
    public int maxRecordBytes() {
        return maxRecordBytes;
    }

    /** How transient failures are repeated. */
    public RetryPolicy retryPolicy() {
        return retryPolicy;
    }

    /** The own trust store; empty for the JVM's. */
    public Optional<Path> trustStoreFile() {
        return Optional.ofNullable(trustStoreFile).map(Path::of);
    }

    /** The password of {@link #trustStoreFile()}. */
    @Internal
    public Optional<String> trustStorePassword() {
        return Optional.ofNullable(trustStorePassword);
    }

    /** The type of {@link #trustStoreFile()}, for example {@code PKCS12}. */
    public String trustStoreType() {
        return trustStoreType;
    }

    /** Whether certificate and host name of the server go unchecked. */
    public boolean insecureSkipTlsVerification() {
        return insecureSkipTlsVerification;
    }

    /** The proxy, always with host and port. */
    public Optional<URI> proxy() {
        return Optional.ofNullable(proxy);
    }

    /**
     * What a setting is called by those who set it.
     *
     * @param name its setter, or a component of the retry policy
     */
    @Internal
    public String settingName(String name) {
        return settingNames.getOrDefault(name, name);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof V3ioClientConfig that
                && endpoint.equals(that.endpoint)
                && Objects.equals(accessKey, that.accessKey)
                && Objects.equals(accessKeyFile, that.accessKeyFile)
                && Objects.equals(user, that.user)
                && Objects.equals(password, that.password)
                && maxConnections == that.maxConnections
                && ioThreads == that.ioThreads
                && connectTimeout.equals(that.connectTimeout)
                && responseTimeout.equals(that.responseTimeout)
                && maxResponseBytes == that.maxResponseBytes
                && maxRecordBytes == that.maxRecordBytes
                && retryPolicy.equals(that.retryPolicy)
                && Objects.equals(trustStoreFile, that.trustStoreFile)
                && Objects.equals(trustStorePassword, that.trustStorePassword)
                && trustStoreType.equals(that.trustStoreType)
                && insecureSkipTlsVerification == that.insecureSkipTlsVerification
                && Objects.equals(proxy, that.proxy)
                && settingNames.equals(that.settingNames);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                endpoint, accessKeyFile, user, maxConnections, ioThreads, responseTimeout, proxy);
    }

    /** All settings; secrets are masked. */
    @Override
    public String toString() {
        return "V3ioClientConfig{endpoint="
                + endpoint
                + ", authentication="
                + authentication()
                + ", maxConnections="
                + maxConnections
                + ", ioThreads="
                + ioThreads
                + ", connectTimeout="
                + connectTimeout
                + ", responseTimeout="
                + responseTimeout
                + ", maxResponseBytes="
                + maxResponseBytes
                + ", maxRecordBytes="
                + maxRecordBytes
                + ", retryPolicy="
                + retryPolicy
                + (trustStoreFile == null
                        ? ""
                        : ", trustStoreFile="
                                + trustStoreFile
                                + ", trustStorePassword="
                                + (trustStorePassword == null ? "none" : MASKED)
                                + ", trustStoreType="
                                + trustStoreType)
                + (insecureSkipTlsVerification ? ", insecureSkipTlsVerification=true" : "")
                + (proxy == null ? "" : ", proxy=" + proxy)
                + "}";
    }

    private String authentication() {
        if (accessKey != null) {
            return "access key " + MASKED;
        }
        if (accessKeyFile != null) {
            return "access key file " + accessKeyFile;
        }
        if (user != null) {
            return "user " + user + ", password " + MASKED;
        }
        return "environment " + V3ioClientBuilder.ACCESS_KEY_VARIABLE;
    }
}

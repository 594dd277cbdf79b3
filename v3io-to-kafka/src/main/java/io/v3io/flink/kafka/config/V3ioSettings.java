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

package io.v3io.flink.kafka.config;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How the streams are reached. The access key is never in the configuration: it comes from the
 * file, or from the environment variable {@code V3IO_ACCESS_KEY}, on every machine that the mirror
 * runs on.
 *
 * @param endpoint the web API; null for the environment variable {@code V3IO_API}, or else the
 *     address inside of a cluster
 * @param accessKeyFile file with the access key; null for the environment
 * @param trustStoreFile PKCS12 file with certificates to trust; null for those of the JVM
 */
public record V3ioSettings(
        @Nullable String endpoint, @Nullable String accessKeyFile, @Nullable String trustStoreFile)
        implements Serializable {

    /** For commands, whose user waits for them. */
    private static final RetryPolicy OF_COMMANDS =
            new RetryPolicy(
                    10, Duration.ofSeconds(30), Duration.ofMillis(50), Duration.ofSeconds(2));

    private static final Map<String, String> NAMES =
            Map.of(
                    "setAccessKeyFile", "'v3io.access-key-file'",
                    "setTrustStore", "'v3io.trust-store-file'");

    /** Refuses what the client would refuse. */
    public V3ioSettings {
        try {
            configure(V3ioClient.builder(), endpoint, accessKeyFile, trustStoreFile);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'v3io': " + e.getMessage());
        }
    }

    /** Hands these settings to a client's builder. */
    public void configure(V3ioClientBuilder client) {
        configure(client, endpoint, accessKeyFile, trustStoreFile);
    }

    private static void configure(
            V3ioClientBuilder client,
            @Nullable String endpoint,
            @Nullable String accessKeyFile,
            @Nullable String trustStoreFile) {
        client.nameSettings(NAMES);
        if (endpoint != null) {
            client.setEndpoint(endpoint);
        }
        if (accessKeyFile != null) {
            client.setAccessKeyFile(Path.of(accessKeyFile));
        }
        if (trustStoreFile != null) {
            client.setTrustStore(Path.of(trustStoreFile), null);
        }
    }

    /** A client for a command; to be closed. */
    public V3ioClient client() {
        V3ioClientBuilder builder = V3ioClient.builder().setRetryPolicy(OF_COMMANDS);
        configure(builder);
        try {
            return builder.build();
        } catch (IllegalStateException e) {
            throw new ConfigException(
                    accessKeyFile != null
                            ? e.getMessage()
                            : e.getMessage()
                                    + " Set the environment variable, or name a file as"
                                    + " 'v3io.access-key-file'.");
        }
    }

    /** Where the streams are, for output. */
    public String address() {
        V3ioClientBuilder builder = V3ioClient.builder();
        configure(builder);
        return builder.toConfig().endpoint().toString();
    }
}

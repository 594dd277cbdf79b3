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

import io.v3io.client.annotation.PublicEvolving;

import java.nio.file.Path;
import java.time.Duration;

/** Configures a {@link V3ioClient}. */
@PublicEvolving
public final class V3ioClientBuilder {

    V3ioClientBuilder() {}

    public V3ioClientBuilder setEndpoint(String endpoint) {
        throw new UnsupportedOperationException(endpoint);
    }

    public V3ioClientBuilder setAccessKey(String accessKey) {
        throw new UnsupportedOperationException(accessKey);
    }

    public V3ioClientBuilder setAccessKeyFile(Path file) {
        throw new UnsupportedOperationException(file.toString());
    }

    public V3ioClientBuilder setMaxConnections(int connections) {
        throw new UnsupportedOperationException("" + connections);
    }

    public V3ioClientBuilder setConnectTimeout(Duration timeout) {
        throw new UnsupportedOperationException("" + timeout);
    }

    public V3ioClientBuilder setResponseTimeout(Duration timeout) {
        throw new UnsupportedOperationException("" + timeout);
    }

    public V3ioClientBuilder setRetryPolicy(RetryPolicy policy) {
        throw new UnsupportedOperationException("" + policy);
    }

    public V3ioClientConfig toConfig() {
        throw new UnsupportedOperationException();
    }

    public V3ioClient build() {
        return V3ioClient.create(toConfig());
    }
}

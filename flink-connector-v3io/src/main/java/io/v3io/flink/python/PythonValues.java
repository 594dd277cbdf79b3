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

package io.v3io.flink.python;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;
import org.apache.flink.configuration.MemorySize;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Java values of what Python can hand over: text, numbers and lists of them. */
@Internal
public final class PythonValues {

    private PythonValues() {}

    /**
     * Sequence numbers of shards.
     *
     * @param streams the stream of each entry
     * @param shards its shard number
     * @param numbers its sequence number as text, because Py4J makes integers of small numbers
     */
    public static Map<ShardId, Long> sequenceNumbers(
            List<String> streams, List<Integer> shards, List<String> numbers) {
        Map<ShardId, Long> result = new LinkedHashMap<>();
        for (int i = 0; i < streams.size(); i++) {
            ShardId shard = StreamPath.parse(streams.get(i)).shard(shards.get(i));
            if (result.put(shard, Long.parseLong(numbers.get(i))) != null) {
                throw new IllegalArgumentException(
                        "Shard " + shard + " has two sequence numbers; give one.");
            }
        }
        return result;
    }

    /** Settings of the client that are applied in the order of the calls. */
    public static ClientSettings clientSettings() {
        return new ClientSettings();
    }

    /** Collects settings of a client, for {@code configureClient} of the builders. */
    public static final class ClientSettings implements Consumer<V3ioClientBuilder> {

        private Consumer<V3ioClientBuilder> settings = client -> {};

        private ClientSettings() {}

        @Override
        public void accept(V3ioClientBuilder client) {
            settings.accept(client);
        }

        private void then(Consumer<V3ioClientBuilder> setting) {
            settings = settings.andThen(setting);
        }

        public void setUser(String name, String password) {
            then(client -> client.setUser(name, password));
        }

        public void setMaxConnections(int connections) {
            then(client -> client.setMaxConnections(connections));
        }

        public void setIoThreads(int threads) {
            then(client -> client.setIoThreads(threads));
        }

        public void setConnectTimeout(Duration timeout) {
            then(client -> client.setConnectTimeout(timeout));
        }

        public void setResponseTimeout(Duration timeout) {
            then(client -> client.setResponseTimeout(timeout));
        }

        public void setMaxResponseBytes(MemorySize size) {
            then(client -> client.setMaxResponseBytes(Math.toIntExact(size.getBytes())));
        }

        public void setTrustStore(String file, String password, String type) {
            then(client -> client.setTrustStore(Path.of(file), password, type));
        }

        public void setInsecureSkipTlsVerification(boolean skip) {
            then(client -> client.setInsecureSkipTlsVerification(skip));
        }

        public void setProxy(String proxy) {
            then(client -> client.setProxy(proxy));
        }

        public void setRetryPolicy(RetryPolicy policy) {
            then(client -> client.setRetryPolicy(policy));
        }
    }
}

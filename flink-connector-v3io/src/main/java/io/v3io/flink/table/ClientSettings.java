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

package io.v3io.flink.table;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClientBuilder;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Takes a table's connection options over into a client's. */
final class ClientSettings {

    private static final List<ConfigOption<String>> AUTHENTICATIONS =
            List.of(
                    V3ioConnectionOptions.SECRET_ACCESS_KEY,
                    V3ioConnectionOptions.SECRET_ACCESS_KEY_FILE,
                    V3ioConnectionOptions.USER);

    private ClientSettings() {}

    /**
     * What the builders of source and sink take as configuration of their client.
     *
     * @param words in which the client speaks of its settings
     * @throws ValidationException if options contradict each other
     */
    static Consumer<V3ioClientBuilder> of(
            ReadableConfig options, RetryPolicy retryPolicy, OptionWords words) {
        checkAuthentication(options);
        checkTls(options);
        return client -> apply(options, retryPolicy, client.nameSettings(words.ofClient()));
    }

    private static void apply(
            ReadableConfig options, RetryPolicy retryPolicy, V3ioClientBuilder client) {
        options.getOptional(V3ioConnectionOptions.ENDPOINT).ifPresent(client::setEndpoint);
        options.getOptional(V3ioConnectionOptions.SECRET_ACCESS_KEY)
                .ifPresent(client::setAccessKey);
        options.getOptional(V3ioConnectionOptions.SECRET_ACCESS_KEY_FILE)
                .map(Path::of)
                .ifPresent(client::setAccessKeyFile);
        options.getOptional(V3ioConnectionOptions.USER)
                .ifPresent(
                        user ->
                                client.setUser(
                                        user, options.get(V3ioConnectionOptions.SECRET_PASSWORD)));
        options.getOptional(V3ioConnectionOptions.TRUST_STORE)
                .ifPresent(
                        file ->
                                client.setTrustStore(
                                        Path.of(file),
                                        options.get(V3ioConnectionOptions.TRUST_STORE_PASSWORD),
                                        options.get(V3ioConnectionOptions.TRUST_STORE_TYPE)));
        client.setInsecureSkipTlsVerification(
                options.get(V3ioConnectionOptions.INSECURE_SKIP_TLS_VERIFICATION));
        options.getOptional(V3ioConnectionOptions.PROXY).ifPresent(client::setProxy);
        client.setMaxConnections(options.get(V3ioConnectionOptions.MAX_CONNECTIONS));
        options.getOptional(V3ioConnectionOptions.IO_THREADS).ifPresent(client::setIoThreads);
        client.setConnectTimeout(options.get(V3ioConnectionOptions.CONNECT_TIMEOUT));
        client.setResponseTimeout(options.get(V3ioConnectionOptions.RESPONSE_TIMEOUT));
        client.setMaxResponseBytes(
                intBytes(
                        V3ioConnectionOptions.MAX_RESPONSE_SIZE,
                        options.get(V3ioConnectionOptions.MAX_RESPONSE_SIZE)));
        client.setRetryPolicy(retryPolicy);
    }

    /** Who is asking, in the words of the options. */
    static String authentication(ReadableConfig options) {
        return AUTHENTICATIONS.stream()
                .filter(option -> options.getOptional(option).isPresent())
                .map(
                        option ->
                                option.equals(V3ioConnectionOptions.USER)
                                        ? "the options 'user' and 'secret.password'"
                                        : "the access key of option '" + option.key() + "'")
                .findFirst()
                .orElse(
                        "the access key in environment variable "
                                + V3ioClientBuilder.ACCESS_KEY_VARIABLE);
    }

    private static int intBytes(ConfigOption<MemorySize> option, MemorySize size) {
        if (size.getBytes() > Integer.MAX_VALUE) {
            throw new ValidationException(
                    "Option '" + option.key() + "' must be less than 2 gb, not " + size + ".");
        }
        return (int) size.getBytes();
    }

    private static void checkAuthentication(ReadableConfig options) {
        List<String> given =
                AUTHENTICATIONS.stream()
                        .filter(option -> options.getOptional(option).isPresent())
                        .map(ConfigOption::key)
                        .toList();
        if (given.size() > 1) {
            throw new ValidationException(
                    "Only one of the options " + given + " can be set; each says who is asking.");
        }
        TableOptions.requireTogether(
                options, V3ioConnectionOptions.USER, V3ioConnectionOptions.SECRET_PASSWORD);
    }

    private static void checkTls(ReadableConfig options) {
        boolean hasTrustStore = options.getOptional(V3ioConnectionOptions.TRUST_STORE).isPresent();
        TableOptions.requireOnlyIf(
                options,
                hasTrustStore,
                V3ioConnectionOptions.TRUST_STORE.key(),
                V3ioConnectionOptions.TRUST_STORE_PASSWORD,
                V3ioConnectionOptions.TRUST_STORE_TYPE);
        if (hasTrustStore && options.get(V3ioConnectionOptions.INSECURE_SKIP_TLS_VERIFICATION)) {
            throw new ValidationException(
                    "Options '"
                            + V3ioConnectionOptions.TRUST_STORE.key()
                            + "' and '"
                            + V3ioConnectionOptions.INSECURE_SKIP_TLS_VERIFICATION.key()
                            + "' cannot be set together: without verification the store has no effect.");
        }
    }
}

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

import io.v3io.client.V3ioClientBuilder;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.MemorySize;

import java.time.Duration;
import java.util.List;

/** Options of a table for the way to the platform: the same for reading and writing. */
@PublicEvolving
public final class V3ioConnectionOptions {

    public static final ConfigOption<String> ENDPOINT =
            ConfigOptions.key("endpoint")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "The platform's web API, as [http://|https://]host[:port]. Default: the environment's V3IO_API"
                                    + " where the statement is planned, else http://v3io-webapi:8081.");

    public static final ConfigOption<List<String>> STREAM =
            ConfigOptions.key("stream")
                    .stringType()
                    .asList()
                    .noDefaultValue()
                    .withDescription(
                            "The stream, as container/path, or as Nuclio and MLRun name it:"
                                    + " http://host:port/container/path@group, v3io:///container/path. Several are separated by semicolons. A sink with several needs a"
                                    + " writable metadata column 'stream' that chooses among them.");

    public static final ConfigOption<String> SECRET_ACCESS_KEY =
            ConfigOptions.key("secret.access-key")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "The access key itself. It then travels with the job graph, and SHOW CREATE TABLE shows it."
                                    + " Default: the environment's V3IO_ACCESS_KEY where the job runs.");

    public static final ConfigOption<String> SECRET_ACCESS_KEY_FILE =
            ConfigOptions.key("secret.access-key-file")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "A file with the access key on every machine that the job runs on; read again when it changes.");

    public static final ConfigOption<String> USER =
            ConfigOptions.key("user")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Name of a user, for HTTP Basic authentication instead of an access key; needs"
                                    + " secret.password.");

    public static final ConfigOption<String> SECRET_PASSWORD =
            ConfigOptions.key("secret.password")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "The user's password. It then travels with the job graph, and SHOW CREATE TABLE shows it.");

    public static final ConfigOption<String> TRUST_STORE =
            ConfigOptions.key("tls.trust-store")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "A file on every machine that the job runs on with the certificates to trust for https."
                                    + " Default: those of the JVM.");

    public static final ConfigOption<String> TRUST_STORE_PASSWORD =
            ConfigOptions.key("tls.trust-store.password")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("Password of the trust store. Default: none.");

    public static final ConfigOption<String> TRUST_STORE_TYPE =
            ConfigOptions.key("tls.trust-store.type")
                    .stringType()
                    .defaultValue("PKCS12")
                    .withDescription("Type of the trust store, for example PKCS12 or JKS.");

    public static final ConfigOption<Boolean> INSECURE_SKIP_TLS_VERIFICATION =
            ConfigOptions.key("tls.insecure-skip-verification")
                    .booleanType()
                    .defaultValue(false)
                    .withDescription(
                            "Turns off every check of the server's certificate and host name, so that anybody on the way"
                                    + " can read and change what is sent, the access key included. For tests only.");

    public static final ConfigOption<String> PROXY =
            ConfigOptions.key("client.proxy")
                    .stringType()
                    .noDefaultValue()
                    .withDescription("An HTTP proxy, as http://host:port. Default: none.");

    public static final ConfigOption<Integer> MAX_CONNECTIONS =
            ConfigOptions.key("client.max-connections")
                    .intType()
                    .defaultValue(V3ioClientBuilder.DEFAULT_MAX_CONNECTIONS)
                    .withDescription(
                            "Connections of one subtask to the platform, which is also the number of requests on the wire"
                                    + " together; 1 to 10,000.");

    public static final ConfigOption<Integer> IO_THREADS =
            ConfigOptions.key("client.io-threads")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "Threads of one subtask that move bytes and decode answers, 1 to 64. Default: 2, or 1 on a machine"
                                    + " with one processor.");

    public static final ConfigOption<Duration> CONNECT_TIMEOUT =
            ConfigOptions.key("client.connect-timeout")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(5))
                    .withDescription(
                            "Limit for making a connection, and again for its TLS handshake; 1 ms to 1 day.");

    public static final ConfigOption<Duration> RESPONSE_TIMEOUT =
            ConfigOptions.key("client.response-timeout")
                    .durationType()
                    .defaultValue(Duration.ofSeconds(30))
                    .withDescription(
                            "Limit for one whole answer; each repetition has it anew; 1 ms to 1 day.");

    public static final ConfigOption<MemorySize> MAX_RESPONSE_SIZE =
            ConfigOptions.key("client.max-response-size")
                    .memoryType()
                    .defaultValue(new MemorySize(V3ioClientBuilder.DEFAULT_MAX_RESPONSE_BYTES))
                    .withDescription(
                            "Bytes of an answer at the most, 1 kb to 2 gb; a larger one is an error and is not read further.");

    public static final ConfigOption<Boolean> PLANNING_CHECK =
            ConfigOptions.key("planning-check")
                    .booleanType()
                    .noDefaultValue()
                    .withDescription(
                            "Whether the platform is asked while a statement is planned, so that a wrong endpoint, key, stream or"
                                    + " shard fails the statement and starts no job. Turn it off where the platform is"
                                    + " reached from the cluster only. Default: true, but false where a JobManager"
                                    + " plans, as in application mode: when it is replaced, it plans again, and must not"
                                    + " fail because the platform is down.");

    private V3ioConnectionOptions() {}
}

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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ConfigFileTest {

    private static final String WHOLE =
            """
            mirror: orders
            v3io:
              endpoint: http://127.0.0.1:8081
              access-key-file: /run/secrets/key
            kafka:
              bootstrap-servers: 127.0.0.1:9092
              replication-factor: 3
              state-topic: state
              properties-file: /run/secrets/kafka.properties
              properties:
                security.protocol: SASL_SSL
                sasl.jaas.config: 'module required password="${env:KAFKA_PASSWORD}";'
            job:
              commit-interval: 1 s
              checkpoint-interval: 5 s
              on-data-loss: continue
              parallelism: 4
            streams:
              - stream: users/me/orders
                topic: orders
                key-field: key
                partition-by: key
                largest-record: 900 kb
                groups:
                  billing: billing-on-kafka
                  audit:
              - stream: v3io:///users/me/returns
                topic: returns
            """;

    @TempDir private Path directory;

    @Test
    void readsEveryOption() throws Exception {
        Path file = directory.resolve("migration.yaml");
        Files.writeString(file, WHOLE);

        MigrationConfig config = ConfigFile.read(file);

        assertThat(config.mirror()).isEqualTo("orders");
        assertThat(config.v3io().accessKeyFile()).isEqualTo("/run/secrets/key");
        assertThat(config.kafka().replicationFactor()).isEqualTo((short) 3);
        assertThat(config.kafka().stateTopic()).isEqualTo("state");
        assertThat(config.job())
                .isEqualTo(
                        new JobSettings(
                                Duration.ofSeconds(1),
                                Duration.ofSeconds(5),
                                JobSettings.OnLoss.CONTINUE,
                                4));
        StreamMapping orders = config.streams().get(0);
        assertThat(orders.keyField()).isEqualTo("key");
        assertThat(orders.partitionBy()).isEqualTo(PartitionBy.KEY);
        assertThat(orders.largestRecord()).isEqualTo(900 * 1_024);
        assertThat(orders.groups())
                .containsEntry("billing", "billing-on-kafka")
                .containsEntry("audit", "audit");
        assertThat(config.streams().get(1).stream()).isEqualTo("users/me/returns");
        assertThat(config.streams().get(1).partitionBy()).isEqualTo(PartitionBy.SHARD);
        assertThat(config.streams().get(1).largestRecord()).isEqualTo(2 * 1_024 * 1_024);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "state-topic: state      |state-topc: state   | no option 'kafka.state-topc'. Known here are: bootstrap-servers",
                "topic: returns          |topic: orders       | Topic orders stands twice",
                "topic: returns          |topic: state        | holds nothing but the state of mirrors",
                "users/me/orders         |users               | 'streams.stream'",
                "topic: returns          |topic: a/b          | 'streams.topic' must be",
                "mirror: orders          |mirror: a b         | 'mirror' must be a name",
                "commit-interval: 1 s    |commit-interval: 2  | 100 ms to 60 s",
                "commit-interval: 1 s    |commit-interval: no | must be a duration",
                "on-data-loss: continue  |on-data-loss: skip  | 'fail' or 'continue', not 'skip'",
                "parallelism: 4          |parallelism: four   | 'job.parallelism' (line 17)",
                "parallelism: 4          |parallelism: 0      | 'job.parallelism' must be 1 or more",
                "largest-record: 900 kb  |largest-record: 3 mb| 1 byte to 2 mb",
                "partition-by: key       |partition-by: hash  | must be 'shard' or 'key', not 'hash'",
                "      billing:          |      _billing:     | 'streams.groups'",
                "      audit:            |      audit: billing-on-kafka| audit and billing of stream users/me/orders are both",
                "    audit:              |billing:            | a name in it stands twice",
                "endpoint: http://127.0.0.1:8081|endpoint: ftp://x| 'v3io': ",
                "security.protocol: SASL_SSL|acks: 1          | must not set acks",
                "bootstrap-servers: 127.0.0.1:9092|bootstrap-servers: ' '| 'kafka.bootstrap-servers' is missing"
            })
    void refusesWhatCannotBe(String there, String instead, String message) {
        assertThat(WHOLE).contains(there);
        assertThatThrownBy(() -> ConfigFile.parse(WHOLE.replace(there, instead)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesSecretsThatAreWrittenOutAndDoesNotShowThem() {
        String jaas = "'module required password=\"${env:KAFKA_PASSWORD}\";'";

        assertThatThrownBy(
                        () -> ConfigFile.parse(WHOLE.replace(jaas, "module password=\"hunter2\";")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("'kafka.properties.sasl.jaas.config' is a secret")
                .hasMessageNotContaining("hunter2");
        assertThatThrownBy(
                        () ->
                                ConfigFile.parse(
                                        WHOLE.replace(
                                                "access-key-file: /run/secrets/key",
                                                "access-key: hunter2")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("no option 'v3io.access-key'")
                .hasMessageContaining("never stand in this file")
                .hasMessageNotContaining("hunter2");
        assertThat(ConfigFile.parse(WHOLE).kafka().toString()).doesNotContain("password=");
    }

    @Test
    void aKeyFileThatIsNotThereIsNamedAsInTheFile() {
        V3ioSettings v3io =
                ConfigFile.parse(WHOLE.replace("/run/secrets/key", directory + "/none")).v3io();

        assertThatThrownBy(v3io::client)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(directory + "/none")
                .hasMessageContaining("check 'v3io.access-key-file'")
                .hasMessageNotContaining("environment variable")
                .hasMessageNotContaining("setAccessKeyFile");
    }

    @Test
    void secretsComeFromTheFileThatIsNamed() throws Exception {
        Path file = directory.resolve("kafka.properties");
        Files.writeString(file, "ssl.key.password=hunter2\n");
        MigrationConfig config =
                ConfigFile.parse(WHOLE.replace("/run/secrets/kafka.properties", file.toString()));

        assertThat(config.kafka().clientProperties())
                .containsEntry("ssl.key.password", "hunter2")
                .containsEntry("security.protocol", "SASL_SSL");

        Files.writeString(file, "ssl.key.password=hunter2\nisolation.level=read_uncommitted\n");
        assertThatThrownBy(() -> config.kafka().clientProperties())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("must not set isolation.level")
                .hasMessageNotContaining("hunter2");
        Files.delete(file);
        assertThatThrownBy(() -> config.kafka().clientProperties())
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("cannot be read");
    }

    @ParameterizedTest
    @CsvSource({"100 ms, 60000", "20 s, 60000", "60 s, 180000"})
    void aTransactionIsNotEndedBeforeItIsCommitted(String commitInterval, long millis) {
        assertThat(JobSettings.of(commitInterval, null, null, null).transactionTimeout())
                .hasMillis(millis);
    }

    @Test
    void aFileThatIsNotThereOrEmptyIsNamed() throws Exception {
        assertThatThrownBy(() -> ConfigFile.read(directory.resolve("none.yaml")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.yaml");
        assertThatThrownBy(() -> ConfigFile.parse(""))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("empty");
    }
}

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

import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.Reader;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/**
 * How the topics are reached. Secrets stand in a file of properties, or as {@code ${env:NAME}} or
 * {@code ${file:PATH:KEY}}; either is read where a client is made, on every machine that the mirror
 * runs on.
 *
 * @param bootstrapServers as Kafka's own option
 * @param properties of Kafka's clients, without secrets
 * @param propertiesFile more properties of Kafka's clients, with secrets; null for none
 * @param stateTopic the compacted topic with the state of mirrors
 * @param replicationFactor of topics that the mirror makes; -1 leaves it to the broker
 */
public record KafkaSettings(
        String bootstrapServers,
        Map<String, String> properties,
        @Nullable String propertiesFile,
        String stateTopic,
        Short replicationFactor)
        implements Serializable {

    private static final Set<String> OURS =
            Set.of(
                    "bootstrap.servers",
                    "transactional.id",
                    "transaction.timeout.ms",
                    "enable.idempotence",
                    "acks",
                    "isolation.level",
                    "group.id",
                    "auto.offset.reset",
                    "enable.auto.commit",
                    "key.serializer",
                    "value.serializer",
                    "key.deserializer",
                    "value.deserializer",
                    "partitioner.class",
                    "interceptor.classes",
                    "max.in.flight.requests.per.connection");

    /** Refuses secrets that are written out, and properties that exactness rests on. */
    public KafkaSettings(
            @Nullable String bootstrapServers,
            @Nullable Map<String, String> properties,
            @Nullable String propertiesFile,
            @Nullable String stateTopic,
            @Nullable Short replicationFactor) {
        if (bootstrapServers == null || bootstrapServers.isBlank()) {
            throw new ConfigException(
                    "'kafka.bootstrap-servers' is missing: one or more host:port, with commas between them.");
        }
        this.bootstrapServers = bootstrapServers;
        this.properties = properties == null ? new HashMap<>() : new HashMap<>(properties);
        this.properties.forEach(
                (name, value) -> {
                    if (isSecret(name) && !value.contains("${")) {
                        throw new ConfigException(
                                "'kafka.properties."
                                        + name
                                        + "' is a secret. Write it as ${env:NAME} and put it into the environment, or into the"
                                        + " file that 'kafka.properties-file' names.");
                    }
                });
        refuseOurs("kafka.properties", this.properties.keySet());
        this.propertiesFile = propertiesFile;
        this.stateTopic = stateTopic == null ? "v3io-to-kafka-state" : stateTopic;
        StreamMapping.checkTopic("kafka.state-topic", this.stateTopic);
        this.replicationFactor = replicationFactor == null ? -1 : replicationFactor;
        if (this.replicationFactor != -1 && this.replicationFactor < 1) {
            throw new ConfigException(
                    "'kafka.replication-factor' must be 1 or more, or -1 for the broker's default.");
        }
    }

    private static void refuseOurs(String where, Set<String> names) {
        for (String name : names) {
            if (OURS.contains(name)) {
                throw new ConfigException(
                        "'"
                                + where
                                + "' must not set "
                                + name
                                + ": that no record is lost or doubled rests on the value that v3io-to-kafka gives it."
                                + " Remove it.");
            }
        }
    }

    private static boolean isSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.contains("password")
                || lower.contains("secret")
                || lower.contains("jaas")
                || lower.contains("token")
                || lower.equals("ssl.keystore.key");
    }

    /** The properties of a client. Reads the file; to be called where the client is made. */
    public Map<String, Object> clientProperties() {
        Map<String, Object> all = new HashMap<>();
        all.put("config.providers", "env,file");
        all.put("config.providers.env.class", EnvVarConfigProvider.class.getName());
        all.put("config.providers.file.class", FileConfigProvider.class.getName());
        all.putAll(properties);
        if (propertiesFile != null) {
            Properties read = new Properties();
            try (Reader reader = Files.newBufferedReader(Path.of(propertiesFile))) {
                read.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                // The text of an exception may show a line of the file.
                throw new ConfigException(
                        "'kafka.properties-file' "
                                + propertiesFile
                                + " cannot be read ("
                                + e.getClass().getSimpleName()
                                + "). It must be there, as Java properties, on every machine that the mirror runs on.");
            }
            refuseOurs("kafka.properties-file", read.stringPropertyNames());
            read.stringPropertyNames().forEach(name -> all.put(name, read.getProperty(name)));
        }
        all.put("bootstrap.servers", bootstrapServers);
        return all;
    }

    /** Names of properties only: the values may be secrets. */
    @Override
    public String toString() {
        return "KafkaSettings{bootstrapServers="
                + bootstrapServers
                + ", properties="
                + properties.keySet()
                + ", stateTopic="
                + stateTopic
                + "}";
    }
}

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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** Reads the configuration file. Its messages never show a value that may be a secret. */
public final class ConfigFile {

    private static final ObjectMapper YAML =
            YAMLMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.KEBAB_CASE)
                    .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();

    private ConfigFile() {}

    /**
     * The configuration in a file.
     *
     * @throws ConfigException if it is not there, or cannot be used
     */
    public static MigrationConfig read(Path file) {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new ConfigException(
                    "The configuration "
                            + file
                            + " cannot be read ("
                            + e.getClass().getSimpleName()
                            + "); name a file with --config.");
        }
        return parse(text);
    }

    /** The configuration in a text, as {@link #read}. */
    public static MigrationConfig parse(String text) {
        if (text.isBlank()) {
            throw new ConfigException("The configuration is empty.");
        }
        RawConfig raw;
        try {
            raw = YAML.readValue(text, RawConfig.class);
        } catch (UnrecognizedPropertyException e) {
            throw new ConfigException(
                    "There is no option '"
                            + path(e)
                            + "'. Known here are: "
                            + e.getKnownPropertyIds().stream()
                                    .map(String::valueOf)
                                    .sorted()
                                    .collect(Collectors.joining(", "))
                            + ". Access keys and passwords never stand in this file.");
        } catch (JsonMappingException e) {
            throw new ConfigException(
                    "The value of '"
                            + path(e)
                            + "'"
                            + line(e)
                            + " does not have the form that the option has, or a name in it stands twice.");
        } catch (JsonProcessingException e) {
            throw new ConfigException("The configuration is not YAML" + line(e) + ".");
        }
        if (raw == null) {
            throw new ConfigException("The configuration is empty.");
        }
        return raw.checked();
    }

    private static String path(JsonMappingException e) {
        return e.getPath().stream()
                .map(JsonMappingException.Reference::getFieldName)
                .filter(Objects::nonNull)
                .collect(Collectors.joining("."));
    }

    private static String line(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " (line " + e.getLocation().getLineNr() + ")";
    }

    private record RawConfig(
            @Nullable String mirror,
            @Nullable RawV3io v3io,
            @Nullable RawKafka kafka,
            @Nullable RawJob job,
            @Nullable List<RawStream> streams) {

        MigrationConfig checked() {
            return new MigrationConfig(
                    mirror,
                    v3io == null
                            ? null
                            : new V3ioSettings(
                                    v3io.endpoint(), v3io.accessKeyFile(), v3io.trustStoreFile()),
                    kafka == null
                            ? null
                            : new KafkaSettings(
                                    kafka.bootstrapServers(),
                                    kafka.properties(),
                                    kafka.propertiesFile(),
                                    kafka.stateTopic(),
                                    kafka.replicationFactor()),
                    job == null
                            ? null
                            : JobSettings.of(
                                    job.commitInterval(),
                                    job.checkpointInterval(),
                                    job.onDataLoss(),
                                    job.parallelism()),
                    streams == null
                            ? null
                            : streams.stream()
                                    .map(
                                            stream ->
                                                    StreamMapping.of(
                                                            stream.stream(),
                                                            stream.topic(),
                                                            stream.keyField(),
                                                            stream.partitionBy(),
                                                            stream.largestRecord(),
                                                            stream.groups()))
                                    .toList());
        }
    }

    private record RawV3io(
            @Nullable String endpoint,
            @Nullable String accessKeyFile,
            @Nullable String trustStoreFile) {}

    private record RawKafka(
            @Nullable String bootstrapServers,
            @Nullable Map<String, String> properties,
            @Nullable String propertiesFile,
            @Nullable String stateTopic,
            @Nullable Short replicationFactor) {}

    private record RawJob(
            @Nullable String commitInterval,
            @Nullable String checkpointInterval,
            @Nullable String onDataLoss,
            @Nullable Integer parallelism) {}

    private record RawStream(
            @Nullable String stream,
            @Nullable String topic,
            @Nullable String keyField,
            @Nullable String partitionBy,
            @Nullable String largestRecord,
            @Nullable Map<String, String> groups) {}
}

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

import javax.annotation.Nullable;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The configuration file as a whole.
 *
 * @param mirror name of this migration; its state is kept under it
 * @param v3io how the streams are reached
 * @param kafka how the topics are reached
 * @param job how the mirror runs
 * @param streams what is mirrored; one or more
 */
public record MigrationConfig(
        String mirror,
        V3ioSettings v3io,
        KafkaSettings kafka,
        JobSettings job,
        List<StreamMapping> streams)
        implements Serializable {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    /** Checks what holds across the parts. */
    public MigrationConfig(
            @Nullable String mirror,
            @Nullable V3ioSettings v3io,
            @Nullable KafkaSettings kafka,
            @Nullable JobSettings job,
            @Nullable List<StreamMapping> streams) {
        if (mirror == null || !NAME.matcher(mirror).matches()) {
            throw new ConfigException(
                    "'mirror' must be a name of 1 to 100 letters, digits, '.', '_' and '-', such as 'mirror: orders'.");
        }
        if (kafka == null) {
            throw new ConfigException("'kafka' is missing: it needs 'bootstrap-servers' at least.");
        }
        if (streams == null || streams.isEmpty()) {
            throw new ConfigException(
                    "'streams' is missing: a list with 'stream' and 'topic' for each stream to mirror.");
        }
        Set<String> seenStreams = new HashSet<>();
        Set<String> seenTopics = new HashSet<>();
        for (StreamMapping mapping : streams) {
            if (!seenStreams.add(mapping.path().toString())) {
                throw new ConfigException("Stream " + mapping.stream() + " stands twice.");
            }
            if (!seenTopics.add(mapping.topic())) {
                throw new ConfigException(
                        "Topic "
                                + mapping.topic()
                                + " stands twice: every stream needs a topic of its own.");
            }
            if (mapping.topic().equals(kafka.stateTopic())) {
                throw new ConfigException(
                        "Topic "
                                + mapping.topic()
                                + " is 'kafka.state-topic', which holds nothing but the state of mirrors; choose another.");
            }
        }
        checkGroups(streams);
        this.mirror = mirror;
        this.v3io = v3io == null ? new V3ioSettings(null, null, null) : v3io;
        this.kafka = kafka;
        this.job = job == null ? JobSettings.of(null, null, null, null) : job;
        this.streams = new ArrayList<>(streams);
    }

    /** What one group has committed would be overwritten by the other. */
    private static void checkGroups(List<StreamMapping> streams) {
        for (StreamMapping mapping : streams) {
            Map<String, String> seen = new HashMap<>();
            mapping.groups()
                    .forEach(
                            (group, kafkaGroup) -> {
                                String other = seen.put(kafkaGroup, group);
                                if (other != null) {
                                    throw new ConfigException(
                                            "'streams.groups': groups "
                                                    + other
                                                    + " and "
                                                    + group
                                                    + " of stream "
                                                    + mapping.stream()
                                                    + " are both "
                                                    + kafkaGroup
                                                    + " on Kafka, where the offsets of the one would overwrite those of"
                                                    + " the other.");
                                }
                            });
        }
    }
}

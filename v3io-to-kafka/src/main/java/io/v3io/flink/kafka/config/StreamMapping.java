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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;

import org.apache.flink.configuration.MemorySize;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * One stream and its topic.
 *
 * @param stream {@code container/path}
 * @param topic name of the topic
 * @param keyField name of the field of a JSON envelope that becomes the key, as storey and MLRun
 *     write it; null for the partition key
 * @param partitionBy what decides on the partition of a record
 * @param largestRecord bytes of data of the largest record that the stream may have; default 2 MiB,
 *     the platform's limit
 * @param groups names of the stream's consumer groups, each with the name of its group on Kafka
 */
public record StreamMapping(
        String stream,
        String topic,
        @Nullable String keyField,
        PartitionBy partitionBy,
        long largestRecord,
        Map<String, String> groups)
        implements Serializable {

    private static final Pattern TOPIC = Pattern.compile("[A-Za-z0-9._-]{1,249}");

    /** From the words of the configuration. */
    public static StreamMapping of(
            @Nullable String stream,
            @Nullable String topic,
            @Nullable String keyField,
            @Nullable String partitionBy,
            @Nullable String largestRecord,
            @Nullable Map<String, String> groups) {
        return new StreamMapping(
                canonical(stream),
                topic == null ? "" : topic,
                keyField,
                partitionBy(partitionBy),
                largestRecord == null
                        ? V3ioLimits.MAX_CONFIGURABLE_DATA_BYTES
                        : bytes(largestRecord),
                groups == null ? Map.of() : groups);
    }

    /** Refuses what neither side would take. */
    public StreamMapping {
        checkTopic("streams.topic", topic);
        if (largestRecord < 1 || largestRecord > V3ioLimits.MAX_CONFIGURABLE_DATA_BYTES) {
            throw new ConfigException("'streams.largest-record' must be 1 byte to 2 mb.");
        }
        if (keyField != null && keyField.isEmpty()) {
            throw new ConfigException("'streams.key-field' must not be empty.");
        }
        groups = new TreeMap<>(groups);
        groups.replaceAll((group, there) -> there == null || there.isEmpty() ? group : there);
        for (String group : groups.keySet()) {
            String refusal = V3ioClient.refuseConsumerGroup(group);
            if (refusal != null) {
                throw new ConfigException("'streams.groups': " + refusal);
            }
        }
    }

    private static String canonical(@Nullable String stream) {
        if (stream == null) {
            throw new ConfigException("'streams.stream' is missing, such as users/me/orders.");
        }
        try {
            return StreamPath.parse(stream).toString();
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'streams.stream': " + e.getMessage());
        }
    }

    private static PartitionBy partitionBy(@Nullable String text) {
        if (text == null || text.equals("shard")) {
            return PartitionBy.SHARD;
        }
        if (text.equals("key")) {
            return PartitionBy.KEY;
        }
        throw new ConfigException(
                "'streams.partition-by' must be 'shard' or 'key', not '" + text + "'.");
    }

    private static long bytes(String text) {
        try {
            return MemorySize.parse(text).getBytes();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(
                    "'streams.largest-record' must be a size such as '900 kb', not '"
                            + text
                            + "'.");
        }
    }

    static void checkTopic(String option, String topic) {
        if (!TOPIC.matcher(topic).matches() || topic.equals(".") || topic.equals("..")) {
            throw new ConfigException(
                    "'"
                            + option
                            + "' must be 1 to 249 letters, digits, '.', '_' and '-', not '"
                            + topic
                            + "'.");
        }
    }

    /** Whether {@link #partitionBy} is the key. */
    public boolean isByKey() {
        return partitionBy == PartitionBy.KEY;
    }

    public StreamPath path() {
        return StreamPath.parse(stream);
    }
}

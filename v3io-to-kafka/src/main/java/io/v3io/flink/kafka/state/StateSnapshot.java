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

package io.v3io.flink.kafka.state;

import io.v3io.flink.kafka.topic.PartitionEnd;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The state at one moment. */
public final class StateSnapshot {

    /** A later version may write more. */
    private static final ObjectMapper JSON =
            new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Map<String, byte[]> values;

    StateSnapshot(Map<String, byte[]> values) {
        this.values = values;
    }

    /** The state before there is any. */
    public static StateSnapshot empty() {
        return new StateSnapshot(Map.of());
    }

    /** Returns what a key has; empty if it has nothing. */
    public <T> Optional<T> get(String key, Class<T> type) {
        byte[] value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(value, type));
        } catch (IOException e) {
            throw new KafkaException(
                    "The state under " + key + " cannot be read: " + new String(value, UTF_8), e);
        }
    }

    /**
     * The last record of its shard that was copied into a partition; empty for none, and if the
     * partition ends with something else. What Kafka's retention has removed from the partition was
     * copied all the same.
     *
     * @param stream {@code container/path}
     * @param end what the partition ends with; null if there is no such partition
     */
    public Optional<Position> copied(
            String stream, TopicPartition partition, @Nullable PartitionEnd end) {
        if (end == null) {
            return Optional.empty();
        }
        if (end.isEmptied()) {
            return get(StateKeys.position(partition), Position.class);
        }
        return end.origin()
                .filter(
                        origin ->
                                origin.stream().equals(stream)
                                        && origin.shard() == partition.partition())
                .map(origin -> new Position(origin.sequenceNumber(), origin.arrivalTimeNanos()));
    }

    /**
     * The last record of a shard that was copied into a topic in which keys decide on partitions.
     * Only the state knows it.
     *
     * @param shard topic and shard
     */
    public Optional<Position> copiedByKey(TopicPartition shard) {
        return get(StateKeys.position(shard), Position.class);
    }

    /** The shards of which something was copied into a topic. */
    public Set<Integer> shards(String topic) {
        String prefix = StateKeys.positions(topic);
        return values.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> Integer.valueOf(key.substring(prefix.length())))
                .collect(Collectors.toSet());
    }

    static byte[] encode(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

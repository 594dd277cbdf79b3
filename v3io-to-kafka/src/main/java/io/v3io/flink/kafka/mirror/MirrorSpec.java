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

package io.v3io.flink.kafka.mirror;

import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.state.KeyedTopic;

import org.apache.kafka.common.TopicPartition;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * What a run of a mirror is told.
 *
 * @param config the configuration
 * @param runId drawn for this run
 * @param starts number of the first record to read of each shard that was copied before, or of
 *     which something is known to be lost
 * @param keyed the topics in which keys decide on partitions, by their names
 */
record MirrorSpec(
        MigrationConfig config,
        String runId,
        Map<TopicPartition, Long> starts,
        Map<String, KeyedTopic> keyed)
        implements Serializable {

    MirrorSpec {
        starts = new HashMap<>(starts);
        keyed = new HashMap<>(keyed);
    }

    /** How a stream's records become those of its topic. */
    RecordFormat format(StreamMapping mapping) {
        KeyedTopic topic = keyed.get(mapping.topic());
        return new RecordFormat(mapping, topic == null ? 0 : topic.partitions());
    }
}

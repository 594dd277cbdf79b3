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

package io.v3io.flink.kafka.plan;

import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.stream.StreamFacts;
import io.v3io.flink.kafka.topic.TopicFacts;

import java.util.Map;

/**
 * What a mirror would do with one stream.
 *
 * @param mapping what the configuration says
 * @param stream what the stream is like
 * @param topic what the topic is like
 * @param partitions how many the topic will have
 * @param settings of the topic, if it has to be made
 * @param copied number of the last record of each shard that was copied before, by its id
 * @param starts number of the first record to read of each shard that was copied before
 */
public record StreamPlan(
        StreamMapping mapping,
        StreamFacts stream,
        TopicFacts topic,
        int partitions,
        Map<String, String> settings,
        Map<Integer, Long> copied,
        Map<Integer, Long> starts) {}

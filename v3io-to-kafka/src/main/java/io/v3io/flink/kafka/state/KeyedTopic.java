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

import java.io.Serializable;

/**
 * A topic in which keys decide on partitions, as it was when its mirror began. With another number
 * of partitions keys would move.
 *
 * @param id Kafka's id of the topic; one that is made again has another
 * @param partitions how many it has
 */
public record KeyedTopic(String id, int partitions) implements Serializable {}

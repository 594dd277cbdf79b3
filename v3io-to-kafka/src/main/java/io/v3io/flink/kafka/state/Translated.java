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

import java.util.SortedMap;

/**
 * The positions of a consumer group that were translated.
 *
 * @param kafkaGroup name of the group on Kafka
 * @param time when it was done, as ISO 8601
 * @param offsets what was committed, by partition
 */
public record Translated(String kafkaGroup, String time, SortedMap<Integer, Long> offsets) {}

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

import org.apache.kafka.common.TopicPartition;

/** The keys of the state topic. */
public final class StateKeys {

    private StateKeys() {}

    /** Key of a {@link Run}. */
    public static String run(String mirror) {
        return "run/" + mirror;
    }

    /** Key of a {@link TopicOwner}. */
    public static String topic(String topic) {
        return "topic/" + topic;
    }

    /** Key of a {@link Position}. */
    public static String position(TopicPartition partition) {
        return positions(partition.topic()) + partition.partition();
    }

    /** What the keys of all {@link Position}s of a topic begin with; the shard follows. */
    static String positions(String topic) {
        return "position/" + topic + "/";
    }

    /** Key of a {@link Verified}. */
    public static String verified(TopicPartition partition) {
        return "verified/" + partition.topic() + "/" + partition.partition();
    }

    /** Key of a {@link Translated}. */
    public static String translated(String topic, String group) {
        return "translated/" + topic + "/" + group;
    }
}

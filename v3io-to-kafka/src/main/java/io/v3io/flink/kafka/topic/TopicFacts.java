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

package io.v3io.flink.kafka.topic;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.acl.AclOperation;

import java.util.Map;
import java.util.Set;

/**
 * What a topic is like at one moment.
 *
 * @param name its name
 * @param id Kafka's id of it
 * @param partitions how many it has; 0 if there is no such topic
 * @param config its settings
 * @param allowed what this user may do with it
 * @param ends what its partitions end with, by their ids; empty if this user may not read it
 */
public record TopicFacts(
        String name,
        String id,
        int partitions,
        Map<String, String> config,
        Set<AclOperation> allowed,
        Map<Integer, PartitionEnd> ends) {

    /** A topic that is not there. */
    static TopicFacts absent(String name) {
        return new TopicFacts(name, "", 0, Map.of(), Set.of(), Map.of());
    }

    /**
     * What its partitions end with, by their ids.
     *
     * @throws KafkaException if this user may not read the topic, so that nobody knows
     */
    @Override
    public Map<Integer, PartitionEnd> ends() {
        if (exists() && !isReadable()) {
            throw new KafkaException(
                    "This user may not read topic "
                            + name
                            + ", so it is not known how far it goes. Grant READ on it (kafka-acls.sh --add).");
        }
        return ends;
    }

    /** Whether this user may read it. */
    public boolean isReadable() {
        return allowed.contains(AclOperation.READ);
    }

    /** Whether there is such a topic. */
    public boolean exists() {
        return partitions > 0;
    }

    /** A setting that is a number. */
    public long number(String setting, long otherwise) {
        String value = config.get(setting);
        return value == null ? otherwise : Long.parseLong(value);
    }
}

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

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/** Looks at topics, without a trace in them. */
public final class TopicSurvey {

    private final Admin admin;
    private final Consumer<byte[], byte[]> consumer;

    /**
     * A survey by these clients.
     *
     * @param consumer of committed records
     */
    public TopicSurvey(Admin admin, Consumer<byte[], byte[]> consumer) {
        this.admin = admin;
        this.consumer = consumer;
    }

    /** What a topic is like. */
    public TopicFacts look(String topic) throws InterruptedException {
        TopicDescription description;
        try {
            description =
                    KafkaAccess.get(
                            admin.describeTopics(
                                            List.of(topic),
                                            new DescribeTopicsOptions()
                                                    .includeAuthorizedOperations(true))
                                    .topicNameValues()
                                    .get(topic));
        } catch (UnknownTopicOrPartitionException e) {
            return TopicFacts.absent(topic);
        }
        int partitions = description.partitions().size();
        Set<AclOperation> allowed = description.authorizedOperations();
        return new TopicFacts(
                topic,
                description.topicId().toString(),
                partitions,
                config(topic),
                allowed == null ? Set.of() : allowed,
                allowed == null || !allowed.contains(AclOperation.READ)
                        ? Map.of()
                        : ends(topic, partitions));
    }

    private Map<String, String> config(String topic) throws InterruptedException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        Map<String, String> config = new HashMap<>();
        for (ConfigEntry entry :
                KafkaAccess.get(admin.describeConfigs(List.of(resource)).values().get(resource))
                        .entries()) {
            config.put(entry.name(), entry.value());
        }
        return config;
    }

    /** What the partitions of a topic end with, by their ids. */
    public Map<Integer, PartitionEnd> ends(String topic, int partitions) {
        Map<Integer, PartitionEnd> ends = new HashMap<>();
        PartitionEnds.read(
                        consumer,
                        IntStream.range(0, partitions)
                                .mapToObj(partition -> new TopicPartition(topic, partition))
                                .toList())
                .forEach((partition, end) -> ends.put(partition.partition(), end));
        return ends;
    }

    /** Whether this user may make topics. */
    public boolean mayCreate() throws InterruptedException {
        Set<AclOperation> allowed =
                KafkaAccess.get(
                        admin.describeCluster(
                                        new DescribeClusterOptions()
                                                .includeAuthorizedOperations(true))
                                .authorizedOperations());
        return allowed != null && allowed.contains(AclOperation.CREATE);
    }

    /** How many brokers there are. */
    public int brokers() throws InterruptedException {
        return KafkaAccess.get(admin.describeCluster().nodes()).size();
    }
}

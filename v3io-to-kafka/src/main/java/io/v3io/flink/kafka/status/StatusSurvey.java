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

package io.v3io.flink.kafka.status;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.plan.Refusal;
import io.v3io.flink.kafka.plan.RefusedException;
import io.v3io.flink.kafka.plan.TopicOwnership;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.stream.GroupPositions;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.topic.TopicSurvey;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/** Looks at how far mirrors are; keeps its connections until it is closed. Not thread-safe. */
public final class StatusSurvey implements AutoCloseable {

    private final MigrationConfig config;
    private final V3ioClient client;
    private final Admin admin;
    private final Consumer<byte[], byte[]> consumer;
    private final StateTopic state;

    /** For the streams of a configuration. */
    public StatusSurvey(MigrationConfig config) {
        this.config = config;
        KafkaAccess access = new KafkaAccess(config.kafka());
        client = config.v3io().client();
        admin = access.admin();
        consumer = access.committedRecords();
        state = new StateTopic(access);
    }

    /**
     * How far each shard is.
     *
     * @param whole whether consumer groups are looked at, too, and the last copied record of each
     *     shard is compared with the one that has its number now
     * @throws RefusedException if a topic is not the copy of its stream that this mirror has made
     */
    public List<ShardStatus> look(boolean whole) throws InterruptedException {
        StateSnapshot snapshot = state.read();
        List<ShardStatus> all = new ArrayList<>();
        for (StreamMapping mapping : config.streams()) {
            // The topic first: what is copied is then never more than what is there.
            TopicFacts topic = new TopicSurvey(admin, consumer).look(mapping.topic());
            List<Refusal> refusals =
                    TopicOwnership.check(config.mirror(), mapping, topic, snapshot);
            if (!refusals.isEmpty()) {
                throw new RefusedException(refusals);
            }
            CopiedShards copied = new CopiedShards(mapping, snapshot, topic);
            StreamSurvey streams = new StreamSurvey(client);
            int shardCount = streams.shardCount(mapping.path());
            SortedMap<ShardId, Long> newest = streams.newest(mapping.path());
            Map<String, Map<Integer, OptionalLong>> groups = new TreeMap<>();
            if (whole) {
                for (String group : mapping.groups().keySet()) {
                    groups.put(
                            group,
                            new GroupPositions(client).of(mapping.path(), shardCount, group));
                }
            }
            SortedMap<Integer, String> createdAgain =
                    copied.createdAgain(whole ? client : null, shardCount, newest);
            int last =
                    createdAgain.isEmpty()
                            ? shardCount
                            : Math.max(shardCount, createdAgain.lastKey() + 1);
            for (int shard = 0; shard < last; shard++) {
                if (shard >= shardCount && !createdAgain.containsKey(shard)) {
                    continue;
                }
                TopicPartition partition = new TopicPartition(mapping.topic(), shard);
                Map<String, OptionalLong> ofShard = new TreeMap<>();
                for (Map.Entry<String, Map<Integer, OptionalLong>> group : groups.entrySet()) {
                    ofShard.put(
                            group.getKey(),
                            group.getValue().getOrDefault(shard, OptionalLong.empty()));
                }
                all.add(
                        new ShardStatus(
                                mapping.stream(),
                                mapping.topic(),
                                shard,
                                newest.getOrDefault(mapping.path().shard(shard), 0L),
                                copied.copied(shard),
                                snapshot.get(StateKeys.verified(partition), Verified.class)
                                        .map(Verified::sequenceNumber)
                                        .orElse(0L),
                                ofShard,
                                createdAgain.get(shard)));
            }
        }
        return all;
    }

    @Override
    public void close() {
        consumer.close();
        admin.close();
        client.close();
    }
}

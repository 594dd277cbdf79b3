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

package io.v3io.flink.kafka.verify;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.plan.Refusal;
import io.v3io.flink.kafka.plan.RefusedException;
import io.v3io.flink.kafka.plan.TopicOwnership;
import io.v3io.flink.kafka.plan.TopicRules;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.SettledEnds;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.topic.TopicSurvey;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Compares streams with their topics: of Kafka only what is committed. Takes down how far it has
 * come, and goes on from there the next time.
 */
public final class Verifier {

    private final MigrationConfig config;
    private final KafkaAccess access;
    private final StateTopic state;

    /** Compares the streams of a configuration; connects to nothing yet. */
    public Verifier(MigrationConfig config) {
        this.config = config;
        access = new KafkaAccess(config.kafka());
        state = new StateTopic(access);
    }

    /**
     * Compares what is committed now.
     *
     * @param complete whether the partition must have all that the shard has now
     * @param fromStart whether it begins with the first record instead of where it was
     * @throws RefusedException if a topic is not the copy of its stream, or cannot stay it
     */
    public List<ShardResult> verify(boolean complete, boolean fromStart)
            throws InterruptedException {
        StateSnapshot snapshot = state.read();
        List<ShardResult> results = new ArrayList<>();
        try (V3ioClient client = config.v3io().client();
                Admin admin = access.admin();
                Consumer<byte[], byte[]> consumer = access.committedRecords()) {
            for (StreamMapping mapping : config.streams()) {
                StreamSurvey survey = new StreamSurvey(client);
                // The stream first if all of it must be there: what comes later does not count.
                SortedMap<ShardId, Long> newest = survey.newest(mapping.path());
                int shards = survey.shardCount(mapping.path());
                TopicFacts topic = new TopicSurvey(admin, consumer).look(mapping.topic());
                String lost = lost(mapping, topic, snapshot, complete);
                CopiedShards copied = new CopiedShards(mapping, snapshot, topic);
                results.addAll(
                        new StreamVerification(
                                        client,
                                        state,
                                        mapping,
                                        topic,
                                        copies(consumer, mapping, topic, copied),
                                        copied,
                                        // And again: a mirror that runs goes on meanwhile.
                                        copied.createdAgain(client, true),
                                        fromStart ? StateSnapshot.empty() : snapshot,
                                        lost)
                                .verify(shards, newest, complete));
            }
        }
        return results;
    }

    /** That the topic is not the one that was copied into; null if it is. */
    @Nullable
    private String lost(
            StreamMapping mapping, TopicFacts topic, StateSnapshot snapshot, boolean complete) {
        List<Refusal> refusals =
                new ArrayList<>(TopicOwnership.check(config.mirror(), mapping, topic, snapshot));
        if (complete) {
            TopicRules.compaction(topic).ifPresent(refusals::add);
        }
        String lost =
                refusals.stream()
                        .filter(refusal -> refusal.code() == Refusal.Code.COPY_LOST)
                        .map(Refusal::message)
                        .findFirst()
                        .orElse(null);
        if (lost == null && !refusals.isEmpty()) {
            throw new RefusedException(refusals);
        }
        return lost;
    }

    private Copies copies(
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            TopicFacts topic,
            CopiedShards copied) {
        if (!mapping.isByKey()) {
            return new CopiesByShard(consumer, topic);
        }
        return new CopiesByKey(
                access,
                mapping,
                copied,
                new SettledEnds(
                        access,
                        topic.name(),
                        topic.partitions(),
                        config.job().transactionTimeout()));
    }
}

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
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.CopyReader;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.SettledEnds;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.topic.TopicSurvey;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * Compares streams with their topics: of Kafka only what is committed. Takes down how far it has
 * come, and goes on from there the next time.
 */
public final class Verifier {

    /** How often it takes down how far it has come. */
    private static final int RECORDS_BETWEEN_NOTES = 100_000;

    private final MigrationConfig config;
    private final KafkaAccess access;
    private final StateTopic state;

    /** For a configuration. */
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
                Copies copies = copies(consumer, mapping, topic, snapshot);
                int last = mapping.isByKey() ? shards : Math.max(shards, topic.partitions());
                for (int shard = 0; shard < last; shard++) {
                    results.add(
                            verify(
                                    client,
                                    mapping,
                                    shard,
                                    topic.partitions(),
                                    copies,
                                    newest.getOrDefault(mapping.path().shard(shard), 0L),
                                    snapshot,
                                    complete,
                                    fromStart));
                }
            }
        }
        return results;
    }

    private Copies copies(
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            TopicFacts topic,
            StateSnapshot snapshot) {
        if (!mapping.isByKey()) {
            return new CopiesByShard(consumer, topic, snapshot);
        }
        return new CopiesByKey(
                access,
                mapping,
                snapshot,
                new SettledEnds(
                        access,
                        topic.name(),
                        topic.partitions(),
                        config.job().transactionTimeout()));
    }

    private ShardResult verify(
            V3ioClient client,
            StreamMapping mapping,
            int shard,
            int partitions,
            Copies copies,
            long newest,
            StateSnapshot snapshot,
            boolean complete,
            boolean fromStart)
            throws InterruptedException {
        TopicPartition key = new TopicPartition(mapping.topic(), shard);
        Verified from =
                (fromStart ? StateSnapshot.empty() : snapshot)
                        .get(StateKeys.verified(key), Verified.class)
                        .orElse(new Verified(0, 0, 0, "", 0, 0, null));
        ShardId id = mapping.path().shard(shard);
        ShardReader reader = new ShardReader(client, id, from.sequenceNumber());
        ShardComparison comparison = new ShardComparison(mapping, partitions, shard, from, reader);
        Difference difference = copies.shorter(shard, from);
        if (difference == null) {
            try (CopyReader copy = copies.read(shard, from)) {
                difference = compare(key, copy, comparison);
            }
        }
        if (difference == null && complete) {
            difference = comparison.missingUpTo(newest);
        }
        Verified verified = comparison.verified();
        if (!verified.equals(from)) {
            state.write(StateKeys.verified(key), verified);
        }
        return new ShardResult(
                mapping.stream(),
                mapping.topic(),
                shard,
                verified,
                newest,
                copies.copied(shard),
                difference);
    }

    @Nullable
    private Difference compare(TopicPartition key, CopyReader copy, ShardComparison comparison)
            throws InterruptedException {
        int sinceNote = 0;
        for (ConsumerRecord<byte[], byte[]> record = copy.next();
                record != null;
                record = copy.next()) {
            Difference difference = comparison.compare(record);
            if (difference != null) {
                return difference;
            }
            if (++sinceNote == RECORDS_BETWEEN_NOTES) {
                state.write(StateKeys.verified(key), comparison.verified());
                sinceNote = 0;
            }
        }
        return null;
    }
}

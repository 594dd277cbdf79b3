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

package io.v3io.flink.kafka.translate;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.Translated;
import io.v3io.flink.kafka.stream.GroupMembers;
import io.v3io.flink.kafka.stream.GroupMembers.Group;
import io.v3io.flink.kafka.stream.GroupPositions;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.PartitionEnd;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.topic.TopicSurvey;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Turns what groups of V3IO have committed, the last record that they have processed, into offsets
 * of groups of Kafka, the first record that they have not. A number is taken as it is committed: of
 * Nuclio that is the last processed one less its acknowledgement window, whose records it would
 * process again on V3IO, too.
 */
public final class Translator {

    private final MigrationConfig config;
    private final KafkaAccess access;

    /** For a configuration. */
    public Translator(MigrationConfig config) {
        this.config = config;
        access = new KafkaAccess(config.kafka());
    }

    /**
     * Translates the groups of all streams.
     *
     * @param toEnd whether the end of the streams is translated, which must be copied, instead of
     *     what the groups have committed
     * @param commit whether offsets are committed; otherwise they are only computed
     * @param force whether they are also committed backwards, and for groups with members that live
     *     on V3IO
     */
    public List<GroupTranslation> translate(boolean toEnd, boolean commit, boolean force)
            throws InterruptedException {
        List<GroupTranslation> all = new ArrayList<>();
        try (V3ioClient client = config.v3io().client();
                Admin admin = access.admin();
                Consumer<byte[], byte[]> consumer = access.committedRecords()) {
            // Before their positions: what is committed by one that lives is out of date at once.
            Map<Group, Set<String>> alive = new GroupMembers(client).alive(groups());
            for (StreamMapping mapping : config.streams()) {
                for (Map.Entry<String, String> group : mapping.groups().entrySet()) {
                    Map<Integer, OptionalLong> committed =
                            toEnd ? ends(client, mapping) : committed(client, mapping, group);
                    // After the positions: what was processed by then and copied since is found.
                    // The state before the topic: all that it says is copied is there then.
                    StateSnapshot state = new StateTopic(access).read();
                    TopicFacts topic = new TopicSurvey(admin, consumer).look(mapping.topic());
                    GroupTranslation found;
                    try {
                        found =
                                translate(
                                        admin,
                                        consumer,
                                        mapping,
                                        group,
                                        committed,
                                        alive.getOrDefault(
                                                new Group(mapping.path(), group.getKey()),
                                                Set.of()),
                                        topic,
                                        state);
                    } catch (KafkaException e) {
                        found = failed(mapping, group, e);
                    }
                    if (commit
                            && found.errors().isEmpty()
                            && (force || found.refusals().isEmpty())) {
                        found = commit(admin, found);
                    }
                    all.add(found);
                }
            }
        }
        return all;
    }

    private List<Group> groups() {
        List<Group> groups = new ArrayList<>();
        for (StreamMapping mapping : config.streams()) {
            mapping.groups().keySet().forEach(name -> groups.add(new Group(mapping.path(), name)));
        }
        return groups;
    }

    private static Map<Integer, OptionalLong> committed(
            V3ioClient client, StreamMapping mapping, Map.Entry<String, String> group)
            throws InterruptedException {
        int shards = new StreamSurvey(client).shardCount(mapping.path());
        return new GroupPositions(client).of(mapping.path(), shards, group.getKey());
    }

    /** As if a group had processed everything. */
    private static Map<Integer, OptionalLong> ends(V3ioClient client, StreamMapping mapping)
            throws InterruptedException {
        StreamSurvey survey = new StreamSurvey(client);
        int shards = survey.shardCount(mapping.path());
        Map<ShardId, Long> newest = survey.newest(mapping.path());
        Map<Integer, OptionalLong> ends = new TreeMap<>();
        for (int shard = 0; shard < shards; shard++) {
            long end = newest.getOrDefault(mapping.path().shard(shard), 0L);
            ends.put(shard, end == 0 ? OptionalLong.empty() : OptionalLong.of(end));
        }
        return ends;
    }

    /** What was committed for other groups must still be told. */
    private static GroupTranslation failed(
            StreamMapping mapping, Map.Entry<String, String> group, KafkaException failure) {
        return new GroupTranslation(
                mapping.stream(),
                mapping.topic(),
                group.getKey(),
                group.getValue(),
                List.of(),
                List.of(),
                List.of(
                        "Group "
                                + group.getValue()
                                + " could not be looked at: "
                                + failure.getMessage()),
                false);
    }

    private GroupTranslation translate(
            Admin admin,
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            Map.Entry<String, String> group,
            Map<Integer, OptionalLong> committed,
            Set<String> alive,
            TopicFacts topic,
            StateSnapshot state)
            throws InterruptedException {
        List<String> refusals = new ArrayList<>();
        if (!alive.isEmpty()) {
            refusals.add(
                    "Group "
                            + group.getKey()
                            + " has members on V3IO that live ("
                            + String.join(", ", alive)
                            + "): what they process from now on would be processed again on Kafka. Stop them first.");
        }
        List<String> errors = new ArrayList<>();
        List<ShardTranslation> shards;
        Map<TopicPartition, OffsetAndMetadata> now = offsets(admin, group.getValue());
        if (isRunning(admin, group.getValue())) {
            errors.add(
                    "Group "
                            + group.getValue()
                            + " has members on Kafka, which takes no offsets for such a group. Stop them first.");
        }
        if (mapping.isByKey()) {
            shards =
                    new TranslationByKey(access, config, consumer, mapping)
                            .of(group.getValue(), committed, now, topic, state, refusals, errors);
        } else {
            shards = byShard(consumer, mapping, committed, now, topic, state, errors);
        }
        for (ShardTranslation shard : shards) {
            if (shard.now() != null && shard.now() > shard.offset()) {
                refusals.add(
                        "Group "
                                + group.getValue()
                                + " is at offset "
                                + shard.now()
                                + " of partition "
                                + new TopicPartition(mapping.topic(), shard.shard())
                                + " already; to go back to "
                                + shard.offset()
                                + " would make it process records again.");
            }
        }
        return new GroupTranslation(
                mapping.stream(),
                mapping.topic(),
                group.getKey(),
                group.getValue(),
                shards,
                refusals,
                errors,
                false);
    }

    private static List<ShardTranslation> byShard(
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            Map<Integer, OptionalLong> committed,
            Map<TopicPartition, OffsetAndMetadata> now,
            TopicFacts topic,
            StateSnapshot state,
            List<String> errors) {
        List<ShardTranslation> shards = new ArrayList<>();
        for (Map.Entry<Integer, OptionalLong> position : committed.entrySet()) {
            TopicPartition partition = new TopicPartition(mapping.topic(), position.getKey());
            PartitionEnd end = topic.ends().get(position.getKey());
            if (end == null && topic.exists() && position.getValue().orElse(0) == 0) {
                // The stream grew, and the shard has had no record yet.
                continue;
            }
            ShardTranslation shard =
                    translate(
                            consumer,
                            partition,
                            end,
                            state.copied(partition, end),
                            position.getValue().orElse(0),
                            offset(now, partition),
                            errors);
            if (shard != null) {
                shards.add(shard);
            }
        }
        return shards;
    }

    @Nullable
    static Long offset(Map<TopicPartition, OffsetAndMetadata> now, TopicPartition partition) {
        OffsetAndMetadata there = now.get(partition);
        return there == null ? null : there.offset();
    }

    static String notCopied(long committed, int shard, String copy, long copied) {
        return "Record "
                + committed
                + " of shard "
                + shard
                + " is not copied yet: "
                + copy
                + " ends with record "
                + copied
                + ". Let the mirror catch up first.";
    }

    @Nullable
    private static ShardTranslation translate(
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            @Nullable PartitionEnd end,
            long copied,
            long committed,
            @Nullable Long now,
            List<String> errors) {
        if (end == null) {
            errors.add(
                    "There is no partition "
                            + partition
                            + " for shard "
                            + partition.partition()
                            + ". Mirror the stream first.");
            return null;
        }
        if (committed == 0) {
            return new ShardTranslation(
                    partition.partition(),
                    0,
                    end.beginOffset(),
                    now,
                    "nothing committed: the oldest record");
        }
        if (committed > copied) {
            errors.add(
                    notCopied(committed, partition.partition(), "partition " + partition, copied));
            return null;
        }
        OffsetSearch search = new OffsetSearch(consumer, partition, end.endOffset());
        long after = search.after(committed, end.beginOffset());
        long offset = search.firstRecordFrom(after);
        boolean isOlder = after == end.beginOffset() && end.beginOffset() > 0 && committed < copied;
        return new ShardTranslation(
                partition.partition(),
                committed,
                offset,
                now,
                isOlder ? "older than what Kafka has kept: the oldest record" : null);
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(Admin admin, String group)
            throws InterruptedException {
        try {
            Map<TopicPartition, OffsetAndMetadata> found = new HashMap<>();
            KafkaAccess.get(
                            admin.listConsumerGroupOffsets(group)
                                    .partitionsToOffsetAndMetadata(group))
                    .forEach(
                            (partition, offset) -> {
                                if (offset != null) {
                                    found.put(partition, offset);
                                }
                            });
            return found;
        } catch (GroupIdNotFoundException e) {
            return Map.of();
        }
    }

    private static boolean isRunning(Admin admin, String group) throws InterruptedException {
        try {
            ConsumerGroupDescription description =
                    KafkaAccess.get(
                            admin.describeConsumerGroups(List.of(group))
                                    .describedGroups()
                                    .get(group));
            return !description.members().isEmpty();
        } catch (GroupIdNotFoundException e) {
            return false;
        }
    }

    private GroupTranslation commit(Admin admin, GroupTranslation group)
            throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        SortedMap<Integer, Long> noted = new TreeMap<>();
        for (ShardTranslation shard : group.shards()) {
            offsets.put(
                    new TopicPartition(group.topic(), shard.shard()),
                    new OffsetAndMetadata(shard.offset(), "v3io " + shard.committed()));
            noted.put(shard.shard(), shard.offset());
        }
        // One request: all partitions of the group, or none where Kafka refuses it.
        try {
            KafkaAccess.get(admin.alterConsumerGroupOffsets(group.kafkaGroup(), offsets).all());
        } catch (KafkaException e) {
            return group.withError(
                    "Kafka does not take the offsets of group "
                            + group.kafkaGroup()
                            + ": "
                            + e.getMessage());
        }
        try {
            new StateTopic(access)
                    .write(
                            StateKeys.translated(group.topic(), group.group()),
                            new Translated(group.kafkaGroup(), Instant.now().toString(), noted));
        } catch (KafkaException e) {
            return group.asCommitted()
                    .withError(
                            "The offsets of group "
                                    + group.kafkaGroup()
                                    + " are committed, but could not be noted in the state topic: "
                                    + e.getMessage());
        }
        return group.asCommitted();
    }
}

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
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.plan.TopicOwnership;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.Translated;
import io.v3io.flink.kafka.stream.GroupMembers;
import io.v3io.flink.kafka.stream.GroupMembers.Group;
import io.v3io.flink.kafka.stream.GroupPositions;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.topic.TopicSurvey;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

    /** Translates the groups of a configuration; connects to nothing yet. */
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
     * @param force whether they are also committed where there are refusals
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
                    GroupTranslation found =
                            found(client, admin, consumer, mapping, group, alive, toEnd);
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
            StreamMapping mapping, Map.Entry<String, String> group, RuntimeException failure) {
        return new GroupTranslation(
                mapping.stream(),
                mapping.topic(),
                group.getKey(),
                group.getValue(),
                List.of(),
                List.of(),
                List.of(),
                List.of(
                        "Group "
                                + group.getValue()
                                + " could not be looked at: "
                                + failure.getMessage()),
                false);
    }

    private GroupTranslation found(
            V3ioClient client,
            Admin admin,
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            Map.Entry<String, String> group,
            Map<Group, Set<String>> alive,
            boolean toEnd)
            throws InterruptedException {
        try {
            Map<Integer, OptionalLong> committed =
                    toEnd ? ends(client, mapping) : committed(client, mapping, group);
            // After the positions: what was processed by then and copied since is found.
            // The state before the topic: all that it says is copied is there then.
            StateSnapshot state = new StateTopic(access).read();
            TopicFacts topic = new TopicSurvey(admin, consumer).look(mapping.topic());
            List<String> refusals = new ArrayList<>();
            List<String> errors = new ArrayList<>();
            List<String> notes = new ArrayList<>();
            Set<String> living =
                    alive.getOrDefault(new Group(mapping.path(), group.getKey()), Set.of());
            if (!living.isEmpty()) {
                refusals.add(
                        "Group "
                                + group.getKey()
                                + " has members on V3IO that live ("
                                + String.join(", ", living)
                                + "): what they process from now on would be processed again on Kafka. Stop them first.");
            }
            Map<TopicPartition, OffsetAndMetadata> now = offsets(admin, group.getValue());
            if (isRunning(admin, group.getValue())) {
                errors.add(
                        "Group "
                                + group.getValue()
                                + " has members on Kafka, which takes no offsets for such a group. Stop them first.");
            }
            CopiedShards copied = new CopiedShards(mapping, state, topic);
            errors.addAll(notTheCopy(client, mapping, topic, state, copied));
            if (!toEnd) {
                notCopied(client, mapping, committed.keySet(), copied).ifPresent(notes::add);
            }
            List<ShardTranslation> shards = List.of();
            if (errors.isEmpty()) {
                shards =
                        mapping.isByKey()
                                ? new TranslationByKey(access, config, consumer, mapping)
                                        .of(
                                                group.getValue(),
                                                committed,
                                                now,
                                                topic,
                                                copied,
                                                notes,
                                                refusals,
                                                errors)
                                : new TranslationByShard(consumer, mapping, topic, copied)
                                        .of(committed, now, errors);
            }
            addBackwards(mapping, group.getValue(), shards, refusals);
            return new GroupTranslation(
                    mapping.stream(),
                    mapping.topic(),
                    group.getKey(),
                    group.getValue(),
                    shards,
                    notes,
                    refusals,
                    errors,
                    false);
        } catch (RuntimeException e) {
            return failed(mapping, group, e);
        }
    }

    /** Why the topic is not the copy of the stream as it is. */
    private List<String> notTheCopy(
            V3ioClient client,
            StreamMapping mapping,
            TopicFacts topic,
            StateSnapshot state,
            CopiedShards copied)
            throws InterruptedException {
        List<String> reasons = new ArrayList<>();
        TopicOwnership.check(config.mirror(), mapping, topic, state)
                .forEach(refusal -> reasons.add(refusal.message()));
        if (reasons.isEmpty()) {
            reasons.addAll(copied.createdAgain(client, true).values());
        }
        return reasons;
    }

    /** That there is more on V3IO than on Kafka, which is no fault while a mirror runs. */
    private static Optional<String> notCopied(
            V3ioClient client, StreamMapping mapping, Set<Integer> shards, CopiedShards copied)
            throws InterruptedException {
        Map<ShardId, Long> newest = new StreamSurvey(client).newest(mapping.path());
        long missing = 0;
        for (int shard : shards) {
            long there = newest.getOrDefault(mapping.path().shard(shard), 0L);
            missing += Math.max(0, there - copied.copied(shard));
        }
        return missing == 0
                ? Optional.empty()
                : Optional.of(
                        missing
                                + " records of stream "
                                + mapping.stream()
                                + " are not copied yet: readers on Kafka get them when the mirror has copied them.");
    }

    private static void addBackwards(
            StreamMapping mapping,
            String kafkaGroup,
            List<ShardTranslation> shards,
            List<String> refusals) {
        for (ShardTranslation shard : shards) {
            if (shard.now() != null && shard.now() > shard.offset()) {
                refusals.add(
                        "Group "
                                + kafkaGroup
                                + " is at offset "
                                + shard.now()
                                + " of partition "
                                + new TopicPartition(mapping.topic(), shard.shard())
                                + " already; to go back to "
                                + shard.offset()
                                + " would make it process records again.");
            }
        }
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
        } catch (RuntimeException e) {
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
        } catch (RuntimeException e) {
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

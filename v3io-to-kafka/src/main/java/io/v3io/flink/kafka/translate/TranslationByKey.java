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

import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.SettledEnds;
import io.v3io.flink.kafka.topic.TopicFacts;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Translates positions where keys decide on partitions: exact for a group that has processed
 * everything; any other one processes some records again, and leaves out none.
 */
final class TranslationByKey {

    private final KafkaAccess access;
    private final MigrationConfig config;
    private final Consumer<byte[], byte[]> consumer;
    private final StreamMapping mapping;

    TranslationByKey(
            KafkaAccess access,
            MigrationConfig config,
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping) {
        this.access = access;
        this.config = config;
        this.consumer = consumer;
        this.mapping = mapping;
    }

    /** The offsets of a group, by partition; adds what stands in the way. */
    List<ShardTranslation> of(
            String kafkaGroup,
            Map<Integer, OptionalLong> committed,
            Map<TopicPartition, OffsetAndMetadata> now,
            TopicFacts topic,
            CopiedShards copied,
            List<String> notes,
            List<String> refusals,
            List<String> errors) {
        if (!topic.exists()) {
            errors.add("There is no topic " + mapping.topic() + ". Mirror the stream first.");
            return List.of();
        }
        List<String> notCopied = notCopied(committed, copied);
        if (!notCopied.isEmpty()) {
            errors.addAll(notCopied);
            return List.of();
        }
        SettledEnds ends =
                new SettledEnds(
                        access,
                        mapping.topic(),
                        topic.partitions(),
                        config.job().transactionTimeout());
        KeyedSearch search = new KeyedSearch(consumer, mapping, ends, committed, copied);
        List<ShardTranslation> partitions = new ArrayList<>();
        long again = 0;
        for (TopicPartition partition : ends.partitions()) {
            KeyedSearch.Place place = search.find(partition);
            again += place.again();
            partitions.add(
                    new ShardTranslation(
                            partition.partition(),
                            0,
                            place.offset(),
                            Translator.offset(now, partition),
                            place.again() == 0
                                    ? "by key"
                                    : "by key: " + place.again() + " records again"));
        }
        if (again > 0) {
            refusals.add(
                    "Topic "
                            + mapping.topic()
                            + " is partitioned by key, so that positions in shards have no exact place in it: group "
                            + kafkaGroup
                            + " would process "
                            + again
                            + " records again, and leave out none. Let the group come to the end of the stream on V3IO.");
        }
        search.removed()
                .forEach(
                        (shard, removed) ->
                                addRemoved(
                                        kafkaGroup,
                                        shard,
                                        committed.get(shard).orElse(0),
                                        removed,
                                        notes,
                                        refusals));
        return partitions;
    }

    /** A group that has committed nothing begins with what there is, as on V3IO. */
    private void addRemoved(
            String kafkaGroup,
            int shard,
            long processed,
            long removed,
            List<String> notes,
            List<String> refusals) {
        if (processed == 0) {
            notes.add(
                    "Group "
                            + kafkaGroup
                            + " has committed nothing in shard "
                            + shard
                            + ": it begins with the oldest record that Kafka has kept in topic "
                            + mapping.topic()
                            + ".");
            return;
        }
        refusals.add(
                "Kafka's retention has removed up to "
                        + removed
                        + " records of shard "
                        + shard
                        + " from topic "
                        + mapping.topic()
                        + " that group "
                        + kafkaGroup
                        + " has not processed: they come after record "
                        + processed
                        + ", and it would never get them.");
    }

    private List<String> notCopied(Map<Integer, OptionalLong> committed, CopiedShards copied) {
        List<String> errors = new ArrayList<>();
        for (Map.Entry<Integer, OptionalLong> position : committed.entrySet()) {
            int shard = position.getKey();
            long processed = position.getValue().orElse(0);
            long here = copied.copied(shard);
            if (processed > here) {
                errors.add(
                        Translator.notCopied(
                                processed, shard, "the copy in topic " + mapping.topic(), here));
            }
        }
        return errors;
    }
}

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

import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.topic.PartitionEnd;
import io.v3io.flink.kafka.topic.TopicFacts;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Translates positions where shard i is partition i. */
final class TranslationByShard {

    private final Consumer<byte[], byte[]> consumer;
    private final StreamMapping mapping;
    private final TopicFacts topic;
    private final CopiedShards copied;

    TranslationByShard(
            Consumer<byte[], byte[]> consumer,
            StreamMapping mapping,
            TopicFacts topic,
            CopiedShards copied) {
        this.consumer = consumer;
        this.mapping = mapping;
        this.topic = topic;
        this.copied = copied;
    }

    /** The offsets of a group, by partition; adds what stands in the way. */
    List<ShardTranslation> of(
            Map<Integer, OptionalLong> committed,
            Map<TopicPartition, OffsetAndMetadata> now,
            List<String> errors) {
        List<ShardTranslation> shards = new ArrayList<>();
        for (Map.Entry<Integer, OptionalLong> position : committed.entrySet()) {
            TopicPartition partition = new TopicPartition(mapping.topic(), position.getKey());
            PartitionEnd end = topic.ends().get(position.getKey());
            long processed = position.getValue().orElse(0);
            if (end == null && topic.exists() && processed == 0) {
                // The stream grew, and the shard has had no record yet.
                continue;
            }
            ShardTranslation shard =
                    of(partition, end, processed, Translator.offset(now, partition), errors);
            if (shard != null) {
                shards.add(shard);
            }
        }
        for (int partition = committed.size(); partition < topic.partitions(); partition++) {
            // A consumer without a default needs an offset in every partition.
            shards.add(
                    new ShardTranslation(
                            partition,
                            0,
                            topic.ends().get(partition).beginOffset(),
                            Translator.offset(now, new TopicPartition(mapping.topic(), partition)),
                            "the stream has no such shard"));
        }
        return shards;
    }

    @Nullable
    private ShardTranslation of(
            TopicPartition partition,
            @Nullable PartitionEnd end,
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
                    end.beginOffset() == 0
                            ? "nothing committed: the oldest record"
                            : "nothing committed: the oldest record that Kafka has kept");
        }
        long here = copied.copied(partition.partition());
        if (committed > here) {
            errors.add(
                    Translator.notCopied(
                            committed, partition.partition(), "partition " + partition, here));
            return null;
        }
        OffsetSearch search =
                new OffsetSearch(consumer, mapping.stream(), partition, end.endOffset());
        long after = search.after(committed, end.beginOffset());
        long offset = search.firstRecordFrom(after);
        boolean isOlder = after == end.beginOffset() && end.beginOffset() > 0 && committed < here;
        return new ShardTranslation(
                partition.partition(),
                committed,
                offset,
                now,
                isOlder ? "older than what Kafka has kept: the oldest record" : null);
    }
}

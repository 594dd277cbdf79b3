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
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.CopiedShards;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.topic.CopyReader;
import io.v3io.flink.kafka.topic.PartitionEnd;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.verify.Difference.Kind;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/** The comparison of one stream with its topic. */
final class StreamVerification {

    /** How often it takes down how far it has come. */
    private static final int RECORDS_BETWEEN_NOTES = 100_000;

    private static final Verified NOTHING = new Verified(0, 0, 0, "", 0, 0, null);

    private final V3ioClient client;
    private final StateTopic state;
    private final StreamMapping mapping;
    private final TopicFacts topic;
    private final Copies copies;
    private final CopiedShards copied;
    private final SortedMap<Integer, String> createdAgain;
    private final StateSnapshot before;
    @Nullable private final String lost;

    /**
     * A comparison of what is there now.
     *
     * @param createdAgain the shards that are not those that were copied, and why
     * @param before where it goes on
     * @param lost that the topic is not the one that was copied into; null if it is
     */
    StreamVerification(
            V3ioClient client,
            StateTopic state,
            StreamMapping mapping,
            TopicFacts topic,
            Copies copies,
            CopiedShards copied,
            SortedMap<Integer, String> createdAgain,
            StateSnapshot before,
            @Nullable String lost) {
        this.client = client;
        this.state = state;
        this.mapping = mapping;
        this.topic = topic;
        this.copies = copies;
        this.copied = copied;
        this.createdAgain = createdAgain;
        this.before = before;
        this.lost = lost;
    }

    /**
     * Compares all shards.
     *
     * @param newest number of the newest record of each shard, read before the topic
     * @param complete whether all records up to there must be in the topic
     */
    List<ShardResult> verify(int shards, Map<ShardId, Long> newest, boolean complete)
            throws InterruptedException {
        List<ShardResult> results = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            results.add(
                    verify(shard, newest.getOrDefault(mapping.path().shard(shard), 0L), complete));
        }
        for (Map.Entry<Integer, String> gone : createdAgain.tailMap(shards).entrySet()) {
            results.add(
                    withoutShard(
                            gone.getKey(),
                            new Difference(Kind.CREATED_AGAIN, 0, 0, gone.getValue())));
        }
        if (!mapping.isByKey()) {
            for (int partition = shards; partition < topic.partitions(); partition++) {
                PartitionEnd end = topic.ends().get(partition);
                // What a mirror that runs has copied is of a shard that came meanwhile.
                if (copied.copied(partition) == 0 && (end.last() != null || end.isEmptied())) {
                    results.add(withoutShard(partition, foreign(partition, end, shards)));
                }
            }
        }
        return results;
    }

    private ShardResult withoutShard(int shard, Difference difference) {
        return result(shard, NOTHING, 0, difference);
    }

    private Difference foreign(int partition, PartitionEnd end, int shards) {
        return new Difference(
                Kind.EXTRA,
                0,
                end.beginOffset(),
                "Partition "
                        + new TopicPartition(mapping.topic(), partition)
                        + " has records, or has had some, and the stream has only "
                        + shards
                        + " shards.");
    }

    private ShardResult verify(int shard, long newest, boolean complete)
            throws InterruptedException {
        Verified from =
                before.get(
                                StateKeys.verified(new TopicPartition(mapping.topic(), shard)),
                                Verified.class)
                        .orElse(NOTHING);
        if (lost != null) {
            return result(
                    shard,
                    from,
                    newest,
                    new Difference(Kind.MISSING, from.sequenceNumber(), 0, lost));
        }
        ShardReader reader =
                new ShardReader(client, mapping.path().shard(shard), from.sequenceNumber());
        ShardComparison comparison =
                new ShardComparison(mapping, topic.partitions(), shard, from, reader);
        Difference difference = copies.shorter(shard, from);
        if (difference == null) {
            try (CopyReader copy = copies.read(shard, from)) {
                difference = compare(shard, copy, comparison);
            }
        }
        if (createdAgain.containsKey(shard)) {
            // Nothing is taken down: it would count for the stream that was.
            return result(shard, from, newest, createdAgain(shard, difference));
        }
        if (difference == null && complete) {
            difference = comparison.missingUpTo(newest, copied.known(shard));
        }
        Verified verified = comparison.verified();
        if (!verified.equals(from)) {
            note(shard, verified);
        }
        return result(shard, verified, newest, difference);
    }

    private Difference createdAgain(int shard, @Nullable Difference found) {
        String why = createdAgain.get(shard);
        return found == null
                ? new Difference(Kind.CREATED_AGAIN, 0, 0, why)
                : new Difference(
                        found.kind(),
                        found.sequenceNumber(),
                        found.offset(),
                        found.message() + " " + why);
    }

    private ShardResult result(
            int shard, Verified verified, long newest, @Nullable Difference difference) {
        return new ShardResult(
                mapping.stream(),
                mapping.topic(),
                shard,
                verified,
                newest,
                lost == null ? copied.copied(shard) : 0,
                difference);
    }

    private void note(int shard, Verified verified) throws InterruptedException {
        state.write(StateKeys.verified(new TopicPartition(mapping.topic(), shard)), verified);
    }

    @Nullable
    private Difference compare(int shard, CopyReader copy, ShardComparison comparison)
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
                if (!createdAgain.containsKey(shard)) {
                    note(shard, comparison.verified());
                }
                sinceNote = 0;
            }
        }
        return null;
    }
}

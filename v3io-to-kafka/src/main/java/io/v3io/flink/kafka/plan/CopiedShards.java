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

package io.v3io.flink.kafka.plan;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.state.Position;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.stream.Continuation;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.TopicFacts;

import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** How far the shards of a stream are copied, and whether they are still those that were. */
public final class CopiedShards {

    private final StreamMapping mapping;
    private final StateSnapshot state;
    private final TopicFacts topic;

    /** As a topic and the state have it. */
    public CopiedShards(StreamMapping mapping, StateSnapshot state, TopicFacts topic) {
        this.mapping = mapping;
        this.state = state;
        this.topic = topic;
    }

    /** Number of the last record of a shard that is copied; 0 for none. */
    public long copied(int shard) {
        return position(shard).map(Position::sequenceNumber).orElse(0L);
    }

    /**
     * The same as far as the state knows, too: more than {@link #copied} if the topic has lost
     * records.
     */
    public long known(int shard) {
        return Math.max(
                copied(shard),
                state.copiedByKey(new TopicPartition(mapping.topic(), shard))
                        .map(Position::sequenceNumber)
                        .orElse(0L));
    }

    private Optional<Position> position(int shard) {
        TopicPartition partition = new TopicPartition(mapping.topic(), shard);
        if (!mapping.isByKey()) {
            return state.copied(mapping.stream(), partition, topic.ends().get(shard));
        }
        return topic.exists() ? state.copiedByKey(partition) : Optional.empty();
    }

    /** The shards of which something is copied. */
    private SortedSet<Integer> shards() {
        SortedSet<Integer> shards = new TreeSet<>(state.shards(mapping.topic()));
        if (!mapping.isByKey()) {
            shards.addAll(topic.ends().keySet());
        }
        shards.removeIf(shard -> copied(shard) == 0);
        return shards;
    }

    /**
     * The shards that cannot be those that were copied, each with a sentence that says why: the
     * stream was deleted and created again. Looks at the stream, and so has to come after the topic
     * was looked at, or a mirror that runs would seem to be ahead of it.
     *
     * @param arrivals whether the last copied record is also compared with the one that has its
     *     number now, which takes requests for each shard
     */
    public SortedMap<Integer, String> createdAgain(V3ioClient client, boolean arrivals)
            throws InterruptedException {
        StreamSurvey survey = new StreamSurvey(client);
        return createdAgain(
                arrivals ? client : null,
                survey.shardCount(mapping.path()),
                survey.newest(mapping.path()));
    }

    /**
     * The same by what is known of the stream.
     *
     * @param client null if arrival times are not compared
     */
    public SortedMap<Integer, String> createdAgain(
            @Nullable V3ioClient client, int shardCount, Map<ShardId, Long> newest)
            throws InterruptedException {
        SortedMap<Integer, String> found = new TreeMap<>();
        SortedSet<Integer> shards = shards();
        for (int shard = 0; shard < shardCount; shard++) {
            if (verified(shard) > 0) {
                shards.add(shard);
            }
        }
        for (int shard : shards) {
            String why = why(client, shard, shardCount, newest);
            if (why != null) {
                found.put(shard, why);
            }
        }
        return found;
    }

    @Nullable
    private String why(
            @Nullable V3ioClient client, int number, int shardCount, Map<ShardId, Long> newest)
            throws InterruptedException {
        ShardId shard = mapping.path().shard(number);
        long last = Math.max(copied(number), verified(number));
        if (number >= shardCount) {
            return Continuation.gone(shard, last, shardCount);
        }
        long now = newest.getOrDefault(shard, 0L);
        if (now < last) {
            return Continuation.shrunk(shard, last, now);
        }
        Optional<Position> position = position(number);
        return client == null || position.isEmpty()
                ? null
                : Continuation.of(
                                client,
                                shard,
                                now,
                                position.get().sequenceNumber(),
                                position.get().arrivalTimeNanos())
                        .createdAgain();
    }

    private long verified(int shard) {
        return state.get(
                        StateKeys.verified(new TopicPartition(mapping.topic(), shard)),
                        Verified.class)
                .map(Verified::sequenceNumber)
                .orElse(0L);
    }
}

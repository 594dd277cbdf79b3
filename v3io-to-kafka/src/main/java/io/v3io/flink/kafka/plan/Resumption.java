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
import io.v3io.flink.kafka.config.JobSettings.OnLoss;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.Refusal.Code;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.state.Position;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.stream.Continuation;
import io.v3io.flink.kafka.stream.ShardFacts;
import io.v3io.flink.kafka.stream.StreamFacts;
import io.v3io.flink.kafka.topic.PartitionEnd;
import io.v3io.flink.kafka.topic.TopicFacts;

import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Where a mirror goes on with a stream that was copied in part. */
final class Resumption {

    private final V3ioClient client;
    private final StreamMapping mapping;
    private final OnLoss onLoss;
    private final StateSnapshot state;
    private final List<Refusal> refusals;
    private final Map<Integer, Long> copied = new TreeMap<>();
    private final Map<Integer, Long> starts = new HashMap<>();
    private final Map<Integer, Instant> arrivals = new HashMap<>();

    Resumption(
            V3ioClient client,
            StreamMapping mapping,
            OnLoss onLoss,
            StateSnapshot state,
            List<Refusal> refusals) {
        this.client = client;
        this.mapping = mapping;
        this.onLoss = onLoss;
        this.state = state;
        this.refusals = refusals;
    }

    Map<Integer, Long> copied() {
        return copied;
    }

    Map<Integer, Long> starts() {
        return starts;
    }

    /** How long ago the oldest record arrived that is not copied yet; zero without one. */
    Duration ageOfOldest(StreamFacts stream, Instant now) {
        return StreamFacts.age(
                stream.shards().stream()
                        .map(
                                shard ->
                                        copied.containsKey(shard.shard())
                                                ? arrivals.get(shard.shard())
                                                : shard.oldestArrival()),
                now);
    }

    void find(StreamFacts stream, TopicFacts topic) throws InterruptedException {
        if (mapping.isByKey()) {
            findByKey(stream, topic);
            return;
        }
        for (Map.Entry<Integer, PartitionEnd> end : topic.ends().entrySet()) {
            find(stream, end.getKey(), end.getValue());
        }
    }

    /** The state must know of all that the topic ends with; then it knows all. */
    private void findByKey(StreamFacts stream, TopicFacts topic) throws InterruptedException {
        for (Map.Entry<Integer, PartitionEnd> entry : topic.ends().entrySet()) {
            PartitionEnd end = entry.getValue();
            if (end.last() == null) {
                continue;
            }
            Origin origin = end.origin().orElse(null);
            if (origin == null
                    || !origin.stream().equals(mapping.stream())
                    || position(origin.shard())
                            .filter(known -> known.sequenceNumber() >= origin.sequenceNumber())
                            .isEmpty()) {
                refuse(
                        Code.FOREIGN_RECORDS,
                        "Partition "
                                + new TopicPartition(mapping.topic(), entry.getKey())
                                + " has a record, at offset "
                                + end.last().offset()
                                + ", that this mirror has not copied as far as the state topic knows. Choose a topic that"
                                + " nobody else writes to, or delete this one.");
                return;
            }
        }
        for (ShardFacts shard : stream.shards()) {
            Optional<Position> known = position(shard.shard());
            if (known.isPresent()) {
                copied.put(shard.shard(), known.get().sequenceNumber());
                start(stream, shard.shard(), known.get());
            }
        }
    }

    private Optional<Position> position(int shard) {
        return state.get(
                StateKeys.position(new TopicPartition(mapping.topic(), shard)), Position.class);
    }

    private void find(StreamFacts stream, int shard, PartitionEnd end) throws InterruptedException {
        TopicPartition partition = new TopicPartition(mapping.topic(), shard);
        Position known = position(shard).orElse(null);
        Position position;
        if (end.last() != null) {
            Origin origin = end.origin().orElse(null);
            if (origin == null
                    || !origin.stream().equals(mapping.stream())
                    || origin.shard() != shard) {
                refuse(
                        Code.FOREIGN_RECORDS,
                        "Partition "
                                + partition
                                + " has records that are no copies of shard "
                                + shard
                                + " of stream "
                                + mapping.stream()
                                + "; the last one is at offset "
                                + end.last().offset()
                                + ". Choose a topic that nobody else writes to, or delete this one.");
                return;
            }
            position = new Position(origin.sequenceNumber(), origin.arrivalTimeNanos());
        } else if (known == null) {
            if (end.isEmptied()) {
                refuse(
                        Code.FOREIGN_RECORDS,
                        "Partition "
                                + partition
                                + " has had records that the state topic knows nothing of. Choose another topic, or delete"
                                + " this one.");
            }
            return;
        } else {
            position = known;
        }
        if (known != null
                && (known.sequenceNumber() > position.sequenceNumber()
                        || (end.last() == null && !end.isEmptied()))) {
            refuse(
                    Code.COPY_LOST,
                    "Record "
                            + known.sequenceNumber()
                            + " was committed to partition "
                            + partition
                            + ", which does not have it any more, and retention has not removed it. The topic was deleted"
                            + " and made again, or a broker has lost records. Mirror into a new topic.");
            return;
        }
        copied.put(shard, position.sequenceNumber());
        start(stream, shard, position);
    }

    private void start(StreamFacts stream, int shard, Position position)
            throws InterruptedException {
        long last = position.sequenceNumber();
        long newest = shard < stream.shards().size() ? stream.shards().get(shard).newest() : 0;
        Continuation found =
                Continuation.of(
                        client,
                        mapping.path().shard(shard),
                        newest,
                        last,
                        position.arrivalTimeNanos());
        if (found.createdAgain() != null) {
            refuse(Code.STREAM_CREATED_AGAIN, found.createdAgain());
            return;
        }
        if (found.first() > last + 1 && onLoss == OnLoss.FAIL) {
            refuse(
                    Code.RECORDS_LOST,
                    "Shard "
                            + shard
                            + " of stream "
                            + mapping.stream()
                            + " was copied up to record "
                            + last
                            + ", and the oldest one that it still has is "
                            + found.first()
                            + ": retention has removed up to "
                            + (found.first() - last - 1)
                            + " records before they were copied. To go on without them, set 'job.on-data-loss: continue';"
                            + " verify then reports them.");
            return;
        }
        starts.put(shard, found.first());
        if (found.next() != null) {
            arrivals.put(shard, found.next().arrivalTime());
        }
    }

    private void refuse(Code code, String message) {
        refusals.add(new Refusal(code, mapping.topic(), message));
    }
}

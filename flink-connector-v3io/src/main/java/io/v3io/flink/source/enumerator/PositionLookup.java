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

package io.v3io.flink.source.enumerator;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks the platform what the positions of a job need to become concrete, and nothing else. Never
 * blocks; thread-safe.
 */
@Internal
final class PositionLookup {

    private static final Logger LOG = LoggerFactory.getLogger(PositionLookup.class);

    private final V3ioClient client;
    private final TimeSearch timeSearch;

    PositionLookup(V3ioClient client) {
        this.client = client;
        this.timeSearch = new TimeSearch(client);
    }

    /** All that the first splits of a stream need. */
    CompletableFuture<StreamShards> of(StreamPath stream, int shardCount, StreamReading reading) {
        List<ShardId> shards =
                IntStream.range(0, shardCount)
                        .filter(reading::reads)
                        .mapToObj(stream::shard)
                        .toList();
        CompletableFuture<Map<ShardId, Long>> committed = committed(shards, reading);
        return newest(stream, shards, reading)
                .thenCompose(
                        newest ->
                                firstNumbersPastStop(newest.orElse(Map.of()), reading)
                                        .thenCombine(
                                                committed,
                                                (stops, ofGroup) ->
                                                        new StreamShards(
                                                                stream,
                                                                shardCount,
                                                                newest.orNull(),
                                                                ofGroup,
                                                                stops)));
    }

    /** The newest numbers, if they are known. */
    private record Newest(@Nullable Map<ShardId, Long> orNull) {

        Map<ShardId, Long> orElse(Map<ShardId, Long> others) {
            return orNull == null ? others : orNull;
        }
    }

    private CompletableFuture<Newest> newest(
            StreamPath stream, List<ShardId> shards, StreamReading reading) {
        boolean isNeeded =
                reading.stoppingPosition() != null || dependsOnNewest(reading.startingPosition());
        if (!isNeeded && reading.startingPosition() instanceof StartingPosition.Timestamp) {
            return CompletableFuture.completedFuture(new Newest(null));
        }
        return client.newestSequenceNumbers(stream)
                .<Newest>thenApply(Newest::new)
                .exceptionallyCompose(
                        failure -> {
                            if (!isRefused(failure)) {
                                return CompletableFuture.failedFuture(failure);
                            }
                            if (isNeeded) {
                                return client.newestSequenceNumbers(shards).thenApply(Newest::new);
                            }
                            LOG.info(
                                    "The access key may not list stream {}, so it is not known which of its shards"
                                            + " have no record yet; each is read from its oldest record.",
                                    stream);
                            return CompletableFuture.completedFuture(new Newest(null));
                        });
    }

    /** Whether a start becomes concrete with the newest record. */
    private static boolean dependsOnNewest(StartingPosition position) {
        if (position instanceof StartingPosition.Committed group) {
            return dependsOnNewest(group.fallback());
        }
        if (position instanceof StartingPosition.SequenceNumbers numbers) {
            return dependsOnNewest(numbers.others());
        }
        return position instanceof StartingPosition.Latest;
    }

    private static boolean isRefused(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof V3ioException error
                && error.kind() == V3ioException.Kind.PERMISSION_DENIED;
    }

    private CompletableFuture<Map<ShardId, Long>> committed(
            List<ShardId> shards, StreamReading reading) {
        return reading.startingPosition() instanceof StartingPosition.Committed group
                ? committed(shards, group.consumerGroup())
                : CompletableFuture.completedFuture(Map.of());
    }

    private CompletableFuture<Map<ShardId, Long>> committed(List<ShardId> shards, String group) {
        return ofEach(shards, shard -> client.getCommittedSequenceNumber(shard, group));
    }

    private CompletableFuture<Map<ShardId, Long>> firstNumbersPastStop(
            Map<ShardId, Long> newest, StreamReading reading) {
        List<ShardId> born =
                newest.keySet().stream().filter(shard -> reading.reads(shard.number())).toList();
        if (reading.stoppingPosition() instanceof StoppingPosition.Timestamp stop) {
            return ofEach(born, shard -> timeSearch.firstNumberFrom(shard, stop.arrivalTime()));
        }
        if (reading.stoppingPosition() instanceof StoppingPosition.Committed group) {
            return committed(born, group.consumerGroup())
                    .thenApply(
                            ofGroup ->
                                    born.stream()
                                            .collect(
                                                    Collectors.toMap(
                                                            shard -> shard,
                                                            shard ->
                                                                    ofGroup.getOrDefault(shard, 0L)
                                                                            + 1)));
        }
        return CompletableFuture.completedFuture(Map.of());
    }

    private static CompletableFuture<Map<ShardId, Long>> ofEach(
            Collection<ShardId> shards, Function<ShardId, CompletableFuture<OptionalLong>> lookup) {
        Map<ShardId, Long> answers = new ConcurrentHashMap<>();
        CompletableFuture<?>[] pending =
                shards.stream()
                        .map(
                                shard ->
                                        lookup.apply(shard)
                                                .thenAccept(
                                                        number ->
                                                                number.ifPresent(
                                                                        value ->
                                                                                answers.put(
                                                                                        shard,
                                                                                        value))))
                        .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(pending).thenApply(done -> answers);
    }
}

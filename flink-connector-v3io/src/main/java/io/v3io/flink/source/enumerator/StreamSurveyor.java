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
import io.v3io.client.model.Location;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Asks the platform what the positions of a job need to become concrete, for all shards of a stream
 * at once; the client bounds how many requests are really in flight. Never blocks; thread-safe.
 */
@Internal
final class StreamSurveyor {

    private static final int RECORDS_PER_LOOK = 100;

    private final V3ioClient client;
    private final StartingPosition startingPosition;
    @Nullable private final StoppingPosition stoppingPosition;

    StreamSurveyor(
            V3ioClient client,
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition) {
        this.client = client;
        this.startingPosition = startingPosition;
        this.stoppingPosition = stoppingPosition;
    }

    /** Only the shard count. */
    CompletableFuture<StreamSurvey> count(StreamPath stream) {
        return client.describeStream(stream)
                .thenApply(description -> StreamSurvey.ofCount(stream, description.shardCount()));
    }

    /** All that the first splits of a stream need. */
    CompletableFuture<StreamSurvey> survey(StreamPath stream) {
        // The listing comes after the count: a shard that is born between the two is seen in the
        // listing or, as one
        // without records, read from its first one.
        return client.describeStream(stream)
                .thenCompose(
                        description ->
                                client.newestSequenceNumbers(stream)
                                        .thenCompose(
                                                newest ->
                                                        survey(
                                                                stream,
                                                                description.shardCount(),
                                                                newest)));
    }

    private CompletableFuture<StreamSurvey> survey(
            StreamPath stream, int shardCount, Map<ShardId, Long> newest) {
        CompletableFuture<Map<ShardId, Long>> committed = committed(stream, shardCount);
        CompletableFuture<Map<ShardId, Long>> pastStop = firstNumbersPastStop(newest.keySet());
        return committed.thenCombine(
                pastStop,
                (committedNumbers, stops) ->
                        new StreamSurvey(stream, shardCount, newest, committedNumbers, stops));
    }

    private CompletableFuture<Map<ShardId, Long>> committed(StreamPath stream, int shardCount) {
        if (startingPosition instanceof StartingPosition.Committed group) {
            return ofEach(
                    IntStream.range(0, shardCount).mapToObj(stream::shard).toList(),
                    shard -> client.getCommittedSequenceNumber(shard, group.consumerGroup()));
        }
        return CompletableFuture.completedFuture(Map.of());
    }

    private CompletableFuture<Map<ShardId, Long>> firstNumbersPastStop(Collection<ShardId> born) {
        if (stoppingPosition instanceof StoppingPosition.Timestamp stop) {
            return ofEach(
                    born,
                    shard ->
                            client.seek(shard, SeekPosition.time(stop.arrivalTime()))
                                    .thenCompose(
                                            location ->
                                                    firstNumberFrom(
                                                            shard, location, stop.arrivalTime())));
        }
        return CompletableFuture.completedFuture(Map.of());
    }

    /**
     * A seek by time may point a little before the time: looks on until a record at or after it, or
     * the end.
     */
    private CompletableFuture<OptionalLong> firstNumberFrom(
            ShardId shard, Location location, Instant time) {
        return client.getRecords(shard, location, RECORDS_PER_LOOK)
                .thenCompose(
                        batch -> {
                            OptionalLong found =
                                    batch.records().stream()
                                            .filter(record -> !record.arrivalTime().isBefore(time))
                                            .mapToLong(StreamRecord::sequenceNumber)
                                            .findFirst();
                            return found.isPresent() || batch.recordsBehindLatest() == 0
                                    ? CompletableFuture.completedFuture(found)
                                    : firstNumberFrom(shard, batch.nextLocation(), time);
                        });
    }

    private static CompletableFuture<Map<ShardId, Long>> ofEach(
            Collection<ShardId> shards,
            Function<ShardId, CompletableFuture<OptionalLong>> question) {
        Map<ShardId, Long> answers = new ConcurrentHashMap<>();
        List<CompletableFuture<Void>> pending =
                shards.stream()
                        .map(
                                shard ->
                                        question.apply(shard)
                                                .thenAccept(
                                                        number ->
                                                                number.ifPresent(
                                                                        value ->
                                                                                answers.put(
                                                                                        shard,
                                                                                        value))))
                        .toList();
        return CompletableFuture.allOf(pending.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> answers);
    }
}

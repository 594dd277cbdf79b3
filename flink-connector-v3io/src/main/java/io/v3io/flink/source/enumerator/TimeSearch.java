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

import io.v3io.client.AnswerAdmission;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Finds the first record of a shard that arrived at a time or later. It asks for one record at a
 * time, of few shards at a time, since whole records come for one number, and the JobManager, in
 * which this runs, may have little memory. Never blocks; thread-safe.
 */
@Internal
final class TimeSearch {

    static final int REQUESTS_UNDER_WAY = 8;

    /** More than an answer with the largest record that the platform takes has, in base64. */
    static final int MAX_ANSWER_BYTES = 4 * 1024 * 1024;

    /** Where retention removes records all the time, a location may die before it is used. */
    private static final int MAX_DEATHS = 20;

    private static final AnswerAdmission ONE_RECORD = bytes -> bytes <= MAX_ANSWER_BYTES;

    private final V3ioClient client;
    private final RequestLimit limit = new RequestLimit(REQUESTS_UNDER_WAY);

    TimeSearch(V3ioClient client) {
        this.client = client;
    }

    /** Number of the first record at or after a time; empty if there is none. */
    CompletableFuture<OptionalLong> firstNumberFrom(ShardId shard, Instant time) {
        return limit.run(() -> seek(shard, time, 0));
    }

    private CompletableFuture<OptionalLong> seek(ShardId shard, Instant time, int deaths) {
        return client.seek(shard, SeekPosition.time(time))
                .thenCompose(location -> read(shard, location, time, deaths));
    }

    private CompletableFuture<OptionalLong> read(
            ShardId shard, Location location, Instant time, int deaths) {
        return client.getRecords(shard, location, 1, ONE_RECORD)
                .thenApply(Optional::of)
                .exceptionallyCompose(
                        failure ->
                                hasLocationDied(failure)
                                        ? CompletableFuture.completedFuture(Optional.empty())
                                        : CompletableFuture.failedFuture(failure))
                .thenCompose(
                        batch ->
                                batch.isPresent()
                                        ? judge(shard, batch.get(), time, deaths)
                                        : seekAgain(shard, time, deaths + 1));
    }

    /** A seek by time may point a little before the time. */
    private CompletableFuture<OptionalLong> judge(
            ShardId shard, RecordBatch batch, Instant time, int deaths) {
        OptionalLong found =
                batch.records().stream()
                        .filter(record -> !record.arrivalTime().isBefore(time))
                        .mapToLong(StreamRecord::sequenceNumber)
                        .findFirst();
        return found.isPresent() || batch.recordsBehindLatest() == 0
                ? CompletableFuture.completedFuture(found)
                : read(shard, batch.nextLocation(), time, deaths);
    }

    private static boolean hasLocationDied(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof V3ioException error
                && error.kind() == V3ioException.Kind.ILLEGAL_LOCATION;
    }

    private CompletableFuture<OptionalLong> seekAgain(ShardId shard, Instant time, int deaths) {
        return deaths < MAX_DEATHS
                ? seek(shard, time, deaths)
                : CompletableFuture.failedFuture(
                        new FlinkRuntimeException(
                                "The first record of shard "
                                        + shard
                                        + " that arrived at the stopping position's time, "
                                        + time
                                        + ", could not be read: retention removed it "
                                        + deaths
                                        + " times while it was looked for. Choose a later time."));
    }
}

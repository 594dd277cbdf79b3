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

package io.v3io.flink.source.reader;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What a search in one shard asks the platform. Judges nothing. Never blocks; thread-safe. */
@Internal
final class ShardLookup {

    /** Answers with which a server may refuse a position; which one it uses is not published. */
    private static final Set<V3ioException.Kind> REFUSALS =
            Set.of(
                    V3ioException.Kind.INVALID_ARGUMENT,
                    V3ioException.Kind.NOT_FOUND,
                    V3ioException.Kind.ILLEGAL_LOCATION,
                    V3ioException.Kind.UNEXPECTED);

    /** Answers of a platform, or to a key, that does not tell one shard's newest number. */
    private static final Set<V3ioException.Kind> UNTOLD =
            Set.of(
                    V3ioException.Kind.INVALID_ARGUMENT,
                    V3ioException.Kind.PERMISSION_DENIED,
                    V3ioException.Kind.UNEXPECTED);

    private static final Set<V3ioException.Kind> NOT_THERE = Set.of(V3ioException.Kind.NOT_FOUND);

    private final V3ioClient client;
    private final ShardId shard;

    ShardLookup(V3ioClient client, ShardId shard) {
        this.client = client;
        this.shard = shard;
    }

    ShardId shard() {
        return shard;
    }

    CompletableFuture<Location> seek(SeekPosition to) {
        return client.seek(shard, to);
    }

    /** How long the shard's stream keeps records. */
    CompletableFuture<Duration> retention() {
        return client.describeStream(shard.stream())
                .thenApply(stream -> Duration.ofHours(stream.retentionHours()));
    }

    /**
     * The newest number of the shard, from its own attributes or, where these do not tell it, from
     * a listing; 0 if the shard, or its whole stream, is not there.
     */
    CompletableFuture<Long> newest() {
        CompletableFuture<Long> own =
                client.newestSequenceNumber(shard).thenApply(newest -> newest.orElse(0));
        CompletableFuture<Long> any =
                onKinds(
                        own,
                        UNTOLD,
                        () ->
                                client.newestSequenceNumbers(shard.stream())
                                        .thenApply(newest -> newest.getOrDefault(shard, 0L)));
        return orElseIfNotThere(any, () -> CompletableFuture.completedFuture(0L));
    }

    /** The answer with the first record at a location; empty at the end of the shard. */
    CompletableFuture<Optional<RecordBatch>> firstAt(Location from) {
        return client.getRecords(shard, from, 1)
                .thenCompose(
                        batch -> {
                            if (!batch.records().isEmpty()) {
                                return CompletableFuture.completedFuture(Optional.of(batch));
                            }
                            // An empty answer says nothing while the shard has more (GetRecords
                            // page).
                            return batch.recordsBehindLatest() > 0
                                    ? firstAt(batch.nextLocation())
                                    : CompletableFuture.completedFuture(Optional.empty());
                        });
    }

    /**
     * Takes the alternative when the server refuses a position. Every refusal counts; one that has
     * another reason comes again from the requests of the alternative.
     */
    static CompletableFuture<FoundLocation> orElse(
            CompletableFuture<FoundLocation> location, Alternative<FoundLocation> alternative) {
        return onKinds(location, REFUSALS, alternative);
    }

    /** Takes the alternative when the shard, or its whole stream, is not there. */
    static <T> CompletableFuture<T> orElseIfNotThere(
            CompletableFuture<T> answer, Alternative<T> alternative) {
        return onKinds(answer, NOT_THERE, alternative);
    }

    private static <T> CompletableFuture<T> onKinds(
            CompletableFuture<T> answer,
            Set<V3ioException.Kind> kinds,
            Alternative<T> alternative) {
        return answer.exceptionallyCompose(
                failure -> {
                    Throwable cause =
                            failure instanceof CompletionException ? failure.getCause() : failure;
                    return cause instanceof V3ioException error && kinds.contains(error.kind())
                            ? alternative.ask()
                            : CompletableFuture.failedFuture(failure);
                });
    }

    /** Another question, asked only if the first one is refused. */
    interface Alternative<T> {
        CompletableFuture<T> ask();
    }

    /** A shard of which records are known is not there. */
    static final class ShardGoneException extends FlinkRuntimeException {
        private static final long serialVersionUID = 1L;

        private ShardGoneException(String message) {
            super(message);
        }
    }

    /** The failure of a search that has found out that the shard, or its stream, was deleted. */
    ShardGoneException deleted() {
        return new ShardGoneException(
                "Shard "
                        + shard
                        + " does not exist any more, although this job knows records of it: the stream was deleted. Create"
                        + " it again and start the job without its state.");
    }
}

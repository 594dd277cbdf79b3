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
import io.v3io.client.model.ShardId;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Finds the location from which a shard is to be read, without ever passing over a record: after a
 * known sequence number it points to that record or before the next one, and if the platform has
 * neither, the future fails, or tells what the user chose to give up. Never blocks; thread-safe.
 *
 * <p>A resume seeks to the last record that was taken, which existed, and {@link ShardProgress}
 * drops it. It also checks that the record is what the seek led to: platforms may answer a number
 * that they do not hold with an error, with the end, or with the oldest record (API page section
 * 10).
 */
@Internal
final class ShardSeeker {

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

    private final V3ioClient client;
    private final DataLoss dataLoss;

    ShardSeeker(V3ioClient client, DataLoss dataLoss) {
        this.client = client;
        this.dataLoss = dataLoss;
    }

    /**
     * A location for a shard.
     *
     * @param split the shard with its start
     * @param position how far it has been read
     * @param deaths how many locations of it have died in a row, before any was answered
     * @return fails with {@link V3ioException.Kind#NOT_FOUND} only if the shard may not have been
     *     born yet, and with a {@link FlinkRuntimeException} that tells what to do if the position
     *     is lost
     */
    CompletableFuture<FoundLocation> seek(
            V3ioShardSplit split, ShardPosition position, int deaths) {
        CompletableFuture<FoundLocation> location =
                new ShardSearch(client, this, dataLoss, split, position, deaths).location();
        // A bounded shard had records when the job started: not found cannot mean not born yet.
        return split.lastSequenceNumber().isPresent()
                ? onKinds(
                        location,
                        Set.of(V3ioException.Kind.NOT_FOUND),
                        () -> CompletableFuture.failedFuture(deleted(split.shard())))
                : location;
    }

    /**
     * For a bounded shard that ended before its last record, which was in it when the job started:
     * what has become of the rest.
     *
     * @param isKnown whether the position is a number at all; without it the shard was to be read
     *     from a time or from whatever it has, and having nothing (more) of that is no loss
     * @return if {@link FoundLocation#lostThrough()} is set, the rest is given up; if not, it is
     *     still to come
     */
    CompletableFuture<FoundLocation> seekRest(
            V3ioShardSplit split, ShardPosition position, boolean isKnown) {
        return new ShardSearch(client, this, dataLoss, split, position, 0).rest(isKnown);
    }

    /**
     * The newest number of a shard, from its own attributes or, where these do not tell it, from a
     * listing; 0 if the shard, or its whole stream, is not there.
     */
    CompletableFuture<Long> newest(ShardId shard) {
        CompletableFuture<Long> own =
                client.newestSequenceNumber(shard).thenApply(newest -> newest.orElse(0));
        CompletableFuture<Long> any =
                onKinds(
                        own,
                        UNTOLD,
                        () ->
                                client.newestSequenceNumbers(shard.stream())
                                        .thenApply(newest -> newest.getOrDefault(shard, 0L)));
        return onKinds(
                any,
                Set.of(V3ioException.Kind.NOT_FOUND),
                () -> CompletableFuture.completedFuture(0L));
    }

    /** A shard of which records are known is not there. */
    static final class ShardGoneException extends FlinkRuntimeException {
        private static final long serialVersionUID = 1L;

        ShardGoneException(String message) {
            super(message);
        }
    }

    static ShardGoneException deleted(ShardId shard) {
        return new ShardGoneException(
                "Shard "
                        + shard
                        + " does not exist any more, although this job knows records of it: the stream was deleted. Create"
                        + " it again and start the job without its state.");
    }

    /**
     * Takes the alternative when the server refuses a position. Every refusal counts; one that has
     * another reason comes again from the requests of the alternative.
     */
    static CompletableFuture<FoundLocation> orElse(
            CompletableFuture<FoundLocation> location, Alternative<FoundLocation> alternative) {
        return onKinds(location, REFUSALS, alternative);
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

    /** The answer with the first record at a location; empty at the end of the shard. */
    CompletableFuture<Optional<RecordBatch>> firstAt(ShardId shard, Location from) {
        return client.getRecords(shard, from, 1)
                .thenCompose(
                        batch -> {
                            if (!batch.records().isEmpty()) {
                                return CompletableFuture.completedFuture(Optional.of(batch));
                            }
                            // An empty answer says nothing while the shard has more (GetRecords
                            // page).
                            return batch.recordsBehindLatest() > 0
                                    ? firstAt(shard, batch.nextLocation())
                                    : CompletableFuture.completedFuture(Optional.empty());
                        });
    }
}

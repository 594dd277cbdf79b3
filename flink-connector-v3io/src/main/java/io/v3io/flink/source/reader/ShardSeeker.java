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
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * Finds the location from which a shard is to be read, without ever passing over a record: after a
 * known sequence number it points to that record or before the next one, and if the platform has
 * neither, the future fails. Never blocks; thread-safe.
 *
 * <p>A Seek to a number that the shard does not hold fails (Seek page), also to "one after the
 * last" at the end of the shard. So a resume seeks to the last record that was taken, which
 * existed, and {@link ShardProgress} drops it.
 */
@Internal
final class ShardSeeker {

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
     * @param takenThrough number of the last record that was taken; only used if {@code hasTaken}
     * @param hasTaken whether a record was taken, which makes the start of no interest
     * @return fails with {@link V3ioException.Kind#NOT_FOUND} only if the shard may not have been
     *     born yet, and with a {@link FlinkRuntimeException} that tells what to do if the position
     *     is lost
     */
    CompletableFuture<FoundLocation> seek(
            V3ioShardSplit split, long takenThrough, boolean hasTaken) {
        CompletableFuture<FoundLocation> location =
                hasTaken
                        ? seekAfter(split.shard(), takenThrough)
                        : seekStart(split.shard(), split.start());
        // A bounded shard had records when the job started: not found cannot mean not born yet.
        return split.lastSequenceNumber().isPresent()
                ? onNotFound(location, () -> CompletableFuture.failedFuture(deleted(split.shard())))
                : location;
    }

    private CompletableFuture<FoundLocation> seekStart(ShardId shard, ShardStart start) {
        if (start instanceof ShardStart.After after) {
            return seekAfter(shard, after.sequenceNumber());
        }
        if (start instanceof ShardStart.AtTime atTime) {
            return ask(shard, SeekPosition.time(atTime.arrivalTime()));
        }
        if (start instanceof ShardStart.At at) {
            // The first record: the shard may not be born, and "earliest" tells so with one
            // request.
            return at.sequenceNumber() == 1
                    ? seekFirstAfter(shard, 0)
                    : orElse(
                            ask(shard, SeekPosition.sequenceNumber(at.sequenceNumber())),
                            () -> seekMissingStart(shard, at.sequenceNumber()));
        }
        return ask(shard, SeekPosition.earliest());
    }

    private CompletableFuture<FoundLocation> seekAfter(ShardId shard, long sequenceNumber) {
        return orElse(
                ask(shard, SeekPosition.sequenceNumber(sequenceNumber)),
                () -> seekAfterMissing(shard, sequenceNumber));
    }

    /**
     * The record was in the shard and is not any more: nothing may have been lost, or something, or
     * everything.
     */
    private CompletableFuture<FoundLocation> seekAfterMissing(ShardId shard, long sequenceNumber) {
        return newestSequenceNumber(shard)
                .thenCompose(
                        newest -> {
                            if (newest == 0) {
                                return CompletableFuture.failedFuture(deleted(shard));
                            }
                            if (newest < sequenceNumber) {
                                return CompletableFuture.failedFuture(
                                        new FlinkRuntimeException(
                                                "The newest record of shard "
                                                        + shard
                                                        + " has sequence number "
                                                        + newest
                                                        + ", but this job has already read up to "
                                                        + sequenceNumber
                                                        + ". "
                                                        + ShardProgress.RECREATED));
                            }
                            return seekFirstAfter(shard, sequenceNumber);
                        });
    }

    /**
     * The record that the user named is not in the shard: it is still to come, or gone, or was
     * never near.
     */
    private CompletableFuture<FoundLocation> seekMissingStart(ShardId shard, long sequenceNumber) {
        return newestSequenceNumber(shard)
                .thenCompose(
                        newest -> {
                            if (newest < sequenceNumber - 1) {
                                return CompletableFuture.failedFuture(
                                        new FlinkRuntimeException(
                                                "The starting position names sequence number "
                                                        + sequenceNumber
                                                        + " of shard "
                                                        + shard
                                                        + ", but "
                                                        + (newest == 0
                                                                ? "the shard has no record yet."
                                                                : "its newest record has number "
                                                                        + newest
                                                                        + ".")
                                                        + " Choose a number up to the newest one plus one."));
                            }
                            return newest == sequenceNumber - 1
                                    ? seekAfter(shard, newest)
                                    : seekFirstAfter(shard, sequenceNumber - 1);
                        });
    }

    /**
     * The oldest location; records between a number and the oldest one that have been removed are a
     * loss.
     */
    private CompletableFuture<FoundLocation> seekFirstAfter(ShardId shard, long sequenceNumber) {
        return ask(shard, SeekPosition.earliest())
                .thenCompose(
                        earliest ->
                                firstAvailable(shard, earliest.location())
                                        .thenCompose(
                                                first ->
                                                        judge(
                                                                shard,
                                                                sequenceNumber,
                                                                first,
                                                                earliest)));
    }

    /** Number of the oldest record; of an emptied shard the one that its next record can have. */
    private CompletableFuture<Long> firstAvailable(ShardId shard, Location from) {
        return client.getRecords(shard, from, 1)
                .thenCompose(
                        batch -> {
                            if (!batch.records().isEmpty()) {
                                return CompletableFuture.completedFuture(
                                        batch.records().get(0).sequenceNumber());
                            }
                            // An empty answer says nothing while the shard has more (GetRecords
                            // page).
                            return batch.recordsBehindLatest() > 0
                                    ? firstAvailable(shard, batch.nextLocation())
                                    : newestSequenceNumber(shard).thenApply(newest -> newest + 1);
                        });
    }

    private CompletableFuture<FoundLocation> judge(
            ShardId shard, long sequenceNumber, long first, FoundLocation earliest) {
        if (first <= sequenceNumber + 1) {
            return CompletableFuture.completedFuture(earliest);
        }
        dataLoss.report(shard, sequenceNumber + 1, first);
        if (dataLoss.choice() == OnDataLoss.EARLIEST) {
            return CompletableFuture.completedFuture(
                    new FoundLocation(earliest.location(), first - 1));
        }
        return newestSequenceNumber(shard)
                .thenCombine(
                        ask(shard, SeekPosition.latest()),
                        (newest, latest) ->
                                new FoundLocation(latest.location(), Math.max(newest, first - 1)));
    }

    private CompletableFuture<FoundLocation> ask(ShardId shard, SeekPosition position) {
        return client.seek(shard, position).thenApply(FoundLocation::of);
    }

    /** 0 if the shard, or its whole stream, is not there. */
    private CompletableFuture<Long> newestSequenceNumber(ShardId shard) {
        return client.newestSequenceNumbers(shard.stream())
                .thenApply(newest -> newest.getOrDefault(shard, 0L))
                .exceptionallyCompose(
                        failure ->
                                kindOf(failure) == V3ioException.Kind.NOT_FOUND
                                        ? CompletableFuture.completedFuture(0L)
                                        : CompletableFuture.failedFuture(failure));
    }

    /**
     * For a bounded shard that ended before its last record, which was in it when the job started:
     * what has become of the rest.
     *
     * @param takenThrough number of the last record before those that are missed
     * @param isKnown whether that is a number at all; without it the shard was to be read from a
     *     time or from whatever it has, and having nothing (more) of that is no loss
     * @return if {@link FoundLocation#lostThrough()} is set, the rest is given up; if not, it is
     *     still to come
     */
    CompletableFuture<FoundLocation> seekRest(
            V3ioShardSplit split, long takenThrough, boolean isKnown) {
        ShardId shard = split.shard();
        return newestSequenceNumber(shard)
                .thenCompose(
                        newest -> {
                            if (newest == 0) {
                                return CompletableFuture.failedFuture(deleted(shard));
                            }
                            if (newest < split.lastSequenceNumber().orElse(0)) {
                                return CompletableFuture.failedFuture(
                                        new FlinkRuntimeException(
                                                "The newest record of shard "
                                                        + shard
                                                        + " has sequence number "
                                                        + newest
                                                        + ", but it had one with "
                                                        + split.lastSequenceNumber().orElse(0)
                                                        + " when this job started. "
                                                        + ShardProgress.RECREATED));
                            }
                            if (isKnown) {
                                return seekFirstAfter(shard, takenThrough);
                            }
                            return ask(shard, SeekPosition.latest())
                                    .thenApply(
                                            latest -> new FoundLocation(latest.location(), newest));
                        });
    }

    private static FlinkRuntimeException deleted(ShardId shard) {
        return new FlinkRuntimeException(
                "Shard "
                        + shard
                        + " does not exist any more, although this job knows records of it: the stream was deleted. Create"
                        + " it again and start the job without its state.");
    }

    private static CompletableFuture<FoundLocation> onNotFound(
            CompletableFuture<FoundLocation> location, Alternative alternative) {
        return location.exceptionallyCompose(
                failure ->
                        kindOf(failure) == V3ioException.Kind.NOT_FOUND
                                ? alternative.seek()
                                : CompletableFuture.failedFuture(failure));
    }

    /**
     * Takes the alternative when the server refuses a position. With which error it does so is not
     * published, so every refusal counts; one that has another reason comes again from the requests
     * of the alternative.
     */
    private static CompletableFuture<FoundLocation> orElse(
            CompletableFuture<FoundLocation> location, Alternative alternative) {
        return location.exceptionallyCompose(
                failure -> {
                    V3ioException.Kind kind = kindOf(failure);
                    boolean refused =
                            kind == V3ioException.Kind.INVALID_ARGUMENT
                                    || kind == V3ioException.Kind.NOT_FOUND
                                    || kind == V3ioException.Kind.ILLEGAL_LOCATION
                                    || kind == V3ioException.Kind.UNEXPECTED;
                    return refused ? alternative.seek() : CompletableFuture.failedFuture(failure);
                });
    }

    private static V3ioException.Kind kindOf(Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        return cause instanceof V3ioException error ? error.kind() : V3ioException.Kind.UNEXPECTED;
    }

    private interface Alternative {
        CompletableFuture<FoundLocation> seek();
    }
}

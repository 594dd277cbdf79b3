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
import io.v3io.client.model.RecordBatch;
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
        ShardId shard = split.shard();
        if (hasTaken) {
            return seekAfter(shard, takenThrough);
        }
        if (split.start() instanceof ShardStart.After after) {
            return seekAfter(shard, after.sequenceNumber());
        }
        if (split.start() instanceof ShardStart.At at) {
            return orElse(
                    ask(shard, SeekPosition.sequenceNumber(at.sequenceNumber())),
                    () -> seekMissingStart(shard, at.sequenceNumber()));
        }
        SeekPosition position =
                split.start() instanceof ShardStart.AtTime atTime
                        ? SeekPosition.time(atTime.arrivalTime())
                        : SeekPosition.earliest();
        CompletableFuture<FoundLocation> location = ask(shard, position);
        // A bounded shard had records when the job started: not found cannot mean not born yet.
        return split.lastSequenceNumber().isPresent()
                ? onNotFound(location, () -> CompletableFuture.failedFuture(deleted(shard)))
                : location;
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
                            return seekFirstAfter(shard, sequenceNumber, newest);
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
                            if (newest == 0 && sequenceNumber == 1) {
                                // Not born yet: its first record will be the one, so ask as a
                                // shard's birth is asked.
                                return ask(shard, SeekPosition.earliest());
                            }
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
                                    : seekFirstAfter(shard, sequenceNumber - 1, newest);
                        });
    }

    /**
     * The oldest location; records between a number and the oldest one that have been removed are a
     * loss.
     */
    private CompletableFuture<FoundLocation> seekFirstAfter(
            ShardId shard, long sequenceNumber, long newest) {
        return ask(shard, SeekPosition.earliest())
                .thenCompose(
                        earliest ->
                                client.getRecords(shard, earliest.location(), 1)
                                        .thenCompose(
                                                batch ->
                                                        judge(
                                                                shard,
                                                                sequenceNumber,
                                                                newest,
                                                                earliest,
                                                                batch)));
    }

    private CompletableFuture<FoundLocation> judge(
            ShardId shard,
            long sequenceNumber,
            long newest,
            FoundLocation earliest,
            RecordBatch oldest) {
        // Of an emptied shard the number that its next record can have.
        long first =
                oldest.records().isEmpty() ? newest + 1 : oldest.records().get(0).sequenceNumber();
        if (first <= sequenceNumber + 1) {
            return CompletableFuture.completedFuture(earliest);
        }
        dataLoss.report(shard, sequenceNumber + 1, first);
        if (dataLoss.choice() == OnDataLoss.LATEST) {
            return ask(shard, SeekPosition.latest())
                    .thenApply(
                            latest ->
                                    new FoundLocation(
                                            latest.location(), Math.max(newest, first - 1)));
        }
        return CompletableFuture.completedFuture(new FoundLocation(earliest.location(), first - 1));
    }

    private CompletableFuture<FoundLocation> ask(ShardId shard, SeekPosition position) {
        return client.seek(shard, position).thenApply(FoundLocation::of);
    }

    /** 0 if the shard is not there. */
    private CompletableFuture<Long> newestSequenceNumber(ShardId shard) {
        return client.newestSequenceNumbers(shard.stream())
                .thenApply(newest -> newest.getOrDefault(shard, 0L));
    }

    /**
     * For a shard that ends before a record that was seen in it: whether records after a number,
     * which the job has not read, are there at all.
     */
    CompletableFuture<FoundLocation> seekWhatIsLeftAfter(ShardId shard, long sequenceNumber) {
        return newestSequenceNumber(shard)
                .thenCompose(
                        newest ->
                                newest == 0
                                        ? CompletableFuture.failedFuture(deleted(shard))
                                        : seekFirstAfter(shard, sequenceNumber, newest));
    }

    private static FlinkRuntimeException deleted(ShardId shard) {
        return new FlinkRuntimeException(
                "Shard "
                        + shard
                        + " does not exist any more, although this job knows records of it: the stream was deleted. Create"
                        + " it again and start the job without its state, or remove the stream from the job.");
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

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

import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.split.ShardFacts;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One search for the location from which one shard is to be read. Never blocks. */
@Internal
final class ShardSearch {

    private final ShardLookup lookup;
    private final DataLoss dataLoss;
    private final V3ioShardSplit split;
    private final ShardId shard;
    private final ShardPosition position;
    private final OldestLocation oldest;

    ShardSearch(
            ShardLookup lookup,
            DataLoss dataLoss,
            V3ioShardSplit split,
            ShardPosition position,
            int deaths) {
        this.lookup = lookup;
        this.dataLoss = dataLoss;
        this.split = split;
        this.shard = lookup.shard();
        this.position = position;
        this.oldest = new OldestLocation(lookup, dataLoss, deaths);
    }

    /** Where the shard goes on. */
    CompletableFuture<FoundLocation> location() {
        ShardStart start = split.start();
        if (position.hasTaken() || start instanceof ShardStart.After) {
            long taken = position.takenThrough();
            return position.isMissing()
                    ? afterMissing()
                    : ShardLookup.orElse(sought(taken), this::afterMissing);
        }
        if (start instanceof ShardStart.AtTime atTime) {
            return ask(SeekPosition.time(atTime.arrivalTime())).thenApply(FoundLocation::of);
        }
        if (start instanceof ShardStart.At at) {
            // The first record: the shard may not be born, and "earliest" tells so with one
            // request.
            if (at.sequenceNumber() == 1) {
                return fromOldest();
            }
            return position.isMissing()
                    ? atMissing(at.sequenceNumber())
                    : ShardLookup.orElse(
                            sought(at.sequenceNumber()), () -> atMissing(at.sequenceNumber()));
        }
        return oldest.find().thenApply(FoundLocation::of);
    }

    /** What has become of the records up to a bounded shard's last one. */
    CompletableFuture<FoundLocation> rest(boolean isKnown) {
        long last = split.lastSequenceNumber().orElse(0);
        return lookup.newest()
                .thenCompose(
                        newest -> {
                            if (newest == 0) {
                                return CompletableFuture.failedFuture(lookup.deleted());
                            }
                            if (newest < last) {
                                return recreated(
                                        newest,
                                        "but it had one with " + last + " when this job started. ");
                            }
                            return isKnown
                                    ? fromOldest()
                                    : completed(FoundLocation.givenUp(newest));
                        });
    }

    /**
     * The record at the position was in the shard and is not any more, or the group that committed
     * it meant another shard: nothing may have been lost, or something, or everything.
     */
    private CompletableFuture<FoundLocation> afterMissing() {
        return lookup.newest()
                .thenCompose(
                        newest -> {
                            if (newest == 0) {
                                return CompletableFuture.failedFuture(lookup.deleted());
                            }
                            if (newest < position.takenThrough()) {
                                return recreated(
                                        newest,
                                        "but this job's position is after "
                                                + position.takenThrough()
                                                + ". ");
                            }
                            return fromOldest();
                        });
    }

    private static <T> CompletableFuture<T> failed(String message) {
        return CompletableFuture.failedFuture(new FlinkRuntimeException(message));
    }

    private CompletableFuture<FoundLocation> recreated(long newest, String contradiction) {
        return failed(
                "The newest record of shard "
                        + shard
                        + " has sequence number "
                        + newest
                        + ", "
                        + contradiction
                        + ShardProgress.RECREATED);
    }

    /**
     * The record that the user named is not in the shard: it is still to come, or gone, or was
     * never there.
     */
    private CompletableFuture<FoundLocation> atMissing(long sequenceNumber) {
        return lookup.newest()
                .thenCompose(
                        newest -> {
                            if (newest < sequenceNumber - 1) {
                                return failed(
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
                                                + " Choose a number up to the newest one plus one.");
                            }
                            return newest == sequenceNumber - 1
                                    ? ShardLookup.orElse(stored(newest), this::fromOldest)
                                    : fromOldest();
                        });
    }

    /** The location of a record, when it really is the one that the seek leads to. */
    private CompletableFuture<FoundLocation> stored(long sequenceNumber) {
        return sought(sequenceNumber)
                .thenCompose(
                        found ->
                                firstAt(found.location())
                                        .thenCompose(
                                                first ->
                                                        first.isPresent()
                                                                        && numberOf(first.get())
                                                                                == sequenceNumber
                                                                ? completed(found)
                                                                : fromOldest()));
    }

    /**
     * The oldest location; records between the position and the oldest one that have been removed
     * are a loss.
     */
    private CompletableFuture<FoundLocation> fromOldest() {
        return oldest.find()
                .thenCompose(
                        location ->
                                firstAt(location)
                                        .thenCompose(
                                                first ->
                                                        first.isPresent()
                                                                ? judge(first.get(), location)
                                                                : fromEmpty(location)));
    }

    /**
     * The shard shows no record. Its newest number tells whether there were any; a second look
     * tells whether they are gone, or came only after the first one.
     */
    private CompletableFuture<FoundLocation> fromEmpty(Location location) {
        return lookup.newest()
                .thenCompose(
                        newest ->
                                newest <= position.takenThrough()
                                        ? completed(FoundLocation.of(location))
                                        : firstAt(location)
                                                .thenCompose(
                                                        first ->
                                                                first.isPresent()
                                                                        ? judge(
                                                                                first.get(),
                                                                                location)
                                                                        : lose(
                                                                                newest + 1,
                                                                                location,
                                                                                position.facts()
                                                                                        .hasGaps())));
    }

    private CompletableFuture<Optional<RecordBatch>> firstAt(Location location) {
        return lookup.firstAt(location);
    }

    private static long numberOf(RecordBatch batch) {
        return batch.records().get(0).sequenceNumber();
    }

    private CompletableFuture<FoundLocation> judge(RecordBatch first, Location location) {
        long number = numberOf(first);
        long taken = position.takenThrough();
        if (number <= taken && position.isSeen()) {
            // Older records are there: the one at the position was read once, and has to be, too.
            return completed(FoundLocation.before(location, taken));
        }
        if (number <= taken + 1) {
            return completed(FoundLocation.of(location));
        }
        return numbering(location)
                .thenCompose(
                        numbering ->
                                isSafe(numbering, first.records().get(0).arrivalTime())
                                        .thenCompose(
                                                isSafe ->
                                                        isSafe
                                                                ? completed(
                                                                        FoundLocation.of(location))
                                                                : lose(
                                                                        number,
                                                                        location,
                                                                        numbering
                                                                                == Numbering
                                                                                        .WITH_GAPS)));
    }

    /** How a shard's records are numbered. */
    private enum Numbering {
        GAPLESS,
        WITH_GAPS,
        UNKNOWN
    }

    /** By what is stored: how many records there are, and how many numbers. */
    private CompletableFuture<Numbering> numbering(Location location) {
        if (position.facts().hasGaps()) {
            return completed(Numbering.WITH_GAPS);
        }
        // First the newest number: what comes after that question makes more records, not fewer.
        return lookup.newest()
                .thenCompose(
                        newest ->
                                firstAt(location)
                                        .thenApply(
                                                first ->
                                                        first.map(batch -> numbering(batch, newest))
                                                                .orElse(Numbering.UNKNOWN)));
    }

    private static Numbering numbering(RecordBatch first, long newest) {
        long numbers = newest - numberOf(first);
        if (numbers > first.recordsBehindLatest()) {
            return Numbering.WITH_GAPS;
        }
        return numbers > 0 && numbers == first.recordsBehindLatest()
                ? Numbering.GAPLESS
                : Numbering.UNKNOWN;
    }

    /**
     * Whether what came after the position cannot have been removed yet, so that numbers that are
     * missing have never been there. That counts only where numbers alone prove nothing: the
     * platform leaves some out, or the shard had no record yet, and they need not begin at 1. Of
     * the retention period one half is taken, because clocks differ.
     */
    private CompletableFuture<Boolean> isSafe(Numbering numbering, Instant oldestArrival) {
        boolean wasEmpty = position.takenThrough() == 0;
        boolean numbersProveIt =
                wasEmpty ? numbering == Numbering.GAPLESS : numbering != Numbering.WITH_GAPS;
        if (numbersProveIt || (!wasEmpty && !position.isCaughtUp())) {
            return completed(false);
        }
        // A shard at its retention limit has an oldest record that is about as old as the period.
        Instant nothingRemovedSince =
                position.isCaughtUp()
                        ? Instant.ofEpochSecond(position.facts().caughtUp().epochSecond())
                        : oldestArrival;
        return lookup.retention()
                .thenApply(
                        retention ->
                                Instant.now()
                                        .isBefore(
                                                nothingRemovedSince.plus(retention.dividedBy(2))));
    }

    private CompletableFuture<FoundLocation> lose(long first, Location location, boolean hasGaps) {
        long taken = position.takenThrough();
        if (dataLoss.choice() != OnDataLoss.LATEST) {
            dataLoss.report(shard, taken + 1, first, first - 1, hasGaps);
            return completed(FoundLocation.afterLoss(location, first - 1));
        }
        ShardFacts.GivenUp before = position.facts().givenUp();
        CompletableFuture<Long> latest =
                before != null && before.through() > taken && before.after() < first
                        ? completed(before.through())
                        : lookup.newest();
        return latest.thenApply(
                newest -> {
                    long through = Math.max(newest, first - 1);
                    dataLoss.report(shard, taken + 1, first, through, hasGaps);
                    return FoundLocation.givenUp(through);
                });
    }

    private static <T> CompletableFuture<T> completed(T value) {
        return CompletableFuture.completedFuture(value);
    }

    private CompletableFuture<FoundLocation> sought(long sequenceNumber) {
        return ask(SeekPosition.sequenceNumber(sequenceNumber))
                .thenApply(location -> FoundLocation.sought(location, sequenceNumber));
    }

    private CompletableFuture<Location> ask(SeekPosition to) {
        return lookup.seek(to);
    }
}

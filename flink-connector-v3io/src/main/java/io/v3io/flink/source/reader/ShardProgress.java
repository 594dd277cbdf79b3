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
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardFacts;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Decides which records of an answer are to be emitted: each exactly once, in order, from the start
 * to the stop. It knows no requests and no threads; guarded by the reader's monitor.
 *
 * <p>The fetch position (how far answers have come) runs ahead of the checkpoint position (how far
 * the task has emitted). A restored shard starts with the two apart: it reads again from the
 * location of a whole batch and drops what was emitted of it.
 */
@Internal
final class ShardProgress {

    /** What a user is told when positions cannot belong to the stream that is there now. */
    static final String RECREATED =
            "The stream was deleted and created again, and the positions of this job belong to the old one. Start the job"
                    + " without its state to read the new one.";

    /**
     * Nothing that arrives within this time can be removed by retention, whose shortest period is
     * an hour (CreateStream page).
     */
    private static final Duration SAFE_FROM_RETENTION = Duration.ofMinutes(30);

    private final ShardId shard;
    private final String splitId;
    private final long lastSequenceNumber;

    /** Records up to this number have been taken before, or lie before the start. */
    private long takenThrough;

    /**
     * Arrival time of the record with number {@link #takenThrough}; null when it has not been seen
     * by this job.
     */
    @Nullable private Instant takenArrivalTime;

    /**
     * While set, records that arrived before it are dropped: a seek by time may point to an earlier
     * record.
     */
    @Nullable private Instant notBefore;

    /**
     * The last number of the answers that follow each other since the last seek; 0 before the
     * first.
     */
    private long lastReceived;

    /**
     * Whether records up to {@link #takenThrough} have been given up, after which the start is of
     * no interest.
     */
    private boolean givenUp;

    private boolean known;

    /** Whether no record after the position has come since the last seek. */
    private boolean afterSeek;

    private ExpectedRecord expected = ExpectedRecord.NONE;

    /** Whether the record at the position was sought, and is not there. */
    private boolean isMissing;

    /** Whether the shard had nothing new for so long that it may be another one by now. */
    private boolean quiet;

    /** Newest number that a listing showed, of a shard whose position is no number; -1 for none. */
    private long listedBefore = -1;

    private ShardFacts facts;
    private boolean finished;

    ShardProgress(V3ioShardSplit split) {
        this.shard = split.shard();
        this.splitId = split.splitId();
        this.lastSequenceNumber = split.lastSequenceNumber().orElse(Long.MAX_VALUE);
        this.finished = split.isFinished();
        this.facts = split.facts();
        this.takenThrough = split.takenThrough();
        EmittedPosition emitted = split.emitted();
        if (facts.givenUp() != null && takenThrough == facts.givenUp().through()) {
            givenUp = true;
        } else if (emitted != null) {
            takenArrivalTime =
                    Instant.ofEpochSecond(emitted.arrivalTimeSeconds(), emitted.arrivalTimeNanos());
            expected = ExpectedRecord.afterRestore(emitted.sequenceNumber());
        } else if (split.start() instanceof ShardStart.AtTime atTime) {
            notBefore = atTime.arrivalTime();
        }
        known =
                emitted != null
                        || givenUp
                        || split.start() instanceof ShardStart.After
                        || split.start() instanceof ShardStart.At;
    }

    /** Whether nothing more is to be emitted. */
    boolean isFinished() {
        return finished;
    }

    /** Nothing more is to be emitted: the stream was deleted, which was accepted. */
    void end() {
        finished = true;
    }

    /** Records up to this number are not to be emitted any more; 0 when none was taken yet. */
    long takenThrough() {
        return takenThrough;
    }

    /** When the record with number {@link #takenThrough} arrived; null if it has not been seen. */
    @Nullable
    Instant takenArrivalTime() {
        return takenArrivalTime;
    }

    /**
     * Whether {@link #takenThrough} is a position at all: the start is a number, or something was
     * taken.
     */
    boolean isKnown() {
        return known;
    }

    /** Where the shard is now, for a seek. */
    ShardPosition position() {
        return new ShardPosition(
                takenThrough, hasTaken(), takenArrivalTime != null, isMissing, facts);
    }

    /**
     * Whether an answer is not what has to follow what was taken. It is to be dropped, and the
     * shard to be sought again, after {@link #doubt()}; that decides.
     *
     * <ul>
     *   <li>The record that was taken last has to come again after a restore and after a seek to
     *       it: some servers answer a seek to a number that is gone, or never was, with the end or
     *       with the oldest record.
     *   <li>Numbers only need to grow, so that one is left out is no proof of a loss; but a server
     *       could move a location over records that retention removed. No doubt where the platform
     *       leaves out numbers in this shard, nor while what came after the last record is too
     *       young to have been removed.
     *   <li>Of a shard that was quiet, or whose next record arrived before the last one, the last
     *       record is looked at again: the stream could have been created anew, and its old
     *       locations be good in the new one.
     * </ul>
     *
     * <p>What comes right after a seek is only doubted for the first reason.
     */
    boolean isDoubtful(RecordBatch batch) {
        if (expected.isAwaited()) {
            return expected.isMissedBy(batch);
        }
        if (batch.records().isEmpty()) {
            return false;
        }
        StreamRecord first = batch.records().get(0);
        if (afterSeek) {
            noteGapAfterSeek(first);
            return false;
        }
        boolean mayBeAnother =
                takenArrivalTime != null
                        && (quiet || first.arrivalTime().isBefore(takenArrivalTime));
        boolean leavesGap = leavesGap(first);
        return mayBeAnother || leavesGap;
    }

    /** The record before was sought and came: what follows it has no loss before it. */
    private void noteGapAfterSeek(StreamRecord first) {
        if (expected.isSought()
                && lastReceived > 0
                && lastReceived == takenThrough
                && first.sequenceNumber() > lastReceived + 1) {
            noteGap();
        }
    }

    private boolean leavesGap(StreamRecord first) {
        if (!known || first.sequenceNumber() <= Math.max(lastReceived, takenThrough) + 1) {
            return false;
        }
        if (facts.hasGaps()) {
            return false;
        }
        if (isSafeFromRetention()) {
            noteGap();
            return false;
        }
        return true;
    }

    private boolean isSafeFromRetention() {
        ShardFacts.CaughtUp caughtUp = facts.caughtUp();
        return caughtUp != null
                && caughtUp.sequenceNumber() == Math.max(lastReceived, takenThrough)
                && Instant.now()
                        .isBefore(
                                Instant.ofEpochSecond(caughtUp.epochSecond())
                                        .plus(SAFE_FROM_RETENTION));
    }

    private void noteGap() {
        facts = facts.withGaps();
    }

    /** Whether the platform has left out a number in this shard. */
    boolean hasGaps() {
        return facts.hasGaps();
    }

    /**
     * An answer was doubtful: the next seek looks for the last record, or for what became of it.
     *
     * @throws FlinkRuntimeException if the shard has older and newer records, and not that one
     */
    void doubt() {
        if (expected.isAwaited() && expected.isFromOldest()) {
            throw new FlinkRuntimeException(
                    "Shard "
                            + shard
                            + " has records before sequence number "
                            + expected.sequenceNumber()
                            + ", but not the one with that number, which this job has read. "
                            + RECREATED);
        }
        isMissing = expected.isAwaited() && expected.isSought();
    }

    /** The shard has had nothing new for long. */
    void isQuiet() {
        quiet = true;
        afterSeek = false;
    }

    /**
     * The platform says that the shard has nothing more, or does not exist yet.
     *
     * @return what a checkpoint needs to know of that; null when the position is no number
     */
    @Nullable
    ShardFacts.CaughtUp caughtUp() {
        if (!known && lastReceived == 0) {
            return null;
        }
        ShardFacts.CaughtUp caughtUp =
                new ShardFacts.CaughtUp(
                        Math.max(lastReceived, takenThrough), Instant.now().getEpochSecond());
        facts = facts.with(caughtUp);
        return caughtUp;
    }

    /**
     * Whether a listing shows that an idle shard has to be asked. Where the position is no number,
     * a listing is compared with the one before, after which the shard was asked and had nothing.
     *
     * @param newest the shard's newest number in the listing; 0 if it is not listed
     */
    boolean isNews(long newest) {
        if (known || lastReceived > 0) {
            return newest != Math.max(lastReceived, takenThrough);
        }
        boolean isNews = newest != listedBefore;
        listedBefore = newest;
        return isNews;
    }

    /**
     * Whether a record has been taken, in this run or before a restore: the shard is then known to
     * have existed.
     */
    boolean hasTaken() {
        return takenArrivalTime != null || givenUp;
    }

    /**
     * The next answer does not follow the last one: it may go back to records that were taken.
     *
     * @param found what the seek found
     * @return the loss that comes with it; null for none
     */
    @Nullable
    ShardFacts.GivenUp restartedBySeek(FoundLocation found) {
        lastReceived = 0;
        listedBefore = -1;
        afterSeek = true;
        quiet = false;
        isMissing = false;
        expected = ExpectedRecord.after(found);
        if (found.lostThrough() <= takenThrough) {
            return null;
        }
        ShardFacts.GivenUp loss = new ShardFacts.GivenUp(takenThrough, found.lostThrough());
        takenThrough = found.lostThrough();
        takenArrivalTime = null;
        notBefore = null;
        givenUp = true;
        known = true;
        finished = takenThrough >= lastSequenceNumber;
        return loss;
    }

    /**
     * Takes an answer.
     *
     * @param batch the answer
     * @param fetchedFrom the location that was asked
     * @return what is to be emitted; null if nothing is
     * @throws FlinkRuntimeException if the numbers show that the stream is not the one that was
     *     read before
     */
    @Nullable
    FetchedBatch take(RecordBatch batch, Location fetchedFrom) {
        List<StreamRecord> records = batch.records();
        int from = records.size();
        int to = 0;
        for (int i = 0; i < records.size(); i++) {
            StreamRecord record = records.get(i);
            checkFollows(record);
            // Retention removes the oldest records only: what is left out between two records of
            // one answer was never there.
            if (i > 0 && record.sequenceNumber() > lastReceived + 1 && !facts.hasGaps()) {
                noteGap();
            }
            lastReceived = record.sequenceNumber();
            if (lastReceived <= lastSequenceNumber && isWanted(record)) {
                from = Math.min(from, i);
                to = i + 1;
            }
        }
        if (!records.isEmpty()) {
            afterSeek = afterSeek && lastReceived <= takenThrough;
            quiet = false;
            expected = expected.after(lastReceived);
        }
        if (lastReceived >= lastSequenceNumber) {
            finished = true;
        }
        if (from >= to) {
            return null;
        }
        StreamRecord lastTaken = records.get(to - 1);
        takenThrough = lastTaken.sequenceNumber();
        known = true;
        takenArrivalTime = lastTaken.arrivalTime();
        notBefore = null;
        return new FetchedBatch(splitId, records.subList(from, to), fetchedFrom, batch.bodyBytes());
    }

    private boolean isWanted(StreamRecord record) {
        if (record.sequenceNumber() <= takenThrough) {
            return false;
        }
        if (notBefore == null) {
            return true;
        }
        if (record.arrivalTime().isBefore(notBefore)) {
            return false;
        }
        notBefore = null;
        return true;
    }

    private void checkFollows(StreamRecord record) {
        long number = record.sequenceNumber();
        if (number <= lastReceived) {
            throw new FlinkRuntimeException(
                    "Shard "
                            + shard
                            + " returned sequence number "
                            + number
                            + " after "
                            + lastReceived
                            + ". "
                            + RECREATED);
        }
        if (number != takenThrough) {
            return;
        }
        if (takenArrivalTime == null) {
            // It lies before the start; from now on it is known.
            takenArrivalTime = record.arrivalTime();
        } else if (!takenArrivalTime.equals(record.arrivalTime())) {
            throw new FlinkRuntimeException(
                    "The record with sequence number "
                            + number
                            + " of shard "
                            + shard
                            + " arrived at "
                            + record.arrivalTime()
                            + ", but the one that this job has read under that number arrived at "
                            + takenArrivalTime
                            + ". "
                            + RECREATED);
        }
    }
}

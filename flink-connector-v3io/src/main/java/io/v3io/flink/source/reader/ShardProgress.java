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
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.List;

/**
 * Decides which records of an answer are to be emitted: each exactly once, in order, from the start
 * to the stop. It knows no requests and no threads; guarded by the split reader's lock.
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

    /** Whether no answer with records has come since the last seek. */
    private boolean afterSeek;

    private boolean finished;

    ShardProgress(V3ioShardSplit split) {
        this.shard = split.shard();
        this.splitId = split.splitId();
        this.lastSequenceNumber = split.lastSequenceNumber().orElse(Long.MAX_VALUE);
        this.finished = split.isFinished();
        EmittedPosition emitted = split.emitted();
        if (emitted != null) {
            takenThrough = emitted.sequenceNumber();
            takenArrivalTime =
                    Instant.ofEpochSecond(emitted.arrivalTimeSeconds(), emitted.arrivalTimeNanos());
        } else if (split.start() instanceof ShardStart.After after) {
            takenThrough = after.sequenceNumber();
        } else if (split.start() instanceof ShardStart.At at) {
            takenThrough = at.sequenceNumber() - 1;
        } else if (split.start() instanceof ShardStart.AtTime atTime) {
            notBefore = atTime.arrivalTime();
        }
        known =
                emitted != null
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

    /**
     * Whether {@link #takenThrough} is a position at all: the start is a number, or something was
     * taken.
     */
    boolean isKnown() {
        return known;
    }

    /**
     * Whether an answer that should follow what was taken leaves out numbers. Numbers only need to
     * grow, so this is no proof of a loss; but a server could move a location over records that
     * retention removed, and a seek to the last record tells. The first answer after a seek is not
     * doubted.
     */
    boolean leavesGap(RecordBatch batch) {
        return known
                && !afterSeek
                && !batch.records().isEmpty()
                && batch.records().get(0).sequenceNumber()
                        > Math.max(lastReceived, takenThrough) + 1;
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
     * @param lostThrough number up to which records have been given up; 0 for none
     */
    void restartedBySeek(long lostThrough) {
        lastReceived = 0;
        afterSeek = true;
        if (lostThrough > takenThrough) {
            takenThrough = lostThrough;
            takenArrivalTime = null;
            notBefore = null;
            givenUp = true;
            known = true;
            finished = lostThrough >= lastSequenceNumber;
        }
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
    ShardRecords take(RecordBatch batch, Location fetchedFrom) {
        List<StreamRecord> records = batch.records();
        if (!records.isEmpty()) {
            afterSeek = false;
        }
        int from = records.size();
        int to = 0;
        for (int i = 0; i < records.size(); i++) {
            StreamRecord record = records.get(i);
            checkFollows(record);
            lastReceived = record.sequenceNumber();
            if (lastReceived <= lastSequenceNumber && isWanted(record)) {
                from = Math.min(from, i);
                to = i + 1;
            }
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
        return new ShardRecords(splitId, records.subList(from, to), fetchedFrom, batch.bodyBytes());
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
        if (number == takenThrough
                && takenArrivalTime != null
                && !takenArrivalTime.equals(record.arrivalTime())) {
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

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
import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;
import javax.annotation.concurrent.NotThreadSafe;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Records of a shard whose numbers follow each other, and that are asked for before it is their
 * turn: what has been asked, what has come, what has been taken. A seek to a number finds where the
 * block begins; because that may find another stream, which was created again under the name, the
 * record before the block's first is asked for as well.
 *
 * <p>Guarded by the split reader's monitor, as the {@link ReadAhead} that it is part of.
 */
@Internal
@NotThreadSafe
final class AheadBlock {

    private final long first;
    private final long last;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private long nextToCome;
    private long nextToTake;
    private boolean isDropped;

    /** When the record before the first one arrived; null before an answer has shown it. */
    @Nullable private Instant arrivalBefore;

    /** Where its next request asks; null when a seek has to find it. */
    @Nullable Location location;

    /** Whether a request of it is under way. */
    boolean isUnderWay;

    /** Bytes that the answer to its next request is expected to have. */
    long expectedBytes;

    /** What was taken from the budget for that answer. */
    long reservedBytes;

    /** Whether that answer is being received, and takes the memory. */
    boolean isAdmitted;

    /**
     * An answer that came before it was its turn.
     *
     * @param fetchedFrom the location that was asked
     * @param asked for how many records
     * @param batch what it brought
     * @param arrivedNanos when
     */
    record Answer(Location fetchedFrom, int asked, RecordBatch batch, long arrivedNanos) {}

    /** What an answer says about reading ahead. */
    enum Fit {
        /** It is what has to come next in its block. */
        FITS,
        /** It has only the record before the block. */
        JOINS,
        /** It says that the shard has nothing there, or nothing more, though there is more. */
        ENDS,
        /** Its numbers are others. */
        MISFIT
    }

    /**
     * A block of which nothing has been asked.
     *
     * @param first number
     * @param records how many
     * @param expectedBytes of them
     */
    AheadBlock(long first, int records, long expectedBytes) {
        this.first = first;
        this.last = first + records - 1;
        this.nextToCome = first;
        this.nextToTake = first;
        this.expectedBytes = expectedBytes;
    }

    /** The number of the last record that the block is to hold. */
    long last() {
        return last;
    }

    /** The first number that has not been taken yet. */
    long nextToTake() {
        return nextToTake;
    }

    /** Where its next answer begins: at first, with the record before its own. */
    long nextToAsk() {
        return arrivalBefore == null ? first - 1 : nextToCome;
    }

    /** The records that its next request asks for. */
    int recordsToAsk() {
        return (int) (last - nextToAsk() + 1);
    }

    /** Whether a request is to be sent. */
    boolean isToBeAsked() {
        return !isDropped && !isUnderWay && !isComplete();
    }

    /** Whether all of it has come. */
    boolean isComplete() {
        return nextToCome > last;
    }

    /** Whether nobody wants its answers any more. */
    boolean isDropped() {
        return isDropped;
    }

    /** An answer to its request has come. */
    Fit answered(Answer answer) {
        List<StreamRecord> records = answer.batch().records();
        if (records.isEmpty() || answer.batch().recordsBehindLatest() == 0) {
            return Fit.ENDS;
        }
        long next = nextToAsk();
        for (StreamRecord record : records) {
            if (record.sequenceNumber() != next || next > last) {
                return Fit.MISFIT;
            }
            next++;
        }
        nextToCome = next;
        location = answer.batch().nextLocation();
        Answer own = answer;
        if (arrivalBefore == null) {
            arrivalBefore = records.get(0).arrivalTime();
            own = withoutFirst(answer);
        }
        if (own.batch().records().isEmpty()) {
            return Fit.JOINS;
        }
        answers.add(own);
        return Fit.FITS;
    }

    private static Answer withoutFirst(Answer answer) {
        RecordBatch batch = answer.batch();
        return new Answer(
                answer.fetchedFrom(),
                answer.asked() - 1,
                new RecordBatch(
                        batch.records().subList(1, batch.records().size()),
                        batch.nextLocation(),
                        batch.millisBehindLatest(),
                        batch.recordsBehindLatest(),
                        batch.bodyBytes()),
                answer.arrivedNanos());
    }

    /** Whether an answer is here that has not been taken. */
    boolean hasAnswer() {
        return !answers.isEmpty();
    }

    /**
     * Whether the answer that is here follows the very record that the shard has taken last.
     *
     * @param takenArrivalTime when that record arrived; null if it is not known
     */
    boolean follows(@Nullable Instant takenArrivalTime) {
        return nextToTake > first || arrivalBefore.equals(takenArrivalTime);
    }

    /** Takes the next answer out of the block; there is one. */
    Answer take() {
        Answer answer = answers.remove();
        nextToTake += answer.batch().records().size();
        return answer;
    }

    /** Whether all of it has been taken. */
    boolean isUsedUp() {
        return nextToTake > last;
    }

    /**
     * Nobody wants its answers any more.
     *
     * @return the bytes that it held, which are the caller's to release; what is being received
     *     goes on to hold its own until that has ended
     */
    long drop() {
        long bytes = bytesToGiveBack();
        isDropped = true;
        if (!isAdmitted) {
            reservedBytes = 0;
        }
        return bytes;
    }

    /** The bytes that would come back at once if it were dropped. */
    long bytesToGiveBack() {
        long bytes = isAdmitted ? 0 : reservedBytes;
        for (Answer answer : answers) {
            bytes += answer.batch().bodyBytes();
        }
        return bytes;
    }

    /** The bytes that were reserved, which are the caller's to release. */
    long takeReserved() {
        long bytes = reservedBytes;
        reservedBytes = 0;
        return bytes;
    }
}

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
 * What has been asked for, and has come, ahead of the answer that a shard needs next: blocks of
 * records that follow each other, each found by a seek to the number before its first. It only ever
 * is a store of answers that the shard's next requests would get, and is used one answer after
 * another, when that answer begins with the very number that comes next. Whatever does not fit is
 * no longer used, and the shard is asked as without it, from the location that its last answer
 * gave.
 *
 * <p>A seek to a number may find another stream, that was created again under the name: so a block
 * also asks for the record before its first, and is used only after that very record.
 *
 * <p>How many blocks there may be follows from who waits: more when the reader has waited for the
 * shard, fewer when answers have to wait for the reader, none at first.
 *
 * <p>Knows neither client nor clock, and has no lock: times are given, on one clock, and the split
 * reader's monitor guards it.
 */
@Internal
@NotThreadSafe
final class ReadAhead {

    /** A shard with fewer blocks left has been read before reading ahead pays. */
    private static final int LEAST_BLOCKS_BEHIND = 4;

    private static final int FIRST_BLOCKS = 2;

    private final Deque<Block> blocks = new ArrayDeque<>();

    /** How many blocks there may be. */
    private int mostBlocks;

    /** The newest number that an answer has shown; 0 for none. */
    private long newest;

    private boolean isRefused;
    private boolean isPausing;
    private long pauseEndNanos;

    /**
     * An answer that came before it was its turn.
     *
     * @param from the location that was asked
     * @param asked for how many records
     * @param batch what it brought
     * @param arrivedNanos when
     */
    record Answer(Location from, int asked, RecordBatch batch, long arrivedNanos) {}

    /** Records with numbers that follow each other. */
    static final class Block {

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

        private Block(long first, int records, long expectedBytes) {
            this.first = first;
            this.last = first + records - 1;
            this.nextToCome = first;
            this.nextToTake = first;
            this.expectedBytes = expectedBytes;
        }

        /** The first number that has not come yet. */
        long nextToCome() {
            return nextToCome;
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
            return !isUnderWay && nextToCome <= last;
        }

        /** Whether nobody wants its answers any more. */
        boolean isDropped() {
            return isDropped;
        }

        /** What is being received goes on to hold its bytes until that has ended. */
        private long drop() {
            isDropped = true;
            long bytes = isAdmitted ? 0 : takeReserved();
            return bytes + answers.stream().mapToLong(answer -> answer.batch().bodyBytes()).sum();
        }

        /** The bytes that were reserved, which are the caller's to release. */
        long takeReserved() {
            long bytes = reservedBytes;
            reservedBytes = 0;
            return bytes;
        }
    }

    /** What a shard does for its next records. */
    enum Turn {
        /** Takes an answer that is here. */
        TAKE,
        /** Waits for one that is under way. */
        WAIT,
        /** Asks; what it is to ask for was not read ahead. */
        ASK,
        /** Asks, because the block that begins there is not under way, or cannot be compared. */
        OVERTAKE,
        /** Seeks again: what was read ahead follows another record with the same number. */
        ANOTHER_STREAM,
        /** Asks; what was read ahead overlaps what the shard has got: numbers have gaps. */
        MISFIT
    }

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

    /** An answer has shown the shard's newest number. */
    void knows(long number) {
        newest = Math.max(newest, number);
    }

    /** Whether so much is left to read that reading ahead pays. */
    boolean isFarBehind(long takenThrough, int recordsPerBlock) {
        return newest - takenThrough >= (long) LEAST_BLOCKS_BEHIND * recordsPerBlock;
    }

    /** The reader has waited for the shard: twice as many blocks, if it may read ahead now. */
    void grow(int most, long nowNanos) {
        if (!isRefused && !isPausing(nowNanos)) {
            mostBlocks = Math.min(most, Math.max(FIRST_BLOCKS, 2 * mostBlocks));
        }
    }

    /** There was no room for one of the blocks: fewer than there are now. */
    void shrinkBelowNow() {
        mostBlocks = Math.max(0, blocks.size() - 1);
    }

    /** An answer has come early: one block fewer, if all others wait for the reader, too. */
    void shrinkIfAllWait() {
        if (blocks.size() >= mostBlocks
                && blocks.stream().allMatch(block -> block.nextToCome > block.last)) {
            mostBlocks = Math.max(0, mostBlocks - 1);
        }
    }

    /** Whether there is anything to do for it. */
    boolean isActive() {
        return mostBlocks > 0 || !blocks.isEmpty();
    }

    /** Whether something was read ahead, or is to be. */
    boolean hasBlocks() {
        return !blocks.isEmpty();
    }

    /** Whether a block is the one that comes next. */
    boolean isFirst(Block block) {
        return blocks.peek() == block;
    }

    /** All blocks, in the order of their numbers. */
    List<Block> blocks() {
        return List.copyOf(blocks);
    }

    /**
     * One more block, after the others.
     *
     * @param headThrough the last number that the shard's own next request may bring
     * @param records its length
     * @param expectedBytes of it
     * @return null if there are enough, or the shard is not known to have so many records and more
     */
    @Nullable
    Block plan(long headThrough, int records, long expectedBytes) {
        long first = 1 + (blocks.isEmpty() ? headThrough : blocks.getLast().last);
        if (blocks.size() >= mostBlocks || first + records > newest) {
            return null;
        }
        Block block = new Block(first, records, expectedBytes);
        blocks.add(block);
        return block;
    }

    /** Records that the shard's own request may ask for, so that it ends where a block begins. */
    int recordsBefore(long takenThrough, int wanted) {
        Block front = blocks.peek();
        return front == null
                ? wanted
                : (int) Math.max(1, Math.min(wanted, front.nextToTake - takenThrough - 1));
    }

    /** An answer to a block's request has come. */
    Fit answered(Block block, Answer answer) {
        List<StreamRecord> records = answer.batch().records();
        if (records.isEmpty() || answer.batch().recordsBehindLatest() == 0) {
            return Fit.ENDS;
        }
        long next = block.nextToAsk();
        for (StreamRecord record : records) {
            if (record.sequenceNumber() != next || next > block.last) {
                return Fit.MISFIT;
            }
            next++;
        }
        block.nextToCome = next;
        block.location = answer.batch().nextLocation();
        Answer own = answer;
        if (block.arrivalBefore == null) {
            block.arrivalBefore = records.get(0).arrivalTime();
            own = withoutFirst(answer);
        }
        if (own.batch().records().isEmpty()) {
            return Fit.JOINS;
        }
        block.answers.add(own);
        return Fit.FITS;
    }

    private static Answer withoutFirst(Answer answer) {
        RecordBatch batch = answer.batch();
        return new Answer(
                answer.from(),
                answer.asked() - 1,
                new RecordBatch(
                        batch.records().subList(1, batch.records().size()),
                        batch.nextLocation(),
                        batch.millisBehindLatest(),
                        batch.recordsBehindLatest(),
                        batch.bodyBytes()),
                answer.arrivedNanos());
    }

    /**
     * What the shard does now.
     *
     * @param takenThrough the number up to which it has taken all
     * @param takenArrivalTime when the record with that number arrived; null if that is not known
     */
    Turn turn(long takenThrough, @Nullable Instant takenArrivalTime) {
        Block front = blocks.peek();
        if (front == null || front.nextToTake > takenThrough + 1) {
            return Turn.ASK;
        }
        if (front.nextToTake <= takenThrough) {
            return Turn.MISFIT;
        }
        if (!front.answers.isEmpty()) {
            if (front.nextToTake > front.first || front.arrivalBefore.equals(takenArrivalTime)) {
                return Turn.TAKE;
            }
            return takenArrivalTime == null ? Turn.OVERTAKE : Turn.ANOTHER_STREAM;
        }
        return front.isUnderWay ? Turn.WAIT : Turn.OVERTAKE;
    }

    /** The answer whose {@link Turn} it is. */
    Answer take() {
        Block front = blocks.element();
        Answer answer = front.answers.remove();
        front.nextToTake += answer.batch().records().size();
        if (front.nextToTake > front.last) {
            blocks.remove();
        }
        return answer;
    }

    /**
     * A block is left to the shard's own requests.
     *
     * @return the bytes that it held, which are the caller's to release
     */
    long drop(Block block) {
        blocks.remove(block);
        return block.drop();
    }

    /** As {@link #drop}, of the first block. */
    long dropFirst() {
        return drop(blocks.element());
    }

    /** As {@link #drop}, of the block that is needed last. */
    long dropLast() {
        mostBlocks = blocks.size() - 1;
        return drop(blocks.getLast());
    }

    /**
     * All blocks are left to the shard's own requests.
     *
     * @return the bytes that they held, which are the caller's to release
     */
    long dropAll() {
        long bytes = 0;
        while (!blocks.isEmpty()) {
            bytes += dropFirst();
        }
        mostBlocks = 0;
        newest = 0;
        return bytes;
    }

    /** Whether nothing more is read ahead now because of a failure. */
    boolean isPausing(long nowNanos) {
        if (isPausing && nowNanos - pauseEndNanos >= 0) {
            isPausing = false;
        }
        return isPausing;
    }

    /** Nothing more is read ahead until a time; what has been stays of use. */
    void pauseUntil(long nanos) {
        mostBlocks = 0;
        isPausing = true;
        pauseEndNanos = nanos;
    }

    /** Nothing is read ahead in this shard any more. */
    void refuse() {
        mostBlocks = 0;
        isRefused = true;
    }

    /** Records were lost, which may be why a block was refused: it is tried again. */
    void allow() {
        isRefused = false;
    }
}

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

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;
import javax.annotation.concurrent.NotThreadSafe;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * What has been asked for, and has come, ahead of the answer that a shard needs next: blocks of
 * records that follow each other. It only ever is a store of answers that the shard's next requests
 * would get, and is used one answer after another, when that answer begins with the very number
 * that comes next. Whatever does not fit is no longer used, and the shard is asked as without it,
 * from the location that its last answer gave.
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

    private final Deque<AheadBlock> blocks = new ArrayDeque<>();

    private int mostBlocks;

    /** The newest number that an answer has shown; 0 for none. */
    private long newest;

    private boolean isRefused;
    private boolean isPausing;
    private long pauseEndNanos;

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

    /** An answer has shown the shard's newest number. */
    void knows(long number) {
        newest = Math.max(newest, number);
    }

    /** Whether so much is left to read that reading ahead pays. */
    boolean isFarBehind(long takenThrough, int recordsPerBlock) {
        return newest - takenThrough >= (long) LEAST_BLOCKS_BEHIND * recordsPerBlock;
    }

    /** How many blocks there may be. */
    int mostBlocks() {
        return mostBlocks;
    }

    /** The reader has waited for the shard: twice as many blocks, if it may read ahead now. */
    void grow(int most, long nowNanos) {
        if (!isRefused && !isPausing(nowNanos)) {
            mostBlocks = Math.min(most, Math.max(FIRST_BLOCKS, 2 * mostBlocks));
        }
    }

    /** There was no room for one of the blocks: fewer than there are now. */
    void shrinkBelowNow() {
        mostBlocks = Math.min(mostBlocks, Math.max(0, blocks.size() - 1));
    }

    /** An answer has come early: one block fewer, if all others wait for the reader, too. */
    void shrinkIfAllWait() {
        if (blocks.size() >= mostBlocks && blocks.stream().allMatch(AheadBlock::isComplete)) {
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
    boolean isFirst(AheadBlock block) {
        return blocks.peek() == block;
    }

    int blockCount() {
        return blocks.size();
    }

    /** All blocks, in the order of their numbers. */
    List<AheadBlock> blocks() {
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
    AheadBlock plan(long headThrough, int records, long expectedBytes) {
        long first = 1 + (blocks.isEmpty() ? headThrough : blocks.getLast().last());
        if (blocks.size() >= mostBlocks || first + records > newest) {
            return null;
        }
        AheadBlock block = new AheadBlock(first, records, expectedBytes);
        blocks.add(block);
        return block;
    }

    /** Records that the shard's own request may ask for, so that it ends where a block begins. */
    int recordsBefore(long takenThrough, int wanted) {
        AheadBlock front = blocks.peek();
        return front == null
                ? wanted
                : (int) Math.max(1, Math.min(wanted, front.nextToTake() - takenThrough - 1));
    }

    /**
     * What the shard does now.
     *
     * @param takenThrough the number up to which it has taken all
     * @param takenArrivalTime when the record with that number arrived; null if that is not known
     */
    Turn turn(long takenThrough, @Nullable Instant takenArrivalTime) {
        AheadBlock front = blocks.peek();
        if (front == null || front.nextToTake() > takenThrough + 1) {
            return Turn.ASK;
        }
        if (front.nextToTake() <= takenThrough) {
            return Turn.MISFIT;
        }
        if (front.hasAnswer()) {
            if (front.follows(takenArrivalTime)) {
                return Turn.TAKE;
            }
            return takenArrivalTime == null ? Turn.OVERTAKE : Turn.ANOTHER_STREAM;
        }
        return front.isUnderWay ? Turn.WAIT : Turn.OVERTAKE;
    }

    /** The answer whose {@link Turn} it is. */
    AheadBlock.Answer take() {
        AheadBlock front = blocks.element();
        AheadBlock.Answer answer = front.take();
        if (front.isUsedUp()) {
            blocks.remove();
        }
        return answer;
    }

    /**
     * A block is left to the shard's own requests.
     *
     * @return the bytes that it held, which are the caller's to release
     */
    long drop(AheadBlock block) {
        blocks.remove(block);
        return block.drop();
    }

    /** As {@link #drop}, of the first block. */
    long dropFirst() {
        return drop(blocks.element());
    }

    /** The bytes that would come back at once if all blocks were dropped. */
    long bytesToGiveBack() {
        long bytes = 0;
        for (AheadBlock block : blocks) {
            bytes += block.bytesToGiveBack();
        }
        return bytes;
    }

    /** As {@link #drop}, of the block that is needed last of those that give bytes back at once. */
    long dropLast() {
        mostBlocks = Math.min(mostBlocks, blocks.size() - 1);
        for (Iterator<AheadBlock> last = blocks.descendingIterator(); last.hasNext(); ) {
            AheadBlock block = last.next();
            if (block.bytesToGiveBack() > 0) {
                last.remove();
                return block.drop();
            }
        }
        throw new IllegalStateException("No block holds any bytes.");
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

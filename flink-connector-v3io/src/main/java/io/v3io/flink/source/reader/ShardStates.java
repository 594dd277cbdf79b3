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

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.Iterator;
import java.util.PriorityQueue;

/**
 * What the shards of a reader wait for. A shard goes round: runnable, in flight, ready to be handed
 * over or resting, runnable again; it is always in exactly one {@link ShardReading.State}. Bounds
 * the requests in flight and, by the {@link ByteBudget}, the bytes that are held.
 *
 * <p>Knows neither client nor clock, and has no lock: times are given, on one clock, and the split
 * reader's monitor guards it.
 */
@Internal
@NotThreadSafe
final class ShardStates {

    private final int maxRequests;
    private final ByteBudget budget;

    /** First come, first served, so that hot shards do not starve others. */
    private final Deque<ShardReading> runnable = new ArrayDeque<>();

    private final PriorityQueue<ShardReading> resting =
            new PriorityQueue<>(Comparator.comparingLong(shard -> shard.dueNanos));

    private final Deque<ShardReading> ready = new ArrayDeque<>();

    private int requestsInFlight;

    /** Bytes for want of which a shard could not send its request; 0 if none was. */
    private long missingBytes;

    /**
     * No shards yet.
     *
     * @param maxRequests in flight together, 1 or more
     * @param budget of answers under way or not emitted yet
     */
    ShardStates(int maxRequests, ByteBudget budget) {
        this.maxRequests = maxRequests;
        this.budget = budget;
    }

    /** A shard is to be asked when it is its turn. */
    void makeRunnable(ShardReading shard) {
        shard.state = ShardReading.State.RUNNABLE;
        runnable.add(shard);
    }

    /** A shard has records to hand over, or the news of its end. */
    void makeReady(ShardReading shard) {
        shard.state = ShardReading.State.READY;
        ready.add(shard);
    }

    /** A shard is left alone until a time. */
    void rest(ShardReading shard, long dueNanos) {
        shard.state = ShardReading.State.RESTING;
        shard.dueNanos = dueNanos;
        resting.add(shard);
    }

    /** A shard waits for a listing of its stream. */
    void watched(ShardReading shard) {
        shard.state = ShardReading.State.WATCHED;
    }

    /** A request of a shard is under way. */
    void asked(ShardReading shard) {
        shard.state = ShardReading.State.IN_FLIGHT;
        requestsInFlight++;
    }

    /** A shard waits for an answer that was asked for ahead. */
    void awaitsAhead(ShardReading shard) {
        shard.state = ShardReading.State.AHEAD;
    }

    /** A request is under way of which the shard need not know. */
    void askedAhead() {
        requestsInFlight++;
    }

    int requestsInFlight() {
        return requestsInFlight;
    }

    /** A request has been answered, whatever has become of its shard. */
    void answered() {
        requestsInFlight--;
    }

    /** Takes a shard out, wherever it is, with all that it holds. */
    void remove(ShardReading shard) {
        runnable.remove(shard);
        resting.remove(shard);
        ready.remove(shard);
        releaseReserved(shard);
        if (shard.ready != null) {
            budget.release(shard.ready.bodyBytes());
            shard.ready = null;
        }
    }

    /** Lets a shard go on that was paused when it was its turn. */
    void resume(ShardReading shard) {
        if (shard.state == ShardReading.State.PARKED) {
            makeRunnable(shard);
        }
    }

    /** Shards whose pause has ended by now are runnable. */
    void endPauses(long nowNanos) {
        while (!resting.isEmpty() && resting.peek().dueNanos - nowNanos <= 0) {
            makeRunnable(resting.poll());
        }
    }

    /** Time until the next pause ends; {@link Long#MAX_VALUE} if none does. */
    long nanosUntilDue(long nowNanos) {
        ShardReading next = resting.peek();
        return next == null ? Long.MAX_VALUE : next.dueNanos - nowNanos;
    }

    /**
     * Takes out the next shard that may send a request now, with what its answer is expected to
     * weigh reserved; a paused one whose turn it is waits to be resumed.
     *
     * @return null if there is none, all requests are under way, or the bytes do not suffice
     */
    @Nullable
    ShardReading nextToAsk() {
        missingBytes = 0;
        while (requestsInFlight < maxRequests && !runnable.isEmpty()) {
            ShardReading shard = runnable.peek();
            if (shard.paused) {
                runnable.remove();
                shard.state = ShardReading.State.PARKED;
            } else if (shard.fetchLocation == null) {
                return runnable.remove();
            } else if (budget.tryReserve(shard.size.expectedBytes())) {
                shard.reservedBytes = shard.size.expectedBytes();
                return runnable.remove();
            } else {
                missingBytes = budget.missing(shard.size.expectedBytes());
                return null;
            }
        }
        return null;
    }

    /** Whether there is room for what the answer to a shard's request turned out to weigh. */
    boolean tryAdmit(ShardReading shard, long bodyBytes) {
        boolean isAdmitted = budget.tryChange(shard.reservedBytes, bodyBytes);
        if (isAdmitted) {
            shard.reservedBytes = bodyBytes;
        }
        return isAdmitted;
    }

    /** As {@link #tryAdmit}, for what is read ahead: it takes only what others do not need. */
    boolean tryAdmitAhead(AheadBlock block, long bodyBytes) {
        boolean isAdmitted = budget.tryChangeSpare(block.reservedBytes, bodyBytes);
        if (isAdmitted) {
            block.reservedBytes = bodyBytes;
        }
        return isAdmitted;
    }

    /** The bytes for want of which the last {@link #nextToAsk} ended; 0 if it did not. */
    long missingBytes() {
        return missingBytes;
    }

    /** What was reserved for a shard's answer is not needed. */
    void releaseReserved(ShardReading shard) {
        budget.release(shard.reservedBytes);
        shard.reservedBytes = 0;
    }

    /** The records of a shard's answer are held, in what was reserved for it. */
    void holds(ShardReading shard, FetchedBatch batch) {
        budget.release(shard.reservedBytes - batch.bodyBytes());
        shard.reservedBytes = 0;
        shard.ready = batch;
    }

    /** Gives bytes of emitted records back. */
    void release(long bytes) {
        budget.release(bytes);
    }

    /** A shard with records to hand over, or with the news of its end; null when there is none. */
    @Nullable
    ShardReading pollReady() {
        return ready.poll();
    }

    /**
     * As {@link #pollReady}, but leaves shards that alignment has paused, so that they do not take
     * what others may emit; unless they hold the bytes that the others need to go on.
     */
    @Nullable
    ShardReading pollReadyUnlessPaused() {
        if (missingBytes > 0) {
            return ready.poll();
        }
        for (Iterator<ShardReading> all = ready.iterator(); all.hasNext(); ) {
            ShardReading shard = all.next();
            if (!shard.paused) {
                all.remove();
                return shard;
            }
        }
        return null;
    }

    /** Whether {@link #pollReadyUnlessPaused} would find one. */
    boolean isReadyUnlessPaused() {
        return missingBytes > 0
                ? !ready.isEmpty()
                : ready.stream().anyMatch(shard -> !shard.paused);
    }

    /** A shard that was polled has more to hand over; it comes after the others. */
    void handOverLater(ShardReading shard) {
        ready.addLast(shard);
    }

    /** A shard that was polled could hand over nothing; it comes before the others. */
    void handOverNext(ShardReading shard) {
        ready.addFirst(shard);
    }

    /** Whether a shard has something to hand over. */
    boolean isReady() {
        return !ready.isEmpty();
    }
}

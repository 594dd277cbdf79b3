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
import io.v3io.client.model.RecordBatch;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Reads ahead in shards that are far behind and that the reader waits for: the next location comes
 * with an answer, so that by locations alone one request of a shard is under way at a time. Sends
 * the requests of each shard's {@link ReadAhead} and hands its answers over when it is their turn;
 * {@link ShardRequests} judges them like those of its own requests.
 *
 * <p>Takes only what is left: {@link AheadPlaces}, and half of the byte budget, of which it gives
 * back what a shard's own request is short of. No request of its own ever fails the reading; what
 * is wrong, the shard's own requests tell.
 *
 * <p>All methods are called under the reader's monitor; answers come as those of {@link
 * ShardRequests} do.
 */
@Internal
final class AheadRequests implements BlockRequests.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(AheadRequests.class);

    /** After a failure that may pass; every try costs a few requests. */
    static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final AheadPlaces places;
    private final BlockRequests blocks;
    private final ShardStates states;
    private final V3ioSourceReaderMetrics metrics;
    private final LongSupplier nanoClock;
    private final Requester requester;
    private final ReaderWait readerWait;

    private boolean isSending;
    private boolean sendsAgain;

    /** Who sends the shards' own requests. */
    interface Requester {

        /** It is the turn of an answer that was read ahead. */
        void take(ShardReading shard, AheadBlock.Answer answer);

        /** A shard that waits for such an answer may have it, or has to ask itself. */
        void askNext(ShardReading shard);

        /** There may be room for more requests, and something to hand over. */
        void afterAnswer();
    }

    /**
     * Nothing is read ahead yet.
     *
     * @param monitor the split reader's
     * @param client sends
     * @param settings bounds
     * @param states what the shards wait for
     * @param metrics the source reader's
     * @param nanoClock a clock like {@link System#nanoTime}
     * @param requester sends the shards' own requests
     */
    AheadRequests(
            ReaderMonitor monitor,
            V3ioClient client,
            ReaderSettings settings,
            ShardStates states,
            V3ioSourceReaderMetrics metrics,
            LongSupplier nanoClock,
            Requester requester) {
        this.places = new AheadPlaces(settings, states, metrics);
        this.blocks =
                new BlockRequests(
                        monitor,
                        client,
                        settings.maxRecordsPerRequest(),
                        places,
                        states,
                        nanoClock,
                        this);
        this.states = states;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.requester = requester;
        this.readerWait = new ReaderWait(nanoClock);
    }

    /** The reader has one more shard. */
    void add() {
        places.add();
    }

    /** The reader has one shard less. */
    void remove(ShardReading shard) {
        drop(shard);
        places.remove();
    }

    /** The reader tells it when it waits. */
    ReaderWait readerWait() {
        return readerWait;
    }

    /** Requests under way. */
    Collection<CompletableFuture<?>> underWay() {
        return blocks.underWay();
    }

    /** An answer that a shard needs next has just come: if the reader has waited for it, more. */
    @Override
    public void cameNext(ShardReading shard) {
        boolean isWorthIt =
                readerWait.isWaiting()
                        && !states.isReady()
                        && !shard.paused
                        && !shard.progress.hasGaps()
                        && shard.ahead.isFarBehind(
                                shard.progress.takenThrough(), shard.size.expectedRecords());
        if (isWorthIt) {
            places.cameWhileWaiting(shard, readerWait.isLong(), nanoClock.getAsLong());
        }
    }

    /** Records of a shard have been taken; those after the last one are not known by number. */
    void taken(ShardReading shard, RecordBatch batch) {
        long newest = shard.progress.takenThrough() + batch.recordsBehindLatest();
        long beyondStop = shard.split.lastSequenceNumber().orElse(Long.MAX_VALUE - 1) + 1;
        shard.ahead.knows(Math.min(newest, beyondStop));
    }

    /** Whether what a shard needs next was read ahead, or is to be. */
    boolean isNext(ShardReading shard) {
        return shard.ahead.hasBlocks() && turn(shard) != ReadAhead.Turn.ASK;
    }

    private static ReadAhead.Turn turn(ShardReading shard) {
        return shard.ahead.turn(shard.progress.takenThrough(), shard.progress.takenArrivalTime());
    }

    /**
     * Gives a shard its next answer, or has it wait for it.
     *
     * @return false if the shard has to ask
     */
    boolean serve(ShardReading shard) {
        if (!shard.ahead.hasBlocks() || shard.paused || shard.fetchLocation == null) {
            return false;
        }
        switch (turn(shard)) {
            case TAKE -> {
                AheadBlock.Answer answer = shard.ahead.take();
                shard.reservedBytes = answer.batch().bodyBytes();
                shard.answeredNanos = answer.arrivedNanos();
                requester.take(shard, answer);
                return true;
            }
            case WAIT -> {
                states.awaitsAhead(shard);
                return true;
            }
            case OVERTAKE -> states.release(shard.ahead.dropFirst());
            case MISFIT -> refused(shard, "its sequence numbers have gaps");
            case ANOTHER_STREAM -> {
                LOG.info(
                        "What was read ahead in shard {} does not follow the record with sequence"
                                + " number {} that was read; seeking again.",
                        shard.split.shard(),
                        shard.progress.takenThrough());
                drop(shard);
                shard.seekAgain();
            }
            case ASK -> {
                // Its own request ends where the first block begins.
            }
        }
        return false;
    }

    /**
     * A shard has been paused: what it has reserved for answers that it does not ask for now may
     * serve others. What has come stays.
     */
    void pause(ShardReading shard) {
        for (AheadBlock block : shard.ahead.blocks()) {
            if (!block.isUnderWay) {
                states.release(block.takeReserved());
            }
        }
    }

    /** What was read ahead in a shard is of no use any more. */
    void drop(ShardReading shard) {
        states.release(shard.ahead.dropAll());
        places.leave(shard);
    }

    /**
     * Gives bytes back, of what is needed last: as few as suffice, and none if all do not.
     *
     * @return whether it has given back so many
     */
    boolean yieldBytes(long bytes) {
        if (places.bytesToGiveBack() < bytes) {
            return false;
        }
        long missing = bytes;
        while (missing > 0) {
            ShardReading shard = places.mostBlocks();
            if (shard == null) {
                // A shard that waited for what was dropped has taken another answer.
                return false;
            }
            long given = shard.ahead.dropLast();
            states.release(given);
            missing -= given;
            goOn(shard);
        }
        return true;
    }

    /** Sends what can be sent now. */
    void send() {
        if (places.isEmpty()) {
            return;
        }
        sendsAgain = isSending;
        if (isSending) {
            // An answer has come at once, on the thread that asks.
            return;
        }
        isSending = true;
        try {
            do {
                sendsAgain = false;
                sendInTurn();
            } while (sendsAgain);
        } finally {
            isSending = false;
        }
        places.update();
    }

    private void sendInTurn() {
        if (!places.isFree()) {
            return;
        }
        // What has begun is needed before any new block, however many its shard has.
        for (ShardReading shard : List.copyOf(places.shards())) {
            askBegun(shard);
        }
        Set<ShardReading> asking = new LinkedHashSet<>(places.shards());
        while (places.isFree() && !asking.isEmpty()) {
            ShardReading shard = AheadPlaces.fewestBlocks(asking);
            if (!askMore(shard)) {
                asking.remove(shard);
            }
        }
    }

    private void askBegun(ShardReading shard) {
        for (AheadBlock block : shard.ahead.blocks()) {
            if (block.isToBeAsked() && block.location != null && !blocks.ask(shard, block)) {
                return;
            }
        }
    }

    private boolean askMore(ShardReading shard) {
        for (AheadBlock block : shard.ahead.blocks()) {
            if (block.isToBeAsked()) {
                return blocks.ask(shard, block);
            }
        }
        if (shard.fetchLocation == null || !blocks.mayAsk(shard)) {
            return false;
        }
        AheadBlock block =
                shard.ahead.plan(
                        lastOfHead(shard),
                        // Beside the one before.
                        Math.max(1, shard.size.expectedRecords() - 1),
                        shard.size.expectedBytes());
        return block != null && blocks.ask(shard, block);
    }

    /** The last number that the shard's own request may bring, which is under way or comes next. */
    private static long lastOfHead(ShardReading shard) {
        boolean isAsked = shard.state == ShardReading.State.IN_FLIGHT;
        return shard.progress.takenThrough()
                + (isAsked ? shard.asked : shard.size.expectedRecords());
    }

    /** A shard that waits may have its answer now, or has to ask itself. */
    @Override
    public void goOn(ShardReading shard) {
        if (shard.state == ShardReading.State.AHEAD) {
            requester.askNext(shard);
        }
    }

    /** The shard's own request takes the place of the block's. */
    @Override
    public void failed(ShardReading shard, AheadBlock block, String reason) {
        long now = nanoClock.getAsLong();
        if (!shard.ahead.isPausing(now)) {
            LOG.info(
                    "Reading ahead in shard {} pauses for {} s: {}.",
                    shard.split.shard(),
                    TimeUnit.NANOSECONDS.toSeconds(PAUSE_NANOS),
                    reason);
            metrics.readAheadGivenUp();
            shard.ahead.pauseUntil(now + PAUSE_NANOS);
        }
        states.release(shard.ahead.drop(block));
    }

    @Override
    public void refused(ShardReading shard, String reason) {
        LOG.info(
                "Shard {} is read with one request at a time from now on: {}.",
                shard.split.shard(),
                reason);
        metrics.readAheadGivenUp();
        drop(shard);
        shard.ahead.refuse();
    }

    @Override
    public void afterAnswer() {
        requester.afterAnswer();
    }
}

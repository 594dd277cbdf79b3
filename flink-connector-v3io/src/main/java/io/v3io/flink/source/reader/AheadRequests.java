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
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * <p>Takes only what is left: places that the reader's shards could not need even if all of them
 * sent a request at once, and half of the byte budget, which it gives back when a shard's own
 * request is short of bytes. No request of its own ever fails the reading; what is wrong, the
 * shard's own requests tell.
 *
 * <p>All methods are called under the reader's monitor; answers come as those of {@link
 * ShardRequests} do.
 */
@Internal
final class AheadRequests {

    private static final Logger LOG = LoggerFactory.getLogger(AheadRequests.class);

    /**
     * A seek takes a round trip. One that takes so long is being repeated by the client, for
     * minutes, while the shard waits that could go on from its own location.
     */
    private static final long MOST_SEEK_SECONDS = 5;

    /** The same for records, which may be many on a slow way. */
    private static final long MOST_ANSWER_SECONDS = 60;

    /** After a failure that may pass; every try costs a few requests. */
    static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final int maxRecords;
    private final int maxRequests;
    private final int mostUnderWay;
    private final ShardStates states;
    private final V3ioSourceReaderMetrics metrics;
    private final LongSupplier nanoClock;
    private final Requester requester;
    private final ReaderWait readerWait;

    /** Shards in which something was read ahead, or is to be. */
    private final Set<ShardReading> active = new LinkedHashSet<>();

    /** The requests under way; a block has one at a time. */
    private final Map<ReadAhead.Block, CompletableFuture<?>> underWay = new HashMap<>();

    private int shards;
    private boolean isSending;
    private boolean sendsAgain;

    /** Who sends the shards' own requests. */
    interface Requester {

        /** It is the turn of an answer that was read ahead. */
        void take(ShardReading shard, ReadAhead.Answer answer);

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
        this.monitor = monitor;
        this.client = client;
        this.maxRecords = settings.maxRecordsPerRequest();
        this.maxRequests = settings.maxConcurrentRequests();
        // One is left to the shard's own request.
        this.mostUnderWay = settings.readAhead() - 1;
        this.states = states;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.requester = requester;
        this.readerWait = new ReaderWait(nanoClock);
    }

    /** The reader has one more shard. */
    void add() {
        shards++;
    }

    /** The reader has one shard less. */
    void remove(ShardReading shard) {
        shards--;
        drop(shard);
    }

    /** The reader tells it when it waits. */
    ReaderWait readerWait() {
        return readerWait;
    }

    /** Requests under way. */
    Collection<CompletableFuture<?>> underWay() {
        return underWay.values();
    }

    /** An answer that a shard needs next has just come: if the reader has waited for it, more. */
    void cameNext(ShardReading shard) {
        boolean isWorthIt =
                mostUnderWay > 0
                        && !shard.paused
                        && !states.isReady()
                        && !shard.progress.hasGaps()
                        && shard.ahead.isFarBehind(
                                shard.progress.takenThrough(), shard.size.expectedRecords());
        if (isWorthIt && readerWait.isLong()) {
            shard.ahead.grow(mostUnderWay, nanoClock.getAsLong());
            if (shard.ahead.isActive()) {
                active.add(shard);
            }
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
                ReadAhead.Answer answer = shard.ahead.take();
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
            case MISFIT -> refuse(shard, "its sequence numbers have gaps");
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

    /** What was read ahead in a shard is of no use any more. */
    void drop(ShardReading shard) {
        states.release(shard.ahead.dropAll());
        if (active.remove(shard)) {
            metrics.readingAhead(active.size());
        }
    }

    /**
     * Gives bytes back, of what is needed last.
     *
     * @return whether there was anything to give back
     */
    boolean yieldBytes() {
        Optional<ShardReading> most =
                active.stream()
                        .filter(shard -> shard.ahead.hasBlocks())
                        .max(Comparator.comparingInt(shard -> shard.ahead.blocks().size()));
        most.ifPresent(
                shard -> {
                    states.release(shard.ahead.dropLast());
                    goOn(shard);
                });
        return most.isPresent();
    }

    /** Sends what can be sent now. */
    void send() {
        if (active.isEmpty()) {
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
                for (ShardReading shard : List.copyOf(active)) {
                    send(shard);
                }
            } while (sendsAgain);
        } finally {
            isSending = false;
        }
        metrics.readingAhead(active.size());
    }

    private void send(ShardReading shard) {
        for (ReadAhead.Block block : shard.ahead.blocks()) {
            if (block.isToBeAsked() && !block.isDropped() && !ask(shard, block)) {
                return;
            }
        }
        boolean isAsked = true;
        while (isAsked && shard.fetchLocation != null && mayAsk(shard)) {
            ReadAhead.Block block =
                    shard.ahead.plan(
                            lastOfHead(shard),
                            // Beside the one before.
                            Math.max(1, shard.size.expectedRecords() - 1),
                            shard.size.expectedBytes());
            isAsked = block != null && ask(shard, block);
        }
        if (!shard.ahead.isActive()) {
            active.remove(shard);
        }
    }

    /** The last number that the shard's own request may bring, which is under way or comes next. */
    private static long lastOfHead(ShardReading shard) {
        boolean isAsked = shard.state == ShardReading.State.IN_FLIGHT;
        return shard.progress.takenThrough()
                + (isAsked ? shard.asked : shard.size.expectedRecords());
    }

    private boolean mayAsk(ShardReading shard) {
        return monitor.isReading()
                && !shard.paused
                && underWay.size() < Math.min(mostUnderWay, maxRequests - shards)
                && states.requestsInFlight() <= mostUnderWay;
    }

    private boolean ask(ShardReading shard, ReadAhead.Block block) {
        if (!mayAsk(shard)
                || (block.reservedBytes == 0
                        && !states.tryAdmitAhead(block, block.expectedBytes))) {
            return false;
        }
        Location location = block.location;
        if (location == null) {
            ask(
                    shard,
                    block,
                    client.seek(shard.split.shard(), SeekPosition.sequenceNumber(block.nextToAsk()))
                            .orTimeout(MOST_SEEK_SECONDS, TimeUnit.SECONDS),
                    (found, error) -> onLocation(shard, block, found, error));
        } else {
            int records = Math.min(block.recordsToAsk(), maxRecords);
            ask(
                    shard,
                    block,
                    client.getRecords(
                                    shard.split.shard(),
                                    location,
                                    records,
                                    bodyBytes -> admit(block, bodyBytes))
                            .orTimeout(MOST_ANSWER_SECONDS, TimeUnit.SECONDS),
                    (batch, error) -> onRecords(shard, block, location, records, batch, error));
        }
        return true;
    }

    private <T> void ask(
            ShardReading shard,
            ReadAhead.Block block,
            CompletableFuture<T> answer,
            ReaderMonitor.OnAnswer<T> onAnswer) {
        states.askedAhead();
        underWay.put(block, answer);
        block.isUnderWay = true;
        monitor.whenAnswered(
                answer,
                (value, error) -> {
                    states.answered();
                    underWay.remove(block);
                    block.isUnderWay = false;
                    block.isAdmitted = false;
                    if (block.isDropped()) {
                        states.release(block.takeReserved());
                    }
                    if (error instanceof Error) {
                        monitor.fail(error);
                    } else if (!block.isDropped() && !monitor.isStopped()) {
                        onAnswer.accept(value, error);
                        goOn(shard);
                    }
                    requester.afterAnswer();
                });
    }

    private boolean admit(ReadAhead.Block block, long bodyBytes) {
        monitor.lock();
        try {
            if (block.isDropped() || monitor.isStopped()) {
                return false;
            }
            block.expectedBytes = bodyBytes;
            block.isAdmitted = states.tryAdmitAhead(block, bodyBytes);
            return block.isAdmitted;
        } finally {
            monitor.unlock();
        }
    }

    /** A shard that waits may have its answer now, or has to ask itself. */
    private void goOn(ShardReading shard) {
        if (shard.state == ShardReading.State.AHEAD) {
            requester.askNext(shard);
        }
    }

    private void onLocation(
            ShardReading shard,
            ReadAhead.Block block,
            @Nullable Location found,
            @Nullable Throwable error) {
        if (error == null) {
            block.location = found;
            boolean unused = ask(shard, block);
        } else if (mayPass(error)) {
            fail(shard, block, error.toString());
        } else {
            refuse(shard, "a seek to sequence number " + block.nextToAsk() + " failed: " + error);
        }
    }

    private void onRecords(
            ShardReading shard,
            ReadAhead.Block block,
            Location from,
            int asked,
            @Nullable RecordBatch batch,
            @Nullable Throwable error) {
        if (error != null) {
            states.release(block.takeReserved());
            if (isNotAdmitted(error)) {
                shard.ahead.shrinkBelowNow();
            } else {
                fail(shard, block, error.toString());
            }
            return;
        }
        boolean isNext = shard.state == ShardReading.State.AHEAD && shard.ahead.isFirst(block);
        ReadAhead.Answer answer = new ReadAhead.Answer(from, asked, batch, nanoClock.getAsLong());
        switch (shard.ahead.answered(block, answer)) {
            case FITS -> {
                // What was reserved is now what the answer holds.
                states.release(block.takeReserved() - batch.bodyBytes());
                if (isNext) {
                    cameNext(shard);
                } else {
                    shard.ahead.shrinkIfAllWait();
                }
                if (block.isToBeAsked()) {
                    boolean unused = ask(shard, block);
                }
            }
            case JOINS -> {
                states.release(block.takeReserved());
                boolean unused = ask(shard, block);
            }
            case ENDS -> fail(shard, block, "an answer had no records, or none after them");
            case MISFIT -> refuse(shard, "an answer does not begin where it has to, or has gaps");
        }
    }

    private static boolean isNotAdmitted(Throwable error) {
        return error instanceof V3ioException failure
                && failure.kind() == V3ioException.Kind.NOT_ADMITTED;
    }

    private static boolean mayPass(Throwable error) {
        return !(error instanceof V3ioException failure) || failure.kind().isTransient();
    }

    /** The shard's own request takes the place of the block's. */
    private void fail(ShardReading shard, ReadAhead.Block block, String reason) {
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

    private void refuse(ShardReading shard, String reason) {
        LOG.info(
                "Shard {} is read with one request at a time from now on: {}.",
                shard.split.shard(),
                reason);
        metrics.readAheadGivenUp();
        drop(shard);
        shard.ahead.refuse();
    }
}

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

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends the requests of {@link AheadBlock}s, one of each at a time: a seek, then for records until
 * the block is complete. Takes a place and bytes for each, and tells what has come of it.
 *
 * <p>All methods are called under the reader's monitor; answers come as those of {@link
 * ShardRequests} do.
 */
@Internal
final class BlockRequests {

    /**
     * A seek takes a round trip. One that takes so long is being repeated by the client, for
     * minutes, while the shard waits that could go on from its own location.
     */
    private static final long MOST_SEEK_SECONDS = 5;

    /** The same for records, which may be many on a slow way. */
    private static final long MOST_ANSWER_SECONDS = 60;

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final int maxRecords;
    private final AheadPlaces places;
    private final ShardStates states;
    private final LongSupplier nanoClock;
    private final Owner owner;

    private final Map<AheadBlock, CompletableFuture<?>> underWay = new HashMap<>();

    /** Has asked for the blocks, and is told what becomes of them. */
    interface Owner {

        /** An answer fits into its block, and is the next one that its shard waits for. */
        void cameNext(ShardReading shard);

        /** A block cannot be completed now; its bytes are still held. */
        void failed(ShardReading shard, AheadBlock block, String reason);

        /** Nothing can be read ahead in this shard. */
        void refused(ShardReading shard, String reason);

        /** A shard that waits for a block may have its answer, or has to ask itself. */
        void goOn(ShardReading shard);

        /** There may be room for more requests, and something to hand over. */
        void afterAnswer();
    }

    BlockRequests(
            ReaderMonitor monitor,
            V3ioClient client,
            int maxRecords,
            AheadPlaces places,
            ShardStates states,
            LongSupplier nanoClock,
            Owner owner) {
        this.monitor = monitor;
        this.client = client;
        this.maxRecords = maxRecords;
        this.places = places;
        this.states = states;
        this.nanoClock = nanoClock;
        this.owner = owner;
    }

    /** Requests under way. */
    Collection<CompletableFuture<?>> underWay() {
        return underWay.values();
    }

    /** Whether a request for a shard's block may be sent now. */
    boolean mayAsk(ShardReading shard) {
        return monitor.isReading() && !shard.paused && places.isFree();
    }

    /**
     * Sends a block's next request.
     *
     * @return false if there is no place for it, or no room for its answer
     */
    boolean ask(ShardReading shard, AheadBlock block) {
        if (shard.paused) {
            // Nobody knows for how long.
            states.release(block.takeReserved());
            return false;
        }
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
            AheadBlock block,
            CompletableFuture<T> answer,
            ReaderMonitor.OnAnswer<T> onAnswer) {
        places.asked();
        underWay.put(block, answer);
        block.isUnderWay = true;
        monitor.whenAnswered(
                answer,
                (value, error) -> {
                    places.answered();
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
                        owner.goOn(shard);
                    }
                    owner.afterAnswer();
                });
    }

    private boolean admit(AheadBlock block, long bodyBytes) {
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

    private void onLocation(
            ShardReading shard,
            AheadBlock block,
            @Nullable Location found,
            @Nullable Throwable error) {
        if (error == null) {
            block.location = found;
            boolean unused = ask(shard, block);
        } else if (mayPass(error)) {
            owner.failed(shard, block, error.toString());
        } else {
            owner.refused(
                    shard, "a seek to sequence number " + block.nextToAsk() + " failed: " + error);
        }
    }

    private void onRecords(
            ShardReading shard,
            AheadBlock block,
            Location fetchedFrom,
            int asked,
            @Nullable RecordBatch batch,
            @Nullable Throwable error) {
        if (error != null) {
            states.release(block.takeReserved());
            if (isNotAdmitted(error)) {
                shard.ahead.shrinkBelowNow();
            } else {
                owner.failed(shard, block, error.toString());
            }
            return;
        }
        boolean isNext = shard.state == ShardReading.State.AHEAD && shard.ahead.isFirst(block);
        long now = nanoClock.getAsLong();
        switch (block.answered(new AheadBlock.Answer(fetchedFrom, asked, batch, now))) {
            case FITS -> {
                shard.lag.told(batch, now);
                // What was reserved is now what the answer holds.
                states.release(block.takeReserved() - batch.bodyBytes());
                if (isNext) {
                    owner.cameNext(shard);
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
            case ENDS -> owner.failed(shard, block, "an answer had no records, or none after them");
            case MISFIT ->
                    owner.refused(shard, "an answer does not begin where it has to, or has gaps");
        }
    }

    private static boolean isNotAdmitted(Throwable error) {
        return error instanceof V3ioException failure
                && failure.kind() == V3ioException.Kind.NOT_ADMITTED;
    }

    private static boolean mayPass(Throwable error) {
        return !(error instanceof V3ioException failure) || failure.kind().isTransient();
    }
}

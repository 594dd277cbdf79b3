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
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Reads many shards with requests of different shards in flight together. Each shard goes round: it
 * sends a request when it is its turn, the byte budget has room and a request is free; its records
 * wait to be handed over; then it asks for the next ones, while the task emits the last. A shard
 * with nothing new rests for a while that grows.
 *
 * <p>Threads: Flink's fetcher thread calls the methods of {@link SplitReader} except {@link
 * #wakeUp}; it waits in {@link #fetch} for records, the end of a pause, or {@code wakeUp}. Answers
 * come on the client's I/O threads, and budget comes back on the task's main thread. All of them
 * take {@link #lock}, for moments only: no I/O and no waiting is done under it.
 */
@Internal
@SuppressWarnings("GuardedBy") // The check does not see that callbacks run under the lock too.
public final class V3ioSplitReader implements SplitReader<FetchedRecord, V3ioShardSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(V3ioSplitReader.class);

    private final V3ioClient client;
    private final ShardSeeker seeker;
    private final ReaderSettings settings;
    private final V3ioSourceReaderMetrics metrics;
    private final LongSupplier nanoClock;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    @GuardedBy("lock")
    private final Map<String, ShardFetcher> fetchers = new HashMap<>();

    /**
     * Shards that wait for their turn: first come, first served, so that hot shards do not starve
     * others.
     */
    @GuardedBy("lock")
    private final Deque<ShardFetcher> runnable = new ArrayDeque<>();

    @GuardedBy("lock")
    private final PriorityQueue<ShardFetcher> resting =
            new PriorityQueue<>(Comparator.comparingLong(shard -> shard.dueNanos));

    @GuardedBy("lock")
    private final Deque<ShardFetcher> ready = new ArrayDeque<>();

    @GuardedBy("lock")
    private final ByteBudget budget;

    @GuardedBy("lock")
    private int requestsInFlight;

    @GuardedBy("lock")
    private boolean wokenUp;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    @Nullable
    private Throwable failure;

    /**
     * A reader without shards.
     *
     * @param client the source reader's client, which outlives this
     * @param settings bounds and pauses
     * @param metrics the source reader's metrics
     * @param nanoClock a clock like {@link System#nanoTime}
     */
    public V3ioSplitReader(
            V3ioClient client,
            ReaderSettings settings,
            V3ioSourceReaderMetrics metrics,
            LongSupplier nanoClock) {
        this.client = client;
        this.seeker = new ShardSeeker(client, new DataLoss(settings.onDataLoss(), metrics));
        this.settings = settings;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.budget = new ByteBudget(settings.bufferBytes());
    }

    @Override
    public RecordsWithSplitIds<FetchedRecord> fetch() throws IOException {
        lock.lock();
        try {
            while (true) {
                // First requests, then a look at what there is: an answer may come while its
                // request is being sent, and
                // nobody would wake this thread for it.
                sendRequests();
                if (failure != null) {
                    throw new IOException(
                            "Reading from V3IO failed: " + failure.getMessage(), failure);
                }
                FetchedShards fetched = handOver();
                if (fetched != null) {
                    sendRequests();
                    return fetched;
                }
                if (wokenUp) {
                    wokenUp = false;
                    return FetchedShards.nothing();
                }
                ShardFetcher nextDue = resting.peek();
                if (nextDue == null) {
                    changed.await();
                } else {
                    // What is left of the time is of no interest: the loop looks at the clock
                    // again.
                    long unused = changed.awaitNanos(nextDue.dueNanos - nanoClock.getAsLong());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for records of V3IO shards.", e);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    @Nullable
    private FetchedShards handOver() {
        List<ShardRecords> records = new ArrayList<>();
        Set<String> finished = new HashSet<>();
        // Records of a shard that alignment has paused meanwhile go, too: held back, they would
        // hold a part of the byte
        // budget for as long, and the shard that the others wait for might not get any.
        for (ShardFetcher shard = ready.poll(); shard != null; shard = ready.poll()) {
            if (shard.ready != null) {
                records.add(shard.ready);
                metrics.bytesReceived(shard.ready.bodyBytes());
                shard.ready = null;
            }
            if (shard.progress.isFinished()) {
                finished.add(shard.splitId());
                remove(shard);
            } else if (shard.atEnd) {
                rest(shard, shard.pause.afterLastRecord());
            } else {
                makeRunnable(shard);
            }
        }
        return records.isEmpty() && finished.isEmpty()
                ? null
                : new FetchedShards(records, finished, this::giveBack);
    }

    /** Called by the task's main thread when all records of a fetch have been emitted. */
    private void giveBack(long bytes) {
        lock.lock();
        try {
            budget.release(bytes);
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void sendRequests() {
        long now = nanoClock.getAsLong();
        while (!resting.isEmpty() && resting.peek().dueNanos - now <= 0) {
            makeRunnable(resting.poll());
        }
        while (!closed && failure == null && requestsInFlight < settings.maxConcurrentRequests()) {
            ShardFetcher shard = runnable.peek();
            if (shard == null) {
                return;
            }
            if (shard.aligned) {
                runnable.remove();
                shard.state = ShardFetcher.State.PARKED;
            } else if (shard.fetchLocation == null) {
                runnable.remove();
                seek(shard);
            } else if (budget.tryReserve(shard.expectedBytes())) {
                runnable.remove();
                shard.reservedBytes = shard.expectedBytes();
                getRecords(shard, shard.fetchLocation);
            } else {
                return;
            }
        }
    }

    @GuardedBy("lock")
    private void seek(ShardFetcher shard) {
        send(
                shard,
                seeker.seek(shard.split, shard.progress.takenThrough(), shard.progress.hasTaken()),
                (found, error) -> onLocation(shard, found, error));
    }

    @GuardedBy("lock")
    private void getRecords(ShardFetcher shard, Location location) {
        send(
                shard,
                client.getRecords(shard.split.shard(), location, settings.maxRecordsPerRequest()),
                (batch, error) -> onRecords(shard, location, batch, error));
    }

    @GuardedBy("lock")
    private <T> void send(ShardFetcher shard, CompletableFuture<T> answer, OnAnswer<T> onAnswer) {
        shard.state = ShardFetcher.State.IN_FLIGHT;
        shard.pending = answer;
        requestsInFlight++;
        // Completes on an I/O thread of the client, or here and now; the lock is reentrant.
        CompletableFuture<T> unused =
                answer.whenComplete(
                        (value, error) -> {
                            lock.lock();
                            try {
                                requestsInFlight--;
                                if (shard.state == ShardFetcher.State.IN_FLIGHT && !closed) {
                                    onAnswer.accept(value, unwrap(error));
                                }
                                sendRequests();
                                changed.signal();
                            } catch (RuntimeException | Error e) {
                                fail(e);
                            } finally {
                                lock.unlock();
                            }
                        });
    }

    @GuardedBy("lock")
    private void onLocation(
            ShardFetcher shard, @Nullable FoundLocation found, @Nullable Throwable error) {
        if (error == null) {
            shard.fetchLocation = found.location();
            shard.progress.restartedBySeek(found.lostThrough());
            runOrEnd(shard);
        } else if (kindOf(error) == V3ioException.Kind.NOT_FOUND) {
            // Not born yet: it is there with its first record. That the whole stream is gone,
            // discovery notices.
            rest(shard, shard.pause.afterEmptyAnswer());
        } else if (kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION) {
            // Retention passed between the steps of the seek.
            rest(shard, shard.pause.afterEmptyAnswer());
        } else {
            fail(error);
        }
    }

    @GuardedBy("lock")
    private void onRecords(
            ShardFetcher shard,
            Location location,
            @Nullable RecordBatch batch,
            @Nullable Throwable error) {
        if (error != null) {
            releaseReserved(shard);
            if (kindOf(error) != V3ioException.Kind.ILLEGAL_LOCATION) {
                fail(error);
                return;
            }
            LOG.info(
                    "The location in shard {} after sequence number {} has died; seeking again.",
                    shard.split.shard(),
                    shard.progress.takenThrough());
            shard.fetchLocation = null;
            makeRunnable(shard);
            return;
        }
        if (shard.progress.leavesGap(batch)) {
            releaseReserved(shard);
            shard.fetchLocation = null;
            makeRunnable(shard);
            return;
        }
        ShardRecords records = shard.progress.take(batch, location);
        shard.fetchLocation = batch.nextLocation();
        shard.noteAnswer(batch);
        if (records != null) {
            budget.correct(shard.reservedBytes, records.bodyBytes());
            shard.reservedBytes = 0;
            shard.ready = records;
            makeReady(shard);
            return;
        }
        releaseReserved(shard);
        if (shard.progress.isFinished()) {
            makeReady(shard);
        } else if (!batch.records().isEmpty()) {
            makeRunnable(shard);
        } else if (shard.atEnd && shard.split.lastSequenceNumber().isPresent()) {
            checkEndExists(shard);
        } else {
            rest(shard, shard.pause.afterEmptyAnswer());
        }
    }

    @GuardedBy("lock")
    private void releaseReserved(ShardFetcher shard) {
        budget.release(shard.reservedBytes);
        shard.reservedBytes = 0;
    }

    /**
     * A bounded shard ended before its last record, which was seen when the job started: either it
     * is still to be shown by a server that lags, or retention removed it.
     */
    @GuardedBy("lock")
    private void checkEndExists(ShardFetcher shard) {
        send(
                shard,
                seeker.seekRest(
                        shard.split, shard.progress.takenThrough(), shard.progress.isKnown()),
                (found, error) -> {
                    if (error == null && found.lostThrough() > 0) {
                        onLocation(shard, found, null);
                    } else if (error == null
                            || kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION) {
                        rest(shard, shard.pause.afterEmptyAnswer());
                    } else {
                        fail(error);
                    }
                });
    }

    /** A shard whose last records were given up has nothing more to read. */
    @GuardedBy("lock")
    private void runOrEnd(ShardFetcher shard) {
        if (shard.progress.isFinished()) {
            makeReady(shard);
        } else {
            makeRunnable(shard);
        }
    }

    @GuardedBy("lock")
    private void makeRunnable(ShardFetcher shard) {
        shard.state = ShardFetcher.State.RUNNABLE;
        runnable.add(shard);
    }

    @GuardedBy("lock")
    private void makeReady(ShardFetcher shard) {
        shard.state = ShardFetcher.State.READY;
        ready.add(shard);
    }

    @GuardedBy("lock")
    private void rest(ShardFetcher shard, long nanos) {
        shard.state = ShardFetcher.State.RESTING;
        shard.dueNanos = nanoClock.getAsLong() + nanos;
        resting.add(shard);
    }

    @GuardedBy("lock")
    private void remove(ShardFetcher shard) {
        shard.state = ShardFetcher.State.GONE;
        fetchers.remove(shard.splitId());
        metrics.shardFinished(shard.split.shard());
    }

    @GuardedBy("lock")
    private void fail(Throwable error) {
        if (failure == null) {
            failure = error;
        } else if (failure != error) {
            failure.addSuppressed(error);
        }
        changed.signal();
    }

    @Override
    public void handleSplitsChanges(SplitsChange<V3ioShardSplit> change) {
        lock.lock();
        try {
            if (change instanceof SplitsAddition) {
                change.splits().forEach(this::add);
            } else if (change instanceof SplitsRemoval) {
                change.splits().forEach(this::drop);
            } else {
                throw new UnsupportedOperationException("Unknown change of splits: " + change);
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void add(V3ioShardSplit split) {
        ShardFetcher shard =
                new ShardFetcher(
                        split,
                        new IdlePause(settings.shortestIdlePause(), settings.longestIdlePause()),
                        metrics.addShard(split.shard()));
        if (fetchers.put(split.splitId(), shard) != null) {
            throw new FlinkRuntimeException(
                    "Shard " + split.splitId() + " was assigned twice to one reader.");
        }
        runOrEnd(shard);
    }

    @GuardedBy("lock")
    private void drop(V3ioShardSplit split) {
        ShardFetcher shard = fetchers.get(split.splitId());
        if (shard != null) {
            runnable.remove(shard);
            resting.remove(shard);
            ready.remove(shard);
            releaseReserved(shard);
            if (shard.ready != null) {
                budget.release(shard.ready.bodyBytes());
            }
            remove(shard);
        }
    }

    @Override
    public void pauseOrResumeSplits(
            Collection<V3ioShardSplit> splitsToPause, Collection<V3ioShardSplit> splitsToResume) {
        lock.lock();
        try {
            splitsToPause.forEach(split -> setAligned(split, true));
            splitsToResume.forEach(split -> setAligned(split, false));
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void setAligned(V3ioShardSplit split, boolean aligned) {
        ShardFetcher shard = fetchers.get(split.splitId());
        if (shard != null) {
            shard.aligned = aligned;
            if (!aligned && shard.state == ShardFetcher.State.PARKED) {
                makeRunnable(shard);
            }
        }
    }

    @Override
    public void wakeUp() {
        lock.lock();
        try {
            wokenUp = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        List<CompletableFuture<?>> pending = new ArrayList<>();
        lock.lock();
        try {
            closed = true;
            for (ShardFetcher shard : fetchers.values()) {
                if (shard.state == ShardFetcher.State.IN_FLIGHT) {
                    pending.add(shard.pending);
                }
            }
            fetchers.clear();
        } finally {
            lock.unlock();
        }
        pending.forEach(answer -> answer.cancel(true));
    }

    @Nullable
    private static Throwable unwrap(@Nullable Throwable error) {
        return error instanceof CompletionException && error.getCause() != null
                ? error.getCause()
                : error;
    }

    @Nullable
    private static V3ioException.Kind kindOf(Throwable error) {
        return error instanceof V3ioException v3io ? v3io.kind() : null;
    }

    private interface OnAnswer<T> {
        void accept(@Nullable T value, @Nullable Throwable error);
    }
}

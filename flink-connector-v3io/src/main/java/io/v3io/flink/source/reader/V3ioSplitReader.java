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
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitReader;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsChange;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
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
 * enter {@link #monitor}, for moments only: requests are started in it, but nothing waits in it.
 */
@Internal
@SuppressWarnings("GuardedBy") // The check does not see that callbacks run in the monitor too.
public final class V3ioSplitReader implements SplitReader<FetchedRecord, V3ioShardSplit> {

    /** A shard of which listings show nothing new is asked itself in about as many pauses. */
    private static final int PAUSES_PER_LAG_LOOK = IdleWatch.LISTINGS_PER_REQUEST;

    private final ReaderSettings settings;
    private final V3ioSourceReaderMetrics metrics;
    private final LongSupplier nanoClock;
    private final ScheduledExecutorService timer;

    private final ReaderMonitor monitor = new ReaderMonitor();

    @GuardedBy("monitor")
    private final Map<String, ShardReading> shards = new HashMap<>();

    @GuardedBy("monitor")
    private final ShardRequests requests;

    @GuardedBy("monitor")
    private final LagWatch lagWatch;

    @GuardedBy("monitor")
    private final EmissionRate rate;

    @GuardedBy("monitor")
    private boolean wokenUp;

    /**
     * A reader without shards.
     *
     * @param client the source reader's client, which outlives this
     * @param settings bounds and pauses
     * @param metrics the source reader's metrics
     * @param findings takes note of what checkpoints need to know beside positions
     * @param backlog is told how far behind the shards are
     * @param nanoClock a clock like {@link System#nanoTime}
     */
    V3ioSplitReader(
            V3ioClient client,
            ReaderSettings settings,
            V3ioSourceReaderMetrics metrics,
            ShardFindings findings,
            StartBacklog backlog,
            LongSupplier nanoClock) {
        this.settings = settings;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.rate = new EmissionRate(settings.rateLimit(), nanoClock);
        this.requests =
                new ShardRequests(monitor, client, settings, metrics, findings, backlog, nanoClock);
        Duration lagInterval = settings.longestIdlePause().multipliedBy(PAUSES_PER_LAG_LOOK);
        this.lagWatch = new LagWatch(monitor, client, 2 * lagInterval.toNanos(), nanoClock);
        // The fetcher thread waits for the job while that is blocked, so it cannot look.
        this.timer = Executors.newSingleThreadScheduledExecutor(V3ioSplitReader::timerThread);
        ScheduledFuture<?> unused =
                timer.scheduleWithFixedDelay(
                        this::lookAtLag,
                        lagInterval.toNanos(),
                        lagInterval.toNanos(),
                        TimeUnit.NANOSECONDS);
    }

    private static Thread timerThread(Runnable looks) {
        Thread thread = new Thread(looks, "v3io-source-lag");
        thread.setDaemon(true);
        return thread;
    }

    private void lookAtLag() {
        monitor.lock();
        try {
            lagWatch.look(shards.values());
        } catch (RuntimeException | Error e) {
            // The executor would end without a word.
            monitor.fail(e);
        } finally {
            monitor.unlock();
        }
    }

    @Override
    public RecordsWithSplitIds<FetchedRecord> fetch() throws IOException {
        monitor.lock();
        try {
            while (true) {
                // First requests, then a look at what there is: an answer may come while its
                // request is being sent, and nobody would wake this thread for it.
                requests.send();
                Throwable failure = monitor.failure();
                if (failure != null) {
                    throw new IOException(
                            "Reading from V3IO failed: " + failure.getMessage(), failure);
                }
                FetchedRecords fetched = handOver();
                if (fetched != null) {
                    requests.readerWait().ends();
                    requests.send();
                    return fetched;
                }
                if (wokenUp) {
                    wokenUp = false;
                    return FetchedRecords.nothing();
                }
                requests.readerWait().goesOn();
                monitor.awaitChange(nanosUntilDue());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Interrupted while waiting for records of V3IO shards.", e);
        } finally {
            monitor.unlock();
        }
    }

    @GuardedBy("monitor")
    private long nanosUntilDue() {
        long untilDue = requests.nanosUntilDue();
        // The rate may have opened since nothing could be handed over: then there is no wait.
        return rate.isLimited() && requests.states().isReadyUnlessPaused()
                ? Math.min(untilDue, rate.nanosUntilOpen())
                : untilDue;
    }

    @GuardedBy("monitor")
    @Nullable
    private ShardReading pollReady() {
        return rate.isLimited()
                ? requests.states().pollReadyUnlessPaused()
                : requests.states().pollReady();
    }

    @GuardedBy("monitor")
    @Nullable
    private FetchedRecords handOver() {
        List<FetchedBatch> batches = new ArrayList<>();
        Set<String> finished = new HashSet<>();
        List<ShardReading> goOn = new ArrayList<>();
        // Records of a shard that alignment has paused meanwhile go, too: held back, they would
        // hold a part of the byte budget for as long, and the shard that the others wait for might
        // not get any.
        for (ShardReading shard = pollReady(); shard != null; shard = pollReady()) {
            if (shard.ready != null) {
                int count = rate.take(shard.ready.records());
                if (count == 0) {
                    requests.states().handOverNext(shard);
                    break;
                }
                if (count < shard.ready.records().size()) {
                    batches.add(shard.ready.first(count));
                    shard.ready = shard.ready.after(count);
                    requests.states().handOverLater(shard);
                    continue;
                }
                batches.add(shard.ready);
                shard.ready = null;
            }
            if (shard.progress.isFinished()) {
                finished.add(shard.splitId());
                remove(shard);
            } else {
                goOn.add(shard);
            }
        }
        // One answer of each: a pause by alignment could not stop all that was read ahead.
        goOn.forEach(requests::goOn);
        return batches.isEmpty() && finished.isEmpty()
                ? null
                : new FetchedRecords(batches, finished, this::giveBack);
    }

    /** Called by the task's main thread when all records of a fetch have been emitted. */
    private void giveBack(long bytes) {
        monitor.lock();
        try {
            requests.states().release(bytes);
            monitor.signalChange();
        } finally {
            monitor.unlock();
        }
    }

    @GuardedBy("monitor")
    private void remove(ShardReading shard) {
        requests.remove(shard);
        shard.state = ShardReading.State.GONE;
        shards.remove(shard.splitId());
        metrics.shardReleased(shard.split.shard());
    }

    @Override
    public void handleSplitsChanges(SplitsChange<V3ioShardSplit> change) {
        monitor.lock();
        try {
            if (change instanceof SplitsAddition) {
                change.splits().forEach(this::add);
            } else if (change instanceof SplitsRemoval) {
                change.splits().forEach(this::drop);
            } else {
                throw new UnsupportedOperationException("Unknown change of splits: " + change);
            }
        } finally {
            monitor.unlock();
        }
    }

    @GuardedBy("monitor")
    private void add(V3ioShardSplit split) {
        ShardReading shard =
                new ShardReading(
                        split,
                        new IdlePause(settings.shortestIdlePause(), settings.longestIdlePause()),
                        new RequestSize(settings.maxRecordsPerRequest(), settings.bufferBytes()),
                        metrics.shard(split.shard()));
        if (shards.put(split.splitId(), shard) != null) {
            throw new FlinkRuntimeException(
                    "Shard " + split.splitId() + " was assigned twice to one reader.");
        }
        shard.begins(nanoClock.getAsLong());
        requests.add(shard);
    }

    @GuardedBy("monitor")
    private void drop(V3ioShardSplit split) {
        ShardReading shard = shards.get(split.splitId());
        if (shard != null) {
            remove(shard);
        }
    }

    @Override
    public void pauseOrResumeSplits(
            Collection<V3ioShardSplit> splitsToPause, Collection<V3ioShardSplit> splitsToResume) {
        monitor.lock();
        try {
            splitsToPause.forEach(split -> setPaused(split, true));
            splitsToResume.forEach(split -> setPaused(split, false));
        } finally {
            monitor.unlock();
        }
    }

    @GuardedBy("monitor")
    private void setPaused(V3ioShardSplit split, boolean paused) {
        ShardReading shard = shards.get(split.splitId());
        if (shard != null) {
            shard.paused = paused;
            if (paused) {
                requests.pause(shard);
            } else {
                requests.resume(shard);
            }
        }
    }

    @Override
    public void wakeUp() {
        monitor.lock();
        try {
            wokenUp = true;
            monitor.signalChange();
        } finally {
            monitor.unlock();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        List<CompletableFuture<?>> pending = new ArrayList<>();
        monitor.lock();
        try {
            monitor.stop();
            pending.addAll(requests.ofNoShard());
            pending.addAll(lagWatch.listings());
            for (ShardReading shard : shards.values()) {
                if (shard.pending != null) {
                    pending.add(shard.pending);
                }
            }
            shards.clear();
        } finally {
            monitor.unlock();
        }
        pending.forEach(answer -> answer.cancel(true));
    }
}

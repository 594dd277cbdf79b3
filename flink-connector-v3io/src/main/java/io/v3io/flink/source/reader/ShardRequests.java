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
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.ShardFacts;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Sends the requests of a reader's shards and judges their answers; {@link ShardStates} keeps what
 * each shard waits for.
 *
 * <p>All methods are called under the reader's monitor. Answers come on the client's I/O threads,
 * or at once on the thread that asks; they enter the monitor, and signal a change.
 */
@Internal
final class ShardRequests {

    private static final Logger LOG = LoggerFactory.getLogger(ShardRequests.class);

    /** So that the shards of a stream that have no record yet hardly cost more. */
    private static final int NOT_FOUND_PER_QUESTION = 32;

    /** How long a stream may take to be deleted after its first shard. */
    private static final long DELETION_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Between questions for a shard that is gone, at the most. */
    private static final long GONE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** After so many empty answers in a row a shard's newest number is looked at, too. */
    private static final int ANSWERS_PER_LOOK = 20;

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final ShardSeeker seeker;
    private final ReaderSettings settings;
    private final V3ioSourceReaderMetrics metrics;
    private final ShardFindings findings;
    private final StartBacklog backlog;
    private final LongSupplier nanoClock;
    private final ShardStates states;
    private final IdleWatch idleWatch;

    /**
     * Requests of no shard yet.
     *
     * @param monitor the split reader's
     * @param client sends
     * @param settings bounds
     * @param metrics the source reader's
     * @param findings takes note of what checkpoints need to know beside positions
     * @param backlog is told how far behind the shards are
     * @param nanoClock a clock like {@link System#nanoTime}
     */
    ShardRequests(
            ReaderMonitor monitor,
            V3ioClient client,
            ReaderSettings settings,
            V3ioSourceReaderMetrics metrics,
            ShardFindings findings,
            StartBacklog backlog,
            LongSupplier nanoClock) {
        this.monitor = monitor;
        this.client = client;
        this.seeker = new ShardSeeker(client, new DataLoss(settings.onDataLoss(), metrics));
        this.settings = settings;
        this.metrics = metrics;
        this.findings = findings;
        this.backlog = backlog;
        this.nanoClock = nanoClock;
        this.states =
                new ShardStates(
                        settings.maxConcurrentRequests(),
                        new ByteBudget(settings.bufferBytes(), metrics::buffered));
        this.idleWatch =
                new IdleWatch(
                        monitor,
                        client,
                        settings.longestIdlePause().toNanos(),
                        nanoClock,
                        states::makeRunnable,
                        this::sendAfterListing);
    }

    /** Takes a new shard in. */
    void add(ShardReading shard) {
        runOrEnd(shard);
    }

    /** Takes a shard out, wherever it is; an answer that is under way will find nothing to do. */
    void remove(ShardReading shard) {
        states.remove(shard);
        idleWatch.forget(shard);
    }

    /** Lets a shard go on that alignment had paused. */
    void resume(ShardReading shard) {
        states.resume(shard);
    }

    /** The shards that have something to hand over. */
    ShardStates states() {
        return states;
    }

    /** The shard's records have been handed over: on to the next ones. */
    void goOn(ShardReading shard) {
        if (shard.atEnd) {
            rest(shard, shard.pause.afterLastRecord());
        } else {
            shard.pause.afterMoreRecords();
            states.makeRunnable(shard);
        }
    }

    /**
     * Time until the next pause ends, in nanoseconds; may be negative. {@link Long#MAX_VALUE} when
     * no shard rests.
     */
    long nanosUntilDue() {
        return Math.min(states.nanosUntilDue(nanoClock.getAsLong()), idleWatch.nanosUntilDue());
    }

    /** Requests under way that belong to no shard. */
    List<CompletableFuture<?>> listings() {
        return idleWatch.listings();
    }

    /** Sends what can be sent now. */
    void send() {
        states.endPauses(nanoClock.getAsLong());
        if (!monitor.isReading()) {
            return;
        }
        idleWatch.send();
        for (ShardReading shard = states.nextToAsk(); shard != null; shard = nextToAsk()) {
            if (shard.fetchLocation == null) {
                seek(shard);
            } else {
                getRecords(shard, shard.fetchLocation);
            }
        }
    }

    /** An answer that came at once may have ended the reading. */
    @Nullable
    private ShardReading nextToAsk() {
        return monitor.isReading() ? states.nextToAsk() : null;
    }

    private void seek(ShardReading shard) {
        ask(
                shard,
                seeker.seek(shard.split, shard.progress.position(), shard.deaths),
                (found, error) -> onLocation(shard, found, error));
    }

    private void getRecords(ShardReading shard, Location location) {
        ask(
                shard,
                client.getRecords(
                        shard.split.shard(),
                        location,
                        shard.size.limit(),
                        bodyBytes -> admit(shard, bodyBytes)),
                (batch, error) -> onRecords(shard, location, batch, error));
    }

    /**
     * The server has told how large an answer is, and nothing of it is held yet. When there is no
     * room for it, it is given up and asked for again when there is: to let it wait half read would
     * run into its deadline, because room comes only when the job has emitted what is held.
     */
    private boolean admit(ShardReading shard, long bodyBytes) {
        monitor.lock();
        try {
            boolean isWanted = shard.state == ShardReading.State.IN_FLIGHT && !monitor.isStopped();
            if (isWanted && states.tryAdmit(shard, bodyBytes)) {
                return true;
            }
            shard.size.noteRefused(bodyBytes);
            return false;
        } finally {
            monitor.unlock();
        }
    }

    private <T> void ask(
            ShardReading shard, CompletableFuture<T> answer, ReaderMonitor.OnAnswer<T> onAnswer) {
        states.asked(shard);
        shard.pending = answer;
        monitor.whenAnswered(
                answer,
                (value, error) -> {
                    states.answered();
                    shard.answeredNanos = nanoClock.getAsLong();
                    if (shard.pending == answer) {
                        shard.pending = null;
                    }
                    if (shard.state == ShardReading.State.IN_FLIGHT && !monitor.isStopped()) {
                        onAnswer.accept(value, error);
                    }
                    send();
                    monitor.signalChange();
                });
    }

    private void onLocation(
            ShardReading shard, @Nullable FoundLocation found, @Nullable Throwable error) {
        if (error == null) {
            shard.isGone = false;
            shard.fetchLocation = found.location();
            ShardFacts.GivenUp loss = shard.progress.restartedBySeek(found);
            if (loss != null) {
                findings.gaveUp(shard.split, loss);
            }
            runOrEnd(shard);
        } else if (kindOf(error) == V3ioException.Kind.NOT_FOUND) {
            // Not born yet: it is there with its first record. That the whole stream is gone,
            // discovery notices, or a question now and then where that only ends the shard.
            noteEnd(shard);
            shard.timesNotFound++;
            if (settings.onDeletedStream() == OnDeletedStream.END
                    && shard.timesNotFound % NOT_FOUND_PER_QUESTION == 0) {
                askWhetherDeleted(
                        shard,
                        () -> restUntilSomethingNew(shard, shard.progress.takenThrough() == 0));
            } else {
                restUntilSomethingNew(shard, shard.progress.takenThrough() == 0);
            }
        } else if (kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION) {
            // Retention passed between the steps of the seek.
            shard.deaths++;
            rest(shard, shard.pause.afterEmptyAnswer());
        } else {
            failOrEnd(shard, error);
        }
    }

    /** What a shard could not be read for may be that its stream was deleted. */
    private void failOrEnd(ShardReading shard, Throwable error) {
        boolean isOutage = error instanceof V3ioException failure && failure.kind().isTransient();
        if (settings.onDeletedStream() == OnDeletedStream.END && !isOutage) {
            askWhetherDeleted(shard, () -> waitOrFail(shard, error));
        } else {
            monitor.fail(located(shard, error));
        }
    }

    /**
     * To delete a stream takes many requests, the shards first and the stream last (API page,
     * section 2): in between, shards are gone and the stream is still there.
     */
    private void waitOrFail(ShardReading shard, Throwable error) {
        if (error instanceof ShardSeeker.ShardGoneException) {
            long now = nanoClock.getAsLong();
            if (!shard.isGone) {
                shard.isGone = true;
                shard.goneSinceNanos = now;
            }
            if (now - shard.goneSinceNanos < DELETION_NANOS) {
                shard.fetchLocation = null;
                rest(shard, Math.min(shard.pause.afterEmptyAnswer(), GONE_PAUSE_NANOS));
                return;
            }
        }
        monitor.fail(located(shard, error));
    }

    private void askWhetherDeleted(ShardReading shard, Runnable ifNot) {
        ask(
                shard,
                client.describeStream(shard.split.shard().stream()),
                (description, error) -> {
                    V3ioException.Kind kind = error == null ? null : kindOf(error);
                    if (kind == V3ioException.Kind.NOT_FOUND
                            || kind == V3ioException.Kind.NOT_A_STREAM) {
                        end(shard);
                    } else {
                        ifNot.run();
                    }
                });
    }

    private void end(ShardReading shard) {
        LOG.warn(
                "Shard {} ends after sequence number {}: its stream was deleted, and {} is 'end'.",
                shard.split.shard(),
                shard.progress.takenThrough(),
                V3ioSourceOptions.ON_DELETED_STREAM.key());
        metrics.shardEnded();
        shard.progress.end();
        states.makeReady(shard);
    }

    private void onRecords(
            ShardReading shard,
            Location location,
            @Nullable RecordBatch batch,
            @Nullable Throwable error) {
        if (error != null) {
            states.releaseReserved(shard);
            if (kindOf(error) == V3ioException.Kind.NOT_ADMITTED) {
                states.makeRunnable(shard);
                return;
            }
            boolean isDead = kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION;
            // A seek tells whether a shard that is not found has not been born or was deleted.
            if (!isDead && kindOf(error) != V3ioException.Kind.NOT_FOUND) {
                failOrEnd(shard, error);
                return;
            }
            LOG.info(
                    "The location in shard {} after sequence number {} has died; seeking again.",
                    shard.split.shard(),
                    shard.progress.takenThrough());
            shard.fetchLocation = null;
            shard.deaths += isDead ? 1 : 0;
            // Not at once: a location that dies again and again must not be sought in a loop.
            rest(shard, shard.pause.afterEmptyAnswer());
            return;
        }
        shard.deaths = 0;
        boolean isDoubtful = shard.progress.isDoubtful(batch);
        ShardRecords records = isDoubtful ? null : shard.progress.take(batch, location);
        if (shard.progress.hasGaps()) {
            findings.hasGaps(shard.split);
        }
        if (isDoubtful) {
            states.releaseReserved(shard);
            shard.seekAgain();
            states.makeRunnable(shard);
            return;
        }
        shard.fetchLocation = batch.nextLocation();
        shard.noteAnswer(batch);
        if (shard.atEnd) {
            noteEnd(shard);
        } else if (!batch.records().isEmpty()) {
            backlog.answered(shard.splitId(), batch.millisBehindLatest());
        }
        if (!batch.records().isEmpty()) {
            shard.quietAnswers = 0;
            idleWatch.forget(shard);
        }
        if (records != null) {
            findings.startsAt(shard.split, records.firstSequenceNumber());
            states.holds(shard, records);
            metrics.fetched(records.bodyBytes(), records.newestArrivalMillis());
            states.makeReady(shard);
            return;
        }
        states.releaseReserved(shard);
        if (shard.progress.isFinished()) {
            states.makeReady(shard);
        } else if (!batch.records().isEmpty()) {
            states.makeRunnable(shard);
        } else if (shard.atEnd && shard.split.lastSequenceNumber().isPresent()) {
            checkEndExists(shard);
        } else {
            restUntilSomethingNew(shard, shard.atEnd);
        }
    }

    /** A shard has nothing more, or is not there yet. */
    private void noteEnd(ShardReading shard) {
        backlog.answered(shard.splitId(), 0);
        ShardFacts.CaughtUp caughtUp = shard.progress.caughtUp();
        if (caughtUp != null) {
            findings.caughtUp(shard.split, caughtUp);
        }
    }

    /** A shard has nothing new. */
    private void restUntilSomethingNew(ShardReading shard, boolean isShownByListings) {
        boolean isIdle = shard.pause.isLongest();
        long pause = shard.pause.afterEmptyAnswer();
        if (isIdle) {
            shard.progress.isQuiet();
            shard.quietAnswers++;
        }
        if (isIdle && isShownByListings && idleWatch.watch(shard)) {
            states.watched(shard);
        } else if (shard.quietAnswers >= ANSWERS_PER_LOOK && shard.progress.takenThrough() > 0) {
            shard.quietAnswers = 0;
            lookAtNewest(shard);
        } else {
            rest(shard, pause);
        }
    }

    /**
     * A shard that only ever answers with nothing may belong to a stream that was created again,
     * where its location lies beyond the end.
     */
    private void lookAtNewest(ShardReading shard) {
        ask(
                shard,
                seeker.newest(shard.split.shard()),
                (newest, error) -> {
                    // A server that does not tell it has said nothing against the shard.
                    if (error == null && newest < shard.progress.takenThrough()) {
                        shard.seekAgain();
                        states.makeRunnable(shard);
                    } else {
                        rest(shard, shard.pause.afterEmptyAnswer());
                    }
                });
    }

    private void sendAfterListing() {
        send();
        monitor.signalChange();
    }

    /**
     * A bounded shard ended before its last record, which was seen when the job started: either it
     * is still to be shown by a server that lags, or retention removed it.
     */
    private void checkEndExists(ShardReading shard) {
        ask(
                shard,
                seeker.seekRest(shard.split, shard.progress.position(), shard.progress.isKnown()),
                (found, error) -> {
                    if (error == null && found.lostThrough() > 0) {
                        onLocation(shard, found, null);
                    } else if (error == null
                            || kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION) {
                        rest(shard, shard.pause.afterEmptyAnswer());
                    } else {
                        failOrEnd(shard, error);
                    }
                });
    }

    /** A shard whose last records were given up has nothing more to read. */
    private void runOrEnd(ShardReading shard) {
        if (shard.progress.isFinished()) {
            states.makeReady(shard);
        } else {
            states.makeRunnable(shard);
        }
    }

    private void rest(ShardReading shard, long nanos) {
        states.rest(shard, nanoClock.getAsLong() + nanos);
    }

    /** The client knows the request; how far the shard had been read is known here. */
    private static Throwable located(ShardReading shard, Throwable error) {
        return error instanceof V3ioException
                ? new FlinkRuntimeException(
                        "Shard "
                                + shard.split.shard()
                                + " could not be read on after sequence number "
                                + shard.progress.takenThrough()
                                + ": "
                                + error.getMessage(),
                        error)
                : error;
    }

    @Nullable
    private static V3ioException.Kind kindOf(Throwable error) {
        return error instanceof V3ioException v3io ? v3io.kind() : null;
    }
}

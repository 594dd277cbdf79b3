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
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.ShardFacts;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.ArrayList;
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
final class ShardRequests implements AheadRequests.Requester {

    private static final Logger LOG = LoggerFactory.getLogger(ShardRequests.class);

    /** So that the shards of a stream that have no record yet hardly cost more. */
    private static final int NOT_FOUND_PER_QUESTION = 32;

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final ShardSeeker seeker;
    private final ReaderSettings settings;
    private final V3ioSourceReaderMetrics metrics;
    private final ShardFindings findings;
    private final StartBacklog backlog;
    private final LongSupplier nanoClock;
    private final ShardStates states;
    private final ShardQuestions questions;
    private final ShardFailures failures;
    private final AheadRequests ahead;
    private final IdleWatch idleWatch;
    private final QuietShards quiet;

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
        this.questions = new ShardQuestions(monitor, states, nanoClock, this::afterAnswer);
        this.failures =
                new ShardFailures(
                        monitor,
                        client,
                        settings.onDeletedStream(),
                        metrics,
                        states,
                        questions,
                        nanoClock);
        this.ahead = new AheadRequests(monitor, client, settings, states, metrics, nanoClock, this);
        this.idleWatch =
                new IdleWatch(
                        monitor,
                        client,
                        settings.longestIdlePause().toNanos(),
                        nanoClock,
                        states::makeRunnable,
                        this::afterAnswer);
        this.quiet =
                new QuietShards(
                        seeker,
                        findings,
                        backlog,
                        states,
                        questions,
                        failures,
                        ahead,
                        idleWatch,
                        nanoClock,
                        (shard, found) -> onLocation(shard, found, null));
    }

    /** Takes a new shard in. */
    void add(ShardReading shard) {
        ahead.add();
        runOrEnd(shard);
    }

    /** Takes a shard out, wherever it is; an answer that is under way will find nothing to do. */
    void remove(ShardReading shard) {
        states.remove(shard);
        ahead.remove(shard);
        idleWatch.forget(shard);
    }

    /** Alignment has paused a shard. */
    void pause(ShardReading shard) {
        ahead.pause(shard);
    }

    /** Lets a shard go on that alignment had paused. */
    void resume(ShardReading shard) {
        if (shard.state == ShardReading.State.PARKED) {
            askNext(shard);
        }
    }

    /** The shards that have something to hand over. */
    ShardStates states() {
        return states;
    }

    /** The reader tells it when it waits. */
    ReaderWait readerWait() {
        return ahead.readerWait();
    }

    /** The shard's records have been handed over: on to the next ones. */
    void goOn(ShardReading shard) {
        if (shard.atEnd) {
            quiet.rest(shard, shard.pause.afterLastRecord());
        } else {
            shard.pause.afterMoreRecords();
            askNext(shard);
        }
    }

    /**
     * Time until the next pause ends, in nanoseconds; may be negative. {@link Long#MAX_VALUE} when
     * no shard rests.
     */
    long nanosUntilDue() {
        return Math.min(states.nanosUntilDue(nanoClock.getAsLong()), idleWatch.nanosUntilDue());
    }

    /** Requests under way that are no shard's {@link ShardReading#pending}. */
    List<CompletableFuture<?>> ofNoShard() {
        List<CompletableFuture<?>> all = new ArrayList<>(idleWatch.listings());
        all.addAll(ahead.underWay());
        return all;
    }

    /** Sends what can be sent now. */
    void send() {
        states.endPauses(nanoClock.getAsLong());
        if (!monitor.isReading()) {
            return;
        }
        idleWatch.send();
        for (ShardReading shard = nextToAsk(); shard != null; shard = nextToAsk()) {
            if (shard.fetchLocation == null) {
                seek(shard);
            } else if (ahead.isNext(shard)) {
                // It was paused when it could have had it.
                states.releaseReserved(shard);
                askNext(shard);
            } else {
                getRecords(shard, shard.fetchLocation);
            }
        }
        ahead.send();
    }

    /** An answer that came at once may have ended the reading. */
    @Nullable
    private ShardReading nextToAsk() {
        if (!monitor.isReading()) {
            return null;
        }
        ShardReading shard = states.nextToAsk();
        while (shard == null
                && states.missingBytes() > 0
                && ahead.yieldBytes(states.missingBytes())) {
            shard = states.nextToAsk();
        }
        return shard;
    }

    /** The shard's next answer: one that was read ahead, or that to a request when it can. */
    @Override
    public void askNext(ShardReading shard) {
        if (!ahead.serve(shard)) {
            states.makeRunnable(shard);
        }
    }

    private void seek(ShardReading shard) {
        ahead.drop(shard);
        questions.ask(
                shard,
                seeker.seek(shard.split, shard.progress.position(), shard.deaths),
                (found, error) -> onLocation(shard, found, error));
    }

    private void getRecords(ShardReading shard, Location location) {
        int records = shard.ahead.recordsBefore(shard.progress.takenThrough(), shard.size.limit());
        shard.asked = records;
        questions.ask(
                shard,
                client.getRecords(
                        shard.split.shard(),
                        location,
                        records,
                        bodyBytes -> admit(shard, bodyBytes)),
                (batch, error) -> {
                    if (error == null) {
                        ahead.cameNext(shard);
                    }
                    onRecords(shard, location, records, batch, error);
                });
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

    private void onLocation(
            ShardReading shard, @Nullable FoundLocation found, @Nullable Throwable error) {
        if (error == null) {
            shard.isGone = false;
            shard.fetchLocation = found.location();
            ShardFacts.GivenUp loss = shard.progress.restartedBySeek(found);
            if (loss != null) {
                findings.gaveUp(shard.split, loss);
                shard.ahead.allow();
            }
            runOrEnd(shard);
        } else if (ShardFailures.kindOf(error) == V3ioException.Kind.NOT_FOUND) {
            // Not born yet: it is there with its first record. That the whole stream is gone,
            // discovery notices, or a question now and then where that only ends the shard.
            quiet.noteEnd(shard);
            shard.timesNotFound++;
            if (settings.onDeletedStream() == OnDeletedStream.END
                    && shard.timesNotFound % NOT_FOUND_PER_QUESTION == 0) {
                failures.askWhetherDeleted(
                        shard,
                        () ->
                                quiet.restUntilSomethingNew(
                                        shard, shard.progress.takenThrough() == 0));
            } else {
                quiet.restUntilSomethingNew(shard, shard.progress.takenThrough() == 0);
            }
        } else if (ShardFailures.kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION) {
            // Retention passed between the steps of the seek.
            shard.deaths++;
            quiet.rest(shard, shard.pause.afterEmptyAnswer());
        } else {
            failures.failOrEnd(shard, error);
        }
    }

    @Override
    public void take(ShardReading shard, AheadBlock.Answer answer) {
        onRecords(shard, answer.fetchedFrom(), answer.asked(), answer.batch(), null);
    }

    private void onRecords(
            ShardReading shard,
            Location location,
            int asked,
            @Nullable RecordBatch batch,
            @Nullable Throwable error) {
        if (error != null) {
            states.releaseReserved(shard);
            if (ShardFailures.kindOf(error) == V3ioException.Kind.NOT_ADMITTED) {
                states.makeRunnable(shard);
                return;
            }
            boolean isDead = ShardFailures.kindOf(error) == V3ioException.Kind.ILLEGAL_LOCATION;
            // A seek tells whether a shard that is not found has not been born or was deleted.
            if (!isDead && ShardFailures.kindOf(error) != V3ioException.Kind.NOT_FOUND) {
                failures.failOrEnd(shard, error);
                return;
            }
            LOG.info(
                    "The location in shard {} after sequence number {} has died; seeking again.",
                    shard.split.shard(),
                    shard.progress.takenThrough());
            shard.fetchLocation = null;
            shard.deaths += isDead ? 1 : 0;
            // Not at once: a location that dies again and again must not be sought in a loop.
            quiet.rest(shard, shard.pause.afterEmptyAnswer());
            return;
        }
        shard.deaths = 0;
        boolean isDoubtful = shard.progress.isDoubtful(batch);
        FetchedBatch fetched = isDoubtful ? null : shard.progress.take(batch, location);
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
        shard.noteAnswer(batch, asked);
        if (shard.atEnd) {
            quiet.noteEnd(shard);
        } else if (!batch.records().isEmpty()) {
            backlog.answered(shard.splitId(), shard.lag.mostMillis(nanoClock.getAsLong()));
        }
        if (!batch.records().isEmpty()) {
            shard.quietAnswers = 0;
            idleWatch.forget(shard);
        }
        if (fetched != null) {
            findings.startsAt(shard.split, fetched.firstSequenceNumber());
            states.holds(shard, fetched);
            ahead.taken(shard, batch);
            metrics.fetched(
                    fetched.bodyBytes(),
                    fetched.newestArrivalMillis(),
                    TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - shard.answeredNanos));
            states.makeReady(shard);
            return;
        }
        states.releaseReserved(shard);
        if (shard.progress.isFinished()) {
            states.makeReady(shard);
        } else if (!batch.records().isEmpty()) {
            askNext(shard);
        } else if (shard.atEnd && shard.split.lastSequenceNumber().isPresent()) {
            quiet.checkEndExists(shard);
        } else {
            quiet.restUntilSomethingNew(shard, shard.atEnd);
        }
    }

    @Override
    public void afterAnswer() {
        send();
        monitor.signalChange();
    }

    /** A shard whose last records were given up has nothing more to read. */
    private void runOrEnd(ShardReading shard) {
        if (shard.progress.isFinished()) {
            states.makeReady(shard);
        } else {
            states.makeRunnable(shard);
        }
    }
}

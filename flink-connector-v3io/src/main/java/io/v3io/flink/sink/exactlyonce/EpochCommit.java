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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.InvalidRecord;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.InvalidRecords;
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.RecordErrors;
import io.v3io.flink.sink.writer.RecordQueue;
import io.v3io.flink.sink.writer.RetryBackoff;
import io.v3io.flink.sink.writer.SinkErrors;
import io.v3io.flink.sink.writer.SinkSettings;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Stores the records of one epoch, each once.
 *
 * <p>An answer settles a record when it says that it is stored, or that it is not. Any other end of
 * a request leaves its records <em>open</em>: they may be stored, now or a little later. Open
 * records are looked for in the stream. Those that are not there are looked for once more when the
 * landing timeout has passed since they may have been sent last, and only if they are still not
 * there they are sent again.
 *
 * <p>What an earlier attempt of the job may have sent is open as a whole, from the start. If that
 * attempt has given up records, they are never found. It has left a note then before it removed the
 * staged objects.
 *
 * <p>One thread, which waits here, may be interrupted at any time, and leaves nothing behind but
 * requests whose answers nobody reads.
 */
final class EpochCommit {

    private static final Logger LOG = LoggerFactory.getLogger(EpochCommit.class);

    private static final int TOO_MANY_REQUESTS = 429;

    /** What is committed is counted here, and not batch by batch. */
    private static final PendingRecord.Batch NO_BATCH = new PendingRecord.Batch(0, batch -> {});

    private final Epoch epoch;
    private final SinkSettings settings;
    private final SinkSettings.ExactlyOnce exactlyOnce;
    private final V3ioClient client;
    private final InvalidRecords invalidRecords;
    private final EpochMetrics metrics;
    private final EpochSource source;
    private final TagScan scan;
    private final RetryBackoff backoff;

    private final Map<StreamPath, Lane> lanes = new HashMap<>();
    private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final PriorityQueue<Attempt> waiting =
            new PriorityQueue<>((a, b) -> Long.signum(a.dueNanos - b.dueNanos));

    /** Requests of unknown fate, in the order in which that became known. */
    private final Queue<Attempt> open = new ArrayDeque<>();

    private boolean openIsNew;
    private int inFlight;
    private long loadedRecords;
    private long loadedBytes;
    private long settledRecords;
    private int foundBeforeLoading;
    private boolean gaveUp;
    private boolean settledEarlier;
    private long progressNanos;

    EpochCommit(
            Epoch epoch,
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            V3ioClient client,
            InvalidRecords invalidRecords,
            EpochMetrics metrics) {
        this.epoch = epoch;
        this.settings = settings;
        this.exactlyOnce = exactlyOnce;
        this.client = client;
        this.invalidRecords = invalidRecords;
        this.metrics = metrics;
        this.source = new EpochSource(epoch, client);
        this.scan = new TagScan(epoch, client, System::currentTimeMillis);
        this.backoff = settings.backoff();
    }

    /** The records of one stream that are to be sent. */
    private final class Lane {

        private final StreamPath stream;
        private final RecordQueue queue;

        /** Sent before and not stored; in ordered mode they hold up what comes after them. */
        private final Queue<PendingRecord> again = new ArrayDeque<>();

        /** Collected until it is a full request. */
        private List<PendingRecord> batch = new ArrayList<>();

        private long batchBytes;
        private int sending;

        Lane(StreamPath stream) {
            this.stream = stream;
            this.queue =
                    settings.routing().ordered()
                            ? new RecordQueue.Ordered(
                                    settings.maxBatchSize(), settings.maxRecordBytesPerRequest())
                            : new RecordQueue.Unordered();
        }

        void add(PendingRecord record) {
            if (batch.size() >= settings.maxBatchSize()
                    || batchBytes + record.sizeBytes() > settings.maxRecordBytesPerRequest()) {
                addBatch();
            }
            batch.add(record);
            batchBytes += record.sizeBytes();
        }

        /** What was collected may be sent. */
        void addBatch() {
            if (!batch.isEmpty()) {
                queue.add(batch);
                batch = new ArrayList<>();
                batchBytes = 0;
            }
        }

        List<PendingRecord> poll() {
            if (again.isEmpty()) {
                return queue.poll(sending);
            }
            List<PendingRecord> records = new ArrayList<>();
            long bytes = 0;
            while (!again.isEmpty() && records.size() < settings.maxBatchSize()) {
                bytes += again.element().sizeBytes();
                if (bytes > settings.maxRecordBytesPerRequest() && !records.isEmpty()) {
                    break;
                }
                records.add(again.remove());
            }
            return records;
        }
    }

    /** Some records on their way, attempt after attempt. */
    private static final class Attempt {

        private final Lane lane;
        private final List<PendingRecord> records;
        private int attempts;
        private long firstNanos;
        private long sentMillis;
        private long endedNanos;
        private long dueNanos;

        Attempt(Lane lane, List<PendingRecord> records) {
            this.lane = lane;
            this.records = records;
        }
    }

    private record Answer(
            Attempt attempt, @Nullable List<PutResult> results, @Nullable Throwable error) {}

    /**
     * Returns when every record is stored, or given up as the user chose.
     *
     * @param sentUntilNanos until when an earlier attempt of the job may have sent some of them;
     *     empty if there was none
     * @return whether all of them were stored, or given up, before
     */
    boolean run(OptionalLong sentUntilNanos) throws IOException, InterruptedException {
        metrics.began(epoch);
        if (sentUntilNanos.isPresent()) {
            look();
            if (scan.storedCount() >= epoch.recordCount()) {
                metrics.foundStored(epoch.recordCount());
                return true;
            }
            if (scan.storedCount() > 0) {
                metrics.resumed();
            }
            LOG.info(
                    "{} of {} records of epoch {} are stored. It waits until nobody else can be"
                            + " sending the others, and looks once more before it sends them.",
                    scan.storedCount(),
                    epoch.recordCount(),
                    epoch.id());
            waitUntil(sentUntilNanos.getAsLong() + exactlyOnce.landingTimeout().toNanos());
            look();
        }
        progressNanos = System.nanoTime();
        while (true) {
            load();
            sendWhatMay();
            if (settledRecords == loadedRecords && !isMoreToLoad()) {
                metrics.foundStored(foundBeforeLoading);
                return settledEarlier;
            }
            if (isLookDue()) {
                lookForOpen();
            } else {
                judgeNext();
            }
        }
    }

    private boolean isMoreToLoad() {
        return !settledEarlier && source.hasNext();
    }

    private void load() throws IOException, InterruptedException {
        while (isMoreToLoad() && loadedBytes < settings.maxPendingBytes()) {
            for (RoutedRecord routed : next()) {
                if (scan.isStored(index(routed.record()))) {
                    foundBeforeLoading++;
                } else {
                    PendingRecord pending = pending(routed);
                    lane(routed.stream()).add(pending);
                    loadedRecords++;
                    loadedBytes += pending.sizeBytes();
                }
            }
            lanes.values().forEach(Lane::addBatch);
        }
    }

    /** The records of the next part; none if an earlier attempt has settled the epoch. */
    private List<RoutedRecord> next() throws IOException, InterruptedException {
        try {
            return source.next();
        } catch (EpochSource.ObjectGone e) {
            if (!isFinished()) {
                throw e;
            }
            settledEarlier = true;
            foundBeforeLoading = Math.max(foundBeforeLoading, scan.storedCount());
            LOG.info(
                    "An earlier attempt of the job has committed epoch {} but for records that can"
                            + " never be stored.",
                    epoch.id());
            return List.of();
        }
    }

    private boolean isFinished() throws IOException, InterruptedException {
        try {
            return EpochStaging.hasNote(client, epoch).get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "The staging directory could not be read to find out whether epoch "
                            + epoch.id()
                            + " was finished: "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    /** Whether some records were given up, and are not in the stream. */
    boolean gaveUp() {
        return gaveUp;
    }

    private PendingRecord pending(RoutedRecord routed) {
        return new PendingRecord(routed, settings.sizeInBytes(routed), NO_BATCH);
    }

    private Lane lane(StreamPath stream) {
        return lanes.computeIfAbsent(stream, Lane::new);
    }

    private static int index(PutRecord record) {
        return EpochId.index(record.clientInfo());
    }

    private void sendWhatMay() {
        long now = System.nanoTime();
        while (inFlight < settings.maxInFlightRequests()
                && !waiting.isEmpty()
                && waiting.element().dueNanos - now <= 0) {
            send(waiting.remove());
        }
        boolean sent = true;
        while (sent) {
            sent = false;
            for (Lane lane : lanes.values()) {
                if (inFlight + waiting.size() >= settings.maxInFlightRequests()) {
                    return;
                }
                List<PendingRecord> records = lane.poll();
                if (!records.isEmpty()) {
                    lane.sending++;
                    send(new Attempt(lane, records));
                    sent = true;
                }
            }
        }
    }

    private void send(Attempt attempt) {
        inFlight++;
        attempt.sentMillis = System.currentTimeMillis();
        if (attempt.attempts++ == 0) {
            attempt.firstNanos = System.nanoTime();
        }
        List<PutRecord> records = attempt.records.stream().map(PendingRecord::record).toList();
        var unused =
                client.putRecords(attempt.lane.stream, records)
                        .whenComplete(
                                (results, error) ->
                                        answers.add(new Answer(attempt, results, error)));
    }

    /** Waits for an answer, or for something that is due. */
    private void judgeNext() throws IOException, InterruptedException {
        if (inFlight == 0 && waiting.isEmpty() && open.isEmpty()) {
            throw new IllegalStateException(
                    (loadedRecords - settledRecords)
                            + " records of epoch "
                            + epoch.id()
                            + " wait for nothing.");
        }
        long now = System.nanoTime();
        long waitNanos = Long.MAX_VALUE;
        if (!waiting.isEmpty()) {
            waitNanos = waiting.element().dueNanos - now;
        }
        if (!open.isEmpty()) {
            waitNanos = Math.min(waitNanos, landedNanos(open.element()) - now);
        }
        Answer answer = answers.poll(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
        while (answer != null) {
            judge(answer);
            answer = answers.poll();
        }
    }

    private void judge(Answer answer) throws IOException {
        Attempt attempt = answer.attempt();
        inFlight--;
        attempt.endedNanos = System.nanoTime();
        if (answer.error() != null) {
            judgeFailure(attempt, answer.error());
        } else if (answer.results().size() != attempt.records.size()) {
            isOpen(attempt);
        } else {
            judgeResults(attempt, answer.results());
        }
    }

    private void judgeResults(Attempt attempt, List<PutResult> results) throws IOException {
        List<PendingRecord> failed = new ArrayList<>();
        String reason = "";
        for (int i = 0; i < results.size(); i++) {
            PendingRecord record = attempt.records.get(i);
            if (!(results.get(i) instanceof PutResult.Failed refusal)) {
                settle(attempt.lane, record);
            } else if (refusal.kind().isTransient()) {
                failed.add(record);
                reason = refusal.errorMessage() + " (" + refusal.errorCode() + ")";
            } else {
                String why =
                        SinkErrors.recordRefused(attempt.lane.stream, record.record(), refusal);
                if (!RecordErrors.isOfRecord(refusal.errorName())) {
                    throw new IOException(why);
                }
                giveUp(attempt.lane, record, why);
            }
        }
        if (failed.isEmpty()) {
            attempt.lane.sending--;
            return;
        }
        Attempt next = new Attempt(attempt.lane, failed);
        next.attempts = attempt.attempts;
        next.firstNanos = attempt.firstNanos;
        tryLater(next, reason, null);
    }

    private void settle(Lane lane, PendingRecord record) {
        settledRecords++;
        loadedBytes -= record.sizeBytes();
        lane.queue.settled(record);
        progressNanos = System.nanoTime();
        metrics.recordsLeft(epoch.recordCount() - foundBeforeLoading - settledRecords);
    }

    /** The server refuses this record for itself, and would do so again. */
    private void giveUp(Lane lane, PendingRecord record, String why) throws IOException {
        if (invalidRecords.isDeadLetter(lane.stream)) {
            throw new IOException(why);
        }
        Optional<RoutedRecord> substitute =
                invalidRecords.handle(
                        new InvalidRecord(lane.stream.toString(), record.record(), why));
        if (substitute.isEmpty()) {
            gaveUp = true;
            settle(lane, record);
            return;
        }
        // Under the tag of the record in whose place it is stored.
        RoutedRecord deadLetter = substitute.get();
        PutRecord tagged = deadLetter.record().withClientInfo(record.record().clientInfo());
        PendingRecord instead = pending(new RoutedRecord(deadLetter.stream(), tagged));
        loadedBytes += instead.sizeBytes() - record.sizeBytes();
        lane.queue.settled(record);
        Lane deadLetters = lane(deadLetter.stream());
        deadLetters.add(instead);
        deadLetters.addBatch();
    }

    private void judgeFailure(Attempt attempt, Throwable error) throws IOException {
        if (!(error instanceof V3ioException e)) {
            throw SinkErrors.requestRefused(attempt.lane.stream, records(attempt), error);
        }
        if (e.neverSent() || e.status().orElse(0) == TOO_MANY_REQUESTS) {
            tryLater(attempt, e.getMessage(), e);
        } else if (RecordErrors.mayConcernOneRecord(e)) {
            refused(attempt, e);
        } else if (concernsAll(e.kind())) {
            throw SinkErrors.requestRefused(attempt.lane.stream, records(attempt), e);
        } else {
            LOG.warn(
                    "Nobody knows whether {} records of epoch {} are stored in stream {}; they are"
                            + " looked for there: {}",
                    attempt.records.size(),
                    epoch.id(),
                    attempt.lane.stream,
                    e.getMessage());
            isOpen(attempt);
        }
    }

    /** Whether the server has surely stored nothing, and would not, whatever is in the request. */
    private static boolean concernsAll(Kind kind) {
        return switch (kind) {
            case NOT_FOUND, NOT_A_STREAM, PERMISSION_DENIED, INVALID_ARGUMENT, CLOSED -> true;
            default -> false;
        };
    }

    /** A request is refused as a whole: finds the record that is the reason, by halves. */
    private void refused(Attempt attempt, V3ioException e) throws IOException {
        List<PendingRecord> records = attempt.records;
        if (records.size() == 1) {
            attempt.lane.sending--;
            PendingRecord record = records.get(0);
            giveUp(
                    attempt.lane,
                    record,
                    SinkErrors.refusedAlone(attempt.lane.stream, record.record(), e));
            return;
        }
        int half = records.size() / 2;
        send(new Attempt(attempt.lane, records.subList(0, half)));
        attempt.lane.sending++;
        send(new Attempt(attempt.lane, records.subList(half, records.size())));
    }

    private static List<PutRecord> records(Attempt attempt) {
        return attempt.records.stream().map(PendingRecord::record).toList();
    }

    private void tryLater(Attempt attempt, String reason, @Nullable V3ioException cause)
            throws IOException {
        Duration elapsed = Duration.ofNanos(System.nanoTime() - attempt.firstNanos);
        Duration wanted = cause == null ? Duration.ZERO : cause.retryAfter().orElse(Duration.ZERO);
        OptionalLong delay = backoff.nextDelayMillis(attempt.attempts - 1, elapsed, wanted);
        if (delay.isEmpty()) {
            throw SinkErrors.givenUp(
                    attempt.lane.stream,
                    records(attempt),
                    attempt.attempts,
                    elapsed,
                    reason,
                    cause);
        }
        attempt.dueNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delay.getAsLong());
        waiting.add(attempt);
    }

    private void isOpen(Attempt attempt) throws IOException {
        open.add(attempt);
        openIsNew = true;
        Duration stalled = Duration.ofNanos(System.nanoTime() - progressNanos);
        Duration patience =
                settings.retryPolicy()
                        .maxElapsed()
                        .plus(exactlyOnce.landingTimeout())
                        .plus(settings.client().responseTimeout());
        if (stalled.compareTo(patience) > 0) {
            throw new IOException(
                    "Epoch "
                            + epoch.id()
                            + " could not be committed: no record of it was stored for "
                            + stalled.toSeconds()
                            + " s. Of its "
                            + epoch.recordCount()
                            + " records "
                            + (settledRecords + scan.storedCount())
                            + " are stored or given up; the others are sent when the job has"
                            + " restarted. Check the server and the network; the time until the"
                            + " job fails is the retry policy's maxElapsed (configureClient,"
                            + " setRetryPolicy; in SQL 'sink.retry.max-elapsed') and the landing"
                            + " timeout.");
        }
    }

    private long landedNanos(Attempt attempt) {
        return attempt.endedNanos + exactlyOnce.landingTimeout().toNanos();
    }

    /** At once when no answer is to come that might be open, too, and when one has had its time. */
    private boolean isLookDue() {
        return !open.isEmpty()
                && ((openIsNew && inFlight == 0)
                        || landedNanos(open.element()) - System.nanoTime() <= 0);
    }

    private void lookForOpen() throws IOException, InterruptedException {
        long beganNanos = System.nanoTime();
        look();
        openIsNew = false;
        for (int i = open.size(); i > 0; i--) {
            Attempt attempt = open.remove();
            List<PendingRecord> missing = new ArrayList<>();
            for (PendingRecord record : attempt.records) {
                if (scan.isStored(index(record.record()))) {
                    settleFound(attempt.lane, record);
                } else {
                    missing.add(record);
                }
            }
            if (missing.size() < attempt.records.size()) {
                metrics.landedAfter(Math.max(0, scan.newestArrivalMillis() - attempt.sentMillis));
            }
            if (missing.isEmpty()) {
                attempt.lane.sending--;
            } else if (landedNanos(attempt) - beganNanos <= 0) {
                attempt.lane.sending--;
                attempt.lane.again.addAll(missing);
            } else {
                Attempt left = new Attempt(attempt.lane, missing);
                left.sentMillis = attempt.sentMillis;
                left.endedNanos = attempt.endedNanos;
                open.add(left);
            }
        }
    }

    private void settleFound(Lane lane, PendingRecord record) {
        settle(lane, record);
        metrics.foundStored(1);
    }

    private void look() throws IOException, InterruptedException {
        metrics.looked();
        scan.look();
    }

    /** Waits for a time, in which no answer can come. */
    private void waitUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        while (left > 0) {
            answers.poll(left, TimeUnit.NANOSECONDS);
            left = nanos - System.nanoTime();
        }
    }
}

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
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.InvalidRecord;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.sink.exactlyonce.CommitRequests.Answer;
import io.v3io.flink.sink.exactlyonce.CommitRequests.Attempt;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.InvalidRecords;
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.RecordQueue;
import io.v3io.flink.sink.writer.RetryBackoff;
import io.v3io.flink.sink.writer.SinkErrors;
import io.v3io.flink.sink.writer.SinkSettings;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

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
 * attempt has given up records, or has put dead letters into a stream that the epoch does not know,
 * they are never found, and must not be judged again. It has left a note then, if the epoch was
 * staged, before it removed the objects.
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
    private final InvalidRecords invalidRecords;
    private final EpochMetrics metrics;
    private final BackgroundCommits.Permission permission;
    private final EpochSource source;
    private final TagScan scan;
    private final RetryBackoff backoff;

    private final Map<StreamPath, StreamLane> lanes = new HashMap<>();
    private final CommitRequests requests;
    private final OpenRequests open;
    private long loadedRecords;
    private long loadedBytes;
    private long settledRecords;
    private int foundBeforeLoading;
    private int storedBefore;
    private boolean needsNote;
    private long progressNanos;

    EpochCommit(
            Epoch epoch,
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            V3ioClient client,
            InvalidRecords invalidRecords,
            EpochMetrics metrics,
            BackgroundCommits.Permission permission) {
        this.epoch = epoch;
        this.settings = settings;
        this.exactlyOnce = exactlyOnce;
        this.invalidRecords = invalidRecords;
        this.metrics = metrics;
        this.permission = permission;
        this.scan = new TagScan(epoch, client, System::currentTimeMillis);
        this.backoff = settings.backoff();
        this.requests = new CommitRequests(client, settings.maxInFlightRequests());
        this.source = new EpochSource(epoch, client, requests::wakeUp);
        this.open = new OpenRequests(exactlyOnce.landingTimeout());
    }

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
            if (isSettled()) {
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
            requests.pauseUntil(
                    sentUntilNanos.getAsLong() + exactlyOnce.landingTimeout().toNanos());
            look();
            if (isSettled()) {
                // The earlier attempt has done it meanwhile, and removed what was staged.
                return true;
            }
        }
        storedBefore = scan.storedCount();
        progressNanos = System.nanoTime();
        while (true) {
            load();
            awaitPermission();
            requests.sendWhatMay(lanes.values());
            if (isIdle() && !source.hasNext()) {
                metrics.foundStored(foundBeforeLoading);
                return false;
            }
            if (open.isLookDue(requests.isAnyInFlight())) {
                lookForOpen();
            } else {
                judgeNext();
            }
        }
    }

    /** Whether an earlier attempt has stored all records, but for those that it gave up. */
    private boolean isSettled() throws IOException, InterruptedException {
        if (scan.storedCount() < epoch.recordCount()) {
            if (!source.wasFinished()) {
                return false;
            }
            LOG.info(
                    "An earlier attempt of the job has committed epoch {} but for records that can"
                            + " never be stored.",
                    epoch.id());
        }
        metrics.foundStored(scan.storedCount());
        return true;
    }

    private void awaitPermission() throws InterruptedException {
        long startNanos = System.nanoTime();
        permission.await();
        sentNothingSince(startNanos);
    }

    /** Nothing was sent in this time, so nothing could be stored. */
    private void sentNothingSince(long startNanos) {
        progressNanos += System.nanoTime() - startNanos;
    }

    private void load() throws IOException, InterruptedException {
        while (source.hasNext()
                && loadedBytes < settings.maxPendingBytes()
                && (source.isNextHere() || isIdle())) {
            long startNanos = System.nanoTime();
            List<RoutedRecord> part = source.next();
            sentNothingSince(startNanos);
            for (RoutedRecord routed : part) {
                if (scan.isStored(index(routed.record()))) {
                    foundBeforeLoading++;
                } else {
                    PendingRecord pending = pending(routed);
                    scan.await(index(routed.record()));
                    lane(routed.stream()).add(pending);
                    loadedRecords++;
                    loadedBytes += pending.sizeBytes();
                }
            }
            lanes.values().forEach(StreamLane::addBatch);
        }
    }

    /** While answers are to come, an object that is late must not hold up what they lead to. */
    private boolean isIdle() {
        return settledRecords == loadedRecords;
    }

    /**
     * Whether a later attempt would not find all records again: some were given up, or dead letters
     * in their places went to a stream that the epoch does not know.
     */
    boolean needsNote() {
        return needsNote;
    }

    private PendingRecord pending(RoutedRecord routed) {
        return new PendingRecord(routed, settings.sizeInBytes(routed), NO_BATCH);
    }

    private StreamLane lane(StreamPath stream) {
        return lanes.computeIfAbsent(stream, s -> new StreamLane(s, settings));
    }

    private static int index(PutRecord record) {
        return EpochId.index(record.clientInfo());
    }

    /** Waits for an answer, or for something that is due. */
    private void judgeNext() throws IOException, InterruptedException {
        OptionalLong landed = open.nextLandedNanos();
        if (!requests.isAnyInFlight() && !requests.isAnyWaiting() && landed.isEmpty()) {
            throw new IllegalStateException(
                    (loadedRecords - settledRecords)
                            + " records of epoch "
                            + epoch.id()
                            + " wait for nothing.");
        }
        for (Answer answer : requests.await(landed)) {
            judge(answer);
        }
    }

    private void judge(Answer answer) throws IOException {
        Attempt attempt = answer.attempt();
        if (answer.error() != null) {
            judgeFailure(attempt, answer.error());
        } else if (answer.results().size() != attempt.records().size()) {
            isOpen(attempt);
        } else {
            judgeResults(attempt, answer.results());
        }
    }

    private void judgeResults(Attempt attempt, List<PutResult> results) throws IOException {
        List<PendingRecord> stored = new ArrayList<>();
        List<PendingRecord> failed = new ArrayList<>();
        Map<PendingRecord, PutResult.Failed> refused = new LinkedHashMap<>();
        String reason = "";
        for (int i = 0; i < results.size(); i++) {
            PendingRecord record = attempt.records().get(i);
            if (!(results.get(i) instanceof PutResult.Failed refusal)) {
                settle(attempt.lane(), record);
                stored.add(record);
            } else if (refusal.kind().isTransient()) {
                failed.add(record);
                reason = refusal.errorMessage() + " (" + refusal.errorCode() + ")";
            } else {
                refused.put(record, refusal);
            }
        }
        if (!stored.isEmpty()) {
            progressed();
        }
        // Before anything can fail: it is known now, and never again.
        metrics.overtaken(RecordQueue.countOvertaken(attempt.records(), stored, failed));
        for (Map.Entry<PendingRecord, PutResult.Failed> entry : refused.entrySet()) {
            PendingRecord record = entry.getKey();
            String why =
                    SinkErrors.recordRefused(
                            attempt.lane().stream(), record.record(), entry.getValue());
            if (!SinkErrors.isOfRecord(entry.getValue().errorName())) {
                throw new IOException(why);
            }
            giveUp(attempt.lane(), record, why);
        }
        if (failed.isEmpty()) {
            settled(attempt);
            return;
        }
        tryLater(attempt.of(failed), reason, null);
    }

    /** All records of a request are settled. */
    private static void settled(Attempt attempt) {
        Attempt next = attempt.next();
        if (next != null) {
            attempt.lane().sendFirst(next);
        }
    }

    private void settle(StreamLane lane, PendingRecord record) {
        settledRecords++;
        loadedBytes -= record.sizeBytes();
        scan.settled(index(record.record()));
        lane.settled(record);
    }

    private void progressed() {
        progressNanos = System.nanoTime();
        metrics.recordsLeft(epoch.recordCount() - foundBeforeLoading - settledRecords);
    }

    /** The server refuses this record for itself, and would do so again. */
    private void giveUp(StreamLane lane, PendingRecord record, String why) throws IOException {
        if (invalidRecords.isDeadLetter(lane.stream())) {
            throw new IOException(why);
        }
        Optional<RoutedRecord> substitute =
                invalidRecords.handle(
                        new InvalidRecord(lane.stream().toString(), record.record(), why));
        if (substitute.isEmpty()) {
            needsNote = true;
            settle(lane, record);
            progressed();
            return;
        }
        // Under the tag of the record in whose place it is stored.
        RoutedRecord deadLetter = substitute.get();
        if (!isLookedInto(deadLetter.stream())) {
            // The epoch was prepared by a sink that had another dead-letter stream, or none.
            needsNote = true;
        }
        PutRecord tagged = deadLetter.record().withClientInfo(record.record().clientInfo());
        PendingRecord instead = pending(new RoutedRecord(deadLetter.stream(), tagged));
        loadedBytes += instead.sizeBytes() - record.sizeBytes();
        lane.settled(record);
        StreamLane deadLetters = lane(deadLetter.stream());
        deadLetters.add(instead);
        deadLetters.addBatch();
    }

    private boolean isLookedInto(StreamPath stream) {
        return epoch.floors().stream().anyMatch(floor -> floor.stream().equals(stream));
    }

    private void judgeFailure(Attempt attempt, Throwable error) throws IOException {
        if (!(error instanceof V3ioException e)) {
            throw SinkErrors.requestRefused(attempt.lane().stream(), attempt.putRecords(), error);
        }
        boolean mayGoLater = e.neverSent() && !concernsAll(e.kind());
        if (mayGoLater || e.status().orElse(0) == TOO_MANY_REQUESTS) {
            tryLater(attempt, e.getMessage(), e);
        } else if (SinkErrors.mayConcernOneRecord(e)) {
            refused(attempt, e);
        } else if (concernsAll(e.kind())) {
            throw SinkErrors.requestRefused(attempt.lane().stream(), attempt.putRecords(), e);
        } else {
            LOG.warn(
                    "Nobody knows whether {} records of epoch {} are stored in stream {}; they are"
                            + " looked for there: {}",
                    attempt.records().size(),
                    epoch.id(),
                    attempt.lane().stream(),
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
        if (attempt.records().size() > 1) {
            attempt.lane().sendFirst(attempt.half());
            return;
        }
        PendingRecord record = attempt.records().get(0);
        giveUp(
                attempt.lane(),
                record,
                SinkErrors.refusedAlone(attempt.lane().stream(), record.record(), e));
        settled(attempt);
    }

    private void tryLater(Attempt attempt, String reason, @Nullable V3ioException cause)
            throws IOException {
        Duration elapsed = attempt.elapsed();
        Duration wanted = cause == null ? Duration.ZERO : cause.retryAfter().orElse(Duration.ZERO);
        OptionalLong delay = backoff.nextDelayMillis(attempt.attempts() - 1, elapsed, wanted);
        if (delay.isEmpty()) {
            throw SinkErrors.givenUp(
                    attempt.lane().stream(),
                    attempt.putRecords(),
                    attempt.attempts(),
                    elapsed,
                    reason,
                    cause);
        }
        requests.sendLater(attempt, delay.getAsLong());
    }

    private void isOpen(Attempt attempt) throws IOException {
        open.add(attempt);
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
                            + (settledRecords + storedBefore)
                            + " are stored or given up; the others are sent when the job has"
                            + " restarted. Check the server and the network; the time until the"
                            + " job fails is the maxElapsed of configureClient's "
                            + SettingNames.of(V3ioSinkOptions.RETRY_MAX_ELAPSED)
                            + " and the time of "
                            + SettingNames.of(V3ioSinkOptions.LANDING_TIMEOUT)
                            + ".");
        }
    }

    private void lookForOpen() throws IOException, InterruptedException {
        long beganNanos = System.nanoTime();
        look();
        open.looked(
                beganNanos,
                record -> scan.isStored(index(record.record())),
                new OpenRequests.Looked() {
                    @Override
                    public void found(Attempt attempt, List<PendingRecord> records) {
                        for (PendingRecord record : records) {
                            long arrival = scan.arrivalMillis(index(record.record()));
                            metrics.landedAfter(Math.max(0, arrival - attempt.sentMillis()));
                            settle(attempt.lane(), record);
                            metrics.foundStored(1);
                        }
                        progressed();
                        metrics.overtaken(
                                RecordQueue.countOvertaken(
                                        attempt.records(), records, attempt.records()));
                    }

                    @Override
                    public void neverLanded(Attempt attempt, List<PendingRecord> records) {
                        if (records.isEmpty()) {
                            settled(attempt);
                        } else {
                            attempt.lane().sendFirst(attempt.begin(records));
                        }
                    }
                });
    }

    private void look() throws IOException, InterruptedException {
        metrics.looked();
        scan.look();
    }
}

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

import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.InvalidRecord;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.sink.exactlyonce.CommitRequests.Answer;
import io.v3io.flink.sink.exactlyonce.StreamLane.Attempt;
import io.v3io.flink.sink.state.Epoch;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an answer means for the records of its request, and so what becomes of them: they are
 * stored, are given up, are sent again, or are open. The committer's thread only.
 */
final class CommitJudge {

    private static final Logger LOG = LoggerFactory.getLogger(CommitJudge.class);

    private static final int TOO_MANY_REQUESTS = 429;

    private final Epoch epoch;
    private final SinkSettings settings;
    private final Duration landingTimeout;
    private final InvalidRecords invalidRecords;
    private final EpochMetrics metrics;
    private final LoadedRecords loaded;
    private final CommitRequests requests;
    private final OpenRequests open;
    private final RetryBackoff backoff;
    private boolean needsNote;

    CommitJudge(
            Epoch epoch,
            SinkSettings settings,
            Duration landingTimeout,
            InvalidRecords invalidRecords,
            EpochMetrics metrics,
            LoadedRecords loaded,
            CommitRequests requests,
            OpenRequests open) {
        this.epoch = epoch;
        this.settings = settings;
        this.landingTimeout = landingTimeout;
        this.invalidRecords = invalidRecords;
        this.metrics = metrics;
        this.loaded = loaded;
        this.requests = requests;
        this.open = open;
        this.backoff = settings.backoff();
    }

    /**
     * Whether a later attempt would not find all records again: some were given up, or dead letters
     * in their places went to a stream that the epoch does not know.
     */
    boolean needsNote() {
        return needsNote;
    }

    void judge(Answer answer) throws IOException {
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
                loaded.settle(attempt.lane(), record);
                stored.add(record);
            } else if (refusal.kind().isTransient()) {
                failed.add(record);
                reason = refusal.errorMessage() + " (" + refusal.errorCode() + ")";
            } else {
                refused.put(record, refusal);
            }
        }
        if (!stored.isEmpty()) {
            loaded.progressed();
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
            attempt.settled();
            return;
        }
        tryLater(attempt.of(failed), reason, null);
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
            loaded.settle(lane, record);
            loaded.progressed();
            return;
        }
        RoutedRecord deadLetter = substitute.get();
        if (!isLookedInto(deadLetter.stream())) {
            // The epoch was prepared by a sink that had another dead-letter stream, or none.
            needsNote = true;
        }
        loaded.replace(lane, record, deadLetter);
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
        attempt.settled();
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
        Duration stalled = loaded.stalled();
        Duration patience =
                settings.retryPolicy()
                        .maxElapsed()
                        .plus(landingTimeout)
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
                            + loaded.doneCount()
                            + " are stored or given up; the others are sent when the job has"
                            + " restarted. Check the server and the network; the time until the"
                            + " job fails is the maxElapsed of configureClient's "
                            + SettingNames.of(V3ioSinkOptions.RETRY_MAX_ELAPSED)
                            + " and the time of "
                            + SettingNames.of(V3ioSinkOptions.LANDING_TIMEOUT)
                            + ".");
        }
    }
}

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
import io.v3io.flink.sink.exactlyonce.CommitRequests.Answer;
import io.v3io.flink.sink.exactlyonce.StreamLane.Attempt;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.InvalidRecords;
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.RecordQueue;
import io.v3io.flink.sink.writer.SinkSettings;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.List;
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

    private final Epoch epoch;
    private final SinkSettings settings;
    private final SinkSettings.ExactlyOnce exactlyOnce;
    private final EpochMetrics metrics;
    private final BackgroundCommits.Permission permission;
    private final EpochSource source;
    private final TagScan scan;
    private final CommitRequests requests;
    private final OpenRequests open;
    private final LoadedRecords loaded;
    private final CommitJudge judge;

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
        this.metrics = metrics;
        this.permission = permission;
        this.scan = new TagScan(epoch, client, System::currentTimeMillis);
        this.requests = new CommitRequests(client, settings.maxInFlightRequests());
        this.source = new EpochSource(epoch, client, requests::wakeUp);
        this.open = new OpenRequests(exactlyOnce.landingTimeout());
        this.loaded = new LoadedRecords(epoch, settings, scan, metrics);
        this.judge =
                new CommitJudge(
                        epoch,
                        settings,
                        exactlyOnce.landingTimeout(),
                        invalidRecords,
                        metrics,
                        loaded,
                        requests,
                        open);
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
        loaded.begin(scan.storedCount());
        while (true) {
            load();
            awaitPermission();
            requests.sendWhatMay(loaded.lanes());
            if (isIdle() && !source.hasNext()) {
                metrics.foundStored(loaded.foundBefore());
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
        loaded.sentNothingSince(startNanos);
    }

    private void load() throws IOException, InterruptedException {
        while (source.hasNext()
                && loaded.bytes() < settings.maxPendingBytes()
                && (source.isNextHere() || isIdle())) {
            long startNanos = System.nanoTime();
            List<RoutedRecord> part = source.next();
            loaded.sentNothingSince(startNanos);
            loaded.add(part);
        }
    }

    /** While answers are to come, an object that is late must not hold up what they lead to. */
    private boolean isIdle() {
        return loaded.unsettled() == 0;
    }

    /** See {@link CommitJudge#needsNote}. */
    boolean needsNote() {
        return judge.needsNote();
    }

    /** Waits for an answer, or for something that is due. */
    private void judgeNext() throws IOException, InterruptedException {
        OptionalLong landed = open.nextLandedNanos();
        if (!requests.isAnyInFlight() && !requests.isAnyWaiting() && landed.isEmpty()) {
            throw new IllegalStateException(
                    loaded.unsettled() + " records of epoch " + epoch.id() + " wait for nothing.");
        }
        for (Answer answer : requests.await(landed)) {
            judge.judge(answer);
        }
    }

    private void lookForOpen() throws IOException, InterruptedException {
        long beganNanos = System.nanoTime();
        look();
        loaded.sentNothingSince(beganNanos);
        open.looked(
                beganNanos,
                loaded::isFound,
                new OpenRequests.Looked() {
                    @Override
                    public void found(Attempt attempt, List<PendingRecord> records) {
                        for (PendingRecord record : records) {
                            long arrival = loaded.arrivalMillis(record);
                            metrics.landedAfter(Math.max(0, arrival - attempt.sentMillis()));
                            loaded.settle(attempt.lane(), record);
                            metrics.foundStored(1);
                        }
                        loaded.progressed();
                        metrics.overtaken(
                                RecordQueue.countOvertaken(
                                        attempt.records(), records, attempt.records()));
                    }

                    @Override
                    public void neverLanded(Attempt attempt, List<PendingRecord> records) {
                        if (records.isEmpty()) {
                            attempt.settled();
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

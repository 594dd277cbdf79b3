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
import io.v3io.flink.sink.exactlyonce.BackgroundCommits.Permission;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.writer.InvalidRecords;
import io.v3io.flink.sink.writer.LogThrottle;
import io.v3io.flink.sink.writer.SinkMetrics;
import io.v3io.flink.sink.writer.SinkSettings;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.ExecutionException;

/**
 * Commits epochs, one after another. It does so in the background of the task where {@link
 * BackgroundCommits} allows it, or else on the task's thread, which waits there and can be
 * interrupted.
 */
@Internal
public final class EpochCommitter implements Committer<Epoch> {

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    /** More than anybody goes back by checkpoints, and few enough to lie in one directory. */
    private static final int MAX_NOTES = 1_000;

    private final SinkSettings settings;
    private final SinkSettings.ExactlyOnce exactlyOnce;
    private final InvalidRecords invalidRecords;
    private final EpochMetrics metrics;
    private final OptionalLong restoredCheckpoint;
    private final boolean firstAttempt;
    private final String threadName;
    private final long startNanos = System.nanoTime();

    /** The epochs that have notes, oldest first. */
    private final Queue<Epoch> noted = new ArrayDeque<>();

    @Nullable private V3ioClient client;
    @Nullable private BackgroundCommits background;

    public EpochCommitter(
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            CommitterInitContext context) {
        this.settings = settings;
        this.exactlyOnce = exactlyOnce;
        SinkMetrics sinkMetrics = new SinkMetrics(context.metricGroup());
        this.metrics =
                new EpochMetrics(context.metricGroup(), sinkMetrics, System::currentTimeMillis);
        this.invalidRecords =
                new InvalidRecords(
                        settings.invalidRecords(),
                        settings.recordLimits(),
                        sinkMetrics,
                        new LogThrottle(LOG_INTERVAL, System::nanoTime));
        this.restoredCheckpoint = context.getRestoredCheckpointId();
        this.firstAttempt = context.getTaskInfo().getAttemptNumber() == 0;
        this.threadName = "v3io-commit-" + context.getTaskInfo().getIndexOfThisSubtask();
    }

    @Override
    public void commit(Collection<CommitRequest<Epoch>> requests)
            throws IOException, InterruptedException {
        if (background != null) {
            background.await();
        }
        if (requests.isEmpty()) {
            return;
        }
        if (client == null) {
            // A sink without epochs needs none.
            client = V3ioClient.create(settings.committerClient());
        }
        BackgroundCommits commits = background(requests);
        if (commits != null) {
            List<Epoch> epochs = requests.stream().map(CommitRequest::getCommittable).toList();
            background = commits;
            commits.begin(
                    threadName,
                    permission -> {
                        for (Epoch epoch : epochs) {
                            commit(epoch, OptionalLong.empty(), permission);
                        }
                    });
            return;
        }
        for (CommitRequest<Epoch> request : requests) {
            Epoch epoch = request.getCommittable();
            OptionalLong sentUntilNanos = sentUntilNanos(epoch, request.getNumberOfRetries());
            if (commit(epoch, sentUntilNanos, Permission.GRANTED)) {
                request.signalAlreadyCommitted();
            }
        }
    }

    /**
     * Where all of them can be committed while the task goes on; null if that is nowhere. What may
     * have been sent before needs not only time but also an answer to Flink.
     */
    @Nullable
    private BackgroundCommits background(Collection<CommitRequest<Epoch>> requests) {
        BackgroundCommits ofAll = null;
        for (CommitRequest<Epoch> request : requests) {
            Epoch epoch = request.getCommittable();
            BackgroundCommits commits = BackgroundCommits.of(epoch).orElse(null);
            if (commits == null
                    || !commits.mayBegin()
                    || (ofAll != null && ofAll != commits)
                    || sentUntilNanos(epoch, request.getNumberOfRetries()).isPresent()) {
                return null;
            }
            ofAll = commits;
        }
        return ofAll;
    }

    /** Returns whether all of the epoch was stored, or given up, before. */
    private boolean commit(Epoch epoch, OptionalLong sentUntilNanos, Permission permission)
            throws IOException, InterruptedException {
        EpochCommit commit =
                new EpochCommit(
                        epoch, settings, exactlyOnce, client, invalidRecords, metrics, permission);
        boolean settledBefore = commit.run(sentUntilNanos);
        if (commit.needsNote()) {
            leaveNote(epoch);
        }
        metrics.committed();
        removeStaged(epoch);
        return settledBefore;
    }

    /** Until when an attempt of the job before this one may have sent records of the epoch. */
    private OptionalLong sentUntilNanos(Epoch epoch, int retries) {
        return retries > 0 || mayHaveBeenSent(epoch)
                ? OptionalLong.of(startNanos + exactlyOnce.takeoverDelay().toNanos())
                : OptionalLong.empty();
    }

    /**
     * An epoch that began before the checkpoint which this attempt was restored from is in that
     * checkpoint, and an earlier attempt may have begun to commit it. Without checkpoints, in batch
     * jobs, a second attempt gets the same epochs as the first.
     */
    private boolean mayHaveBeenSent(Epoch epoch) {
        return restoredCheckpoint.isPresent()
                ? epoch.startedAfter() < restoredCheckpoint.getAsLong()
                : epoch.last() && !firstAttempt;
    }

    /** For an attempt that is restored from before, and will not find all records. */
    private void leaveNote(Epoch epoch) throws IOException, InterruptedException {
        try {
            EpochStaging.note(client, epoch).get();
            noted.add(epoch);
            if (noted.size() > MAX_NOTES) {
                EpochStaging.removeNote(client, noted.remove()).get();
            }
        } catch (ExecutionException e) {
            throw new IOException(
                    "Epoch "
                            + epoch.id()
                            + " is committed, but for records that can never be stored; a note of"
                            + " that could not be left in the staging directory: "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    private void removeStaged(Epoch epoch) throws InterruptedException {
        try {
            EpochStaging.remove(client, epoch.parts()).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Failures of removals are logged, not thrown.", e);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        BackgroundCommits commits = background;
        background = null;
        try {
            if (commits != null) {
                commits.end();
            }
        } finally {
            if (client != null) {
                // Whatever still runs can send nothing any more.
                client.close();
            }
        }
    }
}

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

package io.v3io.flink.source.enumerator;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Finds the shards of the streams and hands them to the readers. The life of a split:
 *
 * <ol>
 *   <li>A survey asks the platform for a stream's shard count, and for newest sequence numbers
 *       where a position needs them. It runs on the context's worker thread and changes nothing.
 *   <li>The coordinator thread makes splits of what is new ({@link SplitFactory}) and notes them as
 *       unassigned ({@link ShardTracker}). From here on they are in every checkpoint.
 *   <li>A split is assigned when the subtask that {@link ShardAssigner} names for it is registered.
 *       It is then in the reader's part of a checkpoint, and no longer in this one's.
 *   <li>If that reader fails before its first checkpoint, the split comes back and is assigned
 *       again.
 *   <li>While the source is unbounded and discovery is on, surveys go on; shards that a growth
 *       added become splits in the same way.
 * </ol>
 *
 * <p>All methods are called by the coordinator thread.
 */
@Internal
public final class V3ioSourceEnumerator
        implements SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(V3ioSourceEnumerator.class);

    private final SplitEnumeratorContext<V3ioShardSplit> context;
    private final Supplier<V3ioClient> clientFactory;
    private final List<StreamPath> streams;
    private final StartingPosition startingPosition;
    @Nullable private final StoppingPosition stoppingPosition;
    private final SplitFactory splitFactory;
    private final boolean bounded;
    private final Duration discoveryInterval;
    private final ShardTracker tracker;

    @Nullable private V3ioClient client;
    @Nullable private StreamSurveyor surveyor;

    /** Used by the context's worker thread only. */
    @Nullable private Long lastSurveyEndNanos;

    private boolean closed;

    /**
     * An enumerator that has not started.
     *
     * @param context Flink's side
     * @param clientFactory makes the enumerator's own client when it starts
     * @param streams the streams to read
     * @param startingPosition where shards start that the state does not know
     * @param stoppingPosition where they stop; null for an unbounded source
     * @param discoveryInterval how often to look for added shards; zero for never
     * @param state of the checkpoint, or {@link V3ioEnumeratorState#initial()}
     */
    public V3ioSourceEnumerator(
            SplitEnumeratorContext<V3ioShardSplit> context,
            Supplier<V3ioClient> clientFactory,
            List<StreamPath> streams,
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition,
            Duration discoveryInterval,
            V3ioEnumeratorState state) {
        this.context = context;
        this.clientFactory = clientFactory;
        this.streams = List.copyOf(streams);
        this.startingPosition = startingPosition;
        this.stoppingPosition = stoppingPosition;
        this.splitFactory = new SplitFactory(startingPosition, stoppingPosition);
        this.bounded = stoppingPosition != null;
        this.discoveryInterval = discoveryInterval;
        this.tracker = new ShardTracker(state);
    }

    @Override
    public void start() {
        client = clientFactory.get();
        surveyor = new StreamSurveyor(client, startingPosition, stoppingPosition);
        context.metricGroup().setUnassignedSplitsGauge(() -> (long) tracker.unassignedCount());
        List<StreamPath> unresolved =
                streams.stream().filter(stream -> !tracker.isResolved(stream)).toList();
        if (unresolved.isEmpty()) {
            scheduleDiscovery();
        } else {
            context.callAsync(() -> askAll(unresolved, surveyor::survey), this::resolve);
        }
    }

    private void resolve(@Nullable List<StreamSurvey> surveys, @Nullable Throwable failure) {
        if (closed) {
            return;
        }
        if (failure != null) {
            throw new FlinkRuntimeException(
                    "The shards of V3IO streams " + streams + " could not be found.", failure);
        }
        for (StreamSurvey survey : surveys) {
            List<V3ioShardSplit> splits = splitFactory.firstSplits(survey);
            LOG.info(
                    "Stream {} has {} shards, {} of them have something to read.",
                    survey.stream(),
                    survey.shardCount(),
                    splits.size());
            tracker.addShards(survey.stream(), survey.shardCount(), splits);
        }
        assignSplits();
        if (isComplete()) {
            context.registeredReaders().keySet().forEach(context::signalNoMoreSplits);
        }
        scheduleDiscovery();
    }

    private void scheduleDiscovery() {
        if (!bounded && !discoveryInterval.isZero()) {
            context.callAsync(
                    this::surveyUnlessJustDone,
                    this::discover,
                    discoveryInterval.toMillis(),
                    discoveryInterval.toMillis());
        }
    }

    private void discover(@Nullable List<StreamSurvey> surveys, @Nullable Throwable failure) {
        if (closed) {
            // Closing the client ended the survey under way; a cancelled job must not fail for it.
            return;
        }
        if (failure != null) {
            if (failure instanceof V3ioException error && error.kind().isTransient()) {
                LOG.warn(
                        "Could not look for new shards of {}; trying again in {}.",
                        streams,
                        discoveryInterval,
                        failure);
                return;
            }
            throw new FlinkRuntimeException(
                    "Looking for new shards of V3IO streams " + streams + " failed.", failure);
        }
        for (StreamSurvey survey : surveys) {
            int known = tracker.knownShardCount(survey.stream());
            if (survey.shardCount() < known) {
                throw new FlinkRuntimeException(
                        "Stream "
                                + survey.stream()
                                + " has "
                                + survey.shardCount()
                                + " shards but had "
                                + known
                                + ". Streams never shrink: it was deleted and created again, and the positions of"
                                + " this job belong to the old one. Start the job without its state to read the new"
                                + " one.");
            }
            if (survey.shardCount() > known) {
                LOG.info(
                        "Stream {} has grown from {} to {} shards.",
                        survey.stream(),
                        known,
                        survey.shardCount());
                tracker.addShards(
                        survey.stream(),
                        survey.shardCount(),
                        SplitFactory.addedSplits(survey, known));
            }
        }
        assignSplits();
    }

    /**
     * Flink calls at a fixed rate and makes up for calls that a slow survey held up; one after a
     * survey that has only just ended would tell nothing new.
     */
    private List<StreamSurvey> surveyUnlessJustDone() throws Exception {
        if (lastSurveyEndNanos != null
                && System.nanoTime() - lastSurveyEndNanos < discoveryInterval.toNanos() / 2) {
            return List.of();
        }
        try {
            return askAll(streams, surveyor::count);
        } finally {
            lastSurveyEndNanos = System.nanoTime();
        }
    }

    /**
     * Runs on the context's worker thread, which may block: the client bounds every request and its
     * repetitions.
     */
    private static List<StreamSurvey> askAll(
            List<StreamPath> wanted, Function<StreamPath, CompletableFuture<StreamSurvey>> question)
            throws Exception {
        List<CompletableFuture<StreamSurvey>> pending = wanted.stream().map(question).toList();
        List<StreamSurvey> surveys = new ArrayList<>();
        for (CompletableFuture<StreamSurvey> survey : pending) {
            surveys.add(await(survey));
        }
        return surveys;
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private void assignSplits() {
        Map<Integer, List<V3ioShardSplit>> assignment = new HashMap<>();
        for (int subtask : context.registeredReaders().keySet()) {
            List<V3ioShardSplit> splits =
                    tracker.takeUnassigned(
                            split ->
                                    ShardAssigner.subtaskOf(
                                                    split.shard(), context.currentParallelism())
                                            == subtask);
            if (!splits.isEmpty()) {
                assignment.put(subtask, splits);
            }
        }
        if (!assignment.isEmpty()) {
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
    }

    /** Whether every split that there will ever be has been made. */
    private boolean isComplete() {
        return bounded && streams.stream().allMatch(tracker::isResolved);
    }

    @Override
    public void addReader(int subtaskId) {
        assignSplits();
        if (isComplete()) {
            context.signalNoMoreSplits(subtaskId);
        }
    }

    @Override
    public void addSplitsBack(List<V3ioShardSplit> splits, int subtaskId) {
        LOG.info("Subtask {} failed and gave back {}.", subtaskId, splits);
        tracker.addUnassigned(splits);
        // The subtask is not registered now; when it is again, addReader assigns them.
    }

    @Override
    public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {
        throw new UnsupportedOperationException(
                "Readers of the V3IO source do not ask for splits; subtask " + subtaskId + " did.");
    }

    @Override
    public V3ioEnumeratorState snapshotState(long checkpointId) {
        return tracker.snapshot();
    }

    @Override
    public void close() {
        closed = true;
        if (client != null) {
            client.close();
        }
    }
}

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
import io.v3io.flink.source.OnMissingStream;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.event.NoShardsEvent;
import io.v3io.flink.source.event.ShardsHeldEvent;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.api.connector.source.SupportsHandleExecutionAttemptSourceEvent;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.Supplier;

/**
 * Finds the shards of the streams and hands them to the readers. The life of a split:
 *
 * <ol>
 *   <li>A look at the platform ({@link StreamFinder}) tells which streams there are, how many
 *       shards they have, and what a position needs to become concrete. It runs on the context's
 *       worker thread and changes nothing.
 *   <li>The coordinator thread makes splits of what is new ({@link SplitFactory}) and notes them as
 *       unassigned ({@link ShardTracker}). From here on they are in every checkpoint.
 *   <li>A reader is chosen for a split ({@link ShardAssigner}). After a restore that waits until
 *       all readers have told what they hold already.
 *   <li>A split is assigned when its reader is registered. It is then in the reader's part of a
 *       checkpoint, and no longer in this one's.
 *   <li>If that reader fails before its first checkpoint, the split comes back and is assigned to
 *       the same reader again.
 *   <li>While the source is unbounded and discovery is on, looks go on; added shards, and streams
 *       that appear, become splits in the same way.
 * </ol>
 *
 * <p>All methods are called by the coordinator thread.
 */
@Internal
public final class V3ioSourceEnumerator
        implements SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState>,
                SupportsHandleExecutionAttemptSourceEvent {

    private static final Logger LOG = LoggerFactory.getLogger(V3ioSourceEnumerator.class);

    private final SplitEnumeratorContext<V3ioShardSplit> context;
    private final Supplier<V3ioClient> clientFactory;
    private final EnumeratorSettings settings;
    private final SplitFactory splitFactory;
    private final boolean isRestored;
    private final ShardTracker tracker;

    /** Bounded readers that know they get no more, and unbounded ones that know they have none. */
    private final Set<Integer> toldTheirShare = new HashSet<>();

    @Nullable private V3ioClient client;
    @Nullable private StreamFinder finder;
    @Nullable private ShardAssigner assigner;

    /** Whether readers may have ended before the restore, of which nothing will be heard. */
    private boolean readersMayHaveEnded;

    /** What the next look is to be about; null for nothing. Read by the worker thread. */
    @Nullable private volatile Question question;

    /** Used by the worker thread only. */
    @Nullable private Long lastLookEndNanos;

    private boolean closed;

    /**
     * What a look is to be about.
     *
     * @param known streams that have splits
     * @param growth whether their growth is of interest
     */
    private record Question(Set<StreamPath> known, boolean growth) {}

    /**
     * An enumerator that has not started.
     *
     * @param context Flink's side
     * @param clientFactory makes the enumerator's own client when it starts
     * @param settings what to read
     * @param state of the checkpoint; null for a job without one
     */
    public V3ioSourceEnumerator(
            SplitEnumeratorContext<V3ioShardSplit> context,
            Supplier<V3ioClient> clientFactory,
            EnumeratorSettings settings,
            @Nullable V3ioEnumeratorState state) {
        this.context = context;
        this.clientFactory = clientFactory;
        this.settings = settings;
        this.splitFactory =
                new SplitFactory(
                        settings.startingPosition(),
                        settings.stoppingPosition(),
                        settings.shardIds());
        this.isRestored = state != null;
        this.tracker = new ShardTracker(isRestored ? state : V3ioEnumeratorState.initial());
    }

    @Override
    public void start() {
        client = clientFactory.get();
        finder =
                new StreamFinder(
                        client,
                        new StreamSurveyor(
                                client, settings.startingPosition(), settings.stoppingPosition()),
                        settings.subscription());
        readersMayHaveEnded = isRestored && isComplete();
        assigner =
                new ShardAssigner(context.currentParallelism(), isRestored && !readersMayHaveEnded);
        context.metricGroup().setUnassignedSplitsGauge(() -> (long) tracker.unassignedCount());
        question = nextQuestion();
        if (isWholeSubscriptionKnown()) {
            scheduleDiscovery();
        } else {
            Question first = new Question(resolved(), false);
            context.callAsync(() -> look(first), this::onFirstLook);
        }
    }

    private Set<StreamPath> resolved() {
        return tracker.resolvedStreams();
    }

    /** Whether all streams that there were at the start have their splits. */
    private boolean isWholeSubscriptionKnown() {
        return settings.subscription() instanceof StreamSubscription.Named named
                ? named.streams().stream().allMatch(tracker::isResolved)
                : tracker.hasSearched(settings.subscription().toString()) && !resolved().isEmpty();
    }

    /** Whether every split that there will ever be has been made. */
    private boolean isComplete() {
        return settings.isBounded() && isWholeSubscriptionKnown();
    }

    @Nullable
    private Question nextQuestion() {
        boolean discovers = !settings.isBounded() && !settings.discoveryInterval().isZero();
        return discovers || !isWholeSubscriptionKnown()
                ? new Question(resolved(), discovers)
                : null;
    }

    private void onFirstLook(@Nullable StreamFindings findings, @Nullable Throwable failure) {
        if (closed) {
            return;
        }
        if (failure != null) {
            throw new FlinkRuntimeException(
                    "The V3IO streams "
                            + settings.subscription()
                            + " could not be looked for: "
                            + failure.getMessage(),
                    failure);
        }
        for (StreamFindings.Failure trouble : findings.failures()) {
            throw new FlinkRuntimeException(
                    "The shards of V3IO stream "
                            + trouble.stream()
                            + " could not be found: "
                            + trouble.cause().getMessage(),
                    trouble.cause());
        }
        take(findings);
        if (nextQuestion() != null) {
            scheduleDiscovery();
        }
    }

    private void scheduleDiscovery() {
        if (nextQuestion() == null) {
            return;
        }
        // Without discovery, a stream that is waited for is looked for as often as it would be with
        // it.
        Duration interval =
                settings.discoveryInterval().isZero()
                        ? V3ioSourceOptions.SHARD_DISCOVERY_INTERVAL.defaultValue()
                        : settings.discoveryInterval();
        context.callAsync(
                () -> lookUnlessJustDone(interval),
                this::onLook,
                interval.toMillis(),
                interval.toMillis());
    }

    /**
     * Flink calls at a fixed rate and makes up for calls that a slow look held up; one after a look
     * that has only just ended would tell nothing new.
     */
    @Nullable
    private StreamFindings lookUnlessJustDone(Duration interval) throws Exception {
        Question current = question;
        if (current == null
                || (lastLookEndNanos != null
                        && System.nanoTime() - lastLookEndNanos < interval.toNanos() / 2)) {
            return null;
        }
        return look(current);
    }

    private StreamFindings look(Question about) throws Exception {
        try {
            return finder.look(about.known(), about.growth());
        } finally {
            lastLookEndNanos = System.nanoTime();
        }
    }

    private void onLook(@Nullable StreamFindings findings, @Nullable Throwable failure) {
        if (closed) {
            // Closing the client ended the look under way; a cancelled job must not fail for it.
            return;
        }
        if (failure != null) {
            tryAgainIfTransient(settings.subscription(), failure);
            return;
        }
        if (findings == null) {
            // There was nothing to look for.
            return;
        }
        for (StreamFindings.Failure trouble : findings.failures()) {
            if (trouble.cause() instanceof V3ioException error
                    && error.kind() == V3ioException.Kind.NOT_FOUND) {
                throw new FlinkRuntimeException(
                        "Stream "
                                + trouble.stream()
                                + " does not exist any more: it was deleted under the running job. Create it again and"
                                + " start the job without its state, or take it out of the source and start the job"
                                + " without its state.",
                        error);
            }
            tryAgainIfTransient(trouble.stream(), trouble.cause());
        }
        take(findings);
    }

    private void tryAgainIfTransient(Object what, Throwable failure) {
        if (failure instanceof V3ioException error && error.kind().isTransient()) {
            LOG.warn("Could not look for new shards of {}; trying again later.", what, failure);
            return;
        }
        throw new FlinkRuntimeException(
                "Looking for new shards of V3IO streams "
                        + what
                        + " failed: "
                        + failure.getMessage(),
                failure);
    }

    private void take(StreamFindings findings) {
        findings.missing().forEach(this::onMissing);
        for (StreamSurvey survey : findings.surveys()) {
            if (tracker.isResolved(survey.stream())) {
                takeGrowth(survey);
            } else {
                takeNewStream(survey);
            }
        }
        if (settings.subscription() instanceof StreamSubscription.Matching pattern) {
            if (resolved().isEmpty()) {
                onMissing(pattern);
            }
            tracker.searched(pattern.toString());
        }
        question = nextQuestion();
        assignSplits();
    }

    private void onMissing(Object stream) {
        if (settings.onMissingStream() == OnMissingStream.FAIL) {
            throw new FlinkRuntimeException(
                    "There is no stream "
                            + stream
                            + ". Create it, correct its path, or set "
                            + V3ioSourceOptions.ON_MISSING_STREAM.key()
                            + " to 'wait' to wait until it is there.");
        }
        if (!(stream instanceof StreamPath path) || tracker.await(path)) {
            LOG.info("There is no stream {} yet; waiting for it, as chosen.", stream);
        }
    }

    private void takeNewStream(StreamSurvey survey) {
        boolean createdAfterStart =
                tracker.isAwaited(survey.stream())
                        || tracker.hasSearched(settings.subscription().toString());
        List<V3ioShardSplit> splits = splitFactory.firstSplits(survey, createdAfterStart);
        LOG.info(
                "Stream {} has {} shards, {} of them have something to read.",
                survey.stream(),
                survey.shardCount(),
                splits.size());
        tracker.addShards(survey.stream(), survey.shardCount(), splits);
    }

    private void takeGrowth(StreamSurvey survey) {
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
                    survey.stream(), survey.shardCount(), splitFactory.addedSplits(survey, known));
        }
    }

    private void assignSplits() {
        planUnassigned();
        Map<Integer, List<V3ioShardSplit>> assignment = new HashMap<>();
        for (int subtask : context.registeredReaders().keySet()) {
            List<V3ioShardSplit> splits =
                    tracker.takeUnassigned(split -> assigner.isFor(split, subtask));
            if (!splits.isEmpty()) {
                splits.forEach(assigner::handedOut);
                assignment.put(subtask, splits);
            }
        }
        if (!assignment.isEmpty()) {
            toldTheirShare.removeAll(assignment.keySet());
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
        tellReadersTheirShare();
    }

    /**
     * After a restore a bounded source may have readers that have ended and do not register: only
     * those that have can be waited for. Any other source has all its readers running, and a reader
     * which is not there yet gets its splits when it is.
     */
    private void planUnassigned() {
        Set<Integer> registered = context.registeredReaders().keySet();
        IntPredicate mayOwn = readersMayHaveEnded ? registered::contains : subtask -> true;
        boolean canPlan = readersMayHaveEnded ? !registered.isEmpty() : assigner.knowsAllReaders();
        if (canPlan) {
            assigner.plan(tracker.unassigned(), mayOwn);
        }
    }

    private void tellReadersTheirShare() {
        boolean isNothingKnownYet = resolved().isEmpty() && !isComplete();
        if (isNothingKnownYet || !tracker.unassigned().stream().allMatch(assigner::isPlanned)) {
            return;
        }
        for (int subtask : context.registeredReaders().keySet()) {
            if (isComplete()) {
                if (toldTheirShare.add(subtask)) {
                    context.signalNoMoreSplits(subtask);
                }
            } else if (assigner.isSurplus(subtask) && toldTheirShare.add(subtask)) {
                context.sendEventToSourceReader(subtask, new NoShardsEvent());
            }
        }
    }

    @Override
    public void addReader(int subtaskId) {
        toldTheirShare.remove(subtaskId);
        assignSplits();
    }

    @Override
    public void handleSourceEvent(int subtaskId, SourceEvent event) {
        if (!(event instanceof ShardsHeldEvent held)) {
            throw new IllegalArgumentException(
                    "The V3IO source's enumerator does not know event " + event + ".");
        }
        assigner.readerHolds(subtaskId, held.shardCount());
        assignSplits();
    }

    @Override
    public void handleSourceEvent(int subtaskId, int attemptNumber, SourceEvent event) {
        handleSourceEvent(subtaskId, event);
    }

    @Override
    public void addSplitsBack(List<V3ioShardSplit> splits, int subtaskId) {
        LOG.info("Subtask {} failed and gave back {}.", subtaskId, splits);
        tracker.addUnassigned(splits);
        assigner.readerFailed(subtaskId, splits);
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

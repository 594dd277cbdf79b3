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
import io.v3io.flink.source.ShardAssigner;
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
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Finds the shards of the streams and hands them to the readers. The life of a split:
 *
 * <ol>
 *   <li>A look at the platform ({@link StreamFinder}) tells which streams there are, how many
 *       shards they have, and what a position needs to become concrete. It runs on the context's
 *       worker thread and changes nothing.
 *   <li>The coordinator thread makes splits of what is new ({@link SplitFactory}) and notes them as
 *       unassigned ({@link SplitAssignments}). From here on they are in every checkpoint.
 *   <li>A reader is chosen for a split ({@link ShardAssigner}). After a restore that waits until
 *       all readers have told what they hold already ({@link ReaderLoads}).
 *   <li>A split is assigned when its reader has told that. It is then in the reader's part of a
 *       checkpoint, and no longer in this one's.
 *   <li>If that reader fails before its first checkpoint, the split comes back and is assigned to
 *       the same reader again.
 *   <li>An unbounded source looks once more after each restore, and while discovery is on, again
 *       and again; added shards, and streams that appear, become splits in the same way.
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

    /** Readers that know that they get no more. */
    private final BitSet toldNoMore = new BitSet();

    /** Readers that know that there is no shard for them now. */
    private final BitSet toldSurplus = new BitSet();

    private final ReaderLoads loads;
    private final SplitAssignments assignments;

    @Nullable private V3ioClient client;
    @Nullable private StreamFinder finder;

    /** What the next look is to be about; null for nothing. Read by the worker thread. */
    @Nullable private volatile Question question;

    /** Used by the worker thread only. */
    @Nullable private Long lastLookEndNanos;

    /** Whether it is known what there was when this run started. */
    private boolean hasLooked;

    /** Whether Flink may run several attempts of a subtask at once, in speculative execution. */
    private boolean hasAttempts;

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
        V3ioEnumeratorState known = isRestored ? state : V3ioEnumeratorState.initial();
        this.tracker = new ShardTracker(known);
        boolean readersMayHaveEnded = isRestored && isComplete();
        this.loads =
                new ReaderLoads(
                        context.currentParallelism(),
                        isRestored && !readersMayHaveEnded,
                        readersMayHaveEnded);
        this.assignments = new SplitAssignments(settings.shardAssigner(), loads);
        assignments.add(known.unassignedSplits());
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
        context.metricGroup().setUnassignedSplitsGauge(() -> (long) assignments.unassignedCount());
        question = nextQuestion();
        // Also without discovery: what has grown while the job was down must be seen once.
        if (question != null || !settings.isBounded()) {
            Question first = new Question(resolved(), !settings.isBounded());
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
        boolean canLookAgain = isWholeSubscriptionKnown() && !settings.discoveryInterval().isZero();
        onLook(findings, failure, canLookAgain);
        scheduleDiscovery();
    }

    private void scheduleDiscovery() {
        if (closed || nextQuestion() == null) {
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
                (findings, failure) -> onLook(findings, failure, true),
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

    private void onLook(
            @Nullable StreamFindings findings, @Nullable Throwable failure, boolean canLookAgain) {
        if (closed) {
            // Closing the client ended the look under way; a cancelled job must not fail for it.
            return;
        }
        if (failure != null) {
            onTrouble(settings.subscription(), failure, canLookAgain);
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
            onTrouble(trouble.stream(), trouble.cause(), canLookAgain);
        }
        take(findings);
    }

    private void onTrouble(Object what, Throwable failure, boolean canLookAgain) {
        if (canLookAgain && failure instanceof V3ioException error && error.kind().isTransient()) {
            LOG.warn("Could not look for new shards of {}; trying again later.", what, failure);
            return;
        }
        throw new FlinkRuntimeException(
                "Looking for the shards of V3IO stream "
                        + what
                        + " failed: "
                        + failure.getMessage(),
                failure);
    }

    private void take(StreamFindings findings) {
        hasLooked = true;
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
        if (findings.failures().isEmpty()) {
            tracker.lookedAt(findings.startSeconds());
        }
        question = nextQuestion();
        assignments.plan();
        tellReaders(context.registeredReaders().keySet());
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
        tracker.know(survey.stream(), survey.shardCount());
        assignments.add(splits);
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
            tracker.know(survey.stream(), survey.shardCount());
            assignments.add(splitFactory.addedSplits(survey, known));
        }
    }

    /** Hands these readers what is theirs, and tells them when that is all. */
    private void tellReaders(Set<Integer> subtasks) {
        Map<Integer, List<V3ioShardSplit>> assignment = new HashMap<>();
        for (int subtask : subtasks) {
            // One that has not reported yet could not tell these from what it brings.
            List<V3ioShardSplit> splits =
                    loads.hasReported(subtask) ? assignments.take(subtask) : List.of();
            if (!splits.isEmpty()) {
                assignment.put(subtask, splits);
                toldSurplus.clear(subtask);
            }
        }
        if (!assignment.isEmpty()) {
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
        // Also while all streams are still waited for: watermarks must not wait for them.
        boolean isSomethingKnown = hasLooked || !resolved().isEmpty();
        if (isSomethingKnown && assignments.isAllPlanned()) {
            subtasks.stream().filter(loads::hasReported).forEach(this::tellShare);
        }
    }

    private void tellShare(int subtask) {
        if (isComplete()) {
            if (!toldNoMore.get(subtask)) {
                toldNoMore.set(subtask);
                context.signalNoMoreSplits(subtask);
            }
        } else if (loads.isSurplus(subtask) && !toldSurplus.get(subtask)) {
            toldSurplus.set(subtask);
            send(subtask, new NoShardsEvent());
        }
    }

    private void send(int subtask, SourceEvent event) {
        if (hasAttempts) {
            context.registeredReadersOfAttempts()
                    .getOrDefault(subtask, Map.of())
                    .keySet()
                    .forEach(attempt -> context.sendEventToSourceReader(subtask, attempt, event));
        } else {
            context.sendEventToSourceReader(subtask, event);
        }
    }

    /**
     * The reader gets its shards when it has told what it brings from a checkpoint.
     *
     * <p>Of a failed reader of a hybrid source that has nothing to give back, this is all that is
     * heard.
     */
    @Override
    public void addReader(int subtaskId) {
        if (loads.hasReported(subtaskId)) {
            readerFailed(subtaskId, List.of());
        }
        loads.registered(subtaskId);
    }

    @Override
    public void handleSourceEvent(int subtaskId, SourceEvent event) {
        if (!(event instanceof ShardsHeldEvent held)) {
            throw new IllegalArgumentException(
                    "The V3IO source's enumerator does not know event " + event + ".");
        }
        if (loads.reported(subtaskId, held.shardCount())) {
            Set<Integer> registered = context.registeredReaders().keySet();
            tellReaders(
                    assignments.plan()
                            ? registered
                            : registered.contains(subtaskId) ? Set.of(subtaskId) : Set.of());
        }
    }

    @Override
    public void handleSourceEvent(int subtaskId, int attemptNumber, SourceEvent event) {
        hasAttempts = true;
        handleSourceEvent(subtaskId, event);
        if (toldSurplus.get(subtaskId)) {
            // This may be another attempt than the one that was told.
            send(subtaskId, new NoShardsEvent());
        }
    }

    @Override
    public void addSplitsBack(List<V3ioShardSplit> splits, int subtaskId) {
        LOG.info("Subtask {} failed and gave back {} shards.", subtaskId, splits.size());
        LOG.debug("Subtask {} gave back {}.", subtaskId, splits);
        readerFailed(subtaskId, splits);
    }

    private void readerFailed(int subtask, List<V3ioShardSplit> givenBack) {
        toldNoMore.clear(subtask);
        toldSurplus.clear(subtask);
        assignments.readerFailed(subtask, givenBack);
    }

    @Override
    public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {
        throw new UnsupportedOperationException(
                "Readers of the V3IO source do not ask for splits; subtask " + subtaskId + " did.");
    }

    @Override
    public V3ioEnumeratorState snapshotState(long checkpointId) {
        return tracker.snapshot(settings.isBounded(), assignments.unassigned());
    }

    @Override
    public void close() {
        closed = true;
        if (client != null) {
            client.close();
        }
    }
}

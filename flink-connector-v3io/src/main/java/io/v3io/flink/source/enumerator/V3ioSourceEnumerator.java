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
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.source.OnUnsubscribedStream;
import io.v3io.flink.source.ShardAssigner;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.enumerator.StreamDiscovery.DiscoveredStreams;
import io.v3io.flink.source.enumerator.StreamDiscovery.Scope;
import io.v3io.flink.source.event.BacklogEvent;
import io.v3io.flink.source.metrics.V3ioEnumeratorMetrics;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsHandleExecutionAttemptSourceEvent;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Finds the shards of the streams and hands them to the readers. The life of a split:
 *
 * <ol>
 *   <li>A look at the platform ({@link StreamDiscovery}) tells which streams there are, how many
 *       shards they have, and what a position needs to become concrete. It runs on the context's
 *       worker thread and changes nothing.
 *   <li>The coordinator thread makes splits of what is new ({@link StreamChanges}) and notes them
 *       as unassigned ({@link SplitAssignments}). From here on they are in every checkpoint.
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

    private static final String STOP_REMOVED =
            "The checkpoint is of a job with a stopping position, and this one has none. The shards in the checkpoint"
                    + " still end where that job was to stop; only streams that it did not know are read without an"
                    + " end. To read all of them on, start the job without its state, for example from the positions"
                    + " of a consumer group.";

    private static final String STOP_ADDED =
            "The checkpoint is of a job without a stopping position, and this one has one. The shards in the checkpoint"
                    + " are still read without an end, so this job never ends by itself. To stop there, start the job"
                    + " without its state, for example from the positions of a consumer group.";

    private final SplitEnumeratorContext<V3ioShardSplit> context;
    private final Supplier<V3ioClient> clientFactory;
    private final EnumeratorSettings settings;
    private final boolean isRestored;
    private final ShardTracker tracker;
    private final SplitAssignments assignments;
    private final SplitDistribution distribution;
    private final EarlyFailure earlyFailure;
    private final ReadersBehind readersBehind;

    @Nullable private V3ioClient client;
    @Nullable private StreamDiscovery discovery;
    @Nullable private V3ioEnumeratorMetrics metrics;
    @Nullable private FailedLooks failedLooks;
    @Nullable private StreamChanges changes;

    /** What the next look is to be about; null for nothing. Read by the worker thread. */
    @Nullable private volatile Scope scope;

    /** Whether it is known what there was when this run started. */
    private boolean hasLooked;

    private boolean closed;

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
        this.isRestored = state != null;
        V3ioEnumeratorState known = isRestored ? state : V3ioEnumeratorState.initial();
        this.tracker = new ShardTracker(known);
        boolean readersMayHaveEnded = isRestored && isComplete();
        ReaderLoads loads =
                new ReaderLoads(
                        context.currentParallelism(),
                        isRestored && !readersMayHaveEnded,
                        readersMayHaveEnded);
        this.assignments = new SplitAssignments(settings.shardAssigner(), loads);
        this.distribution = new SplitDistribution(context, loads, assignments);
        this.earlyFailure = new EarlyFailure(context);
        this.readersBehind = new ReadersBehind(context);
        assignments.add(known.unassignedSplits());
    }

    @Override
    public void start() {
        earlyFailure.guard(this::startLooking);
    }

    private void startLooking() {
        client = clientFactory.get();
        metrics =
                V3ioEnumeratorMetrics.of(
                        context.metricGroup(), client.metrics(), assignments::unassignedCount);
        failedLooks = new FailedLooks(metrics);
        changes = new StreamChanges(settings, tracker, assignments, metrics);
        discovery = new StreamDiscovery(client, settings.subscription(), settings.readings());
        if (tracker.wasBounded() != null && tracker.wasBounded() != settings.isBounded()) {
            LOG.warn(tracker.wasBounded() ? STOP_REMOVED : STOP_ADDED);
        }
        if (isRestored && settings.onUnsubscribedStream() == OnUnsubscribedStream.DROP) {
            dropUnsubscribed();
        }
        if (settings.tellsBacklog()) {
            readersBehind.start();
        }
        distribution.distribute(isSomethingKnown(), isComplete());
        scope = nextScope();
        // Also without discovery: what has grown while the job was down must be seen once.
        if (scope != null || !settings.isBounded()) {
            Scope first = new Scope(resolved(), tracker.endedStreams(), !settings.isBounded());
            context.callAsync(
                    () -> discovery.look(first),
                    (discovered, failure) ->
                            earlyFailure.guard(() -> onFirstLook(discovered, failure)));
        }
    }

    /** Streams that the job does not read any more, if that is chosen. */
    private void dropUnsubscribed() {
        Set<StreamPath> dropped = tracker.dropUnless(settings.subscription()::contains);
        assignments.dropUnless(settings.subscription()::contains);
        metrics.streamsDropped(dropped.size());
        if (!dropped.isEmpty()) {
            LOG.warn(
                    "{} streams of the checkpoint are not subscribed any more and are dropped with their positions, as"
                            + " chosen with {}: {}",
                    dropped.size(),
                    SettingNames.of(
                            V3ioSourceOptions.ON_UNSUBSCRIBED_STREAM, OnUnsubscribedStream.DROP),
                    dropped);
        }
    }

    private boolean isSomethingKnown() {
        return hasLooked || !tracker.isNothingKnown();
    }

    private Set<StreamPath> resolved() {
        return tracker.resolvedStreams();
    }

    /** Whether all streams that there were at the start have their splits. */
    private boolean isWholeSubscriptionKnown() {
        return tracker.knowsAllOf(settings.subscription());
    }

    /** Whether every split that there will ever be has been made. */
    private boolean isComplete() {
        return settings.isBounded() && isWholeSubscriptionKnown();
    }

    @Nullable
    private Scope nextScope() {
        boolean discovers = !settings.isBounded() && !settings.discoveryInterval().isZero();
        return discovers || !isWholeSubscriptionKnown()
                ? new Scope(resolved(), tracker.endedStreams(), discovers)
                : null;
    }

    private void onFirstLook(@Nullable DiscoveredStreams discovered, @Nullable Throwable failure) {
        boolean canLookAgain = isWholeSubscriptionKnown() && !settings.discoveryInterval().isZero();
        onLook(discovered, failure, canLookAgain);
        scheduleDiscovery();
    }

    private void scheduleDiscovery() {
        if (closed || nextScope() == null) {
            return;
        }
        // Without discovery, a stream that is waited for is looked for as often as it would be with
        // it.
        Duration interval =
                settings.discoveryInterval().isZero()
                        ? V3ioSourceOptions.SHARD_DISCOVERY_INTERVAL.defaultValue()
                        : settings.discoveryInterval();
        context.callAsync(
                () -> discovery.lookUnlessJustDone(scope, interval),
                (discovered, failure) ->
                        earlyFailure.guard(() -> onLook(discovered, failure, true)),
                interval.toMillis(),
                interval.toMillis());
    }

    private void onLook(
            @Nullable DiscoveredStreams discovered,
            @Nullable Throwable failure,
            boolean canLookAgain) {
        if (closed) {
            // Closing the client ended the look under way; a cancelled job must not fail for it.
            return;
        }
        if (failure != null) {
            onTrouble(settings.subscription(), failure, canLookAgain);
            return;
        }
        if (discovered == null) {
            // There was nothing to look for.
            return;
        }
        changes.endDeleted(discovered.failures())
                .forEach((stream, trouble) -> onTrouble(stream, trouble, canLookAgain));
        changes.take(discovered);
        hasLooked = true;
        if (discovered.failures().keySet().stream().noneMatch(tracker::isResolved)) {
            tracker.lookedAt(discovered.startSeconds());
            failedLooks.succeeded();
        }
        scope = nextScope();
        distribution.distribute(isSomethingKnown(), isComplete());
    }

    private void onTrouble(Object what, Throwable failure, boolean canLookAgain) {
        if (canLookAgain && failure instanceof V3ioException error && error.kind().isTransient()) {
            failedLooks.failed(what, failure);
            return;
        }
        throw new FlinkRuntimeException(
                "Looking for the shards of V3IO stream "
                        + what
                        + " failed: "
                        + failure.getMessage(),
                failure);
    }

    /** The reader gets its shards when it has told what it brings from a checkpoint. */
    @Override
    public void addReader(int subtaskId) {
        if (!earlyFailure.isKept()) {
            distribution.readerStarted(subtaskId);
        }
        earlyFailure.readerRegistered();
    }

    @Override
    public void handleSourceEvent(int subtaskId, SourceEvent event) {
        if (event instanceof BacklogEvent backlog) {
            readersBehind.told(subtaskId, backlog.isBehind());
        } else {
            distribution.readerReported(subtaskId, event);
        }
    }

    @Override
    public void handleSourceEvent(int subtaskId, int attemptNumber, SourceEvent event) {
        distribution.attemptReported(subtaskId, event);
    }

    @Override
    public void addSplitsBack(List<V3ioShardSplit> splits, int subtaskId) {
        LOG.info("Subtask {} failed and gave back {} shards.", subtaskId, splits.size());
        LOG.debug("Subtask {} gave back {}.", subtaskId, splits);
        distribution.readerFailed(subtaskId, splits);
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

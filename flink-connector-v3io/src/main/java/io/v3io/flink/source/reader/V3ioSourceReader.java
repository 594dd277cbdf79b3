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
import io.v3io.flink.deadletter.DeadLetterWriter;
import io.v3io.flink.source.enumerator.StreamSubscription;
import io.v3io.flink.source.event.BacklogEvent;
import io.v3io.flink.source.event.NoShardsEvent;
import io.v3io.flink.source.event.ShardsEndedEvent;
import io.v3io.flink.source.event.ShardsHeldEvent;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.SeenTags;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.source.split.V3ioShardSplitState;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.connector.base.source.reader.SingleThreadMultiplexSourceReaderBase;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Reads the shards of one subtask: one thread of Flink's fetches, the client's I/O threads receive
 * and decode, the task's main thread emits. Owns the client.
 *
 * @param <T> type of the elements
 */
@Internal
public final class V3ioSourceReader<T>
        extends SingleThreadMultiplexSourceReaderBase<
                FetchedRecord, T, V3ioShardSplit, V3ioShardSplitState> {

    private static final Logger LOG = LoggerFactory.getLogger(V3ioSourceReader.class);

    /** Long enough for one request, short enough for a cancellation. */
    private static final Duration COMMIT_LIMIT_ON_CLOSE = Duration.ofSeconds(5);

    private static final long NO_CHECKPOINT = -1;

    private final V3ioClient client;
    private final V3ioSourceReaderMetrics metrics;
    private final ShardFindings findings;
    private final StartBacklog backlog;
    @Nullable private final GroupCommitter committer;
    private final V3ioRecordEmitter<T> emitter;
    private final long elementLimit;
    @Nullable private final SeenTags.Window tagWindow;
    @Nullable private final StreamSubscription onlyStreams;
    @Nullable private final DeadLetterWriter deadLetters;

    /** Whether the enumerator knows what this reader has from the checkpoint. */
    private boolean hasToldWhatIsHeld;

    private final OutputIdleness idleness = new OutputIdleness();

    /** Splits of the checkpoint that are not read on, until Flink has forgotten them, too. */
    private final List<String> droppedSplits = new ArrayList<>();

    /** What the enumerator was told of the backlog; null for nothing yet. */
    @Nullable private Boolean toldBacklog;

    private boolean hasEnded;

    /** Whether nothing but dead letters is left to do. */
    private boolean isEnding;

    /**
     * A reader without shards.
     *
     * @param context Flink's side
     * @param client closed with this reader
     * @param schema makes elements of records
     * @param settings bounds and pauses
     * @param onlyStreams the streams whose shards are read on from a checkpoint; null for all
     * @param consumerGroup whose positions are committed; null for none
     */
    public V3ioSourceReader(
            SourceReaderContext context,
            V3ioClient client,
            OpenedSchema<T> schema,
            ReaderSettings settings,
            @Nullable StreamSubscription onlyStreams,
            @Nullable String consumerGroup) {
        this(
                context,
                client,
                schema,
                settings,
                onlyStreams,
                consumerGroup,
                V3ioSourceReaderMetrics.of(context.metricGroup(), client.metrics()));
    }

    private V3ioSourceReader(
            SourceReaderContext context,
            V3ioClient client,
            OpenedSchema<T> schema,
            ReaderSettings settings,
            @Nullable StreamSubscription onlyStreams,
            @Nullable String consumerGroup,
            V3ioSourceReaderMetrics metrics) {
        this(
                context,
                client,
                settings,
                onlyStreams,
                consumerGroup,
                metrics,
                new V3ioRecordEmitter<>(
                        schema,
                        settings.onDeserializationFailure(),
                        metrics,
                        settings.deadLetters() == null
                                ? null
                                : new DeadLetterWriter(client, settings.deadLetters(), metrics)),
                new ShardFindings(),
                new StartBacklog(settings.backlogThreshold()));
    }

    private V3ioSourceReader(
            SourceReaderContext context,
            V3ioClient client,
            ReaderSettings settings,
            @Nullable StreamSubscription onlyStreams,
            @Nullable String consumerGroup,
            V3ioSourceReaderMetrics metrics,
            V3ioRecordEmitter<T> emitter,
            ShardFindings findings,
            StartBacklog backlog) {
        super(
                () ->
                        new V3ioSplitReader(
                                client, settings, metrics, findings, backlog, System::nanoTime),
                emitter,
                context.getConfiguration(),
                context);
        this.emitter = emitter;
        this.onlyStreams = onlyStreams;
        this.tagWindow = settings.tagWindow();
        this.elementLimit =
                settings.elementLimit() == null ? Long.MAX_VALUE : settings.elementLimit();
        this.client = client;
        this.metrics = metrics;
        this.findings = findings;
        this.backlog = backlog;
        // The answer that ends a backlog may be an empty one, for which Flink does not poll.
        backlog.onChange(() -> splitFetcherManager.getQueue().notifyAvailable());
        this.deadLetters = emitter.deadLetters();
        if (deadLetters != null) {
            deadLetters.onFailure(() -> splitFetcherManager.getQueue().notifyAvailable());
        }
        this.committer =
                consumerGroup == null
                        ? null
                        : new GroupCommitter(client, consumerGroup, metrics, System::nanoTime);
    }

    /** Asks for nothing: the enumerator gives shards to a reader that has told what it has. */
    @Override
    public void start() {}

    @Override
    public void handleSourceEvents(SourceEvent event) {
        if (!(event instanceof NoShardsEvent)) {
            throw new IllegalArgumentException(
                    "The V3IO source's reader does not know event " + event + ".");
        }
        // What holds shards cannot have too few of them, whatever the enumerator knows.
        idleness.noShardsToCome(getNumberOfCurrentlyAssignedSplits());
        backlog.isSurplus();
        // Nothing is fetched here, so nothing else would make Flink poll.
        splitFetcherManager.getQueue().notifyAvailable();
    }

    @Override
    public void addSplits(List<V3ioShardSplit> splits) {
        idleness.shardsCame(splits);
        // Before that is told, they come from a checkpoint.
        List<V3ioShardSplit> read = hasToldWhatIsHeld ? splits : withoutDropped(splits);
        if (deadLetters != null) {
            read.forEach(split -> deadLetters.refuseToRead(split.shard().stream()));
            // Not when this reader starts: Flink would lose the shards that are on their way to it,
            // and tell of that instead.
            deadLetters.checkStream();
        }
        super.addSplits(read);
    }

    private List<V3ioShardSplit> withoutDropped(List<V3ioShardSplit> restored) {
        if (onlyStreams == null) {
            return restored;
        }
        List<V3ioShardSplit> read =
                restored.stream()
                        .filter(split -> onlyStreams.contains(split.shard().stream()))
                        .toList();
        if (read.size() < restored.size()) {
            List<V3ioShardSplit> dropped = new ArrayList<>(restored);
            dropped.removeAll(read);
            dropped.forEach(split -> droppedSplits.add(split.splitId()));
            LOG.warn("Shards of streams that are not subscribed any more are dropped: {}", dropped);
        }
        return read;
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) throws Exception {
        releaseDropped(output);
        tellWhatIsHeld();
        tellBacklog();
        idleness.mark(output);
        if (deadLetters != null) {
            deadLetters.throwIfFailed();
            if (!deadLetters.hasRoom()) {
                return InputStatus.NOTHING_AVAILABLE;
            }
        }
        if (emitter.emittedElements() >= elementLimit) {
            // What is left of its shards nobody wants. Counted anew after a restore, because what
            // was emitted before may have been lost after the checkpoint.
            return end(output);
        }
        InputStatus status = super.pollNext(output);
        if (status == InputStatus.MORE_AVAILABLE) {
            idleness.elementEmitted(output);
        }
        if (status != InputStatus.MORE_AVAILABLE) {
            // A change that came while the queue was looked at calls nobody again.
            tellBacklog();
        }
        if (status == InputStatus.END_OF_INPUT) {
            return end(output);
        }
        if (status == InputStatus.NOTHING_AVAILABLE && committer != null) {
            committer.checkThatCheckpointsAreTaken();
        }
        return status;
    }

    /** Flink has made their parts of the output, which would hold the watermark for ever. */
    private void releaseDropped(ReaderOutput<T> output) {
        for (String splitId : droppedSplits) {
            // Whoever has not made it yet, as a hybrid source, does so now.
            SourceOutput<T> unused = output.createOutputForSplit(splitId);
            output.releaseOutputForSplit(splitId);
        }
        droppedSplits.clear();
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        if (deadLetters != null && !deadLetters.hasRoom()) {
            return deadLetters.room();
        }
        return isEnding ? deadLetters.stored() : super.isAvailable();
    }

    private InputStatus end(ReaderOutput<T> output) {
        if (deadLetters != null && !deadLetters.isStored()) {
            isEnding = true;
            return InputStatus.NOTHING_AVAILABLE;
        }
        isEnding = false;
        hasEnded = true;
        // Flink drops the last watermark of an output that is idle.
        output.markActive();
        return InputStatus.END_OF_INPUT;
    }

    /**
     * Once, before the enumerator has given this reader anything. Not when it starts: a hybrid
     * source adds what came from the checkpoint only after that.
     */
    private void tellWhatIsHeld() {
        if (!hasToldWhatIsHeld) {
            hasToldWhatIsHeld = true;
            context.sendSourceEventToCoordinator(
                    new ShardsHeldEvent(getNumberOfCurrentlyAssignedSplits()));
        }
    }

    /** A reader that waits for its first shards has nothing to tell yet. */
    private void tellBacklog() {
        if (!backlog.isWatched()) {
            return;
        }
        Boolean isBehind = backlog.isBehind();
        if (isBehind != null && !isBehind.equals(toldBacklog)) {
            toldBacklog = isBehind;
            context.sendSourceEventToCoordinator(new BacklogEvent(isBehind));
        }
    }

    @Override
    protected void onSplitFinished(Map<String, V3ioShardSplitState> finishedSplits) {
        finishedSplits.keySet().forEach(findings::forget);
        finishedSplits.keySet().forEach(backlog::ends);
        idleness.shardsEnded(finishedSplits.keySet());
        context.sendSourceEventToCoordinator(new ShardsEndedEvent(finishedSplits.size()));
        if (committer != null) {
            finishedSplits.values().forEach(state -> committer.shardFinished(state.toSplit()));
        }
    }

    @Override
    protected V3ioShardSplitState initializedState(V3ioShardSplit split) {
        long emitted = split.emitted() == null ? 0 : split.emitted().sequenceNumber();
        metrics.shardAssigned(split.shard(), emitted);
        backlog.begins(split.splitId());
        return V3ioShardSplitState.of(split, metrics.shard(split.shard()), tagWindow);
    }

    @Override
    protected V3ioShardSplit toSplitType(String splitId, V3ioShardSplitState state) {
        return findings.fix(state.toSplit());
    }

    @Override
    public List<V3ioShardSplit> snapshotState(long checkpointId) {
        awaitDeadLetters();
        List<V3ioShardSplit> splits = super.snapshotState(checkpointId);
        if (committer != null) {
            committer.snapshot(checkpointId, splits);
        }
        return splits;
    }

    /**
     * What is emitted before this snapshot must not be emitted again, so the positions cannot be
     * held back. Nor do dead letters go into the checkpoint instead: whoever goes on where the
     * consumer group is, or throws the checkpoint away, would never see them. They are sent at once
     * when they come up, so that mostly there is nothing to wait for, or one answer.
     */
    private void awaitDeadLetters() {
        if (deadLetters == null) {
            return;
        }
        try {
            deadLetters.awaitStored();
        } catch (IOException e) {
            throw new FlinkRuntimeException(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FlinkRuntimeException("Interrupted while dead letters were stored.", e);
        }
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) throws Exception {
        super.notifyCheckpointComplete(checkpointId);
        if (committer != null) {
            committer.checkpointCompleted(checkpointId);
        }
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) throws Exception {
        super.notifyCheckpointAborted(checkpointId);
        if (committer != null) {
            committer.checkpointAborted(checkpointId);
        }
    }

    @Override
    public void close() throws Exception {
        try {
            super.close();
            if (committer != null) {
                if (hasEnded) {
                    committer.ended(super.snapshotState(NO_CHECKPOINT));
                }
                committer.awaitCommits(COMMIT_LIMIT_ON_CLOSE);
            }
        } finally {
            if (deadLetters != null) {
                deadLetters.close();
            }
            client.close();
        }
    }
}

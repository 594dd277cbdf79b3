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
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/**
 * Commits a consumer group's positions (API page section 8) when a checkpoint has completed, or, if
 * none was ever taken, when the reading ends, so that Nuclio functions and lag monitors see how far
 * the job is. Nothing is ever read from there by a restore: the checkpoint is the truth, a failed
 * commit is logged and counted, and the next one makes up for it.
 *
 * <p>Used by the task's main thread; commits complete on the client's I/O threads.
 */
@Internal
final class GroupCommitter {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitter.class);

    /**
     * Checkpoints of which the end may never be heard: more than Flink lets be under way together,
     * and few enough for thousands of shards.
     */
    private static final int MAX_OPEN_CHECKPOINTS = 16;

    private static final Duration EXPECTED_CHECKPOINT = Duration.ofMinutes(10);

    private final V3ioClient client;
    private final String consumerGroup;
    private final V3ioSourceReaderMetrics metrics;
    private final LongSupplier nanoClock;
    private final long startNanos;

    /** Positions by checkpoint that has not completed yet. */
    private final NavigableMap<Long, Map<ShardId, Long>> byCheckpoint = new TreeMap<>();

    /** Last positions of finished shards, until a checkpoint that holds them has completed. */
    private final Map<ShardId, Long> finished = new HashMap<>();

    @GuardedBy("this")
    private final Map<ShardId, Long> wanted = new HashMap<>();

    @GuardedBy("this")
    private final Map<ShardId, Long> committed = new HashMap<>();

    /** Shards with a commit under way; completed when the shard has none any more. */
    @GuardedBy("this")
    private final Map<ShardId, CompletableFuture<Void>> underWay = new HashMap<>();

    /** By stream, whether the group is known to tools; missing while nobody has asked. */
    @GuardedBy("this")
    private final Map<StreamPath, CompletableFuture<Boolean>> groupStates = new HashMap<>();

    @GuardedBy("this")
    private long failedGroupStates;

    @GuardedBy("this")
    private boolean closed;

    private boolean hasSnapshot;
    private boolean hasToldThatNoneIsTaken;

    /**
     * A committer that has committed nothing.
     *
     * @param client sends
     * @param consumerGroup whose positions
     * @param metrics of the reader
     * @param nanoClock a clock like {@link System#nanoTime}
     */
    GroupCommitter(
            V3ioClient client,
            String consumerGroup,
            V3ioSourceReaderMetrics metrics,
            LongSupplier nanoClock) {
        this.client = client;
        this.consumerGroup = consumerGroup;
        this.metrics = metrics;
        this.nanoClock = nanoClock;
        this.startNanos = nanoClock.getAsLong();
    }

    /** A shard has ended; its position is no longer in snapshots. */
    void shardFinished(V3ioShardSplit split) {
        EmittedPosition emitted = split.emitted();
        if (emitted != null) {
            finished.put(split.shard(), emitted.sequenceNumber());
        }
    }

    /** A checkpoint was taken. */
    void snapshot(long checkpointId, Collection<V3ioShardSplit> splits) {
        hasSnapshot = true;
        byCheckpoint.put(checkpointId, positions(splits));
        while (byCheckpoint.size() > MAX_OPEN_CHECKPOINTS) {
            byCheckpoint.pollFirstEntry();
        }
    }

    private Map<ShardId, Long> positions(Collection<V3ioShardSplit> splits) {
        Map<ShardId, Long> positions = new HashMap<>(finished);
        for (V3ioShardSplit split : splits) {
            EmittedPosition emitted = split.emitted();
            if (emitted != null) {
                positions.put(split.shard(), emitted.sequenceNumber());
            }
        }
        return positions;
    }

    /** A checkpoint will not complete. */
    void checkpointAborted(long checkpointId) {
        byCheckpoint.remove(checkpointId);
    }

    /** Checkpoints that were taken and of which the end is not known yet. */
    int openCheckpoints() {
        return byCheckpoint.size();
    }

    /**
     * The reading has ended. With checkpoints the last one of the job commits; a job without them,
     * as in batch mode, would not commit at all.
     */
    void ended(Collection<V3ioShardSplit> splits) {
        if (!hasSnapshot) {
            LOG.info(
                    "The reading has ended, and no checkpoint was taken: the positions of consumer"
                            + " group {} are committed now.",
                    consumerGroup);
            commit(positions(splits));
        }
    }

    /** Says once that nothing is committed when the job seems to run without checkpoints. */
    void checkThatCheckpointsAreTaken() {
        if (!hasSnapshot
                && !hasToldThatNoneIsTaken
                && nanoClock.getAsLong() - startNanos > EXPECTED_CHECKPOINT.toNanos()) {
            hasToldThatNoneIsTaken = true;
            LOG.warn(
                    "No checkpoint was taken in the first {}. The positions of consumer group {}"
                            + " are committed when a checkpoint has completed: enable checkpointing, or"
                            + " another job that goes on with the group's position reads everything"
                            + " again.",
                    EXPECTED_CHECKPOINT,
                    consumerGroup);
        }
    }

    /** A checkpoint has completed, and with it all before it. */
    void checkpointCompleted(long checkpointId) {
        Map<ShardId, Long> positions = byCheckpoint.remove(checkpointId);
        byCheckpoint.headMap(checkpointId).clear();
        if (positions == null) {
            // A checkpoint that was taken before this reader was restored.
            return;
        }
        positions.forEach(finished::remove);
        commit(positions);
    }

    private void commit(Map<ShardId, Long> positions) {
        positions.forEach(
                (shard, number) -> {
                    if (isNew(shard, number)) {
                        showGroup(shard.stream());
                        commit(shard, number);
                    }
                });
    }

    /** Tools on top of v3io-go see a group only when its state object is there. */
    private synchronized void showGroup(StreamPath stream) {
        CompletableFuture<Boolean> asked = groupStates.get(stream);
        if (asked == null || asked.isCompletedExceptionally()) {
            CompletableFuture<Boolean> made = client.createGroupState(stream, consumerGroup);
            groupStates.put(stream, made);
            CompletableFuture<Boolean> unused =
                    made.whenComplete((isNew, failure) -> onGroupState(stream, failure));
        }
    }

    /** Commits do not need the object, and the next checkpoint tries again. */
    private synchronized void onGroupState(StreamPath stream, @Nullable Throwable failure) {
        if (failure != null && Long.bitCount(++failedGroupStates) == 1) {
            LOG.warn(
                    "Tools such as v3ctl will not show consumer group {} of stream {}, because its"
                            + " state object could not be made ({} times so far). Positions are"
                            + " committed all the same.",
                    consumerGroup,
                    stream,
                    failedGroupStates,
                    failure);
        }
    }

    private synchronized boolean isNew(ShardId shard, long number) {
        Long last = committed.get(shard);
        return last == null || last != number;
    }

    /**
     * Commits of one shard go one after the other, so that an older number never overwrites a newer
     * one; of those that come while one is under way only the newest is sent.
     */
    private synchronized void commit(ShardId shard, long number) {
        wanted.put(shard, number);
        if (underWay.putIfAbsent(shard, new CompletableFuture<>()) == null) {
            send(shard, number);
        }
    }

    private void send(ShardId shard, long number) {
        CompletableFuture<Void> unused =
                client.commitSequenceNumber(shard, consumerGroup, number)
                        .whenComplete((nothing, failure) -> onAnswer(shard, number, failure));
    }

    private synchronized void onAnswer(ShardId shard, long number, @Nullable Throwable failure) {
        if (failure == null) {
            committed.put(shard, number);
            metrics.commitSucceeded(shard, number);
        } else {
            metrics.commitFailed();
            LOG.warn(
                    "Sequence number {} of shard {} could not be committed for consumer group {};"
                            + " the next checkpoint commits again.",
                    number,
                    shard,
                    consumerGroup,
                    failure);
        }
        long newest = wanted.get(shard);
        if (newest != number && !closed) {
            send(shard, newest);
        } else {
            underWay.remove(shard).complete(null);
        }
    }

    /**
     * Waits for commits under way, so that those of a job's last checkpoint are not given up when
     * the job ends right after it.
     *
     * @param limit after which they are given up
     */
    void awaitCommits(Duration limit) {
        CompletableFuture<Void> all;
        synchronized (this) {
            List<CompletableFuture<?>> ends = new ArrayList<>(underWay.values());
            // Whether they failed has been logged.
            groupStates.values().forEach(state -> ends.add(state.handle((made, failure) -> made)));
            all = CompletableFuture.allOf(ends.toArray(new CompletableFuture<?>[0]));
        }
        try {
            all.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Ends of commits do not fail.", e);
        } catch (TimeoutException e) {
            LOG.warn(
                    "Commits of consumer group {} were not answered within {} and are given up.",
                    consumerGroup,
                    limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (this) {
                closed = true;
            }
        }
    }
}

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
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Commits a consumer group's positions (API page section 8) when a checkpoint has completed, so
 * that Nuclio functions and lag monitors see how far the job is. Nothing is ever read from there by
 * a restore: the checkpoint is the truth, a failed commit is logged and counted, and the next one
 * makes up for it.
 *
 * <p>Used by the task's main thread; commits complete on the client's I/O threads.
 */
@Internal
final class GroupCommitter {

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitter.class);

    private final V3ioClient client;
    private final String consumerGroup;
    private final V3ioSourceReaderMetrics metrics;

    /** Positions by checkpoint that has not completed yet. */
    private final NavigableMap<Long, Map<ShardId, Long>> byCheckpoint = new TreeMap<>();

    /** Last positions of finished shards, until a checkpoint that holds them has completed. */
    private final Map<ShardId, Long> finished = new HashMap<>();

    private final Map<ShardId, Long> committed = new ConcurrentHashMap<>();
    private final Set<CompletableFuture<Void>> inFlight = ConcurrentHashMap.newKeySet();

    GroupCommitter(V3ioClient client, String consumerGroup, V3ioSourceReaderMetrics metrics) {
        this.client = client;
        this.consumerGroup = consumerGroup;
        this.metrics = metrics;
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
        Map<ShardId, Long> positions = new HashMap<>(finished);
        for (V3ioShardSplit split : splits) {
            EmittedPosition emitted = split.emitted();
            if (emitted != null) {
                positions.put(split.shard(), emitted.sequenceNumber());
            }
        }
        byCheckpoint.put(checkpointId, positions);
    }

    /** A checkpoint has completed, and with it all before it. */
    void checkpointCompleted(long checkpointId) {
        Map<ShardId, Long> positions = byCheckpoint.remove(checkpointId);
        byCheckpoint.headMap(checkpointId).clear();
        if (positions == null) {
            // Of a checkpoint that was taken before this reader was restored.
            return;
        }
        positions.forEach(
                (shard, number) -> {
                    finished.remove(shard, number);
                    if (!number.equals(committed.get(shard))) {
                        commit(shard, number);
                    }
                });
    }

    private void commit(ShardId shard, long number) {
        CompletableFuture<Void> commit = client.commitSequenceNumber(shard, consumerGroup, number);
        inFlight.add(commit);
        CompletableFuture<Void> unused =
                commit.whenComplete(
                        (nothing, failure) -> {
                            inFlight.remove(commit);
                            if (failure == null) {
                                committed.merge(shard, number, Math::max);
                                metrics.commitSucceeded();
                            } else {
                                metrics.commitFailed();
                                LOG.warn(
                                        "Sequence number {} of shard {} could not be committed for consumer group {}; the"
                                                + " next checkpoint commits again.",
                                        number,
                                        shard,
                                        consumerGroup,
                                        failure);
                            }
                        });
    }

    /**
     * Waits for commits under way, so that those of a job's last checkpoint are not given up when
     * the job ends right after it.
     *
     * @param limit after which they are given up
     */
    void awaitCommits(Duration limit) {
        CompletableFuture<Void> all =
                CompletableFuture.allOf(inFlight.toArray(new CompletableFuture<?>[0]));
        try {
            all.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            LOG.debug("A commit failed, which has been logged.", e);
        } catch (TimeoutException e) {
            LOG.warn(
                    "{} commits of consumer group {} were not answered within {} and are given up.",
                    inFlight.size(),
                    consumerGroup,
                    limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

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

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Keeps the lag of shards true that are not asked: because the job is blocked, the rate is limited,
 * or alignment has paused them. Their answers, which tell the lag otherwise, do not come then, and
 * just then somebody looks at it. One listing of each stream takes their place (API page section
 * 7).
 *
 * <p>Guarded by the reader's monitor; listings are answered on the client's I/O threads.
 */
@Internal
final class LagWatch {

    private static final Logger LOG = LoggerFactory.getLogger(LagWatch.class);

    /** A stream that could not be listed is left alone for so many looks. */
    private static final int LOOKS_AFTER_FAILURE = 60;

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final long silenceNanos;
    private final LongSupplier nanoClock;
    private final Map<StreamPath, CompletableFuture<?>> listings = new HashMap<>();
    private final Map<StreamPath, Integer> looksToSkip = new HashMap<>();

    /**
     * A watch that has seen nothing.
     *
     * @param monitor the split reader's
     * @param client lists
     * @param silenceNanos without an answer, after which a shard's lag is looked after here
     * @param nanoClock a clock like {@link System#nanoTime}
     */
    LagWatch(ReaderMonitor monitor, V3ioClient client, long silenceNanos, LongSupplier nanoClock) {
        this.monitor = monitor;
        this.client = client;
        this.silenceNanos = silenceNanos;
        this.nanoClock = nanoClock;
    }

    /** Lists the streams of the shards that are not asked. Called now and then. */
    void look(Collection<ShardReading> shards) {
        Set<StreamPath> streams = new HashSet<>();
        for (ShardReading shard : shards) {
            if (isNotAsked(shard)) {
                streams.add(shard.split.shard().stream());
            }
        }
        looksToSkip.replaceAll((stream, looks) -> looks - 1);
        looksToSkip.values().removeIf(looks -> looks <= 0);
        for (StreamPath stream : streams) {
            if (!monitor.isStopped()
                    && !listings.containsKey(stream)
                    && !looksToSkip.containsKey(stream)) {
                list(stream, List.copyOf(shards));
            }
        }
    }

    /** The pauses of a shard that rests end late, too, while the job is blocked. */
    private boolean isNotAsked(ShardReading shard) {
        return shard.state != ShardReading.State.IN_FLIGHT
                && shard.state != ShardReading.State.AHEAD
                && shard.state != ShardReading.State.GONE
                && nanoClock.getAsLong() - shard.answeredNanos >= silenceNanos;
    }

    private void list(StreamPath stream, List<ShardReading> shards) {
        // It shows what is there by now, however late it comes.
        long askedNanos = nanoClock.getAsLong();
        CompletableFuture<SortedMap<ShardId, Long>> listing = client.newestSequenceNumbers(stream);
        listings.put(stream, listing);
        monitor.whenAnswered(
                listing,
                (newest, error) -> {
                    listings.remove(stream);
                    if (!monitor.isStopped()) {
                        onListing(stream, shards, askedNanos, newest, error);
                    }
                });
    }

    private void onListing(
            StreamPath stream,
            List<ShardReading> shards,
            long askedNanos,
            @Nullable SortedMap<ShardId, Long> newest,
            @Nullable Throwable error) {
        if (error != null) {
            // Reading needs no listing, and what is wrong with the platform its requests tell.
            LOG.info(
                    "Stream {} could not be listed; how far shards are behind that are not asked now is not known"
                            + " for a while.",
                    stream,
                    error);
            looksToSkip.put(stream, LOOKS_AFTER_FAILURE);
            return;
        }
        for (ShardReading shard : shards) {
            Long number = newest.get(shard.split.shard());
            if (number != null && isNotAsked(shard) && shard.progress.isKnown()) {
                shard.lag.listed(number, shard.progress.takenThrough(), askedNanos);
            }
        }
    }

    /** The listings under way. */
    List<CompletableFuture<?>> listings() {
        return List.copyOf(listings.values());
    }
}

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

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Looks after shards that have had nothing new for a while, many with one request: a listing of
 * their stream tells each shard's newest sequence number (API page section 7). Asking each of them
 * costs a request of some 100 µs of CPU time, which hundreds of idle shards at four requests a
 * second turn into a tenth of a core; a listing costs a few µs for each shard in it.
 *
 * <p>The listing only ever saves requests. A shard of which it says anything but "nothing new" is
 * asked itself; so are all of them in turn, each every {@value #LISTINGS_PER_REQUEST} listings, and
 * all of them at once when listings fail or are slow.
 *
 * <p>Guarded by the reader's monitor; listings are answered on the client's I/O threads.
 */
@Internal
final class IdleWatch {

    private static final Logger LOG = LoggerFactory.getLogger(IdleWatch.class);

    /** Fewer idle shards of one stream are asked one by one. */
    private static final int LEAST_SHARDS = 4;

    /**
     * A listing is of all shards of a stream, however few of them are idle in this reader. At this
     * ratio it costs about as much as the requests that it saves.
     */
    private static final int LISTED_SHARDS_PER_IDLE_SHARD = 16;

    /** After so many listings a shard is asked itself all the same. */
    static final int LISTINGS_PER_REQUEST = 20;

    /** A listing that takes longer than so many pauses is of no use. */
    private static final int PAUSES_PER_LISTING = 2;

    private static final int PAUSES_AFTER_FAILURE = 240;

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final long pauseNanos;
    private final LongSupplier nanoClock;
    private final Consumer<ShardReading> ask;
    private final Runnable afterAnswer;
    private final Map<StreamPath, Watch> watches = new HashMap<>();

    /**
     * A watch over no shard yet.
     *
     * @param monitor the split reader's
     * @param client lists
     * @param pauseNanos between two listings of a stream
     * @param nanoClock a clock like {@link System#nanoTime}
     * @param ask takes shards that are to be asked themselves
     * @param afterAnswer called under the monitor after the answer to a listing
     */
    IdleWatch(
            ReaderMonitor monitor,
            V3ioClient client,
            long pauseNanos,
            LongSupplier nanoClock,
            Consumer<ShardReading> ask,
            Runnable afterAnswer) {
        this.monitor = monitor;
        this.client = client;
        this.pauseNanos = pauseNanos;
        this.nanoClock = nanoClock;
        this.ask = ask;
        this.afterAnswer = afterAnswer;
    }

    private final class Watch {
        /** Shards that have had nothing for long, whether they are watched or not. */
        private final Set<ShardReading> idle = new HashSet<>();

        /** Those that wait for a listing to show something; the one asked last is the last. */
        private final Set<ShardReading> watched = new LinkedHashSet<>();

        private int listedShards;

        /** The listing under way. */
        @Nullable private CompletableFuture<?> listing;

        private long listingStartNanos;
        private long nextListingNanos;

        /** Until when the last listing, or a shard's own answer before it, can be relied on. */
        private long validUntilNanos;

        private long brokenUntilNanos;
        private boolean isBroken;

        private boolean isWorthIt(long now) {
            if (isBroken && now - brokenUntilNanos >= 0) {
                isBroken = false;
            }
            boolean isSlow = listing != null && now - listingStartNanos > maxListingNanos();
            return !isBroken
                    && !isSlow
                    && idle.size() >= LEAST_SHARDS
                    && (long) idle.size() * LISTED_SHARDS_PER_IDLE_SHARD >= listedShards;
        }

        private void askAll() {
            List<ShardReading> all = new ArrayList<>(watched);
            watched.clear();
            all.forEach(ask);
        }

        private void onListing(SortedMap<ShardId, Long> newest) {
            listedShards = newest.size();
            validUntilNanos = listingStartNanos + pauseNanos + maxListingNanos();
            int turn = (watched.size() + LISTINGS_PER_REQUEST - 1) / LISTINGS_PER_REQUEST;
            List<ShardReading> due = new ArrayList<>();
            for (ShardReading shard : watched) {
                long listed = newest.getOrDefault(shard.split.shard(), 0L);
                boolean isNews = shard.progress.isNews(listed);
                if (listed > 0 && listed < shard.progress.takenThrough()) {
                    shard.seekAgain();
                }
                if (isNews || due.size() < turn) {
                    due.add(shard);
                }
            }
            watched.removeAll(due);
            due.forEach(ask);
        }
    }

    private long maxListingNanos() {
        return PAUSES_PER_LISTING * pauseNanos;
    }

    /**
     * Takes a shard that has had nothing new for so long that its pause has grown to the longest.
     *
     * @return false if the shard is not watched and has to be asked again after its pause
     */
    boolean watch(ShardReading shard) {
        long now = nanoClock.getAsLong();
        Watch watch = watches.computeIfAbsent(shard.split.shard().stream(), stream -> new Watch());
        watch.idle.add(shard);
        if (!watch.isWorthIt(now)) {
            return false;
        }
        if (watch.watched.isEmpty()) {
            watch.nextListingNanos = now + pauseNanos;
            watch.validUntilNanos = now + pauseNanos + maxListingNanos();
        }
        watch.watched.add(shard);
        return true;
    }

    /** The shard has something again, or is read no more. */
    void forget(ShardReading shard) {
        StreamPath stream = shard.split.shard().stream();
        Watch watch = watches.get(stream);
        if (watch != null) {
            watch.idle.remove(shard);
            watch.watched.remove(shard);
            if (watch.idle.isEmpty() && watch.listing == null) {
                watches.remove(stream);
            }
        }
    }

    /** Sends the listings that are due, and has shards asked for which none has come in time. */
    void send() {
        long now = nanoClock.getAsLong();
        for (Map.Entry<StreamPath, Watch> entry : watches.entrySet()) {
            Watch watch = entry.getValue();
            if (watch.watched.isEmpty()) {
                continue;
            }
            if (now - watch.validUntilNanos >= 0) {
                watch.askAll();
            } else if (watch.listing == null && now - watch.nextListingNanos >= 0) {
                list(entry.getKey(), watch, now);
            }
        }
    }

    /**
     * Time until {@link #send} has something to do, in nanoseconds; may be negative. {@link
     * Long#MAX_VALUE} when no shard is watched.
     */
    long nanosUntilDue() {
        long now = nanoClock.getAsLong();
        long least = Long.MAX_VALUE;
        for (Watch watch : watches.values()) {
            if (!watch.watched.isEmpty()) {
                least = Math.min(least, watch.validUntilNanos - now);
                if (watch.listing == null) {
                    least = Math.min(least, watch.nextListingNanos - now);
                }
            }
        }
        return least;
    }

    /** The listings under way. */
    List<CompletableFuture<?>> listings() {
        return watches.values().stream()
                .<CompletableFuture<?>>map(watch -> watch.listing)
                .filter(Objects::nonNull)
                .toList();
    }

    private void list(StreamPath stream, Watch watch, long now) {
        watch.listingStartNanos = now;
        watch.nextListingNanos = now + pauseNanos;
        CompletableFuture<SortedMap<ShardId, Long>> listing = client.newestSequenceNumbers(stream);
        watch.listing = listing;
        monitor.whenAnswered(listing, (newest, error) -> onAnswer(stream, watch, newest, error));
    }

    private void onAnswer(
            StreamPath stream,
            Watch watch,
            @Nullable SortedMap<ShardId, Long> newest,
            @Nullable Throwable error) {
        watch.listing = null;
        if (monitor.isStopped()) {
            return;
        }
        if (error == null) {
            watch.onListing(newest);
        } else if (error instanceof Error) {
            monitor.fail(error);
        } else {
            // What is wrong, the shards' own requests will tell, or nothing is: a key may be
            // allowed to read a stream and not to list it.
            LOG.info(
                    "Stream {} could not be listed; its {} idle shards are asked one by one for a while.",
                    stream,
                    watch.watched.size(),
                    error);
            watch.isBroken = true;
            watch.brokenUntilNanos = nanoClock.getAsLong() + PAUSES_AFTER_FAILURE * pauseNanos;
            watch.askAll();
        }
        afterAnswer.run();
    }
}

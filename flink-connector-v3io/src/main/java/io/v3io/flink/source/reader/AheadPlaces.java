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

import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;
import javax.annotation.concurrent.NotThreadSafe;

import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Shares what is left for reading ahead among a reader's shards that are far behind: places for
 * requests, which the shards could not need even if all of them asked at once, and what these
 * requests and their answers hold of the byte budget. After what has been begun, the shard with the
 * fewest blocks gets the next place, and the one with the most gives bytes back first, so that no
 * shard is read far ahead of another for no other reason than that it was behind first.
 *
 * <p>Sends nothing; guarded by the reader's monitor.
 */
@Internal
@NotThreadSafe
final class AheadPlaces {

    private final int maxRequests;
    private final int mostUnderWay;
    private final ShardStates states;
    private final V3ioSourceReaderMetrics metrics;

    /** Shards in which something was read ahead, or is to be. */
    private final Set<ShardReading> active = new LinkedHashSet<>();

    private int shards;
    private int underWay;

    AheadPlaces(ReaderSettings settings, ShardStates states, V3ioSourceReaderMetrics metrics) {
        this.maxRequests = settings.maxConcurrentRequests();
        // One is left to the shard's own request.
        this.mostUnderWay = settings.readAhead() - 1;
        this.states = states;
        this.metrics = metrics;
    }

    /** The reader has one more shard. */
    void add() {
        shards++;
    }

    /** The reader has one shard less; nothing of it is held any more. */
    void remove() {
        shards--;
    }

    /** Whether a request may be sent now that is no shard's own. */
    boolean isFree() {
        return underWay < Math.min(mostUnderWay, maxRequests - shards)
                && states.requestsInFlight() <= mostUnderWay;
    }

    /** A place is taken. */
    void asked() {
        underWay++;
        states.askedAhead();
    }

    /** A place is free again. */
    void answered() {
        underWay--;
        states.answered();
    }

    /**
     * The next answer of a shard that is far behind has come, while the reader had nothing to hand
     * over. Never call it otherwise: shards would keep each other reading ahead though nobody
     * waits.
     *
     * @param isLong whether the reader has waited for so long that more requests would help
     */
    void cameWhileWaiting(ShardReading shard, boolean isLong, long nowNanos) {
        // Shards that come late are not waited for as long as the first ones bring enough.
        int most = isLong ? mostUnderWay : mostOfAny();
        if (shard.ahead.mostBlocks() < most) {
            shard.ahead.grow(most, nowNanos);
            if (shard.ahead.isActive()) {
                active.add(shard);
            }
        }
    }

    private int mostOfAny() {
        int most = 0;
        for (ShardReading shard : active) {
            most = Math.max(most, shard.ahead.mostBlocks());
        }
        return most;
    }

    /** Nothing of a shard is read ahead any more. */
    void leave(ShardReading shard) {
        if (active.remove(shard)) {
            metrics.readingAhead(active.size());
        }
    }

    /** Shards that have nothing more to read ahead leave. */
    void update() {
        active.removeIf(shard -> !shard.ahead.isActive());
        metrics.readingAhead(active.size());
    }

    boolean isEmpty() {
        return active.isEmpty();
    }

    /** The shards that read ahead, in the order in which they began. */
    Collection<ShardReading> shards() {
        return active;
    }

    /** Whose turn it is to have a place. */
    @Nullable
    static ShardReading fewestBlocks(Collection<ShardReading> shards) {
        return shards.stream()
                .min(Comparator.comparingInt(shard -> shard.ahead.blockCount()))
                .orElse(null);
    }

    /** Bytes that would come back at once if nothing were read ahead any more. */
    long bytesToGiveBack() {
        long bytes = 0;
        for (ShardReading shard : active) {
            bytes += shard.ahead.bytesToGiveBack();
        }
        return bytes;
    }

    /** Whose turn it is to give bytes back; null if none has any. */
    @Nullable
    ShardReading mostBlocks() {
        return active.stream()
                .filter(shard -> shard.ahead.bytesToGiveBack() > 0)
                .max(Comparator.comparingInt(shard -> shard.ahead.blockCount()))
                .orElse(null);
    }
}

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

import io.v3io.client.model.Location;
import io.v3io.client.model.SeekPosition;

import org.apache.flink.annotation.Internal;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * Finds the location of a shard's oldest record. On a busy stream at its retention limit the oldest
 * locations can die for ever before they are used: then it steps a little further each time. Never
 * blocks.
 */
@Internal
final class OldestLocation {

    /**
     * So many locations may die before any is answered. More, and retention removes the oldest
     * record faster than it can be asked for.
     */
    private static final int DEATHS_OF_OLDEST = 3;

    /** How long after the oldest record reading then begins at first; doubled with each death. */
    private static final Duration SHORTEST_STEP = Duration.ofSeconds(1);

    private static final int MOST_DOUBLINGS = 24;

    private final ShardLookup lookup;
    private final DataLoss dataLoss;
    private final int deaths;

    /**
     * A search in one shard, which begins when it is asked to.
     *
     * @param lookup of that shard
     * @param dataLoss is told what is passed over
     * @param deaths how many locations have died in a row, before any was answered
     */
    OldestLocation(ShardLookup lookup, DataLoss dataLoss, int deaths) {
        this.lookup = lookup;
        this.dataLoss = dataLoss;
        this.deaths = deaths;
    }

    /** The oldest location, or one a little later when the oldest ones have died. */
    CompletableFuture<Location> find() {
        return deaths < DEATHS_OF_OLDEST
                ? lookup.seek(SeekPosition.earliest())
                : lookup.newest()
                        .thenCompose(
                                newest ->
                                        newest == 0
                                                ? lookup.seek(SeekPosition.earliest())
                                                : afterOldest(newest));
    }

    /** By the platform's clock, which the newest record tells, and not by that of this machine. */
    private CompletableFuture<Location> afterOldest(long newest) {
        return lookup.seek(SeekPosition.sequenceNumber(newest))
                .thenCompose(location -> lookup.firstAt(location))
                .thenCombine(
                        lookup.retention(),
                        (first, retention) ->
                                first.map(
                                        batch ->
                                                timeAfterOldest(
                                                        batch.records().get(0).arrivalTime(),
                                                        retention)))
                .thenCompose(
                        time ->
                                time.isPresent()
                                        ? fromTime(time.get())
                                        : lookup.seek(SeekPosition.earliest()));
    }

    private Instant timeAfterOldest(Instant newest, Duration retention) {
        int doublings = Math.min(deaths - DEATHS_OF_OLDEST, MOST_DOUBLINGS);
        Duration step = SHORTEST_STEP.multipliedBy(1L << doublings);
        return step.compareTo(retention) < 0 ? newest.minus(retention).plus(step) : newest;
    }

    private CompletableFuture<Location> fromTime(Instant time) {
        return lookup.seek(SeekPosition.time(time))
                .thenCompose(
                        location ->
                                lookup.firstAt(location)
                                        .thenApply(
                                                first -> {
                                                    first.ifPresent(
                                                            batch ->
                                                                    dataLoss.passedOver(
                                                                            lookup.shard(),
                                                                            deaths,
                                                                            time,
                                                                            batch.records()
                                                                                    .get(0)
                                                                                    .sequenceNumber()));
                                                    return location;
                                                }));
    }
}

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

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The pause of the readers here grows to 20 ms. */
class IdleWatchTest extends SplitReaderTestBase {

    private static final int SHARDS = 40;

    private StreamPath quiet;
    private CompletableFuture<Void> reading;

    /** Half of the shards hold a record, which is read; the other half are not born. */
    @BeforeEach
    void startReadingIdleShards() {
        quiet = streams.create("users/quiet", SHARDS);
        for (int shard = 0; shard < SHARDS / 2; shard++) {
            streams.put(quiet, shard, "old", 1);
        }
        addIdleShards();
    }

    /** No listing can be slow then. */
    private void readIdleShardsOnTheirOwnTime() {
        reader.close();
        time = new TimeBetweenRequests();
        reader = reader(100, 64, 64 << 20);
        addIdleShards();
    }

    private void addIdleShards() {
        for (int shard = 0; shard < SHARDS; shard++) {
            add(V3ioShardSplit.unbounded(quiet.shard(shard), new ShardStart.At(1)));
        }
    }

    private void readUntil(int shards, int records) {
        reading =
                CompletableFuture.runAsync(
                        () -> fetchUntil(() -> fetched.size() == shards && total() == records));
    }

    @AfterEach
    void readingHasEnded() throws Exception {
        reading.get(30, TimeUnit.SECONDS);
    }

    private long requests() {
        return streams.emulator().requestCount(Operation.GET_RECORDS)
                + streams.emulator().requestCount(Operation.SEEK);
    }

    private long listings() {
        return streams.emulator().requestCount(Operation.LIST);
    }

    @Test
    void aListingTakesThePlaceOfTheRequestsOfAllIdleShards() {
        readIdleShardsOnTheirOwnTime();
        readUntil(SHARDS / 2 + 1, SHARDS / 2 + 2);
        await().until(() -> listings() >= 5);

        long listingsBefore = listings();
        long requestsBefore = requests();
        await().until(() -> listings() >= listingsBefore + 40);
        long listings = listings() - listingsBefore;

        // Each shard is asked itself once in twenty listings, with two requests at the most; one by
        // one it would be once in each. The two counts are not taken together.
        assertThat(requests() - requestsBefore)
                .isLessThanOrEqualTo(2 * (listings + 2) * SHARDS / IdleWatch.LISTINGS_PER_REQUEST);
        streams.put(quiet, 0, "new", 1);
        streams.put(quiet, SHARDS - 1, "born", 1);
    }

    /** Their position is no number before their first record. */
    @Test
    void shardsWithNothingSinceTheTimeThatTheyStartAtAreWatchedToo() throws Exception {
        StreamPath since = streams.create("users/since", SHARDS);
        for (int shard = 0; shard < SHARDS; shard++) {
            streams.put(since, shard, "before", 1);
        }
        // The shards of the other stream ask for themselves, and would hide what these ask for.
        reader.close();
        reader = reader(100, 64, 64 << 20);
        Instant start = Instant.now();
        for (int shard = 0; shard < SHARDS; shard++) {
            add(V3ioShardSplit.unbounded(since.shard(shard), new ShardStart.AtTime(start)));
        }
        readUntil(2, 2);
        await().until(() -> listings() >= 5);

        long listingsBefore = listings();
        long requestsBefore = requests();
        await().until(() -> listings() >= listingsBefore + 40);
        long listings = listings() - listingsBefore;

        // One by one, each would be asked at least once in the time of a listing, and without a
        // watch there is no listing at all.
        assertThat(requests() - requestsBefore).isLessThan(listings * SHARDS / 2);
        streams.put(since, 0, "new", 1);
        streams.put(since, SHARDS - 1, "new", 1);
        reading.get(30, TimeUnit.SECONDS);
        assertThat(fetched.get(since.shard(0).toString())).isEqualTo(numbers(2, 2));
    }

    @Test
    void newRecordsAndBornShardsAreReadThroughListings() throws Exception {
        readUntil(SHARDS, SHARDS / 2 * 4 + SHARDS / 2);
        await().until(() -> listings() >= 5);

        for (int round = 0; round < 3; round++) {
            for (int shard = 0; shard < SHARDS / 2; shard++) {
                streams.put(quiet, shard, "new", 1);
            }
        }
        for (int shard = SHARDS / 2; shard < SHARDS; shard++) {
            streams.put(quiet, shard, "born", 1);
        }

        reading.get(30, TimeUnit.SECONDS);
        assertThat(fetched.get(quiet.shard(0).toString())).isEqualTo(numbers(1, 4));
        assertThat(fetched.get(quiet.shard(SHARDS - 1).toString())).isEqualTo(numbers(1, 1));
    }

    @Test
    void shardsAreAskedOneByOneWhenListingIsNotAllowed() {
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.LIST).respond(403, "text/plain", "not allowed"));
        readUntil(SHARDS / 2, SHARDS / 2 + 1);
        await().until(() -> listings() >= 1);
        long requestsBefore = requests();
        await().until(() -> requests() >= requestsBefore + 5 * SHARDS);
        // Not tried again and again.
        assertThat(listings()).isLessThanOrEqualTo(2);

        streams.put(quiet, 0, "new", 1);
    }

    @Test
    void shardsAreAskedOneByOneWhenAListingIsNotAnswered() {
        streams.emulator().faults().add(Fault.on(Operation.LIST).never());
        readUntil(SHARDS / 2, SHARDS / 2 + 1);
        await().until(() -> listings() >= 1);
        long requestsBefore = requests();
        await().until(() -> requests() >= requestsBefore + 5 * SHARDS);

        streams.put(quiet, 0, "new", 1);
    }
}

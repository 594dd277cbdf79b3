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
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Who gets the places and the bytes for reading ahead, and who gives them back. */
class ReadAheadSharingTest extends ReadAheadTestBase {

    @Test
    void nothingIsReadAheadWhileTheShardsHaveThatManyRequestsUnderWayThemselves() {
        readAhead = 4;
        restart();
        steered.onGet(get -> get.shard().number() == 0 ? get.send() : new CompletableFuture<>());
        for (int shard = 0; shard <= readAhead; shard++) {
            streams.put(words, shard, "x", 500);
        }
        addAll(1 + readAhead);
        fetchUntil(() -> count(SPLIT) == 500);

        assertThat(seeks()).isEqualTo(1 + readAhead);
    }

    @Test
    void requestsThatReadAheadTakeNoPlaceThatAShardMayWant() throws Exception {
        Queue<CompletableFuture<Location>> neverAnswered = new ConcurrentLinkedQueue<>();
        restart(3, 64 << 20);
        steered.onSeekAhead(
                seek -> {
                    CompletableFuture<Location> answer = new CompletableFuture<>();
                    neverAnswered.add(answer);
                    return answer;
                });
        streams.put(words, 0, "x", 500);
        addAll(2);
        fetchUntil(() -> !neverAnswered.isEmpty());
        streams.put(words, 1, "y", 200);
        fetchUntil(() -> count("users/words/1") == 200);

        assertThat(neverAnswered).hasSize(1);
    }

    @Test
    void aReaderWithAsManyShardsAsRequestsDoesNotReadAhead() {
        restart(2, 64 << 20);
        streams.put(words, 0, "x", 500);
        addAll(2);
        fetchUntil(() -> count(SPLIT) == 500);

        assertThat(readAheadShards()).isLessThanOrEqualTo(1);
        assertThat(steered.mostUnderWay()).isLessThanOrEqualTo(2);
        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 500));
    }

    @Test
    void aSmallBudgetIsNeverExceededAndNobodyWaitsForEver() {
        long budget = 12_000;
        restart(64, budget);
        streams.put(words, 0, "x", 1_000);
        streams.put(words, 1, "y", 1_000);
        addAll(2);
        fetchUntil(
                () -> {
                    assertThat(bufferedBytes()).isLessThanOrEqualTo(budget);
                    return total() == 2_000;
                });

        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 1_000));
        assertThat(fetched.get("users/words/1")).isEqualTo(numbers(1, 1_000));
    }

    @Test
    void whatIsReadAheadGivesItsBytesToAShardThatNeedsThem() {
        AtomicBoolean isFirst = new AtomicBoolean(true);
        restart(64, 250_000);
        steered.onGetAhead(
                get -> isFirst.getAndSet(false) ? new CompletableFuture<>() : get.send());
        streams.put(words, 0, "x".repeat(300), 1_000);
        // As JSON almost the whole budget.
        streams.put(words, 1, "y".repeat(186_000), 1);
        addAll(1);
        fetchUntil(() -> count(SPLIT) >= 30);
        await().until(() -> bufferedBytes() > 3_000);
        add(V3ioShardSplit.unbounded(words.shard(1), ShardStart.Earliest.INSTANCE));

        fetchUntil(() -> count("users/words/1") == 1);
    }

    @Test
    void shardsThatAreFarBehindAreReadAheadAlike() {
        readAhead = 8;
        restart();
        steered.onSeekAhead(seek -> later(seek.send()));
        steered.onGetAhead(get -> later(get.send()));
        steered.onGet(get -> later(get.send()));
        streams.put(words, 0, "x", 3_000);
        streams.put(words, 1, "y", 3_000);
        addAll(1);
        fetchUntil(() -> count(SPLIT) >= 1_000);
        add(V3ioShardSplit.unbounded(words.shard(1), ShardStart.Earliest.INSTANCE));
        fetchUntil(() -> count(SPLIT) == 3_000);

        // As many as of the first shard in this time, but for the beginning.
        assertThat(count("users/words/1")).isGreaterThan(1_200);
    }

    /** Or they would keep each other reading ahead for ever. */
    @Test
    void aShardThatTheReaderDoesNotWaitForIsNotReadAheadBecauseAnotherIs() {
        Set<Integer> sought = ConcurrentHashMap.newKeySet();
        steered.onSeekAhead(
                seek -> {
                    sought.add(seek.shard().number());
                    return seek.send();
                });
        streams.put(words, 0, "x", 3_000);
        streams.put(words, 1, "y", 3_000);
        addAll(1);
        pauseWithAnswersAhead(500);
        add(V3ioShardSplit.unbounded(words.shard(1), ShardStart.Earliest.INSTANCE));
        while (count("users/words/1") < 100) {
            fetchUntilWokenUp();
            await().until(steered::allEnded);
        }

        assertThat(readAheadShards()).isEqualTo(1);
        assertThat(sought).containsExactly(0);
    }

    private static <T> CompletableFuture<T> later(CompletableFuture<T> answer) {
        return answer.thenApplyAsync(
                value -> value, CompletableFuture.delayedExecutor(5, TimeUnit.MILLISECONDS));
    }

    @Test
    void noMoreIsGivenBackThanIsMissingAndNothingThatWouldNotSuffice() throws IOException {
        restart(64, 250_000);
        streams.put(words, 0, "x".repeat(300), 1_000);
        streams.put(words, 2, "z".repeat(45_000), 1);
        // As JSON 200 KB.
        streams.put(words, 1, "y".repeat(150_000), 1);
        addAll(1);
        pauseWithAnswersAhead(200);
        long ahead = bufferedBytes();
        assertThat(ahead).isBetween(10_000L, 125_000L);
        add(V3ioShardSplit.bounded(words.shard(2), ShardStart.Earliest.INSTANCE, 1));
        RecordsWithSplitIds<FetchedRecord> emitting = reader.fetch();
        long held = bufferedBytes();
        assertThat(held - ahead).isBetween(60_000L, 61_000L);

        int sent = steered.sent();
        add(V3ioShardSplit.unbounded(words.shard(1), ShardStart.Earliest.INSTANCE));
        fetchUntilWokenUp();
        await().until(() -> steered.sent() > sent && steered.allEnded());
        fetchUntilWokenUp();
        assertThat(count("users/words/1")).isZero();
        assertThat(bufferedBytes()).isEqualTo(held);

        assertThat(note(emitting)).isEqualTo(1);
        fetchUntil(() -> count("users/words/1") == 1);
        // What is expected of an answer at the least.
        int largestBlock = 16 * 1024;
        long missing = ahead + 200_500 - 250_000;
        assertThat(bufferedBytes()).isBetween(ahead - Math.max(0, missing) - largestBlock, ahead);
    }
}

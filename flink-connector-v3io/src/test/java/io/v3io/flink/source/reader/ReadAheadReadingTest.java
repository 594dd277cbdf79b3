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

import io.v3io.emulator.Fault;
import io.v3io.emulator.ManualClock;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongPredicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What comes of reading ahead in a shard: the same as without it, from more requests at a time. */
class ReadAheadReadingTest extends ReadAheadTestBase {

    @Test
    void severalRequestsOfAShardAreUnderWayTogetherAndRecordsComeInOrder() {
        read(3_000);

        assertThat(steered.mostUnderWay()).isBetween(4, 16);
        assertThat(seeks()).isGreaterThan(50);
        assertThat(readAheadGivenUp()).isZero();
        assertThat(shardMetric(0, "recordsBehindLatest")).isZero();
        await().untilAsserted(() -> assertThat(bufferedBytes()).isZero());
        await().untilAsserted(
                        () -> {
                            fetchUntilWokenUp();
                            assertThat(readAheadShards()).isZero();
                        });
    }

    @Test
    void aReadAheadOfOneNeverAsksForMoreThanOneAnswer() {
        readAhead = 1;
        restart();
        read(1_000);

        assertThat(steered.mostUnderWay()).isEqualTo(1);
        assertThat(seeks()).isEqualTo(1);
    }

    @Test
    void aShardThatIsNotFarBehindIsReadWithOneRequestAtATime() {
        read(4 * RECORDS_PER_REQUEST);

        assertThat(seeks()).isEqualTo(1);
    }

    @Test
    void aReaderThatDoesNotWaitReadsNothingAhead() {
        readerClock = () -> 0;
        restart();
        read(1_000);

        assertThat(seeks()).isEqualTo(1);
    }

    @Test
    void requestsThatReadAheadAskForNoMoreRecordsThanAllowed() {
        for (int most = 1; most <= 3; most++) {
            AtomicInteger asked = new AtomicInteger();
            restart(most, 64, 64 << 20);
            steered.onGetAhead(
                    get -> {
                        asked.accumulateAndGet(get.limit(), Math::max);
                        return get.send();
                    });
            streams.put(words, most, "x", 100);
            String split = "users/words/" + most;
            add(V3ioShardSplit.unbounded(words.shard(most), ShardStart.Earliest.INSTANCE));
            fetchUntil(() -> count(split) == 100);

            assertThat(fetched.get(split)).isEqualTo(numbers(1, 100));
            assertThat(asked).hasValue(most);
        }
    }

    @Test
    void shortAnswersAreContinuedUntilTheirBlocksAreFull() {
        steered.onGetAhead(get -> get.withLimit(Math.min(get.limit(), 4)).send());
        read(2_000);

        assertThat(seeks()).isGreaterThan(50);
        assertThat(readAheadGivenUp()).isZero();
    }

    @Test
    void aCheckpointInTheMiddleResumesAtTheNextRecord() {
        streams.put(words, 0, "x", 400);
        // The reader has to wait, however slowly the test takes the records.
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.GET_RECORDS).latency(Duration.ofMillis(100)).times(5));
        add(bounded(400));
        List<V3ioShardSplit> checkpoints = fetchAllWithCheckpoints(SPLIT, bounded(400));
        assertThat(checkpoints).hasSize(400);
        assertThat(steered.seeksAhead()).isPositive();

        for (int i = 0; i < 400; i += 7) {
            V3ioShardSplit checkpoint = checkpoints.get(i);
            fetched.clear();
            finished.clear();
            add(checkpoint);
            fetchUntil(() -> !finished.isEmpty());
            assertThat(fetched.getOrDefault(SPLIT, List.of()))
                    .as("after %s", checkpoint)
                    .isEqualTo(numbers(checkpoint.emitted().sequenceNumber() + 1, 400));
        }
        // Only the first start had to seek: the locations of all checkpoints are of use.
        assertThat(seeks() - steered.seeksAhead()).isEqualTo(1);
    }

    @Test
    void aBoundedShardEndsInTheMiddleOfABlockAndHoldsNothingThen() {
        streams.put(words, 0, "x", 2_000);
        add(bounded(1_234));
        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 1_234));
        assertThat(readAheadShards()).isZero();
        await().untilAsserted(() -> assertThat(bufferedBytes()).isZero());
    }

    @Test
    void aRemovedShardHoldsNothingAndOthersAreReadOn() {
        streams.put(words, 0, "x", 5_000);
        streams.put(words, 1, "y", 500);
        addAll(1);
        fetchUntil(() -> count(SPLIT) > 1_000 && readAheadShards() == 1);
        reader.handleSplitsChanges(
                new SplitsRemoval<>(
                        List.of(
                                V3ioShardSplit.unbounded(
                                        words.shard(0), ShardStart.Earliest.INSTANCE))));
        int atRemoval = count(SPLIT);
        assertThat(readAheadShards()).isZero();
        add(V3ioShardSplit.unbounded(words.shard(1), ShardStart.Earliest.INSTANCE));
        fetchUntil(() -> count("users/words/1") == 500);

        assertThat(count(SPLIT)).isEqualTo(atRemoval);
        await().untilAsserted(() -> assertThat(bufferedBytes()).isZero());
        fetched.remove(SPLIT);
        addAll(1);
        fetchUntil(() -> count(SPLIT) == 5_000);
        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 5_000));
    }

    @Test
    void aPausedShardAsksForNothingMoreAndGoesOnWhenItIsResumed() {
        streams.put(words, 0, "x", 3_000);
        addAll(1);
        List<V3ioShardSplit> shard =
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE));
        for (int pause = 1; pause <= 5; pause++) {
            int enough = pause * 500;
            fetchUntil(() -> count(SPLIT) >= enough);
            reader.pauseOrResumeSplits(shard, List.of());
            int sent = steered.sent();
            int handedOver = count(SPLIT);
            await().until(steered::allEnded);
            fetchUntilWokenUp();
            // Not even what was read ahead; only an answer whose turn it was.
            assertThat(count(SPLIT) - handedOver).isLessThanOrEqualTo(RECORDS_PER_REQUEST);
            fetchUntilWokenUp();
            assertThat(steered.sent()).isEqualTo(sent);
            reader.pauseOrResumeSplits(List.of(), shard);
        }
        fetchUntil(() -> count(SPLIT) == 3_000);

        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 3_000));
        assertThat(readAheadGivenUp()).isZero();
        assertThat(seeks()).isGreaterThan(20);
    }

    /** So that alignment can pause the shard in between. */
    @Test
    void aFetchBringsOneAnswerOfAShardHoweverManyAreThere() {
        streams.put(words, 0, "x", 3_000);
        addAll(1);
        AtomicInteger before = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        fetchUntil(
                () -> {
                    int now = count(SPLIT);
                    most.accumulateAndGet(now - before.getAndSet(now), Math::max);
                    if (now == 1_000) {
                        await().until(() -> bufferedBytes() > 3 * RECORDS_PER_REQUEST);
                        await().until(() -> steered.underWay() == 0);
                    }
                    return now == 3_000;
                });

        assertThat(most).hasValue(RECORDS_PER_REQUEST);
    }

    @Test
    void closingDoesNotWaitForWhatIsReadAhead() {
        // So that the reader waits, on a busy machine, too.
        play(emulator -> emulator.latency(Duration.ofMillis(5)));
        steered.onSeekAhead(seek -> new CompletableFuture<>());
        streams.put(words, 0, "x", 500);
        addAll(1);
        AtomicBoolean wokenUp = new AtomicBoolean();
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(() -> fetchUntil(wokenUp::get));
        await().until(() -> steered.underWay() > 0);

        wokenUp.set(true);
        reader.wakeUp();
        assertThat(reading).succeedsWithin(Duration.ofSeconds(30));
        assertThat(CompletableFuture.runAsync(reader::close)).succeedsWithin(Duration.ofSeconds(5));
        assertThat(steered.allEnded()).isTrue();
    }

    /** Also an answer that came before the listing, and waited for its turn. */
    @Test
    void theLagIsThatBehindTheNewestRecordThatIsKnown() {
        // One block waits for its answer when it is its turn, so that the reader has to have it: a
        // pause asks for nothing more of a block that has only been sought.
        CompletableFuture<Void> goesOn = new CompletableFuture<>();
        AtomicLong heldAfter = holdBlock(number -> number >= 500, goesOn);
        streams.put(words, 0, "x", 3_000);
        addAll(1);
        fetchUntil(() -> heldAfter.get() > 0 && count(SPLIT) == heldAfter.get());
        pause(0);
        goesOn.complete(null);
        await().until(steered::allEnded);
        fetchUntilWokenUp();
        assertThat(bufferedBytes()).isPositive();
        streams.put(words, 0, "y", 500);
        int read = count(SPLIT);
        await().untilAsserted(
                        // Only a shard with no request under way is listed.
                        () ->
                                assertThat(shardMetric(0, "recordsBehindLatest"))
                                        .isEqualTo(3_500 - read));
        // It is the turn of an answer that has been here since.
        resume(0);

        assertThat(shardMetric(0, "recordsBehindLatest"))
                .isBetween(3_500L - read - RECORDS_PER_REQUEST, 3_500L - read - 1);
    }

    @Test
    void aBacklogDoesNotEndWithAnAnswerThatCameBeforeTheNewestRecords() {
        ManualClock clock = new ManualClock(Instant.now().minus(Duration.ofHours(9)));
        backlog = new StartBacklog(Duration.ofMinutes(10));
        // So that the reader waits, on a busy machine, too, and is far ahead when it has the old
        // ones.
        play(emulator -> emulator.clock(clock).latency(Duration.ofMillis(5)));
        streams.put(words, 0, "old", 300);
        clock.advance(Duration.ofHours(1));
        streams.put(words, 0, "new", 1_000);
        // What follows the block that begins after number 290 waits for it; it has nine records.
        CompletableFuture<Void> goesOn = new CompletableFuture<>();
        AtomicLong heldAfter = holdBlock(number -> number >= 290 && number <= 298, goesOn);
        backlog.begins(SPLIT);
        addAll(1);
        fetchUntil(() -> heldAfter.get() > 0);
        await().until(
                        () -> {
                            fetchUntilWokenUp();
                            return bufferedBytes() > 0 && steered.underWay() == 1;
                        });
        pause(0);
        // A shard with no request under way is listed. A listing between the hour that passes below
        // and the record of that hour would tell that there is none, so it is never answered; that
        // it is asked for shows that the reader has the answer.
        long listings = streams.emulator().requestCount(Operation.LIST);
        streams.emulator().faults().add(Fault.on(Operation.LIST).never());
        goesOn.complete(null);
        await().until(
                        () ->
                                steered.allEnded()
                                        && streams.emulator().requestCount(Operation.LIST)
                                                > listings);
        assertThat(backlog.isBehind()).isTrue();
        assertThat(count(SPLIT)).isLessThan(300);

        clock.advance(Duration.ofHours(1));
        clockAhead.addAndGet(TimeUnit.HOURS.toNanos(1));
        streams.put(words, 0, "newest", 1_000);
        resume(0);
        fetchUntil(() -> count(SPLIT) > 310);
        assertThat(backlog.isBehind()).isTrue();
        fetchUntil(() -> count(SPLIT) == 2_300);
        // The last records may have waited, too. Then the next answer says that there are no more.
        await().until(
                        () -> {
                            fetchUntilWokenUp();
                            return !backlog.isBehind();
                        });
    }

    /**
     * The first block that begins after such a number gets no answer before its time.
     *
     * @return the number, as soon as the block has been asked for
     */
    private AtomicLong holdBlock(LongPredicate isBefore, CompletableFuture<Void> until) {
        AtomicLong heldAfter = new AtomicLong();
        steered.onGetAhead(
                get -> {
                    long before = steered.soughtNumber(get.location());
                    if (!isBefore.test(before) || !heldAfter.compareAndSet(0, before)) {
                        return get.send();
                    }
                    reader.wakeUp();
                    return until.thenCompose(now -> get.send());
                });
        return heldAfter;
    }
}

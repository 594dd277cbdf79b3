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

import io.v3io.client.V3ioException;
import io.v3io.client.model.RecordBatch;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Requests that read ahead and fail, or are answered by what is of no use. */
class ReadAheadFailuresTest extends ReadAheadTestBase {

    private static V3ioException failure(V3ioException.Kind kind) {
        return V3ioException.of(
                        kind,
                        io.v3io.client.Operation.SEEK,
                        "/users/words/0",
                        "as the test wants it")
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "400, InvalidArgumentException",
        "403, Permission denied",
        "404, ResourceNotFoundException"
    })
    void seeksToNumbersThatAreRefusedAreGivenUpForGood(int status, String message) {
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.SEEK)
                                .skip(1)
                                .respond(
                                        status,
                                        "application/json",
                                        "{\"ErrorCode\":-1,\"ErrorMessage\":\"" + message + "\"}"));
        streams.put(words, 0, "x", 1_000);
        addAll(1);
        fetchUntil(() -> count(SPLIT) > 500);
        long seeksSoFar = seeks();
        clockAhead.addAndGet(10 * AheadRequests.PAUSE_NANOS);
        fetchUntil(() -> count(SPLIT) == 1_000);

        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 1_000));
        assertThat(readAheadGivenUp()).isEqualTo(1);
        assertThat(seeks()).isEqualTo(seeksSoFar).isLessThanOrEqualTo(16);
    }

    /** What is stored is of the old one, and a seek to a number would go on in the new one. */
    @Test
    void aStreamThatIsCreatedAgainWhileItsShardIsPausedIsNoticed() {
        play(OldLocations.DIE);
        AtomicBoolean holds = new AtomicBoolean();
        CompletableFuture<Void> hold = new CompletableFuture<>();
        steered.onGetAhead(
                get -> {
                    CompletableFuture<RecordBatch> answer = get.send();
                    if (!holds.getAndSet(false)) {
                        return answer;
                    }
                    // It may be the one that the reader needs next.
                    reader.wakeUp();
                    return answer.thenCombine(hold, (batch, nothing) -> batch);
                });
        streams.put(words, 0, "x", 3_000);
        addAll(1);
        List<V3ioShardSplit> shard =
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE));
        fetchUntil(() -> count(SPLIT) >= 1_000);
        // One answer is late, so that there may be more blocks after it.
        holds.set(true);
        fetchUntil(() -> !holds.get());
        await().until(() -> steered.underWay() == 1);
        reader.pauseOrResumeSplits(shard, List.of());
        streams.client().deleteStream(words).join();
        streams.create("users/words", 8);
        streams.put(words, 0, "y", 3_000);
        reader.pauseOrResumeSplits(List.of(), shard);

        assertThatThrownBy(
                        () -> {
                            // Up to the late answer; more is read ahead meanwhile.
                            fetchUntilWokenUp();
                            hold.complete(null);
                            fetchUntil(() -> count(SPLIT) >= 3_000);
                        })
                .hasStackTraceContaining("created again");
        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, count(SPLIT)));
    }

    @Test
    void numbersWithGapsAreGivenUpForGood() {
        play(SequenceNumbers.GAPS);
        streams.put(words, 0, "x", 1_000);
        List<Long> stored =
                streams.emulator().stream("users/words").records(0).stream()
                        .map(StoredRecord::sequenceNumber)
                        .collect(Collectors.toList());
        addAll(1);
        fetchUntil(() -> count(SPLIT) == 1_000);

        assertThat(fetched.get(SPLIT)).isEqualTo(stored);
        assertThat(readAheadGivenUp()).isLessThanOrEqualTo(1);
        assertThat(seeks()).isLessThanOrEqualTo(20);
    }

    @Test
    void aSeekThatLeadsElsewhereIsNoticed() {
        steered.onSeekAhead(seek -> seek.to(seek.number() + 1).send());
        read(1_000);

        assertThat(readAheadGivenUp()).isEqualTo(1);
        assertThat(seeks()).isLessThanOrEqualTo(16);
    }

    @Test
    void aFailedSeekLeavesItsBlockToTheShardAndIsTriedAgainLater() {
        AtomicInteger seeksAhead = new AtomicInteger();
        steered.onSeekAhead(
                seek ->
                        seeksAhead.incrementAndGet() == 20
                                ? CompletableFuture.failedFuture(
                                        failure(V3ioException.Kind.UNAVAILABLE))
                                : seek.send());
        streams.put(words, 0, "x", 3_000);
        addAll(1);
        fetchUntil(() -> readAheadGivenUp() == 1);
        int before = seeksAhead.get();
        clockAhead.addAndGet(AheadRequests.PAUSE_NANOS);
        fetchUntil(() -> count(SPLIT) == 3_000);

        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 3_000));
        assertThat(seeksAhead.get()).isGreaterThan(before + 20);
        assertThat(readAheadGivenUp()).isEqualTo(1);
    }

    /** As one that the client repeats for minutes, while the shard's own location is good. */
    @Test
    void aSeekThatIsNotAnsweredHoldsUpTheShardForSecondsOnly() {
        AtomicInteger seeksAhead = new AtomicInteger();
        steered.onSeekAhead(
                seek ->
                        seeksAhead.incrementAndGet() == 20
                                ? new CompletableFuture<>()
                                : seek.send());
        read(3_000);

        assertThat(readAheadGivenUp()).isEqualTo(1);
    }

    @Test
    void failuresAreNotRepeatedWithoutAPause() {
        AtomicInteger failures = new AtomicInteger();
        readerClock = System::nanoTime;
        restart();
        steered.onSeekAhead(
                seek -> {
                    failures.incrementAndGet();
                    return CompletableFuture.failedFuture(failure(V3ioException.Kind.TRANSPORT));
                });
        steered.onGet(
                get ->
                        get.send()
                                .thenApplyAsync(
                                        batch -> batch,
                                        CompletableFuture.delayedExecutor(
                                                ReaderWait.LEAST_NANOS, TimeUnit.NANOSECONDS)));
        read(500);

        assertThat(failures).hasPositiveValue();
        assertThat(readAheadGivenUp()).isEqualTo(failures.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void aFailedAnswerLeavesTheRestOfItsBlockToTheShard() {
        AtomicInteger answers = new AtomicInteger();
        steered.onGetAhead(
                get ->
                        answers.incrementAndGet() % 10 == 0
                                ? CompletableFuture.failedFuture(
                                        failure(V3ioException.Kind.ILLEGAL_LOCATION))
                                : get.send());
        streams.put(words, 0, "x", 3_000);
        addAll(1);
        fetchUntil(
                () -> {
                    clockAhead.addAndGet(AheadRequests.PAUSE_NANOS);
                    return count(SPLIT) == 3_000;
                });

        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, 3_000));
        assertThat(readAheadGivenUp()).isGreaterThan(1);
        await().untilAsserted(() -> assertThat(bufferedBytes()).isZero());
    }

    @Test
    void aShardIsReadAheadAgainAfterRetentionHasPassedItsBlocks() {
        AtomicInteger seeksAhead = new AtomicInteger();
        steered.onSeekAhead(
                seek -> {
                    if (seeksAhead.incrementAndGet() == 20) {
                        streams.emulator().trimShard("users/words", 0, 2_900);
                    }
                    return seek.send();
                });
        reader.close();
        reader = reader(RECORDS_PER_REQUEST, 64, 64 << 20, OnDataLoss.EARLIEST);
        streams.put(words, 0, "x", 6_000);
        addAll(1);
        fetchUntil(
                () -> {
                    // After a pause for a failure, too.
                    clockAhead.addAndGet(AheadRequests.PAUSE_NANOS);
                    return count(SPLIT) > 0 && fetched.get(SPLIT).contains(6_000L);
                });

        assertThat(dataLossEvents()).isEqualTo(1);
        assertThat(fetched.get(SPLIT)).endsWith(numbers(2_900, 6_000).toArray(Long[]::new));
        assertThat(seeksAhead.get()).isGreaterThan(100);
    }

    @Test
    void lostRecordsAreReportedAsWithoutReadingAhead() {
        AtomicInteger seeksAhead = new AtomicInteger();
        steered.onSeekAhead(
                seek -> {
                    if (seeksAhead.incrementAndGet() == 20) {
                        // All that is not here yet is gone, also for the shard itself.
                        streams.emulator().trimShard("users/words", 0, 2_900);
                    }
                    return seek.send();
                });
        streams.put(words, 0, "x", 3_000);
        addAll(1);

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("users/words/0")
                .hasStackTraceContaining("still has is 2900");
        List<Long> read = fetched.get(SPLIT);
        assertThat(read).isEqualTo(numbers(1, read.size()));
        assertThat(read.size()).isLessThan(2_000);
    }
}

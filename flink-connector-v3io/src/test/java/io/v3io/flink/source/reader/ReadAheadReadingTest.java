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

import io.v3io.client.AnswerAdmission;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/**
 * Reading ahead in a shard, ten records a request. The reader's clock runs a thousand times as
 * fast, so that every wait is a long one, however near the emulator is.
 */
class ReadAheadReadingTest extends SplitReaderTestBase {

    private static final int RECORDS_PER_REQUEST = 10;
    private static final int CLOCK_SPEED = 1_000;
    private static final String SPLIT = "users/words/0";

    private final AtomicLong clockAhead = new AtomicLong();
    private final CompletableFuture<Location> held = new CompletableFuture<>();
    private final AtomicBoolean wokenUp = new AtomicBoolean();
    private SteeredClient steered;

    @BeforeEach
    void runFastClock() {
        readerClock = () -> System.nanoTime() * CLOCK_SPEED + clockAhead.get();
        restart(streams -> new SteeredClient(streams.client()));
    }

    private SteeredClient restart(Function<EmulatedStreams, SteeredClient> client) {
        return restart(client, 64, 64 << 20);
    }

    private SteeredClient restart(
            Function<EmulatedStreams, SteeredClient> client, int maxRequests, long bufferBytes) {
        reader.close();
        steered = client.apply(streams);
        readerClient = steered.steered();
        reader = reader(RECORDS_PER_REQUEST, maxRequests, bufferBytes);
        return steered;
    }

    private long seeks() {
        return streams.emulator().requestCount(Operation.SEEK);
    }

    private void read(int records) {
        streams.put(words, 0, "x", records);
        addAll(1);
        fetchUntil(() -> count(SPLIT) == records);
        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, records));
    }

    private static V3ioException failure(V3ioException.Kind kind) {
        return V3ioException.of(
                        kind,
                        io.v3io.client.Operation.SEEK,
                        "/users/words/0",
                        "as the test wants it")
                .build();
    }

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
        restart(streams -> new SteeredClient(streams.client()));
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
        restart(streams -> new SteeredClient(streams.client()));
        read(1_000);

        assertThat(seeks()).isEqualTo(1);
    }

    @Test
    void nothingIsReadAheadWhileTheShardsHaveThatManyRequestsUnderWayThemselves() {
        readAhead = 4;
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<RecordBatch> get(
                                    ShardId shard,
                                    Location location,
                                    int limit,
                                    AnswerAdmission admission) {
                                return shard.number() == 0
                                        ? super.get(shard, location, limit, admission)
                                        : new CompletableFuture<>();
                            }
                        });
        for (int shard = 0; shard <= readAhead; shard++) {
            streams.put(words, shard, "x", 500);
        }
        addAll(1 + readAhead);
        fetchUntil(() -> count(SPLIT) == 500);

        assertThat(seeks()).isEqualTo(1 + readAhead);
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

    private void play(DialectSetting setting) {
        reader.close();
        streams.close();
        streams =
                new EmulatedStreams(
                        V3ioEmulator.builder()
                                .seed(7)
                                .dialect(Dialect.DEFAULT.with(setting))
                                .start());
        words = streams.create("users/words", 8);
        restart(streams -> new SteeredClient(streams.client()));
    }

    /** What is stored is of the old one, and a seek to a number would go on in the new one. */
    @Test
    void aStreamThatIsCreatedAgainWhileItsShardIsPausedIsNoticed() {
        play(OldLocations.DIE);
        AtomicBoolean holds = new AtomicBoolean();
        CompletableFuture<Void> hold = new CompletableFuture<>();
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<RecordBatch> getAhead(
                                    ShardId shard,
                                    Location location,
                                    int limit,
                                    AnswerAdmission admission) {
                                CompletableFuture<RecordBatch> answer =
                                        super.getAhead(shard, location, limit, admission);
                                if (!holds.getAndSet(false)) {
                                    return answer;
                                }
                                // It may be the one that the reader needs next.
                                reader.wakeUp();
                                return answer.thenCombine(hold, (batch, nothing) -> batch);
                            }
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
    void requestsThatReadAheadAskForNoMoreRecordsThanAllowed() {
        for (int most = 1; most <= 3; most++) {
            AtomicInteger asked = new AtomicInteger();
            reader.close();
            steered =
                    new SteeredClient(streams.client()) {
                        @Override
                        CompletableFuture<RecordBatch> getAhead(
                                ShardId shard,
                                Location location,
                                int limit,
                                AnswerAdmission admission) {
                            asked.accumulateAndGet(limit, Math::max);
                            return super.getAhead(shard, location, limit, admission);
                        }
                    };
            readerClient = steered.steered();
            reader = reader(most, 64, 64 << 20);
            streams.put(words, most, "x", 100);
            String split = "users/words/" + most;
            add(V3ioShardSplit.unbounded(words.shard(most), ShardStart.Earliest.INSTANCE));
            fetchUntil(() -> count(split) == 100);

            assertThat(fetched.get(split)).isEqualTo(numbers(1, 100));
            assertThat(asked).hasValue(most);
        }
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
    void shortAnswersAreContinuedUntilTheirBlocksAreFull() {
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<RecordBatch> getAhead(
                                    ShardId shard,
                                    Location location,
                                    int limit,
                                    AnswerAdmission admission) {
                                return super.getAhead(
                                        shard, location, Math.min(limit, 4), admission);
                            }
                        });
        read(2_000);

        assertThat(seeks()).isGreaterThan(50);
        assertThat(readAheadGivenUp()).isZero();
    }

    @Test
    void aSeekThatLeadsElsewhereIsNoticed() {
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                return super.seekAhead(
                                        shard,
                                        (SeekPosition.Sequence)
                                                SeekPosition.sequenceNumber(
                                                        to.sequenceNumber() + 1));
                            }
                        });
        read(1_000);

        assertThat(readAheadGivenUp()).isEqualTo(1);
        assertThat(seeks()).isLessThanOrEqualTo(16);
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

    @Test
    void aFailedSeekLeavesItsBlockToTheShardAndIsTriedAgainLater() {
        AtomicInteger seeksAhead = new AtomicInteger();
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                return seeksAhead.incrementAndGet() == 20
                                        ? CompletableFuture.failedFuture(
                                                failure(V3ioException.Kind.UNAVAILABLE))
                                        : super.seekAhead(shard, to);
                            }
                        });
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

    /** As one that the client repeats for minutes, while the shard's own location is good. */
    @Test
    void aSeekThatIsNotAnsweredHoldsUpTheShardForSecondsOnly() {
        AtomicInteger seeksAhead = new AtomicInteger();
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                return seeksAhead.incrementAndGet() == 20
                                        ? new CompletableFuture<>()
                                        : super.seekAhead(shard, to);
                            }
                        });
        read(3_000);

        assertThat(readAheadGivenUp()).isEqualTo(1);
    }

    @Test
    void failuresAreNotRepeatedWithoutAPause() {
        AtomicInteger failures = new AtomicInteger();
        readerClock = System::nanoTime;
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                failures.incrementAndGet();
                                return CompletableFuture.failedFuture(
                                        failure(V3ioException.Kind.TRANSPORT));
                            }

                            @Override
                            CompletableFuture<RecordBatch> get(
                                    ShardId shard,
                                    Location location,
                                    int limit,
                                    AnswerAdmission admission) {
                                return super.get(shard, location, limit, admission)
                                        .thenApplyAsync(
                                                batch -> batch,
                                                CompletableFuture.delayedExecutor(
                                                        ReaderWait.LEAST_NANOS,
                                                        TimeUnit.NANOSECONDS));
                            }
                        });
        read(500);

        assertThat(failures).hasPositiveValue();
        assertThat(readAheadGivenUp()).isEqualTo(failures.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void aFailedAnswerLeavesTheRestOfItsBlockToTheShard() {
        AtomicInteger answers = new AtomicInteger();
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<RecordBatch> getAhead(
                                    ShardId shard,
                                    Location location,
                                    int limit,
                                    AnswerAdmission admission) {
                                return answers.incrementAndGet() % 10 == 0
                                        ? CompletableFuture.failedFuture(
                                                failure(V3ioException.Kind.ILLEGAL_LOCATION))
                                        : super.getAhead(shard, location, limit, admission);
                            }
                        });
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
    void closingDoesNotWaitForWhatIsReadAhead() {
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                return held;
                            }
                        });
        streams.put(words, 0, "x", 500);
        addAll(1);
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(() -> fetchUntil(wokenUp::get));
        await().until(() -> steered.underWay() > 0 && count(SPLIT) == 30);

        wokenUp.set(true);
        reader.wakeUp();
        assertThat(reading).succeedsWithin(Duration.ofSeconds(30));
        assertThat(CompletableFuture.runAsync(reader::close)).succeedsWithin(Duration.ofSeconds(5));
        assertThat(steered.allEnded()).isTrue();
    }

    @Test
    void requestsThatReadAheadTakeNoPlaceThatAShardMayWant() throws Exception {
        Queue<CompletableFuture<Location>> neverAnswered = new ConcurrentLinkedQueue<>();
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                CompletableFuture<Location> answer = new CompletableFuture<>();
                                neverAnswered.add(answer);
                                return answer;
                            }
                        },
                3,
                64 << 20);
        streams.put(words, 0, "x", 500);
        addAll(2);
        fetchUntil(() -> !neverAnswered.isEmpty());
        streams.put(words, 1, "y", 200);
        fetchUntil(() -> count("users/words/1") == 200);

        assertThat(neverAnswered).hasSize(1);
    }

    @Test
    void aReaderWithAsManyShardsAsRequestsDoesNotReadAhead() {
        restart(streams -> new SteeredClient(streams.client()), 2, 64 << 20);
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
        restart(streams -> new SteeredClient(streams.client()), 64, budget);
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
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<RecordBatch> getAhead(
                                    ShardId shard,
                                    Location location,
                                    int limit,
                                    AnswerAdmission admission) {
                                return isFirst.getAndSet(false)
                                        ? new CompletableFuture<>()
                                        : super.getAhead(shard, location, limit, admission);
                            }
                        },
                64,
                250_000);
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
    void aShardIsReadAheadAgainAfterRetentionHasPassedItsBlocks() {
        AtomicInteger seeksAhead = new AtomicInteger();
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                if (seeksAhead.incrementAndGet() == 20) {
                                    streams.emulator().trimShard("users/words", 0, 2_900);
                                }
                                return super.seekAhead(shard, to);
                            }
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
        restart(
                streams ->
                        new SteeredClient(streams.client()) {
                            @Override
                            CompletableFuture<Location> seekAhead(
                                    ShardId shard, SeekPosition.Sequence to) {
                                if (seeksAhead.incrementAndGet() == 20) {
                                    // All that is not here yet is gone, also for the shard itself.
                                    streams.emulator().trimShard("users/words", 0, 2_900);
                                }
                                return super.seekAhead(shard, to);
                            }
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

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
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsRemoval;

import org.junit.jupiter.api.Test;

import java.lang.ref.WeakReference;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class V3ioSplitReaderTest extends SplitReaderTestBase {

    private void startOnItsOwnTime() {
        reader.close();
        time = new TimeBetweenRequests();
        reader = reader(100, 64, 64 << 20);
    }

    @Test
    void theLagOfAShardIsTrueWhileTheJobTakesNothing() {
        startOnItsOwnTime();
        streams.put(words, 0, "a", 10);
        streams.put(words, 1, "b", 10);
        addAll(2);
        fetchUntil(() -> total() == 20);
        // Nobody fetches, so nothing more is asked for.
        await().until(time::isQuiet);
        streams.put(words, 0, "a", 500);
        time.pass(Duration.ofMinutes(1));

        await().until(() -> shardMetric(0, "recordsBehindLatest") == 500);
        assertThat(shardMetric(0, "millisBehindLatest")).isPositive();
        assertThat(shardMetric(1, "recordsBehindLatest")).isZero();
        assertThat(shardMetric(1, "millisBehindLatest")).isZero();
        fetchUntil(() -> total() == 520);
        assertThat(shardMetric(0, "recordsBehindLatest")).isZero();
    }

    @Test
    void theLagOfAShardThatAlignmentHasPausedIsTrue() throws Exception {
        startOnItsOwnTime();
        streams.put(words, 0, "a", 10);
        addAll(2);
        fetchUntil(() -> total() == 10);
        reader.pauseOrResumeSplits(
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)),
                List.of());
        await().until(time::isQuiet);
        streams.put(words, 0, "a", 500);
        time.pass(Duration.ofMinutes(1));
        CompletableFuture<Void> fetching =
                CompletableFuture.runAsync(() -> fetchUntil(() -> total() > 10));

        await().until(() -> shardMetric(0, "recordsBehindLatest") == 500);
        streams.put(words, 1, "b", 1);
        fetching.get(30, TimeUnit.SECONDS);
        assertThat(count(words.shard(0).toString())).isEqualTo(10);
    }

    @Test
    void theLagStaysAsItWasWhenStreamsMayNotBeListed() {
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.LIST).respond(403, "text/plain", "not allowed"));
        streams.put(words, 0, "a", 10);
        addAll(1);
        fetchUntil(() -> total() == 10);
        streams.put(words, 0, "a", 500);
        await().until(() -> streams.emulator().requestCount(Operation.LIST) > 0);

        fetchUntil(() -> total() == 510);
    }

    @Test
    void aLimitedRateIsHeldAndEveryRecordComesInOrder() {
        reader.close();
        reader =
                reader(
                        100,
                        64,
                        64 << 20,
                        OnDataLoss.FAIL,
                        new RateLimit(400, Double.POSITIVE_INFINITY));
        streams.put(words, 0, "a", 150);
        streams.put(words, 1, "b", 150);
        long start = System.nanoTime();
        addAll(2);
        fetchUntil(() -> total() == 300);

        // A quarter of a second's may have been saved.
        assertThat(System.nanoTime() - start)
                .isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(199) / 400);
        assertThat(fetched.get(words.shard(0).toString())).isEqualTo(numbers(1, 150));
        assertThat(fetched.get(words.shard(1).toString())).isEqualTo(numbers(1, 150));
    }

    @Test
    void aRateThatOpensWhenTheReaderIsAboutToWaitIsNotMissed() {
        reader.close();
        // Time passes with each look at it.
        time = new TimeBetweenRequests();
        reader =
                reader(
                        100,
                        64,
                        64 << 20,
                        OnDataLoss.FAIL,
                        new RateLimit(400, Double.POSITIVE_INFINITY));
        streams.put(words, 0, "a", 150);
        add(bounded(150));
        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched.get(words.shard(0).toString())).isEqualTo(numbers(1, 150));
    }

    @Test
    void aPausedShardTakesNothingOfTheRateWhileItsRecordsWait() {
        reader.close();
        reader =
                reader(
                        100,
                        64,
                        64 << 20,
                        OnDataLoss.FAIL,
                        new RateLimit(100, Double.POSITIVE_INFINITY));
        streams.put(words, 0, "a", 100);
        addAll(2);
        fetchUntil(() -> total() > 0);
        int before = count(words.shard(0).toString());
        assertThat(before).isLessThan(100);
        List<V3ioShardSplit> paused =
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE));
        reader.pauseOrResumeSplits(paused, List.of());
        streams.put(words, 1, "b", 50);
        fetchUntil(() -> count(words.shard(1).toString()) == 50);

        assertThat(count(words.shard(0).toString())).isEqualTo(before);
        reader.pauseOrResumeSplits(List.of(), paused);
        fetchUntil(() -> total() == 150);
        assertThat(fetched.get(words.shard(0).toString())).isEqualTo(numbers(1, 100));
    }

    @Test
    void aPausedShardIsHandedOverAllTheSameWhenOthersNeedItsBytes() {
        reader.close();
        reader =
                reader(
                        100,
                        64,
                        6_000,
                        OnDataLoss.FAIL,
                        new RateLimit(2_000, Double.POSITIVE_INFINITY));
        streams.put(words, 0, "a", 100);
        addAll(2);
        fetchUntil(() -> total() > 0);
        reader.pauseOrResumeSplits(
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)),
                List.of());
        streams.put(words, 1, "b", 100);

        fetchUntil(() -> count(words.shard(1).toString()) == 100);
    }

    @Test
    void theFetchLagIsThatOfTheAnswerAndNotOfItsBeingTaken() {
        streams.put(words, 0, "a", 10);
        addAll(1);
        reader.wakeUp();
        note(fetchOnce());

        await().until(() -> fetchEventTimeLag() >= 0);
        assertThat(total()).isZero();
    }

    @Test
    void requestsOfDifferentShardsAreInFlightTogether() throws Exception {
        for (int shard = 0; shard < 8; shard++) {
            streams.put(words, shard, "x", 10);
        }
        // No answer comes before all eight shards have asked.
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).never().times(7));
        reader.close();
        // Room for eight answers of which nothing is known.
        reader = reader(100, 64, 128 << 20);
        addAll(8);
        CompletableFuture<Void> firstAnswer =
                CompletableFuture.runAsync(() -> fetchUntil(() -> fetched.size() == 1));

        await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) >= 8);
        firstAnswer.get(30, TimeUnit.SECONDS);
    }

    @Test
    void fetchWaitsForRecordsAndWakeUpEndsTheWait() throws Exception {
        add(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE));
        CompletableFuture<RecordsWithSplitIds<FetchedRecord>> fetch =
                CompletableFuture.supplyAsync(this::fetchOnce);
        await().until(() -> streams.emulator().requestCount(Operation.SEEK) > 2);
        assertThat(fetch).isNotDone();

        reader.wakeUp();

        assertThat(fetch.get(30, TimeUnit.SECONDS).nextSplit()).isNull();
    }

    @Test
    void closingDoesNotWaitForAnswers() {
        streams.emulator().faults().add(Fault.on(Operation.SEEK).path("/0").never());
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).never());
        streams.put(words, 1, "x", 1);
        addAll(2);
        CompletableFuture<RecordsWithSplitIds<FetchedRecord>> fetch =
                CompletableFuture.supplyAsync(this::fetchOnce);
        await().until(
                        () ->
                                streams.emulator().requestCount(Operation.SEEK) >= 2
                                        && streams.emulator().requestCount(Operation.GET_RECORDS)
                                                == 1);

        reader.wakeUp();
        assertThat(fetch).succeedsWithin(Duration.ofSeconds(5));
        assertThat(CompletableFuture.runAsync(reader::close)).succeedsWithin(Duration.ofSeconds(5));
    }

    @Test
    void aShardIsReadFromItsFirstRecordWhenItIsBornLate() {
        add(V3ioShardSplit.unbounded(words.shard(5), ShardStart.Earliest.INSTANCE));
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(() -> fetchUntil(() -> count("users/words/5") == 3));
        await().until(() -> streams.emulator().requestCount(Operation.SEEK) > 2);

        streams.put(words, 5, "born", 3);

        assertThat(reading).succeedsWithin(Duration.ofSeconds(30));
        assertThat(fetched).containsEntry("users/words/5", numbers(1, 3));
    }

    @Test
    void aCheckpointInTheMiddleOfABatchResumesAtTheNextRecord() {
        streams.put(words, 0, "x", 250);
        add(V3ioShardSplit.bounded(words.shard(0), ShardStart.Earliest.INSTANCE, 250));
        List<V3ioShardSplit> checkpoints =
                fetchAllWithCheckpoints(words.shard(0).toString(), bounded(250));
        assertThat(checkpoints).hasSize(250);

        for (V3ioShardSplit checkpoint : checkpoints) {
            fetched.clear();
            finished.clear();
            add(checkpoint);
            fetchUntil(() -> !finished.isEmpty());
            assertThat(fetched.getOrDefault("users/words/0", List.of()))
                    .as("after %s", checkpoint)
                    .isEqualTo(numbers(checkpoint.emitted().sequenceNumber() + 1, 250));
        }
    }

    @Test
    void aDeadLocationIsReplacedByASeekToTheLastRecord() {
        streams.put(words, 0, "x", 20);
        add(bounded(20).emittedUpTo(emitted(7, new Location("AAAAAAAAAAAAAAAAAAAAAA=="))));

        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched).containsEntry("users/words/0", numbers(8, 20));
    }

    @Test
    void recordsThatRetentionRemovedAreReportedWithTheirNumbers() {
        streams.put(words, 0, "x", 20);
        EmittedPosition position = emitted(7, new Location("AAAAAAAAAAAAAAAAAAAAAA=="));
        streams.emulator().trimShard("users/words", 0, 12);
        add(
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(position));

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("users/words/0")
                .hasStackTraceContaining("has sequence number 8")
                .hasStackTraceContaining("still has is 12")
                .hasStackTraceContaining("4 sequence numbers are missing")
                .hasStackTraceContaining(
                        "use setOnDataLoss(EARLIEST) (in SQL 'scan.on-data-loss' = 'earliest') or"
                                + " LATEST ('latest');");
    }

    @Test
    void lostRecordsArePassedOverToTheEarliestWhenChosen() {
        reader.close();
        reader = reader(100, 64, 64 << 20, OnDataLoss.EARLIEST);
        streams.put(words, 0, "x", 20);
        EmittedPosition position = emitted(7, new Location("AAAAAAAAAAAAAAAAAAAAAA=="));
        streams.emulator().trimShard("users/words", 0, 12);
        add(bounded(20).emittedUpTo(position));

        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched).containsEntry("users/words/0", numbers(12, 20));
        assertThat(dataLossEvents()).isEqualTo(1);
    }

    @Test
    void lostRecordsArePassedOverToTheLatestWhenChosen() throws Exception {
        reader.close();
        reader = reader(100, 64, 64 << 20, OnDataLoss.LATEST);
        streams.put(words, 0, "x", 20);
        EmittedPosition position = emitted(7, new Location("AAAAAAAAAAAAAAAAAAAAAA=="));
        streams.emulator().trimShard("users/words", 0, 12);
        add(
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(position));
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(() -> fetchUntil(() -> count("users/words/0") == 2));
        // What comes from now on is no part of the loss.
        await().until(() -> dataLossEvents() == 1);

        streams.put(words, 0, "new", 2);

        assertThat(reading).succeedsWithin(Duration.ofSeconds(30));
        assertThat(fetched).containsEntry("users/words/0", numbers(21, 22));
    }

    @Test
    void aBoundedShardWhoseRestIsLostEndsWhenTheLossIsAccepted() {
        for (OnDataLoss choice : List.of(OnDataLoss.EARLIEST, OnDataLoss.LATEST)) {
            StreamPath stream = streams.create("users/" + choice, 1);
            reader.close();
            reader = reader(100, 64, 64 << 20, choice);
            streams.put(stream, 0, "x", 20);
            streams.emulator().trimShard("users/" + choice, 0, 21);
            finished.clear();
            add(V3ioShardSplit.bounded(stream.shard(0), new ShardStart.After(3), 20));

            fetchUntil(() -> !finished.isEmpty());

            assertThat(fetched).doesNotContainKey("users/" + choice + "/0");
        }
    }

    @Test
    void nothingIsLostWhenRetentionStoppedRightBehindTheLastRecord() {
        streams.put(words, 0, "x", 20);
        EmittedPosition position = emitted(7, new Location("AAAAAAAAAAAAAAAAAAAAAA=="));
        streams.emulator().trimShard("users/words", 0, 8);
        add(bounded(20).emittedUpTo(position));

        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched).containsEntry("users/words/0", numbers(8, 20));
    }

    @Test
    void aStreamThatWasCreatedAgainIsNoticedByItsNumbers() {
        streams.put(words, 0, "x", 20);
        EmittedPosition position = emitted(15, new Location("AAAAAAAAAAAAAAAAAAAAAA=="));
        streams.client().deleteStream(words).join();
        streams.create("users/words", 8);
        streams.put(words, 0, "y", 5);
        add(
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(position));

        assertThatThrownBy(this::fetchForever).hasStackTraceContaining("deleted and created again");
    }

    @Test
    void aStreamThatWasCreatedAgainIsNoticedByItsArrivalTimesToo() {
        streams.put(words, 0, "x", 20);
        EmittedPosition position = emitted(15, new Location("AAAAAAAAAAAAAAAAAAAAAA=="));
        streams.client().deleteStream(words).join();
        streams.create("users/words", 8);
        streams.put(words, 0, "y", 30);
        add(
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(position));

        assertThatThrownBy(this::fetchForever).hasStackTraceContaining("deleted and created again");
    }

    @Test
    void aDeletedStreamFailsInsteadOfEnding() {
        streams.put(words, 0, "x", 20);
        V3ioShardSplit split = bounded(20).emittedUpTo(emitted(3, new Location("AAAA")));
        streams.client().deleteStream(words).join();
        add(split);

        assertThatThrownBy(this::fetchForever).hasStackTraceContaining("users/words");
    }

    @Test
    void shardsOfADeletedStreamEndWhenThatIsChosen() {
        reader.close();
        onDeletedStream = OnDeletedStream.END;
        reader = reader(100, 64, 64 << 20);
        streams.put(words, 0, "x", 5);
        // The others have no record yet: they are not found, whether there is a stream or not.
        addAll(3);
        fetchUntil(() -> fetched.containsKey("users/words/0"));

        streams.client().deleteStream(words).join();
        fetchUntil(() -> finished.size() == 3);

        assertThat(finished)
                .containsExactlyInAnyOrder("users/words/0", "users/words/1", "users/words/2");
        assertThat(fetched.get("users/words/0")).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aStartingNumberBeyondTheEndIsRefused() {
        streams.put(words, 0, "x", 20);
        add(V3ioShardSplit.unbounded(words.shard(0), new ShardStart.At(22)));

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("sequence number 22 of shard users/words/0")
                .hasStackTraceContaining("newest record has number 20");
    }

    @Test
    void aStartingNumberThatComesNextIsWaitedFor() {
        streams.put(words, 0, "x", 20);
        add(V3ioShardSplit.unbounded(words.shard(0), new ShardStart.At(21)));
        CompletableFuture<Void> reading =
                CompletableFuture.runAsync(() -> fetchUntil(() -> count("users/words/0") == 2));
        await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) > 1);

        streams.put(words, 0, "y", 2);

        assertThat(reading).succeedsWithin(Duration.ofSeconds(30));
        assertThat(fetched).containsEntry("users/words/0", numbers(21, 22));
    }

    @Test
    void aBoundedShardWhoseEndRetentionRemovedFailsInsteadOfWaiting() {
        streams.put(words, 0, "x", 20);
        add(bounded(20).emittedUpTo(emitted(3, new Location("AAAA"))));
        streams.emulator().trimShard("users/words", 0, 21);

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("has sequence number 4")
                .hasStackTraceContaining("Retention has removed them");
    }

    @Test
    void anAlignedShardSendsNoRequestAndGoesOnWhenResumed() {
        streams.put(words, 0, "x", 1_000);
        V3ioShardSplit split = bounded(1_000);
        add(split);
        fetchUntil(() -> count("users/words/0") >= 100);

        reader.pauseOrResumeSplits(List.of(split), List.of());
        // An answer that was under way comes all the same; until then it has a part of the budget.
        await().until(
                        () -> {
                            fetchUntilWokenUp();
                            return bufferedBytes() == 0;
                        });
        long requests = streams.emulator().requestCount(Operation.GET_RECORDS);
        int before = count("users/words/0");
        fetchUntilWokenUp();
        assertThat(streams.emulator().requestCount(Operation.GET_RECORDS)).isEqualTo(requests);
        assertThat(count("users/words/0")).isEqualTo(before);

        reader.pauseOrResumeSplits(List.of(), List.of(split));
        fetchUntil(() -> !finished.isEmpty());
        assertThat(fetched).containsEntry("users/words/0", numbers(1, 1_000));
    }

    /** Shards are deleted before their stream is. */
    @Test
    void aShardThatIsGoneWhileItsStreamIsBeingDeletedEndsWithIt() throws Exception {
        reader.close();
        onDeletedStream = OnDeletedStream.END;
        reader = reader(100, 64, 64 << 20);
        streams.put(words, 0, "x", 10);
        add(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE));
        fetchUntil(() -> count("users/words/0") == 10);
        HttpRequest delete =
                HttpRequest.newBuilder(URI.create(streams.endpoint() + "/users/words/0"))
                        .header("X-v3io-session-key", EmulatedStreams.ACCESS_KEY)
                        .DELETE()
                        .build();
        HttpResponse<Void> deleted =
                HttpClient.newHttpClient().send(delete, HttpResponse.BodyHandlers.discarding());
        assertThat(deleted.statusCode()).isEqualTo(204);
        await().until(
                        () -> {
                            fetchUntilWokenUp();
                            return streams.emulator().requestCount(Operation.DESCRIBE_STREAM) >= 3;
                        });
        assertThat(finished).isEmpty();

        streams.client().deleteStream(words).join();
        fetchUntil(() -> finished.contains("users/words/0"));
    }

    @Test
    void aRemovedShardIsReadNoMore() {
        streams.put(words, 0, "x", 10);
        streams.put(words, 1, "y", 10);
        V3ioShardSplit removed = bounded(10);
        add(removed);
        add(V3ioShardSplit.bounded(words.shard(1), ShardStart.Earliest.INSTANCE, 10));

        reader.handleSplitsChanges(new SplitsRemoval<>(List.of(removed)));
        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched).containsOnlyKeys("users/words/1");
    }

    @Test
    void aShardThatAlignmentPausedDoesNotHoldTheBudgetOfOthers() {
        reader.close();
        reader = reader(10, 64, 1);
        streams.put(words, 0, "ahead", 100);
        streams.put(words, 1, "behind", 100);
        V3ioShardSplit ahead = bounded(100);
        add(ahead);
        fetchUntil(() -> count("users/words/0") >= 10);
        // Its next answer takes all of the budget, and alignment pauses it then.
        fetchUntilWokenUp();
        await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) >= 2);
        reader.pauseOrResumeSplits(List.of(ahead), List.of());
        add(V3ioShardSplit.bounded(words.shard(1), ShardStart.Earliest.INSTANCE, 100));

        fetchUntil(() -> finished.contains("users/words/1"));

        assertThat(fetched).containsEntry("users/words/1", numbers(1, 100));
        assertThat(finished).doesNotContain("users/words/0");
    }

    @Test
    void aBoundedShardEndsAlsoWhenNothingArrivedSinceItsStartingTime() {
        for (int firstLeft : new int[] {1, 5, 21}) {
            StreamPath stream = streams.create("users/left" + firstLeft, 1);
            streams.put(stream, 0, "x", 20);
            if (firstLeft > 1) {
                streams.emulator().trimShard(stream.toString(), 0, firstLeft);
            }
            finished.clear();
            add(
                    V3ioShardSplit.bounded(
                            stream.shard(0),
                            new ShardStart.AtTime(Instant.now().plusSeconds(3_600)),
                            20));

            fetchUntil(() -> !finished.isEmpty());

            assertThat(fetched).isEmpty();
        }
    }

    @Test
    void aBoundedShardOfAStreamThatWasCreatedAgainFailsInsteadOfWaiting() {
        streams.put(words, 0, "x", 5);
        add(bounded(20));

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("has sequence number 5, but it had one with 20")
                .hasStackTraceContaining("deleted and created again");
    }

    @Test
    void aLocationThatDiesAgainAndAgainIsNotSoughtInALoop() {
        streams.put(words, 0, "x", 5);
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).killLocation().times(8));
        long start = System.nanoTime();
        add(bounded(5));

        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched).containsEntry("users/words/0", numbers(1, 5));
        // Pauses of 1, 2, 4, 8, 16, 20, 20 and 20 ms lie between the attempts.
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(91));
    }

    @Test
    void aBoundedShardThatRetentionEmptiedBeforeItsFirstRecordEnds() {
        streams.put(words, 0, "x", 20);
        streams.emulator().trimShard("users/words", 0, 21);
        add(bounded(20));

        fetchUntil(() -> !finished.isEmpty());

        assertThat(fetched).isEmpty();
    }

    @Test
    void aShardThatWasBornWhileTheJobWasDownForTooLongIsALoss() {
        streams.put(words, 0, "x", 20);
        streams.emulator().trimShard("users/words", 0, 11);
        add(V3ioShardSplit.unbounded(words.shard(0), new ShardStart.At(1)));

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("has sequence number 1,")
                .hasStackTraceContaining("10 sequence numbers are missing");
    }

    @Test
    void aDeletedStreamIsNotTakenForOneThatIsNotBorn() {
        streams.put(words, 0, "x", 20);
        V3ioShardSplit after = V3ioShardSplit.unbounded(words.shard(0), new ShardStart.After(20));
        V3ioShardSplit first = V3ioShardSplit.bounded(words.shard(1), new ShardStart.At(1), 5);
        streams.client().deleteStream(words).join();

        for (V3ioShardSplit split : List.of(after, first)) {
            reader.close();
            reader = reader(100, 64, 64 << 20);
            add(split);
            assertThatThrownBy(this::fetchForever)
                    .as("%s", split)
                    .hasStackTraceContaining("the stream was deleted");
        }
    }

    @Test
    void theArrivalTimeProvesTheStreamAlsoWhenTheLastRecordEndedItsAnswer() {
        streams.put(words, 0, "x", 20);
        add(bounded(20));
        List<V3ioShardSplit> checkpoints =
                fetchAllWithCheckpoints(words.shard(0).toString(), bounded(20));
        Location afterAll = checkpoints.get(19).emitted().location();

        assertThat(streams.client().getRecords(words.shard(0), afterAll, 100).join().records())
                .as("what a restore reads first")
                .extracting(StreamRecord::sequenceNumber)
                .contains(20L);
    }

    @Test
    void aBudgetBelowOneAnswerReadsOneAnswerAfterTheOther() {
        reader.close();
        reader = reader(10, 64, 1);
        for (int shard = 0; shard < 8; shard++) {
            streams.put(words, shard, "x", 100);
            add(V3ioShardSplit.bounded(words.shard(shard), ShardStart.Earliest.INSTANCE, 100));
        }

        fetchUntil(() -> finished.size() == 8);

        assertThat(fetched).hasSize(8);
        fetched.forEach((split, all) -> assertThat(all).as(split).isEqualTo(numbers(1, 100)));
    }

    @Test
    void shardsThatWereQuietAndAllHaveMuchDoNotExceedTheBudget() throws Exception {
        reader.close();
        long budget = 2 << 20;
        reader = reader(1_000, 64, budget);
        StreamPath many = streams.create("users/many", 50);
        for (int shard = 0; shard < 50; shard++) {
            streams.put(many, shard, "x", 1);
            add(V3ioShardSplit.unbounded(many.shard(shard), new ShardStart.At(1)));
        }
        // From now on little is expected of them, so that many requests are under way together.
        fetchUntil(() -> fetched.size() == 50);
        for (int shard = 0; shard < 50; shard++) {
            streams.put(many, shard, "x".repeat(80_000), 8);
        }
        long requestsBefore = streams.emulator().requestCount(Operation.GET_RECORDS);
        long peak = 0;
        while (total() < 50 * 9) {
            peak = Math.max(peak, bufferedBytes());
            RecordsWithSplitIds<FetchedRecord> records = fetchOnce();
            peak = Math.max(peak, bufferedBytes());
            note(records);
        }

        assertThat(peak).isGreaterThan(budget / 4).isLessThanOrEqualTo(budget);
        fetched.forEach((split, all) -> assertThat(all).as(split).isEqualTo(numbers(1, 9)));
        // Eight records of 107 kB are asked for in up to seven requests, because an answer is to be
        // a sixteenth of the budget; a few more are given up for which there is no room.
        assertThat(streams.emulator().requestCount(Operation.GET_RECORDS) - requestsBefore)
                .isLessThan(50 * 14);
    }

    @Test
    void aShardWithOneRecordDoesNotWaitUntilOneWithManyIsDone() {
        reader.close();
        // So small that the answers of the hot shards take all of it again and again.
        reader = reader(100, 4, 64 * 1024);
        for (int shard = 0; shard < 7; shard++) {
            streams.put(words, shard, "hot", 5_000);
            add(V3ioShardSplit.bounded(words.shard(shard), ShardStart.Earliest.INSTANCE, 5_000));
        }
        fetchUntil(() -> count("users/words/0") >= 500);
        streams.put(words, 7, "cold", 1);
        add(V3ioShardSplit.unbounded(words.shard(7), ShardStart.Earliest.INSTANCE));
        int before = total();

        fetchUntil(() -> count("users/words/7") == 1);

        // A seek and a request wait for one turn of the others each, with 100 records a turn.
        assertThat(total() - before).isLessThan(7 * 100 * 6);
        assertThat(finished).isEmpty();
    }

    @Test
    void aStartThatWasFoundIsANumberInACheckpointBeforeAnythingIsEmitted() {
        streams.put(words, 0, "x", 20);
        streams.emulator().trimShard("users/words", 0, 8);
        V3ioShardSplit earliest =
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE);
        V3ioShardSplit unborn =
                V3ioShardSplit.unbounded(words.shard(1), ShardStart.Earliest.INSTANCE);
        assertThat(findings.fix(earliest)).isEqualTo(earliest);
        add(earliest);
        add(unborn);
        fetchUntil(() -> count("users/words/0") == 13);

        V3ioShardSplit checkpoint = findings.fix(earliest);
        assertThat(checkpoint.start()).isEqualTo(new ShardStart.At(8));
        assertThat(findings.fix(unborn)).isEqualTo(unborn);

        // The job stood still for longer than retention, before it had emitted anything.
        streams.emulator().trimShard("users/words", 0, 15);
        reader.close();
        reader = reader(100, 64, 64 << 20);
        add(checkpoint);
        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("has sequence number 8,")
                .hasStackTraceContaining("7 sequence numbers are missing");
    }

    /** With many shards that wait for their turn, it would be most of what they have answered. */
    @Test
    void keepsNothingThatTheJobHasTakenWhileItsShardWaitsForTheNextRequest() {
        reader.close();
        reader = reader(100, 1, 64 << 20);
        streams.put(words, 0, "x", 1);
        streams.put(words, 1, "x", 1);
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).skip(1).never());
        addAll(2);
        WeakReference<StreamRecord> taken = takeFirst();
        await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) == 2);

        await().until(
                        () -> {
                            System.gc();
                            return taken.get() == null;
                        });
    }

    private WeakReference<StreamRecord> takeFirst() {
        while (true) {
            RecordsWithSplitIds<FetchedRecord> records = fetchOnce();
            if (records.nextSplit() != null) {
                WeakReference<StreamRecord> taken =
                        new WeakReference<>(records.nextRecordFromSplit().record());
                assertThat(records.nextRecordFromSplit()).isNull();
                records.recycle();
                return taken;
            }
        }
    }
}

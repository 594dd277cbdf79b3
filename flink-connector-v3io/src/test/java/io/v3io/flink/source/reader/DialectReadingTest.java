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
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.DialectSetting.ListingNewest;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.DialectSetting.SeekBeyond;
import io.v3io.emulator.DialectSetting.SeekNext;
import io.v3io.emulator.DialectSetting.SeekRemoved;
import io.v3io.emulator.DialectSetting.SeekUnborn;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** Reading on platforms that answer otherwise than the likeliest one (API page section 10). */
class DialectReadingTest extends SplitReaderTestBase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final Location DEAD = new Location("AAAAAAAAAAAAAAAAAAAAAA==");
    private static final String SPLIT = "users/words/0";

    private void play(Dialect dialect) {
        reader.close();
        streams.close();
        streams = PLATFORM.start(e -> e.dialect(dialect));
        words = streams.create("users/words", 8);
        reader = reader(100, 64, 64 << 20);
    }

    private void play(DialectSetting... settings) {
        Dialect dialect = Dialect.DEFAULT;
        for (DialectSetting setting : settings) {
            dialect = dialect.with(setting);
        }
        play(dialect);
    }

    private static Collection<Dialect> dialects() {
        return Dialect.fixed().values();
    }

    private List<StoredRecord> stored() {
        return streams.emulator().stream("users/words").records(0);
    }

    private List<Long> stored(int from, int to) {
        return stored().subList(from, to).stream().map(StoredRecord::sequenceNumber).toList();
    }

    private V3ioShardSplit after(int records, Location location) {
        StoredRecord last = stored().get(records - 1);
        Instant arrival = last.arrivalTime();
        return unbounded(ShardStart.Earliest.INSTANCE)
                .emittedUpTo(
                        new EmittedPosition(
                                last.sequenceNumber(),
                                arrival.getEpochSecond(),
                                arrival.getNano(),
                                location));
    }

    private V3ioShardSplit unbounded(ShardStart start) {
        return V3ioShardSplit.unbounded(words.shard(0), start);
    }

    private CompletableFuture<Void> readUntil(int records) {
        return CompletableFuture.runAsync(() -> fetchUntil(() -> count(SPLIT) >= records));
    }

    @ParameterizedTest
    @EnumSource
    void aPositionThatThePlatformNeverReachedIsRefused(SeekBeyond seekBeyond) {
        play(seekBeyond);
        streams.put(words, 0, "x", 15);

        for (ShardStart start : List.of(new ShardStart.After(500), new ShardStart.At(500))) {
            reader.close();
            reader = reader(100, 64, 64 << 20);
            add(unbounded(start));
            assertThatThrownBy(this::fetchForever)
                    .as("%s", start)
                    .hasStackTraceContaining("500")
                    .hasStackTraceContaining(" 15");
        }
    }

    @ParameterizedTest
    @EnumSource
    void removedRecordsAreReportedWhateverTheSeekAnswers(SeekRemoved seekRemoved) {
        play(seekRemoved);
        streams.put(words, 0, "x", 20);
        V3ioShardSplit split = after(7, DEAD);
        streams.emulator().trimShard("users/words", 0, 12);
        add(split);

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("has sequence number 8")
                .hasStackTraceContaining("4 sequence numbers are missing");
    }

    @ParameterizedTest
    @EnumSource
    void theNumberAfterTheNewestIsWaitedFor(SeekNext seekNext) throws Exception {
        play(seekNext);
        streams.put(words, 0, "x", 20);
        add(unbounded(new ShardStart.At(21)));
        CompletableFuture<Void> reading = readUntil(2);
        await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) > 3);

        streams.put(words, 0, "y", 2);

        reading.get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry(SPLIT, numbers(21, 22));
    }

    @ParameterizedTest
    @EnumSource
    void aShardIsReadFromItsFirstRecordWhenItIsBornLate(SeekUnborn seekUnborn) throws Exception {
        play(Dialect.DEFAULT.with(seekUnborn).with(SequenceNumbers.GAPS));
        add(unbounded(new ShardStart.At(1)));
        CompletableFuture<Void> reading = readUntil(3);
        await().until(
                        () ->
                                streams.emulator().requestCount(Operation.SEEK)
                                                + streams.emulator()
                                                        .requestCount(Operation.GET_RECORDS)
                                        > 3);

        streams.put(words, 0, "born", 3);

        reading.get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry(SPLIT, stored(0, 3));
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void aDeadLocationCostsNothingOnAnyPlatform(Dialect dialect) throws Exception {
        play(dialect);
        streams.put(words, 0, "x", 20);
        add(after(7, DEAD));
        readUntil(13).get(30, TimeUnit.SECONDS);
        int all = stored().size();
        readUntil(all - 7).get(30, TimeUnit.SECONDS);

        assertThat(fetched).containsEntry(SPLIT, stored(7, all));
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void removedRecordsAreALossOnAnyPlatform(Dialect dialect) {
        for (OnDataLoss choice : OnDataLoss.values()) {
            fetched.clear();
            play(dialect);
            reader.close();
            reader = reader(100, 64, 64 << 20, choice);
            streams.put(words, 0, "x", 20);
            V3ioShardSplit split = after(7, DEAD);
            List<StoredRecord> all = stored();
            streams.emulator().trimShard("users/words", 0, all.get(12).sequenceNumber());
            add(split);
            if (choice == OnDataLoss.FAIL) {
                assertThatThrownBy(this::fetchForever)
                        .hasStackTraceContaining("Retention has removed them");
                continue;
            }
            int left = choice == OnDataLoss.EARLIEST ? stored().size() : 0;
            CompletableFuture<Void> reading = readUntil(left + 1);
            await().until(() -> dataLossEvents() == 1);
            List<Long> expected = choice == OnDataLoss.EARLIEST ? stored(0, left) : List.of();
            int before = stored().size();
            streams.put(words, 0, "y", 1);
            assertThat(reading).succeedsWithin(Duration.ofSeconds(30));

            assertThat(fetched.get(SPLIT).subList(0, left)).isEqualTo(expected);
            assertThat(fetched.get(SPLIT).get(left))
                    .isEqualTo(stored().get(before).sequenceNumber());
            assertThat(dataLossEvents()).isEqualTo(1);
        }
    }

    /** Nothing tells it by itself: the old location goes on in the new history. */
    @ParameterizedTest
    @EnumSource
    void aStreamThatIsCreatedAgainUnderARunningReaderIsNoticed(OldLocations oldLocations)
            throws Exception {
        for (int records : new int[] {50, 150}) {
            fetched.clear();
            play(oldLocations);
            streams.put(words, 0, "x", 100);
            add(unbounded(ShardStart.Earliest.INSTANCE));
            CompletableFuture<Void> reading = CompletableFuture.runAsync(this::fetchForever);
            // It is quiet: the shard's pause has grown to the longest.
            await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) > 12);

            streams.client().deleteStream(words).join();
            words = streams.create("users/words", 8);
            streams.put(words, 0, "y", records);

            assertThat(reading)
                    .failsWithin(Duration.ofSeconds(30))
                    .withThrowableOfType(ExecutionException.class)
                    .withStackTraceContaining("users/words");
            assertThat(fetched).containsEntry(SPLIT, numbers(1, 100));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamThatWasCreatedAgainIsNoticedAfterARestore(OldLocations oldLocations) {
        for (int records : new int[] {0, 5, 15, 40}) {
            play(oldLocations);
            streams.put(words, 0, "x", 20);
            Location start = streams.client().seek(words.shard(0), SeekPosition.earliest()).join();
            V3ioShardSplit split = after(15, start);
            streams.client().deleteStream(words).join();
            words = streams.create("users/words", 8);
            streams.put(words, 0, "y", records);
            add(split);

            assertThatThrownBy(this::fetchForever)
                    .as("%d records in the new one", records)
                    .hasStackTraceContaining("deleted");
        }
    }

    @Test
    void numbersThatThePlatformLeavesOutAreNoLoss() throws Exception {
        play(SequenceNumbers.GAPS);
        reader.close();
        // One record in each answer: no answer shows two neighbours.
        reader = reader(1, 64, 64 << 20);
        streams.put(words, 0, "x", 20);
        add(unbounded(ShardStart.Earliest.INSTANCE));
        readUntil(20).get(30, TimeUnit.SECONDS);
        CompletableFuture<Void> reading = readUntil(40);
        for (int i = 0; i < 20; i++) {
            streams.put(words, 0, "y", 1);
        }
        reading.get(30, TimeUnit.SECONDS);

        assertThat(fetched).containsEntry(SPLIT, stored(0, 40));
        assertThat(findings.fix(unbounded(ShardStart.Earliest.INSTANCE)).facts().hasGaps())
                .isTrue();
    }

    /** A user's number, or a group's, need not be one of a record. */
    @Test
    void aStartBetweenTwoNumbersBeginsWithTheNextRecord() throws Exception {
        play(SequenceNumbers.GAPS);
        streams.put(words, 0, "x", 50);
        List<Long> all = stored(0, 50);
        int gap = 1;
        while (all.get(gap) == all.get(gap - 1) + 1) {
            gap++;
        }

        add(unbounded(new ShardStart.At(all.get(gap) - 1)));
        readUntil(50 - gap).get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry(SPLIT, all.subList(gap, 50));

        fetched.clear();
        reader.close();
        reader = reader(100, 64, 64 << 20);
        add(unbounded(new ShardStart.After(all.get(gap) - 1)));
        readUntil(50 - gap).get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry(SPLIT, all.subList(gap, 50));
    }

    @Test
    void aBoundedShardThatRetentionEmptiedEndsWhereListingsSayNothing() {
        for (DialectSetting setting : List.of(ListingNewest.ABSENT, Listing.REFUSED)) {
            play(setting);
            reader.close();
            reader = reader(100, 64, 64 << 20, OnDataLoss.EARLIEST);
            streams.put(words, 0, "x", 20);
            V3ioShardSplit split = bounded(20).emittedUpTo(emitted(3, DEAD));
            streams.emulator().trimShard("users/words", 0, 21);
            finished.clear();
            add(split);

            fetchUntil(() -> !finished.isEmpty());

            assertThat(dataLossEvents()).isEqualTo(1);
        }
    }

    /** Numbers need not begin at 1: that nothing is gone shows in another way. */
    @Test
    void theFirstRecordOfAShardThatWasEmptyIsNoLossWhateverItsNumber() throws Exception {
        for (int records : new int[] {1, 20}) {
            play(SequenceNumbers.GAPS);
            streams.put(words, 0, "x", records);
            fetched.clear();
            add(unbounded(new ShardStart.At(1)));
            readUntil(records).get(30, TimeUnit.SECONDS);
            assertThat(fetched).containsEntry(SPLIT, stored(0, records));
        }
    }

    @Test
    void theFirstRecordIsALossWhenTheShardWasEmptyTooLongAgo() {
        play(SequenceNumbers.GAPS);
        streams.put(words, 0, "x", 20);
        // The stream keeps its records for a day.
        long longAgo = Instant.now().minus(Duration.ofHours(13)).getEpochSecond();
        add(unbounded(new ShardStart.At(1)).unbornAt(longAgo));

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("the platform leaves out numbers in this shard");
    }
}

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
import io.v3io.client.model.Location;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A split reader on an emulator of its own, fetched from by the test's thread, and what it has
 * given so far.
 */
@Timeout(60)
abstract class SplitReaderTestBase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    EmulatedStreams streams = PLATFORM.start();
    StreamPath words;
    V3ioSplitReader reader;
    private MetricListener metrics;

    /** Null for the system's. */
    @Nullable TimeBetweenRequests time;

    /**
     * Who asks for the reader; null for a client of its own time, or the one that fills streams.
     */
    @Nullable V3ioClient readerClient;

    LongSupplier readerClock = System::nanoTime;
    int readAhead = 16;
    OnDeletedStream onDeletedStream = OnDeletedStream.FAIL;
    StartBacklog backlog = new StartBacklog(null);
    final ShardFindings findings = new ShardFindings();

    /** What has been fetched so far: sequence numbers by split, in order. */
    final Map<String, List<Long>> fetched = new TreeMap<>();

    final Set<String> finished = new HashSet<>();

    @BeforeEach
    void createStreams() {
        words = streams.create("users/words", 8);
        reader = reader(100, 64, 64 << 20);
    }

    @AfterEach
    void stop() {
        reader.close();
    }

    V3ioSplitReader reader(int maxRecords, int maxRequests, long bufferBytes) {
        return reader(maxRecords, maxRequests, bufferBytes, OnDataLoss.FAIL);
    }

    V3ioSplitReader reader(
            int maxRecords, int maxRequests, long bufferBytes, OnDataLoss onDataLoss) {
        return reader(maxRecords, maxRequests, bufferBytes, onDataLoss, RateLimit.NONE);
    }

    V3ioSplitReader reader(
            int maxRecords,
            int maxRequests,
            long bufferBytes,
            OnDataLoss onDataLoss,
            RateLimit rateLimit) {
        metrics = new MetricListener();
        InternalSourceReaderMetricGroup group =
                InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup());
        return new V3ioSplitReader(
                readerClient != null
                        ? readerClient
                        : time == null ? streams.client() : time.counting(streams.client()),
                new ReaderSettings(
                        maxRecords,
                        maxRequests,
                        readAhead,
                        bufferBytes,
                        Duration.ofMillis(1),
                        Duration.ofMillis(20),
                        onDataLoss,
                        onDeletedStream,
                        OnDeserializationFailure.FAIL,
                        null,
                        rateLimit,
                        null,
                        null,
                        null),
                V3ioSourceReaderMetrics.of(group, streams.client().metrics()),
                findings,
                backlog,
                time == null ? readerClock : time);
    }

    V3ioShardSplit bounded(long last) {
        return V3ioShardSplit.bounded(words.shard(0), ShardStart.Earliest.INSTANCE, last);
    }

    /** The position after a stored record, with its real arrival time. */
    EmittedPosition emitted(long number, Location location) {
        Instant arrival =
                streams.emulator().stream("users/words")
                        .records(0)
                        .get((int) number - 1)
                        .arrivalTime();
        return new EmittedPosition(number, arrival.getEpochSecond(), arrival.getNano(), location);
    }

    void addAll(int shards) {
        for (int shard = 0; shard < shards; shard++) {
            add(unbounded(shard));
        }
    }

    void add(V3ioShardSplit split) {
        reader.handleSplitsChanges(new SplitsAddition<>(List.of(split)));
    }

    void pause(int shard) {
        reader.pauseOrResumeSplits(List.of(unbounded(shard)), List.of());
    }

    void resume(int shard) {
        reader.pauseOrResumeSplits(List.of(), List.of(unbounded(shard)));
    }

    private V3ioShardSplit unbounded(int shard) {
        return V3ioShardSplit.unbounded(words.shard(shard), ShardStart.Earliest.INSTANCE);
    }

    RecordsWithSplitIds<FetchedRecord> fetchOnce() {
        try {
            return reader.fetch();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void fetchUntil(BooleanSupplier done) {
        while (!done.getAsBoolean()) {
            note(fetchOnce());
        }
    }

    void fetchForever() {
        fetchUntil(() -> false);
    }

    /** Fetches what is ready; a wake-up that is already there ends the first wait. */
    void fetchUntilWokenUp() {
        reader.wakeUp();
        RecordsWithSplitIds<FetchedRecord> records;
        do {
            records = fetchOnce();
        } while (note(records) > 0);
    }

    int note(RecordsWithSplitIds<FetchedRecord> records) {
        int count = 0;
        for (String split = records.nextSplit(); split != null; split = records.nextSplit()) {
            for (FetchedRecord record = records.nextRecordFromSplit();
                    record != null;
                    record = records.nextRecordFromSplit()) {
                fetched.computeIfAbsent(split, id -> new ArrayList<>())
                        .add(record.record().sequenceNumber());
                count++;
            }
        }
        finished.addAll(records.finishedSplits());
        records.recycle();
        return count;
    }

    /** What a checkpoint would hold after each record of one shard. */
    List<V3ioShardSplit> fetchAllWithCheckpoints(String splitId, V3ioShardSplit split) {
        List<V3ioShardSplit> checkpoints = new ArrayList<>();
        while (finished.isEmpty()) {
            RecordsWithSplitIds<FetchedRecord> records = fetchOnce();
            while (records.nextSplit() != null) {
                for (FetchedRecord record = records.nextRecordFromSplit();
                        record != null;
                        record = records.nextRecordFromSplit()) {
                    checkpoints.add(
                            split.emittedUpTo(
                                    emitted(
                                            record.record().sequenceNumber(),
                                            record.fetchedFrom())));
                }
            }
            finished.addAll(records.finishedSplits());
            records.recycle();
        }
        assertThat(finished).containsExactly(splitId);
        return checkpoints;
    }

    long bufferedBytes() {
        return metrics.<Long>getGauge(
                        V3ioSourceReaderMetrics.GROUP, V3ioSourceReaderMetrics.BUFFERED_BYTES)
                .orElseThrow()
                .getValue();
    }

    int readAheadShards() {
        return metrics.<Integer>getGauge(
                        V3ioSourceReaderMetrics.GROUP, V3ioSourceReaderMetrics.READ_AHEAD_SHARDS)
                .orElseThrow()
                .getValue();
    }

    long readAheadGivenUp() {
        return metrics.getCounter(
                        V3ioSourceReaderMetrics.GROUP, V3ioSourceReaderMetrics.READ_AHEAD_GIVEN_UP)
                .orElseThrow()
                .getCount();
    }

    long fetchEventTimeLag() {
        return metrics.<Long>getGauge(V3ioSourceReaderMetrics.CURRENT_FETCH_EVENT_TIME_LAG)
                .orElseThrow()
                .getValue();
    }

    long shardMetric(int shard, String name) {
        return metrics.<Long>getGauge(
                        V3ioSourceReaderMetrics.GROUP,
                        V3ioSourceReaderMetrics.STREAM_GROUP,
                        words.toString(),
                        V3ioSourceReaderMetrics.SHARD_GROUP,
                        String.valueOf(shard),
                        name)
                .orElseThrow()
                .getValue();
    }

    long dataLossEvents() {
        return metrics.getCounter(
                        V3ioSourceReaderMetrics.GROUP, V3ioSourceReaderMetrics.DATA_LOSS_EVENTS)
                .orElseThrow()
                .getCount();
    }

    int total() {
        return fetched.values().stream().mapToInt(List::size).sum();
    }

    int count(String splitId) {
        return fetched.getOrDefault(splitId, List.of()).size();
    }

    static List<Long> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}

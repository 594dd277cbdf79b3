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

import io.v3io.client.Operation;
import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.Fault;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * One shard, read ahead, to which everything happens that a seed draws: how the platform behaves,
 * failures of requests, short answers, growth, retention, dead locations, pauses, restores from a
 * checkpoint. Keeps all that was ever stored and all that was emitted.
 */
final class RandomReadAhead implements AutoCloseable {

    private static final int CLOCK_SPEED = 1_000;
    private static final int STEPS = 60;
    private static final String PATH = "users/words";
    private static final List<V3ioException.Kind> FAILURES =
            List.of(
                    V3ioException.Kind.UNAVAILABLE,
                    V3ioException.Kind.TRANSPORT,
                    V3ioException.Kind.ILLEGAL_LOCATION,
                    V3ioException.Kind.MALFORMED_RESPONSE);

    /** Answers that are late while the stream is deleted and created again. */
    private static final Executor LATER =
            CompletableFuture.delayedExecutor(30, TimeUnit.MILLISECONDS);

    /** What a record is known by: its number, and what it holds. */
    private record Emitted(long number, String data) {}

    private final SplittableRandom random;
    private final boolean isSmooth;
    private final String description;
    private final EmulatedStreams streams;
    private final V3ioClient client;
    private final StreamPath stream = StreamPath.parse(PATH);
    private final ShardId shard = stream.shard(0);
    private final AtomicLong clockAhead = new AtomicLong();
    private final double failureChance;
    private final int maxRecords;
    private final int maxRequests;
    private final long budget;
    private final int readAhead;

    /** All that was ever stored under a number, of the stream that is there now. */
    private final TreeMap<Long, String> stored = new TreeMap<>();

    private final List<Emitted> emitted = new ArrayList<>();
    private long removedBefore;
    private volatile double lateChance;
    private int generation;
    private int written;
    private V3ioShardSplit split;
    private ShardFindings findings;
    private SteeredClient steered;
    private V3ioSplitReader reader;

    /** Everything is drawn. */
    RandomReadAhead(long seed) {
        this(seed, false);
    }

    /**
     * What is drawn.
     *
     * @param isSmooth whether much can be read ahead, and nothing fails
     */
    RandomReadAhead(long seed, boolean isSmooth) {
        random = new SplittableRandom(seed);
        this.isSmooth = isSmooth;
        Dialect drawn = Dialect.random(new Random(seed));
        Dialect dialect =
                isSmooth ? drawn.with(OldLocations.DIE).with(SequenceNumbers.GAPLESS) : drawn;
        streams = EmulatedStreams.start(e -> e.seed(seed).dialect(dialect));
        client =
                V3ioClient.builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setRetryPolicy(
                                new RetryPolicy(
                                        1_000,
                                        Duration.ofMinutes(1),
                                        Duration.ofMillis(1),
                                        Duration.ofMillis(2)))
                        .build();
        failureChance = isSmooth ? 0 : pick(0.0, 0.02, 0.2);
        maxRecords = 2 + random.nextInt(30);
        maxRequests = (isSmooth ? 8 : 2) + random.nextInt(20);
        budget = isSmooth ? 64L << 20 : pick(8_000L, 60_000L, 64L << 20);
        readAhead = (isSmooth ? 8 : 2) + random.nextInt(20);
        description =
                String.format(
                        "seed %d: %s, failures %s, %d records a request, %d requests, %d bytes, read ahead %d",
                        seed, dialect, failureChance, maxRecords, maxRequests, budget, readAhead);
        create();
        split = V3ioShardSplit.unbounded(shard, ShardStart.Earliest.INSTANCE);
        start();
    }

    @SafeVarargs
    private <T> T pick(T... values) {
        return values[random.nextInt(values.length)];
    }

    private void create() {
        streams.create(PATH, 1);
        stored.clear();
        removedBefore = 0;
        write((isSmooth ? 100 * maxRecords : 200) + random.nextInt(1_000));
    }

    private void write(int count) {
        List<PutRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String data = generation + "-" + written++;
            records.add(PutRecord.of(data.getBytes(StandardCharsets.UTF_8)).withShardId(0));
            if (records.size() == 1_000 || i == count - 1) {
                streams.putAll(stream, records);
                records.clear();
            }
        }
        for (StoredRecord record : streams.emulator().stream(PATH).records(0)) {
            stored.put(record.sequenceNumber(), new String(record.data(), StandardCharsets.UTF_8));
        }
    }

    private void start() {
        MetricListener metrics = new MetricListener();
        findings = new ShardFindings();
        steered = new SteeredClient(client);
        steered.onSeekAhead(seek -> fails() ? failed() : seek.send());
        steered.onGetAhead(
                get -> {
                    if (fails()) {
                        return failed();
                    }
                    CompletableFuture<RecordBatch> answer = sometimesShort(get).send();
                    return chance(lateChance)
                            ? answer.thenApplyAsync(batch -> batch, LATER)
                            : answer;
                });
        steered.onGet(get -> sometimesShort(get).send());
        reader =
                new V3ioSplitReader(
                        steered.steered(),
                        new ReaderSettings(
                                maxRecords,
                                maxRequests,
                                readAhead,
                                budget,
                                Duration.ofMillis(100),
                                Duration.ofMillis(500),
                                OnDataLoss.EARLIEST,
                                OnDeletedStream.FAIL,
                                OnDeserializationFailure.FAIL,
                                null,
                                RateLimit.NONE,
                                null,
                                null,
                                null),
                        V3ioSourceReaderMetrics.of(
                                InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup()),
                                client.metrics()),
                        findings,
                        new StartBacklog(null),
                        () -> System.nanoTime() * CLOCK_SPEED + clockAhead.get());
        reader.handleSplitsChanges(new SplitsAddition<>(List.of(split)));
    }

    /** On the reader's threads, so not drawn from the seed's own sequence. */
    private static boolean chance(double probability) {
        return ThreadLocalRandom.current().nextDouble() < probability;
    }

    private static SteeredClient.Get sometimesShort(SteeredClient.Get get) {
        return chance(0.1) ? get.withLimit(Math.max(1, get.limit() / 3)) : get;
    }

    private boolean fails() {
        return chance(failureChance);
    }

    private <T> CompletableFuture<T> failed() {
        V3ioException.Kind kind =
                FAILURES.get(ThreadLocalRandom.current().nextInt(FAILURES.size()));
        return CompletableFuture.failedFuture(
                V3ioException.of(kind, Operation.SEEK, PATH, "as the test wants it").build());
    }

    /** Lets everything happen but that the stream is created again. */
    void run() throws IOException {
        if (failureChance > 0) {
            streams.emulator()
                    .faults()
                    .add(Fault.on(io.v3io.emulator.Operation.SEEK).probability(0.03).resetBefore());
            streams.emulator()
                    .faults()
                    .add(
                            Fault.on(io.v3io.emulator.Operation.GET_RECORDS)
                                    .probability(0.03)
                                    .respond(503, "text/html", "busy"));
        }
        for (int step = 0; step < STEPS; step++) {
            fetch();
            switch (random.nextInt(12)) {
                case 0 -> write(1 + random.nextInt(200));
                case 1 -> restore();
                case 2 -> streams.emulator().expireLocations(PATH);
                case 3 -> remove();
                case 4 -> pause();
                case 5 -> clockAhead.addAndGet(AheadRequests.PAUSE_NANOS);
                default -> {
                    // Reads on.
                }
            }
        }
        readToEnd();
        check();
    }

    private void remove() {
        List<Long> numbers = new ArrayList<>(stored.keySet());
        if (random.nextInt(3) == 0) {
            removedBefore = Math.max(removedBefore, numbers.get(random.nextInt(numbers.size())));
        } else {
            // Shortly after what has been emitted, where blocks are under way.
            long near = lastEmitted() + random.nextInt(5 * maxRecords);
            removedBefore =
                    Math.max(removedBefore, Math.min(near, numbers.get(numbers.size() - 1)));
        }
        streams.emulator().trimShard(PATH, 0, removedBefore);
    }

    private void pause() throws IOException {
        reader.pauseOrResumeSplits(List.of(split), List.of());
        reader.wakeUp();
        fetch();
        reader.pauseOrResumeSplits(List.of(), List.of(split));
    }

    private void restore() {
        reader.close();
        start();
    }

    private long lastEmitted() {
        return emitted.isEmpty() ? 0 : emitted.get(emitted.size() - 1).number();
    }

    private void fetch() throws IOException {
        if (!stored.isEmpty() && lastEmitted() == newest()) {
            return;
        }
        RecordsWithSplitIds<FetchedRecord> records = reader.fetch();
        // Sometimes the job fails before it has emitted all of these.
        int left =
                !isSmooth && random.nextInt(8) == 0
                        ? random.nextInt(2 * maxRecords)
                        : Integer.MAX_VALUE;
        while (left > 0 && records.nextSplit() != null) {
            for (FetchedRecord record = records.nextRecordFromSplit();
                    record != null && left > 0;
                    record = records.nextRecordFromSplit()) {
                emit(record.record(), record.fetchedFrom());
                left--;
            }
        }
        records.recycle();
        if (left == 0) {
            restore();
        }
    }

    private void emit(StreamRecord record, Location location) {
        emitted.add(
                new Emitted(
                        record.sequenceNumber(),
                        new String(record.data(), StandardCharsets.UTF_8)));
        split =
                findings.fix(
                        split.emittedUpTo(
                                new EmittedPosition(
                                        record.sequenceNumber(),
                                        record.arrivalTimeSeconds(),
                                        record.arrivalTimeNanos(),
                                        location)));
    }

    private long newest() {
        return stored.lastKey();
    }

    private void readToEnd() throws IOException {
        while (lastEmitted() < newest()) {
            fetch();
        }
    }

    private void check() {
        List<Emitted> expected = new ArrayList<>();
        Map<Long, String> got = new TreeMap<>();
        emitted.forEach(record -> got.put(record.number(), record.data()));
        stored.forEach(
                (number, data) -> {
                    // What was removed may have been read before.
                    if (number >= removedBefore || got.containsKey(number)) {
                        expected.add(new Emitted(number, data));
                    }
                });
        assertThat(emitted).as(description).isEqualTo(expected);
    }

    /**
     * The stream is deleted and created again while blocks are under way, or while answers wait for
     * a shard that is paused: more is then asked of the new stream before they have been taken.
     */
    void runWithAnotherStream() throws IOException {
        boolean isPaused = isSmooth || random.nextBoolean();
        int before = (isSmooth ? 20 : 0) + random.nextInt(20);
        for (int i = 0; i < before; i++) {
            lateChance = i + 1 == before && !isSmooth ? 0.1 : 0;
            fetch();
        }
        if (isPaused) {
            // A block that has only been sought would find its location dead.
            await().pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> steered.underWay() == 0);
            reader.pauseOrResumeSplits(List.of(split), List.of());
            reader.wakeUp();
            fetch();
        }
        Map<Long, String> old = new TreeMap<>(stored);
        Dialect dialect = streams.emulator().dialect();
        streams.emulator().setDialect(dialect.with(Listing.GRANTED));
        client.deleteStream(stream).join();
        streams.emulator().setDialect(dialect);
        generation++;
        create();
        if (isPaused) {
            reader.pauseOrResumeSplits(List.of(), List.of(split));
        }
        try {
            readToEnd();
        } catch (IOException e) {
            assertThat(e)
                    .as(description)
                    .hasStackTraceContaining(PATH)
                    .satisfies(
                            failure ->
                                    assertThat(failure.getMessage())
                                            .containsAnyOf(
                                                    "created again",
                                                    "does not exist any more",
                                                    "deleted"));
        }
        long last = 0;
        boolean isNew = false;
        boolean mayMix = !dialect.is(OldLocations.DIE);
        for (Emitted record : emitted) {
            assertThat(record.number()).as(description).isGreaterThan(last);
            boolean isAnother = !isNew && !record.data().equals(old.get(record.number()));
            assertThat(isAnother && last > 0 && !mayMix)
                    .as("%s, number %d is new, those before are old", description, record.number())
                    .isFalse();
            isNew = isNew || isAnother;
            assertThat(record.data())
                    .as("%s, number %d", description, record.number())
                    .isEqualTo((isNew ? stored : old).get(record.number()));
            last = record.number();
        }
    }

    @Override
    public void close() {
        reader.close();
        client.close();
        streams.close();
    }
}

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

import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.metrics.ShardMetrics;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whose request comes next, of shards that are read ahead with three requests at a time. A seek is
 * sent when a test says so, and requests for records are never answered. The test's thread is the
 * reader's: it holds the monitor except while it waits.
 */
@Timeout(60)
class AheadRequestsTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final int PLACES = 3;
    private static final long BUFFER_BYTES = 64L << 20;
    private static final int RECORDS_PER_REQUEST = 100;
    private static final int RECORDS = 1_000;

    private final List<String> sent = new ArrayList<>();
    private final Deque<CompletableFuture<Void>> seeks = new ArrayDeque<>();
    private final ReaderMonitor monitor = new ReaderMonitor();
    private final ShardStates states =
            new ShardStates(64, new ByteBudget(BUFFER_BYTES, bytes -> held = bytes));
    private long held;
    private long nanos;
    private EmulatedStreams streams;
    private StreamPath words;
    private AheadRequests ahead;

    @BeforeEach
    void start() {
        streams = PLATFORM.start();
        words = streams.create("users/words", 2);
        for (int shard = 0; shard < 2; shard++) {
            streams.put(words, shard, "x", RECORDS);
        }
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).never());
        SteeredClient steered = new SteeredClient(streams.client());
        steered.onSeekAhead(
                seek -> {
                    sent.add("seek in " + seek.shard().number() + " to " + seek.number());
                    seeks.add(new CompletableFuture<>());
                    return seeks.getLast().thenCompose(now -> seek.send());
                });
        steered.onGetAhead(
                get -> {
                    sent.add("records of " + get.shard().number());
                    return get.send();
                });
        ahead =
                new AheadRequests(
                        monitor,
                        steered.steered(),
                        new ReaderSettings(
                                RECORDS_PER_REQUEST,
                                64,
                                1 + PLACES,
                                BUFFER_BYTES,
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
                        states,
                        V3ioSourceReaderMetrics.of(
                                InternalSourceReaderMetricGroup.mock(
                                        new MetricListener().getMetricGroup()),
                                streams.client().metrics()),
                        () -> nanos,
                        new AheadRequests.Requester() {
                            @Override
                            public void take(ShardReading shard, AheadBlock.Answer answer) {}

                            @Override
                            public void askNext(ShardReading shard) {}

                            @Override
                            public void afterAnswer() {
                                ahead.send();
                                monitor.signalChange();
                            }
                        });
        monitor.lock();
    }

    @AfterEach
    void stop() {
        monitor.stop();
        monitor.unlock();
    }

    /** A shard whose three blocks are being sought, if there is a place for each. */
    private ShardReading farBehind(int number) {
        ShardReading shard =
                new ShardReading(
                        V3ioShardSplit.unbounded(words.shard(number), new ShardStart.At(1)),
                        new IdlePause(Duration.ofMillis(1), Duration.ofMillis(1)),
                        new RequestSize(RECORDS_PER_REQUEST, BUFFER_BYTES),
                        new ShardMetrics());
        shard.fetchLocation =
                streams.client().seek(words.shard(number), SeekPosition.earliest()).join();
        shard.ahead.knows(RECORDS);
        ahead.add();
        ahead.readerWait().goesOn();
        nanos += ReaderWait.LEAST_NANOS;
        ahead.cameNext(shard);
        ahead.cameNext(shard);
        ahead.send();
        return shard;
    }

    /** The shard's three blocks are found. */
    private void find(ShardReading shard) throws InterruptedException {
        for (int i = 0; i < PLACES; i++) {
            seeks.remove().complete(null);
        }
        waitUntil(() -> shard.ahead.blocks().stream().noneMatch(block -> block.location == null));
    }

    private void waitUntil(BooleanSupplier condition) throws InterruptedException {
        while (!condition.getAsBoolean()) {
            monitor.awaitChange(Duration.ofSeconds(30).toNanos());
        }
    }

    /** The first shard, paused while its blocks were sought. */
    private ShardReading pausedShard() throws InterruptedException {
        ShardReading paused = farBehind(0);
        assertThat(paused.ahead.blockCount()).isEqualTo(PLACES);
        assertThat(held).isPositive();
        paused.paused = true;
        ahead.pause(paused);
        find(paused);
        assertThat(sent).hasSize(PLACES);
        return paused;
    }

    @Test
    void aBlockThatIsPausedReservesNothingForTheAnswerThatItDoesNotAskFor() throws Exception {
        ShardReading paused = pausedShard();
        assertThat(held).isZero();

        paused.paused = false;
        ahead.send();

        assertThat(sent.subList(PLACES, sent.size()))
                .hasSize(PLACES)
                .allMatch(request -> request.startsWith("records of 0"));
        assertThat(held).isPositive();
    }

    @Test
    void norDoesOneThatHadNoPlaceWhenItsShardWasPaused() throws Exception {
        ShardReading shard = farBehind(0);
        // Requests of the shards themselves.
        for (int i = 0; i < PLACES; i++) {
            states.askedAhead();
        }
        find(shard);
        assertThat(sent).hasSizeLessThan(2 * PLACES);
        long before = held;

        shard.paused = true;
        ahead.pause(shard);

        assertThat(held).isLessThan(before);
    }

    /** An answer that comes at once may drop blocks whose turn was about to come. */
    @Test
    void aBlockThatWasDroppedIsNotAskedFor() {
        AheadBlock block = new AheadBlock(1, RECORDS_PER_REQUEST, 1_000);
        assertThat(block.isToBeAsked()).isTrue();

        block.drop();

        assertThat(block.isToBeAsked()).isFalse();
    }

    @Test
    void whatHasBegunComesBeforeNewBlocksThoughItsShardHasTheMost() throws Exception {
        ShardReading begun = pausedShard();
        ShardReading other = farBehind(1);
        assertThat(other.ahead.blockCount()).isEqualTo(PLACES);
        begun.paused = false;
        ahead.send();
        assertThat(sent).as("no place is free").hasSize(2 * PLACES);

        // It has one block less, and room for a new one.
        states.release(other.ahead.dropFirst());
        seeks.remove().complete(null);
        waitUntil(() -> sent.size() > 2 * PLACES);

        assertThat(sent.get(2 * PLACES)).startsWith("records of 0");
    }
}

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

import io.v3io.client.ClientMetrics;
import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.metrics.ShardMetrics;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import static org.assertj.core.api.Assertions.assertThat;

/** Whose request comes next, of shards that are read ahead with three requests at a time. */
class AheadRequestsTest {

    private static final int PLACES = 3;
    private static final long BUFFER_BYTES = 64L << 20;
    private static final int RECORDS_PER_REQUEST = 100;

    private final List<String> sent = new ArrayList<>();
    private final Deque<CompletableFuture<Location>> seeks = new ArrayDeque<>();
    private final List<Long> held = new ArrayList<>();
    private final ShardStates states = new ShardStates(64, new ByteBudget(BUFFER_BYTES, held::add));
    private long nanos;

    /** Every request is noted and waits for its answer. */
    private final V3ioClient client =
            (V3ioClient)
                    Proxy.newProxyInstance(
                            V3ioClient.class.getClassLoader(),
                            new Class<?>[] {V3ioClient.class},
                            (proxy, method, arguments) -> {
                                int shard = ((ShardId) arguments[0]).number();
                                if (method.getName().equals("seek")) {
                                    SeekPosition.Sequence to = (SeekPosition.Sequence) arguments[1];
                                    sent.add("seek in " + shard + " to " + to.sequenceNumber());
                                    seeks.add(new CompletableFuture<>());
                                    return seeks.getLast();
                                }
                                sent.add("records of " + shard + " from " + arguments[1]);
                                return new CompletableFuture<>();
                            });

    private final AheadRequests ahead =
            new AheadRequests(
                    new ReaderMonitor(),
                    client,
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
                            (ClientMetrics)
                                    Proxy.newProxyInstance(
                                            ClientMetrics.class.getClassLoader(),
                                            new Class<?>[] {ClientMetrics.class},
                                            (proxy, method, arguments) -> 0L)),
                    () -> nanos,
                    new AheadRequests.Requester() {
                        @Override
                        public void take(ShardReading shard, AheadBlock.Answer answer) {}

                        @Override
                        public void askNext(ShardReading shard) {}

                        @Override
                        public void afterAnswer() {
                            ahead().send();
                        }
                    });

    private AheadRequests ahead() {
        return ahead;
    }

    /** A shard whose three blocks are being sought, if there is a place for each. */
    private ShardReading farBehind(int number) {
        ShardReading shard =
                new ShardReading(
                        V3ioShardSplit.unbounded(
                                StreamPath.parse("users/words").shard(number),
                                new ShardStart.At(1)),
                        new IdlePause(Duration.ofMillis(1), Duration.ofMillis(1)),
                        new RequestSize(RECORDS_PER_REQUEST, BUFFER_BYTES),
                        new ShardMetrics());
        shard.fetchLocation = new Location("somewhere");
        shard.ahead.knows(1_000_000);
        ahead.add();
        ahead.readerWait().goesOn();
        nanos += ReaderWait.LEAST_NANOS;
        ahead.cameNext(shard);
        ahead.cameNext(shard);
        ahead.send();
        return shard;
    }

    private long held() {
        return held.isEmpty() ? 0 : held.get(held.size() - 1);
    }

    /** The first shard, paused while its blocks were sought. */
    private ShardReading pausedShard() {
        ShardReading paused = farBehind(0);
        assertThat(paused.ahead.blockCount()).isEqualTo(PLACES);
        assertThat(held()).isPositive();
        paused.paused = true;
        ahead.pause(paused);
        for (int i = 0; i < PLACES; i++) {
            seeks.remove().complete(new Location("found"));
        }
        assertThat(sent).hasSize(PLACES);
        return paused;
    }

    @Test
    void aBlockThatIsPausedReservesNothingForTheAnswerThatItDoesNotAskFor() {
        ShardReading paused = pausedShard();
        assertThat(held()).isZero();

        paused.paused = false;
        ahead.send();

        assertThat(sent.subList(PLACES, sent.size()))
                .hasSize(PLACES)
                .allMatch(request -> request.startsWith("records of 0"));
        assertThat(held()).isPositive();
    }

    @Test
    void norDoesOneThatHadNoPlaceWhenItsShardWasPaused() {
        ShardReading shard = farBehind(0);
        // Requests of the shards themselves.
        for (int i = 0; i < PLACES; i++) {
            states.askedAhead();
        }
        for (int i = 0; i < PLACES; i++) {
            seeks.remove().complete(new Location("found"));
        }
        assertThat(sent).hasSizeLessThan(2 * PLACES);
        long before = held();

        shard.paused = true;
        ahead.pause(shard);

        assertThat(held()).isLessThan(before);
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
    void whatHasBegunComesBeforeNewBlocksThoughItsShardHasTheMost() {
        ShardReading begun = pausedShard();
        ShardReading other = farBehind(1);
        assertThat(other.ahead.blockCount()).isEqualTo(PLACES);
        begun.paused = false;
        ahead.send();
        assertThat(sent).as("no place is free").hasSize(2 * PLACES);

        // It has one block less, and room for a new one.
        states.release(other.ahead.dropFirst());
        seeks.remove().complete(new Location("found"));

        assertThat(sent.get(2 * PLACES)).startsWith("records of 0");
    }
}

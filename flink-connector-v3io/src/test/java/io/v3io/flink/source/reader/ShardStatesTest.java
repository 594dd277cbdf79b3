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
import io.v3io.flink.source.metrics.ShardMetrics;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class ShardStatesTest {

    private static final int MAX_REQUESTS = 2;
    private static final long BUFFER_BYTES = 64L << 20;

    private final List<Long> held = new ArrayList<>();
    private final ShardStates states =
            new ShardStates(MAX_REQUESTS, new ByteBudget(BUFFER_BYTES, held::add));

    private static ShardReading shard(int number) {
        ShardReading shard =
                new ShardReading(
                        V3ioShardSplit.unbounded(
                                StreamPath.parse("users/words").shard(number),
                                new ShardStart.At(1)),
                        new IdlePause(Duration.ofMillis(1), Duration.ofMillis(1)),
                        new RequestSize(100, BUFFER_BYTES),
                        new ShardMetrics());
        shard.fetchLocation = new Location("somewhere");
        return shard;
    }

    private ShardReading runnable(int number) {
        ShardReading shard = shard(number);
        states.makeRunnable(shard);
        return shard;
    }

    private long held() {
        return held.isEmpty() ? 0 : held.get(held.size() - 1);
    }

    @Test
    void shardsTakeTurnsAsLongAsThereAreRequests() {
        ShardReading first = runnable(0);
        ShardReading second = runnable(1);
        ShardReading third = runnable(2);
        assertThat(states.nextToAsk()).isSameAs(first);
        states.asked(first);
        assertThat(states.nextToAsk()).isSameAs(second);
        states.asked(second);
        assertThat(states.nextToAsk()).isNull();

        states.answered();
        assertThat(states.nextToAsk()).isSameAs(third);
        assertThat(first.state).isEqualTo(ShardReading.State.IN_FLIGHT);
    }

    @Test
    void aRestingShardIsRunnableWhenItsPauseHasEnded() {
        ShardReading late = shard(0);
        ShardReading early = shard(1);
        states.rest(late, 200);
        states.rest(early, 100);
        assertThat(states.nanosUntilDue(40)).isEqualTo(60);
        states.endPauses(99);
        assertThat(states.nextToAsk()).isNull();

        states.endPauses(100);
        assertThat(states.nextToAsk()).isSameAs(early);
        assertThat(states.nanosUntilDue(150)).isEqualTo(50);
        states.endPauses(200);
        assertThat(states.nanosUntilDue(200)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aPausedShardWaitsWithoutHoldingUpOthersUntilItIsResumed() {
        ShardReading paused = runnable(0);
        paused.paused = true;
        ShardReading other = runnable(1);
        assertThat(states.nextToAsk()).isSameAs(other);
        assertThat(paused.state).isEqualTo(ShardReading.State.PARKED);

        paused.paused = false;
        states.resume(paused);
        states.resume(other);
        assertThat(states.nextToAsk()).isSameAs(paused);
        assertThat(states.nextToAsk()).isNull();
    }

    @Test
    void aShardWithoutAPlaceToAskNeedsNoBytes() {
        ShardReading seeks = runnable(0);
        seeks.fetchLocation = null;
        assertThat(states.nextToAsk()).isSameAs(seeks);
        assertThat(held()).isZero();
    }

    @Test
    void whatIsHeldLeavesNoRoomForTheNextRequest() {
        ShardReading large = runnable(0);
        assertThat(states.nextToAsk()).isSameAs(large);
        states.asked(large);
        assertThat(held()).isEqualTo(large.size.expectedBytes());
        assertThat(states.tryAdmit(large, BUFFER_BYTES)).isTrue();
        ShardReading next = runnable(1);
        assertThat(states.nextToAsk()).isNull();

        states.answered();
        FetchedBatch records =
                new FetchedBatch(
                        large.splitId(), List.of(), new Location("there"), (int) BUFFER_BYTES);
        states.holds(large, records);
        states.makeReady(large);
        assertThat(states.nextToAsk()).isNull();
        // A paused one goes, too, because others need its bytes.
        large.paused = true;
        assertThat(states.pollReadyUnlessPaused()).isSameAs(large);
        states.release(records.bodyBytes());
        assertThat(states.nextToAsk()).isSameAs(next);
    }

    @Test
    void aPausedShardIsNotHandedOverWhileNobodyNeedsItsBytes() {
        ShardReading paused = shard(0);
        paused.paused = true;
        ShardReading other = shard(1);
        states.makeReady(paused);
        states.makeReady(other);
        assertThat(states.isReadyUnlessPaused()).isTrue();
        assertThat(states.pollReadyUnlessPaused()).isSameAs(other);
        assertThat(states.isReadyUnlessPaused()).isFalse();
        assertThat(states.pollReadyUnlessPaused()).isNull();
        assertThat(states.isReady()).isTrue();
        assertThat(states.pollReady()).isSameAs(paused);
        assertThat(states.isReady()).isFalse();
    }

    @Test
    void whatIsHandedOverInPartsComesAfterOrBeforeTheOthers() {
        ShardReading first = shard(0);
        ShardReading second = shard(1);
        states.makeReady(first);
        states.makeReady(second);
        states.handOverLater(states.pollReady());
        assertThat(states.pollReady()).isSameAs(second);
        states.makeReady(second);
        states.handOverNext(states.pollReady());
        assertThat(states.pollReady()).isSameAs(first);
    }

    @Test
    void aRemovedShardIsNowhereAndHoldsNothing() {
        ShardReading waits = runnable(0);
        ShardReading rests = shard(1);
        states.rest(rests, 1);
        ShardReading isReady = shard(2);
        isReady.reservedBytes = 0;
        states.makeReady(isReady);
        ShardReading isAsked = runnable(3);
        states.remove(waits);
        assertThat(states.nextToAsk()).isSameAs(isAsked);
        states.asked(isAsked);

        states.remove(rests);
        states.remove(isReady);
        states.remove(isAsked);
        states.endPauses(1);
        assertThat(states.nextToAsk()).isNull();
        assertThat(states.isReady()).isFalse();
        assertThat(held()).isZero();
    }
}

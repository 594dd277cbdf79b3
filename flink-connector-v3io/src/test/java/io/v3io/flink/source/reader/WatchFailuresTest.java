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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.metrics.ShardMetrics;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What goes wrong after a listing must end the reading: nobody looks at how its future ends. */
class WatchFailuresTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private final ReaderMonitor monitor = new ReaderMonitor();
    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger timesAsked = new AtomicInteger();
    private final IllegalStateException mistake = new IllegalStateException("The test's mistake.");
    private final List<ShardReading> shards = new ArrayList<>();
    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void makeShardsWithNothingNew() {
        StreamPath words = streams.create("users/words", 4);
        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "x", 1);
            shards.add(
                    new ShardReading(
                            V3ioShardSplit.unbounded(words.shard(shard), new ShardStart.At(1)),
                            new IdlePause(Duration.ofMillis(1), Duration.ofMillis(1)),
                            new RequestSize(100, 1 << 20),
                            new ShardMetrics()));
        }
    }

    @Test
    void afterAListingOfIdleShards() {
        IdleWatch watch =
                new IdleWatch(
                        monitor,
                        streams.client(),
                        PAUSE_NANOS,
                        nanos::get,
                        shard -> {
                            throw mistake;
                        },
                        () -> {});
        // Worth it from the fourth on.
        shards.forEach(shard -> assertThat(watch.watch(shard)).isEqualTo(shard == shards.get(3)));
        nanos.addAndGet(PAUSE_NANOS);
        monitor.lock();
        try {
            watch.send();
        } finally {
            monitor.unlock();
        }

        await().untilAsserted(() -> assertThat(failure()).isSameAs(mistake));
        assertThat(monitor.isLocked()).isFalse();
    }

    @Test
    void afterAListingOfShardsThatAreNotAsked() {
        LagWatch watch = new LagWatch(monitor, streams.client(), PAUSE_NANOS, this::time);
        nanos.addAndGet(PAUSE_NANOS);
        monitor.lock();
        try {
            watch.look(shards);
        } finally {
            monitor.unlock();
        }

        await().untilAsserted(() -> assertThat(failure()).isSameAs(mistake));
        assertThat(monitor.isLocked()).isFalse();
    }

    private Throwable failure() {
        monitor.lock();
        try {
            return monitor.failure();
        } finally {
            monitor.unlock();
        }
    }

    /**
     * Says the time to the look, which asks once for each shard and once for the listing, and no
     * more to its answer.
     */
    private long time() {
        if (timesAsked.incrementAndGet() > shards.size() + 1) {
            throw mistake;
        }
        return nanos.get();
    }
}

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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.ManualClock;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A stream that is written so fast that its oldest record is gone before it can be asked for. */
@Tag("slow")
class FastRetentionTest extends SplitReaderTestBase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    /** An hour of retention leaves 360 records. */
    private static final Duration BETWEEN_RECORDS = Duration.ofSeconds(10);

    private static final int WANTED = 300;

    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));

    @Test
    void readingBeginsALittleAfterTheOldestRecordWhenThatDiesAgainAndAgain() throws Exception {
        reader.close();
        streams.close();
        streams = PLATFORM.start(e -> e.clock(clock));
        StreamPath busy = StreamPath.parse("users/busy");
        streams.client().createStream(busy, 1, 1).join();
        streams.emulator().faults().add(Fault.on(Operation.SEEK).latency(Duration.ofMillis(50)));
        reader = reader(1_000, 64, 64 << 20);
        write(busy, 400);
        // At a rate of its own: as fast as the machine can, the clock would outrun any seek.
        ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
        ScheduledFuture<?> writing =
                writer.scheduleWithFixedDelay(() -> write(busy, 1), 0, 1, TimeUnit.MILLISECONDS);
        try {
            add(V3ioShardSplit.unbounded(busy.shard(0), ShardStart.Earliest.INSTANCE));
            CompletableFuture.runAsync(() -> fetchUntil(() -> count("users/busy/0") >= WANTED))
                    .get(30, TimeUnit.SECONDS);
        } finally {
            writing.cancel(false);
            writer.shutdown();
            assertThat(writer.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }

        List<Long> read = fetched.get("users/busy/0");
        assertThat(read).isEqualTo(numbers(read.get(0), read.get(read.size() - 1)));
        assertThat(dataLossEvents()).isPositive();
    }

    private void write(StreamPath stream, int records) {
        for (int i = 0; i < records; i++) {
            streams.putAll(stream, List.of(PutRecord.of(new byte[] {1}).withShardId(0)));
            clock.advance(BETWEEN_RECORDS);
        }
    }
}

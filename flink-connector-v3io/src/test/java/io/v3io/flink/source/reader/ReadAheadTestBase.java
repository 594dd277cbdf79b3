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

import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.Operation;
import io.v3io.emulator.V3ioEmulatorBuilder;

import org.junit.jupiter.api.BeforeEach;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A reader that reads ahead, ten records a request, and whose requests a test steers. Its clock
 * runs a thousand times as fast, so that every wait is a long one, however near the emulator is.
 */
abstract class ReadAheadTestBase extends SplitReaderTestBase {

    static final int RECORDS_PER_REQUEST = 10;
    private static final int CLOCK_SPEED = 1_000;
    static final String SPLIT = "users/words/0";

    final AtomicLong clockAhead = new AtomicLong();
    SteeredClient steered;

    @BeforeEach
    void runFastClock() {
        readerClock = () -> System.nanoTime() * CLOCK_SPEED + clockAhead.get();
        // A reader that is slower than the server, on a busy machine, would never wait for it.
        play(emulator -> emulator.latency(Duration.ofMillis(2)));
    }

    void restart() {
        restart(64, 64 << 20);
    }

    void restart(int maxRequests, long bufferBytes) {
        restart(RECORDS_PER_REQUEST, maxRequests, bufferBytes);
    }

    void restart(int maxRecords, int maxRequests, long bufferBytes) {
        reader.close();
        steered = new SteeredClient(streams.client());
        readerClient = steered.steered();
        reader = reader(maxRecords, maxRequests, bufferBytes);
    }

    long seeks() {
        return streams.emulator().requestCount(Operation.SEEK);
    }

    void read(int records) {
        streams.put(words, 0, "x", records);
        addAll(1);
        fetchUntil(() -> count(SPLIT) == records);
        assertThat(fetched.get(SPLIT)).isEqualTo(numbers(1, records));
    }

    /**
     * Reads so many records of the first shard, and pauses it while at least two answers that were
     * read ahead wait for their turn. Then no request is under way.
     */
    void pauseWithAnswersAhead(int records) {
        AtomicInteger before = new AtomicInteger();
        fetchUntil(
                () -> {
                    before.set(steered.answersAhead());
                    // One may be the shard's own.
                    return count(SPLIT) >= records && steered.underWay() > 3;
                });
        // A seek that is answered in a paused shard brings no records. One of these may be the
        // next of the shard.
        await().until(() -> steered.answersAhead() - before.get() >= 3);
        pause(0);
        await().until(steered::allEnded);
        fetchUntilWokenUp();
    }

    void play(DialectSetting setting) {
        play(emulator -> emulator.dialect(Dialect.DEFAULT.with(setting)));
    }

    void play(UnaryOperator<V3ioEmulatorBuilder> setting) {
        reader.close();
        streams.close();
        streams = PLATFORM.start(setting);
        words = streams.create("users/words", 8);
        restart();
    }
}

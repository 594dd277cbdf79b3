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

package io.v3io.emulator.store;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.RepeatedTest;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** The log in segments against the same records in a list. */
class RecordLogTest {
    private static final long FIRST = 1;
    private static final RecordMemory MEMORY = new RecordMemory(Long.MAX_VALUE);

    private final List<String> texts = new ArrayList<>();
    private final List<Long> arrivals = new ArrayList<>();

    private static NewRecord put(int size) {
        byte[] data = "A".repeat(size * 4).getBytes(StandardCharsets.US_ASCII);
        return new NewRecord(data, null, null, null, null);
    }

    private static String text(ByteBuf buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }

    @RepeatedTest(5)
    void behavesLikeAList() {
        long seed = System.nanoTime();
        System.out.println("RecordLogTest: seed " + seed);
        Random random = new Random(seed);
        RecordLog log = new RecordLog(MEMORY, FIRST);
        long now = 1000;
        for (int step = 0; step < 300; step++) {
            now += random.nextInt(5) - 1;
            append(log, random, now);
            if (random.nextInt(20) == 0) {
                log.trim(
                        log.firstSequence()
                                + random.nextInt(
                                        (int) (log.endSequence() - log.firstSequence()) + 1));
            }
            check(log, random);
        }
        log.release();
    }

    private void append(RecordLog log, Random random, long now) {
        List<NewRecord> puts = new ArrayList<>();
        for (int i = random.nextInt(5); i >= 0; i--) {
            puts.add(put(random.nextInt(10) == 0 ? random.nextInt(20_000) : random.nextInt(300)));
        }
        long from = log.endSequence();
        log.append(puts, now, Numbering.GAPLESS);
        for (long sequence = from; sequence < log.endSequence(); sequence++) {
            texts.add(text(log.slices(sequence, sequence + 1)));
            arrivals.add(log.arrivalNanos(sequence));
            assertThat(texts.get((int) (sequence - FIRST)))
                    .startsWith("{\"ArrivalTimeSec\":")
                    .contains("\"SequenceNumber\":" + sequence + ",")
                    .endsWith("\"},");
        }
    }

    private void check(RecordLog log, Random random) {
        long first = log.firstSequence();
        long end = log.endSequence();
        assertThat(end).isEqualTo(FIRST + texts.size());
        if (first == end) {
            return;
        }
        long from = first + random.nextInt((int) (end - first));
        long to = from + 1 + random.nextInt((int) (end - from));
        assertThat(text(log.slices(from, to)))
                .isEqualTo(String.join("", texts.subList(at(from), at(to))));
        assertThat(log.bytesBetween(from, to)).isEqualTo(bytes(from, to));

        long bound = random.nextInt(40_000);
        long reached = log.endWithin(from, to, bound);
        assertThat(reached).isGreaterThan(from).isLessThanOrEqualTo(to);
        assertThat(reached == from + 1 || bytes(from, reached) <= bound).isTrue();
        assertThat(reached == to || bytes(from, reached + 1) > bound).isTrue();

        long time = arrivals.get(at(from)) + random.nextInt(3) - 1;
        long expected = first;
        while (expected < end && arrivals.get(at(expected)) < time) {
            expected++;
        }
        assertThat(log.firstArrivedAtOrAfter(time, end)).isEqualTo(expected);

        RecordChunk chunk = log.chunk(from, to);
        RecordLog restored = new RecordLog(MEMORY, from);
        restored.restore(chunk);
        assertThat(text(restored.slices(from, to))).isEqualTo(text(log.slices(from, to)));
        assertThat(restored.arrivalNanos(to - 1)).isEqualTo(log.arrivalNanos(to - 1));
        restored.release();
    }

    private long bytes(long from, long to) {
        return texts.subList(at(from), at(to)).stream().mapToLong(String::length).sum();
    }

    private static int at(long sequence) {
        return (int) (sequence - FIRST);
    }
}

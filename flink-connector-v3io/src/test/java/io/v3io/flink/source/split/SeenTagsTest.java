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

package io.v3io.flink.source.split;

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.split.SeenTags.Window;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which records are copies, and what of that is in a checkpoint. */
class SeenTagsTest {

    private static final Window WIDE = new Window(1_000_000, Duration.ofDays(7));
    private static final long NOON = 1_700_000_000_000L;

    @Test
    void onlyAWholeTagThatWasThereBeforeMakesACopy() {
        SeenTags seen = new SeenTags(WIDE);

        assertThat(seen.isCopy(record(tag(1, 1), NOON))).isFalse();
        assertThat(seen.isCopy(record(tag(1, 2), NOON))).isFalse();
        assertThat(seen.isCopy(record(tag(2, 1), NOON))).isFalse();
        assertThat(seen.isCopy(record(tag(1, 1), NOON))).isTrue();
        assertThat(seen.isCopy(record(tag(1, 1), NOON + 1))).isTrue();
    }

    @Test
    void recordsWithoutATagAreNeverCopies() {
        SeenTags seen = new SeenTags(WIDE);

        for (byte[] info : new byte[][] {null, {}, {1}, new byte[15]}) {
            assertThat(seen.isCopy(record(info, NOON))).isFalse();
            assertThat(seen.isCopy(record(info, NOON))).isFalse();
        }
        assertThat(seen.size()).isZero();
    }

    @Test
    void theOldestIsForgottenWhenThereAreTooMany() {
        SeenTags seen = new SeenTags(new Window(3, Duration.ofDays(1)));
        for (int i = 0; i < 4; i++) {
            seen.isCopy(record(tag(1, i), NOON));
        }

        assertThat(seen.size()).isEqualTo(3);
        for (int i = 1; i < 4; i++) {
            assertThat(seen.isCopy(record(tag(1, i), NOON))).isTrue();
        }
        assertThat(seen.isCopy(record(tag(1, 0), NOON))).isFalse();
    }

    @Test
    void whatArrivedTooLongAgoIsForgotten() {
        SeenTags seen = new SeenTags(new Window(1_000, Duration.ofMinutes(1)));
        seen.isCopy(record(tag(1, 0), NOON));
        seen.isCopy(record(tag(1, 1), NOON + 1));

        seen.isCopy(record(tag(1, 2), NOON + 60_001));

        assertThat(seen.size()).isEqualTo(2);
        assertThat(seen.isCopy(record(tag(1, 1), NOON + 60_001))).isTrue();
        assertThat(seen.isCopy(record(tag(1, 0), NOON + 60_001))).isFalse();
    }

    /** Against a set that forgets nothing, through checkpoints. */
    @Test
    void isExactThroughCheckpoints() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        SeenTags seen = new SeenTags(WIDE);
        Set<ByteBuffer> all = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            byte[] tag = tag(random.nextInt(3) * Long.MAX_VALUE, random.nextInt(8_000) - 4_000);
            boolean isCopy = !all.add(ByteBuffer.wrap(tag));
            assertThat(seen.isCopy(record(tag, NOON + random.nextInt(1_000))))
                    .as("seed %d, record %d", seed, i)
                    .isEqualTo(isCopy);
            if (random.nextInt(500) == 0) {
                byte[] bytes = seen.toBytes();
                seen = SeenTags.of(bytes, WIDE);
                assertThat(seen.toBytes()).isEqualTo(bytes);
            }
        }
    }

    /** Against a plain list of what the window holds, through checkpoints. */
    @RepeatedTest(20)
    void isExactInAWindow() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int maxTags = 1 + random.nextInt(random.nextBoolean() ? 20 : 2_000);
        long maxMillis = 1L + random.nextInt(5_000);
        Window window = new Window(maxTags, Duration.ofMillis(maxMillis));
        // Neighbours, as those of one writer, or far from each other.
        int stride = 1 << random.nextInt(12);
        SeenTags seen = new SeenTags(window);
        Map<ByteBuffer, Long> remembered = new LinkedHashMap<>();
        long now = NOON;
        for (int i = 0; i < 10_000; i++) {
            int back = random.nextInt(5) == 0 ? random.nextInt(2 * maxTags) : 0;
            byte[] tag = tag(random.nextInt(3) - 1, (i - back) / 3 * (long) stride);
            now += random.nextInt(4);
            // Clocks of a platform's nodes differ.
            long arrival = now - random.nextInt(20);
            boolean isCopy = remembered.putIfAbsent(ByteBuffer.wrap(tag), arrival) != null;
            if (!isCopy) {
                Iterator<Long> oldest = remembered.values().iterator();
                while (remembered.size() > maxTags || oldest.next() < arrival - maxMillis) {
                    remembered.remove(remembered.keySet().iterator().next());
                    oldest = remembered.values().iterator();
                }
            }

            assertThat(seen.isCopy(record(tag, arrival)))
                    .as("seed %d, record %d", seed, i)
                    .isEqualTo(isCopy);
            assertThat(seen.size()).as("seed %d", seed).isEqualTo(remembered.size());
            if (random.nextInt(1_000) == 0) {
                seen = SeenTags.of(seen.toBytes(), window);
            }
        }
    }

    @Test
    void takesAFewBytesOfStateForATag() {
        SeenTags seen = new SeenTags(WIDE);
        for (int i = 0; i < 100_000; i++) {
            // Each shard of twenty gets some of an epoch.
            seen.isCopy(record(tag(7, i * 20L), NOON + i / 100));
        }

        assertThat(seen.toBytes().length).isLessThan(250_000);
    }

    @Test
    void aSmallerWindowForgetsWhatAStateHasTooMuch() throws IOException {
        SeenTags restored = SeenTags.of(threeTags().toBytes(), new Window(2, Duration.ofDays(1)));

        assertThat(restored.size()).isEqualTo(2);
    }

    @Test
    void refusesBytesThatAreCut() {
        byte[] bytes = threeTags().toBytes();
        for (int length = 1; length < bytes.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> SeenTags.of(cut, WIDE)).isInstanceOf(IOException.class);
        }
    }

    static SeenTags threeTags() {
        SeenTags seen = new SeenTags(WIDE);
        seen.isCopy(record(tag(0x1234_5678_9abc_def0L, 0x0000_0007_0000_0001L), NOON));
        seen.isCopy(record(tag(0x1234_5678_9abc_def0L, 0x0000_0007_0000_0101L), NOON + 5));
        seen.isCopy(record(tag(-1, -1), NOON + 3));
        return seen;
    }

    private static byte[] tag(long high, long low) {
        return ByteBuffer.allocate(16).putLong(high).putLong(low).array();
    }

    private static StreamRecord record(byte[] clientInfo, long arrivalMillis) {
        return new StreamRecord(
                StreamPath.parse("users/me/orders").shard(0),
                1,
                arrivalMillis / 1_000,
                (int) (arrivalMillis % 1_000) * 1_000_000,
                new byte[0],
                null,
                clientInfo);
    }
}

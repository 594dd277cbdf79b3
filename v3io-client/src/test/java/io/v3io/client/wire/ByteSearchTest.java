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

package io.v3io.client.wire;

import org.junit.jupiter.api.Test;

import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** Searching in words finds what a loop over bytes finds. */
class ByteSearchTest {

    private static final int ROUNDS = 20_000;

    @Test
    void findsTheFirstByteAsALoopOverAllDoes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = new byte[random.nextInt(100)];
            random.nextBytes(bytes);
            // The neighbours of what is searched are where the arithmetic could go wrong.
            byte[] near = {'"', '!', '#', '\\', '[', ']', ' ', 0x1F, 0x7F, -128, 0, -1, 'A'};
            int kept = random.nextInt(100);
            for (int i = 0; i < bytes.length; i++) {
                if (random.nextInt(100) < kept) {
                    bytes[i] =
                            random.nextInt(4) == 0 ? near[random.nextInt(near.length)] : (byte) 'A';
                }
            }
            int from = random.nextInt(bytes.length + 1);
            int end = from + random.nextInt(bytes.length + 1 - from);

            assertThat(ByteSearch.quote(bytes, from, end))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(firstQuote(bytes, from, end));
            assertThat(ByteSearch.notPlain(bytes, from, end))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(firstNotPlain(bytes, from, end));
        }
    }

    private static int firstQuote(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            if (bytes[i] == '"') {
                return i;
            }
        }
        return end;
    }

    private static int firstNotPlain(byte[] bytes, int from, int end) {
        for (int i = from; i < end; i++) {
            int b = bytes[i] & 0xFF;
            if (b < 0x20 || b == '"' || b == '\\' || b > 0x7F) {
                return i;
            }
        }
        return end;
    }
}

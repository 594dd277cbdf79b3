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

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

class DigitsTest {

    @Test
    void everyByteAfterEveryNumberOfDigitsEndsThem() {
        Random random = new Random(21);
        for (int count = 0; count < Digits.MAX; count++) {
            for (int other = 0; other < 256; other++) {
                if (other >= '0' && other <= '9') {
                    continue;
                }
                byte[] bytes = new byte[Digits.MAX];
                random.nextBytes(bytes);
                for (int i = 0; i < count; i++) {
                    bytes[i] = (byte) ('0' + random.nextInt(10));
                }
                bytes[count] = (byte) other;

                assertThat(Digits.count(word(bytes)))
                        .as("byte %d after %d digits", other, count)
                        .isEqualTo(count);
            }
        }
    }

    @Test
    void digitsAreAppendedAsTheyAreWritten() {
        Random random = new Random(22);
        for (int round = 0; round < 2_000; round++) {
            int count = random.nextInt(Digits.MAX + 1);
            String digits = Integer.toString(100_000_000 + random.nextInt(100_000_000));
            digits = digits.substring(1, 1 + count);
            byte[] bytes = (digits + "}, \"x\": 1").substring(0, Digits.MAX).getBytes(ISO_8859_1);
            long before = random.nextInt(1_000_000);

            assertThat(Digits.count(word(bytes))).isEqualTo(count);
            assertThat(Digits.append(before, word(bytes), count))
                    .isEqualTo(Long.parseLong(before + digits));
        }
    }

    private static long word(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();
    }
}

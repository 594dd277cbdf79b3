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

/**
 * Decimal digits in a word of eight bytes, the first one in its lowest byte: all are told from
 * other bytes, and become a number, by arithmetic on the whole word. A record has about thirty, and
 * one at a time they would cost more than its base64.
 */
final class Digits {

    /** As many are in a word at the most. */
    static final int MAX = Long.BYTES;

    private static final long ONES = 0x0101010101010101L;
    private static final long ZEROS = ONES * '0';
    private static final long HIGH_BITS = ONES << 7;
    private static final long ABOVE_NINE = ONES * (0x80 - 10);

    private static final long LOW_HALVES = ONES * 0x0F;
    private static final long[] POWERS = {
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000
    };

    private Digits() {}

    /** With how many digits the word begins. */
    static int count(long word) {
        long values = word ^ ZEROS;
        // A carry only goes beyond a byte that is marked itself, so the lowest mark is always true.
        long marks = ((values + ABOVE_NINE) | values) & HIGH_BITS;
        return Long.numberOfTrailingZeros(marks) / Byte.SIZE;
    }

    /** Appends the first digits of a word to a number. */
    static long append(long number, long word, int count) {
        return count == 0
                ? number
                : number * POWERS[count] + value(word << ((MAX - count) * Byte.SIZE));
    }

    /** The number of eight digits, of which the first ones may be missing: bytes of zero. */
    private static long value(long word) {
        long pairs = (((word & LOW_HALVES) * ((10 << 8) | 1)) >>> 8) & 0x00FF00FF00FF00FFL;
        long fours = ((pairs * ((100 << 16) | 1)) >>> 16) & 0x0000FFFF0000FFFFL;
        return (fours * ((10_000L << 32) | 1)) >>> 32;
    }
}

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

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Searches in bytes, eight at a time: a byte is found in a word by arithmetic on all of its bytes
 * at once, where a loop over single bytes would cost as much as all the rest of decoding.
 *
 * <p>In a little-endian word the lowest byte is the first one. The arithmetic may mark too many
 * bytes, but only above one that is marked rightly, so the lowest mark is always true.
 */
final class ByteSearch {

    private static final VarHandle WORDS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = ONES << 7;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long SPACES = ONES * ' ';

    private static final int BLOCK_BYTES = 4 * Long.BYTES;

    private ByteSearch() {}

    /** Reads the eight bytes from there on as one little-endian word. */
    static long word(byte[] bytes, int at) {
        return (long) WORDS.get(bytes, at);
    }

    /** Position of the first quote from there on; the end if there is none. */
    static int quote(byte[] bytes, int from, int end) {
        int at = from;
        // Four words at a time, because a test and a jump for each would cost more than the
        // arithmetic.
        for (; at <= end - BLOCK_BYTES; at += BLOCK_BYTES) {
            long marks =
                    zeros(word(bytes, at) ^ QUOTES)
                            | zeros(word(bytes, at + Long.BYTES) ^ QUOTES)
                            | zeros(word(bytes, at + 2 * Long.BYTES) ^ QUOTES)
                            | zeros(word(bytes, at + 3 * Long.BYTES) ^ QUOTES);
            if (marks != 0) {
                break;
            }
        }
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            long marks = zeros(word(bytes, at) ^ QUOTES);
            if (marks != 0) {
                return at + first(marks);
            }
        }
        while (at < end && bytes[at] != '"') {
            at++;
        }
        return at;
    }

    /**
     * Position of the first byte from there on that is not plain in a JSON text: a quote, a
     * backslash, a control character, or a part of a character beyond ASCII; the end if there is
     * none.
     */
    static int notPlain(byte[] bytes, int from, int end) {
        int at = from;
        for (; at <= end - Long.BYTES; at += Long.BYTES) {
            long word = word(bytes, at);
            long marks =
                    zeros(word ^ QUOTES)
                            | zeros(word ^ BACKSLASHES)
                            | ((word - SPACES) & ~word & HIGH_BITS)
                            | (word & HIGH_BITS);
            if (marks != 0) {
                return at + first(marks);
            }
        }
        while (at < end && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGH_BITS;
    }

    private static int first(long marks) {
        return Long.numberOfTrailingZeros(marks) / Byte.SIZE;
    }
}

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

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The name of a field with its closing quote, as words to compare with: two or three comparisons of
 * eight bytes, which overlap, instead of a loop. A record class, because of these the compiler
 * takes the components for constants.
 *
 * @param first the first bytes
 * @param middle the bytes from {@code middleOffset} on
 * @param last the last bytes
 * @param mask which bits of a word count: all, unless the name is shorter than a word
 * @param middleOffset where the middle word starts
 * @param lastOffset where the last word starts
 * @param length bytes of the name with its closing quote
 */
record FieldName(
        long first,
        long middle,
        long last,
        long mask,
        int middleOffset,
        int lastOffset,
        int length) {

    private static final int MAX_LENGTH = 3 * Long.BYTES;

    /** Up to 23 characters of ASCII. */
    static FieldName of(String name) {
        byte[] bytes = (name + '"').getBytes(StandardCharsets.US_ASCII);
        int length = bytes.length;
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("'" + name + "' is too long a name.");
        }
        byte[] padded = Arrays.copyOf(bytes, MAX_LENGTH);
        int lastOffset = Math.max(0, length - Long.BYTES);
        int middleOffset = Math.min(Long.BYTES, lastOffset);
        return new FieldName(
                ByteSearch.word(padded, 0),
                ByteSearch.word(padded, middleOffset),
                ByteSearch.word(padded, lastOffset),
                length >= Long.BYTES ? -1L : (1L << (length * Byte.SIZE)) - 1,
                middleOffset,
                lastOffset,
                length);
    }

    /** Whether the name begins like this word, or is it, if it is shorter. */
    boolean startsLike(long word) {
        return ((word ^ first) & mask) == 0;
    }

    /**
     * Whether the rest is there, too, of a name that {@linkplain #startsLike starts like} the word
     * there. After the shortest of names a colon, a value and a bracket follow, so in a whole body
     * there is always a word to read.
     */
    boolean endsAt(byte[] bytes, int at, int end) {
        return at + Math.max(length, Long.BYTES) <= end
                && ((ByteSearch.word(bytes, at + lastOffset) ^ last) & mask) == 0
                && ((ByteSearch.word(bytes, at + middleOffset) ^ middle) & mask) == 0;
    }
}

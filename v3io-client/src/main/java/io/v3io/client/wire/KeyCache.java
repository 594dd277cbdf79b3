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
 * The partition keys of one body. Records of a key come again and again, so that they can share one
 * text; a key that finds its place taken by another one takes the place. The size is fixed, so no
 * server can make it grow.
 */
final class KeyCache {

    private static final int SLOT_BITS = 6;

    /** Spreads what differs in any of the bits over the highest ones. */
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final byte[] body;
    private final String[] keys = new String[1 << SLOT_BITS];
    private final long[] lastWords = new long[1 << SLOT_BITS];
    private final int[] starts = new int[1 << SLOT_BITS];

    KeyCache(byte[] body) {
        this.body = body;
    }

    /** The text of these bytes, which are ASCII. There must be a word of bytes before the end. */
    String key(int from, int to) {
        int length = to - from;
        if (length == 0) {
            return "";
        }
        long lastWord = lastWord(length, to);
        int slot = slot(length, lastWord);
        String known = keys[slot];
        if (known != null
                && lastWords[slot] == lastWord
                && known.length() == length
                && (length <= Long.BYTES || isAt(starts[slot], from, length))) {
            return known;
        }
        String key = new String(body, from, length, StandardCharsets.ISO_8859_1);
        keys[slot] = key;
        lastWords[slot] = lastWord;
        starts[slot] = from;
        return key;
    }

    /** The last bytes, which differ in most keys that differ at all; the whole of a short key. */
    private long lastWord(int length, int to) {
        long last = ByteSearch.word(body, to - Long.BYTES);
        return length < Long.BYTES ? last >>> ((Long.BYTES - length) * Byte.SIZE) : last;
    }

    private static int slot(int length, long lastWord) {
        return (int) (((lastWord ^ length) * MULTIPLIER) >>> (Long.SIZE - SLOT_BITS));
    }

    private boolean isAt(int start, int from, int length) {
        return Arrays.equals(body, from, from + length, body, start, start + length);
    }
}

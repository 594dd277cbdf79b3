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

import java.util.Arrays;
import java.util.Base64;

/**
 * Base64 into the middle of an array. The JDK's encoder is several times faster than any loop in
 * Java, because it has vector instructions, but it only writes to the start of an array. So it
 * writes to a small one, which stays in the cache of the processor, and a copy from there costs
 * little. Short texts, where all of that would cost more than it saves, are written by a loop.
 */
final class Base64Writer {

    /** A part of a payload; a multiple of three, so that only the last part is padded. */
    private static final int PART_BYTES = 6 * 1024;

    /** Up to here the loop is faster. */
    private static final int MAX_SHORT_BYTES = 24;

    private static final Base64.Encoder ENCODER = Base64.getEncoder();
    private static final byte[] ALPHABET = alphabet();
    private static final byte[] NOTHING = new byte[0];

    private byte[] encoded = NOTHING;

    /** Writes the padded base64 of {@code source} and returns the position after it. */
    int write(byte[] source, byte[] target, int position) {
        if (source.length <= MAX_SHORT_BYTES) {
            return writeShort(source, target, position);
        }
        if (source.length <= PART_BYTES) {
            return writePart(source, target, position);
        }
        int at = position;
        for (int from = 0; from < source.length; from += PART_BYTES) {
            int to = Math.min(from + PART_BYTES, source.length);
            at = writePart(Arrays.copyOfRange(source, from, to), target, at);
        }
        return at;
    }

    private int writePart(byte[] part, byte[] target, int position) {
        int chars = (part.length + 2) / 3 * 4;
        if (chars > encoded.length) {
            encoded = new byte[chars];
        }
        ENCODER.encode(part, encoded);
        System.arraycopy(encoded, 0, target, position, chars);
        return position + chars;
    }

    private static int writeShort(byte[] source, byte[] target, int position) {
        int at = position;
        int whole = source.length / 3 * 3;
        for (int i = 0; i < whole; i += 3) {
            int bits =
                    ((source[i] & 0xFF) << 16)
                            | ((source[i + 1] & 0xFF) << 8)
                            | (source[i + 2] & 0xFF);
            target[at] = ALPHABET[bits >>> 18];
            target[at + 1] = ALPHABET[(bits >>> 12) & 0x3F];
            target[at + 2] = ALPHABET[(bits >>> 6) & 0x3F];
            target[at + 3] = ALPHABET[bits & 0x3F];
            at += 4;
        }
        int rest = source.length - whole;
        if (rest > 0) {
            int bits =
                    ((source[whole] & 0xFF) << 16)
                            | (rest == 2 ? (source[whole + 1] & 0xFF) << 8 : 0);
            target[at] = ALPHABET[bits >>> 18];
            target[at + 1] = ALPHABET[(bits >>> 12) & 0x3F];
            target[at + 2] = rest == 2 ? ALPHABET[(bits >>> 6) & 0x3F] : (byte) '=';
            target[at + 3] = '=';
            at += 4;
        }
        return at;
    }

    private static byte[] alphabet() {
        byte[] alphabet = new byte[64];
        String characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length; i++) {
            alphabet[i] = (byte) characters.charAt(i);
        }
        return alphabet;
    }
}

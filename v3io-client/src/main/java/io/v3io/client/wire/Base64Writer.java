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
 * Base64 into the middle of an array. The JDK's encoder only writes to the start of one, which
 * would cost a second copy of every payload.
 */
final class Base64Writer {

    private static final byte[] ALPHABET = alphabet();

    /** Two characters for twelve bits, so that three bytes need two look-ups. */
    private static final char[] PAIRS = pairs();

    private Base64Writer() {}

    /** Writes the padded base64 of {@code source} and returns the position after it. */
    static int write(byte[] source, byte[] target, int position) {
        int at = position;
        int whole = source.length / 3 * 3;
        for (int i = 0; i < whole; i += 3) {
            int bits =
                    ((source[i] & 0xFF) << 16)
                            | ((source[i + 1] & 0xFF) << 8)
                            | (source[i + 2] & 0xFF);
            char high = PAIRS[bits >>> 12];
            char low = PAIRS[bits & 0xFFF];
            target[at] = (byte) (high >>> 8);
            target[at + 1] = (byte) high;
            target[at + 2] = (byte) (low >>> 8);
            target[at + 3] = (byte) low;
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

    private static char[] pairs() {
        char[] pairs = new char[1 << 12];
        for (int i = 0; i < pairs.length; i++) {
            pairs[i] = (char) ((ALPHABET[i >>> 6] << 8) | ALPHABET[i & 0x3F]);
        }
        return pairs;
    }
}

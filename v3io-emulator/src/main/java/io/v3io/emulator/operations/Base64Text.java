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

package io.v3io.emulator.operations;

import java.util.Arrays;

/**
 * Base64 text that stays text: PutRecords checks it and keeps it, because GetRecords sends the same
 * text back. Decoding and encoding again would cost more than everything else.
 */
final class Base64Text {
    private static final boolean[] ALPHABET = new boolean[128];

    static {
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < alphabet.length(); i++) {
            ALPHABET[alphabet.charAt(i)] = true;
        }
    }

    private Base64Text() {}

    /**
     * The text as ASCII bytes, or null when it is not padded base64 of the standard alphabet.
     *
     * @param text an array that has the text somewhere in it
     */
    static byte[] copy(char[] text, int start, int length) {
        if (length % 4 != 0) {
            return null;
        }
        int content = length - padding(text, start, length);
        byte[] copy = new byte[length];
        boolean valid = true;
        for (int i = 0; i < content; i++) {
            char c = text[start + i];
            valid &= c < 128 && ALPHABET[c & 127];
            copy[i] = (byte) c;
        }
        Arrays.fill(copy, content, length, (byte) '=');
        return valid ? copy : null;
    }

    /** How many bytes the text stands for. */
    static int decodedSize(byte[] text) {
        int padding = 0;
        while (padding < 2 && padding < text.length && text[text.length - 1 - padding] == '=') {
            padding++;
        }
        return text.length / 4 * 3 - padding;
    }

    private static int padding(char[] text, int start, int length) {
        int padding = 0;
        while (padding < 2 && padding < length && text[start + length - 1 - padding] == '=') {
            padding++;
        }
        return padding;
    }
}

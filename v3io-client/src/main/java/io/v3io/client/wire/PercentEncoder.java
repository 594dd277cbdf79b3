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

/**
 * Percent-encodes text in UTF-8 as the public clients do: everything but letters, digits and {@code
 * -._~} is encoded. So a space is {@code %20} and a plus {@code %2B}, both in paths and in queries,
 * and no server has to guess whether a plus means a space.
 */
final class PercentEncoder {

    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private PercentEncoder() {}

    /** Encodes one path segment or query value. */
    static String encode(String text) {
        return encode(text, false);
    }

    /** Encodes a path of several segments: its slashes remain. */
    static String encodePath(String path) {
        return encode(path, true);
    }

    private static String encode(String text, boolean slashesRemain) {
        if (isUnreserved(text, slashesRemain)) {
            // As most names are, and every request has one.
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        StringBuilder encoded = new StringBuilder(bytes.length + 16);
        for (byte b : bytes) {
            append(encoded, b, slashesRemain);
        }
        return encoded.toString();
    }

    private static boolean isUnreserved(String text, boolean slashesRemain) {
        for (int i = 0; i < text.length(); i++) {
            if (!isUnreserved(text.charAt(i), slashesRemain)) {
                return false;
            }
        }
        return true;
    }

    private static void append(StringBuilder encoded, byte b, boolean slashesRemain) {
        if (isUnreserved((char) (b & 0xFF), slashesRemain)) {
            encoded.append((char) b);
        } else {
            encoded.append('%').append(HEX[(b >> 4) & 0xF]).append(HEX[b & 0xF]);
        }
    }

    private static boolean isUnreserved(char c, boolean slashesRemain) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~'
                || (c == '/' && slashesRemain);
    }
}

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
 * Java where it has vector instructions, but it only writes to the start of an array. So it writes
 * to a small one, which stays in the cache of the processor, and a copy from there costs little.
 * Short texts, where all of that would cost more than it saves, are written by {@link TableBase64},
 * and so are all where the JDK has no such instructions.
 */
final class Base64Writer {

    /** A part of a payload; a multiple of three, so that only the last part is padded. */
    private static final int PART_BYTES = 6 * 1024;

    /** Up to here the tables are faster in any case. */
    private static final int MAX_SHORT_BYTES = 24;

    private static final Base64.Encoder ENCODER = Base64.getEncoder();
    private static final byte[] NOTHING = new byte[0];

    private byte[] encoded = NOTHING;

    /** Writes the padded base64 of {@code source} and returns the position after it. */
    int write(byte[] source, byte[] target, int position) {
        if (TableBase64.IS_FASTER || source.length <= MAX_SHORT_BYTES) {
            return TableBase64.encode(source, target, position);
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
}

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

import io.v3io.client.annotation.Internal;

/** Foreign text for a message or a log: one line, bounded, without control characters. */
@Internal
public final class OneLine {

    private OneLine() {}

    /** The text with white space and control characters run together, cut after so many chars. */
    public static String of(String text, int maxChars) {
        StringBuilder line = new StringBuilder(Math.min(text.length(), maxChars) + 3);
        boolean gap = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)
                    || Character.isWhitespace(c)
                    || Character.isSurrogate(c)
                    || Character.getType(c) == Character.FORMAT) {
                gap = line.length() > 0;
                continue;
            }
            if (gap) {
                line.append(' ');
                gap = false;
            }
            if (line.length() >= maxChars) {
                return line.append("...").toString();
            }
            line.append(c);
        }
        return line.toString();
    }
}

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

package io.v3io.client;

import io.v3io.client.annotation.Internal;

import javax.annotation.Nullable;

/** What an access key may look like: it is sent as a header, which has Latin-1 characters only. */
@Internal
public final class AccessKeyText {

    private static final int LAST_ASCII = 0x7E;
    private static final int FIRST_LATIN_1 = 0xA0;
    private static final int LAST_LATIN_1 = 0xFF;

    private AccessKeyText() {}

    /**
     * Why this cannot be sent, without showing it, after the words for what it is; null if it can.
     */
    @Nullable
    public static String refuse(String key) {
        if (key.isBlank()) {
            return "must not be empty.";
        }
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (Character.isISOControl(c)) {
                return "has a control character at position " + i + ".";
            }
            if (c > LAST_LATIN_1 || (c > LAST_ASCII && c < FIRST_LATIN_1)) {
                return "has a character at position "
                        + i
                        + " that cannot be sent in a header; only Latin-1 can.";
            }
        }
        return null;
    }
}

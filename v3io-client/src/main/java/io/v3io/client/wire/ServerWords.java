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

/**
 * Makes words of a server fit to be shown: one bounded line without secrets. They are searched for
 * secrets before they are cut, so whoever has them hands over all that there is.
 */
@Internal
@FunctionalInterface
public interface ServerWords {

    /**
     * A line of at most so many characters.
     *
     * @param isCut whether the text has lost its end already, and perhaps a part of a secret
     */
    String line(String text, boolean isCut, int maxChars);

    /** A line of a text that has not been cut. */
    default String line(String text, int maxChars) {
        return line(text, false, maxChars);
    }
}

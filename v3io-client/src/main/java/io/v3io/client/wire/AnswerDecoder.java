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

/** Makes a value of the body of a successful answer. */
@Internal
@FunctionalInterface
public interface AnswerDecoder<T> {

    /**
     * For answers that tell nothing but success: without a body, or with a JSON object that is no
     * error. Whoever answers with a page has not done what was asked.
     */
    AnswerDecoder<Void> NOTHING = SmallAnswers::nothing;

    /**
     * Reads the value.
     *
     * @param body holds the body in its first bytes; not kept
     * @param length bytes of the body
     */
    T decode(byte[] body, int length) throws MalformedAnswerException;
}

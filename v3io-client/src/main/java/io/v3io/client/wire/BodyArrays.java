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

/** Where the arrays of large request bodies come from, and go back to. Thread-safe. */
@Internal
public interface BodyArrays {

    /** Makes each array anew, of the very size. */
    BodyArrays NEW =
            new BodyArrays() {

                @Override
                public byte[] take(int bytes) {
                    return new byte[bytes];
                }

                @Override
                public void giveBack(byte[] array) {
                    // Garbage.
                }
            };

    /** An array of so many bytes or more, with anything in it. */
    byte[] take(int bytes);

    /** Takes back an array that nobody reads or writes any more. */
    void giveBack(byte[] array);
}

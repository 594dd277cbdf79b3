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

package io.v3io.client.http;

import javax.annotation.Nullable;

/**
 * What came back for a request over HTTP, success or not.
 *
 * @param status HTTP status
 * @param retryAfter the {@code Retry-After} header, if any
 * @param redirectTarget the {@code Location} header, if any
 * @param body holds the body in its first bytes; of anything but a success, perhaps only its start;
 *     of a success, another answer may be written over it as soon as the listener has returned
 * @param length bytes of the body
 * @param isWhole whether nothing of the body can be missing: all that was announced has come, and
 *     was kept
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record HttpAnswer(
        int status,
        @Nullable String retryAfter,
        @Nullable String redirectTarget,
        byte[] body,
        int length,
        boolean isWhole) {

    boolean isSuccess() {
        return isSuccess(status);
    }

    static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }
}

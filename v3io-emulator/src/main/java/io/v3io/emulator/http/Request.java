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

package io.v3io.emulator.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;

/**
 * A request as a handler sees it.
 *
 * @param headers names are case-insensitive
 * @param body all of it; empty when there was none
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never compared
public record Request(HttpMethod method, RequestTarget target, HttpHeaders headers, byte[] body) {

    /** The path as people write it, decoded, without a leading slash. */
    public String path() {
        return String.join("/", target.segments());
    }
}

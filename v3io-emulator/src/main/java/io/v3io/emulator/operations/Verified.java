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

import io.v3io.emulator.http.Response;
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.SystemAttributes;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** The headers that tell when what was asked for was last changed (API page, section 7). */
final class Verified {

    private Verified() {}

    /**
     * The response with the headers of this time.
     *
     * @param mtimeNanos nanoseconds since 1970
     */
    static Response at(long mtimeNanos, Response response) {
        return response.withHeader(
                        "X-v3io-transaction-verifier",
                        SystemAttributes.MTIME_SECONDS
                                + "=="
                                + EmulatorClock.seconds(mtimeNanos)
                                + " and "
                                + SystemAttributes.MTIME_NANOS
                                + "=="
                                + EmulatorClock.nanosOfSecond(mtimeNanos))
                .withHeader(
                        "Last-Modified",
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                EmulatorClock.toInstant(mtimeNanos).atOffset(ZoneOffset.UTC)));
    }
}

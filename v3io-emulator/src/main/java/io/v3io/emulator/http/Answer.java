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

import java.time.Duration;

/**
 * A response and how it gets to the client.
 *
 * @param delay how long it is held back; no thread waits meanwhile
 */
public record Answer(Response response, Delivery delivery, Duration delay) {

    /** What happens to a response. */
    public enum Delivery {
        /** It is sent. */
        NORMAL,
        /** The connection is reset instead. */
        RESET,
        /** Half of the body is sent, then the connection is closed. */
        CUT,
        /**
         * Nothing is sent; the connection stays open until the client or the emulator closes it.
         */
        NEVER
    }

    /** A response that is sent at once. */
    public static Answer of(Response response) {
        return new Answer(response, Delivery.NORMAL, Duration.ZERO);
    }
}

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

import java.util.function.LongSupplier;

/**
 * When the server has answered a request of this client last. A request that waits for a connection
 * waits for the ones before it; as long as these are answered, it is not stuck. Thread-safe.
 */
final class Progress {

    private final LongSupplier nanos;
    private volatile long lastAnswerNanos;

    /** Reads elapsed time, in nanoseconds, from this clock. */
    Progress(LongSupplier nanos) {
        this.nanos = nanos;
        this.lastAnswerNanos = nanos.getAsLong();
    }

    long nowNanos() {
        return nanos.getAsLong();
    }

    void answered() {
        lastAnswerNanos = nanos.getAsLong();
    }

    /** Since the last answer; since the start if there was none. */
    long nanosSinceAnswer() {
        return nanos.getAsLong() - lastAnswerNanos;
    }
}

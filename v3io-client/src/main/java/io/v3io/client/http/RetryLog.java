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

import io.v3io.client.V3ioException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Tells whoever reads the log that requests of a client are repeated for longer than a hiccup, and
 * when that is over: a server that cannot be reached must not be silent until the retry policy
 * ends. At most one warning within half a minute, and one word that it is over. Thread-safe.
 */
final class RetryLog {

    private static final Logger LOG = LoggerFactory.getLogger(RetryLog.class);

    /** A server that restarts behind a load balancer is back by then. */
    static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(3);

    static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final LongSupplier nanos;

    // Guarded by this.
    private long repetitions;
    private long lastWarningNanos;
    private boolean hasWarned;
    private boolean isWarningOpen;

    /** Reads elapsed time, in nanoseconds, from this clock. */
    RetryLog(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** An attempt has failed, so many after the operation's start, and there will be another. */
    void willRepeat(V3ioException error, int attempts, long elapsedNanos) {
        long unlogged;
        synchronized (this) {
            repetitions++;
            long now = nanos.getAsLong();
            if (elapsedNanos < QUIET_NANOS
                    || (hasWarned && now - lastWarningNanos < INTERVAL_NANOS)) {
                return;
            }
            lastWarningNanos = now;
            hasWarned = true;
            isWarningOpen = true;
            unlogged = repetitions;
            repetitions = 0;
        }
        LOG.warn(
                "{} This was attempt {} within {} s, and it is repeated. {} repetitions of this"
                        + " client have not been logged before.",
                error.getMessage(),
                attempts,
                TimeUnit.NANOSECONDS.toSeconds(elapsedNanos),
                unlogged);
    }

    /** A repetition has been answered as it should be. */
    void succeeded() {
        synchronized (this) {
            if (!isWarningOpen) {
                return;
            }
            isWarningOpen = false;
        }
        LOG.info("The server answers again: a repeated request has succeeded.");
    }
}

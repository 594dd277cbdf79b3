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

package io.v3io.flink.source.reader;

import org.apache.flink.annotation.Internal;

import javax.annotation.concurrent.NotThreadSafe;

/**
 * Bytes that a reader may hold in answers that are under way, waiting, or being emitted. A request
 * is admitted with the size that its answer is expected to have, and corrected when the answer is
 * there. One request is always admitted, so that a budget below one answer slows the reader but
 * does not stop it. Guarded by the split reader's lock.
 */
@Internal
@NotThreadSafe
final class ByteBudget {

    private final long limitBytes;
    private long usedBytes;

    ByteBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Takes bytes if they fit or nothing is taken yet. */
    boolean tryReserve(long bytes) {
        if (usedBytes > 0 && usedBytes + bytes > limitBytes) {
            return false;
        }
        usedBytes += bytes;
        return true;
    }

    /** Replaces what was reserved by what is really held. */
    void correct(long reservedBytes, long heldBytes) {
        usedBytes += heldBytes - reservedBytes;
    }

    /** Gives bytes back. */
    void release(long bytes) {
        usedBytes -= bytes;
    }

    long usedBytes() {
        return usedBytes;
    }
}

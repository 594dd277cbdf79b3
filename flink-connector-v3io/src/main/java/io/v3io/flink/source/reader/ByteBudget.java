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

import java.util.function.LongConsumer;

/**
 * Bytes that a reader may hold in answers that are under way, waiting, or being emitted. A request
 * is sent with the size that its answer is expected to have, and corrected when the server has told
 * it, before any memory is taken: the budget is never exceeded. The one exception is an answer that
 * is larger than the whole budget; it is let in when nothing else is there, so that a small budget
 * slows the reader but does not stop it. Guarded by the reader's monitor.
 */
@Internal
@NotThreadSafe
final class ByteBudget {

    private final long limitBytes;
    private final LongConsumer onChange;
    private long usedBytes;

    /**
     * A budget of which nothing is used.
     *
     * @param limitBytes 1 or more
     * @param onChange gets the bytes that are used after each change
     */
    ByteBudget(long limitBytes, LongConsumer onChange) {
        this.limitBytes = limitBytes;
        this.onChange = onChange;
    }

    /** Takes bytes if they fit or nothing is taken yet. */
    boolean tryReserve(long bytes) {
        return tryChange(0, bytes);
    }

    /** Replaces what was reserved by another number, if that fits or nothing else is taken. */
    boolean tryChange(long reservedBytes, long bytes) {
        long others = usedBytes - reservedBytes;
        if (bytes > reservedBytes && others > 0 && others + bytes > limitBytes) {
            return false;
        }
        change(bytes - reservedBytes);
        return true;
    }

    /**
     * As {@link #tryChange}, for what is not needed next: it leaves one half of the budget to what
     * is.
     */
    boolean tryChangeSpare(long reservedBytes, long bytes) {
        if (bytes > reservedBytes && usedBytes - reservedBytes + bytes > limitBytes / 2) {
            return false;
        }
        change(bytes - reservedBytes);
        return true;
    }

    /** Bytes that have to come back before {@link #tryReserve} of so many succeeds. */
    long missing(long bytes) {
        return Math.max(0, Math.min(usedBytes, usedBytes + bytes - limitBytes));
    }

    /** Gives bytes back. */
    void release(long bytes) {
        change(-bytes);
    }

    long usedBytes() {
        return usedBytes;
    }

    private void change(long bytes) {
        usedBytes += bytes;
        onChange.accept(usedBytes);
    }
}

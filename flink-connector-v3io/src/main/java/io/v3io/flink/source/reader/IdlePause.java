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

import java.time.Duration;

/**
 * How long a shard that has nothing new is left alone: from a shortest pause, doubled by every
 * empty answer, up to a longest. Not thread-safe.
 */
@Internal
final class IdlePause {

    private final long shortestNanos;
    private final long longestNanos;
    private long nextNanos;

    IdlePause(Duration shortest, Duration longest) {
        this.shortestNanos = shortest.toNanos();
        this.longestNanos = longest.toNanos();
        this.nextNanos = shortestNanos;
    }

    /** The pause after an empty answer, in nanoseconds. */
    long afterEmptyAnswer() {
        long pause = nextNanos;
        nextNanos =
                Math.min(longestNanos, nextNanos > longestNanos / 2 ? longestNanos : nextNanos * 2);
        return pause;
    }

    /** Whether the pause has grown as long as it can. */
    boolean isLongest() {
        return nextNanos == longestNanos;
    }

    /**
     * The pause after an answer that reached the end of the shard, in nanoseconds; the next empty
     * one starts short again.
     */
    long afterLastRecord() {
        nextNanos = shortestNanos;
        return shortestNanos;
    }

    /**
     * After an answer that is not the last there is no pause; the next empty one starts short
     * again.
     */
    void afterMoreRecords() {
        nextNanos = shortestNanos;
    }
}

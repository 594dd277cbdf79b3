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

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;
import javax.annotation.concurrent.ThreadSafe;

import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Which of a reader's shards are still far behind since their reading began, after a start or a
 * restore. The first answer about a shard decides whether it is, and one that is stays so until an
 * answer is near enough to the shard's newest record; a lag that grows later is load, and no
 * backlog.
 */
@Internal
@ThreadSafe
final class StartBacklog {

    @Nullable private final Duration threshold;

    /** Shards that no answer has told anything about yet. */
    @GuardedBy("this")
    private final Set<String> unknown = new HashSet<>();

    @GuardedBy("this")
    private final Set<String> behind = new HashSet<>();

    /** Whether a shard is behind; null while no shard is and not all are known. */
    @Nullable private volatile Boolean isBehind;

    private volatile Runnable onChange = () -> {};

    /**
     * A backlog of no shards.
     *
     * @param threshold a shard that is further behind is a backlog; null if none ever is
     */
    StartBacklog(@Nullable Duration threshold) {
        this.threshold = threshold;
    }

    /** Whether there may ever be a backlog. */
    boolean isWatched() {
        return threshold != null;
    }

    /** Calls this when there is something to tell; from any thread, perhaps under locks. */
    void onChange(Runnable call) {
        onChange = call;
    }

    /** The reader has no shards, and is not going to get any for now. */
    synchronized void isSurplus() {
        update();
    }

    /** A shard is going to be read. */
    synchronized void begins(String splitId) {
        if (threshold != null) {
            unknown.add(splitId);
            update();
        }
    }

    /**
     * An answer has told how far behind a shard is.
     *
     * @param millis from the arrival of the last record received to that of the newest one
     */
    synchronized void answered(String splitId, long millis) {
        if (threshold == null) {
            return;
        }
        boolean isFar = millis > threshold.toMillis();
        if (unknown.remove(splitId)) {
            if (isFar) {
                behind.add(splitId);
            }
            update();
        } else if (!isFar && behind.remove(splitId)) {
            update();
        }
    }

    /** A shard is read no more. */
    synchronized void ends(String splitId) {
        boolean wasUnknown = unknown.remove(splitId);
        boolean wasBehind = behind.remove(splitId);
        if (wasUnknown || wasBehind) {
            update();
        }
    }

    /** Whether a shard is behind; null if that is not known yet. */
    @Nullable
    Boolean isBehind() {
        return isBehind;
    }

    @GuardedBy("this")
    private void update() {
        Boolean before = isBehind;
        isBehind = !behind.isEmpty() ? Boolean.TRUE : unknown.isEmpty() ? Boolean.FALSE : null;
        if (!Objects.equals(before, isBehind)) {
            onChange.run();
        }
    }
}

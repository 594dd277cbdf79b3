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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.flink.sink.exactlyonce.StreamLane.Attempt;
import io.v3io.flink.sink.writer.PendingRecord;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.function.Predicate;

/**
 * Requests of unknown fate: their records may be stored, now or until the landing timeout has
 * passed. The committer's thread only.
 */
final class OpenRequests {

    private final long landingNanos;

    /** In the order in which that became known. */
    private final Queue<Attempt> open = new ArrayDeque<>();

    private boolean openIsNew;

    OpenRequests(Duration landingTimeout) {
        this.landingNanos = landingTimeout.toNanos();
    }

    void add(Attempt attempt) {
        open.add(attempt);
        openIsNew = true;
    }

    /** When the oldest one has taken effect, or never will; empty if there is none. */
    OptionalLong nextLandedNanos() {
        return open.isEmpty() ? OptionalLong.empty() : OptionalLong.of(landedNanos(open.element()));
    }

    private long landedNanos(Attempt attempt) {
        return attempt.endedNanos() + landingNanos;
    }

    /**
     * Whether it is time to look for them.
     *
     * @param inFlight whether answers are to come that might be open, too; nobody looks at once
     *     then, but when one has had its time
     */
    boolean isLookDue(boolean inFlight) {
        return !open.isEmpty()
                && ((openIsNew && !inFlight)
                        || landedNanos(open.element()) - System.nanoTime() <= 0);
    }

    /** What becomes of a request after a look. */
    interface Looked {

        /** These records of it are stored. */
        void found(Attempt attempt, List<PendingRecord> records);

        /** These are not, and never will be by this request; it has ended. Perhaps none. */
        void neverLanded(Attempt attempt, List<PendingRecord> records);
    }

    /**
     * Sorts them out after a look.
     *
     * @param beganNanos when the look began
     */
    void looked(long beganNanos, Predicate<PendingRecord> isStored, Looked looked) {
        openIsNew = false;
        for (int i = open.size(); i > 0; i--) {
            Attempt attempt = open.remove();
            List<PendingRecord> found = new ArrayList<>();
            List<PendingRecord> missing = new ArrayList<>();
            for (PendingRecord record : attempt.records()) {
                (isStored.test(record) ? found : missing).add(record);
            }
            if (!found.isEmpty()) {
                looked.found(attempt, found);
            }
            if (missing.isEmpty() || landedNanos(attempt) - beganNanos <= 0) {
                looked.neverLanded(attempt, missing);
            } else {
                open.add(attempt.of(missing));
            }
        }
    }
}

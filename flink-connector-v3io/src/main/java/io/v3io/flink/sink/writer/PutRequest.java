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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The records of one request that are not stored yet, and how often they were sent. Belongs to the
 * thread that sends it, and then to the one that judges its answer.
 */
final class PutRequest {

    private final Destination destination;
    private List<PendingRecord> pending;

    /** What else it holds after it was split, the next part first. */
    private final Deque<List<PendingRecord>> laterParts = new ArrayDeque<>();

    private boolean sent;
    private boolean underWay;
    private int attempts;
    private int malformedAnswers;
    private long startNanos;
    private long sentNanos;

    PutRequest(Destination destination, List<PendingRecord> records) {
        this.destination = destination;
        this.pending = records;
    }

    Destination destination() {
        return destination;
    }

    StreamPath stream() {
        return destination.stream();
    }

    List<PendingRecord> pending() {
        return pending;
    }

    /** What is sent for the records. */
    List<PutRecord> records() {
        return destination.route(pending);
    }

    /** Only these have to be sent again. */
    void keepOnly(List<PendingRecord> failed) {
        pending = failed;
    }

    /**
     * Leaves half of the records for later, so that the others are sent alone. Each part has its
     * own attempts. Needs two records at least.
     */
    void split() {
        int half = pending.size() / 2;
        laterParts.push(pending.subList(half, pending.size()));
        take(pending.subList(0, half));
    }

    /**
     * Goes on with what a split has left for later.
     *
     * @return false if there is nothing
     */
    boolean takeNextPart() {
        List<PendingRecord> next = laterParts.poll();
        if (next == null) {
            return false;
        }
        take(next);
        return true;
    }

    private void take(List<PendingRecord> part) {
        pending = part;
        attempts = 0;
        malformedAnswers = 0;
    }

    /** Whether nothing of it was ever sent. */
    boolean isNew() {
        return !sent;
    }

    /** Whether it waits for an answer. */
    boolean isUnderWay() {
        return underWay;
    }

    /** An attempt has its answer. */
    void end() {
        underWay = false;
    }

    /** Begins another attempt. */
    void begin() {
        sent = true;
        underWay = true;
        sentNanos = System.nanoTime();
        if (attempts == 0) {
            startNanos = sentNanos;
        }
        attempts++;
    }

    /** Attempts that were begun to store what it holds now. */
    int attempts() {
        return attempts;
    }

    /** When the first attempt began. */
    long startNanos() {
        return startNanos;
    }

    /** When the last attempt began. */
    long sentNanos() {
        return sentNanos;
    }

    /** One more answer that nobody understands; returns how many there were. */
    int countMalformedAnswer() {
        return ++malformedAnswers;
    }

    int malformedAnswers() {
        return malformedAnswers;
    }
}

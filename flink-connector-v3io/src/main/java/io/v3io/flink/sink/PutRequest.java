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

package io.v3io.flink.sink;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;

import java.util.List;

/**
 * The records of one request that are not stored yet, and how often they were sent. Belongs to the
 * thread that sends it, and then to the one that judges its answer.
 */
final class PutRequest {

    private final Destination destination;
    private List<PendingRecord> pending;
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

    /** Begins another attempt. */
    void begin() {
        sentNanos = System.nanoTime();
        if (attempts == 0) {
            startNanos = sentNanos;
        }
        attempts++;
    }

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

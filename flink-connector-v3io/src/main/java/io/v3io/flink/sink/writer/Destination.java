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

import io.v3io.client.ErrorName;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;

import java.util.List;

/**
 * One stream that a writer writes to: its setup, and what waits for it. Queue and count of requests
 * are guarded by the {@link RequestSchedule}; {@link #route} may be called on any thread, {@link
 * #start} and {@link #mayBeStoredLater} on the mailbox thread only.
 */
final class Destination {

    private final StreamPath stream;
    private final StreamSetup setup;
    private final RecordQueue queue;
    private int sending;

    Destination(StreamPath stream, StreamSetup setup, RecordQueue queue) {
        this.stream = stream;
        this.setup = setup;
        this.queue = queue;
    }

    StreamPath stream() {
        return stream;
    }

    /** Begins with what the stream needs before its first request. */
    void start() {
        setup.start();
    }

    void add(List<PendingRecord> records) {
        queue.add(records);
    }

    /**
     * The records of the next request; empty if there is nothing to send now.
     *
     * @param mayBeSmall whether no more is to be waited for; nor is it while no answer is to come,
     *     which alone could bring more records
     */
    List<PendingRecord> poll(boolean mayBeSmall) {
        return setup.isReady() ? queue.poll(mayBeSmall || sending == 0) : List.of();
    }

    /** Whether there are records that {@link #poll} keeps back unless a request may be small. */
    boolean isHolding() {
        return setup.isReady() && queue.isHolding();
    }

    /** A request was sent that is to be {@link #answered}. */
    void sent() {
        sending++;
    }

    void answered() {
        sending--;
    }

    /** A record that was polled is stored, or given up. */
    void settled(PendingRecord record) {
        queue.settled(record);
    }

    /** What is sent for a record. */
    PutRecord route(PendingRecord record) {
        return setup.route(record.record());
    }

    /** What is sent for these records. */
    List<PutRecord> route(List<PendingRecord> records) {
        return setup.route(records);
    }

    /** Whether a record that was refused under this name may be stored by a repetition. */
    boolean mayBeStoredLater(ErrorName name) {
        if (setup.choosesShards() && name == ErrorName.SHARD_OUT_OF_RANGE) {
            // The stream was created again with fewer shards.
            setup.refresh();
            return true;
        }
        return name.kind().isTransient();
    }
}

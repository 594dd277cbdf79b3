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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.exactlyonce.CommitRequests.Attempt;
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.RecordQueue;
import io.v3io.flink.sink.writer.SinkSettings;

import javax.annotation.Nullable;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;

/**
 * The records of an epoch that go to one stream, made up into requests. The committer's thread
 * only.
 */
final class StreamLane {

    private final StreamPath stream;
    private final SinkSettings settings;
    private final RecordQueue queue;

    /** To be sent before anything else; their keys hold up what comes after them. */
    private final Queue<Attempt> again = new ArrayDeque<>();

    /** Collected until it is a full request. */
    private List<PendingRecord> batch = new ArrayList<>();

    private long batchBytes;
    private int sending;

    StreamLane(StreamPath stream, SinkSettings settings) {
        this.stream = stream;
        this.settings = settings;
        this.queue = RecordQueue.create(settings);
    }

    StreamPath stream() {
        return stream;
    }

    void add(PendingRecord record) {
        if (batch.size() >= settings.maxBatchSize()
                || batchBytes + record.sizeBytes() > settings.maxRecordBytesPerRequest()) {
            addBatch();
        }
        batch.add(record);
        batchBytes += record.sizeBytes();
    }

    /** What was collected may be sent. */
    void addBatch() {
        if (!batch.isEmpty()) {
            queue.add(batch);
            batch = new ArrayList<>();
            batchBytes = 0;
        }
    }

    /**
     * What is to be sent now; null while nothing may be.
     *
     * @param mayBeSmall whether it has waited long enough for more records to go with it. While no
     *     answer is to come, which alone could bring more, it does not wait
     */
    @Nullable
    Attempt poll(boolean mayBeSmall) {
        Attempt first = again.poll();
        if (first != null) {
            return first;
        }
        List<PendingRecord> records = queue.poll(mayBeSmall || sending == 0);
        return records.isEmpty() ? null : new Attempt(this, records);
    }

    /** Whether there are records that {@link #poll} keeps back unless a request may be small. */
    boolean isHolding() {
        return queue.isHolding();
    }

    /** A request is under way until it has {@link #answered}. */
    void sent() {
        sending++;
    }

    void answered() {
        sending--;
    }

    /** This is to be sent before all others. */
    void sendFirst(Attempt attempt) {
        again.add(attempt);
    }

    /** A record is stored, or nobody will send it any more. */
    void settled(PendingRecord record) {
        queue.settled(record);
    }
}

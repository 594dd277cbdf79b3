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
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.RecordQueue;
import io.v3io.flink.sink.writer.SinkSettings;

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

    /** Sent before and not stored; in ordered mode they hold up what comes after them. */
    private final Queue<PendingRecord> again = new ArrayDeque<>();

    /** Collected until it is a full request. */
    private List<PendingRecord> batch = new ArrayList<>();

    private long batchBytes;
    private int sending;

    StreamLane(StreamPath stream, SinkSettings settings) {
        this.stream = stream;
        this.settings = settings;
        this.queue =
                settings.routing().ordered()
                        ? new RecordQueue.Ordered(
                                settings.maxBatchSize(), settings.maxRecordBytesPerRequest())
                        : new RecordQueue.Unordered();
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

    /** The records of the next request; none while nothing may be sent. */
    List<PendingRecord> poll() {
        if (again.isEmpty()) {
            return queue.poll(sending);
        }
        List<PendingRecord> records = new ArrayList<>();
        long bytes = 0;
        while (!again.isEmpty() && records.size() < settings.maxBatchSize()) {
            bytes += again.element().sizeBytes();
            if (bytes > settings.maxRecordBytesPerRequest() && !records.isEmpty()) {
                break;
            }
            records.add(again.remove());
        }
        return records;
    }

    /** A request with some of its records is under way until it has {@link #ended}. */
    void began() {
        sending++;
    }

    void ended() {
        sending--;
    }

    /** Records of a request that has ended are to be sent once more, before all others. */
    void sendAgain(List<PendingRecord> records) {
        again.addAll(records);
    }

    /** A record is stored, or nobody will send it any more. */
    void settled(PendingRecord record) {
        queue.settled(record);
    }
}

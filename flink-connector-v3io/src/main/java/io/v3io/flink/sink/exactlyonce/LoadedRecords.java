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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.PendingRecord;
import io.v3io.flink.sink.writer.SinkSettings;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The records of an epoch that a commit has in memory, from when they are loaded until they are
 * settled: stored, or given up. It also knows for how long none of them was. The committer's thread
 * only.
 */
final class LoadedRecords {

    /** What is committed is counted here, and not batch by batch. */
    private static final PendingRecord.Batch NO_BATCH = new PendingRecord.Batch(0, batch -> {});

    private final Epoch epoch;
    private final SinkSettings settings;
    private final TagScan scan;
    private final EpochMetrics metrics;
    private final Map<StreamPath, StreamLane> lanes = new HashMap<>();
    private long loaded;
    private long settled;
    private long bytes;
    private int foundBefore;
    private int storedBefore;
    private long progressNanos;

    LoadedRecords(Epoch epoch, SinkSettings settings, TagScan scan, EpochMetrics metrics) {
        this.epoch = epoch;
        this.settings = settings;
        this.scan = scan;
        this.metrics = metrics;
    }

    /**
     * Before the first ones are loaded.
     *
     * @param stored how many of the epoch an earlier attempt has stored
     */
    void begin(int stored) {
        storedBefore = stored;
        progressNanos = System.nanoTime();
    }

    /** Puts those into their lanes that no look has found. */
    void add(List<RoutedRecord> part) {
        for (RoutedRecord routed : part) {
            int index = index(routed.record());
            if (scan.isStored(index)) {
                foundBefore++;
            } else {
                PendingRecord pending = pending(routed);
                scan.await(index);
                lane(routed.stream()).add(pending);
                loaded++;
                bytes += pending.sizeBytes();
            }
        }
        lanes.values().forEach(StreamLane::addBatch);
    }

    private PendingRecord pending(RoutedRecord routed) {
        return new PendingRecord(routed, settings.sizeInBytes(routed), NO_BATCH);
    }

    private StreamLane lane(StreamPath stream) {
        return lanes.computeIfAbsent(stream, s -> new StreamLane(s, settings));
    }

    private static int index(PutRecord record) {
        return EpochId.index(record.clientInfo());
    }

    Collection<StreamLane> lanes() {
        return lanes.values();
    }

    /** Whether a look has found the record. */
    boolean isFound(PendingRecord record) {
        return scan.isStored(index(record.record()));
    }

    /** When a record that a look has found arrived, in ms since 1970. */
    long arrivalMillis(PendingRecord record) {
        return scan.arrivalMillis(index(record.record()));
    }

    void settle(StreamLane lane, PendingRecord record) {
        settled++;
        bytes -= record.sizeBytes();
        scan.settled(index(record.record()));
        lane.settled(record);
    }

    /** Another record is to be stored in the place of this one, and under its tag. */
    void replace(StreamLane lane, PendingRecord record, RoutedRecord substitute) {
        PutRecord tagged = substitute.record().withClientInfo(record.record().clientInfo());
        PendingRecord instead = pending(new RoutedRecord(substitute.stream(), tagged));
        bytes += instead.sizeBytes() - record.sizeBytes();
        lane.settled(record);
        StreamLane other = lane(substitute.stream());
        other.add(instead);
        other.addBatch();
    }

    /** Some were settled. */
    void progressed() {
        progressNanos = System.nanoTime();
        metrics.recordsLeft(epoch.recordCount() - foundBefore - settled);
    }

    /** Nothing was sent in this time, so nothing could be stored. */
    void sentNothingSince(long startNanos) {
        progressNanos += System.nanoTime() - startNanos;
    }

    /** How long none was settled, though some were sent. */
    Duration stalled() {
        return Duration.ofNanos(System.nanoTime() - progressNanos);
    }

    /** How many wait to be stored. */
    long unsettled() {
        return loaded - settled;
    }

    /** How many are stored or given up, those included that were never loaded. */
    long doneCount() {
        return settled + storedBefore;
    }

    /** How many were in the streams before they were loaded. */
    int foundBefore() {
        return foundBefore;
    }

    /** Of those that wait, by the sink's measure of a record. */
    long bytes() {
        return bytes;
    }
}

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

package io.v3io.flink.kafka.stream;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * Reads a shard in its order. Right on every platform: it believes a seek only when the record that
 * it sought comes first, and seeks again when a location has died. Not thread-safe.
 */
public final class ShardCursor {

    /** Between an answer without records, although the shard has some, and the next question. */
    private static final Duration PAUSE = Duration.ofMillis(100);

    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final V3ioClient client;
    private final ShardId shard;
    @Nullable private Location location;

    /** Numbers below it are not wanted. */
    private long from;

    /** A record to seek: one that was there once. 0 for the oldest. */
    private long known;

    private ShardCursor(V3ioClient client, ShardId shard, long from, long known) {
        this.client = client;
        this.shard = shard;
        this.from = from;
        this.known = known;
    }

    /** From the oldest record that the shard still has. */
    public static ShardCursor atOldest(V3ioClient client, ShardId shard) {
        return new ShardCursor(client, shard, 1, 0);
    }

    /**
     * From a record that was there once: if retention has removed it, from the oldest one after it.
     */
    public static ShardCursor at(V3ioClient client, ShardId shard, long sequenceNumber) {
        return new ShardCursor(client, shard, sequenceNumber, sequenceNumber);
    }

    /** From the record after one that was there once. */
    public static ShardCursor after(V3ioClient client, ShardId shard, long sequenceNumber) {
        return new ShardCursor(client, shard, sequenceNumber + 1, sequenceNumber);
    }

    /**
     * The next records; none if it has read the newest one, or the shard has none.
     *
     * @param limit how many at the most, before those are left out that are not wanted
     */
    public List<StreamRecord> next(int limit) throws InterruptedException {
        long silentSince = System.nanoTime();
        while (true) {
            if (location == null && !seek()) {
                return List.of();
            }
            RecordBatch batch;
            try {
                batch = Answers.get(client.getRecords(shard, location, limit));
            } catch (V3ioException e) {
                if (e.kind() != V3ioException.Kind.ILLEGAL_LOCATION) {
                    throw e;
                }
                location = null;
                continue;
            }
            location = batch.nextLocation();
            List<StreamRecord> wanted =
                    batch.records().stream()
                            .filter(record -> record.sequenceNumber() >= from)
                            .toList();
            if (!wanted.isEmpty()) {
                known = wanted.get(wanted.size() - 1).sequenceNumber();
                from = known + 1;
                return wanted;
            }
            if (!batch.records().isEmpty()) {
                silentSince = System.nanoTime();
            } else if (batch.recordsBehindLatest() == 0) {
                return List.of();
            } else if (System.nanoTime() - silentSince > LONGEST_SILENCE.toNanos()) {
                throw new IllegalStateException(
                        "Shard "
                                + shard
                                + " could not be read from record "
                                + from
                                + " on: for 60 s it gave no record, although it says that "
                                + batch.recordsBehindLatest()
                                + " are left.");
            } else {
                Answers.pause(PAUSE);
            }
        }
    }

    /** Whether there is a location to read from. */
    private boolean seek() throws InterruptedException {
        location = known == 0 ? null : seekKnown();
        if (location == null) {
            location = seek(SeekPosition.earliest());
        }
        return location != null;
    }

    /** Where the known record is; null if it is gone. */
    @Nullable
    private Location seekKnown() throws InterruptedException {
        try {
            Location found = seek(SeekPosition.sequenceNumber(known));
            if (found == null) {
                return null;
            }
            List<StreamRecord> first = Answers.get(client.getRecords(shard, found, 1)).records();
            return !first.isEmpty() && first.get(0).sequenceNumber() == known ? found : null;
        } catch (V3ioException e) {
            if (e.kind() == V3ioException.Kind.INVALID_ARGUMENT
                    || e.kind() == V3ioException.Kind.ILLEGAL_LOCATION) {
                return null;
            }
            throw e;
        }
    }

    /** Null if the shard has had no record yet. */
    @Nullable
    private Location seek(SeekPosition position) throws InterruptedException {
        try {
            return Answers.get(client.seek(shard, position));
        } catch (V3ioException e) {
            if (e.kind() == V3ioException.Kind.NOT_FOUND) {
                return null;
            }
            throw e;
        }
    }
}

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

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.LongSupplier;

/**
 * Finds out which records of an epoch are stored, by reading what the streams got since the epoch
 * was prepared. Each look goes on where the last one ended, so that nothing is read twice.
 *
 * <p>The thread of the committer only, which waits here and can be interrupted.
 */
final class TagScan {

    /** Answers have up to 10 MB each. */
    private static final int SHARDS_AT_A_TIME = 4;

    private static final int RECORDS_PER_REQUEST = 1_000;

    /** How often a location may die under the scan of one shard within one look. */
    private static final int MAX_RESTARTS = 5;

    /** What the clocks of machines may be apart when retention is about to eat what is read. */
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(2);

    private final Epoch epoch;
    private final V3ioClient client;
    private final LongSupplier clockMillis;
    private final Map<ShardId, Cursor> cursors = new TreeMap<>();

    // Guarded by itself: I/O threads add what they read.
    private final BitSet found = new BitSet();

    /** Guarded by {@link #found}, as is the next one: whose arrivals are to be known. */
    private final BitSet awaited = new BitSet();

    private final Map<Integer, Long> arrivalsMillis = new HashMap<>();

    TagScan(Epoch epoch, V3ioClient client, LongSupplier clockMillis) {
        this.epoch = epoch;
        this.client = client;
        this.clockMillis = clockMillis;
    }

    /** Where the scan of one shard is. Used by one request after another. */
    private static final class Cursor {

        private final ShardId shard;
        private final long floor;
        private final Duration retention;
        private long seen;
        private Location location;
        private boolean fromEarliest;
        private boolean proven;
        private int restarts;

        Cursor(ShardId shard, long floor, Duration retention) {
            this.shard = shard;
            this.floor = floor;
            this.retention = retention;
            this.seen = floor;
        }

        /** Begins again at the floor. */
        void restart() {
            location = null;
            proven = false;
            seen = floor;
        }
    }

    /** Whether the record with this index was found by a look. */
    boolean isStored(int index) {
        synchronized (found) {
            return found.get(index);
        }
    }

    /** How many records have been found. */
    int storedCount() {
        synchronized (found) {
            return found.cardinality();
        }
    }

    /** From now on a look remembers when it finds this record, until it is settled. */
    void await(int index) {
        synchronized (found) {
            awaited.set(index);
        }
    }

    void settled(int index) {
        synchronized (found) {
            awaited.clear(index);
            arrivalsMillis.remove(index);
        }
    }

    /**
     * When a record arrived that was awaited and is found, its first copy, in ms since 1970 by the
     * clock of the platform; 0 without one.
     */
    long arrivalMillis(int index) {
        synchronized (found) {
            return arrivalsMillis.getOrDefault(index, 0L);
        }
    }

    /**
     * Reads all that the streams hold now.
     *
     * @throws IOException if they cannot be read, or no longer hold what was to be read
     */
    void look() throws IOException, InterruptedException {
        for (Epoch.StreamFloor floor : epoch.floors()) {
            look(floor);
        }
    }

    private void look(Epoch.StreamFloor floor) throws IOException, InterruptedException {
        StreamPath stream = floor.stream();
        StreamDescription description = get(client.describeStream(stream), stream);
        if (!floor.newest().isEmpty() && description.shardCount() <= floor.newest().lastKey()) {
            throw createdAgain(stream, "it has " + description.shardCount() + " shards now");
        }
        SortedMap<ShardId, Long> newest = get(ShardEnds.of(client, stream), stream);
        Duration retention = Duration.ofHours(description.retentionHours());
        List<Cursor> behind = new ArrayList<>();
        for (var entry : newest.entrySet()) {
            ShardId shard = entry.getKey();
            long floorNumber = floor.newest().getOrDefault(shard.number(), 0L);
            if (entry.getValue() < floorNumber) {
                throw createdAgain(
                        stream,
                        "shard "
                                + shard.number()
                                + " ends at sequence number "
                                + entry.getValue()
                                + " now, and ended at "
                                + floorNumber);
            }
            Cursor cursor =
                    cursors.computeIfAbsent(shard, s -> new Cursor(s, floorNumber, retention));
            if (entry.getValue() > cursor.seen) {
                cursor.restarts = 0;
                behind.add(cursor);
            }
        }
        for (int from = 0; from < behind.size(); from += SHARDS_AT_A_TIME) {
            List<Cursor> some =
                    behind.subList(from, Math.min(behind.size(), from + SHARDS_AT_A_TIME));
            get(
                    CompletableFuture.allOf(
                            some.stream()
                                    .map(cursor -> read(cursor, newest.get(cursor.shard)))
                                    .toArray(CompletableFuture[]::new)),
                    stream);
        }
    }

    /** Reads a shard up to a number that it has had. */
    private CompletableFuture<Void> read(Cursor cursor, long target) {
        return fetch(cursor).thenCompose(batch -> take(cursor, batch, target));
    }

    private CompletableFuture<RecordBatch> fetch(Cursor cursor) {
        return locate(cursor)
                .thenCompose(
                        location -> client.getRecords(cursor.shard, location, RECORDS_PER_REQUEST))
                .exceptionallyCompose(
                        error -> {
                            if (isKind(unwrap(error), Kind.ILLEGAL_LOCATION)
                                    && cursor.restarts++ < MAX_RESTARTS) {
                                cursor.restart();
                                return fetch(cursor);
                            }
                            return CompletableFuture.failedFuture(unwrap(error));
                        });
    }

    /** Where to read on; the floor's record itself is read first, as the proof of what follows. */
    private CompletableFuture<Location> locate(Cursor cursor) {
        if (cursor.location != null) {
            return CompletableFuture.completedFuture(cursor.location);
        }
        if (cursor.fromEarliest || cursor.floor == 0) {
            cursor.fromEarliest = true;
            return client.seek(cursor.shard, SeekPosition.earliest());
        }
        return client.seek(cursor.shard, SeekPosition.sequenceNumber(cursor.floor))
                .exceptionallyCompose(
                        error -> {
                            if (!isKind(unwrap(error), Kind.INVALID_ARGUMENT)) {
                                return CompletableFuture.failedFuture(unwrap(error));
                            }
                            cursor.fromEarliest = true;
                            return client.seek(cursor.shard, SeekPosition.earliest());
                        });
    }

    private CompletableFuture<Void> take(Cursor cursor, RecordBatch batch, long target) {
        if (!cursor.proven) {
            boolean reachesFloor =
                    !batch.records().isEmpty()
                            && batch.records().get(0).sequenceNumber()
                                    <= (cursor.fromEarliest ? cursor.floor + 1 : cursor.floor);
            if (!reachesFloor && !cursor.fromEarliest) {
                // The seek led somewhere else, as some platforms do with a removed number.
                cursor.fromEarliest = true;
                return read(cursor, target);
            }
            if (!reachesFloor && mayBeRemoved(cursor)) {
                return CompletableFuture.failedFuture(new ProofLost(cursor.shard, cursor.floor));
            }
            cursor.proven = true;
        }
        for (StreamRecord record : batch.records()) {
            if (epoch.id().isTag(record.clientInfo())) {
                found(record);
            }
            cursor.seen = Math.max(cursor.seen, record.sequenceNumber());
        }
        cursor.location = batch.nextLocation();
        boolean atEnd = batch.records().isEmpty() && batch.recordsBehindLatest() == 0;
        return cursor.seen >= target || atEnd
                ? CompletableFuture.completedFuture(null)
                : read(cursor, target);
    }

    private void found(StreamRecord record) {
        int index = EpochId.index(record.clientInfo());
        long arrivalMillis =
                record.arrivalTimeSeconds() * 1_000 + record.arrivalTimeNanos() / 1_000_000;
        synchronized (found) {
            found.set(index);
            if (awaited.get(index)) {
                arrivalsMillis.merge(index, arrivalMillis, Math::min);
            }
        }
    }

    /** Whether retention may have taken a record that came after the epoch was prepared. */
    private boolean mayBeRemoved(Cursor cursor) {
        long ageMillis = clockMillis.getAsLong() - epoch.preparedAtMillis();
        return ageMillis >= cursor.retention.minus(CLOCK_SKEW).toMillis();
    }

    private <T> T get(CompletableFuture<T> call, StreamPath stream)
            throws IOException, InterruptedException {
        try {
            return call.get();
        } catch (InterruptedException e) {
            call.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            Throwable cause = unwrap(e.getCause());
            if (cause instanceof ProofLost lost) {
                throw new IOException(
                        "Nobody can tell any more which records of epoch "
                                + epoch.id()
                                + ", prepared at "
                                + Instant.ofEpochMilli(epoch.preparedAtMillis())
                                + ", are stored: retention has removed what shard "
                                + lost.shard
                                + " got after sequence number "
                                + lost.floor
                                + ". "
                                + epoch.recordCount()
                                + " records are affected, "
                                + storedCount()
                                + " of them were found. Restart the job without this state to go"
                                + " on without the others, and keep its downtime below the"
                                + " retention of the stream.");
            }
            throw new IOException(
                    "Stream "
                            + stream
                            + " could not be read to find out which records of epoch "
                            + epoch.id()
                            + " are stored: "
                            + cause.getMessage(),
                    cause);
        }
    }

    private IOException createdAgain(StreamPath stream, String evidence) {
        return new IOException(
                "Stream "
                        + stream
                        + " was created again after epoch "
                        + epoch.id()
                        + " was prepared: "
                        + evidence
                        + ". Which of its "
                        + epoch.recordCount()
                        + " records were stored before is lost with the old stream. Restart the"
                        + " job without this state to go on without them.");
    }

    private static Throwable unwrap(Throwable error) {
        return error instanceof java.util.concurrent.CompletionException && error.getCause() != null
                ? error.getCause()
                : error;
    }

    private static boolean isKind(Throwable error, Kind kind) {
        return error instanceof V3ioException e && e.kind() == kind;
    }

    /** Ends the scan of a shard that no longer holds what has to be read. */
    private static final class ProofLost extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient ShardId shard;
        private final long floor;

        ProofLost(ShardId shard, long floor) {
            super(null, null, false, false);
            this.shard = shard;
            this.floor = floor;
        }
    }
}

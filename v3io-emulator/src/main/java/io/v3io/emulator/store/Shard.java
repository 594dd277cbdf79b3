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

package io.v3io.emulator.store;

import io.v3io.emulator.Assumptions;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.Duplicates;
import io.v3io.emulator.DialectSetting.Retention;
import io.v3io.emulator.DialectSetting.SeekUnborn;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.protocol.Limits;

import io.netty.buffer.ByteBuf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/**
 * One shard: its records, its locations, its attributes. Thread-safe; one lock per shard guards
 * everything, and is taken before the monitor of the attributes.
 *
 * <p>Readers see a record when the journal has it: a record that nobody has acknowledged and that a
 * crash would take away must not have been read by anyone.
 */
public final class Shard implements Node, Item {
    private static final long NANOS_PER_MILLI = 1_000_000L;

    private final StoreContext context;
    private final Stream stream;
    private final int id;
    private final long incarnation;
    private final ItemState state;
    private final ReentrantLock lock = new ReentrantLock();
    private final RecordLog log;

    /** Guarded by {@link #lock}: fixed by the first record. */
    private Numbering numbering;

    /** Guarded by {@link #lock}: after the last record that readers see. */
    private long visibleEnd;

    /** Guarded by {@link #lock}. */
    private final ShardLocations locations;

    /** Guarded by {@link #lock}. */
    private boolean deleted;

    Shard(StoreContext context, Stream stream, int id, long incarnation) {
        this(context, stream, id, incarnation, 1, 0, Numbering.GAPLESS, new ItemState(Map.of(), 0));
    }

    /** A shard as it was when the emulator last ran; its records come by {@link #restore}. */
    Shard(
            StoreContext context,
            Stream stream,
            int id,
            long incarnation,
            long firstSequence,
            int epoch,
            Numbering numbering,
            ItemState state) {
        this.context = context;
        this.stream = stream;
        this.id = id;
        this.incarnation = incarnation;
        this.log = new RecordLog(context.memory(), firstSequence);
        this.visibleEnd = firstSequence;
        this.locations =
                new ShardLocations(
                        context,
                        incarnation,
                        Location.ownerByName(stream.container(), stream.path(), id),
                        epoch);
        this.numbering = numbering;
        this.state = state;
    }

    /** A number that no other shard ever has. */
    public long incarnation() {
        return incarnation;
    }

    /** Whether its object exists: it does from its first record on, API page section 6. */
    public boolean isBorn() {
        lock.lock();
        try {
            return visibleEnd > 1;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stores records at the end and lets retention remove the oldest ones.
     *
     * @param twice whether each is stored once more; the dialect may want that as well
     * @return their sequence numbers, when all of them are safe
     * @throws ApiException when the shard has been deleted meanwhile, or there is no memory left
     */
    CompletableFuture<long[]> append(List<NewRecord> puts, boolean twice) {
        boolean copied =
                twice
                        || (dialect().is(Duplicates.SOME)
                                && context.draw().applyAsInt(Assumptions.DUPLICATION_ODDS) == 0);
        try {
            return store(puts, copied);
        } catch (ApiException e) {
            if (e.error() != ApiError.OUT_OF_MEMORY) {
                throw e;
            }
            stream.removeExpired();
            return store(puts, copied);
        }
    }

    private CompletableFuture<long[]> store(List<NewRecord> puts, boolean copied) {
        lock.lock();
        try {
            if (deleted) {
                throw new ApiException(
                        ApiError.RESOURCE_NOT_FOUND, "the stream has been deleted meanwhile");
            }
            long now = context.clock().nowNanos();
            long first = log.endSequence();
            if (first == 1) {
                numbering = Numbering.of(dialect().get(SequenceNumbers.class));
            }
            log.append(copied ? twice(puts) : puts, now, numbering);
            long[] numbers =
                    LongStream.range(first, first + puts.size()).map(numbering::number).toArray();
            CompletableFuture<Void> safe = keep(first, log.endSequence());
            applyRetention(now, first);
            return safe.thenApply(stored -> numbers);
        } finally {
            lock.unlock();
        }
    }

    private static List<NewRecord> twice(List<NewRecord> puts) {
        List<NewRecord> both = new ArrayList<>(puts);
        both.addAll(puts);
        return both;
    }

    private Dialect dialect() {
        return context.dialect().get();
    }

    /**
     * The journal acknowledges in order, so whoever waits for the records waits for this as well.
     */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void putToJournal() {
        context.journal().submit(mutation());
    }

    private CompletableFuture<Void> keep(long first, long end) {
        if (!context.journal().isKept()) {
            visibleEnd = end;
            return CompletableFuture.completedFuture(null);
        }
        if (first == 1) {
            putToJournal();
        }
        return context.journal()
                .submit(new Mutation.AppendRecords(incarnation, log.chunk(first, end)))
                .thenRun(() -> show(end));
    }

    /** Nobody waits for this: should a crash undo it, the next record does it again. */
    @SuppressWarnings("FutureReturnValueIgnored")
    private void applyRetention(long now, long firstNew) {
        Retention retention = dialect().get(Retention.class);
        if (retention == Retention.LAZY) {
            return;
        }
        long remaining = log.firstArrivedAtOrAfter(now - stream.retentionNanos(), firstNew);
        trimTo(
                retention == Retention.RECORDS
                        ? remaining
                        : remaining - (remaining - 1) % Assumptions.RETENTION_CHUNK_RECORDS);
    }

    /** Lets retention remove all that it may, whatever the dialect waits for. */
    @SuppressWarnings("FutureReturnValueIgnored") // as above
    void removeExpired() {
        long oldestKept = context.clock().nowNanos() - stream.retentionNanos();
        lock.lock();
        try {
            trimTo(log.firstArrivedAtOrAfter(oldestKept, visibleEnd));
        } finally {
            lock.unlock();
        }
    }

    private void show(long end) {
        lock.lock();
        try {
            visibleEnd = Math.max(visibleEnd, end);
        } finally {
            lock.unlock();
        }
    }

    /** Where reading starts at the oldest record. */
    public String seekEarliest() {
        return seek(shard -> log.firstSequence());
    }

    /** Where reading starts after the newest record. */
    public String seekLatest() {
        return seek(shard -> visibleEnd);
    }

    /**
     * Where reading starts at the first record that arrived at this time or later, else after the
     * newest.
     */
    public String seekTime(long arrivalNanos) {
        return seek(shard -> log.firstArrivedAtOrAfter(arrivalNanos, visibleEnd));
    }

    /**
     * Where reading starts at this record.
     *
     * @throws ApiException when the dialect refuses a number that is not stored
     */
    public String seekSequence(long number) {
        return seek(
                shard ->
                        new SequenceSeek(dialect(), numbering, log.firstSequence(), visibleEnd)
                                .index(number));
    }

    private String seek(ToLongFunction<Shard> sequence) {
        lock.lock();
        try {
            checkReadable();
            return locations.at(sequence.applyAsLong(this)).encode();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads from a location on: at most {@code limit} records and 10 MB of JSON, but at least one
     * record if there is any.
     *
     * @throws ApiException when the location is dead, or the shard unborn
     */
    public ShardRead read(String location, long limit) {
        boolean isRecorded = location.equals(Assumptions.RECORDED_LOCATION);
        Location given = isRecorded ? null : Location.decode(location);
        lock.lock();
        try {
            checkReadable();
            Location from = isRecorded ? locations.at(log.firstSequence()) : given;
            locations.checkAlive(from, log.firstSequence(), visibleEnd);
            long available = Math.min(visibleEnd, from.sequence() + Math.min(limit, visibleEnd));
            long end = log.endWithin(from.sequence(), available, Limits.MAX_GET_BYTES);
            long millisBehind = 0;
            if (end > from.sequence()) {
                millisBehind =
                        (log.arrivalNanos(visibleEnd - 1) - log.arrivalNanos(end - 1))
                                / NANOS_PER_MILLI;
            }
            ByteBuf records = log.slices(from.sequence(), end);
            records.writerIndex(Math.max(0, records.writerIndex() - 1)); // the comma after the last
            return new ShardRead(
                    (end > from.sequence() ? locations.at(end) : locations.afterNothing(from))
                            .encode(),
                    millisBehind,
                    Math.max(0, visibleEnd - end),
                    records);
        } finally {
            lock.unlock();
        }
    }

    private void checkReadable() {
        if (deleted || (visibleEnd <= 1 && !dialect().is(SeekUnborn.END))) {
            throw new ApiException(ApiError.UNBORN_SHARD, "shard " + id + " has no record yet");
        }
    }

    /**
     * Removes the records before this number, as retention does; later ones than the newest cannot
     * be named.
     */
    public CompletableFuture<Void> trim(long firstRemainingNumber) {
        lock.lock();
        try {
            return trimTo(Math.min(numbering.indexAtOrAfter(firstRemainingNumber), visibleEnd));
        } finally {
            lock.unlock();
        }
    }

    private CompletableFuture<Void> trimTo(long firstRemaining) {
        if (deleted || firstRemaining <= log.firstSequence()) {
            return CompletableFuture.completedFuture(null);
        }
        log.trim(firstRemaining);
        return context.journal().submit(new Mutation.TrimShard(incarnation, firstRemaining));
    }

    /** Kills every location handed out so far. */
    public CompletableFuture<Void> expireLocations() {
        lock.lock();
        try {
            locations.expireAll();
            return deleted || log.endSequence() == 1
                    ? CompletableFuture.completedFuture(null)
                    : context.journal().submit(mutation());
        } finally {
            lock.unlock();
        }
    }

    /** Removes all records and gives back their memory; nothing can be written or read any more. */
    CompletableFuture<Void> delete() {
        lock.lock();
        try {
            if (deleted) {
                return CompletableFuture.completedFuture(null);
            }
            deleted = true;
            log.release();
            return context.journal().submit(new Mutation.DeleteShard(incarnation));
        } finally {
            lock.unlock();
        }
    }

    /** Gives back the memory without a word to the journal. */
    void release() {
        lock.lock();
        try {
            deleted = true;
            log.release();
        } finally {
            lock.unlock();
        }
    }

    /** Takes back records of an earlier run. */
    void restore(RecordChunk chunk) {
        lock.lock();
        try {
            log.restore(chunk);
            visibleEnd = log.endSequence();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public CompletableFuture<Long> change(Change change) {
        lock.lock();
        try {
            if (deleted) {
                throw new ApiException(
                        ApiError.NO_SUCH_FILE, "the shard has been deleted meanwhile");
            }
            // Records change the time as well, and a put must have a later one than they.
            long now = Math.max(context.clock().nowNanos(), mtimeNanos() + 1);
            state.change(change, systemAttributes(), now);
            long mtime = state.mtimeNanos();
            return context.journal().submit(mutation()).thenApply(safe -> mtime);
        } finally {
            lock.unlock();
        }
    }

    /** The shard without its records; needs the lock. */
    private Mutation mutation() {
        return new Mutation.PutShard(
                incarnation,
                stream.container(),
                stream.path(),
                id,
                log.firstSequence(),
                locations.epoch(),
                numbering.name(),
                state.mtimeNanos(),
                AttributeJson.write(state.attributes()));
    }

    /** The shard at this moment. */
    public ShardSummary summary() {
        lock.lock();
        try {
            long first = Math.min(log.firstSequence(), visibleEnd);
            return new ShardSummary(
                    id,
                    visibleEnd > 1,
                    visibleEnd - first,
                    numbering.number(first),
                    visibleEnd > 1 ? numbering.number(visibleEnd - 1) : 0,
                    Math.max(0, log.lastArrivalNanos()),
                    first < visibleEnd ? log.bytesBetween(first, visibleEnd) : 0,
                    state.attributes());
        } finally {
            lock.unlock();
        }
    }

    /** The JSON of all records, separated by commas; the receiver releases it. */
    public ByteBuf all() {
        return newest(Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /**
     * The JSON of the newest records, separated by commas, bounded by number and bytes; the
     * receiver releases it.
     */
    public ByteBuf newest(long count, long bytes) {
        lock.lock();
        try {
            long oldest = Math.max(log.firstSequence(), visibleEnd - Math.min(count, visibleEnd));
            long from = visibleEnd;
            long left = bytes;
            while (from > oldest && log.bytesBetween(from - 1, from) <= left) {
                from--;
                left -= log.bytesBetween(from, from + 1);
            }
            ByteBuf records = log.slices(from, visibleEnd);
            return records.writerIndex(Math.max(0, records.writerIndex() - 1));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Snapshot snapshot() {
        lock.lock();
        try {
            return new Snapshot(state.attributes(), systemAttributes());
        } finally {
            lock.unlock();
        }
    }

    private Map<String, AttributeValue> systemAttributes() {
        ShardSummary summary = summary();
        Map<String, AttributeValue> attributes =
                SystemAttributes.of(
                        Integer.toString(id),
                        summary.bytes(),
                        inode(),
                        mtimeNanos(),
                        SystemAttributes.OBJECT_TYPE_SHARD);
        attributes.put(
                SystemAttributes.LAST_SEQUENCE_NUMBER,
                AttributeValue.number(summary.lastSequence()));
        return attributes;
    }

    @Override
    public long inode() {
        return SystemAttributes.inode(stream.container(), stream.path() + "/" + id);
    }

    @Override
    public long createdNanos() {
        return stream.createdNanos();
    }

    @Override
    public long mtimeNanos() {
        return Math.max(state.mtimeNanos(), summary().lastArrivalNanos());
    }
}

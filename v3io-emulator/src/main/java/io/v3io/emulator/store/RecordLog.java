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

import io.v3io.emulator.protocol.ApiException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;

import java.util.ArrayList;
import java.util.List;

/**
 * The records of a shard in segments: append at the end, remove at the front, read from anywhere
 * between.
 *
 * <p>Not thread-safe: guarded by the shard's lock.
 */
final class RecordLog {
    /** Small, because a stream may have 4,096 shards with a few records each. */
    private static final int FIRST_SEGMENT_BYTES = 1 << 14;

    private static final int LARGEST_SEGMENT_BYTES = 1 << 22;

    private final RecordMemory memory;
    private final ArrayList<Segment> segments = new ArrayList<>();
    private long firstSequence;
    private long endSequence;
    private long lastArrivalNanos = Long.MIN_VALUE;

    /** An empty log whose first record gets this sequence number. */
    RecordLog(RecordMemory memory, long firstSequence) {
        this.memory = memory;
        this.firstSequence = firstSequence;
        this.endSequence = firstSequence;
    }

    /** The oldest record's sequence number; {@link #endSequence} when there is none. */
    long firstSequence() {
        return firstSequence;
    }

    /** The sequence number that the next record gets. */
    long endSequence() {
        return endSequence;
    }

    /** When the newest record arrived; never earlier than any before it. */
    long lastArrivalNanos() {
        return lastArrivalNanos;
    }

    /**
     * Stores records at the end, all or none; arrival times never go back, whatever the clock does.
     *
     * @throws ApiException when there is no memory left
     */
    void append(List<NewRecord> puts, long nowNanos, Numbering numbering) {
        long arrival = Math.max(nowNanos, lastArrivalNanos);
        long oldEnd = endSequence;
        try {
            for (NewRecord put : puts) {
                segmentFor(RecordRenderer.sizeBound(put))
                        .append(put, numbering.number(endSequence), arrival);
                endSequence++;
            }
        } catch (ApiException outOfMemory) {
            truncate(oldEnd);
            throw outOfMemory;
        }
        lastArrivalNanos = arrival;
    }

    private void truncate(long end) {
        while (!segments.isEmpty() && segments.get(segments.size() - 1).firstSequence() >= end) {
            segments.remove(segments.size() - 1).release();
        }
        if (!segments.isEmpty()) {
            segments.get(segments.size() - 1).truncate(end);
        }
        endSequence = end;
    }

    /** Stores records that were rendered before, at their old sequence numbers. */
    void restore(RecordChunk chunk) {
        int start = 0;
        for (int i = 0; i < chunk.count(); i++) {
            int size = chunk.sizes()[i];
            if (chunk.firstSequence() + i >= endSequence) {
                segmentFor(size).append(chunk.json(), start, size, chunk.arrivals()[i]);
                endSequence++;
            }
            start += size;
            lastArrivalNanos = Math.max(lastArrivalNanos, chunk.arrivals()[i]);
        }
    }

    private Segment segmentFor(int bytes) {
        Segment last = segments.isEmpty() ? null : segments.get(segments.size() - 1);
        if (last != null && last.hasRoomFor(bytes)) {
            return last;
        }
        int grown =
                last == null
                        ? FIRST_SEGMENT_BYTES
                        : Math.min(LARGEST_SEGMENT_BYTES, last.capacityBytes() * 4);
        Segment segment = new Segment(memory, endSequence, Math.max(bytes, grown));
        segments.add(segment);
        return segment;
    }

    /** The records from one number up to another as they were rendered, for the journal. */
    RecordChunk chunk(long from, long end) {
        int[] sizes = new int[(int) (end - from)];
        long[] arrivals = new long[sizes.length];
        int total = 0;
        for (int i = 0; i < sizes.length; i++) {
            Segment segment = segmentOf(from + i);
            sizes[i] = segment.size(from + i);
            arrivals[i] = segment.arrivalNanos(from + i);
            total += sizes[i];
        }
        byte[] json = new byte[total];
        ByteBuf slices = slices(from, end);
        try {
            slices.readBytes(json);
        } finally {
            slices.release();
        }
        return new RecordChunk(from, sizes, arrivals, json);
    }

    /**
     * How far one answer gets.
     *
     * @return the sequence number after the last record of the answer: at least one record, else at
     *     most this many bytes
     */
    long endWithin(long from, long end, long bytes) {
        long reached = from;
        long left = bytes;
        while (reached < end) {
            Segment segment = segmentOf(reached);
            long segmentEnd = Math.min(end, segment.endSequence());
            long next = segment.endWithin(reached, segmentEnd, left);
            if (next < segmentEnd) {
                return next == from ? from + 1 : next;
            }
            left -= segment.sizeBetween(reached, next);
            reached = next;
        }
        return reached;
    }

    /** The JSON of these records, each with a comma after it; the caller releases it. */
    ByteBuf slices(long from, long end) {
        if (from >= end) {
            return Unpooled.EMPTY_BUFFER;
        }
        int first = segmentIndexOf(from);
        if (segments.get(first).endSequence() >= end) {
            return segments.get(first).retainedSlice(from, end);
        }
        CompositeByteBuf slices = Unpooled.compositeBuffer(Integer.MAX_VALUE);
        for (int i = first; i < segments.size() && segments.get(i).firstSequence() < end; i++) {
            Segment segment = segments.get(i);
            slices.addComponent(
                    true,
                    segment.retainedSlice(
                            Math.max(from, segment.firstSequence()),
                            Math.min(end, segment.endSequence())));
        }
        return slices;
    }

    /** Bytes of the JSON of these records; at least one. */
    long bytesBetween(long from, long end) {
        long bytes = 0;
        for (int i = segmentIndexOf(from);
                i < segments.size() && segments.get(i).firstSequence() < end;
                i++) {
            Segment segment = segments.get(i);
            bytes +=
                    segment.sizeBetween(
                            Math.max(from, segment.firstSequence()),
                            Math.min(end, segment.endSequence()));
        }
        return bytes;
    }

    long arrivalNanos(long sequence) {
        return segmentOf(sequence).arrivalNanos(sequence);
    }

    /**
     * The first record between these numbers that arrived at this time or later; {@code end} if
     * there is none.
     */
    long firstArrivedAtOrAfter(long arrivalNanos, long end) {
        for (Segment segment : segments) {
            long found = segment.firstArrivedAtOrAfter(arrivalNanos);
            if (found < segment.endSequence()) {
                return Math.min(end, Math.max(found, firstSequence));
            }
        }
        return end;
    }

    /**
     * Removes the records before this one and gives back the memory of segments that are no longer
     * needed.
     */
    void trim(long firstRemaining) {
        firstSequence = Math.max(firstSequence, Math.min(firstRemaining, endSequence));
        while (!segments.isEmpty() && segments.get(0).endSequence() <= firstSequence) {
            segments.remove(0).release();
        }
    }

    void release() {
        segments.forEach(Segment::release);
        segments.clear();
        firstSequence = endSequence;
    }

    private Segment segmentOf(long sequence) {
        return segments.get(segmentIndexOf(sequence));
    }

    private int segmentIndexOf(long sequence) {
        int low = 0;
        int high = segments.size() - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (segments.get(middle).firstSequence() <= sequence) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }
}

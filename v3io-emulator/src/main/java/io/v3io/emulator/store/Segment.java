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

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.util.Arrays;

/**
 * Consecutive records of a shard in one piece of memory outside the heap, from which answers are
 * sliced without a copy.
 *
 * <p>Not thread-safe: guarded by the shard's lock. Slices that were handed out keep the memory
 * alive after {@link #release}.
 */
final class Segment {
    private static final int FIRST_INDEX_CAPACITY = 16;

    private final RecordMemory memory;
    private final long firstSequence;
    private final ByteBuf json;
    private int[] ends = new int[FIRST_INDEX_CAPACITY];
    private long[] arrivals = new long[FIRST_INDEX_CAPACITY];
    private int count;

    /**
     * An empty segment.
     *
     * @throws io.v3io.emulator.protocol.ApiException when there is not as much memory left
     */
    Segment(RecordMemory memory, long firstSequence, int capacityBytes) {
        memory.take(capacityBytes);
        this.memory = memory;
        this.firstSequence = firstSequence;
        this.json = Unpooled.directBuffer(capacityBytes, capacityBytes);
    }

    boolean hasRoomFor(int bytes) {
        return json.writableBytes() >= bytes;
    }

    int capacityBytes() {
        return json.capacity();
    }

    /** Stores a record as the next one, with this number for clients; there must be room for it. */
    void append(NewRecord put, long number, long arrivalNanos) {
        RecordRenderer.render(put, number, arrivalNanos, json);
        index(arrivalNanos);
    }

    /** Stores a record that was rendered before; there must be room for it. */
    void append(byte[] rendered, int start, int length, long arrivalNanos) {
        json.writeBytes(rendered, start, length);
        index(arrivalNanos);
    }

    private void index(long arrivalNanos) {
        if (count == ends.length) {
            ends = Arrays.copyOf(ends, count * 2);
            arrivals = Arrays.copyOf(arrivals, count * 2);
        }
        ends[count] = json.writerIndex();
        arrivals[count] = arrivalNanos;
        count++;
    }

    /** Forgets the records from this one on. */
    void truncate(long end) {
        if (end < endSequence()) {
            json.writerIndex(startOf(end));
            count = indexOf(end);
        }
    }

    long firstSequence() {
        return firstSequence;
    }

    /** The sequence number after the last record. */
    long endSequence() {
        return firstSequence + count;
    }

    long arrivalNanos(long sequence) {
        return arrivals[indexOf(sequence)];
    }

    /** Bytes of one record's JSON with its comma. */
    int size(long sequence) {
        return endOf(sequence) - startOf(sequence);
    }

    /** Bytes of the JSON of these records. */
    int sizeBetween(long from, long end) {
        return endOf(end - 1) - startOf(from);
    }

    /**
     * The first record that arrived at this time or later; {@link #endSequence} if there is none.
     */
    long firstArrivedAtOrAfter(long arrivalNanos) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (arrivals[middle] < arrivalNanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return firstSequence + low;
    }

    /**
     * How far a reader gets from a record on within a number of bytes.
     *
     * @return the sequence number after the last record that still fits; {@code from} if not even
     *     that one does
     */
    long endWithin(long from, long end, long bytes) {
        long bound = startOf(from) + bytes;
        if (endOf(end - 1) <= bound) {
            return end;
        }
        // The bound is smaller than an end, so it is an int.
        int position = Arrays.binarySearch(ends, indexOf(from), indexOf(end - 1) + 1, (int) bound);
        // Not found: the insertion point is the first record that ends after the bound.
        return firstSequence + (position >= 0 ? position + 1 : -position - 1);
    }

    /** The JSON of these records, each with a comma after it; the caller releases it. */
    ByteBuf retainedSlice(long from, long end) {
        int start = startOf(from);
        return json.retainedSlice(start, endOf(end - 1) - start);
    }

    void release() {
        memory.giveBack(json.capacity());
        json.release();
    }

    private int startOf(long sequence) {
        int index = indexOf(sequence);
        return index == 0 ? 0 : ends[index - 1];
    }

    private int endOf(long sequence) {
        return ends[indexOf(sequence)];
    }

    private int indexOf(long sequence) {
        return (int) (sequence - firstSequence);
    }
}

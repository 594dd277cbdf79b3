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

package io.v3io.flink.source.split;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.state.StateBytes;

import org.apache.flink.annotation.Internal;
import org.apache.flink.core.memory.DataOutputSerializer;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.time.Duration;

/**
 * The tags of the records of one shard that were emitted last, by which a copy is told from a new
 * record. A tag is client info of 16 bytes, as the sink writes it; only whole tags are compared.
 *
 * <p>The task's main thread only.
 */
@Internal
public final class SeenTags {

    private static final int TAG_BYTES = 16;
    private static final int ENTRY = 3;
    private static final int LOW = 1;
    private static final int ARRIVAL = 2;
    private static final String OWNER = "the tags that a V3IO shard has had";

    /** Marks a tag that does not follow the one before it. */
    private static final int WHOLE = 0;

    private static final int MAX_STEP = 1 << 20;
    private static final int MORE = 0x80;

    private static final int FIRST_CAPACITY = 64;
    private static final VarHandle LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final int maxTags;
    private final long maxAgeMillis;
    private final TagSet tags = new TagSet();

    /**
     * What to forget next: for each tag its two halves and its arrival time in ms, in a ring that
     * begins with the oldest.
     */
    private long[] ring = new long[FIRST_CAPACITY * ENTRY];

    private int oldest;
    private int size;

    /** Has seen no tags yet. */
    public SeenTags(Window window) {
        this.maxTags = window.maxTags();
        this.maxAgeMillis = window.maxAge().toMillis();
    }

    /**
     * For how long a tag is remembered: whichever bound is reached first.
     *
     * @param maxTags tags of one shard, 1 or more
     * @param maxAge from the arrival of the tag's record to that of the newest one
     */
    public record Window(int maxTags, Duration maxAge) implements Serializable {

        private static final long serialVersionUID = 1L;
    }

    /**
     * Notes the tag of a record, if it has one.
     *
     * @return whether it was known: the record is a copy
     */
    boolean isCopy(StreamRecord record) {
        byte[] info = record.clientInfo();
        if (info == null || info.length != TAG_BYTES) {
            return false;
        }
        return !add(
                (long) LONG.get(info, 0),
                (long) LONG.get(info, Long.BYTES),
                record.arrivalTimeMillis());
    }

    private boolean add(long high, long low, long arrivalMillis) {
        if (!tags.add(high, low)) {
            return false;
        }
        if (size == maxTags) {
            forgetOldest();
        }
        long forgotten = arrivalMillis - maxAgeMillis;
        while (size > 0 && ring[oldest + ARRIVAL] < forgotten) {
            forgetOldest();
        }
        if (size * ENTRY == ring.length) {
            grow();
        }
        int end = entry(size);
        ring[end] = high;
        ring[end + LOW] = low;
        ring[end + ARRIVAL] = arrivalMillis;
        size++;
        return true;
    }

    private void forgetOldest() {
        tags.remove(ring[oldest], ring[oldest + LOW]);
        oldest = entry(1);
        size--;
    }

    /** Where the entry is that has so many before it. */
    private int entry(int index) {
        int entry = oldest + index * ENTRY;
        return entry < ring.length ? entry : entry - ring.length;
    }

    private void grow() {
        long[] larger = new long[(int) Math.min(2L * size, maxTags) * ENTRY];
        System.arraycopy(ring, oldest, larger, 0, ring.length - oldest);
        System.arraycopy(ring, 0, larger, ring.length - oldest, oldest);
        ring = larger;
        oldest = 0;
    }

    int size() {
        return size;
    }

    /**
     * For a checkpoint: the number of tags, then for each, oldest first, its distance from the one
     * before it (1 to 2^20, as 7 bits a byte, lowest first) or 0 and its 16 bytes, and the distance
     * of its arrival time in ms (zigzag, as 7 bits a byte).
     */
    byte[] toBytes() {
        DataOutputSerializer out = new DataOutputSerializer(64);
        try {
            out.writeInt(size);
            long lastHigh = 0;
            long lastLow = 0;
            long lastMillis = 0;
            for (int i = 0; i < size; i++) {
                int entry = entry(i);
                long high = ring[entry];
                long low = ring[entry + LOW];
                long step = low - lastLow;
                if (high == lastHigh && step > 0 && step <= MAX_STEP) {
                    writeNumber(out, step);
                } else {
                    writeNumber(out, WHOLE);
                    out.writeLong(high);
                    out.writeLong(low);
                }
                long later = ring[entry + ARRIVAL] - lastMillis;
                writeNumber(out, (later << 1) ^ (later >> (Long.SIZE - 1)));
                lastHigh = high;
                lastLow = low;
                lastMillis = ring[entry + ARRIVAL];
            }
        } catch (IOException e) {
            throw new UncheckedIOException("An array cannot fail.", e);
        }
        return out.getCopyOfBuffer();
    }

    /**
     * What {@link #toBytes} wrote, as far as it fits into this window.
     *
     * @throws IOException if the bytes are something else
     */
    static SeenTags of(byte[] bytes, Window window) throws IOException {
        SeenTags seen = new SeenTags(window);
        if (bytes.length == 0) {
            return seen;
        }
        DataInputStream in = StateBytes.reader(bytes);
        long high = 0;
        long low = 0;
        long millis = 0;
        for (int left = in.readInt(); left > 0; left--) {
            long step = readNumber(in);
            if (step == WHOLE) {
                high = in.readLong();
                low = in.readLong();
            } else {
                low += step;
            }
            long later = readNumber(in);
            millis += (later >>> 1) ^ -(later & 1);
            seen.add(high, low, millis);
        }
        StateBytes.requireEnd(in, OWNER);
        return seen;
    }

    private static void writeNumber(DataOutputSerializer out, long number) throws IOException {
        long left = number;
        while ((left & ~(MORE - 1L)) != 0) {
            out.writeByte((int) ((left & (MORE - 1)) | MORE));
            left >>>= 7;
        }
        out.writeByte((int) left);
    }

    private static long readNumber(DataInputStream in) throws IOException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int bits = in.readUnsignedByte();
            number |= (long) (bits & (MORE - 1)) << shift;
            if ((bits & MORE) == 0) {
                return number;
            }
        }
        throw new IOException("A number in " + OWNER + " does not end.");
    }
}

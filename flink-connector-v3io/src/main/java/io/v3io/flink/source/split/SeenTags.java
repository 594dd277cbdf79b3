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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The tags of the records of one shard that were emitted last, by which a copy is told from a new
 * record. A tag is client info of 16 bytes, as the sink writes it; only whole tags are compared.
 *
 * <p>The task's main thread only.
 */
@Internal
public final class SeenTags {

    private static final int TAG_BYTES = 16;
    private static final String OWNER = "the tags that a V3IO shard has had";

    /** Marks a tag that does not follow the one before it. */
    private static final int WHOLE = 0;

    private static final int MAX_STEP = 1 << 20;
    private static final int MORE = 0x80;

    private final Window window;

    /** Arrival times by tag, oldest first. */
    private final LinkedHashMap<Tag, Long> arrivals = new LinkedHashMap<>();

    /** No tags. */
    public SeenTags(Window window) {
        this.window = window;
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

    private record Tag(long high, long low) {

        // Record's own is slower, and this is asked for each record. The index of the record is in
        // the lowest bits.
        @Override
        public int hashCode() {
            return Long.hashCode(high * 31 + low * 0x9E3779B97F4A7C15L);
        }
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
        ByteBuffer bytes = ByteBuffer.wrap(info);
        return !add(new Tag(bytes.getLong(), bytes.getLong()), record.arrivalTimeMillis());
    }

    private boolean add(Tag tag, long arrivalMillis) {
        if (arrivals.putIfAbsent(tag, arrivalMillis) != null) {
            return false;
        }
        Iterator<Map.Entry<Tag, Long>> oldest = arrivals.entrySet().iterator();
        while (arrivals.size() > window.maxTags()) {
            oldest.next();
            oldest.remove();
        }
        long forgotten = arrivalMillis - window.maxAge().toMillis();
        while (oldest.hasNext() && oldest.next().getValue() < forgotten) {
            oldest.remove();
        }
        return true;
    }

    int size() {
        return arrivals.size();
    }

    /**
     * For a checkpoint: the number of tags, then for each, oldest first, its distance from the one
     * before it (1 to 2^20, as 7 bits a byte, lowest first) or 0 and its 16 bytes, and the distance
     * of its arrival time in ms (zigzag, as 7 bits a byte).
     */
    byte[] toBytes() {
        DataOutputSerializer out = new DataOutputSerializer(64);
        try {
            out.writeInt(arrivals.size());
            Tag last = new Tag(0, 0);
            long lastMillis = 0;
            for (Map.Entry<Tag, Long> entry : arrivals.entrySet()) {
                Tag tag = entry.getKey();
                long step = tag.low() - last.low();
                if (tag.high() == last.high() && step > 0 && step <= MAX_STEP) {
                    writeNumber(out, step);
                } else {
                    writeNumber(out, WHOLE);
                    out.writeLong(tag.high());
                    out.writeLong(tag.low());
                }
                long later = entry.getValue() - lastMillis;
                writeNumber(out, (later << 1) ^ (later >> (Long.SIZE - 1)));
                last = tag;
                lastMillis = entry.getValue();
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
        Tag tag = new Tag(0, 0);
        long millis = 0;
        for (int left = in.readInt(); left > 0; left--) {
            long step = readNumber(in);
            tag =
                    step == WHOLE
                            ? new Tag(in.readLong(), in.readLong())
                            : new Tag(tag.high(), tag.low() + step);
            long later = readNumber(in);
            millis += (later >>> 1) ^ -(later & 1);
            seen.add(tag, millis);
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

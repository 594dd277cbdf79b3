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

package io.v3io.flink.sink.state;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.state.StateBytes;

import org.apache.flink.annotation.Internal;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * The bytes of an epoch's records, one after another. A record's stream is an index into the
 * epoch's list of them, and its client info is not there, because its index makes the tag.
 */
@Internal
public final class EpochRecords {

    private static final int HAS_KEY = 1;
    private static final int HAS_SHARD = 1 << 1;

    private EpochRecords() {}

    /** Writes records, one after another, into the bytes that an epoch keeps of them. */
    public static final class Encoder {

        private static final int INITIAL_BYTES = 1 << 16;
        private static final int MAX_FIXED_BYTES = 2 * Short.BYTES + 3 * Integer.BYTES + Byte.BYTES;

        private ByteBuffer out = ByteBuffer.allocate(INITIAL_BYTES);

        public void add(int stream, int index, PutRecord record) {
            String key = record.partitionKey();
            byte[] keyBytes = key == null ? null : StateBytes.utf8(key);
            OptionalInt shard = record.shardId();
            byte[] data = record.data();
            ensureRoom(
                    (long) MAX_FIXED_BYTES
                            + (keyBytes == null ? 0 : keyBytes.length)
                            + data.length);
            out.putShort((short) stream);
            out.putInt(index);
            out.put(
                    (byte)
                            ((keyBytes == null ? 0 : HAS_KEY)
                                    | (shard.isPresent() ? HAS_SHARD : 0)));
            if (keyBytes != null) {
                out.putShort((short) keyBytes.length);
                out.put(keyBytes);
            }
            if (shard.isPresent()) {
                out.putInt(shard.getAsInt());
            }
            out.putInt(data.length);
            out.put(data);
        }

        private void ensureRoom(long bytes) {
            if (out.remaining() >= bytes) {
                return;
            }
            int needed = Math.toIntExact(out.position() + bytes);
            long doubled = Math.min(2L * out.capacity(), Integer.MAX_VALUE - Long.BYTES);
            out.flip();
            out = ByteBuffer.allocate((int) Math.max(needed, doubled)).put(out);
        }

        public int length() {
            return out.position();
        }

        /** What was added since the last call. */
        public byte[] take() {
            byte[] taken = Arrays.copyOf(out.array(), out.position());
            out.clear();
            return taken;
        }
    }

    /**
     * Hands over record by record, each with its tag as client info.
     *
     * @param streams the epoch's
     * @throws IOException if these are not such bytes
     */
    public static void decode(
            byte[] bytes, EpochId id, List<StreamPath> streams, Consumer<RoutedRecord> consumer)
            throws IOException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            while (in.hasRemaining()) {
                consumer.accept(next(in, id, streams));
            }
        } catch (BufferUnderflowException e) {
            throw new IOException("The state of " + owner(id) + " ends within a record.", e);
        }
    }

    private static RoutedRecord next(ByteBuffer in, EpochId id, List<StreamPath> streams)
            throws IOException {
        int stream = Short.toUnsignedInt(in.getShort());
        if (stream >= streams.size()) {
            throw new IOException(
                    "A record of epoch "
                            + id
                            + " is for stream number "
                            + stream
                            + ", of "
                            + streams.size()
                            + ".");
        }
        byte[] tag = id.tag(in.getInt());
        int flags = Byte.toUnsignedInt(in.get());
        if ((flags & ~(HAS_KEY | HAS_SHARD)) != 0) {
            throw new IOException("A record of epoch " + id + " has unknown flags " + flags + ".");
        }
        String key =
                (flags & HAS_KEY) == 0
                        ? null
                        : StateBytes.text(bytes(in, Short.toUnsignedInt(in.getShort()), id));
        int shard = (flags & HAS_SHARD) == 0 ? -1 : in.getInt();
        PutRecord record =
                PutRecord.of(bytes(in, in.getInt(), id)).withPartitionKey(key).withClientInfo(tag);
        return new RoutedRecord(
                streams.get(stream), shard < 0 ? record : record.withShardId(shard));
    }

    private static byte[] bytes(ByteBuffer in, int length, EpochId id) throws IOException {
        if (length < 0 || length > in.remaining()) {
            throw StateBytes.damaged(length, in.remaining(), owner(id));
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    private static String owner(EpochId id) {
        return "epoch " + id + " of the V3IO sink";
    }
}

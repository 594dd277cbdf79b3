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

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
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

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final DataOutputStream out = new DataOutputStream(bytes);

        public void add(int stream, int index, PutRecord record) {
            try {
                String key = record.partitionKey();
                out.writeShort(stream);
                out.writeInt(index);
                out.writeByte(
                        (key == null ? 0 : HAS_KEY)
                                | (record.shardId().isPresent() ? HAS_SHARD : 0));
                if (key != null) {
                    byte[] keyBytes = StateBytes.utf8(key);
                    out.writeShort(keyBytes.length);
                    out.write(keyBytes);
                }
                if (record.shardId().isPresent()) {
                    out.writeInt(record.shardId().getAsInt());
                }
                StateBytes.writeBytes(out, record.data());
            } catch (IOException e) {
                throw new UncheckedIOException("An array cannot fail.", e);
            }
        }

        public int length() {
            return bytes.size();
        }

        /** What was added since the last call. */
        public byte[] take() {
            byte[] taken = bytes.toByteArray();
            bytes.reset();
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
        DataInputStream in = StateBytes.reader(bytes);
        String owner = "epoch " + id + " of the V3IO sink";
        while (in.available() > 0) {
            int stream = in.readUnsignedShort();
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
            byte[] tag = id.tag(in.readInt());
            int flags = in.readUnsignedByte();
            if ((flags & ~(HAS_KEY | HAS_SHARD)) != 0) {
                throw new IOException(
                        "A record of epoch " + id + " has unknown flags " + flags + ".");
            }
            String key =
                    (flags & HAS_KEY) == 0
                            ? null
                            : StateBytes.text(
                                    StateBytes.readBytes(in, in.readUnsignedShort(), owner));
            int shard = (flags & HAS_SHARD) == 0 ? -1 : in.readInt();
            PutRecord record =
                    PutRecord.of(StateBytes.readBytes(in, owner))
                            .withPartitionKey(key)
                            .withClientInfo(tag);
            consumer.accept(
                    new RoutedRecord(
                            streams.get(stream), shard < 0 ? record : record.withShardId(shard)));
        }
    }
}

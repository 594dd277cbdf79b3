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

package io.v3io.flink.sink;

import io.v3io.client.model.StreamPath;

import org.apache.flink.core.io.SimpleVersionedSerializer;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Epochs in checkpoints and between writer and committer. */
final class EpochSerializer implements SimpleVersionedSerializer<Epoch> {

    private static final int VERSION = 1;

    private static final int INLINE = 0;
    private static final int STAGED = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(Epoch epoch) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(epoch.id().lineage());
        out.writeInt(epoch.id().number());
        out.writeInt(epoch.id().subtask());
        out.writeLong(epoch.startedAfter());
        out.writeBoolean(epoch.last());
        out.writeLong(epoch.preparedAtMillis());
        out.writeInt(epoch.recordCount());
        out.writeInt(epoch.floors().size());
        for (Epoch.StreamFloor floor : epoch.floors()) {
            writeBytes(utf8(floor.stream().toString()), out);
            out.writeInt(floor.newest().size());
            for (var shard : floor.newest().entrySet()) {
                out.writeInt(shard.getKey());
                out.writeLong(shard.getValue());
            }
        }
        out.writeInt(epoch.parts().size());
        for (EpochPart part : epoch.parts()) {
            write(part, out);
        }
        return bytes.toByteArray();
    }

    private static void write(EpochPart part, DataOutputStream out) throws IOException {
        if (part instanceof EpochPart.Inline inline) {
            out.writeByte(INLINE);
            writeBytes(inline.bytes(), out);
        } else if (part instanceof EpochPart.Staged staged) {
            out.writeByte(STAGED);
            writeBytes(utf8(staged.container()), out);
            writeBytes(utf8(staged.path()), out);
            out.writeInt(staged.length());
            out.writeInt(staged.crc());
        }
    }

    @Override
    public Epoch deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "An epoch of the sink has version "
                            + version
                            + ", this version of the connector reads only "
                            + VERSION
                            + ".");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized));
        EpochId id = new EpochId(in.readLong(), in.readInt(), in.readInt());
        long startedAfter = in.readLong();
        boolean last = in.readBoolean();
        long preparedAtMillis = in.readLong();
        int recordCount = in.readInt();
        List<Epoch.StreamFloor> floors = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            StreamPath stream = StreamPath.parse(text(in));
            SortedMap<Integer, Long> newest = new TreeMap<>();
            for (int shards = in.readInt(); shards > 0; shards--) {
                newest.put(in.readInt(), in.readLong());
            }
            floors.add(new Epoch.StreamFloor(stream, newest));
        }
        List<EpochPart> parts = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            parts.add(readPart(in));
        }
        if (in.available() > 0) {
            throw new IOException(
                    "An epoch of the sink has " + in.available() + " bytes after its end.");
        }
        return new Epoch(id, startedAfter, last, preparedAtMillis, floors, recordCount, parts);
    }

    private static EpochPart readPart(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case INLINE -> new EpochPart.Inline(readBytes(in));
            case STAGED -> new EpochPart.Staged(text(in), text(in), in.readInt(), in.readInt());
            default ->
                    throw new IOException("An epoch of the sink has a part of kind " + kind + ".");
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException(
                    "An epoch of the sink has a field of "
                            + length
                            + " bytes, but only "
                            + in.available()
                            + " are left.");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}

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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.state.StateBytes;

import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Epochs in checkpoints and between writer and committer. */
@Internal
public final class EpochSerializer implements SimpleVersionedSerializer<Epoch> {

    private static final int VERSION = 1;

    private static final String OWNER = "an epoch of the V3IO sink";

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
            StateBytes.writeText(out, floor.stream().toString());
            out.writeInt(floor.newest().size());
            for (var shard : floor.newest().entrySet()) {
                out.writeInt(shard.getKey());
                out.writeLong(shard.getValue());
            }
        }
        out.writeInt(epoch.parts().size());
        for (Epoch.Part part : epoch.parts()) {
            write(part, out);
        }
        return bytes.toByteArray();
    }

    private static void write(Epoch.Part part, DataOutputStream out) throws IOException {
        if (part instanceof Epoch.Part.Inline inline) {
            out.writeByte(INLINE);
            StateBytes.writeBytes(out, inline.bytes());
        } else if (part instanceof Epoch.Part.Staged staged) {
            out.writeByte(STAGED);
            StateBytes.writeText(out, staged.container());
            StateBytes.writeText(out, staged.path());
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
        DataInputStream in = StateBytes.reader(serialized);
        EpochId id = new EpochId(in.readLong(), in.readInt(), in.readInt());
        long startedAfter = in.readLong();
        boolean last = in.readBoolean();
        long preparedAtMillis = in.readLong();
        int recordCount = in.readInt();
        List<Epoch.StreamFloor> floors = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            StreamPath stream = StreamPath.parse(StateBytes.readText(in, OWNER));
            SortedMap<Integer, Long> newest = new TreeMap<>();
            for (int shards = in.readInt(); shards > 0; shards--) {
                newest.put(in.readInt(), in.readLong());
            }
            floors.add(new Epoch.StreamFloor(stream, newest));
        }
        List<Epoch.Part> parts = new ArrayList<>();
        for (int i = in.readInt(); i > 0; i--) {
            parts.add(readPart(in));
        }
        StateBytes.requireEnd(in, OWNER);
        return new Epoch(id, startedAfter, last, preparedAtMillis, floors, recordCount, parts);
    }

    private static Epoch.Part readPart(DataInputStream in) throws IOException {
        int kind = in.readUnsignedByte();
        return switch (kind) {
            case INLINE -> new Epoch.Part.Inline(StateBytes.readBytes(in, OWNER));
            case STAGED ->
                    new Epoch.Part.Staged(
                            StateBytes.readText(in, OWNER),
                            StateBytes.readText(in, OWNER),
                            in.readInt(),
                            in.readInt());
            default ->
                    throw new IOException("An epoch of the sink has a part of kind " + kind + ".");
        };
    }
}

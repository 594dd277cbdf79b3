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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.source.split.V3ioShardSplitSerializer;

import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Bytes of a {@link V3ioEnumeratorState}. Numbers big-endian, lengths in bytes.
 *
 * <p>Version 2: number of streams (4 bytes), for each its {@code container/path} (length and UTF-8)
 * and known shard count (4); number of awaited streams (4), for each its {@code container/path};
 * flag (1) and, if set, the searched pattern (length and UTF-8); version of the split serializer
 * (4), number of splits (4), for each its length (4) and bytes. Version 1 had neither awaited
 * streams nor a pattern.
 */
@Internal
public final class V3ioEnumeratorStateSerializer
        implements SimpleVersionedSerializer<V3ioEnumeratorState> {

    public static final V3ioEnumeratorStateSerializer INSTANCE =
            new V3ioEnumeratorStateSerializer();

    private static final int VERSION = 2;

    private static final int INITIAL_BYTES = 4096;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(V3ioEnumeratorState state) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(INITIAL_BYTES);
        out.writeInt(state.knownShardCounts().size());
        for (Map.Entry<StreamPath, Integer> known : state.knownShardCounts().entrySet()) {
            writeText(out, known.getKey().toString());
            out.writeInt(known.getValue());
        }
        out.writeInt(state.awaitedStreams().size());
        for (StreamPath awaited : state.awaitedStreams()) {
            writeText(out, awaited.toString());
        }
        out.writeBoolean(state.searchedPattern() != null);
        if (state.searchedPattern() != null) {
            writeText(out, state.searchedPattern());
        }
        out.writeInt(V3ioShardSplitSerializer.INSTANCE.getVersion());
        out.writeInt(state.unassignedSplits().size());
        for (V3ioShardSplit split : state.unassignedSplits()) {
            writeBytes(out, V3ioShardSplitSerializer.INSTANCE.serialize(split));
        }
        return out.getCopyOfBuffer();
    }

    @Override
    public V3ioEnumeratorState deserialize(int version, byte[] serialized) throws IOException {
        if (version < 1 || version > VERSION) {
            throw new IOException(
                    "State of the V3IO source's enumerator has version "
                            + version
                            + ", but this connector reads versions up to "
                            + VERSION
                            + ": it was written by a newer connector.");
        }
        DataInputDeserializer in = new DataInputDeserializer(serialized);
        Map<StreamPath, Integer> knownShardCounts = new TreeMap<>();
        int streams = in.readInt();
        for (int i = 0; i < streams; i++) {
            knownShardCounts.put(StreamPath.parse(readText(in)), in.readInt());
        }
        Set<StreamPath> awaitedStreams = new TreeSet<>();
        String searchedPattern = null;
        if (version >= 2) {
            int awaited = in.readInt();
            for (int i = 0; i < awaited; i++) {
                awaitedStreams.add(StreamPath.parse(readText(in)));
            }
            searchedPattern = in.readBoolean() ? readText(in) : null;
        }
        int splitVersion = in.readInt();
        int splits = in.readInt();
        List<V3ioShardSplit> unassignedSplits = new ArrayList<>();
        for (int i = 0; i < splits; i++) {
            unassignedSplits.add(
                    V3ioShardSplitSerializer.INSTANCE.deserialize(splitVersion, readBytes(in)));
        }
        if (in.available() > 0) {
            throw new IOException(
                    "State of the V3IO source's enumerator has "
                            + in.available()
                            + " bytes too many.");
        }
        return new V3ioEnumeratorState(
                knownShardCounts, awaitedStreams, searchedPattern, unassignedSplits);
    }

    private static void writeText(DataOutputSerializer out, String text) throws IOException {
        writeBytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String readText(DataInputDeserializer in) throws IOException {
        return new String(readBytes(in), StandardCharsets.UTF_8);
    }

    private static void writeBytes(DataOutputSerializer out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputDeserializer in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException(
                    "State of the V3IO source's enumerator is cut: a part of "
                            + length
                            + " bytes, but "
                            + in.available()
                            + " are left.");
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }
}

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
import io.v3io.flink.state.StateBytes;

import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;

import javax.annotation.Nullable;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Bytes of a {@link V3ioEnumeratorState}. Numbers big-endian, lengths in bytes.
 *
 * <p>Number of streams (4 bytes), for each its {@code container/path} (length and UTF-8) and known
 * shard count (4); number of awaited streams (4), for each its {@code container/path}; flag (1)
 * and, if set, the searched pattern (length and UTF-8); number of ended streams (4), for each its
 * {@code container/path}; boundedness (1: 0 no, 1 yes, 2 unknown); seconds of the last look (8);
 * version of the split serializer (4), number of streams with unassigned splits (4), for each its
 * {@code container/path}, number of splits (4) and the splits within the stream.
 */
@Internal
public final class V3ioEnumeratorStateSerializer
        implements SimpleVersionedSerializer<V3ioEnumeratorState> {

    public static final V3ioEnumeratorStateSerializer INSTANCE =
            new V3ioEnumeratorStateSerializer();

    private static final int VERSION = 1;

    private static final byte UNBOUNDED = 0;
    private static final byte BOUNDED = 1;
    private static final byte UNKNOWN = 2;

    private static final String OWNER = "the V3IO source's enumerator";
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
            StateBytes.writeText(out, known.getKey().toString());
            out.writeInt(known.getValue());
        }
        writeStreams(out, state.awaitedStreams());
        out.writeBoolean(state.searchedPattern() != null);
        if (state.searchedPattern() != null) {
            StateBytes.writeText(out, state.searchedPattern());
        }
        writeStreams(out, state.endedStreams());
        out.writeByte(
                state.isBounded() == null ? UNKNOWN : state.isBounded() ? BOUNDED : UNBOUNDED);
        out.writeLong(state.lastLookSeconds());
        out.writeInt(V3ioShardSplitSerializer.INSTANCE.getVersion());
        writeSplits(out, state.unassignedSplits());
        return out.getCopyOfBuffer();
    }

    @Override
    public V3ioEnumeratorState deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "State of the V3IO source's enumerator has version "
                            + version
                            + ", but this connector reads only version "
                            + VERSION
                            + ": another release of the connector wrote it.");
        }
        DataInputStream in = StateBytes.reader(serialized);
        Map<StreamPath, Integer> knownShardCounts = new TreeMap<>();
        int streams = in.readInt();
        for (int i = 0; i < streams; i++) {
            knownShardCounts.put(StreamPath.parse(StateBytes.readText(in, OWNER)), in.readInt());
        }
        Set<StreamPath> awaitedStreams = readStreams(in);
        String searchedPattern = in.readBoolean() ? StateBytes.readText(in, OWNER) : null;
        Set<StreamPath> endedStreams = readStreams(in);
        Boolean isBounded = readBoundedness(in);
        long lastLookSeconds = in.readLong();
        int splitVersion = in.readInt();
        List<V3ioShardSplit> unassignedSplits = readSplits(splitVersion, in);
        StateBytes.requireEnd(in, OWNER);
        return new V3ioEnumeratorState(
                knownShardCounts,
                awaitedStreams,
                searchedPattern,
                endedStreams,
                isBounded,
                lastLookSeconds,
                unassignedSplits);
    }

    private static void writeStreams(DataOutputSerializer out, Set<StreamPath> streams)
            throws IOException {
        out.writeInt(streams.size());
        for (StreamPath stream : streams) {
            StateBytes.writeText(out, stream.toString());
        }
    }

    private static Set<StreamPath> readStreams(DataInputStream in) throws IOException {
        Set<StreamPath> streams = new TreeSet<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            streams.add(StreamPath.parse(StateBytes.readText(in, OWNER)));
        }
        return streams;
    }

    @Nullable
    private static Boolean readBoundedness(DataInputStream in) throws IOException {
        byte value = in.readByte();
        return switch (value) {
            case UNBOUNDED -> false;
            case BOUNDED -> true;
            case UNKNOWN -> null;
            default ->
                    throw new IOException(
                            "State of the V3IO source's enumerator has boundedness "
                                    + value
                                    + ", which is none.");
        };
    }

    /** A stream's path may be long, and there may be thousands of its shards. */
    private static void writeSplits(DataOutputSerializer out, Collection<V3ioShardSplit> splits)
            throws IOException {
        Map<StreamPath, List<V3ioShardSplit>> byStream = new LinkedHashMap<>();
        for (V3ioShardSplit split : splits) {
            byStream.computeIfAbsent(split.shard().stream(), none -> new ArrayList<>()).add(split);
        }
        out.writeInt(byStream.size());
        for (Map.Entry<StreamPath, List<V3ioShardSplit>> ofStream : byStream.entrySet()) {
            StateBytes.writeText(out, ofStream.getKey().toString());
            out.writeInt(ofStream.getValue().size());
            for (V3ioShardSplit split : ofStream.getValue()) {
                V3ioShardSplitSerializer.INSTANCE.writeWithinStream(split, out);
            }
        }
    }

    private static List<V3ioShardSplit> readSplits(int splitVersion, DataInputStream in)
            throws IOException {
        List<V3ioShardSplit> splits = new ArrayList<>();
        int streams = in.readInt();
        for (int i = 0; i < streams; i++) {
            StreamPath stream = StreamPath.parse(StateBytes.readText(in, OWNER));
            int ofStream = in.readInt();
            for (int j = 0; j < ofStream; j++) {
                splits.add(
                        V3ioShardSplitSerializer.INSTANCE.readWithinStream(
                                splitVersion, stream, in));
            }
        }
        return splits;
    }
}

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

import io.v3io.client.model.Location;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.state.StateBytes;

import org.apache.flink.annotation.Internal;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;

import java.io.DataInputStream;
import java.io.IOException;
import java.time.Instant;

/**
 * Bytes of a {@link V3ioShardSplit}. Text is written as a 4-byte length in bytes and UTF-8, numbers
 * big-endian.
 *
 * <p>Version 1: container, path, shard id (4 bytes); start: tag (1 byte) and its value; emitted:
 * flag (1 byte), and if set sequence number (8), arrival seconds (8), arrival nanoseconds (4),
 * location; stop: flag (1), and if set the last sequence number (8); what has been found out: flags
 * (1 byte: 1 for numbers with gaps, 2 for records given up, 4 for a shard that was caught up with,
 * 8 for tags); if given up the numbers after and through which (8 each); if caught up the number
 * (8) and the second since 1970 (8); the tags of the records that were emitted last, if any: a
 * 4-byte length and what {@link SeenTags} writes.
 */
@Internal
public final class V3ioShardSplitSerializer implements SimpleVersionedSerializer<V3ioShardSplit> {

    public static final V3ioShardSplitSerializer INSTANCE = new V3ioShardSplitSerializer();

    private static final int VERSION = 1;

    private static final byte START_EARLIEST = 0;
    private static final byte START_AT_TIME = 1;
    private static final byte START_AT = 2;
    private static final byte START_AFTER = 3;

    private static final byte HAS_GAPS = 1;
    private static final byte HAS_GIVEN_UP = 2;
    private static final byte HAS_CAUGHT_UP = 4;
    private static final byte HAS_TAGS = 8;
    private static final byte ALL_FLAGS = HAS_GAPS | HAS_GIVEN_UP | HAS_CAUGHT_UP | HAS_TAGS;

    private static final String OWNER = "a V3IO shard";
    private static final int INITIAL_BYTES = 256;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(V3ioShardSplit split) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(INITIAL_BYTES);
        StateBytes.writeText(out, split.shard().stream().container());
        StateBytes.writeText(out, split.shard().stream().path());
        writeWithinStream(split, out);
        return out.getCopyOfBuffer();
    }

    /** What follows container and path: for many splits of one stream, which is written once. */
    public void writeWithinStream(V3ioShardSplit split, DataOutputSerializer out)
            throws IOException {
        out.writeInt(split.shard().number());
        writeStart(out, split.start());
        EmittedPosition emitted = split.emitted();
        out.writeBoolean(emitted != null);
        if (emitted != null) {
            out.writeLong(emitted.sequenceNumber());
            out.writeLong(emitted.arrivalTimeSeconds());
            out.writeInt(emitted.arrivalTimeNanos());
            StateBytes.writeText(out, emitted.location().text());
        }
        out.writeBoolean(split.lastSequenceNumber().isPresent());
        if (split.lastSequenceNumber().isPresent()) {
            out.writeLong(split.lastSequenceNumber().getAsLong());
        }
        boolean hasTags = split.seenTags().length > 0;
        writeFacts(out, split.facts(), hasTags);
        if (hasTags) {
            StateBytes.writeBytes(out, split.seenTags());
        }
    }

    @Override
    public V3ioShardSplit deserialize(int version, byte[] serialized) throws IOException {
        DataInputStream in = StateBytes.reader(serialized);
        checkVersion(version);
        V3ioShardSplit split =
                readWithinStream(
                        version,
                        StreamPath.of(
                                StateBytes.readText(in, OWNER), StateBytes.readText(in, OWNER)),
                        in);
        StateBytes.requireEnd(in, OWNER);
        return split;
    }

    /**
     * Reads what {@link #writeWithinStream} wrote.
     *
     * @param version of this serializer when it was written
     */
    public V3ioShardSplit readWithinStream(int version, StreamPath stream, DataInputStream in)
            throws IOException {
        checkVersion(version);
        ShardId shard = stream.shard(in.readInt());
        ShardStart start = readStart(in, shard);
        EmittedPosition emitted = in.readBoolean() ? readEmitted(in) : null;
        V3ioShardSplit split = readStop(in, shard, start).emittedUpTo(emitted);
        byte flags = readFlags(in, shard);
        split = split.with(readFacts(flags, in));
        return (flags & HAS_TAGS) == 0
                ? split
                : split.withSeenTags(StateBytes.readBytes(in, OWNER));
    }

    private static void checkVersion(int version) throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "State of a V3IO shard has version "
                            + version
                            + ", but this connector reads only version "
                            + VERSION
                            + ": another release of the connector wrote it.");
        }
    }

    private static V3ioShardSplit readStop(DataInputStream in, ShardId shard, ShardStart start)
            throws IOException {
        return in.readBoolean()
                ? V3ioShardSplit.bounded(shard, start, in.readLong())
                : V3ioShardSplit.unbounded(shard, start);
    }

    private static EmittedPosition readEmitted(DataInputStream in) throws IOException {
        return new EmittedPosition(
                in.readLong(),
                in.readLong(),
                in.readInt(),
                new Location(StateBytes.readText(in, OWNER)));
    }

    private static void writeFacts(DataOutputSerializer out, ShardFacts facts, boolean hasTags)
            throws IOException {
        ShardFacts.GivenUp givenUp = facts.givenUp();
        ShardFacts.CaughtUp caughtUp = facts.caughtUp();
        out.writeByte(
                (facts.hasGaps() ? HAS_GAPS : 0)
                        | (givenUp == null ? 0 : HAS_GIVEN_UP)
                        | (caughtUp == null ? 0 : HAS_CAUGHT_UP)
                        | (hasTags ? HAS_TAGS : 0));
        if (givenUp != null) {
            out.writeLong(givenUp.after());
            out.writeLong(givenUp.through());
        }
        if (caughtUp != null) {
            out.writeLong(caughtUp.sequenceNumber());
            out.writeLong(caughtUp.epochSecond());
        }
    }

    private static byte readFlags(DataInputStream in, ShardId shard) throws IOException {
        byte flags = in.readByte();
        if ((flags & ~ALL_FLAGS) != 0) {
            throw new IOException(
                    "State of V3IO shard " + shard + " has unknown flags, " + flags + ".");
        }
        return flags;
    }

    private static ShardFacts readFacts(byte flags, DataInputStream in) throws IOException {
        ShardFacts.GivenUp givenUp =
                (flags & HAS_GIVEN_UP) == 0
                        ? null
                        : new ShardFacts.GivenUp(in.readLong(), in.readLong());
        ShardFacts.CaughtUp caughtUp =
                (flags & HAS_CAUGHT_UP) == 0
                        ? null
                        : new ShardFacts.CaughtUp(in.readLong(), in.readLong());
        return new ShardFacts(givenUp, caughtUp, (flags & HAS_GAPS) != 0);
    }

    private static void writeStart(DataOutputSerializer out, ShardStart start) throws IOException {
        if (start instanceof ShardStart.AtTime atTime) {
            Instant arrivalTime = atTime.arrivalTime();
            out.writeByte(START_AT_TIME);
            out.writeLong(arrivalTime.getEpochSecond());
            out.writeInt(arrivalTime.getNano());
        } else if (start instanceof ShardStart.At at) {
            out.writeByte(START_AT);
            out.writeLong(at.sequenceNumber());
        } else if (start instanceof ShardStart.After after) {
            out.writeByte(START_AFTER);
            out.writeLong(after.sequenceNumber());
        } else {
            out.writeByte(START_EARLIEST);
        }
    }

    private static ShardStart readStart(DataInputStream in, ShardId shard) throws IOException {
        byte tag = in.readByte();
        return switch (tag) {
            case START_EARLIEST -> ShardStart.Earliest.INSTANCE;
            case START_AT_TIME ->
                    new ShardStart.AtTime(Instant.ofEpochSecond(in.readLong(), in.readInt()));
            case START_AT -> new ShardStart.At(in.readLong());
            case START_AFTER -> new ShardStart.After(in.readLong());
            default ->
                    throw new IOException(
                            "State of V3IO shard "
                                    + shard
                                    + " has an unknown start, tag "
                                    + tag
                                    + ".");
        };
    }
}

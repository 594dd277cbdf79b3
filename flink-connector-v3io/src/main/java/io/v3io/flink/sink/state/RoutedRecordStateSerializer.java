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
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Writes buffered records into checkpoints, after the base class's header (identifier, number of
 * records) and, per record, its size for batching:
 *
 * <pre>
 * int   bytes of the stream's name (container/path) in UTF-8, then these bytes
 * byte  flags: 1 partition key, 2 shard id, 4 client info
 * int   bytes of the data, then the data
 * int   bytes of the partition key in UTF-8, then these bytes   (if flag 1)
 * int   shard id                                                (if flag 2)
 * int   bytes of the client info, then these                    (if flag 4)
 * </pre>
 *
 * <p>The size for batching is not trusted but computed anew: it may change with the client's
 * encoding, the layout may not.
 */
@Internal
public final class RoutedRecordStateSerializer
        extends AsyncSinkWriterStateSerializer<RoutedRecord> {

    private static final int VERSION = 1;

    private static final String OWNER = "the V3IO sink";

    private static final int PARTITION_KEY = 1;
    private static final int SHARD_ID = 2;
    private static final int CLIENT_INFO = 4;

    /** Identifier and number of records, written by the base class. */
    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

    private final ToLongFunction<RoutedRecord> sizeInBytes;

    /**
     * Writes records of any stream.
     *
     * @param sizeInBytes what a record counts for batching
     */
    public RoutedRecordStateSerializer(ToLongFunction<RoutedRecord> sizeInBytes) {
        this.sizeInBytes = sizeInBytes;
    }

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public BufferedRequestState<RoutedRecord> deserialize(int version, byte[] serialized)
            throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "The sink's state has version "
                            + version
                            + ", but this connector reads only version "
                            + VERSION
                            + ": another release of the connector wrote it.");
        }
        List<RequestEntryWrapper<RoutedRecord>> records =
                super.deserialize(version, serialized).getBufferedRequestEntries().stream()
                        .map(RequestEntryWrapper::getRequestEntry)
                        .map(r -> new RequestEntryWrapper<>(r, sizeInBytes.applyAsLong(r)))
                        .toList();
        long bytes = HEADER_BYTES;
        for (RequestEntryWrapper<RoutedRecord> record : records) {
            bytes += Long.BYTES + lengthOf(record.getRequestEntry());
        }
        if (bytes != serialized.length) {
            throw new IOException(
                    "The sink's state has "
                            + serialized.length
                            + " bytes, but its "
                            + records.size()
                            + " records end after "
                            + bytes
                            + ".");
        }
        return new BufferedRequestState<>(records);
    }

    @Override
    protected void serializeRequestToStream(RoutedRecord routed, DataOutputStream out)
            throws IOException {
        StateBytes.writeText(out, routed.stream().toString());
        PutRecord record = routed.record();
        String key = record.partitionKey();
        byte[] clientInfo = record.clientInfo();
        out.writeByte(
                (key == null ? 0 : PARTITION_KEY)
                        | (record.shardId().isEmpty() ? 0 : SHARD_ID)
                        | (clientInfo == null ? 0 : CLIENT_INFO));
        StateBytes.writeBytes(out, record.data());
        if (key != null) {
            StateBytes.writeText(out, key);
        }
        if (record.shardId().isPresent()) {
            out.writeInt(record.shardId().getAsInt());
        }
        if (clientInfo != null) {
            StateBytes.writeBytes(out, clientInfo);
        }
    }

    @Override
    protected RoutedRecord deserializeRequestFromStream(long requestSize, DataInputStream in)
            throws IOException {
        StreamPath stream = readStream(in);
        int flags = in.readUnsignedByte();
        if ((flags & ~(PARTITION_KEY | SHARD_ID | CLIENT_INFO)) != 0) {
            throw new IOException(
                    "The sink's state has a record with unknown flags " + flags + ".");
        }
        PutRecord record = PutRecord.of(StateBytes.readBytes(in, OWNER));
        if ((flags & PARTITION_KEY) != 0) {
            record = record.withPartitionKey(StateBytes.readText(in, OWNER));
        }
        if ((flags & SHARD_ID) != 0) {
            int shardId = in.readInt();
            if (shardId < 0) {
                throw new IOException("The sink's state has a record with shard id " + shardId);
            }
            record = record.withShardId(shardId);
        }
        if ((flags & CLIENT_INFO) != 0) {
            record = record.withClientInfo(StateBytes.readBytes(in, OWNER));
        }
        return new RoutedRecord(stream, record);
    }

    private static StreamPath readStream(DataInputStream in) throws IOException {
        String name = StateBytes.readText(in, OWNER);
        try {
            return StreamPath.parse(name);
        } catch (IllegalArgumentException e) {
            throw new IOException("The sink's state has a record for something else.", e);
        }
    }

    private long lengthOf(RoutedRecord routed) {
        PutRecord record = routed.record();
        long length = (long) Integer.BYTES + StateBytes.utf8(routed.stream().toString()).length;
        length += (long) Byte.BYTES + Integer.BYTES + record.data().length;
        if (record.partitionKey() != null) {
            length += Integer.BYTES + StateBytes.utf8(record.partitionKey()).length;
        }
        if (record.shardId().isPresent()) {
            length += Integer.BYTES;
        }
        if (record.clientInfo() != null) {
            length += Integer.BYTES + record.clientInfo().length;
        }
        return length;
    }
}

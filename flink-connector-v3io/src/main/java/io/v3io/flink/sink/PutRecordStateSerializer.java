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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;

import org.apache.flink.connector.base.sink.writer.AsyncSinkWriterStateSerializer;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes buffered records into checkpoints. Version 1, after the base class's header (identifier,
 * number of records) and, per record, its size for batching:
 *
 * <pre>
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
final class PutRecordStateSerializer extends AsyncSinkWriterStateSerializer<PutRecord> {

    private static final int VERSION = 1;

    private static final int PARTITION_KEY = 1;
    private static final int SHARD_ID = 2;
    private static final int CLIENT_INFO = 4;

    /** Identifier and number of records, written by the base class. */
    private static final int HEADER_BYTES = Long.BYTES + Integer.BYTES;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public BufferedRequestState<PutRecord> deserialize(int version, byte[] serialized)
            throws IOException {
        if (version != VERSION) {
            throw new IOException(
                    "The sink's state has version "
                            + version
                            + ", this version of the connector reads only "
                            + VERSION
                            + ".");
        }
        List<RequestEntryWrapper<PutRecord>> records =
                super.deserialize(version, serialized).getBufferedRequestEntries().stream()
                        .map(RequestEntryWrapper::getRequestEntry)
                        .map(PutRecordStateSerializer::withSize)
                        .toList();
        long bytes = HEADER_BYTES;
        for (RequestEntryWrapper<PutRecord> record : records) {
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
    protected void serializeRequestToStream(PutRecord record, DataOutputStream out)
            throws IOException {
        String key = record.partitionKey();
        byte[] clientInfo = record.clientInfo();
        out.writeByte(
                (key == null ? 0 : PARTITION_KEY)
                        | (record.shardId().isEmpty() ? 0 : SHARD_ID)
                        | (clientInfo == null ? 0 : CLIENT_INFO));
        writeBytes(record.data(), out);
        if (key != null) {
            writeBytes(key.getBytes(StandardCharsets.UTF_8), out);
        }
        if (record.shardId().isPresent()) {
            out.writeInt(record.shardId().getAsInt());
        }
        if (clientInfo != null) {
            writeBytes(clientInfo, out);
        }
    }

    @Override
    protected PutRecord deserializeRequestFromStream(long requestSize, DataInputStream in)
            throws IOException {
        int flags = in.readUnsignedByte();
        if ((flags & ~(PARTITION_KEY | SHARD_ID | CLIENT_INFO)) != 0) {
            throw new IOException(
                    "The sink's state has a record with unknown flags " + flags + ".");
        }
        PutRecord record = PutRecord.of(readBytes(in));
        if ((flags & PARTITION_KEY) != 0) {
            record = record.withPartitionKey(new String(readBytes(in), StandardCharsets.UTF_8));
        }
        if ((flags & SHARD_ID) != 0) {
            int shardId = in.readInt();
            if (shardId < 0) {
                throw new IOException("The sink's state has a record with shard id " + shardId);
            }
            record = record.withShardId(shardId);
        }
        if ((flags & CLIENT_INFO) != 0) {
            record = record.withClientInfo(readBytes(in));
        }
        return record;
    }

    private static RequestEntryWrapper<PutRecord> withSize(PutRecord record) {
        return new RequestEntryWrapper<>(
                record, record.encodedSizeBytes() + PutRecordsSize.SEPARATOR_BYTES);
    }

    private static long lengthOf(PutRecord record) {
        long length = (long) Byte.BYTES + Integer.BYTES + record.data().length;
        if (record.partitionKey() != null) {
            length += Integer.BYTES + record.partitionKey().getBytes(StandardCharsets.UTF_8).length;
        }
        if (record.shardId().isPresent()) {
            length += Integer.BYTES;
        }
        if (record.clientInfo() != null) {
            length += Integer.BYTES + record.clientInfo().length;
        }
        return length;
    }

    private static void writeBytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        // The stream is over an array, so what is available is all that is left: a damaged length
        // must not make us allocate gigabytes.
        if (length < 0 || length > in.available()) {
            throw new IOException(
                    "The sink's state has a field of "
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

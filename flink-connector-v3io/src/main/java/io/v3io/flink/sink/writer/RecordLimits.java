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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.LimitViolation;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.V3ioSinkOptions;

import java.io.Serializable;
import java.util.OptionalInt;

/**
 * The limits that a single record must keep. Pure.
 *
 * @param maxDataBytes bytes of its data at the most
 * @param maxEncodedBytes bytes of its JSON at the most, so that a request can hold it
 */
record RecordLimits(int maxDataBytes, long maxEncodedBytes) implements Serializable {

    private static final long serialVersionUID = 1L;

    /**
     * Checks what a record carries.
     *
     * @throws InvalidRecordException if a part of it is over its limit
     */
    void check(StreamPath stream, PutRecord record) {
        LimitViolation violation = LimitViolation.of(record, maxDataBytes);
        if (violation != null) {
            throw invalid(
                    stream,
                    record,
                    violation.words()
                            + (violation.part() == LimitViolation.Part.DATA
                                    ? ", as "
                                            + SettingNames.of(V3ioSinkOptions.RECORD_MAX_SIZE)
                                            + " says."
                                    : "."));
        }
        OptionalInt shardId = record.shardId();
        if (shardId.isPresent()) {
            checkShardId(stream, record, shardId.getAsInt());
        }
        // Known from now on, so it costs nothing to ask for it here.
        if (record.encodedSizeBytes() > maxEncodedBytes) {
            throw invalid(
                    stream,
                    record,
                    "JSON has "
                            + record.encodedSizeBytes()
                            + " bytes, and a request has room for "
                            + maxEncodedBytes
                            + ", as "
                            + SettingNames.of(V3ioSinkOptions.FLUSH_BUFFER_SIZE)
                            + " says.");
        }
    }

    /**
     * Checks a shard id against what any stream can have; whether this one has it, the server
     * knows.
     *
     * @throws InvalidRecordException if no stream can have it
     */
    static void checkShardId(StreamPath stream, PutRecord record, int shardId) {
        if (shardId < 0 || shardId >= V3ioLimits.MAX_SHARDS) {
            throw new InvalidRecordException(
                    stream.toString(),
                    record,
                    "A record for stream "
                            + stream
                            + " cannot be stored: "
                            + SettingNames.SHARD_ID
                            + " chose shard "
                            + shardId
                            + ", a shard id is 0 to "
                            + (V3ioLimits.MAX_SHARDS - 1)
                            + ".");
        }
    }

    private static InvalidRecordException invalid(
            StreamPath stream, PutRecord record, String what) {
        return new InvalidRecordException(
                stream.toString(),
                record,
                "A record for stream "
                        + stream
                        + " ("
                        + SinkErrors.route(record)
                        + ") cannot be stored: its "
                        + what);
    }
}

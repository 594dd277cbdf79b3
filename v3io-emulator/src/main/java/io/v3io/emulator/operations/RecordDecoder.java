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

package io.v3io.emulator.operations;

import io.v3io.emulator.StoredRecord;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.buffer.ByteBuf;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Reads records back from the JSON in which a shard holds them, for people and tests. */
public final class RecordDecoder {

    private RecordDecoder() {}

    /**
     * Reads records.
     *
     * @param json records separated by commas; is not released
     */
    public static List<StoredRecord> decode(ByteBuf json) {
        String array = "[" + json.toString(StandardCharsets.UTF_8) + "]";
        List<StoredRecord> records = new ArrayList<>();
        for (JsonNode record : JsonBody.parseAny(array.getBytes(StandardCharsets.UTF_8))) {
            records.add(decode(record));
        }
        return records;
    }

    private static StoredRecord decode(JsonNode record) {
        try {
            return new StoredRecord(
                    record.get("SequenceNumber").longValue(),
                    Instant.ofEpochSecond(
                            record.get("ArrivalTimeSec").longValue(),
                            record.get("ArrivalTimeNSec").longValue()),
                    record.hasNonNull("PartitionKey")
                            ? record.get("PartitionKey").textValue()
                            : null,
                    record.hasNonNull("ClientInfo") ? record.get("ClientInfo").binaryValue() : null,
                    record.get("Data").binaryValue());
        } catch (IOException e) {
            throw new UncheckedIOException("a stored record is not readable", e);
        }
    }
}

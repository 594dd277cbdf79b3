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

package io.v3io.flink.benchmarks.codec;

import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What one would write with Jackson's streaming API and nothing else: the same records of the same
 * bytes, without the checks that a client needs. The peer of our own decoder and encoder.
 */
public final class JacksonCodec {

    private final JsonFactory json =
            JsonFactory.builder()
                    .disable(StreamReadFeature.AUTO_CLOSE_SOURCE)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build();

    /** GetRecords: the base64 of a payload is decoded by {@code getBinaryValue}. */
    public RecordBatch decode(ShardId shard, byte[] body) throws IOException {
        Location next = null;
        long millisBehind = 0;
        long recordsBehind = 0;
        List<StreamRecord> records = new ArrayList<>();
        try (JsonParser parser = json.createParser(body)) {
            parser.nextToken();
            for (String name = parser.nextFieldName();
                    name != null;
                    name = parser.nextFieldName()) {
                parser.nextToken();
                switch (name) {
                    case "NextLocation" -> next = new Location(parser.getText());
                    case "MSecBehindLatest" -> millisBehind = parser.getLongValue();
                    case "RecordsBehindLatest" -> recordsBehind = parser.getLongValue();
                    case "Records" -> {
                        while (parser.nextToken() != JsonToken.END_ARRAY) {
                            records.add(record(shard, parser));
                        }
                    }
                    default -> parser.skipChildren();
                }
            }
        }
        return new RecordBatch(records, next, millisBehind, recordsBehind, body.length);
    }

    private static StreamRecord record(ShardId shard, JsonParser parser) throws IOException {
        long seconds = 0;
        int nanos = 0;
        long sequenceNumber = 0;
        byte[] data = null;
        String partitionKey = null;
        byte[] clientInfo = null;
        for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
            parser.nextToken();
            switch (name) {
                case "ArrivalTimeSec" -> seconds = parser.getLongValue();
                case "ArrivalTimeNSec" -> nanos = parser.getIntValue();
                case "SequenceNumber" -> sequenceNumber = parser.getLongValue();
                case "Data" -> data = parser.getBinaryValue();
                case "PartitionKey" -> partitionKey = parser.getText();
                case "ClientInfo" -> clientInfo = parser.getBinaryValue();
                default -> parser.skipChildren();
            }
        }
        return new StreamRecord(
                shard, sequenceNumber, seconds, nanos, data, partitionKey, clientInfo);
    }

    /**
     * PutRecords.
     *
     * @param sizeBytes of the body, so that no buffer has to grow
     */
    public byte[] encode(List<PutRecord> records, int sizeBytes) throws IOException {
        ByteArrayBuilder body = new ByteArrayBuilder(sizeBytes);
        try (JsonGenerator generator = json.createGenerator(body)) {
            generator.writeStartObject();
            generator.writeArrayFieldStart("Records");
            for (PutRecord record : records) {
                generator.writeStartObject();
                generator.writeBinaryField("Data", record.data());
                if (record.clientInfo() != null) {
                    generator.writeBinaryField("ClientInfo", record.clientInfo());
                }
                if (record.partitionKey() != null) {
                    generator.writeStringField("PartitionKey", record.partitionKey());
                }
                if (record.shardId().isPresent()) {
                    generator.writeNumberField("ShardId", record.shardId().getAsInt());
                }
                generator.writeEndObject();
            }
            generator.writeEndArray();
            generator.writeEndObject();
        }
        return body.toByteArray();
    }
}

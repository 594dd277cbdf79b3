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

package io.v3io.flink.deadletter;

import io.v3io.client.model.LimitViolation;
import io.v3io.client.model.PutRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;

import javax.annotation.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;

/**
 * A record that a source could not decode, or a sink not store, as it stands in a dead-letter
 * stream: its bytes, where it came from or was to go, and why. The data of a dead letter is one
 * JSON object with these names in snake case, bytes as base64, the arrival time as text like {@code
 * 2026-11-30T04:11:06.123456789Z}, and the number of this form, 1, as {@code dead_letter}. A record
 * of a source that is too large for one dead letter is in several, its parts. Of such a record of a
 * sink there is the beginning: {@code data} is shorter than {@code dataBytes}.
 *
 * <p>Immutable, except that byte arrays are taken and returned without a copy.
 *
 * @param endpoint of the platform that it was read from, or to be written to, such as {@code
 *     http://host:8081}
 * @param stream that it was read from or was to go to, as {@code container/path}
 * @param shard id of the shard in that stream; null if a sink had not chosen one
 * @param sequenceNumber in that shard; null for a sink
 * @param arrivalTime in that stream; null for a sink
 * @param partitionKey null if it had none
 * @param clientInfo null if it had none
 * @param error name of the exception's class; null for a sink
 * @param reason what the exception and its causes say, or what is wrong with a record of a sink, in
 *     one line of 2,000 characters at the most
 * @param part which part of the record's data this is, from 1
 * @param parts how many there are
 * @param dataBytes bytes of the whole data
 * @param data the data, or this part of it
 */
@PublicEvolving
@SuppressWarnings("ArrayRecordComponent") // What is in them is that of a record.
public record DeadLetter(
        String endpoint,
        String stream,
        @Nullable Integer shard,
        @Nullable Long sequenceNumber,
        @Nullable Instant arrivalTime,
        @Nullable String partitionKey,
        @Nullable byte[] clientInfo,
        @Nullable String error,
        String reason,
        int part,
        int parts,
        int dataBytes,
        byte[] data) {

    private static final int FORM = 1;

    /** Far more than any record of the platform has. */
    private static final int MAX_TEXT_CHARS = 100 * 1024 * 1024;

    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxStringLength(MAX_TEXT_CHARS).build())
                    .build();

    /** Refuses null where it is not allowed. */
    public DeadLetter {
        Objects.requireNonNull(endpoint, "endpoint");
        Objects.requireNonNull(stream, "stream");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(data, "data");
    }

    /** The key of a record, if its dead letter can have it; null if not. */
    @Internal
    @Nullable
    public static String usableKey(@Nullable String key) {
        return key == null
                        || key.isEmpty()
                        || LimitViolation.of(PutRecord.of(new byte[0]).withPartitionKey(key), 0)
                                != null
                ? null
                : key;
    }

    /** The data of a record in a dead-letter stream. */
    public byte[] toJson() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512 + data.length / 3 * 4);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeNumberField("dead_letter", FORM);
            json.writeStringField("endpoint", endpoint);
            json.writeStringField("stream", stream);
            json.writeObjectField("shard", shard);
            json.writeObjectField("sequence_number", sequenceNumber);
            json.writeStringField(
                    "arrival_time", arrivalTime == null ? null : arrivalTime.toString());
            json.writeStringField("partition_key", partitionKey);
            if (clientInfo == null) {
                json.writeNullField("client_info");
            } else {
                json.writeBinaryField("client_info", clientInfo);
            }
            json.writeStringField("error", error);
            json.writeStringField("reason", reason);
            json.writeNumberField("part", part);
            json.writeNumberField("parts", parts);
            json.writeNumberField("data_bytes", dataBytes);
            json.writeBinaryField("data", data);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("Memory does not fail.", e);
        }
        return out.toByteArray();
    }

    /**
     * Reads what {@link #toJson} has written. Names that are not known are passed over.
     *
     * @throws IOException if it is no dead letter
     */
    public static DeadLetter fromJson(byte[] data) throws IOException {
        Fields fields = new Fields();
        try (JsonParser json = JSON.createParser(data)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("Not a dead letter: it is not a JSON object.");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                fields.read(name, json);
            }
        }
        return fields.toDeadLetter();
    }

    /** Coordinates, error and sizes; never data, key, client info or reason. */
    @Override
    public String toString() {
        return "DeadLetter{stream="
                + stream
                + ", shard="
                + shard
                + ", sequenceNumber="
                + sequenceNumber
                + ", arrivalTime="
                + arrivalTime
                + ", error="
                + error
                + ", part="
                + part
                + " of "
                + parts
                + ", dataBytes="
                + dataBytes
                + "}";
    }

    /** What has been read of one. */
    private static final class Fields {
        private int form;
        @Nullable private String endpoint;
        @Nullable private String stream;
        @Nullable private Integer shard;
        @Nullable private Long sequenceNumber;
        @Nullable private Instant arrivalTime;
        @Nullable private String partitionKey;
        @Nullable private byte[] clientInfo;
        @Nullable private String error;
        @Nullable private String reason;
        private int part = 1;
        private int parts = 1;
        private int dataBytes = -1;
        @Nullable private byte[] data;

        private void read(String name, JsonParser json) throws IOException {
            if (json.currentToken() == JsonToken.VALUE_NULL) {
                return;
            }
            switch (name) {
                case "dead_letter" -> form = json.getIntValue();
                case "endpoint" -> endpoint = json.getText();
                case "stream" -> stream = json.getText();
                case "shard" -> shard = json.getIntValue();
                case "sequence_number" -> sequenceNumber = json.getLongValue();
                case "arrival_time" -> arrivalTime = instant(json.getText());
                case "partition_key" -> partitionKey = json.getText();
                case "client_info" -> clientInfo = json.getBinaryValue();
                case "error" -> error = json.getText();
                case "reason" -> reason = json.getText();
                case "part" -> part = json.getIntValue();
                case "parts" -> parts = json.getIntValue();
                case "data_bytes" -> dataBytes = json.getIntValue();
                case "data" -> data = json.getBinaryValue();
                default -> json.skipChildren();
            }
        }

        private static Instant instant(String text) throws IOException {
            try {
                return Instant.parse(text);
            } catch (DateTimeException e) {
                throw new IOException("Not a dead letter: its arrival_time is not a time.", e);
            }
        }

        private DeadLetter toDeadLetter() throws IOException {
            if (form != FORM) {
                throw new IOException(
                        "Not a dead letter that this version can read: dead_letter must be "
                                + FORM
                                + ", not "
                                + form
                                + ".");
            }
            if (endpoint == null || stream == null || reason == null || data == null) {
                throw new IOException(
                        "Not a dead letter: one of endpoint, stream, reason and data is missing.");
            }
            return new DeadLetter(
                    endpoint,
                    stream,
                    shard,
                    sequenceNumber,
                    arrivalTime,
                    partitionKey,
                    clientInfo,
                    error,
                    reason,
                    part,
                    parts,
                    dataBytes < 0 ? data.length : dataBytes,
                    data);
        }
    }
}

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

package io.v3io.flink.e2e.interop;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;

/**
 * A record in the form in which it travels between the tests and the programs: one line of JSON,
 * bytes in base64. Absent and empty are one for key and client info: V3IO does not tell which of
 * the two a reader gets.
 *
 * @param shard null where the platform is to choose
 * @param sequence null before it is stored
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record RecordLine(
        @JsonProperty("shard") Integer shard,
        @JsonProperty("sequence") Long sequence,
        @JsonProperty("data") String data,
        @JsonProperty("key") String key,
        @JsonProperty("client") String client) {

    static final Comparator<RecordLine> BY_PLACE =
            Comparator.comparing(RecordLine::shard).thenComparing(RecordLine::sequence);

    private static final ObjectMapper JSON = new ObjectMapper();

    /** One to write; key and client info may be null. */
    static RecordLine of(byte[] data, String key, byte[] client) {
        return new RecordLine(
                null, null, encode(data), key, client == null ? null : encode(client));
    }

    static RecordLine of(String data) {
        return of(data.getBytes(StandardCharsets.UTF_8), null, null);
    }

    static RecordLine of(String data, String key) {
        return of(data.getBytes(StandardCharsets.UTF_8), key, null);
    }

    byte[] dataBytes() {
        return Base64.getDecoder().decode(data);
    }

    String text() {
        return new String(dataBytes(), StandardCharsets.UTF_8);
    }

    byte[] clientBytes() {
        return client == null ? null : Base64.getDecoder().decode(client);
    }

    /** What its writer wrote, without where it was stored. */
    RecordLine content() {
        return new RecordLine(
                null,
                null,
                data,
                key == null || key.isEmpty() ? null : key,
                client == null || client.isEmpty() ? null : client);
    }

    /** Where it is stored, and what it is. */
    RecordLine normalized() {
        RecordLine content = content();
        return new RecordLine(shard, sequence, content.data, content.key, content.client);
    }

    String format() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String format(List<RecordLine> records) {
        StringBuilder lines = new StringBuilder();
        for (RecordLine record : records) {
            lines.append(record.format()).append('\n');
        }
        return lines.toString();
    }

    static RecordLine parseLine(String line) {
        try {
            return JSON.readValue(line, RecordLine.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Only complete lines: a process may be writing the last one. */
    static List<RecordLine> parse(String lines) {
        List<RecordLine> records = new ArrayList<>();
        for (int start = 0, end; (end = lines.indexOf('\n', start)) >= 0; start = end + 1) {
            records.add(parseLine(lines.substring(start, end)));
        }
        return records;
    }

    private static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}

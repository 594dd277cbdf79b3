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

package io.v3io.flink.formats;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Records as storey itself has made them. Those of 1.11.7 are compared with what storey makes
 * wherever Python is there (StoreyITCase); 1.2.2 was run by hand.
 */
final class GoldenEvents {

    private static final ObjectMapper JSON = new ObjectMapper();

    private GoldenEvents() {}

    /** The data of records, by what is in them. */
    static Map<String, byte[]> of(String version) {
        String name = "/storey/storey-" + version + ".jsonl";
        try (InputStream in = GoldenEvents.class.getResourceAsStream(name)) {
            Map<String, byte[]> events = new LinkedHashMap<>();
            for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
                JsonNode record = JSON.readTree(line);
                events.put(
                        record.get("kind").textValue(),
                        record.get("data").textValue().getBytes(UTF_8));
            }
            return events;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode json(byte[] data) {
        try {
            return JSON.readTree(new String(data, UTF_8));
        } catch (JsonProcessingException e) {
            throw new AssertionError(new String(data, UTF_8), e);
        }
    }
}

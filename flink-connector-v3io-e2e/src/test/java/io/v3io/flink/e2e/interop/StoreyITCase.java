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

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.cluster.StreamContent;
import io.v3io.flink.formats.StoreyEvent;
import io.v3io.flink.formats.StoreySerializationSchema;

import org.apache.flink.api.common.serialization.SimpleStringSchema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** What storey, and with it MLRun, writes is where it says, and it reads back what is there. */
@Timeout(240)
class StoreyITCase {

    private static final int EVENTS = 60;
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension static final InteropWorld WORLD = new InteropWorld("storey");

    private static final StreamPath TARGETS = InteropWorld.stream("target");
    private static final Map<String, List<JsonNode>> EXPECTED = new HashMap<>();
    private static final Map<String, List<JsonNode>> READ_BACK = new HashMap<>();

    @BeforeAll
    static void runTheFlows() {
        // storey asks for fewer, gets a 409, and goes by what there is.
        WORLD.createStream("target-existing", 5);
        collect(run("write", TARGETS), EXPECTED);
        collect(run("read", TARGETS), READ_BACK);
    }

    private static void collect(List<JsonNode> lines, Map<String, List<JsonNode>> byWay) {
        for (JsonNode line : lines) {
            byWay.computeIfAbsent(line.get("how").textValue(), how -> new ArrayList<>()).add(line);
        }
    }

    @ParameterizedTest
    @CsvSource({"field, 3", "number, 3", "callable, 3", "full, 3", "existing, 5"})
    void aStreamTargetsEventsAreWhereItsShardingFunctionSays(String how, int shards)
            throws Exception {
        StreamPath stream = InteropWorld.stream("target-" + how);
        assertThat(WORLD.java().describeStream(stream).join().shardCount()).isEqualTo(shards);
        assertThat(EXPECTED.get(how)).hasSize(EVENTS);

        Map<Integer, List<JsonNode>> stored = new TreeMap<>();
        for (StreamRecord record : StreamContent.read(WORLD.java(), stream)) {
            stored.computeIfAbsent(record.shard().number(), shard -> new ArrayList<>())
                    .add(JSON.readTree(record.data()));
        }

        assertThat(stored).isEqualTo(bodies(EXPECTED.get(how)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"field", "number", "callable", "full", "existing"})
    void theDriverReadsBackWhatTheTargetWrote(String how) throws Exception {
        Map<Integer, List<JsonNode>> expected = bodies(EXPECTED.get(how));
        if (how.equals("full")) {
            // Whole events are events again.
            expected.values().forEach(events -> events.replaceAll(event -> event.get("body")));
        }

        assertThat(bodies(READ_BACK.get(how))).isEqualTo(expected);

        Map<Integer, Long> newest = WORLD.newest(InteropWorld.stream("target-" + how));
        for (JsonNode line : READ_BACK.get(how)) {
            assertThat(line.get("newest").longValue())
                    .isEqualTo(newest.get(line.get("shard").intValue()));
            if (how.equals("full")) {
                JsonNode body = JSON.readTree(line.get("body").textValue());
                assertThat(line.get("key")).isEqualTo(body.get("user"));
                assertThat(line.get("id").textValue()).isEqualTo("id-" + body.get("n"));
            }
        }
    }

    /** By shard, in their order. */
    private static Map<Integer, List<JsonNode>> bodies(List<JsonNode> lines) throws Exception {
        Map<Integer, List<JsonNode>> bodies = new TreeMap<>();
        for (JsonNode line : lines) {
            bodies.computeIfAbsent(line.get("shard").intValue(), shard -> new ArrayList<>())
                    .add(JSON.readTree(line.get("body").textValue()));
        }
        return bodies;
    }

    @Test
    void aTablesRowsAreWhatTheLastEventOfTheirKeySays() {
        List<JsonNode> rows = run("table", InteropWorld.stream("table"));

        assertThat(rows).hasSize(7);
        for (JsonNode row : rows) {
            JsonNode attributes = row.get("attributes");
            int key = Integer.parseInt(row.get("user").textValue().substring("usér-".length()));
            int last = (EVENTS - 1 - key) / 7 * 7 + key;
            assertThat(attributes.get("user")).isEqualTo(row.get("user"));
            assertThat(attributes.get("n").intValue()).isEqualTo(last);
            assertThat(attributes.get("score").doubleValue()).isEqualTo(last / 4.0);
        }
    }

    /** Without Python, the tests of the format {@code storey-json} go by this file. */
    @Test
    void theFormatsGoldenRecordsAreWhatStoreyWrites() throws Exception {
        Path kept =
                Path.of("../flink-connector-v3io/src/test/resources/storey/storey-1.11.7.jsonl");
        assertThat(run("golden", InteropWorld.stream("golden")))
                .hasSize(27)
                .isEqualTo(Files.readAllLines(kept).stream().map(StoreyITCase::parse).toList());
    }

    /** What the format writes is for storey the event that it was. */
    @Test
    void storeyUnwrapsWhatTheSchemaWraps() throws Exception {
        StoreySerializationSchema<StoreyEvent<String>> schema =
                StoreySerializationSchema.ofEvents(new SimpleStringSchema());
        List<StoreyEvent<String>> events =
                List.of(
                        StoreyEvent.of("{\"user\": \"Zo\u00eb \ud83d\ude00\"}")
                                .withKey("k")
                                .withId("i"),
                        StoreyEvent.of("{}").withKey("a", "b\"\\\n"),
                        StoreyEvent.of("[1, null]").withId("\u2028"),
                        StoreyEvent.of("\"text\""),
                        StoreyEvent.of("NaN"),
                        StoreyEvent.<String>of(null).withKey("k"));
        StringBuilder input = new StringBuilder();
        for (StoreyEvent<String> event : events) {
            input.append("{\"data\": \"")
                    .append(Base64.getEncoder().encodeToString(schema.serialize(event)))
                    .append("\"}\n");
        }

        List<String> unwrapped =
                WORLD.pythonOutput("storey_flow.py", List.of("unwrap"), input.toString())
                        .lines()
                        .toList();

        assertThat(unwrapped)
                .containsExactly(
                        "{\"body\": {\"user\": \"Zo\\u00eb \\ud83d\\ude00\"}, \"key\": \"k\", \"id\": \"i\"}",
                        "{\"body\": {}, \"key\": [\"a\", \"b\\\"\\\\\\n\"], \"id\": null}",
                        "{\"body\": [1, null], \"key\": null, \"id\": \"\\u2028\"}",
                        "{\"body\": \"text\", \"key\": null, \"id\": null}",
                        "{\"body\": NaN, \"key\": null, \"id\": null}",
                        "{\"body\": null, \"key\": \"k\", \"id\": null}");
    }

    /** 10,000 keys, written by the sink and placed by StreamTarget. */
    @Test
    void theSinkChoosesTheShardsThatStoreyChooses() throws Exception {
        int shards = 7;
        Random random = new Random(20);
        Set<String> distinct = new LinkedHashSet<>();
        while (distinct.size() < 10_000) {
            // No surrogates, which are no text alone, and 80 of these are 240 bytes at the most.
            distinct.add(
                    random.ints(1 + random.nextInt(80), ' ', random.nextBoolean() ? 0x7F : 0xD7FF)
                            .collect(
                                    StringBuilder::new,
                                    StringBuilder::appendCodePoint,
                                    StringBuilder::append)
                            .toString());
        }
        List<String> keys = List.copyOf(distinct);
        StreamPath stream = WORLD.createStream("partitioner", shards);
        FlinkJobs.writeKeys(WORLD.emulator().endpoint(), stream, keys);
        StringBuilder input = new StringBuilder();
        for (String key : keys) {
            input.append("{\"key\": ").append(JSON.writeValueAsString(key)).append("}\n");
        }

        List<JsonNode> chosen =
                WORLD.pythonOutput(
                                "storey_flow.py",
                                List.of("shards", String.valueOf(shards)),
                                input.toString())
                        .lines()
                        .map(StoreyITCase::parse)
                        .toList();

        Map<String, Integer> ofStorey = new HashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            ofStorey.put(keys.get(i), chosen.get(i).get("shard").intValue());
        }
        Map<String, Integer> ofSink = new HashMap<>();
        for (StreamRecord record : StreamContent.read(WORLD.java(), stream)) {
            ofSink.put(new String(record.data(), UTF_8), record.shard().number());
        }
        assertThat(ofSink).isEqualTo(ofStorey).hasSize(10_000);
    }

    private static List<JsonNode> run(String command, StreamPath stream) {
        return WORLD.pythonOutput("storey_flow.py", command, stream, List.of())
                .lines()
                .map(StoreyITCase::parse)
                .toList();
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}

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

package io.v3io.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** {@code kill -9} in the middle of concurrent writes takes nothing away that was acknowledged. */
class CrashITCase {
    private static final int SHARDS = 4;
    private static final int WRITERS = 6;

    @TempDir Path directory;

    /** Where an acknowledged record must be. */
    private record Place(int shardId, long sequenceNumber) {}

    private record Commit(String group, int shardId) {}

    private final Map<Place, String> acknowledged = new ConcurrentHashMap<>();

    /** The newest acknowledged commit of a group in a shard; a later one may be stored as well. */
    private final Map<Commit, Integer> commits = new ConcurrentHashMap<>();

    private final Map<String, String> objects = new ConcurrentHashMap<>();
    private final AtomicInteger puts = new AtomicInteger();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void whatWasAcknowledgedSurvives(int round) throws Exception {
        long seed = System.nanoTime() + round;
        System.out.println("CrashITCase: seed " + seed);
        Random random = new Random(seed);
        String dataDir = directory.resolve("data").toString();
        for (int crash = 0; crash < 2; crash++) {
            writeUntilKilled(random, dataDir, crash);
        }
        try (EmulatorCommand process = start(dataDir)) {
            verify(new RawClient(process.endpoint()));
        }
    }

    private EmulatorCommand start(String dataDir) throws IOException {
        return new EmulatorCommand(directory, List.of(), "--port", "0", "--data-dir", dataDir)
                .ready();
    }

    private void writeUntilKilled(Random random, String dataDir, int crash) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try (EmulatorCommand process = start(dataDir)) {
            RawClient client = new RawClient(process.endpoint());
            if (crash == 0) {
                client.createStream("/users/s", SHARDS);
            } else {
                verify(client);
            }
            List<Future<Void>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                String name = crash + "-" + writer;
                Random ofWriter = new Random(random.nextLong());
                writers.add(
                        threads.submit(
                                () -> write(new RawClient(process.endpoint()), name, ofWriter)));
            }
            int enough = puts.get() + 50 + random.nextInt(400);
            await().until(() -> puts.get() >= enough);
            process.kill();
            for (Future<Void> writer : writers) {
                writer.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    /** Writes records, commits and objects until the emulator is gone. */
    private Void write(RawClient client, String name, Random random) throws InterruptedException {
        try {
            for (int i = 0; ; i++) {
                int shard = random.nextInt(SHARDS);
                String[] texts = new String[1 + random.nextInt(20)];
                for (int j = 0; j < texts.length; j++) {
                    texts[j] = name + "-" + i + "-" + j + "-" + "x".repeat(random.nextInt(2000));
                }
                JsonNode results = client.put("/users/s", shard, texts).json().get("Records");
                for (int j = 0; j < texts.length; j++) {
                    Place place = new Place(shard, results.get(j).get("SequenceNumber").asLong());
                    assertThat(acknowledged.put(place, texts[j]))
                            .as("a number that was given before")
                            .isNull();
                }
                puts.incrementAndGet();
                if (i % 5 == 0) {
                    commit(client, name, shard, i);
                }
            }
        } catch (IOException e) {
            // The emulator has been killed; what was not acknowledged may or may not be there.
            return null;
        }
    }

    private void commit(RawClient client, String name, int shard, int i)
            throws IOException, InterruptedException {
        String put =
                "{\"Item\":{\"__"
                        + name
                        + "_committed_sequence_number\":{\"N\":\""
                        + i
                        + "\"}},"
                        + "\"UpdateMode\":\"CreateOrReplaceAttributes\",\"ConditionExpression\":\"__obj_type == 3\"}";
        if (client.function("PutItem", "/users/s/" + shard, put).status() == 200) {
            commits.put(new Commit(name, shard), i);
        }
        String path = "/users/objects/" + name;
        if (client.method("PUT", path, Integer.toString(i)).status() == 200) {
            objects.put(path, Integer.toString(i));
        }
    }

    private void verify(RawClient client) throws Exception {
        for (int shard = 0; shard < SHARDS; shard++) {
            verifyRecords(client, shard);
        }
        for (Map.Entry<Commit, Integer> commit : commits.entrySet()) {
            String attribute = "__" + commit.getKey().group() + "_committed_sequence_number";
            String path = "/users/s/" + commit.getKey().shardId();
            JsonNode item =
                    client.function("GetItem", path, "{\"AttributesToGet\":\"" + attribute + "\"}")
                            .json();
            assertThat(item.at("/Item/" + attribute + "/N").asInt())
                    .isGreaterThanOrEqualTo(commit.getValue());
        }
        for (Map.Entry<String, String> object : objects.entrySet()) {
            int stored = Integer.parseInt(client.get(object.getKey()).body());
            assertThat(stored).isGreaterThanOrEqualTo(Integer.parseInt(object.getValue()));
        }
    }

    private void verifyRecords(RawClient client, int shard) throws Exception {
        Map<Place, String> expected = new HashMap<>(acknowledged);
        expected.keySet().removeIf(place -> place.shardId() != shard);
        assertThat(expected).isNotEmpty();
        long next = 1;
        String location = client.seek("/users/s/" + shard, "EARLIEST");
        JsonNode answer;
        do {
            answer = client.read("/users/s/" + shard, location, 1000).json();
            for (JsonNode record : answer.get("Records")) {
                assertThat(record.get("SequenceNumber").asLong())
                        .as("without gaps")
                        .isEqualTo(next);
                String text = expected.remove(new Place(shard, next));
                if (text != null) {
                    assertThat(RawClient.text(record)).isEqualTo(text);
                }
                next++;
            }
            location = answer.get("NextLocation").asText();
        } while (answer.get("RecordsBehindLatest").asLong() > 0);
        assertThat(expected).as("acknowledged, but gone").isEmpty();
    }
}

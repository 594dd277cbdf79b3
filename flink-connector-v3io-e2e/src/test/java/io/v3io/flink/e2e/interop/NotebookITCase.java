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

import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The platform's notebook about streams: 8 shards, pages of ten records, growth to 12, records for
 * the new shards by their ids, the words of fables by key, and the end of the stream. One side
 * writes with v3io-py and the other reads in Java; then the other way.
 */
@Timeout(240)
class NotebookITCase {

    private static final int WORDS = 2_236;
    private static final int LIMIT = 10;

    @RegisterExtension static final InteropWorld WORLD = new InteropWorld("notebook");

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    private static List<RecordLine> words;

    @BeforeAll
    static void readFables() throws Exception {
        words = new ArrayList<>();
        try (InputStream in =
                NotebookITCase.class.getResourceAsStream("/io/v3io/flink/examples/fables.txt")) {
            int number = 0;
            for (String fable :
                    new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList()) {
                if (fable.isBlank()) {
                    continue;
                }
                String key = "text_" + ++number;
                for (String part : fable.split("\\s+", -1)) {
                    String word = part.toLowerCase(Locale.ROOT).replaceAll("[^a-z]", "");
                    if (!word.isEmpty()) {
                        words.add(RecordLine.of(word, key));
                    }
                }
            }
        }
        assertThat(words).hasSize(WORDS);
    }

    @Test
    void pythonWritesAndJavaReads() throws Exception {
        StreamPath stream = InteropWorld.stream("notebook-python");

        WORLD.pythonOutput("notebook.py", "write", stream, words);

        assertThat(WORLD.java().describeStream(stream).join().shardCount()).isEqualTo(12);
        assertThatAllIsThere(FlinkJobs.read(FlinkJobs.source(WORLD.emulator().endpoint(), stream)));

        assertThat(WORLD.pythonOutput("notebook.py", "delete", stream, List.of()))
                .isEqualToIgnoringWhitespace("{\"status\": 204}");
        assertThatItIsGone(stream);
    }

    @Test
    void javaWritesAndPythonReads() throws Exception {
        StreamPath stream = WORLD.createStream("notebook-java", 8);

        put(
                stream,
                IntStream.range(0, 25)
                        .mapToObj(number -> record("page " + number).withShardId(0))
                        .toList());
        Location location = WORLD.java().seek(stream.shard(0), SeekPosition.earliest()).join();
        for (int page = 0; page < 2; page++) {
            RecordBatch batch = WORLD.java().getRecords(stream.shard(0), location, LIMIT).join();
            assertThat(batch.records())
                    .extracting(record -> new String(record.data(), StandardCharsets.UTF_8))
                    .containsExactlyElementsOf(
                            IntStream.range(page * LIMIT, (page + 1) * LIMIT)
                                    .mapToObj(number -> "page " + number)
                                    .toList());
            location = batch.nextLocation();
        }
        FlinkJobs.write(WORLD.emulator().endpoint(), stream, words.subList(0, WORDS / 2));
        WORLD.java().updateStream(stream, 12).join();
        put(
                stream,
                List.of(
                        record("new shard 10").withShardId(10),
                        record("new shard 11").withShardId(11)));
        FlinkJobs.write(WORLD.emulator().endpoint(), stream, words.subList(WORDS / 2, WORDS));

        assertThatAllIsThere(
                WORLD.python("notebook.py", "read", stream, List.of()).stream()
                        .map(RecordLine::normalized)
                        .toList());

        WORLD.java().deleteStream(stream).join();
        assertThatItIsGone(stream);
    }

    private static void assertThatAllIsThere(List<RecordLine> stored) {
        Map<String, List<String>> read = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        for (RecordLine record : stored) {
            if (record.key() == null) {
                others.add(record.shard() + ": " + record.text());
            }
        }
        Map<String, List<String>> written = new LinkedHashMap<>();
        for (RecordLine word : words) {
            written.computeIfAbsent(word.key(), key -> new ArrayList<>()).add(word.text());
        }
        // A key may be in another shard since the stream has grown, with its later words.
        for (String key : written.keySet()) {
            read.put(key, new ArrayList<>());
        }
        for (RecordLine record : stored) {
            if (record.key() != null) {
                read.get(record.key()).add(record.text());
            }
        }
        assertThat(others)
                .contains("0: page 0", "0: page 24", "10: new shard 10", "11: new shard 11")
                .hasSize(27);
        assertThat(read.keySet()).isEqualTo(written.keySet());
        written.forEach(
                (key, all) ->
                        assertThat(read.get(key)).as(key).containsExactlyInAnyOrderElementsOf(all));
    }

    private static void assertThatItIsGone(StreamPath stream) {
        assertThatThrownBy(() -> WORLD.java().describeStream(stream).join())
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        V3ioException.class,
                        failure ->
                                assertThat(failure.kind()).isEqualTo(V3ioException.Kind.NOT_FOUND));
    }

    private static PutRecord record(String data) {
        return PutRecord.of(data.getBytes(StandardCharsets.UTF_8));
    }

    private static void put(StreamPath stream, List<PutRecord> records) {
        assertThat(WORLD.java().putRecords(stream, records).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }
}

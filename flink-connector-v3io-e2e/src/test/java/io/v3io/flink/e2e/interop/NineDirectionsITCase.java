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
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What one of v3io-py, v3io-go and this project's sink writes, all of v3io-py, v3io-go and this
 * project's source read, to the last byte and in the same order.
 */
@Timeout(240)
class NineDirectionsITCase {

    private static final int SHARDS = 3;
    private static final int KEYS = 20;

    @RegisterExtension static final InteropWorld WORLD = new InteropWorld("directions");

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);

    private enum Writer {
        PYTHON {
            @Override
            void write(StreamPath stream, List<RecordLine> records) {
                List<RecordLine> stored = WORLD.python("records.py", "write", stream, records);
                assertThat(stored).hasSameSizeAs(records);
            }
        },
        GO {
            @Override
            void write(StreamPath stream, List<RecordLine> records) {
                assertThat(WORLD.go("write", stream, records)).hasSameSizeAs(records);
            }
        },
        FLINK {
            @Override
            void write(StreamPath stream, List<RecordLine> records) throws Exception {
                FlinkJobs.write(WORLD.emulator().endpoint(), stream, records);
            }
        };

        abstract void write(StreamPath stream, List<RecordLine> records) throws Exception;
    }

    @ParameterizedTest
    @EnumSource
    void whatOneWritesAllReadAlike(Writer writer) throws Exception {
        StreamPath stream = WORLD.createStream("directions-" + writer, SHARDS);
        List<RecordLine> records = records(writer);

        writer.write(stream, records);

        List<RecordLine> python = normalized(WORLD.python("records.py", "read", stream, List.of()));
        List<RecordLine> go = normalized(WORLD.go("read", stream, List.of()));
        List<RecordLine> flink =
                FlinkJobs.read(FlinkJobs.source(WORLD.emulator().endpoint(), stream));
        assertThat(python.stream().map(RecordLine::content))
                .containsExactlyInAnyOrderElementsOf(
                        records.stream().map(RecordLine::content).toList());
        assertThat(python).isSortedAccordingTo(RecordLine.BY_PLACE);
        assertThat(go).isEqualTo(python);
        assertThat(flink).isEqualTo(python);
    }

    /** Answers are lost and attempts of the job fail; no reader has to drop anything. */
    @Test
    void whatAnExactlyOnceJobWritesAllReadOnce() throws Exception {
        StreamPath stream = WORLD.createStream("exactly-once", SHARDS);
        List<RecordLine> records = new ArrayList<>();
        for (int number = 0; number < 400; number++) {
            records.add(RecordLine.of("number " + number, "k" + number % KEYS));
        }
        WORLD.control()
                .setFaults(
                        7,
                        "{\"operation\": \"PutRecords\", \"action\": \"resetAfter\","
                                + " \"probability\": 0.2}",
                        "{\"operation\": \"PutRecords\", \"action\": \"resetBefore\","
                                + " \"probability\": 0.1}");

        FlinkJobs.writeExactlyOnce(WORLD.emulator().endpoint(), stream, records, 3);
        WORLD.control().clearFaults();

        List<RecordLine> python = normalized(WORLD.python("records.py", "read", stream, List.of()));
        List<RecordLine> go = normalized(WORLD.go("read", stream, List.of()));
        List<RecordLine> flink =
                FlinkJobs.read(FlinkJobs.source(WORLD.emulator().endpoint(), stream));
        assertThat(python.stream().map(RecordLine::text))
                .containsExactlyInAnyOrderElementsOf(
                        records.stream().map(RecordLine::text).toList());
        assertThat(python.stream().map(RecordLine::client))
                .doesNotHaveDuplicates()
                .allSatisfy(client -> assertThat(Base64.getDecoder().decode(client)).hasSize(16));
        assertThat(go).isEqualTo(python);
        assertThat(flink).isEqualTo(python);
    }

    @Test
    void aKeyIsInOneShardWhoeverWritesIt() throws Exception {
        StreamPath stream = WORLD.createStream("keys", 7);
        List<RecordLine> records = new ArrayList<>();
        for (int number = 0; number < 3 * KEYS; number++) {
            records.add(RecordLine.of("value " + number, "ключ-" + number % KEYS));
        }

        for (Writer writer : Writer.values()) {
            writer.write(stream, records);
        }

        Map<String, Set<Integer>> shards = new HashMap<>();
        List<RecordLine> stored = WORLD.python("records.py", "read", stream, List.of());
        for (RecordLine record : stored) {
            shards.computeIfAbsent(record.key(), key -> new TreeSet<>()).add(record.shard());
        }
        assertThat(stored).hasSize(3 * records.size());
        assertThat(shards).hasSize(KEYS);
        assertThat(shards.values()).allSatisfy(all -> assertThat(all).hasSize(1));
        // Otherwise a hash that ignores the key would do, too.
        assertThat(shards.values().stream().distinct().count()).isGreaterThan(1);
    }

    private static List<RecordLine> normalized(List<RecordLine> records) {
        return records.stream().map(RecordLine::normalized).toList();
    }

    private static List<RecordLine> records(Writer writer) {
        byte[] everyByte = new byte[256];
        for (int value = 0; value < everyByte.length; value++) {
            everyByte[value] = (byte) value;
        }
        byte[] large = new byte[300_000];
        new Random(7).nextBytes(large);
        byte[] sixteen = "0123456789abcdef".getBytes(StandardCharsets.UTF_8);
        String unicode = "naïve Wölfe, 狼と子羊, 🐺 \u0000 \" \\ \n";
        List<RecordLine> records =
                new ArrayList<>(
                        List.of(
                                RecordLine.of(unicode, "clé-狼-🐺"),
                                RecordLine.of(everyByte, "binary", everyByte16()),
                                RecordLine.of(large, "large", null),
                                RecordLine.of(new byte[0], "empty data", sixteen),
                                RecordLine.of(new byte[0], null, null),
                                RecordLine.of(sixteen, "empty client info", new byte[0]),
                                RecordLine.of(sixteen, null, sixteen),
                                RecordLine.of("256 bytes", "k".repeat(256)),
                                RecordLine.of("256 bytes, 128 letters", "ж".repeat(128)),
                                RecordLine.of("256 bytes, 64 letters", "🐺".repeat(64))));
        if (writer != Writer.GO) {
            // v3io-go puts keys into its JSON as they are.
            records.add(RecordLine.of("escapes", "\"\\/\b\t\n\u0001"));
        }
        for (int number = 0; number < 60; number++) {
            records.add(
                    RecordLine.of("number " + number, number % 4 == 0 ? null : "k" + number % 4));
        }
        return records;
    }

    private static byte[] everyByte16() {
        byte[] bytes = new byte[16];
        for (int index = 0; index < bytes.length; index++) {
            bytes[index] = (byte) (index * 17);
        }
        return bytes;
    }
}

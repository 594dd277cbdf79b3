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

package io.v3io.flink.sink;

import io.v3io.client.model.V3ioLimits;
import io.v3io.emulator.StoredRecord;

import org.apache.flink.configuration.MemorySize;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Records of any size with keys of any kind: no request is over a limit, for the emulator would
 * refuse it and the writer fail, and no record is split, lost or doubled.
 */
@Timeout(300)
class V3ioSinkLimitsTest {

    private static final int SHARDS = 4;

    /** From one byte of JSON for a byte of the key to six. */
    private static final List<String> PIECES =
            List.of("a", "\"", "\\", "\u0000", "\u001f", "\n", "\u007f", "ü", "€", "🐺", "\u2028");

    static LongStream seeds() {
        return Seeds.all();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void splitsLosesAndDoublesNoRecord(long seed) throws Exception {
        Random random = new Random(seed);
        List<Written> records = new ArrayList<>();
        // Enough for requests that are full of bytes, if they come one after another.
        int large = 10 + random.nextInt(20);
        for (int i = 0; i < large; i++) {
            // Up to the limit, and often at it.
            int bytes = V3ioLimits.MAX_DATA_BYTES - random.nextInt(2) * random.nextInt(1_000_000);
            records.add(random(i, bytes, random));
        }
        for (int i = large; i < 3_000; i++) {
            records.add(random(i, random.nextInt(1 << random.nextInt(12)), random));
        }
        if (random.nextBoolean()) {
            Collections.shuffle(records, random);
        }
        OrderGuarantee order = Seeds.anyOrder(random);
        int routing = random.nextInt(4);
        try (EmulatedSink sink = new EmulatedSink(seed)) {
            sink.createStream(STREAM, SHARDS);
            var settings = sink.builder();
            settings.setOrder(
                    routing == 0 || order != OrderGuarantee.STRICT
                            ? order
                            : OrderGuarantee.RELAXED);
            settings.setMaxBatchSize(1 + random.nextInt(1_000));
            if (random.nextBoolean()) {
                settings.setMaxBatchSizeInBytes(
                        new MemorySize(2 * 1024 * 1024 + random.nextInt(1_000_000)));
            }
            if (routing == 0) {
                settings.setPartitionKey(Written::key);
            } else if (routing == 1) {
                settings.setShardId(e -> e.length() % SHARDS);
            } else if (routing == 2) {
                settings.setPartitioner(Partitioner.FIXED);
            }
            if (random.nextBoolean()) {
                settings.setClientInfo(e -> new byte[e.length() % 17]);
            }
            sink.open(settings);
            sink.write(records.stream().map(Written::element).toList());
            sink.flush();

            List<Written> stored = new ArrayList<>();
            for (int shard = 0; shard < SHARDS; shard++) {
                for (StoredRecord record : sink.emulator().stream(STREAM).records(shard)) {
                    String element = new String(record.data(), StandardCharsets.UTF_8);
                    if (routing == 0) {
                        assertThat(Objects.requireNonNullElse(record.partitionKey(), ""))
                                .as("seed %d", seed)
                                .isEqualTo(Written.key(element));
                    }
                    stored.add(new Written(element));
                }
            }
            assertThat(stored.stream().map(Written::digest).sorted().toList())
                    .as("seed %d", seed)
                    .isEqualTo(records.stream().map(Written::digest).sorted().toList());
            assertThat(sink.task().counter("numRecordsSendErrors")).as("seed %d", seed).isZero();
            assertThat(sink.task().counter("numRecordsSend")).as("seed %d", seed).isEqualTo(3_000);
        }
    }

    private static Written random(int number, int bytes, Random random) {
        StringBuilder key = new StringBuilder();
        int pieces = random.nextInt(64);
        for (int i = 0; i < pieces; i++) {
            key.append(PIECES.get(random.nextInt(PIECES.size())));
        }
        String head = number + "|" + key + "|";
        int rest = Math.max(0, bytes - head.getBytes(StandardCharsets.UTF_8).length);
        return new Written(head + "x".repeat(rest));
    }

    /** An element: its number, its key, and as many letters as it takes. */
    private record Written(String element) {

        static String key(String element) {
            return element.substring(element.indexOf('|') + 1, element.lastIndexOf('|'));
        }

        /** Short enough for a message. */
        String digest() {
            return element.substring(0, element.indexOf('|'))
                    + " with "
                    + element.length()
                    + " characters and hash "
                    + element.hashCode();
        }
    }
}

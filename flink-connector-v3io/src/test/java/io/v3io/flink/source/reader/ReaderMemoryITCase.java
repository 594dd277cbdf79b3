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

package io.v3io.flink.source.reader;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A reader in a process of its own, whose heap holds a small part of what its shards have: only a
 * budget that is really kept lets it live.
 */
@Timeout(180)
class ReaderMemoryITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final int SHARDS = 1_000;

    /** In JSON about a megabyte. */
    private static final int RECORD_BYTES = 750_000;

    private static final int RECORDS_PER_REQUEST = 8;

    @Test
    void aThousandShardsThatAnswerAMegabyteEachFitIntoTheBudget(@TempDir Path folder)
            throws Exception {
        try (EmulatedStreams streams = PLATFORM.start()) {
            StreamPath stream = streams.create("users/me/large", SHARDS);
            fill(streams, stream);
            Path output = folder.resolve("output.txt");

            Process reader =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-Xmx192m",
                                    "-XX:+ExitOnOutOfMemoryError",
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    SlowReading.class.getName(),
                                    streams.endpoint(),
                                    stream.toString(),
                                    String.valueOf(SHARDS))
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            try {
                assertThat(reader.waitFor(150, TimeUnit.SECONDS)).as("ended").isTrue();
            } finally {
                reader.destroyForcibly().waitFor();
            }

            String printed = Files.readString(output);
            assertThat(reader.exitValue()).as(printed).isZero();
            assertThat(printed).contains("read " + SHARDS + " records");
            assertThat(peakBytes(printed))
                    .as(printed)
                    .isGreaterThan(SlowReading.BUDGET_BYTES / 2)
                    .isLessThanOrEqualTo(SlowReading.BUDGET_BYTES);
        }
    }

    private static void fill(EmulatedStreams streams, StreamPath stream) {
        byte[] data = new byte[RECORD_BYTES];
        List<PutRecord> records = new ArrayList<>();
        for (int shard = 0; shard < SHARDS; shard++) {
            records.add(PutRecord.of(data).withShardId(shard));
            if (records.size() == RECORDS_PER_REQUEST || shard == SHARDS - 1) {
                streams.putAll(stream, records);
                records.clear();
            }
        }
    }

    private static long peakBytes(String printed) {
        String marker = "peak of buffered bytes ";
        int start = printed.indexOf(marker) + marker.length();
        return Long.parseLong(printed.substring(start, printed.indexOf('\n', start)).strip());
    }
}

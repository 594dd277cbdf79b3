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

import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An exactly-once sink in a process of its own, whose heap holds a part of an epoch: however long
 * the checkpoint interval is, memory is bounded.
 */
@Timeout(120)
class ExactlyOnceMemoryITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String STREAM = "users/me/large";
    private static final String HEAP = "-Xmx112m";
    private static final int RECORDS = 3_500;

    @Test
    void anEpochLargerThanTheHeapIsStagedAndCommitted(@TempDir Path folder) throws Exception {
        try (EmulatedStreams streams = PLATFORM.start()) {
            streams.create(STREAM, 4);

            String printed = run(folder, streams, "users/me/staging");

            assertThat(printed).contains("committed " + RECORDS + " records");
            Set<Long> numbers = new HashSet<>();
            int records = 0;
            for (int shard = 0; shard < 4; shard++) {
                for (StoredRecord record : streams.emulator().stream(STREAM).records(shard)) {
                    numbers.add(LargeEpoch.number(record.data()));
                    records++;
                }
            }
            assertThat(records).isEqualTo(RECORDS);
            assertThat(numbers).hasSize(RECORDS);
            assertThat(streams.client().listObjects("users", "me/staging").join()).isEmpty();
        }
    }

    @Test
    void withoutAStagingDirectoryTheEpochFailsWithAMessage(@TempDir Path folder) throws Exception {
        try (EmulatedStreams streams = PLATFORM.start()) {
            streams.create(STREAM, 4);

            String printed = run(folder, streams, "");

            assertThat(printed).contains("setStagingDirectory").doesNotContain("OutOfMemory");
        }
    }

    private static String run(Path folder, EmulatedStreams streams, String staging)
            throws Exception {
        Path output = folder.resolve("output.txt");
        Process sink =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                HEAP,
                                "-XX:+ExitOnOutOfMemoryError",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LargeEpoch.class.getName(),
                                streams.endpoint(),
                                STREAM,
                                String.valueOf(RECORDS),
                                staging)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(sink.waitFor(100, TimeUnit.SECONDS)).as("ended").isTrue();
        } finally {
            sink.destroyForcibly().waitFor();
        }
        String printed = Files.readString(output);
        assertThat(sink.exitValue()).as(printed).isZero();
        return printed;
    }
}

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

package io.v3io.flink.examples;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class StreamTourTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String KEY = "the-right-access-key";

    @TempDir private Path directory;

    private final Output out = new Output();
    private final Output err = new Output();

    @Test
    void takesEveryStepAndSaysWhatItDid() {
        assertThat(run()).isZero();
        assertThat(err.text()).isEmpty();
        List<String> lines = out.lines();
        assertThat(lines).hasSize(14);
        assertThat(lines.get(0)).matches("Started an emulator at http://127\\.0\\.0\\.1:\\d+");
        assertThat(lines.subList(1, 6))
                .containsExactly(
                        " 1. Created stream users/examples/tour with 8 shards",
                        " 2. Described it: 8 shards, records are kept for 24 hours",
                        " 3. Grew it to 10 shards",
                        " 4. Put 259 words, which went to 10 shards",
                        " 5. Sought the earliest record of shard 0");
        // Which words are in shard 0 depends on where the platform begins to spread them.
        assertThat(lines.get(6)).matches(" 6\\. Got 10 records:( [a-z]+){10}");
        assertThat(lines.get(7))
                .matches(" 7\\. Got the next 10:( [a-z]+){10}; [56] more come after them");
        assertThat(lines.subList(8, 14))
                .containsExactly(
                        " 8. Grew it to 12 shards",
                        " 9. Put a text of 55 words to shard 10, sequence numbers 1 to 55",
                        "10. Put a text of 133 words to shard 11, sequence numbers 1 to 133",
                        "11. Read shard 10 back: its 55 words are the text",
                        "12. Put 2236 words of 23 fables in 3 requests at once, each fable's words"
                                + " in one shard",
                        "13. Deleted the stream");
    }

    @Test
    void runsAgainstAServerWithAKeyFromAFileAndLeavesNothingBehind() throws IOException {
        Path keyFile = Files.writeString(directory.resolve("key"), KEY + "\n");
        try (V3ioEmulator emulator = PLATFORM.start(e -> e.accessKey(KEY)).emulator()) {
            assertThat(
                            run(
                                    "--endpoint",
                                    emulator.endpoint(),
                                    "--access-key-file",
                                    keyFile.toString(),
                                    "--stream",
                                    "users/me/tour"))
                    .isZero();
            assertThat(emulator.hasStream("users/me/tour")).isFalse();
        }
        assertThat(out.text()).contains("Created stream users/me/tour").doesNotContain(KEY);
    }

    @Test
    void deletesTheStreamWhenAStepFails() throws IOException {
        Path keyFile = Files.writeString(directory.resolve("key"), KEY);
        try (V3ioEmulator emulator = PLATFORM.start().emulator()) {
            emulator.faults().add(Fault.on(Operation.PUT_RECORDS).failRecords("Broken", 3));
            assertThat(
                            run(
                                    "--endpoint",
                                    emulator.endpoint(),
                                    "--access-key-file",
                                    keyFile.toString()))
                    .isEqualTo(1);
            assertThat(emulator.hasStream("users/examples/tour")).isFalse();
        }
        assertThat(err.text()).contains("A word was not stored: Broken");
    }

    @Test
    void touchesNoStreamThatIsThere() throws IOException {
        Path keyFile = Files.writeString(directory.resolve("key"), KEY);
        try (V3ioEmulator emulator = PLATFORM.start().emulator()) {
            try (V3ioClient client =
                    V3ioClient.builder()
                            .setEndpoint(emulator.endpoint())
                            .setAccessKey(KEY)
                            .build()) {
                client.createStream(StreamPath.parse("users/examples/tour"), 3, 1).join();
            }
            assertThat(
                            run(
                                    "--endpoint",
                                    emulator.endpoint(),
                                    "--access-key-file",
                                    keyFile.toString()))
                    .isEqualTo(1);
            assertThat(emulator.stream("users/examples/tour").shardCount()).isEqualTo(3);
        }
        assertThat(err.text()).contains("users/examples/tour");
    }

    @Test
    void explainsItsOptions() {
        assertThat(run("--help")).isZero();
        assertThat(out.text()).contains("--endpoint", "--access-key-file", "--stream");
    }

    @Test
    void refusesWrongOptionsWithExitCode2() {
        assertThat(run("--nothing")).isEqualTo(2);
        assertThat(err.text()).contains("--nothing", "Try --help");
    }

    private int run(String... args) {
        return StreamTour.run(args, out.stream(), err.stream());
    }
}

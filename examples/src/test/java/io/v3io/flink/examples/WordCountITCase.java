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
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.core.execution.JobClient;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

@Tag("quick")
@Timeout(300)
class WordCountITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String KEY = "the-right-access-key";
    private static final String WORDS = "users/me/words";
    private static final String COUNTS = "users/me/counts";

    @TempDir private Path directory;

    private final Output out = new Output();
    private final Output err = new Output();

    @Test
    void countsTheWordsOfTheFables() {
        assertThat(run()).isZero();
        assertThat(err.text()).isEmpty();
        List<String> lines = out.lines();
        assertThat(lines.get(0)).startsWith("Started an emulator at http://127.0.0.1:");
        assertThat(lines.subList(1, lines.size()).stream().filter(l -> !l.startsWith("  ...")))
                .containsExactly(
                        "Created stream users/examples/words with 8 shards",
                        "Wrote 1128 words of fables 1 to 11 with partition keys text_1 to text_11",
                        "Grew stream users/examples/words to 12 shards",
                        "Wrote 1108 words of fables 12 to 23 with partition keys text_12 to text_23",
                        "Created stream users/examples/word-counts with 8 shards",
                        "Read 2236 words from users/examples/words and wrote their counts to"
                                + " users/examples/word-counts",
                        "Read 754 counts back from users/examples/word-counts",
                        "",
                        "rank  word          count",
                        "   1  the             140",
                        "   2  a                95",
                        "   3  and              81",
                        "   4  to               60",
                        "   5  his              49",
                        "   6  he               45",
                        "   7  of               41",
                        "   8  you              41",
                        "   9  in               40",
                        "  10  i                38",
                        "  11  him              28",
                        "  12  for              26",
                        "  13  that             23",
                        "  14  was              21",
                        "  15  had              18",
                        "  16  not              18",
                        "  17  said             18",
                        "  18  as               17",
                        "  19  it               17",
                        "  20  my               17",
                        "",
                        "2236 words, 754 distinct");
    }

    @Test
    void countsAStreamThatIsThereAsOftenAsItIsRun() throws Exception {
        try (V3ioEmulator emulator = PLATFORM.start(e -> e.accessKey(KEY)).emulator()) {
            assertThat(run(against(emulator))).isZero();
            assertKeysStayTogether(emulator);
            assertThat(run(against(emulator))).isZero();
            assertThat(emulator.stream(WORDS).recordCount()).isEqualTo(2_236);
            assertThat(emulator.stream(COUNTS).recordCount()).isEqualTo(2 * 754);
        }
        assertThat(out.text())
                .contains(
                        "Found stream users/me/words with 12 shards",
                        "Found stream users/me/counts with 8 shards")
                .containsOnlyOnce("Wrote 1128 words")
                .doesNotContain(KEY);
        assertThat(out.lines().stream().filter("2236 words, 754 distinct"::equals)).hasSize(2);
    }

    @Test
    void followsAStreamUntilItsJobIsCancelled() throws Exception {
        try (V3ioEmulator emulator = PLATFORM.start(e -> e.accessKey(KEY)).emulator()) {
            CompletableFuture<JobClient> job = new CompletableFuture<>();
            CompletableFuture<Integer> exitCode =
                    CompletableFuture.supplyAsync(
                            () ->
                                    WordCount.run(
                                            against(
                                                    emulator,
                                                    "--follow",
                                                    "--progress-interval",
                                                    "PT0.2S"),
                                            out.stream(),
                                            err.stream(),
                                            job::complete));
            awaitLine("2236 words, 754 distinct, most frequent: the 140, a 95, and 81");
            put(emulator, "the", "basilisk");
            awaitLine("2238 words, 755 distinct, most frequent: the 141, a 95, and 81");
            job.get(1, TimeUnit.MINUTES).cancel().get(1, TimeUnit.MINUTES);
            assertThat(exitCode.get(1, TimeUnit.MINUTES)).isZero();
        }
        assertThat(out.text()).contains("Following users/me/words").contains("was cancelled");
        assertThat(err.text()).isEmpty();
    }

    @Test
    void saysWhatIsWrongWithTheServer() throws Exception {
        try (V3ioEmulator emulator = PLATFORM.start(e -> e.accessKey("another-key")).emulator()) {
            assertThat(run(against(emulator))).isEqualTo(1);
        }
        assertThat(err.text()).startsWith("Failed: ").contains(WORDS).doesNotContain(KEY);
        assertThat(err.text()).doesNotContain("\tat ");
    }

    @ParameterizedTest
    @CsvSource({
        "--nothing, x, --nothing",
        "--stream, words, expected <container>/<path of the stream>",
        "--endpoint, ftp://host, --endpoint",
        "--access-key-file, key, needs --endpoint",
        "--progress-interval, soon, --progress-interval",
        "--progress-interval, PT0S, PT0.1S to PT1H"
    })
    void refusesWrongOptionsWithExitCode2(String option, String value, String words) {
        assertThat(run(option, value)).isEqualTo(2);
        assertThat(err.text()).contains(words, "Try --help");
        assertThat(out.text()).isEmpty();
    }

    @Test
    void refusesAKeyFileThatIsNotThere() {
        assertThat(run("--endpoint", "http://127.0.0.1:1", "--access-key-file", "/no/such/file"))
                .isEqualTo(2);
        assertThat(err.text()).contains("'/no/such/file' cannot be read");
    }

    @Test
    void explainsItsOptions() {
        assertThat(run("--help")).isZero();
        assertThat(out.text())
                .contains(
                        "--endpoint",
                        "--access-key-file",
                        "--stream",
                        "--counts-stream",
                        "--follow",
                        "--progress-interval");
    }

    private int run(String... args) {
        return WordCount.run(args, out.stream(), err.stream(), job -> {});
    }

    private String[] against(V3ioEmulator emulator, String... more) {
        Path keyFile = directory.resolve("key");
        try {
            Files.writeString(keyFile, KEY);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        List<String> args =
                new java.util.ArrayList<>(
                        List.of(
                                "--endpoint",
                                emulator.endpoint(),
                                "--access-key-file",
                                keyFile.toString(),
                                "--stream",
                                WORDS,
                                "--counts-stream",
                                COUNTS));
        args.addAll(List.of(more));
        return args.toArray(String[]::new);
    }

    private void awaitLine(String line) {
        await().atMost(Duration.ofMinutes(2))
                .untilAsserted(() -> assertThat(out.lines()).as(err.text()).contains(line));
    }

    private static void put(V3ioEmulator emulator, String... words) {
        try (V3ioClient client =
                V3ioClient.builder().setEndpoint(emulator.endpoint()).setAccessKey(KEY).build()) {
            client.putRecords(
                            StreamPath.parse(WORDS),
                            List.of(words).stream()
                                    .map(word -> PutRecord.of(word.getBytes(UTF_8)))
                                    .toList())
                    .join();
        }
    }

    /** The first eleven fables were written before the growth, the others after it. */
    private static void assertKeysStayTogether(V3ioEmulator emulator) {
        Map<String, Integer> shardOfKey = new HashMap<>();
        for (int shard = 0; shard < 12; shard++) {
            for (StoredRecord word : emulator.stream(WORDS).records(shard)) {
                Integer earlier = shardOfKey.put(word.partitionKey(), shard);
                assertThat(earlier).as(word.partitionKey()).isIn(null, shard);
            }
        }
        assertThat(shardOfKey).hasSize(23).containsKeys("text_1", "text_23");
    }
}

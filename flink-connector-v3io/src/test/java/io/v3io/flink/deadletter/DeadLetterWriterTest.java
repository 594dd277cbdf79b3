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

package io.v3io.flink.deadletter;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

@Timeout(60)
class DeadLetterWriterTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String KEY = "a-secret-access-key";
    private static final StreamPath LETTERS = StreamPath.parse("users/me/letters");
    private static final ShardId SHARD = StreamPath.parse("users/me/orders").shard(3);
    private static final RetryPolicy QUICK =
            new RetryPolicy(
                    100, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(20));

    /** No answer takes so long, on a busy machine either. */
    private static final Duration ANSWER = Duration.ofMinutes(1);

    /** For what is never answered. */
    private static final Duration SHORT_ANSWER = Duration.ofMillis(500);

    private final Progress progress = new Progress();
    private EmulatedStreams streams;
    private V3ioClient client;
    private DeadLetterWriter writer;

    @BeforeEach
    void start() {
        streams = PLATFORM.start();
        open(QUICK, ANSWER);
    }

    private void open(RetryPolicy policy, Duration answer) {
        client =
                V3ioClient.builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(KEY)
                        .setRetryPolicy(QUICK)
                        .setResponseTimeout(answer)
                        .build();
        writer =
                new DeadLetterWriter(
                        client,
                        new DeadLetterSettings(
                                LETTERS,
                                "setDeadLetterStream",
                                "setOnUnsubscribedStream",
                                streams.endpoint(),
                                policy,
                                answer),
                        progress);
    }

    private void reopen(RetryPolicy policy, Duration answer) {
        close();
        open(policy, answer);
    }

    private void close() {
        writer.close();
        client.close();
    }

    @AfterEach
    void stop() {
        close();
        streams.close();
    }

    @Test
    void aDeadLetterSaysWhatCameFromWhereAndWhy() throws Exception {
        streams.create(LETTERS.toString(), 2);
        StreamRecord record = record(17, new byte[] {0, -1, '"'}, "ann", new byte[] {9});

        writer.add(
                record,
                new IOException("line 1:\nnot JSON", new IllegalStateException("a stray \"")));
        writer.awaitStored();

        StoredRecord stored = stored().get(0);
        assertThat(DeadLetter.fromJson(stored.data()))
                .usingRecursiveComparison()
                .isEqualTo(
                        new DeadLetter(
                                streams.endpoint(),
                                "users/me/orders",
                                3,
                                17L,
                                record.arrivalTime(),
                                "ann",
                                new byte[] {9},
                                "java.io.IOException",
                                "line 1: not JSON / a stray \"",
                                1,
                                1,
                                3,
                                new byte[] {0, -1, '"'}));
        assertThat(new String(stored.data(), UTF_8))
                .startsWith("{\"dead_letter\":1,\"endpoint\":\"http://127.0.0.1")
                .contains("\"arrival_time\":\"2023-11-14T22:13:20.123456789Z\"")
                .contains("\"data\":\"AP8i\"");
        assertThat(stored.partitionKey()).isEqualTo("ann");
        assertThat(progress.stored).hasValue(1);
        assertThat(progress.pending).hasValue(0);
    }

    /** Whoever drops duplicates then sees one of them. */
    @Test
    void copiesOfADeadLetterHaveOneTagAndOneShard() throws Exception {
        streams.create(LETTERS.toString(), 16);
        for (String key : new String[] {null, "", "k".repeat(257), "\uD800", "ann"}) {
            for (int copy = 0; copy < 3; copy++) {
                writer.add(record(5, "x".getBytes(UTF_8), key, null), new IOException("no"));
                writer.awaitStored();
            }
        }
        writer.add(record(6, "x".getBytes(UTF_8), "ann", null), new IOException("no"));
        writer.awaitStored();

        List<List<StoredRecord>> shards =
                IntStream.range(0, 16)
                        .mapToObj(
                                shard ->
                                        streams.emulator().stream(LETTERS.toString())
                                                .records(shard))
                        .filter(records -> !records.isEmpty())
                        .toList();
        assertThat(shards).hasSizeLessThanOrEqualTo(2);
        Set<String> tags =
                shards.stream()
                        .flatMap(List::stream)
                        .map(record -> Base64.getEncoder().encodeToString(record.clientInfo()))
                        .collect(Collectors.toSet());
        assertThat(tags).hasSize(2);
    }

    @Test
    void aRecordThatIsTooLargeForOneDeadLetterIsInParts() throws Exception {
        streams.create(LETTERS.toString(), 2);
        byte[] data = new byte[2 * 1024 * 1024];
        new Random(1).nextBytes(data);

        writer.add(record(1, data, null, null), new IOException("x".repeat(100_000)));
        writer.awaitStored();

        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        List<StoredRecord> stored = stored();
        assertThat(stored).hasSize(3);
        for (int part = 1; part <= 3; part++) {
            byte[] json = stored.get(part - 1).data();
            // The least that any version of the platform takes.
            assertThat(json.length).isLessThanOrEqualTo(1_000_000);
            DeadLetter letter = DeadLetter.fromJson(json);
            assertThat(letter.part()).isEqualTo(part);
            assertThat(letter.parts()).isEqualTo(3);
            assertThat(letter.dataBytes()).isEqualTo(data.length);
            assertThat(letter.reason()).hasSizeBetween(2_000, 2_003);
            whole.write(letter.data());
        }
        assertThat(whole.toByteArray()).isEqualTo(data);
    }

    /** Whatever an exception and a key are made of. */
    @Test
    void theLargestDeadLetterIsTakenByEveryPlatform() throws Exception {
        streams.create(LETTERS.toString(), 1);
        String reason = "\u0001\u2028\uD83D\uDE00\"".repeat(20_000);

        writer.add(
                record(
                        Long.MAX_VALUE,
                        new byte[DeadLetterEncoder.MAX_PART_BYTES],
                        "\u0001".repeat(256),
                        new byte[16]),
                new IOException(reason));
        writer.awaitStored();

        assertThat(stored()).hasSize(1);
        assertThat(stored().get(0).data().length).isBetween(933_336, 1_000_000);
    }

    static Stream<Named<Fault>> transientFaults() {
        return Stream.of(
                Named.of("429", put().throttle(0).times(3)),
                Named.of("503", put().respond(503, "text/html", "<p>busy").times(3)),
                Named.of("the answer is lost", put().resetAfter().times(3)),
                Named.of("the request is lost", put().resetBefore().times(3)),
                Named.of("the answer is cut", put().cutBody().times(2)),
                Named.of("the answer never comes", put().never().times(1)),
                Named.of("it lands late", put().landLate(Duration.ofMillis(700)).times(1)),
                Named.of("some records fail", put().failRecords("SlowDown", 0, 2).times(3)));
    }

    private static Fault put() {
        return Fault.on(Operation.PUT_RECORDS).path("letters");
    }

    @ParameterizedTest
    @MethodSource("transientFaults")
    void whateverFailsForAWhileEachIsStoredAtLeastOnce(Fault fault) throws Exception {
        reopen(QUICK, SHORT_ANSWER);
        streams.create(LETTERS.toString(), 2);
        streams.emulator().faults().add(fault);

        for (int number = 1; number <= 50; number++) {
            writer.add(record(number, "x".getBytes(UTF_8), null, null), new IOException("no"));
        }
        writer.awaitStored();

        assertThat(storedNumbers())
                .containsExactlyElementsOf(IntStream.rangeClosed(1, 50).boxed().toList());
        assertThat(writer.isStored()).isTrue();
        assertThat(progress.stored).hasValue(50);
    }

    static Stream<Named<Fault>> finalFaults() {
        return Stream.of(
                Named.of(
                        "403",
                        put().respond(
                                        403,
                                        "application/json",
                                        "{\"ErrorCode\":-13,\"ErrorMessage\":\"Permission denied\"}")),
                Named.of("a record is refused", put().failRecords("InvalidArgumentException", 0)),
                Named.of("413 for one record", put().respond(413, "text/html", "too large")),
                Named.of("nonsense", put().respond(200, "text/html", "<p>welcome")));
    }

    @ParameterizedTest
    @MethodSource("finalFaults")
    void whatNoWaitingMendsFailsAndNamesTheStream(Fault fault) throws Exception {
        streams.create(LETTERS.toString(), 1);
        streams.emulator().faults().add(fault);
        writer.onFailure(progress.failures::incrementAndGet);

        writer.add(record(1, "x".getBytes(UTF_8), null, null), new IOException("no"));

        assertThatThrownBy(writer::awaitStored)
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith(
                        "Dead letters cannot be stored in stream users/me/letters: ")
                .hasMessageEndingWith(
                        "The job fails, because no checkpoint may pass a record whose dead letter is"
                                + " not stored.");
        assertThatThrownBy(
                        () ->
                                writer.add(
                                        record(2, "x".getBytes(UTF_8), null, null),
                                        new IOException("no")))
                .hasMessageContaining("users/me/letters");
        assertThat(writer.room()).isDone();
        assertThat(writer.stored()).isDone();
        assertThat(writer.isStored()).isFalse();
        await().untilAsserted(() -> assertThat(progress.failures).hasValue(1));
    }

    @Test
    void aMissingStreamIsToldOfBeforeTheFirstDeadLetter() {
        writer.onFailure(progress.failures::incrementAndGet);
        writer.checkStream();

        await().untilAsserted(() -> assertThat(progress.failures).hasValue(1));
        assertThatThrownBy(writer::throwIfFailed)
                .hasMessageContaining("users/me/letters")
                .hasMessageContaining("Create the stream, or correct setDeadLetterStream.");
    }

    static Stream<Named<Fault>> outages() {
        return Stream.of(
                Named.of("503", put().respond(503, "text/html", "<p>busy")),
                Named.of("no answer in time", put().never()),
                Named.of("no connection that lasts", put().resetBefore()),
                Named.of("a record fails each time", put().failRecords("SlowDown", 0)));
    }

    @ParameterizedTest
    @MethodSource("outages")
    void anOutageBeyondTheRetryPolicyFails(Fault fault) throws Exception {
        streams.create(LETTERS.toString(), 1);
        streams.emulator().faults().add(fault);
        reopen(
                new RetryPolicy(
                        1, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(2)),
                SHORT_ANSWER);

        writer.add(record(1, "x".getBytes(UTF_8), null, null), new IOException("no"));

        assertThatThrownBy(writer::awaitStored)
                .hasMessageContaining("given up after 2 attempts in ");
    }

    @Test
    void aStreamThatIsDeletedMeanwhileFails() throws Exception {
        streams.create(LETTERS.toString(), 1);
        writer.add(record(1, "x".getBytes(UTF_8), null, null), new IOException("no"));
        writer.awaitStored();
        streams.client().deleteStream(LETTERS).join();

        writer.add(record(2, "x".getBytes(UTF_8), null, null), new IOException("no"));

        assertThatThrownBy(writer::awaitStored)
                .hasMessageContaining("users/me/letters")
                .hasMessageContaining("Create the stream, or correct setDeadLetterStream.");
    }

    /** An answer comes, and the next one is added, at the same moment. */
    @Test
    void whatIsAddedWhileTheRestIsStoredIsWaitedForToo() throws Exception {
        streams.create(LETTERS.toString(), 1);
        for (int number = 1; number <= 2_000; number++) {
            writer.add(record(number, "x".getBytes(UTF_8), null, null), new IOException("no"));
            if (number % 3 == 0) {
                writer.awaitStored();
                assertThat(progress.stored).hasValue(number);
            } else {
                while (progress.stored.get() < number - 1) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void whatWaitsIsBoundedAndRoomComesWithTheAnswers() throws Exception {
        streams.create(LETTERS.toString(), 1);
        streams.emulator().pause();
        int added = 0;
        while (writer.hasRoom()) {
            writer.add(record(++added, new byte[500_000], null, null), new IOException("no"));
        }
        CompletableFuture<Void> room = writer.room();

        assertThat(room).isNotDone();
        assertThat(progress.pending.get())
                .isBetween(
                        DeadLetterWriter.MAX_PENDING_BYTES,
                        DeadLetterWriter.MAX_PENDING_BYTES + 1_500_000);

        streams.emulator().resume();
        room.join();
        assertThat(writer.hasRoom()).isTrue();
        writer.awaitStored();
        assertThat(storedNumbers()).hasSize(added);
    }

    @Test
    void aCancelledTaskDoesNotWait() throws Exception {
        streams.create(LETTERS.toString(), 1);
        streams.emulator().pause();
        writer.add(record(1, "x".getBytes(UTF_8), null, null), new IOException("no"));

        Thread.currentThread().interrupt();
        assertThatThrownBy(writer::awaitStored).isInstanceOf(InterruptedException.class);

        writer.close();
        streams.emulator().resume();
    }

    @Test
    void theAccessKeyDoesNotTravelInWhatAnExceptionSays() throws Exception {
        streams.create(LETTERS.toString(), 1);
        // The client knows what it has sent, which it has whenever there is a record.
        client.describeStream(LETTERS).join();
        String base64 = Base64.getEncoder().encodeToString(("user:" + KEY).getBytes(UTF_8));

        writer.add(
                record(1, "x".getBytes(UTF_8), null, null),
                new IOException(
                        "GET http://registry/?key=" + KEY + " failed",
                        new IllegalStateException("Authorization: Basic " + base64)));
        writer.awaitStored();

        String json = new String(stored().get(0).data(), UTF_8);
        assertThat(json).doesNotContain(KEY).doesNotContain(base64).contains("failed");
        assertThat(json.substring(json.indexOf("Basic "))).doesNotContain(base64.substring(10, 24));
    }

    private List<StoredRecord> stored() {
        List<StoredRecord> all = new ArrayList<>();
        var stream = streams.emulator().stream(LETTERS.toString());
        for (int shard = 0; shard < stream.shardCount(); shard++) {
            all.addAll(stream.records(shard));
        }
        return all;
    }

    private Set<Integer> storedNumbers() throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        for (StoredRecord record : stored()) {
            numbers.add(DeadLetter.fromJson(record.data()).sequenceNumber().intValue());
        }
        return numbers;
    }

    private static StreamRecord record(
            long number, byte[] data, String partitionKey, byte[] clientInfo) {
        return new StreamRecord(
                SHARD, number, 1_700_000_000L, 123_456_789, data, partitionKey, clientInfo);
    }

    private static final class Progress implements DeadLetterWriter.Progress {
        private final AtomicInteger stored = new AtomicInteger();
        private final AtomicLong pending = new AtomicLong();
        private final AtomicInteger failures = new AtomicInteger();

        @Override
        public void deadLettersStored(int records) {
            stored.addAndGet(records);
        }

        @Override
        public void deadLettersPending(long bytes) {
            pending.set(bytes);
        }
    }
}

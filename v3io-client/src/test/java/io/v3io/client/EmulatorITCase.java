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

package io.v3io.client;

import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.client.testing.Clients;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.V3ioEmulator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** Every operation against a server that keeps what it is told. */
@Tag("quick")
class EmulatorITCase {

    private static final StreamPath PLAIN = StreamPath.of("users", "me/plain");
    private static final StreamPath STREAM = StreamPath.of("users", "me/st ream+%41\"\u4e16/words");

    private V3ioEmulator emulator;
    private V3ioClient client;

    @BeforeEach
    void start() {
        emulator = V3ioEmulator.builder().port(0).accessKey(Clients.KEY).seed(11).start();
        client =
                Clients.builder(emulator.endpoint())
                        .setRetryPolicy(Clients.quickRetries(50))
                        .build();
    }

    @AfterEach
    void stop() {
        client.close();
        emulator.close();
    }

    @Test
    void createsDescribesGrowsAndDeletesAStream() {
        assertThat(error(client.describeStream(STREAM)).kind()).isEqualTo(Kind.NOT_FOUND);
        get(client.createStream(STREAM, 4, 36));
        assertThat(get(client.describeStream(STREAM))).isEqualTo(new StreamDescription(4, 36));
        assertThat(error(client.createStream(STREAM, 4, 36)).kind()).isEqualTo(Kind.ALREADY_EXISTS);
        assertThat(error(client.updateStream(STREAM, 4)).kind()).isEqualTo(Kind.INVALID_ARGUMENT);
        get(client.updateStream(STREAM, 6));
        assertThat(get(client.describeStream(STREAM)).shardCount()).isEqualTo(6);
        assertThat(get(client.listStreams("users", "me/st ream+%41\"\u4e16")))
                .containsExactly(new StreamListing(STREAM, new StreamDescription(6, 36)));
        get(client.putRecords(STREAM, List.of(record("x", 0), record("y", 5))));
        get(client.deleteStream(STREAM));
        assertThat(emulator.hasStream(STREAM.toString())).isFalse();
        assertThat(error(client.deleteStream(STREAM)).kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void listsAndDeletesAStreamOfMoreShardsThanAPageHas() {
        int shards = 2_500;
        get(client.createStream(STREAM, shards, 24));
        List<PutRecord> records = new ArrayList<>();
        for (int shard = 0; shard < shards; shard++) {
            records.add(record("x", shard));
        }
        for (int from = 0; from < shards; from += 1_000) {
            assertThat(
                            get(
                                    client.putRecords(
                                            STREAM,
                                            records.subList(from, Math.min(shards, from + 1_000)))))
                    .allMatch(result -> result instanceof PutResult.Stored);
        }
        assertThat(get(client.newestSequenceNumbers(STREAM))).hasSize(shards);

        get(client.deleteStream(STREAM));

        assertThat(emulator.hasStream(STREAM.toString())).isFalse();
        assertThat(error(client.describeStream(STREAM)).kind()).isEqualTo(Kind.NOT_FOUND);
    }

    @Test
    void readsBackWhatWasPutWithEveryField() {
        get(client.createStream(STREAM, 2, 24));
        ShardId shard = STREAM.shard(1);
        assertThat(error(client.seek(shard, SeekPosition.earliest())).kind())
                .isEqualTo(Kind.NOT_FOUND);
        Instant before = Instant.now().minusSeconds(5);

        List<PutResult> results =
                get(
                        client.putRecords(
                                STREAM,
                                List.of(
                                        record("wolf", 1)
                                                .withPartitionKey("\"k\u00e9y\u0001\ud83d\udc3a")
                                                .withClientInfo(new byte[] {0, -1}),
                                        record("lost", 7),
                                        record("", 1))));

        assertThat(results.get(0)).isEqualTo(new PutResult.Stored(1, 1));
        assertThat(results.get(1)).isInstanceOf(PutResult.Failed.class);
        assertThat(results.get(2)).isEqualTo(new PutResult.Stored(1, 2));
        RecordBatch batch = read(shard, SeekPosition.earliest(), 10);
        assertThat(batch.recordsBehindLatest()).isZero();
        StreamRecord first = batch.records().get(0);
        assertThat(first.partitionKey()).isEqualTo("\"k\u00e9y\u0001\ud83d\udc3a");
        assertThat(first.clientInfo()).containsExactly(0, -1);
        assertThat(first.arrivalTime()).isBetween(before, Instant.now().plusSeconds(5));
        assertThat(texts(batch)).containsExactly("wolf", "");
        assertThat(batch.records().get(1).clientInfo()).isNull();
    }

    @Test
    void seeksInEveryWay() {
        get(client.createStream(STREAM, 1, 24));
        ShardId shard = STREAM.shard(0);
        putNumbers(0, 10);
        assertThat(texts(read(shard, SeekPosition.earliest(), 3))).containsExactly("0", "1", "2");
        assertThat(texts(read(shard, SeekPosition.sequenceNumber(9), 5))).containsExactly("8", "9");
        assertThat(texts(read(shard, SeekPosition.sequenceNumber(11), 5))).isEmpty();
        assertThat(error(client.seek(shard, SeekPosition.sequenceNumber(12))).kind())
                .isEqualTo(Kind.INVALID_ARGUMENT);
        assertThat(texts(read(shard, SeekPosition.time(Instant.EPOCH), 1))).containsExactly("0");
        Location latest = get(client.seek(shard, SeekPosition.latest()));
        assertThat(get(client.getRecords(shard, latest, 5)).records()).isEmpty();
        putNumbers(10, 11);
        assertThat(texts(get(client.getRecords(shard, latest, 5)))).containsExactly("10");
        assertThat(error(client.getRecords(shard, new Location("bm9uc2Vuc2U="), 5)).kind())
                .isIn(Kind.ILLEGAL_LOCATION, Kind.INVALID_ARGUMENT);
        emulator.expireLocations(STREAM.toString());
        assertThat(error(client.getRecords(shard, latest, 5)).kind())
                .isEqualTo(Kind.ILLEGAL_LOCATION);
    }

    @Test
    void commitsPositionsAndKnowsTheNewestSequenceNumbers() {
        get(client.createStream(STREAM, 3, 24));
        ShardId shard = STREAM.shard(2);
        assertThat(get(client.getCommittedSequenceNumber(shard, "my_job"))).isEmpty();
        assertThat(error(client.commitSequenceNumber(shard, "my_job", 1)).kind())
                .isIn(Kind.NOT_FOUND, Kind.CONDITION_FAILED);
        assertThat(get(client.newestSequenceNumbers(STREAM))).isEmpty();
        get(client.putRecords(STREAM, List.of(record("a", 2), record("b", 2), record("c", 0))));
        assertThat(get(client.newestSequenceNumbers(STREAM)))
                .isEqualTo(new TreeMap<>(Map.of(STREAM.shard(0), 1L, shard, 2L)));
        assertThat(get(client.getCommittedSequenceNumber(shard, "my_job"))).isEmpty();
        get(client.commitSequenceNumber(shard, "my_job", 2));
        assertThat(get(client.getCommittedSequenceNumber(shard, "my_job"))).hasValue(2);
        assertThat(get(client.getCommittedSequenceNumber(shard, "other"))).isEmpty();
    }

    @Test
    void makesTheStateObjectOfAGroupAndLeavesOneThatIsThere() throws Exception {
        get(client.createStream(PLAIN, 1, 24));
        assertThat(get(client.getGroupState(PLAIN, "my_job"))).isEmpty();

        assertThat(get(client.createGroupState(PLAIN, "my_job"))).isTrue();
        assertThat(get(client.getGroupState(PLAIN, "my_job")))
                .hasValue("{\"schema_version\":\"0.0.1\",\"session_states\":[]}");

        String item = groupState("my_job");
        assertThat(item).contains("session_states").doesNotContain("member_id");
        assertThat(get(client.createGroupState(PLAIN, "my_job"))).isFalse();
        assertThat(groupState("my_job")).isEqualTo(item);
        assertThat(get(client.createGroupState(PLAIN, "other"))).isTrue();
        assertThat(error(client.createGroupState(PLAIN, "my-job")).kind())
                .isEqualTo(Kind.INVALID_ARGUMENT);
    }

    /** As v3io-go reads it, with the time of its last change. */
    private String groupState(String group) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        emulator.endpoint()
                                                + "/"
                                                + PLAIN.container()
                                                + "/"
                                                + PLAIN.path()
                                                + "/"
                                                + group
                                                + "-state.json"))
                        .header("X-v3io-session-key", Clients.KEY)
                        .header("X-v3io-function", "GetItem")
                        .PUT(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"AttributesToGet\": \"__mtime_nsecs,__mtime_secs,state\"}"))
                        .build();
        HttpResponse<String> answer =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void readsExactlyOnceThroughEveryTransientFault() {
        get(client.createStream(STREAM, 1, 24));
        putNumbers(0, 2_000);
        for (Operation operation : List.of(Operation.GET_RECORDS, Operation.SEEK)) {
            emulator.faults()
                    .add(Fault.on(operation).respond(503, "text/html", "<html>").probability(0.1));
            emulator.faults().add(Fault.on(operation).resetBefore().probability(0.1));
            emulator.faults().add(Fault.on(operation).resetAfter().probability(0.1));
            emulator.faults().add(Fault.on(operation).cutBody().probability(0.1));
            emulator.faults().add(Fault.on(operation).throttle(0).probability(0.1));
        }
        List<String> read = new ArrayList<>();
        Location location = get(client.seek(STREAM.shard(0), SeekPosition.earliest()));
        while (read.size() < 2_000) {
            RecordBatch batch = get(client.getRecords(STREAM.shard(0), location, 37));
            read.addAll(texts(batch));
            location = batch.nextLocation();
        }
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            expected.add(Integer.toString(i));
        }
        assertThat(read).isEqualTo(expected);
        assertThat(client.metrics().retries()).isPositive();
        assertThat(client.metrics().bytesReceived()).isGreaterThan(2_000 * 50L);
    }

    @Test
    void aCallerThatCountsWhatItAdmitsNeverHoldsMoreThanItsBudget() {
        get(client.createStream(STREAM, 8, 24));
        List<PutRecord> records = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            records.add(PutRecord.of(new byte[20_000]).withShardId(i % 8));
        }
        get(client.putRecords(STREAM, records));
        Location[] locations = new Location[8];
        for (int shard = 0; shard < 8; shard++) {
            locations[shard] = get(client.seek(STREAM.shard(shard), SeekPosition.earliest()));
        }
        emulator.faults().add(Fault.on(Operation.GET_RECORDS).cutBody().times(3));
        // One answer has some 267,000 bytes: two of them fit, and no third one.
        Budget budget = new Budget(600_000);
        Queue<Integer> unread = new ArrayDeque<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
        int refusals = 0;
        while (!unread.isEmpty()) {
            Map<Integer, CompletableFuture<RecordBatch>> underWay = new TreeMap<>();
            for (int shard : unread) {
                AnswerAdmission account = budget.open(shard);
                underWay.put(
                        shard,
                        client.getRecords(STREAM.shard(shard), locations[shard], 100, account));
            }
            for (Map.Entry<Integer, CompletableFuture<RecordBatch>> read : underWay.entrySet()) {
                try {
                    assertThat(read.getValue().get(30, TimeUnit.SECONDS).records()).hasSize(10);
                    unread.remove(read.getKey());
                } catch (ExecutionException e) {
                    assertThat(((V3ioException) e.getCause()).kind()).isEqualTo(Kind.NOT_ADMITTED);
                    refusals++;
                } catch (InterruptedException | TimeoutException e) {
                    throw new AssertionError(e);
                }
            }
            underWay.keySet().forEach(budget::close);
        }
        assertThat(refusals).isPositive();
        assertThat(budget.used()).isZero();
        assertThat(budget.mostUsed()).isBetween(200_000L, 600_000L);
        // A cut body is read again, unless it was refused before its end was seen.
        assertThat(client.metrics().retries()).isLessThanOrEqualTo(3);
    }

    /** What a caller does with its admissions: the number of a request replaces the last one. */
    private static final class Budget {

        private final long limit;
        private final Map<Integer, Long> held = new HashMap<>();
        private long mostUsed;

        Budget(long limit) {
            this.limit = limit;
        }

        AnswerAdmission open(int request) {
            return bodyBytes -> admit(request, bodyBytes);
        }

        private synchronized boolean admit(int request, long bodyBytes) {
            long others = used() - held.getOrDefault(request, 0L);
            if (others + bodyBytes > limit) {
                return false;
            }
            held.put(request, bodyBytes);
            mostUsed = Math.max(mostUsed, used());
            return true;
        }

        synchronized void close(int request) {
            held.remove(request);
        }

        synchronized long used() {
            return held.values().stream().mapToLong(Long::longValue).sum();
        }

        synchronized long mostUsed() {
            return mostUsed;
        }
    }

    @Test
    void aServerThatNeverAnswersEndsWithTheTimeout() {
        get(client.createStream(STREAM, 1, 24));
        emulator.faults().add(Fault.on(Operation.DESCRIBE_STREAM).never());
        try (V3ioClient hasty =
                Clients.builder(emulator.endpoint())
                        .setResponseTimeout(Duration.ofMillis(200))
                        .build()) {
            assertThat(error(hasty.describeStream(STREAM)).kind()).isEqualTo(Kind.TRANSPORT);
        }
    }

    @Test
    void aWrongKeyIsRefused() {
        try (V3ioClient stranger =
                Clients.builder(emulator.endpoint()).setAccessKey("another-key").build()) {
            assertThat(error(stranger.describeStream(STREAM)).kind())
                    .isEqualTo(Kind.PERMISSION_DENIED);
        }
    }

    @Test
    void plainObjectsAreStoredReadListedAndDeleted() {
        byte[] content = {0, -1, 13, 10};
        assertThat(get(client.listObjects("users", "me/objects"))).isEmpty();

        get(client.putObject("users", "me/objects/a b", content));
        get(client.putObject("users", "me/objects/empty", new byte[0]));
        get(client.putObject("users", "me/objects/empty", new byte[0]));

        assertThat(get(client.getObject("users", "me/objects/a b"))).isEqualTo(content);
        assertThat(get(client.getObject("users", "me/objects/empty"))).isEmpty();
        assertThat(get(client.listObjects("users", "me/objects")))
                .containsExactlyInAnyOrder("a b", "empty");

        get(client.deleteObject("users", "me/objects/a b"));
        get(client.deleteObject("users", "me/objects/a b"));
        assertThat(get(client.listObjects("users", "me/objects"))).containsExactly("empty");
        assertThat(error(client.getObject("users", "me/objects/a b")).kind())
                .isEqualTo(Kind.NOT_FOUND);
        assertThat(error(client.putObject("users", "../objects", content)).kind())
                .isEqualTo(Kind.INVALID_ARGUMENT);
    }

    private void putNumbers(int from, int to) {
        for (int start = from; start < to; start += 1_000) {
            List<PutRecord> records = new ArrayList<>();
            for (int i = start; i < Math.min(to, start + 1_000); i++) {
                records.add(record(Integer.toString(i), 0));
            }
            assertThat(get(client.putRecords(STREAM, records)))
                    .allMatch(result -> result instanceof PutResult.Stored);
        }
    }

    private RecordBatch read(ShardId shard, SeekPosition position, int limit) {
        return get(client.getRecords(shard, get(client.seek(shard, position)), limit));
    }

    private static List<String> texts(RecordBatch batch) {
        return batch.records().stream()
                .map(record -> new String(record.data(), StandardCharsets.UTF_8))
                .toList();
    }

    private static PutRecord record(String text, int shard) {
        return PutRecord.of(text.getBytes(StandardCharsets.UTF_8)).withShardId(shard);
    }
}

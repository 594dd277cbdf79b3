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
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.V3ioEmulator;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;

import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Every operation, with what gateways, proxies and broken networks make of its answers, on a
 * platform of any dialect: each future ends, with the truth or with a {@link V3ioException}; no
 * text holds the access key; and when the faults are over, the same client works as if there had
 * been none.
 *
 * <p>Five fixed seeds; in the nightly profile 195 new ones more. {@code -Dv3io.test.seed=} repeats
 * one.
 */
class RandomAnswersITCase {

    private static final int SHARDS = 3;
    private static final int ROUNDS = 15;
    private static final int TOGETHER = 8;
    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final StreamPath MISSING = StreamPath.parse("users/me/none");

    static LongStream seeds() {
        Long one = Long.getLong("v3io.test.seed");
        if (one != null) {
            return LongStream.of(one);
        }
        LongStream fixed = LongStream.rangeClosed(1, 5);
        return Boolean.getBoolean("v3io.test.nightly")
                ? LongStream.concat(fixed, new Random().longs(195))
                : fixed;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tellsTheTruthOrFails(long seed) throws IOException {
        new Run(seed).run();
    }

    /** The calls of one seed, and what each may end in. */
    private static final class Run {

        private final Random random;
        private final String name;
        private final Dialect dialect;
        private final Gateway gateway;

        /** By shard, what is certainly stored at which number. */
        private final Map<ShardId, Map<Long, String>> stored = new HashMap<>();

        /** What each position may be: the last one that is certain, and those of unknown fate. */
        private final Map<ShardId, Set<Long>> committed = new HashMap<>();

        private int nextRecord;

        Run(long seed) {
            this.random = new Random(seed);
            this.dialect = Dialect.random(random).with(DialectSetting.LateRequests.NEVER);
            this.name = "seed " + seed + ", dialect " + dialect;
            this.gateway = new Gateway(random.nextLong());
        }

        void run() throws IOException {
            try (V3ioEmulator emulator =
                            V3ioEmulator.builder()
                                    .port(0)
                                    .accessKey(Clients.KEY)
                                    .seed(random.nextLong())
                                    .dialect(dialect)
                                    .start();
                    CannedServer between = CannedServer.start(gateway);
                    V3ioClient client =
                            Clients.builder(between.endpoint())
                                    .setRetryPolicy(Clients.quickRetries(random.nextInt(4)))
                                    .setResponseTimeout(Duration.ofMillis(700))
                                    .setMaxConnections(1 + random.nextInt(6))
                                    .build();
                    V3ioClient patient = Clients.builder(emulator.endpoint()).build()) {
                gateway.api = emulator.endpoint();
                get(patient.createStream(STREAM, SHARDS, 24));
                gateway.isAtWork = true;
                for (int round = 0; round < ROUNDS; round++) {
                    List<CompletableFuture<?>> together = new ArrayList<>();
                    for (int i = 0; i < TOGETHER; i++) {
                        together.add(checked(any(client)));
                    }
                    together.forEach(Clients::get);
                }
                gateway.isAtWork = false;
                // On every connection, and on as many as it may have.
                await().untilAsserted(
                                () -> {
                                    List<CompletableFuture<?>> again = new ArrayList<>();
                                    for (int i = 0; i < TOGETHER; i++) {
                                        again.add(client.describeStream(STREAM));
                                    }
                                    assertThat(again)
                                            .as(name)
                                            .allSatisfy(
                                                    one ->
                                                            assertThat(one)
                                                                    .succeedsWithin(
                                                                            Duration.ofSeconds(
                                                                                    30)));
                                });
                await().untilAsserted(
                                () ->
                                        assertThat(client.metrics().requestsInFlight())
                                                .as(name)
                                                .isZero());
                requireAllThatIsStored(patient);
            }
        }

        private CompletableFuture<?> any(V3ioClient client) {
            ShardId shard = STREAM.shard(random.nextInt(SHARDS));
            return switch (random.nextInt(9)) {
                case 0, 1, 2 -> put(client, shard);
                case 3 ->
                        client.describeStream(STREAM)
                                .thenAccept(
                                        found ->
                                                assertThat(found.shardCount())
                                                        .as(name)
                                                        .isEqualTo(SHARDS));
                case 4 -> mustNotBeThere(client.describeStream(MISSING));
                case 5 -> newest(client);
                case 6 -> read(client, shard, random.nextInt(5) + 1);
                case 7 -> commit(client, shard);
                default -> notMissing(true, client.describeStream(STREAM));
            };
        }

        /** Whatever it ends with: it ends, and with no word of the key. */
        private CompletableFuture<?> checked(CompletableFuture<?> operation) {
            return operation.handle(
                    (value, error) -> {
                        Throwable cause =
                                error instanceof CompletionException ? error.getCause() : error;
                        if (cause == null) {
                            return null;
                        }
                        if (!(cause instanceof V3ioException e)) {
                            throw new AssertionError(name, cause);
                        }
                        StringWriter text = new StringWriter();
                        e.printStackTrace(new PrintWriter(text));
                        assertThat(text + " " + e.symbolicName())
                                .as(name)
                                .doesNotContain(
                                        Clients.KEY, Gateway.base64(Clients.KEY).substring(0, 20));
                        assertThat(e.kind())
                                .as(name + ": " + e.getMessage())
                                .isNotIn(Kind.CLOSED, Kind.ILLEGAL_LOCATION, Kind.NOT_A_STREAM);
                        return null;
                    });
        }

        private CompletableFuture<?> put(V3ioClient client, ShardId shard) {
            List<PutRecord> records = new ArrayList<>();
            List<String> texts = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                String text = "record " + nextRecord++ + " " + "x".repeat(random.nextInt(3_000));
                texts.add(text);
                records.add(
                        PutRecord.of(text.getBytes(StandardCharsets.UTF_8))
                                .withShardId(shard.number()));
            }
            return client.putRecords(STREAM, records)
                    .thenAccept(
                            results -> {
                                assertThat(results).as(name).hasSameSizeAs(records);
                                for (int i = 0; i < results.size(); i++) {
                                    if (results.get(i) instanceof PutResult.Stored is) {
                                        assertThat(is.shardNumber()).isEqualTo(shard.number());
                                        isStored(shard, is.sequenceNumber(), texts.get(i));
                                    }
                                }
                            });
        }

        private synchronized void isStored(ShardId shard, long number, String text) {
            String other = stored.computeIfAbsent(shard, s -> new HashMap<>()).put(number, text);
            assertThat(other).as(name).isNull();
        }

        private synchronized Map<ShardId, Long> leastNewest() {
            Map<ShardId, Long> newest = new HashMap<>();
            stored.forEach(
                    (shard, records) ->
                            newest.put(
                                    shard,
                                    records.keySet().stream().mapToLong(n -> n).max().orElse(0)));
            return newest;
        }

        /** Never less than what was stored before it was asked. */
        private CompletableFuture<?> newest(V3ioClient client) {
            Map<ShardId, Long> least = leastNewest();
            List<ShardId> all = List.of(STREAM.shard(0), STREAM.shard(1), STREAM.shard(2));
            boolean lists = random.nextBoolean();
            return (lists
                            ? client.newestSequenceNumbers(STREAM)
                            : client.newestSequenceNumbers(all))
                    .thenAccept(
                            numbers ->
                                    least.forEach(
                                            (shard, number) ->
                                                    assertThat(numbers.getOrDefault(shard, -1L))
                                                            .as(name + ", " + shard)
                                                            .isGreaterThanOrEqualTo(number)));
        }

        private CompletableFuture<?> read(V3ioClient client, ShardId shard, int limit) {
            boolean isBorn = leastNewest().containsKey(shard);
            return notMissing(isBorn, client.seek(shard, SeekPosition.earliest()))
                    .thenCompose(location -> client.getRecords(shard, location, limit))
                    .thenAccept(
                            batch -> {
                                assertThat(batch.records().size()).isLessThanOrEqualTo(limit);
                                batch.records().forEach(record -> requireSame(shard, record));
                            });
        }

        private synchronized void requireSame(ShardId shard, StreamRecord record) {
            String expected = stored.getOrDefault(shard, Map.of()).get(record.sequenceNumber());
            String actual = new String(record.data(), StandardCharsets.UTF_8);
            assertThat(actual).as(name).startsWith("record ");
            if (expected != null) {
                assertThat(actual).as(name).isEqualTo(expected);
            }
        }

        /** One commit after the other for a shard would be slow; so any of them may be the last. */
        private CompletableFuture<?> commit(V3ioClient client, ShardId shard) {
            long number = 1L + random.nextInt(1_000);
            boolean hasOne;
            synchronized (this) {
                hasOne = committed.containsKey(shard);
            }
            if (random.nextBoolean() && leastNewest().containsKey(shard)) {
                return client.commitSequenceNumber(shard, "g", number)
                        .thenRun(
                                () -> {
                                    synchronized (this) {
                                        committed
                                                .computeIfAbsent(shard, s -> new HashSet<>())
                                                .add(number);
                                    }
                                });
            }
            return client.getCommittedSequenceNumber(shard, "g")
                    .thenAccept(
                            found -> {
                                if (hasOne) {
                                    // A position that is there is never said to be none.
                                    assertThat(found).as(name).isPresent();
                                }
                            });
        }

        private CompletableFuture<?> mustNotBeThere(CompletableFuture<?> operation) {
            return operation.thenAccept(
                    found -> {
                        throw new AssertionError(name + ": found " + found);
                    });
        }

        /** What is there is never said to be missing. */
        private <T> CompletableFuture<T> notMissing(
                boolean isThere, CompletableFuture<T> operation) {
            return operation.handle(
                    (value, error) -> {
                        if (error instanceof V3ioException e && e.kind() == Kind.NOT_FOUND) {
                            assertThat(isThere).as(name + ": " + e.getMessage()).isFalse();
                        }
                        if (error != null) {
                            throw new CompletionException(error);
                        }
                        return value;
                    });
        }

        private void requireAllThatIsStored(V3ioClient client) {
            for (ShardId shard : stored.keySet()) {
                Map<Long, String> left = new HashMap<>(stored.get(shard));
                Location location = get(client.seek(shard, SeekPosition.earliest()));
                RecordBatch batch;
                do {
                    batch = get(client.getRecords(shard, location, 100));
                    for (StreamRecord record : batch.records()) {
                        requireSame(shard, record);
                        left.remove(record.sequenceNumber());
                    }
                    location = batch.nextLocation();
                } while (!batch.records().isEmpty());
                assertThat(left.keySet()).as(name + ", " + shard).isEmpty();
            }
        }
    }

    /** Between the client and the API; passes on, or does what its like do in bad times. */
    private static final class Gateway implements CannedServer.Handler {

        private final Random random;
        private volatile String api = "";
        private volatile boolean isAtWork;

        Gateway(long seed) {
            this.random = new Random(seed);
        }

        static String base64(String text) {
            return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void handle(CannedServer.Request request, CannedServer.Connection connection)
                throws IOException {
            int what;
            int cut;
            synchronized (random) {
                what = isAtWork ? random.nextInt(30) : 99;
                cut = random.nextInt(200);
            }
            String key = request.header("X-v3io-session-key");
            switch (what) {
                case 0 -> connection.answer(404, "text/plain", "404 page not found");
                case 1 -> connection.answer(404, "text/html", "<html>" + key + "</html>");
                case 2 -> connection.answer(200, "text/html", "<html>Log in, " + key + "</html>");
                case 3 -> connection.answer(400, "text/html", "<html>400 Bad Request</html>");
                case 4 ->
                        connection.answer(
                                503, "text/html", "Busy".repeat(48) + " " + base64("x" + key));
                case 5 -> {
                    connection.write(CannedServer.head(503, "text/html", "", 50L << 20));
                    connection.write(new byte[1 << 15]);
                    connection.close();
                }
                case 6 -> connection.reset();
                case 7 -> {
                    pass(request);
                    connection.reset();
                }
                case 8 -> {
                    byte[] answer = whole(pass(request));
                    connection.write(Arrays.copyOf(answer, Math.min(cut, answer.length)));
                    connection.close();
                }
                case 9 -> {
                    Answer answer = pass(request);
                    // Of old: no length, and it may end anywhere.
                    connection.write("HTTP/1.0 " + answer.status() + " Old\r\n\r\n");
                    byte[] body = answer.body();
                    connection.write(Arrays.copyOf(body, Math.min(cut, body.length)));
                    connection.close();
                }
                case 10 -> {
                    // No answer: the client gives up by itself.
                }
                case 11 -> connection.answer(413, "text/html", "<html>Too Large</html>");
                case 12 -> connection.answer(429, "text/html", "Retry-After: 0\r\n", new byte[0]);
                case 13 -> {
                    // Nothing could tell this from the success of a commit.
                    if (request.function().equals("PutItem")) {
                        connection.reset();
                    } else {
                        connection.noContent();
                    }
                }
                default -> connection.write(whole(pass(request)));
            }
        }

        private Answer pass(CannedServer.Request request) throws IOException {
            HttpURLConnection passed =
                    (HttpURLConnection) URI.create(api + request.target()).toURL().openConnection();
            passed.setRequestMethod(request.method());
            passed.setRequestProperty("Connection", "close");
            passed.setRequestProperty("X-v3io-session-key", request.header("X-v3io-session-key"));
            if (!request.function().isEmpty()) {
                passed.setRequestProperty("X-v3io-function", request.function());
            }
            if (request.body().length > 0) {
                passed.setDoOutput(true);
                passed.getOutputStream().write(request.body());
            }
            int status = passed.getResponseCode();
            try (InputStream body =
                    status < 400 ? passed.getInputStream() : passed.getErrorStream()) {
                return new Answer(status, body == null ? new byte[0] : body.readAllBytes());
            }
        }

        /** An answer of the API, well formed or not. */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        private record Answer(int status, byte[] body) {}

        private static byte[] whole(Answer answer) {
            byte[] head =
                    CannedServer.head(answer.status(), "application/json", "", answer.body().length)
                            .getBytes(StandardCharsets.US_ASCII);
            byte[] all = Arrays.copyOf(head, head.length + answer.body().length);
            System.arraycopy(answer.body(), 0, all, head.length, answer.body().length);
            return all;
        }
    }
}

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
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is added while an answer is due: the test says when it comes. */
@Timeout(60)
class DeadLettersBetweenAnswersTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final StreamPath LETTERS = StreamPath.parse("users/me/letters");
    private static final RetryPolicy QUICK = retries(100);

    private EmulatedStreams streams;
    private DeadLetterWriter writer;
    private volatile CompletableFuture<Void> answersCome = new CompletableFuture<>();

    @BeforeEach
    void start() {
        streams = PLATFORM.start();
        streams.create(LETTERS.toString(), 1);
        writer = writer(QUICK);
    }

    @AfterEach
    void stop() {
        writer.close();
        streams.close();
    }

    private static RetryPolicy retries(int count) {
        return new RetryPolicy(
                count, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(20));
    }

    private DeadLetterWriter writer(RetryPolicy policy) {
        return new DeadLetterWriter(
                held(streams.client()),
                new DeadLetterSettings(
                        LETTERS,
                        "setDeadLetterStream",
                        "setOnUnsubscribedStream",
                        streams.endpoint(),
                        policy,
                        Duration.ofMinutes(1)),
                new DeadLetterWriter.Progress() {
                    @Override
                    public void deadLettersStored(int records) {}

                    @Override
                    public void deadLettersPending(long bytes) {}
                });
    }

    /** The same client; the writer hears of its answers when the test says so. */
    private V3ioClient held(V3ioClient client) {
        return (V3ioClient)
                Proxy.newProxyInstance(
                        V3ioClient.class.getClassLoader(),
                        new Class<?>[] {V3ioClient.class},
                        (proxy, method, arguments) -> {
                            CompletableFuture<Void> come = answersCome;
                            Object result;
                            try {
                                result = method.invoke(client, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                            return result instanceof CompletableFuture<?> answer
                                    ? after(come, answer)
                                    : result;
                        });
    }

    /** The answer itself, with the error as the client gives it. */
    private static CompletableFuture<Object> after(
            CompletableFuture<Void> come, CompletableFuture<?> answer) {
        CompletableFuture<Object> told = new CompletableFuture<>();
        CompletableFuture<?> unused =
                answer.whenComplete(
                        (value, error) -> {
                            CompletableFuture<Void> unusedToo =
                                    come.thenRun(
                                            () -> {
                                                if (error == null) {
                                                    told.complete(value);
                                                } else {
                                                    told.completeExceptionally(error);
                                                }
                                            });
                        });
        return told;
    }

    private static Fault put() {
        return Fault.on(Operation.PUT_RECORDS).path("letters");
    }

    /** Adds letters of which the first goes alone, and the others together afterwards. */
    private void addWhileTheFirstIsUnderWay(int from, int to, int bytes) throws IOException {
        answersCome = new CompletableFuture<>();
        for (int number = from; number <= to; number++) {
            writer.add(record(number, bytes), new IOException("no"));
        }
        answersCome.complete(null);
    }

    @Test
    void aRequestThatAGatewayFindsTooLargeIsSentInSmallerOnes() throws Exception {
        streams.emulator()
                .faults()
                .add(put().respond(413, "text/html", "too large").skip(1).times(2));

        addWhileTheFirstIsUnderWay(1, 50, 1);
        writer.awaitStored();

        assertThat(storedNumbers()).hasSize(50);
        assertThat(stored()).hasSize(50);
    }

    /** A gateway's bound is one of bytes: small records go on in large requests. */
    @Test
    void aRequestThatWasTooLargeDoesNotMakeTheLaterOnesShort() throws Exception {
        streams.emulator()
                .faults()
                .add(put().respond(413, "text/html", "too large").skip(1).times(1));
        addWhileTheFirstIsUnderWay(1, 3, 400_000);
        writer.awaitStored();
        long requests = streams.emulator().requestCount(Operation.PUT_RECORDS);

        addWhileTheFirstIsUnderWay(4, 503, 1);
        writer.awaitStored();

        assertThat(storedNumbers()).hasSize(503);
        assertThat(streams.emulator().requestCount(Operation.PUT_RECORDS) - requests)
                .isLessThan(10);
    }

    /** Each attempt of a request stores a record, which is no reason to give up. */
    @Test
    void whoMakesProgressIsNotGivenUp() throws Exception {
        writer.close();
        writer = writer(retries(3));
        // All but the first of each request.
        streams.emulator()
                .faults()
                .add(
                        put().failRecords("SlowDown", IntStream.range(1, 10).toArray())
                                .skip(1)
                                .times(9));

        addWhileTheFirstIsUnderWay(0, 10, 1);
        writer.awaitStored();

        assertThat(storedNumbers()).hasSize(11);
    }

    /** As HybridSource does when it changes from one reader to the next. */
    @Test
    void whoCompletesTheFutureOfAvailabilityDoesNotLetACheckpointPass() throws Exception {
        writer.add(record(1, 1), new IOException("no"));

        writer.stored().complete(null);
        writer.room().complete(null);
        CompletableFuture<Boolean> isStored = new CompletableFuture<>();
        Thread snapshot =
                new Thread(
                        () -> {
                            try {
                                writer.awaitStored();
                                isStored.complete(writer.isStored());
                            } catch (IOException | InterruptedException e) {
                                isStored.completeExceptionally(e);
                            }
                        });
        snapshot.start();
        await().until(() -> isWaiting(snapshot) || isStored.isDone());
        answersCome.complete(null);

        assertThat(isStored.join()).isTrue();
        assertThat(storedNumbers()).hasSize(1);
    }

    private static boolean isWaiting(Thread thread) {
        return thread.getState() == Thread.State.WAITING
                || thread.getState() == Thread.State.TIMED_WAITING;
    }

    private List<StoredRecord> stored() {
        return streams.emulator().stream(LETTERS.toString()).records(0);
    }

    private Set<Integer> storedNumbers() throws IOException {
        Set<Integer> numbers = new TreeSet<>();
        for (StoredRecord record : stored()) {
            numbers.add(DeadLetter.fromJson(record.data()).sequenceNumber().intValue());
        }
        return numbers;
    }

    private static StreamRecord record(long number, int bytes) {
        return new StreamRecord(
                StreamPath.parse("users/me/orders").shard(3),
                number,
                1_700_000_000L,
                0,
                "x".repeat(bytes).getBytes(UTF_8),
                null,
                null);
    }
}

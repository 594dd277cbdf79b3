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
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class DeadLetterRequestsTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final StreamPath LETTERS = StreamPath.parse("users/me/letters");
    private static final int LETTERS_ADDED = 200;

    private final EmulatedStreams streams = PLATFORM.start();
    private final AtomicInteger answers = new AtomicInteger();

    private final PendingDeadLetters pending =
            new PendingDeadLetters(
                    1 << 20,
                    new DeadLetterWriter.Progress() {
                        @Override
                        public void deadLettersStored(int records) {}

                        @Override
                        public void deadLettersPending(long bytes) {}
                    });

    @AutoClose
    private final DeadLetterRequests requests =
            new DeadLetterRequests(
                    tellingOfAnswers(streams.client()),
                    new DeadLetterSettings(
                            LETTERS,
                            "setDeadLetterStream",
                            "setOnUnsubscribedStream",
                            streams.endpoint(),
                            RetryPolicy.none(),
                            Duration.ofSeconds(10)),
                    pending,
                    pending::fail);

    /** Says that an answer has come at the moment at which the requests get it. */
    private V3ioClient tellingOfAnswers(V3ioClient client) {
        return (V3ioClient)
                Proxy.newProxyInstance(
                        V3ioClient.class.getClassLoader(),
                        new Class<?>[] {V3ioClient.class},
                        (proxy, method, arguments) -> {
                            @SuppressWarnings("unchecked")
                            List<PutRecord> records = (List<PutRecord>) arguments[1];
                            Object answer =
                                    client.putRecords((StreamPath) arguments[0], records)
                                            .thenApply(this::tell);
                            return answer;
                        });
    }

    private List<PutResult> tell(List<PutResult> results) {
        answers.incrementAndGet();
        return results;
    }

    /**
     * An answer leaves nothing to send, and a letter begins anew. Who asks all the time whether
     * there is something to begin with holds up whoever has just looked, so that the two meet.
     */
    @Test
    void aLetterThatIsAddedWhenTheLastAnswerComesIsSentOnce() throws Exception {
        streams.create(LETTERS.toString(), 1);
        AtomicBoolean isOver = new AtomicBoolean();
        CompletableFuture<Void> asking =
                CompletableFuture.runAsync(
                        () -> {
                            while (!isOver.get()) {
                                requests.begin();
                                Thread.onSpinWait();
                            }
                        });
        try {
            for (int letter = 1; letter <= LETTERS_ADDED; letter++) {
                PutRecord record =
                        PutRecord.of(String.valueOf(letter).getBytes(StandardCharsets.UTF_8))
                                .withShardId(0);
                while (answers.get() < letter - 1) {
                    Thread.onSpinWait();
                }
                long unused = pending.add(List.of(record));
                requests.begin();
            }
            assertThat(pending.awaitStored(Duration.ofSeconds(10))).isTrue();
        } finally {
            isOver.set(true);
            asking.join();
        }

        List<StoredRecord> stored = streams.emulator().stream(LETTERS.toString()).records(0);
        assertThat(stored.stream().map(letter -> new String(letter.data(), StandardCharsets.UTF_8)))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, LETTERS_ADDED).mapToObj(String::valueOf).toList());
    }
}

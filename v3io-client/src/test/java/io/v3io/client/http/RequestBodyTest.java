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

package io.v3io.client.http;

import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.BodyArrays;
import io.v3io.client.wire.RequestBody;

import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.nio.DataStreamChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** An array serves the next request when nobody can read it any more for the one before. */
class RequestBodyTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final int DATA_BYTES = 300_000;
    private static final String STORED =
            "{\"FailedRecordCount\":0,\"Records\":[{\"SequenceNumber\":1,\"ShardId\":0}]}";

    private volatile CannedServer.Handler handler =
            (request, connection) -> connection.json(STORED);
    private CannedServer server;
    private ClientRuntime runtime;
    private HttpV3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        runtime =
                ClientRuntime.start(
                        Clients.builder(server.endpoint())
                                .setResponseTimeout(Duration.ofSeconds(20))
                                .setRetryPolicy(Clients.quickRetries(3))
                                .toConfig());
        client = new HttpV3ioClient(runtime);
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static List<PutRecord> record(int fill) {
        byte[] data = new byte[DATA_BYTES];
        Arrays.fill(data, (byte) fill);
        return List.of(PutRecord.of(data));
    }

    /** What the server must get for it. */
    private static byte[] bodyOf(int fill) {
        return ApiRequests.putRecords(STREAM, record(fill)).body().toBytes();
    }

    /** Whether an array is spare that held such a body. */
    private boolean isSpare(int fill) {
        byte[] body = bodyOf(fill);
        byte[] taken = runtime.bodyArrays().take(body.length);
        return Arrays.equals(taken, 0, body.length, body, 0, body.length);
    }

    @Test
    void theArrayOfARequestThatIsAnsweredServesTheNextOne() {
        get(client.putRecords(STREAM, record(1)));
        get(client.putRecords(STREAM, record(2)));

        assertThat(server.requests().get(0).body()).isEqualTo(bodyOf(1));
        assertThat(server.requests().get(1).body()).isEqualTo(bodyOf(2));
        assertThat(isSpare(2)).isTrue();
        assertThat(isSpare(1)).as("there was one array").isFalse();
    }

    @Test
    void itIsBackBeforeTheCallerHearsOfTheAnswer() {
        List<Boolean> seen = new ArrayList<>();
        get(client.putRecords(STREAM, record(1)).whenComplete((r, e) -> seen.add(isSpare(1))));
        assertThat(seen).containsExactly(true);
    }

    @Test
    void aRequestThatIsSentAgainIsSentAsItWas() {
        AtomicInteger refusals = new AtomicInteger(2);
        handler =
                (request, connection) -> {
                    if (refusals.getAndDecrement() > 0) {
                        connection.answer(429, "text/plain", "");
                    } else {
                        connection.json(STORED);
                    }
                };
        get(client.putRecords(STREAM, record(1)));

        assertThat(server.requests()).hasSize(3);
        for (CannedServer.Request request : server.requests()) {
            assertThat(request.body()).isEqualTo(bodyOf(1));
        }
        assertThat(isSpare(1)).isTrue();
        assertThat(isSpare(1)).as("it came back once").isFalse();
    }

    @Test
    void nothingComesBackOfARequestThatWasCancelled() {
        CountDownLatch end = new CountDownLatch(1);
        handler = (request, connection) -> awaitQuietly(end);
        CompletableFuture<?> cancelled = client.putRecords(STREAM, record(1));
        await().until(() -> server.requests().size() == 1);
        cancelled.cancel(true);
        await().until(() -> client.metrics().requestsInFlight() == 0);

        assertThat(isSpare(1)).isFalse();
        end.countDown();
    }

    @Test
    void nothingComesBackOfARequestThatWasNotUnderstood() {
        handler = (request, connection) -> connection.answer(400, "text/plain", "what?");
        V3ioException refused = error(client.putRecords(STREAM, record(1)));
        assertThat(refused.kind()).isNotEqualTo(Kind.TRANSPORT);

        assertThat(isSpare(1)).isFalse();
    }

    @Test
    void theCallersOwnArrayIsNeverUsedForAnother() {
        byte[] own = new byte[DATA_BYTES];
        handler = (request, connection) -> connection.noContent();
        get(client.putObject("users", "me/object", own));

        assertThat(runtime.bodyArrays().take(DATA_BYTES)).isNotSameAs(own);
    }

    @Test
    void aNewArrayFitsRequestsThatAreALittleLarger() {
        BodyArrays arrays = runtime.bodyArrays();
        byte[] first = arrays.take(1_400_000);
        arrays.giveBack(first);
        assertThat(arrays.take(1_400_900)).isSameAs(first);
        assertThat(arrays.take(100)).as("a small one").hasSize(100);
    }

    @Test
    void anAnswerThatComesBeforeTheLastByteIsSentGivesNothingBack() throws IOException {
        Recorder arrays = new Recorder();
        RequestBody body = ApiRequests.putRecords(STREAM, record(1), arrays).body();
        BodyProducer producer = new BodyProducer(body, ContentType.APPLICATION_JSON);
        Socket socket = new Socket();
        socket.room = body.length() - 1;
        producer.produce(socket);
        body.giveBack();
        assertThat(arrays.back).isEmpty();

        // The connection goes on with it: the server gets what was meant.
        socket.room = 10;
        producer.produce(socket);
        assertThat(socket.sent).isEqualTo(body.length());
        assertThat(socket.hasEnded).isTrue();
        body.giveBack();
        body.giveBack();
        assertThat(arrays.back).hasSize(1);
    }

    @Test
    void anAttemptThatWasGivenUpKeepsTheArrayFromBeingUsedAgain() throws IOException {
        Recorder arrays = new Recorder();
        RequestBody body = ApiRequests.putRecords(STREAM, record(1), arrays).body();
        BodyProducer givenUp = new BodyProducer(body, ContentType.APPLICATION_JSON);
        Socket stalled = new Socket();
        stalled.room = 1_000;
        givenUp.produce(stalled);
        givenUp.failed(new IOException("timed out"));
        givenUp.releaseResources();
        BodyProducer second = new BodyProducer(body, ContentType.APPLICATION_JSON);
        Socket socket = new Socket();
        socket.room = body.length();
        second.produce(socket);
        assertThat(socket.hasEnded).isTrue();
        body.giveBack();

        assertThat(arrays.back).isEmpty();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Recorder implements BodyArrays {

        final List<byte[]> back = new ArrayList<>();

        @Override
        public byte[] take(int bytes) {
            return new byte[bytes];
        }

        @Override
        public void giveBack(byte[] array) {
            back.add(array);
        }
    }

    /** Takes so many bytes and no more. */
    private static final class Socket implements DataStreamChannel {

        int room;
        int sent;
        boolean hasEnded;

        @Override
        public void requestOutput() {}

        @Override
        public int write(ByteBuffer source) {
            int bytes = Math.min(room, source.remaining());
            source.position(source.position() + bytes);
            room -= bytes;
            sent += bytes;
            return bytes;
        }

        @Override
        public void endStream() {
            hasEnded = true;
        }

        @Override
        public void endStream(List<? extends Header> trailers) {
            hasEnded = true;
        }
    }
}

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

import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.impl.BasicEntityDetails;
import org.apache.hc.core5.http.message.BasicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.reactor.IOSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BodyCollectorTest implements Exchange.Listener {

    private static final int MIB = 1024 * 1024;
    private static final int LIMIT = 32 * MIB;

    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1);
    private final List<HttpAnswer> answers = new ArrayList<>();
    private final List<Long> asked = new ArrayList<>();
    private final SpareArrays spares = new SpareArrays(LIMIT);
    private final StraightReads reads = new StraightReads(true);
    private Runnable whileDecoding = () -> {};
    private Exchange exchange = newExchange();
    private BodyCollector collector =
            new BodyCollector(LIMIT, new ClientCounters(), spares, exchange, null, reads);

    @Override
    public void hasLeftQueue(long waitedNanos) {
        // As it is sent, which nobody waits for.
    }

    @Override
    public void answered(HttpAnswer answer) {
        answers.add(answer);
        whileDecoding.run();
    }

    @Override
    public void failed(TransportFailure failure) {
        throw new AssertionError(failure);
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void anAnnouncementAloneTakesLittleMemory() throws IOException {
        begin(LIMIT);
        collector.consume(ByteBuffer.wrap(new byte[10]));
        HttpAnswer answer = end();
        assertThat(answer.length()).isEqualTo(10);
        assertThat(answer.body()).hasSizeLessThanOrEqualTo(MIB);
    }

    @Test
    void growsToTheAnnouncedLengthAndNotBeyond() throws IOException {
        byte[] body = new byte[3 * MIB + 1];
        new Random(7).nextBytes(body);
        begin(body.length);
        for (int from = 0; from < body.length; from += 60_000) {
            int bytes = Math.min(60_000, body.length - from);
            collector.consume(ByteBuffer.wrap(body, from, bytes));
        }
        HttpAnswer answer = end();
        assertThat(answer.length()).isEqualTo(body.length);
        assertThat(Arrays.equals(answer.body(), body)).isTrue();
    }

    @Test
    void anAnnouncedAnswerGetsASpareArrayOfItsSizeAtOnce() throws IOException {
        byte[] spare = new byte[3 * MIB];
        spares.giveBack(new byte[MIB]);
        spares.giveBack(spare);
        begin(2L * MIB + 1);
        // Before it is too long for the other one.
        collector.consume(ByteBuffer.wrap(new byte[10]));
        assertThat(end().body()).isSameAs(spare);
    }

    @Test
    void aSmallAnnouncedAnswerGetsItsSizeAtOnce() throws IOException {
        begin(100);
        collector.consume(ByteBuffer.wrap(new byte[100]));
        assertThat(end().body()).hasSize(100);
    }

    @Test
    void refusesMoreThanTheLimitWithoutAnAnnouncement() throws IOException {
        begin(-1);
        for (int i = 0; i < LIMIT / MIB; i++) {
            collector.consume(ByteBuffer.wrap(new byte[MIB]));
        }
        assertThatThrownBy(() -> collector.consume(ByteBuffer.wrap(new byte[1])))
                .isInstanceOf(AnswerTooLargeException.class);
    }

    @Test
    void anAdmittedAnswerGetsItsAnnouncedSizeAtOnceAndIsNotCopied() throws IOException {
        admitUpTo(LIMIT);
        begin(5L * MIB);
        assertThat(asked).containsExactly(5L * MIB);
        for (int i = 0; i < 5; i++) {
            collector.consume(ByteBuffer.wrap(new byte[MIB]));
        }
        assertThat(asked).containsExactly(5L * MIB);
        assertThat(end().body()).hasSize(5 * MIB);
    }

    @Test
    void anUnannouncedAnswerAsksForEachSizeThatItGrowsTo() throws IOException {
        admitUpTo(LIMIT);
        begin(-1);
        assertThat(asked).isEmpty();
        List<Long> sizes = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            collector.consume(ByteBuffer.wrap(new byte[10_000]));
            assertThat(asked.get(asked.size() - 1)).isGreaterThanOrEqualTo((i + 1) * 10_000L);
            sizes.add(asked.get(asked.size() - 1));
        }
        assertThat(asked).isSorted().doesNotHaveDuplicates().hasSizeLessThan(10);
        HttpAnswer answer = end();
        assertThat(answer.length()).isEqualTo(300_000);
        assertThat((long) answer.body().length).isEqualTo(sizes.get(sizes.size() - 1));
    }

    @Test
    void nothingIsKeptOfAnAnswerWhoseGrowthIsRefused() throws IOException {
        admitUpTo(100_000);
        begin(-1);
        collector.consume(ByteBuffer.wrap(new byte[60_000]));
        assertThatThrownBy(() -> collector.consume(ByteBuffer.wrap(new byte[60_000])))
                .isInstanceOf(NotAdmittedException.class)
                .hasMessageContaining("did not admit 120000 bytes");
        assertThat(asked).containsExactly(60_000L, 120_000L);
        // Whatever would end it now would end it with nothing.
        assertThat(end().body()).isEmpty();
    }

    @Test
    void anExchangeThatHasEndedAsksNobody() throws IOException {
        admitUpTo(LIMIT);
        begin(-1);
        exchange.answered(new HttpAnswer(200, null, null, new byte[0], 0, true));
        assertThatThrownBy(() -> collector.consume(ByteBuffer.wrap(new byte[1])))
                .isInstanceOf(NotAdmittedException.class);
        assertThat(asked).isEmpty();
    }

    @Test
    void ofAnErrorOnlyTheStartIsKeptAndNobodyIsAsked() throws IOException {
        for (long announced : new long[] {-1, MIB}) {
            answers.clear();
            admitUpTo(0);
            begin(503, announced);
            collector.consume(ByteBuffer.wrap("why".getBytes(StandardCharsets.US_ASCII)));
            for (int i = 0; i < 3; i++) {
                ByteBuffer more = ByteBuffer.wrap(new byte[MIB / 3 - 1]);
                collector.consume(more);
                assertThat(more.hasRemaining()).isFalse();
            }
            assertThat(asked).isEmpty();
            HttpAnswer answer = end();
            assertThat(answer.length()).isEqualTo(16 * 1024);
            assertThat(answer.isWhole()).isFalse();
            assertThat(answer.body()).hasSizeLessThanOrEqualTo(16 * 1024).startsWith('w', 'h', 'y');
        }
    }

    @Test
    void anErrorIsAnAnswerThoughItsBodyIsTooLargeOrCut() throws IOException {
        for (long announced : new long[] {-1, LIMIT + 1L, 100L * LIMIT}) {
            answers.clear();
            admitUpTo(0);
            begin(503, announced);
            collector.consume(ByteBuffer.wrap(new byte[MIB]));
            assertThatThrownBy(
                            () -> {
                                collector.consume(ByteBuffer.wrap(new byte[MIB]));
                            })
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("rest of an error");
            exchange.failed(new IOException("as the library would tell"));
            collector.releaseResources();
            assertThat(answers).hasSize(1);
            assertThat(answers.get(0).status()).isEqualTo(503);
            assertThat(answers.get(0).isWhole()).isFalse();
            assertThat(answers.get(0).length()).isEqualTo(16 * 1024);
        }
    }

    @Test
    void whatIsThrownInItEndsTheExchangeAndNotTheThread() throws IOException {
        begin(1_000);
        assertThatThrownBy(() -> collector.consume(null)).isInstanceOf(AnswerFaultException.class);
    }

    @Test
    void anAnswerBeforeTheRequestHasLeftIsTheProxys() throws IOException {
        exchange = newExchange();
        collector = new BodyCollector(LIMIT, new ClientCounters(), spares, exchange, null, reads);
        assertThatThrownBy(
                        () ->
                                collector.consumeResponse(
                                        new BasicHttpResponse(404),
                                        null,
                                        HttpCoreContext.create(),
                                        null))
                .isInstanceOf(ProxyRefusalException.class);
    }

    @Test
    void theArrayOfADecodedAnswerServesTheNextOne() throws IOException {
        admitUpTo(LIMIT);
        begin(MIB);
        whileDecoding = () -> assertThat(spares.take(MIB)).isNotSameAs(answers.get(0).body());
        HttpAnswer first = end();
        answers.clear();
        whileDecoding = () -> {};

        admitUpTo(LIMIT);
        begin(MIB - 1);
        collector.consume(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        HttpAnswer second = end();
        assertThat(second.body()).isSameAs(first.body()).startsWith(1, 2, 3);
        assertThat(second.length()).isEqualTo(3);
    }

    @Test
    void theArrayOfAnAnswerThatWasGivenUpServesNobody() throws IOException {
        byte[] spare = new byte[MIB];
        spares.giveBack(spare);
        admitUpTo(LIMIT);
        begin(MIB);
        // Another thread cancels; this one still has a part of the answer in hand.
        collector.releaseResources();
        collector.consume(ByteBuffer.wrap(new byte[0]));
        collector.streamEnd(null);
        collector.releaseResources();
        assertThat(answers).isEmpty();
        assertThat(spares.take(MIB)).isNotSameAs(spare);
    }

    @Test
    void anAnswerThatIsReleasedWhileItIsDecodedGoesBackAfterThat() throws IOException {
        admitUpTo(LIMIT);
        begin(MIB);
        whileDecoding =
                () -> {
                    collector.releaseResources();
                    assertThat(spares.take(MIB)).isNotSameAs(answers.get(0).body());
                };
        HttpAnswer answer = end();
        assertThat(spares.take(MIB)).isSameAs(answer.body());
    }

    @Test
    void theArrayOfAnErrorNeverBelongsToAnotherAnswer() throws IOException {
        SpareArrays evenSmallest = new SpareArrays(LIMIT, 1);
        evenSmallest.giveBack(new byte[16 * 1024]);
        for (long announced : new long[] {20_000, -1}) {
            answers.clear();
            exchange = newExchange();
            collector =
                    new BodyCollector(
                            LIMIT, new ClientCounters(), evenSmallest, exchange, null, reads);
            begin(400, announced);
            // Two parts, so that an array of unannounced length grows.
            collector.consume(ByteBuffer.wrap(new byte[10_000]));
            // As another thread does when its time is over.
            exchange.failed(new IOException("The connection is gone."));
            byte[] told = answers.get(0).body();
            collector.consume(ByteBuffer.wrap(new byte[10_000]));
            collector.streamEnd(null);
            collector.releaseResources();
            assertThat(evenSmallest.take(told.length)).isNotSameAs(told);
        }
    }

    @Test
    void aBodyIsReadStraightIntoItsArray() throws IOException {
        byte[] body = new byte[MIB - 5];
        new Random(8).nextBytes(body);
        ListeningSession session = session(ByteBuffer.wrap(body), 70_000);
        begin(session, body.length);
        // As the library does, with a buffer that holds something else.
        ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
        while (session.read(buffer.clear()) > 0) {
            collector.consume(buffer.flip());
            assertThat(buffer.hasRemaining()).isFalse();
        }

        assertThat(buffer.array()).as("never written to").containsOnly(0);
        HttpAnswer answer = end();
        assertThat(answer.length()).isEqualTo(body.length);
        assertThat(Arrays.equals(answer.body(), body)).isTrue();
    }

    @Test
    void whatHasComeWithTheHeadIsInTheBodyBeforeWhatIsReadStraight() throws IOException {
        ListeningSession session = session(ByteBuffer.wrap(new byte[] {4, 5, 6}), 2);
        begin(session, 6);
        collector.consume(ByteBuffer.wrap(new byte[] {1, 2, 3}));
        ByteBuffer buffer = ByteBuffer.allocate(10);
        for (int expected : new int[] {2, 1}) {
            assertThat(session.read(buffer.clear())).isEqualTo(expected);
            collector.consume(buffer.flip());
        }

        HttpAnswer answer = end();
        assertThat(Arrays.copyOf(answer.body(), answer.length())).containsExactly(1, 2, 3, 4, 5, 6);
    }

    @Test
    void whatFollowsAnAnswerIsReadByTheLibrary() throws IOException {
        ListeningSession session = session(ByteBuffer.wrap(new byte[] {1, 2, 3}), 2);
        begin(session, 2);
        ByteBuffer buffer = ByteBuffer.allocate(10);
        assertThat(session.read(buffer)).isEqualTo(2);
        collector.consume(buffer.flip());

        assertThat(session.read(buffer.clear())).isEqualTo(1);
        assertThat(buffer.get(0)).isEqualTo((byte) 3);
    }

    @Test
    void nothingIsReadStraightIntoAnErrorOrABodyOfUnknownLength() throws IOException {
        for (int status : new int[] {200, 503}) {
            exchange = newExchange();
            collector =
                    new BodyCollector(LIMIT, new ClientCounters(), spares, exchange, null, reads);
            ListeningSession session = session(ByteBuffer.wrap(new byte[] {7}), 1);
            reads.begin(session);
            begin(status, status == 200 ? -1 : 100);
            ByteBuffer buffer = ByteBuffer.allocate(10);

            assertThat(session.read(buffer)).isEqualTo(1);
            assertThat(buffer.get(0)).isEqualTo((byte) 7);
        }
    }

    @Test
    void anotherNumberOfBytesThanWereReadIsNeverTakenForABody() throws IOException {
        ListeningSession session = session(ByteBuffer.wrap(new byte[] {1, 2}), 2);
        begin(session, 2);
        ByteBuffer buffer = ByteBuffer.allocate(10);
        assertThat(session.read(buffer)).isEqualTo(2);

        assertThatThrownBy(() -> collector.consume(ByteBuffer.wrap(new byte[1])))
                .isInstanceOf(AnswerFaultException.class);
    }

    @Test
    void bytesOfTlsAreReadByTheLibrary() throws IOException {
        StraightReads ofTls = new StraightReads(false);
        collector = new BodyCollector(LIMIT, new ClientCounters(), spares, exchange, null, ofTls);
        ListeningSession session =
                new ListeningSession(channel(ByteBuffer.wrap(new byte[] {7}), 1), ofTls);
        begin(session, 100);
        ByteBuffer buffer = ByteBuffer.allocate(10);

        assertThat(session.read(buffer)).isEqualTo(1);
        assertThat(buffer.get(0)).isEqualTo((byte) 7);
    }

    private void begin(ListeningSession session, long announced) throws IOException {
        // The head of the answer, which this test has in hand.
        assertThat(session.read(ByteBuffer.allocate(0))).isZero();
        begin(announced);
    }

    private ListeningSession session(ByteBuffer content, int mostAtOnce) {
        return new ListeningSession(channel(content, mostAtOnce), reads);
    }

    /** A connection on which nothing but reading is possible. */
    private static IOSession channel(ByteBuffer content, int mostAtOnce) {
        return (IOSession)
                Proxy.newProxyInstance(
                        BodyCollectorTest.class.getClassLoader(),
                        new Class<?>[] {IOSession.class},
                        (proxy, method, arguments) -> {
                            assertThat(method.getName()).isEqualTo("read");
                            ByteBuffer target = (ByteBuffer) arguments[0];
                            int bytes =
                                    Math.min(
                                            mostAtOnce,
                                            Math.min(target.remaining(), content.remaining()));
                            target.put(content.slice(content.position(), bytes));
                            content.position(content.position() + bytes);
                            return bytes;
                        });
    }

    private Exchange newExchange() {
        return new Exchange(
                this,
                timer,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1),
                "patience",
                new Progress(System::nanoTime));
    }

    private void admitUpTo(long bytes) {
        exchange = newExchange();
        collector =
                new BodyCollector(
                        LIMIT,
                        new ClientCounters(),
                        spares,
                        exchange,
                        bodyBytes -> {
                            asked.add(bodyBytes);
                            return bodyBytes <= bytes;
                        },
                        reads);
    }

    private void begin(long announced) throws IOException {
        begin(200, announced);
    }

    private void begin(int status, long announced) throws IOException {
        if (!exchange.isSending()) {
            exchange.sending(null);
        }
        EntityDetails entity = new BasicEntityDetails(announced, ContentType.APPLICATION_JSON);
        collector.consumeResponse(
                new BasicHttpResponse(status), entity, HttpCoreContext.create(), null);
    }

    private HttpAnswer end() throws IOException {
        collector.streamEnd(null);
        collector.releaseResources();
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }
}

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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.ByteBuffer;
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
    private final BodyCollector collector =
            new BodyCollector(
                    LIMIT, new ClientCounters(), new Exchange(this, timer, Duration.ofMinutes(1)));

    @Override
    public void answered(HttpAnswer answer) {
        answers.add(answer);
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

    private void begin(long announced) throws IOException {
        EntityDetails entity = new BasicEntityDetails(announced, ContentType.APPLICATION_JSON);
        collector.consumeResponse(
                new BasicHttpResponse(200), entity, HttpCoreContext.create(), null);
    }

    private HttpAnswer end() {
        collector.streamEnd(null);
        collector.releaseResources();
        assertThat(answers).hasSize(1);
        return answers.get(0);
    }
}

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

import io.v3io.client.V3ioException.Kind;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How long an exchange waits for what. The test owns the time. */
class ExchangeTest implements Exchange.Listener {

    private final AtomicLong nowMillis = new AtomicLong(1_000);
    private Runnable whenTimeIsRead = () -> {};
    private final Progress progress =
            new Progress(
                    () -> {
                        Runnable hook = whenTimeIsRead;
                        whenTimeIsRead = () -> {};
                        hook.run();
                        return TimeUnit.MILLISECONDS.toNanos(nowMillis.get());
                    });
    private final HandTimer timer = new HandTimer();
    private final List<TransportFailure> failures = new ArrayList<>();
    private final List<Long> waitedMillis = new ArrayList<>();
    private int answers;

    private final Exchange exchange =
            new Exchange(
                    this,
                    timer,
                    Duration.ofMillis(500),
                    Duration.ofMillis(300),
                    "patience",
                    progress);

    @Override
    public void hasLeftQueue(long waitedNanos) {
        waitedMillis.add(TimeUnit.NANOSECONDS.toMillis(waitedNanos));
    }

    @Override
    public void answered(HttpAnswer answer) {
        answers++;
    }

    @Override
    public void failed(TransportFailure failure) {
        failures.add(failure);
    }

    @AfterEach
    void stop() {
        timer.shutdownNow();
    }

    @Test
    void waitsForAConnectionAsLongAsOthersAreAnswered() {
        exchange.await();
        assertThat(timer.delayMillis).isEqualTo(500);
        for (int i = 0; i < 100; i++) {
            nowMillis.addAndGet(timer.delayMillis - 10);
            progress.answered();
            nowMillis.addAndGet(10);
            timer.task.run();
            assertThat(failures).isEmpty();
            // From the last answer on, and not from now on.
            assertThat(timer.delayMillis).isEqualTo(490);
        }

        nowMillis.addAndGet(490);
        timer.task.run();

        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).kind()).isEqualTo(Kind.TRANSPORT);
        assertThat(failures.get(0).neverSent()).isTrue();
        assertThat(failures.get(0).what()).contains("no connection within 500 ms: all are in use");
        assertThat(waitedMillis).isEmpty();
    }

    @Test
    void anAnswerBeforeItsOwnStartIsNoReasonToWait() {
        progress.answered();
        exchange.await();
        nowMillis.addAndGet(500);
        timer.task.run();
        assertThat(failures).hasSize(1);
    }

    @Test
    void theMakingOfAConnectionDoesNotLastLongerBecauseOthersAreAnswered() {
        exchange.await();
        nowMillis.addAndGet(400);
        exchange.connecting();
        assertThat(waitedMillis).containsExactly(400L);
        assertThat(timer.delayMillis).isEqualTo(500);
        nowMillis.addAndGet(500);
        progress.answered();

        timer.task.run();

        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).neverSent()).isTrue();
        assertThat(failures.get(0).what()).contains("the server, or the look-up of its name");
    }

    @Test
    void neitherDoesAnAnswer() throws IOException {
        exchange.await();
        nowMillis.addAndGet(70);
        exchange.sending(null);
        assertThat(waitedMillis).containsExactly(70L);
        assertThat(timer.delayMillis).isEqualTo(300);
        nowMillis.addAndGet(300);
        progress.answered();

        timer.task.run();

        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).neverSent()).isFalse();
        assertThat(failures.get(0).what()).isEqualTo("no whole answer within 300 ms");
    }

    @Test
    void theDeadlineOfTheQueueDoesNotTakeThatOfTheAnswerWithIt() {
        exchange.await();
        Runnable forConnection = timer.task;
        nowMillis.addAndGet(490);
        progress.answered();
        nowMillis.addAndGet(10);
        // While the timer decides to wait on, an I/O thread gets a connection and sends.
        whenTimeIsRead =
                () -> {
                    try {
                        exchange.sending(null);
                    } catch (IOException e) {
                        throw new AssertionError(e);
                    }
                };

        forConnection.run();

        assertThat(timer.getQueue())
                .filteredOn(task -> !((ScheduledFuture<?>) task).isCancelled())
                .hasSize(1);
        assertThat(timer.delayMillis).isEqualTo(300);
        nowMillis.addAndGet(300);
        timer.task.run();
        assertThat(failures).hasSize(1);
        assertThat(failures.get(0).what()).isEqualTo("no whole answer within 300 ms");
    }

    @Test
    void aDeadlineWhoseTimeIsOverDoesNothing() throws IOException {
        exchange.await();
        Runnable forConnection = timer.task;
        exchange.connecting();
        Runnable forMakingIt = timer.task;
        exchange.sending(null);
        Runnable forAnswer = timer.task;
        nowMillis.addAndGet(10_000);
        forConnection.run();
        forMakingIt.run();
        exchange.answered(new HttpAnswer(204, null, null, new byte[0], 0, true));
        forAnswer.run();
        assertThat(failures).isEmpty();
        assertThat(answers).isEqualTo(1);
        assertThat(waitedMillis).containsExactly(0L);
        assertThat(timer.getQueue()).allMatch(task -> ((ScheduledFuture<?>) task).isCancelled());
    }

    @Test
    void whatIsAnsweredOrGivenUpByTheClientIsProgressAndAnEndOfTheConnectionIsNot()
            throws IOException {
        nowMillis.addAndGet(100);
        exchange.sending(null);
        exchange.failed(new IOException("reset"));
        assertThat(progress.nanosSinceAnswer()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(100));

        for (IOException givenUp :
                List.of(new NotAdmittedException("no"), new AnswerTooLargeException(1))) {
            nowMillis.addAndGet(100);
            Exchange other =
                    new Exchange(
                            this,
                            timer,
                            Duration.ofHours(1),
                            Duration.ofHours(1),
                            "patience",
                            progress);
            other.sending(null);
            other.failed(givenUp);
            assertThat(progress.nanosSinceAnswer()).isZero();
        }
    }

    @Test
    void aRequestThatWasGivenUpIsNotSent() {
        exchange.await();
        exchange.cancel();
        exchange.connecting();
        assertThatThrownBy(() -> exchange.sending(null)).isInstanceOf(IOException.class);
        assertThat(waitedMillis).isEmpty();
        assertThat(failures).hasSize(1);
    }

    /** Runs nothing; the test runs what was scheduled last. */
    private static final class HandTimer extends ScheduledThreadPoolExecutor {

        private Runnable task = () -> {};
        private long delayMillis;

        HandTimer() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
            task = command;
            delayMillis = unit.toMillis(delay);
            return super.schedule(() -> {}, 1, TimeUnit.DAYS);
        }
    }
}

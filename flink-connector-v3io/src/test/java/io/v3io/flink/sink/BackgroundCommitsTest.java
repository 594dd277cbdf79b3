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

package io.v3io.flink.sink;

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.sink.exactlyonce.ExactlyOnceWriter;
import io.v3io.flink.sink.state.Epoch;

import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.connector.base.DeliveryGuarantee;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A commit goes on while the writer of its task takes the next epoch, but only where it is sure to
 * end before any state forgets its records. The test's thread is the task's.
 */
@Timeout(60)
class BackgroundCommitsTest {

    private static final String STREAM = EmulatedSink.STREAM;

    /** So long that a commit ends before anything gives up on it, on any machine. */
    private static final Duration LONG_DELAY = Duration.ofMinutes(2);

    /** Records of a request, of which there is one at a time. */
    private static final int REQUEST = 20;

    private final EmulatedSink emulated = new EmulatedSink(7);
    private ExactlyOnceWriter<String> writer;
    private Committer<Epoch> committer;

    @BeforeEach
    void open() throws Exception {
        emulated.createStream(STREAM, 3);
        open(LONG_DELAY);
    }

    @SuppressWarnings("unchecked")
    private void open(Duration takeoverDelay) throws Exception {
        V3ioSink<String> sink =
                emulated.sink(
                        s ->
                                s.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                                        .setTakeoverDelay(takeoverDelay)
                                        .setMaxBatchSize(REQUEST)
                                        .setMaxInFlightRequests(1));
        committer =
                sink.createCommitter(
                        new CommitterCalls.Context(OptionalLong.empty(), new CommitterMetrics()));
        writer = (ExactlyOnceWriter<String>) sink.createWriter(emulated.task().context());
    }

    private void reopen(Duration takeoverDelay) throws Exception {
        committer.close();
        writer.close();
        open(takeoverDelay);
    }

    @AfterEach
    void close() throws Exception {
        committer.close();
        writer.close();
        emulated.close();
    }

    @Test
    void aCheckpointWaitsForTheCommitOfTheOneBefore() throws Exception {
        Collection<Epoch> first = epochInSnapshot();
        answerPuts(put -> put.throttle(1));

        commit(first);
        write(100, 200);
        assertThat(emulated.stored(STREAM)).isEmpty();
        // Runs as soon as the writer waits.
        emulated.task()
                .context()
                .getMailboxExecutor()
                .execute(() -> emulated.emulator().faults().clear(), "let the commit go on");
        Collection<Epoch> second = writer.prepareCommit();

        assertThat(emulated.stored(STREAM)).hasSize(100);
        commit(second);
        assertThat(emulated.stored(STREAM)).hasSize(200).doesNotHaveDuplicates();
    }

    /** Nothing has been written since, but the commit has to be waited for all the same. */
    @Test
    void aCheckpointWithoutRecordsWaitsForTheCommitOfTheOneBefore() throws Exception {
        Collection<Epoch> first = epochInSnapshot();
        answerPuts(put -> put.throttle(1).times(1));

        commit(first);
        assertThat(writer.prepareCommit()).isEmpty();

        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    /** The snapshot that follows does not have the epoch any more. */
    @Test
    void aCommitWithinACheckpointEndsBeforeItsSnapshot() throws Exception {
        Collection<Epoch> first = epochInSnapshot();
        epoch(100, 200);
        answerPuts(put -> put.throttle(1).times(1));

        commit(first);

        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    @Test
    void aTimerOfTheCheckpointBeforeLetsNoCommitBegin() throws Exception {
        Collection<Epoch> first = epoch(0, 100);
        writer.snapshotState(1);
        epoch(100, 200);
        emulated.task().runDueTimers();
        answerPuts(put -> put.throttle(1).times(1));

        commit(first);

        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    /** Flink makes the savepoint that a job is stopped with when its timers have ended. */
    @Test
    void theCommitOfTheSavepointThatStopsTheJobEndsBeforeTheTask() throws Exception {
        emulated.task().finish();
        Collection<Epoch> last = epochInSnapshot();
        answerPuts(put -> put.throttle(1).times(1));

        commit(last);

        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    @Test
    void theCommitAfterTheEndOfTheInputEndsBeforeTheTask() throws Exception {
        write(0, 100);
        writer.flush(true);
        Collection<Epoch> last = writer.prepareCommit();
        snapshot(1);
        answerPuts(put -> put.throttle(1).times(1));

        commit(last);

        assertThat(emulated.stored(STREAM)).hasSize(100);
    }

    @Test
    void aCommitThatFailsFailsTheTask() throws Exception {
        Collection<Epoch> first = epochInSnapshot();
        answerPuts(put -> put.respond(403, "text/plain", "denied"));

        commit(first);

        assertThatThrownBy(() -> emulated.task().runUntil(() -> false))
                .hasMessageContaining(STREAM)
                .hasMessageContaining("denied");
        assertThatThrownBy(writer::prepareCommit).hasMessageContaining("denied");
        assertThatThrownBy(() -> commit(first)).hasMessageContaining("denied");
    }

    /** Backpressure lets the savepoint of a job that is stopped overtake the end of its data. */
    @Test
    void aTaskThatEndsInOrderWaitsForItsCommit() throws Exception {
        Collection<Epoch> last = epochInSnapshot();
        answerPuts(put -> put.throttle(1).times(1));

        commit(last);
        emulated.task().end();
        committer.close();

        assertThat(emulated.stored(STREAM)).hasSize(100).doesNotHaveDuplicates();
    }

    /** It may be a replaced one, and not know it. */
    @ParameterizedTest
    @ValueSource(longs = {600, 4_000})
    void aTaskThatEndsInOrderDoesNotWaitForLong(long takeoverMillis) throws Exception {
        reopen(Duration.ofMillis(takeoverMillis));
        Collection<Epoch> last = epochInSnapshot();
        answerPuts(put -> put.throttle(3_600));

        commit(last);
        emulated.task().end();

        assertThatThrownBy(committer::close)
                .hasMessageContaining("was not committed within " + takeoverMillis / 2 + " ms");
        assertThat(committing()).isFalse();
    }

    /** Flink does not interrupt it, but starts a thread that would do so. */
    @Test
    void aTaskThatEndsInOrderWaitsNoMoreWhenItIsCancelled() throws Exception {
        Collection<Epoch> last = epochInSnapshot();
        answerPuts(put -> put.throttle(3_600));
        Thread task = Thread.currentThread();
        CountDownLatch taskHasEnded = new CountDownLatch(1);
        commit(last);
        emulated.task().end();

        CompletableFuture<Thread> canceler =
                CompletableFuture.supplyAsync(
                        () -> {
                            Awaitility.await("the task waits for its commit")
                                    .until(() -> isIn(task, "awaitForAWhile"));
                            return startCanceler(task, TestTask.ATTEMPT, taskHasEnded);
                        });
        assertThatThrownBy(committer::close).hasMessageContaining("was cancelled");

        assertThat(committing()).isFalse();
        taskHasEnded.countDown();
        canceler.join().join();
    }

    @Test
    void theCancellationOfAnotherTaskIsNone() throws Exception {
        Collection<Epoch> last = epochInSnapshot();
        answerPuts(put -> put.throttle(2).times(1));
        CountDownLatch taskHasEnded = new CountDownLatch(1);
        Thread canceler = startCanceler(Thread.currentThread(), "another one", taskHasEnded);

        commit(last);
        emulated.task().end();
        committer.close();

        assertThat(emulated.stored(STREAM)).hasSize(100);
        taskHasEnded.countDown();
        canceler.join();
    }

    /** As Flink does. */
    private static Thread startCanceler(Thread task, String attempt, CountDownLatch taskHasEnded) {
        Thread canceler =
                new Thread(
                        task.getThreadGroup(),
                        () -> assertThatCode(taskHasEnded::await).doesNotThrowAnyException(),
                        "Canceler/Interrupts for a task (" + attempt + ").");
        canceler.setDaemon(true);
        canceler.start();
        return canceler;
    }

    @Test
    void aCommitThatFailsFailsATaskThatEndsInOrder() throws Exception {
        Collection<Epoch> last = epochInSnapshot();
        answerPuts(put -> put.respond(403, "text/plain", "denied"));

        commit(last);
        emulated.task().end();

        assertThatThrownBy(committer::close).hasMessageContaining("denied");
    }

    /** It may be a replaced one that hangs, and its successor counts on its silence. */
    @ParameterizedTest
    @ValueSource(longs = {10, 600, 4_000})
    void aCommitSendsNothingWhileItsTaskGivesNoSignOfLife(long takeoverMillis) throws Exception {
        reopen(Duration.ofMillis(takeoverMillis));
        Collection<Epoch> first = epochInSnapshot();
        answerPuts(put -> put.latency(Duration.ofMillis(takeoverMillis / 2 + 200)).times(1));

        commit(first);
        Awaitility.await("the commit waits for its task").until(this::waitsForTask);

        // None if it began so late on a slow machine that it has waited at once.
        assertThat(emulated.stored(STREAM)).hasSizeLessThanOrEqualTo(REQUEST);
        emulated.task().runUntil(() -> emulated.stored(STREAM).size() == 100);
        writer.prepareCommit();
    }

    private boolean waitsForTask() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("v3io-commit-"))
                .filter(thread -> thread.getState() == Thread.State.WAITING)
                .anyMatch(thread -> isIn(thread, "awaitSignOfLife"));
    }

    private static boolean isIn(Thread thread, String method) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(frame -> frame.getMethodName().equals(method));
    }

    @Test
    void aCommitEndsWithItsTask() throws Exception {
        Collection<Epoch> first = epochInSnapshot();
        answerPuts(put -> put.throttle(3_600));
        commit(first);
        assertThat(committing()).isTrue();

        committer.close();

        assertThat(committing()).isFalse();
    }

    private static boolean committing() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("v3io-commit-"));
    }

    private void answerPuts(UnaryOperator<Fault> answer) {
        emulated.emulator().faults().add(answer.apply(Fault.on(Operation.PUT_RECORDS)));
    }

    /** A hundred records, of which the commit may begin. */
    private Collection<Epoch> epochInSnapshot() throws Exception {
        Collection<Epoch> epoch = epoch(0, 100);
        snapshot(1);
        return epoch;
    }

    private Collection<Epoch> epoch(int from, int to) throws Exception {
        write(from, to);
        writer.flush(false);
        return writer.prepareCommit();
    }

    private void write(int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            writer.write(Integer.toString(i), null);
        }
    }

    /** As Flink takes it, and goes on, unless the job ends with it. */
    private void snapshot(long checkpoint) throws Exception {
        writer.snapshotState(checkpoint);
        emulated.task().runDueTimers();
    }

    private void commit(Collection<Epoch> epochs) throws Exception {
        committer.commit(List.copyOf(epochs.stream().map(CommitterCalls.Request::new).toList()));
    }
}

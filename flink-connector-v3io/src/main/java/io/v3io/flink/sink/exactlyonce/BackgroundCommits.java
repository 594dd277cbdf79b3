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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;

import org.slf4j.MDC;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Commits on a thread of their own while the writer takes the records of the next epoch. The writer
 * and the committer of one task share it.
 *
 * <p>Flink forgets an epoch when its committer returns. So none of the task's checkpoints may be
 * taken before the commits that were begun have ended, or their epochs would be in no state: the
 * writer waits for them when it prepares a checkpoint, and none begins here until the snapshot is
 * taken. This also bounds what is staged. While one epoch is committed, there is at most one more.
 * A task that ends in order waits for them, too, when its committer is closed.
 *
 * <p>A commit begins here only after a timer has fired that was set at the snapshot. Flink ends the
 * timers of an operator before the last checkpoint of a task whose input has ended, so the commit
 * of that one goes on in the task's thread, where it does not keep operators that are being closed.
 * It is no proof: where a job is stopped without being drained, backpressure lets the savepoint
 * overtake the end of the data.
 *
 * <p>A replaced attempt of the job must fall silent within the takeover delay, also while its task
 * hangs in a user's function and cannot end what goes on here. So before each request a commit asks
 * whether the task's thread has given a sign of life of late, and waits for one.
 *
 * <p>Both find each other by the lineage of the writer. A committer in another task finds nothing,
 * and neither does one that has epochs of a writer that is gone: these commit as Flink has it.
 *
 * <p>The thread of the task only, but for {@link #awaitSignOfLife}.
 */
final class BackgroundCommits implements AutoCloseable {

    private static final Map<Long, BackgroundCommits> BY_LINEAGE = new ConcurrentHashMap<>();

    private static final long STOP_MILLIS = 5_000;

    /** A sign of life that is younger than this is good enough, whatever the takeover delay is. */
    private static final long MAX_FRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** A task that has given no sign for so long may have been replaced. */
    private static final long MAX_SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** A sign that has to be younger would be too old when the thread that waits for it wakes. */
    private static final long MIN_SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final long lineage;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService timers;
    private final TaskCancellation cancellation;

    /** What must have passed since the last sign of life before another one is asked for. */
    private final long freshNanos;

    /** Nothing is sent if it is longer since then. */
    private final long silenceNanos;

    private final long lastWaitNanos;
    private final Thread task = Thread.currentThread();
    private final Object signs = new Object();

    /** Guarded by {@link #signs}, as are the next two. */
    private long lastSignNanos;

    private boolean isAsked;
    private boolean isStopped;

    private int checkpoints;
    private boolean mayBegin;
    @Nullable private Thread thread;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);

    private BackgroundCommits(
            long lineage,
            MailboxExecutor mailbox,
            ProcessingTimeService timers,
            TaskCancellation cancellation,
            Duration takeoverDelay) {
        this.lineage = lineage;
        this.mailbox = mailbox;
        this.timers = timers;
        this.cancellation = cancellation;
        this.lastWaitNanos = takeoverDelay.toNanos() / 2;
        this.silenceNanos = Math.max(MIN_SILENCE_NANOS, Math.min(MAX_SILENCE_NANOS, lastWaitNanos));
        // Early enough for the sign to come before it is missed.
        this.freshNanos = Math.min(MAX_FRESH_NANOS, silenceNanos / 2);
    }

    /** What stores epochs; it may be interrupted. */
    interface Commit {
        void run(Permission permission) throws IOException, InterruptedException;
    }

    /** What a commit waits for before it sends anything. */
    interface Permission {

        /** For the task's own thread, which ends when the task does. */
        Permission GRANTED = () -> {};

        void await() throws InterruptedException;
    }

    /** For a writer, which has to close it. */
    static BackgroundCommits open(
            EpochId epoch,
            MailboxExecutor mailbox,
            ProcessingTimeService timers,
            TaskCancellation cancellation,
            Duration takeoverDelay) {
        BackgroundCommits commits =
                new BackgroundCommits(
                        epoch.lineage(), mailbox, timers, cancellation, takeoverDelay);
        BY_LINEAGE.put(epoch.lineage(), commits);
        return commits;
    }

    /** For a committer: those of the task that it runs in, if the epoch's writer is there, too. */
    static Optional<BackgroundCommits> of(Epoch epoch) {
        return Optional.ofNullable(BY_LINEAGE.get(epoch.id().lineage()))
                .filter(commits -> commits.task == Thread.currentThread());
    }

    /** The writer prepares a checkpoint: no commit begins until its snapshot is taken. */
    void prepareCheckpoint() {
        checkpoints++;
        mayBegin = false;
    }

    /** The snapshots of writer and committer are taken; no mail comes between the two. */
    void snapshotTaken() {
        int checkpoint = checkpoints;
        var unused =
                timers.registerTimer(
                        timers.getCurrentProcessingTime(), time -> goesOnAfter(checkpoint));
    }

    private void goesOnAfter(int checkpoint) {
        if (checkpoint == checkpoints) {
            mayBegin = true;
        }
    }

    /** Lets the mailbox go on until the commits that were begun have ended. */
    void awaitByYielding() throws IOException, InterruptedException {
        while (!running.isDone()) {
            mailbox.yield();
        }
        await();
    }

    /** Waits in place, as a committer does. The task lives as long as it does so. */
    void await() throws IOException, InterruptedException {
        boolean isEnded = false;
        while (!isEnded) {
            isEnded = isEndedSoon();
        }
    }

    private boolean isEndedSoon() throws IOException, InterruptedException {
        giveSignOfLife();
        try {
            running.get(freshNanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IOException(e.getCause().getMessage(), e.getCause());
        }
    }

    private void giveSignOfLife() {
        synchronized (signs) {
            lastSignNanos = System.nanoTime();
            isAsked = false;
            signs.notifyAll();
        }
    }

    /** For the thread of a commit, before it sends anything. */
    private void awaitSignOfLife() throws InterruptedException {
        synchronized (signs) {
            long silentNanos = askUnlessFresh();
            while (silentNanos >= silenceNanos && !isStopped) {
                signs.wait();
                // This thread may have been woken so late that the sign is an old one.
                silentNanos = askUnlessFresh();
            }
            if (isStopped) {
                throw new InterruptedException("The task has ended.");
            }
        }
    }

    /** Returns for how long there has been no sign. The caller has the lock. */
    private long askUnlessFresh() {
        long silentNanos = System.nanoTime() - lastSignNanos;
        if (silentNanos >= freshNanos && !isAsked) {
            isAsked = true;
            ask();
        }
        return silentNanos;
    }

    private void ask() {
        try {
            mailbox.execute(this::giveSignOfLife, "A commit of the V3IO sink looks for its task");
        } catch (RejectedExecutionException e) {
            // A task that ends in order gives signs while it waits, one that fails gives none.
        }
    }

    private void throwIfFailed() throws IOException, InterruptedException {
        if (running.isCompletedExceptionally()) {
            await();
        }
    }

    boolean mayBegin() {
        return mayBegin;
    }

    /** Begins a commit. If it fails, so does the task. */
    void begin(String threadName, Commit commit) {
        if (!mayBegin || !running.isDone()) {
            throw new IllegalStateException("A commit may not begin now.");
        }
        giveSignOfLife();
        CompletableFuture<Void> end = new CompletableFuture<>();
        running = end;
        Map<String, String> logContext = MDC.getCopyOfContextMap();
        thread = new Thread(() -> run(commit, end, logContext), threadName);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(
            Commit commit, CompletableFuture<Void> end, @Nullable Map<String, String> logContext) {
        try {
            if (logContext != null) {
                MDC.setContextMap(logContext);
            }
            commit.run(this::awaitSignOfLife);
            end.complete(null);
        } catch (Throwable e) {
            // Whatever it is, the task has to know.
            end.completeExceptionally(e);
        }
        try {
            // It also ends the yielding of a writer that waits.
            mailbox.execute(this::throwIfFailed, "A commit of the V3IO sink has ended");
        } catch (RejectedExecutionException e) {
            // Its task is ending: it waits for the commit, or the state that is restored has the
            // epoch.
        }
    }

    /**
     * Ends what is under way if the task has failed or was cancelled: the state that it is restored
     * from has the epoch. If the task ends in order, nobody would restore that state, so this
     * waits. Flink interrupts the task no more then, so this looks itself whether it is cancelled.
     * A task that does not know yet that it is replaced is not. So this waits half as long as a
     * successor does, and fails the task after that.
     */
    void end() throws IOException, InterruptedException {
        try {
            if (endsInOrder()) {
                awaitForAWhile();
            }
        } catch (Error e) {
            // Flink would close no other operator after it.
            throw new IOException("A commit has failed: " + e, e);
        } finally {
            stop();
        }
    }

    private void awaitForAWhile() throws IOException, InterruptedException {
        long startNanos = System.nanoTime();
        while (!isEndedSoon()) {
            if (cancellation.hasBegun()) {
                throw new IOException(
                        "The task was cancelled, or failed from outside, before its last epoch was"
                                + " committed.");
            }
            if (System.nanoTime() - startNanos >= lastWaitNanos) {
                throw new IOException(
                        "The task ends, but its last epoch was not committed within "
                                + TimeUnit.NANOSECONDS.toMillis(lastWaitNanos)
                                + " ms, half of "
                                + SettingNames.of(V3ioSinkOptions.TAKEOVER_DELAY)
                                + ". If the job was to be stopped, stop it again.");
            }
        }
    }

    private void stop() throws InterruptedException {
        synchronized (signs) {
            isStopped = true;
            signs.notifyAll();
        }
        if (thread != null) {
            thread.interrupt();
            thread.join(STOP_MILLIS);
        }
    }

    /**
     * Flink closes the mailbox before the operators then, and mostly after them if the task has
     * failed or was cancelled.
     */
    private boolean endsInOrder() {
        try {
            mailbox.execute(() -> {}, "The V3IO sink looks whether its task goes on");
            return false;
        } catch (RejectedExecutionException e) {
            return true;
        }
    }

    @Override
    public void close() {
        BY_LINEAGE.remove(lineage, this);
    }
}

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

import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;

import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;

/**
 * Commits on a thread of their own while the writer takes the records of the next epoch. The writer
 * and the committer of one task share it.
 *
 * <p>Flink forgets an epoch when its committer returns. So none of the task's checkpoints may be
 * taken before the commits that were begun have ended, or their epochs would be in no state: the
 * writer waits for them when it prepares a checkpoint, and none begins here until the snapshot is
 * taken. This also bounds what is staged. While one epoch is committed, there is at most one more.
 *
 * <p>A commit may begin here only if another checkpoint is sure to be prepared by the writer, or
 * the task could end before it. This is not so after the end of the input, and not for the
 * savepoint that a job is stopped with. Flink tells a writer nothing of the latter, but ends the
 * timers of the operator before such a savepoint. So a timer that fires after the snapshot is the
 * proof that the job goes on.
 *
 * <p>Both find each other by the lineage of the writer. A committer in another task finds nothing,
 * and neither does one that has epochs of a writer that is gone: these commit as Flink has it.
 *
 * <p>The thread of the task only.
 */
final class BackgroundCommits implements AutoCloseable {

    private static final Map<Long, BackgroundCommits> BY_LINEAGE = new ConcurrentHashMap<>();

    private static final long STOP_MILLIS = 5_000;

    private final long lineage;
    private final MailboxExecutor mailbox;
    private final ProcessingTimeService timers;
    private final Thread task = Thread.currentThread();
    private int checkpoints;
    private boolean mayBegin;
    @Nullable private Thread thread;
    private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);

    private BackgroundCommits(long lineage, MailboxExecutor mailbox, ProcessingTimeService timers) {
        this.lineage = lineage;
        this.mailbox = mailbox;
        this.timers = timers;
    }

    /** What stores epochs; it may be interrupted. */
    interface Commit {
        void run() throws IOException, InterruptedException;
    }

    /** For a writer, which has to close it. */
    static BackgroundCommits open(
            EpochId epoch, MailboxExecutor mailbox, ProcessingTimeService timers) {
        BackgroundCommits commits = new BackgroundCommits(epoch.lineage(), mailbox, timers);
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

    /** The snapshot of the writer is taken, and so is that of the committer, which follows it. */
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

    /** Waits in place, as a committer does. */
    void await() throws IOException, InterruptedException {
        try {
            running.get();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e.getCause());
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
        CompletableFuture<Void> end = new CompletableFuture<>();
        running = end;
        thread = new Thread(() -> run(commit, end), threadName);
        thread.setDaemon(true);
        thread.start();
    }

    private void run(Commit commit, CompletableFuture<Void> end) {
        try {
            commit.run();
            end.complete(null);
        } catch (Throwable e) {
            // Whatever it is, the task has to know.
            end.completeExceptionally(e);
        }
        try {
            // It also ends the yielding of a writer that waits.
            mailbox.execute(this::throwIfFailed, "A commit of the V3IO sink has ended");
        } catch (RejectedExecutionException e) {
            // Its task has ended, too, and the state that was restored or kept has the epoch.
        }
    }

    /** Ends what is under way, when the task has failed or was cancelled. */
    void stop() throws InterruptedException {
        if (thread != null) {
            thread.interrupt();
            thread.join(STOP_MILLIS);
        }
    }

    @Override
    public void close() {
        BY_LINEAGE.remove(lineage, this);
    }
}

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

package io.v3io.flink.sink.writer;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.operators.MailboxExecutor;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * Brings the client's answers to the mailbox thread, and what is to be done there after a wait.
 * Nothing is called any more once this is closed. Waiting and closing are for the mailbox thread
 * only.
 *
 * <p>The waits are not timers of the operator. Flink ends these when a job is stopped with a
 * savepoint, before the records that the savepoint is to cover are stored, and some of them may
 * have to be sent again.
 */
@Internal
public final class MailboxCalls {

    private static final Logger LOG = LoggerFactory.getLogger(MailboxCalls.class);

    private final MailboxExecutor mailbox;
    private final ScheduledThreadPoolExecutor timer;
    private boolean closed;

    public MailboxCalls(MailboxExecutor mailbox) {
        this.mailbox = mailbox;
        this.timer = new ScheduledThreadPoolExecutor(1, MailboxCalls::thread);
    }

    private static Thread thread(Runnable waits) {
        Thread thread = new Thread(waits, "v3io-sink-timer");
        thread.setDaemon(true);
        return thread;
    }

    /** Calls the consumer on the mailbox thread with what the call ends with. */
    public <T> void whenAnswered(CompletableFuture<T> call, BiConsumer<T, Throwable> consumer) {
        // Nobody waits for the dependent stage: the consumer reports everything itself.
        var unused =
                call.whenComplete((result, error) -> run(() -> consumer.accept(result, error)));
    }

    /**
     * Calls the consumer with what the call ends with, on the thread that ends it, which must not
     * be kept. What the consumer throws fails the task, as it would on the mailbox thread.
     */
    <T> void whenAnsweredAnywhere(CompletableFuture<T> call, BiConsumer<T, Throwable> consumer) {
        var unused =
                call.whenComplete(
                        (result, error) -> {
                            try {
                                consumer.accept(result, error);
                            } catch (RuntimeException | Error e) {
                                run(() -> throwAgain(e));
                            }
                        });
    }

    private static void throwAgain(Throwable thrown) {
        if (thrown instanceof Error error) {
            throw error;
        }
        throw (RuntimeException) thrown;
    }

    /** Runs something on the mailbox thread; may be called on any. */
    void run(Runnable action) {
        try {
            mailbox.execute(() -> runUnlessClosed(action), "Judge an answer of the V3IO platform");
        } catch (RejectedExecutionException e) {
            // The task has ended, so there is neither a checkpoint nor a record that waits for it.
            LOG.debug("An answer came after the end of its task.", e);
        }
    }

    private void runUnlessClosed(Runnable action) {
        if (!closed) {
            action.run();
        }
    }

    /** Runs something on the mailbox thread after a wait. */
    void runLater(long delayMillis, Runnable action) {
        if (!closed) {
            var unused = timer.schedule(() -> run(action), delayMillis, TimeUnit.MILLISECONDS);
        }
    }

    /** Ends all waits, and drops the answers that are still to come. */
    public void close() {
        closed = true;
        timer.shutdownNow();
    }
}

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

package io.v3io.flink.source.reader;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one lock of a split reader, shared by all that send requests for its shards, and what ends
 * their reading. It is reentrant, because an answer may come at once on the thread that asks.
 *
 * <p>All methods but {@link #lock} and {@link #whenAnswered} are called under the lock.
 */
@Internal
final class ReaderMonitor {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean stopped;
    @Nullable private Throwable failure;

    /** Takes an answer, or why there is none. */
    @FunctionalInterface
    interface OnAnswer<T> {
        void accept(@Nullable T answer, @Nullable Throwable error);
    }

    void lock() {
        lock.lock();
    }

    void unlock() {
        lock.unlock();
    }

    boolean isLocked() {
        return lock.isLocked();
    }

    /**
     * Has an answer taken under the lock, on the thread that it comes on. Nobody looks at how such
     * a future ends, so an error of whoever takes it ends the reading.
     */
    <T> void whenAnswered(CompletableFuture<T> answer, OnAnswer<T> onAnswer) {
        CompletableFuture<T> unused =
                answer.whenComplete(
                        (value, error) -> {
                            lock.lock();
                            try {
                                onAnswer.accept(value, unwrap(error));
                            } catch (RuntimeException | Error e) {
                                fail(e);
                            } finally {
                                lock.unlock();
                            }
                        });
    }

    @Nullable
    private static Throwable unwrap(@Nullable Throwable error) {
        return error instanceof CompletionException && error.getCause() != null
                ? error.getCause()
                : error;
    }

    /** Waits for {@link #signalChange} or for so long, or ends without either. */
    @SuppressWarnings("WaitNotInLoop") // who waits looks again at all that there is
    void awaitChange(long nanos) throws InterruptedException {
        long unused = changed.awaitNanos(nanos);
    }

    /** There may be something new to hand over, or room for more requests. */
    void signalChange() {
        changed.signal();
    }

    /** Ends the reading with an error; later ones are added to the first. */
    void fail(Throwable error) {
        if (failure == null) {
            failure = error;
        } else if (failure != error) {
            failure.addSuppressed(error);
        }
        changed.signal();
    }

    /** What ended the reading; null while all is well. */
    @Nullable
    Throwable failure() {
        return failure;
    }

    /** From now on nothing is sent, and no answer is judged. */
    void stop() {
        stopped = true;
    }

    boolean isStopped() {
        return stopped;
    }

    /** Whether more may be sent. */
    boolean isReading() {
        return !stopped && failure == null;
    }
}

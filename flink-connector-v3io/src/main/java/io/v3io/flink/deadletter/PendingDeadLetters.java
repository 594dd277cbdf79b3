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

import io.v3io.client.model.PutRecord;

import javax.annotation.Nullable;
import javax.annotation.concurrent.GuardedBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The dead letters that are not stored yet, those under way included, and who waits for them: for
 * room, or until all are stored. Both waits end, too, when nothing is stored any more.
 *
 * <p>Used by any thread. Futures that others wait for are completed without the lock.
 */
final class PendingDeadLetters {

    private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

    private final long maxBytes;
    private final DeadLetterWriter.Progress progress;

    /** What is in no request; the others are with whoever took them. */
    @GuardedBy("this")
    private final Deque<PutRecord> waiting = new ArrayDeque<>();

    @GuardedBy("this")
    private long bytes;

    /** When something was stored. */
    @GuardedBy("this")
    private long progressNanos;

    @GuardedBy("this")
    private CompletableFuture<Void> room = DONE;

    @GuardedBy("this")
    private CompletableFuture<Void> stored = DONE;

    @GuardedBy("this")
    @Nullable
    private String failure;

    @GuardedBy("this")
    private boolean closed;

    /**
     * None is pending.
     *
     * @param maxBytes JSON of records from which on there is no room
     */
    PendingDeadLetters(long maxBytes, DeadLetterWriter.Progress progress) {
        this.maxBytes = maxBytes;
        this.progress = progress;
    }

    /**
     * Takes the records of one dead letter.
     *
     * @return bytes that are pending now if this has taken the last room, else 0
     * @throws IOException if nothing is stored any more
     */
    synchronized long add(List<PutRecord> letter) throws IOException {
        throwIfFailed();
        waiting.addAll(letter);
        letter.forEach(part -> bytes += part.encodedSizeBytes());
        progress.deadLettersPending(bytes);
        if (stored.isDone()) {
            stored = new CompletableFuture<>();
        }
        if (hasRoom() || !room.isDone()) {
            return 0;
        }
        room = new CompletableFuture<>();
        return bytes;
    }

    /**
     * Takes the oldest that wait, as many as one request holds, and one at least; empty if none.
     */
    synchronized List<PutRecord> take(int maxRecords, long maxRequestBytes) {
        List<PutRecord> next = new ArrayList<>();
        long size = 0;
        while (!waiting.isEmpty() && next.size() < maxRecords) {
            size += waiting.peek().encodedSizeBytes();
            if (size > maxRequestBytes && !next.isEmpty()) {
                break;
            }
            next.add(waiting.poll());
        }
        return next;
    }

    /** Puts what was taken back before all others. */
    synchronized void giveBack(List<PutRecord> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            waiting.addFirst(taken.get(i));
        }
    }

    /** So many of those that were taken are stored. */
    void stored(int records, long storedBytes) {
        CompletableFuture<Void> hasRoom = DONE;
        CompletableFuture<Void> allStored = DONE;
        synchronized (this) {
            bytes -= storedBytes;
            if (records > 0) {
                progressNanos = System.nanoTime();
            }
            progress.deadLettersStored(records);
            progress.deadLettersPending(bytes);
            // Taken away before they are completed: what is added in between needs others.
            if (hasRoom()) {
                hasRoom = room;
                room = DONE;
            }
            if (bytes == 0) {
                allStored = stored;
                stored = DONE;
            }
        }
        hasRoom.complete(null);
        allStored.complete(null);
    }

    /** Whether more may be added. */
    synchronized boolean hasRoom() {
        return bytes < maxBytes;
    }

    /** Done when there is room; a copy, which whoever gets it may complete. */
    synchronized CompletableFuture<Void> room() {
        return room.copy();
    }

    /** Whether all that was added is stored. */
    synchronized boolean isStored() {
        return failure == null && bytes == 0;
    }

    /** Done when all that was added is stored; a copy, which whoever gets it may complete. */
    synchronized CompletableFuture<Void> stored() {
        return stored.copy();
    }

    /**
     * Waits until all that was added is stored.
     *
     * @param limit how long none needs to be stored
     * @return false if none was for so long
     * @throws IOException if nothing is stored any more
     */
    boolean awaitStored(Duration limit) throws IOException, InterruptedException {
        long beginNanos = System.nanoTime();
        while (true) {
            CompletableFuture<Void> all;
            long left;
            synchronized (this) {
                throwIfFailed();
                if (bytes == 0) {
                    return true;
                }
                all = stored;
                long now = System.nanoTime();
                left = limit.toNanos() - Math.min(now - beginNanos, now - progressNanos);
            }
            if (left <= 0) {
                return false;
            }
            try {
                all.get(left, TimeUnit.NANOSECONDS);
            } catch (ExecutionException e) {
                throw new IllegalStateException("This future does not fail.", e);
            } catch (TimeoutException e) {
                // Whether there was progress is looked at above.
            }
        }
    }

    /**
     * Nothing is stored any more.
     *
     * @param reason what whoever waits or adds is told
     * @return false if that was so before
     */
    boolean fail(String reason) {
        CompletableFuture<Void> hasRoom;
        CompletableFuture<Void> allStored;
        synchronized (this) {
            if (hasEnded()) {
                return false;
            }
            failure = reason;
            hasRoom = room;
            allStored = stored;
        }
        hasRoom.complete(null);
        allStored.complete(null);
        return true;
    }

    /** Says why nothing is stored any more, if that is so. */
    synchronized void throwIfFailed() throws IOException {
        if (failure != null) {
            throw new IOException(failure);
        }
    }

    /** Whether nothing is stored any more, because of a failure or the end of the task. */
    synchronized boolean hasEnded() {
        return closed || failure != null;
    }

    /** Gives up what is not stored. */
    synchronized void close() {
        closed = true;
    }
}

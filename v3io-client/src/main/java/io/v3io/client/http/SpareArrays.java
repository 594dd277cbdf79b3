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

import io.v3io.client.wire.BodyArrays;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Arrays that have held an answer or the body of a request and wait for the next one. An answer of
 * GetRecords is large, and so is a request of PutRecords: for each one the JVM would have to clear
 * as much memory as is then filled, outside of the regions in which it collects cheaply.
 * Thread-safe.
 *
 * <p>What is kept is bounded, and is let go when nothing has been taken for a while. Nobody needs
 * to give anything back: what is lost is garbage like any other.
 */
final class SpareArrays implements AutoCloseable {

    /** Two of the largest answers that the API allows, as JSON, or twenty of the usual size. */
    private static final int MAX_KEPT_BYTES = 32 * 1024 * 1024;

    /** On a small heap, no more than this part of it. */
    private static final int HEAP_PARTS = 32;

    /** All clients together keep no more than this part of the heap. */
    private static final int HEAP_PARTS_OF_ALL = 8;

    /** How many share the heap. */
    private static final AtomicInteger SHARING = new AtomicInteger();

    /** A smaller array costs little. */
    private static final int MIN_BYTES = 64 * 1024;

    /** A small answer must not occupy an array that a large one waits for. */
    private static final int MAX_TIMES_TOO_LARGE = 4;

    /** A power of two. */
    private static final int ROUNDING = 64 * 1024;

    private static final int HEADER_BYTES = 16;

    private final LongSupplier maxKeptBytes;
    private final int minBytes;
    private final AtomicBoolean isSharing = new AtomicBoolean();

    /** By size. Guarded by this, as is what follows. */
    private final List<byte[]> spare = new ArrayList<>();

    private long keptBytes;
    private boolean isInUse;

    SpareArrays(long maxKeptBytes) {
        this(maxKeptBytes, MIN_BYTES);
    }

    /**
     * Keeps arrays within these limits.
     *
     * @param maxKeptBytes bytes of all arrays together, at most
     * @param minBytes bytes of the smallest array that is kept
     */
    SpareArrays(long maxKeptBytes, int minBytes) {
        this(() -> maxKeptBytes, minBytes);
    }

    private SpareArrays(LongSupplier maxKeptBytes, int minBytes) {
        this.maxKeptBytes = maxKeptBytes;
        this.minBytes = minBytes;
    }

    /** Keeps what this JVM can spare; the more there are until they are closed, the less each. */
    static SpareArrays ofThisHeap() {
        long heap = Runtime.getRuntime().maxMemory();
        long ofOne = Math.min(MAX_KEPT_BYTES, heap / HEAP_PARTS);
        SpareArrays spares =
                new SpareArrays(
                        () ->
                                Math.min(
                                        ofOne,
                                        heap / HEAP_PARTS_OF_ALL / Math.max(1, SHARING.get())),
                        MIN_BYTES);
        spares.isSharing.set(true);
        SHARING.incrementAndGet();
        return spares;
    }

    /**
     * The same arrays, for the bodies of requests. A new one is a little larger than is needed: the
     * requests of a sink have nearly the same size, and so each fits the array of any other.
     */
    BodyArrays forRequests() {
        return new BodyArrays() {

            @Override
            public byte[] take(int bytes) {
                return SpareArrays.this.take(bytes < minBytes ? bytes : roundedUp(bytes));
            }

            @Override
            public void giveBack(byte[] array) {
                SpareArrays.this.giveBack(array);
            }
        };
    }

    /** Array and header together fill multiples of the step, and so no region of a heap more. */
    private static int roundedUp(int bytes) {
        return (bytes + HEADER_BYTES + (ROUNDING - 1) & -ROUNDING) - HEADER_BYTES;
    }

    /** An array of so many bytes or more, with anything in it. */
    byte[] take(int bytes) {
        byte[] found = bytes < minBytes ? null : find(bytes);
        return found == null ? new byte[bytes] : found;
    }

    /**
     * An array of {@code wanted} bytes or more, if there is one that costs no memory, else of
     * {@code bytes} or more.
     */
    byte[] take(int bytes, int wanted) {
        byte[] found = wanted < minBytes ? null : find(wanted);
        return found == null ? take(bytes) : found;
    }

    @Nullable
    private synchronized byte[] find(int bytes) {
        for (int i = 0; i < spare.size(); i++) {
            byte[] array = spare.get(i);
            if (array.length >= bytes) {
                if (array.length / MAX_TIMES_TOO_LARGE >= bytes) {
                    return null;
                }
                isInUse = true;
                spare.remove(i);
                keptBytes -= array.length;
                return array;
            }
        }
        return null;
    }

    /** Takes back an array that nobody reads or writes any more. */
    synchronized void giveBack(byte[] array) {
        long max = maxKeptBytes.getAsLong();
        if (array.length < minBytes || array.length > max) {
            return;
        }
        // Before those of its size: of these the last is the likeliest to be in a fast cache.
        int at = 0;
        while (at < spare.size() && spare.get(at).length < array.length) {
            at++;
        }
        spare.add(at, array);
        keptBytes += array.length;
        while (keptBytes > max) {
            // The smallest fits the fewest answers.
            keptBytes -= spare.remove(0).length;
        }
    }

    /** Lets go of everything, if none of it has been taken since the last call. */
    synchronized void dropUnused() {
        if (!isInUse) {
            spare.clear();
            keptBytes = 0;
        }
        isInUse = false;
    }

    /** Lets go of everything, and leaves its part of the heap to others. */
    @Override
    public void close() {
        if (isSharing.compareAndSet(true, false)) {
            SHARING.decrementAndGet();
        }
        synchronized (this) {
            spare.clear();
            keptBytes = 0;
        }
    }
}

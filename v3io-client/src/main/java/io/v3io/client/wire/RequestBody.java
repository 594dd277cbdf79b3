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

package io.v3io.client.wire;

import io.v3io.client.annotation.Internal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The body of a request, in the first bytes of an array, which may serve another request after this
 * one.
 *
 * <p>It may be sent several times. An attempt that was given up, after a time-out or by its caller,
 * may still be read by an I/O thread, and nobody learns when that ends; so the array goes back only
 * if all attempts were sent to their last byte. Thread-safe.
 */
@Internal
public final class RequestBody {

    private final byte[] array;
    private final int length;
    private final BodyArrays arrays;
    private final AtomicInteger unfinished = new AtomicInteger();
    private final AtomicBoolean isBack = new AtomicBoolean();

    private RequestBody(byte[] array, int length, BodyArrays arrays) {
        this.array = array;
        this.length = length;
        this.arrays = arrays;
    }

    /** A whole array, not copied, which stays its owner's. */
    static RequestBody of(byte[] bytes) {
        return new RequestBody(bytes, bytes.length, BodyArrays.NEW);
    }

    /** The first bytes of an array that was taken from there. */
    static RequestBody in(byte[] array, int length, BodyArrays arrays) {
        return new RequestBody(array, length, arrays);
    }

    public int length() {
        return length;
    }

    /** A copy. */
    public byte[] toBytes() {
        return Arrays.copyOf(array, length);
    }

    /** The bytes for one attempt to send them, which calls {@link #sent} after the last one. */
    public ByteBuffer startSending() {
        unfinished.incrementAndGet();
        return ByteBuffer.wrap(array, 0, length);
    }

    /** An attempt has read the last byte. Once an attempt. */
    public void sent() {
        unfinished.decrementAndGet();
    }

    /**
     * No further attempt begins. The array serves others from now on, unless an attempt may still
     * read it; then it is garbage some day.
     */
    public void giveBack() {
        if (unfinished.get() == 0 && isBack.compareAndSet(false, true)) {
            arrays.giveBack(array);
        }
    }
}

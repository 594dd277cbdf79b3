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

package io.v3io.emulator.store;

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that records may take, outside the heap. A bound of our own, below that of the JVM:
 * connections need such memory as well, and without any they could not even say that it is used up.
 * Thread-safe.
 */
public final class RecordMemory {
    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    public RecordMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /**
     * Takes memory.
     *
     * @throws ApiException when there is not as much left
     */
    void take(int bytes) {
        if (usedBytes.addAndGet(bytes) > limitBytes) {
            usedBytes.addAndGet(-bytes);
            throw new ApiException(
                    ApiError.OUT_OF_MEMORY,
                    "records take all of the " + limitBytes + " bytes that they may");
        }
    }

    void giveBack(int bytes) {
        usedBytes.addAndGet(-bytes);
    }
}

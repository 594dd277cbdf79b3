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

import java.util.concurrent.CompletableFuture;

/**
 * Keeps changes safe. Changes are kept in the order in which they were submitted, and each is
 * acknowledged when it and all before it are safe; the store therefore submits changes of one thing
 * while it holds that thing's lock.
 */
public interface Journal extends AutoCloseable {

    /** A journal that keeps nothing: what is in memory is all there is. */
    Journal NONE =
            new Journal() {
                @Override
                public boolean isKept() {
                    return false;
                }

                @Override
                public CompletableFuture<Void> submit(Mutation mutation) {
                    return CompletableFuture.completedFuture(null);
                }

                @Override
                public void close() {}
            };

    /** Whether changes are kept at all; when not, their contents need not be collected. */
    boolean isKept();

    /**
     * Keeps a change; the future ends when it is safe, or fails when it cannot be kept. Never
     * blocks on a disk.
     */
    CompletableFuture<Void> submit(Mutation mutation);

    /** Keeps what was submitted and lets go of the files. */
    @Override
    void close();
}

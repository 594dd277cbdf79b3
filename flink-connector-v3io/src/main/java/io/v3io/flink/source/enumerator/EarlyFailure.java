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

package io.v3io.flink.source.enumerator;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

import javax.annotation.Nullable;

import java.time.Duration;

/**
 * Keeps back a failure that comes before the readers have registered, until they have or a few
 * seconds have passed. A job that fails while its tasks start can take the TaskManager along: the
 * sink of a {@code SELECT} that is cancelled while it initializes ends the process (FLINK-39330).
 *
 * <p>All methods are called by the coordinator thread.
 */
@Internal
final class EarlyFailure {

    /** Tasks that have not started by then most likely wait for resources, and nothing dies. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final Duration ONCE = Duration.ofDays(1);

    private final SplitEnumeratorContext<?> context;
    @Nullable private RuntimeException failure;

    EarlyFailure(SplitEnumeratorContext<?> context) {
        this.context = context;
    }

    /** Whether a failure is kept: then nothing else is of use. */
    boolean isKept() {
        return failure != null;
    }

    /** Runs what may fail, unless something has failed before. */
    void guard(Runnable step) {
        if (isKept()) {
            return;
        }
        try {
            step.run();
        } catch (RuntimeException e) {
            if (isEveryReaderThere()) {
                throw e;
            }
            failure = e;
            context.callAsync(
                    () -> Boolean.TRUE,
                    (passed, none) -> throwKept(),
                    LIMIT.toMillis(),
                    ONCE.toMillis());
        }
    }

    /** Fails now, if a failure was kept for this. */
    void readerRegistered() {
        if (isEveryReaderThere()) {
            throwKept();
        }
    }

    private boolean isEveryReaderThere() {
        return context.registeredReaders().size() >= context.currentParallelism();
    }

    private void throwKept() {
        if (failure != null) {
            throw failure;
        }
    }
}

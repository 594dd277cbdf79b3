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

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Lets so many requests be under way at a time; the others wait in order. Thread-safe. */
@Internal
final class RequestLimit {

    private final int limit;
    private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger underWay = new AtomicInteger();

    /** How often somebody wanted to start what waits; only the first one does, for all. */
    private final AtomicInteger starts = new AtomicInteger();

    RequestLimit(int limit) {
        this.limit = limit;
    }

    /** Makes a request when it is its turn. */
    <T> CompletableFuture<T> run(Supplier<CompletableFuture<T>> request) {
        CompletableFuture<T> result = new CompletableFuture<>();
        waiting.add(() -> start(request, result));
        startWaiting();
        return result;
    }

    private <T> void start(Supplier<CompletableFuture<T>> request, CompletableFuture<T> result) {
        CompletableFuture<T> answer;
        try {
            answer = request.get();
        } catch (Throwable e) {
            answer = CompletableFuture.failedFuture(e);
        }
        CompletableFuture<T> unused =
                answer.whenComplete(
                        (value, failure) -> {
                            underWay.decrementAndGet();
                            if (failure == null) {
                                result.complete(value);
                            } else {
                                result.completeExceptionally(failure);
                            }
                            startWaiting();
                        });
    }

    /** Without recursion, however many requests end at once. */
    private void startWaiting() {
        int seen = starts.incrementAndGet();
        if (seen != 1) {
            return;
        }
        while (seen != 0) {
            while (underWay.get() < limit) {
                Runnable next = waiting.poll();
                if (next == null) {
                    break;
                }
                underWay.incrementAndGet();
                next.run();
            }
            seen = starts.addAndGet(-seen);
        }
    }
}

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

import io.v3io.client.Operation;
import io.v3io.client.V3ioException;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * An operation made of several requests. Its future fails with the error of the first request that
 * fails, unwrapped; when it ends, in whatever way, the requests that still run are cancelled. What
 * fails between the requests is an error of ours, and worded as one.
 */
final class Composite<T> {

    private final CallRunner calls;
    private final Operation operation;
    private final String path;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Set<CompletableFuture<?>> running = ConcurrentHashMap.newKeySet();

    @SuppressWarnings("FutureReturnValueIgnored") // cancelling cannot fail
    Composite(CallRunner calls, Operation operation, String path) {
        this.calls = calls;
        this.operation = operation;
        this.path = path;
        result.whenComplete((value, error) -> cancelRunning());
    }

    /** To be given to the caller. */
    CompletableFuture<T> result() {
        return result;
    }

    void complete(T value) {
        result.complete(value);
    }

    boolean isDone() {
        return result.isDone();
    }

    /** Goes on with the value of a request. */
    <U> void then(CompletableFuture<U> request, Consumer<U> next) {
        then(request, next, error -> false);
    }

    /**
     * Goes on with the value of a request, or with an error that does not end the operation.
     *
     * @param isHandled takes the error, and says whether it has gone on; else it is the operation's
     */
    @SuppressWarnings({
        "FutureReturnValueIgnored", // what fails in it goes to the result
        "CollectionUndefinedEquality" // identity is what is meant
    })
    <U> void then(CompletableFuture<U> request, Consumer<U> next, Predicate<Throwable> isHandled) {
        running.add(request);
        if (result.isDone()) {
            cancelRunning();
            return;
        }
        request.whenComplete(
                (value, error) -> {
                    running.remove(request);
                    try {
                        if (error == null) {
                            next.accept(value);
                        } else if (!isHandled.test(unwrapped(error))) {
                            result.completeExceptionally(unwrapped(error));
                        }
                    } catch (V3ioException e) {
                        result.completeExceptionally(e);
                    } catch (RuntimeException | Error e) {
                        failByFault(e);
                    }
                });
    }

    private void failByFault(Throwable fault) {
        try {
            result.completeExceptionally(calls.failures().ofBug(operation, path, "", fault));
        } catch (RuntimeException | Error e) {
            // There is no memory left for words.
            result.completeExceptionally(fault);
        }
    }

    private void cancelRunning() {
        for (CompletableFuture<?> request : running) {
            request.cancel(false);
        }
    }

    private static Throwable unwrapped(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null
                ? error.getCause()
                : error;
    }
}

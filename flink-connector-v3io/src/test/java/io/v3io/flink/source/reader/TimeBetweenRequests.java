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

import io.v3io.client.V3ioClient;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * A clock on which time passes only while nothing is under way: no answer is ever late, however
 * slow the machine is. It counts what a client has under way until its answer has been judged.
 */
final class TimeBetweenRequests implements LongSupplier {

    /** How far each look moves the clock. */
    private static final long STEP_NANOS = Duration.ofMillis(5).toNanos();

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();

    @Override
    public long getAsLong() {
        return isQuiet() ? nanos.addAndGet(STEP_NANOS) : nanos.get();
    }

    void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }

    boolean isQuiet() {
        return underWay.get() == 0;
    }

    /** The same client; what it is asked is counted. */
    V3ioClient counting(V3ioClient client) {
        return (V3ioClient)
                Proxy.newProxyInstance(
                        V3ioClient.class.getClassLoader(),
                        new Class<?>[] {V3ioClient.class},
                        (proxy, method, arguments) -> counted(client, method, arguments));
    }

    private Object counted(V3ioClient client, Method method, Object[] arguments) throws Throwable {
        Object result;
        try {
            result = method.invoke(client, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
        return result instanceof CompletableFuture<?> answer ? counted(answer) : result;
    }

    private CompletableFuture<Object> counted(CompletableFuture<?> answer) {
        underWay.incrementAndGet();
        CompletableFuture<Object> judged = new CompletableFuture<>();
        CompletableFuture<?> unusedCancel =
                judged.whenComplete(
                        (value, error) -> {
                            if (judged.isCancelled()) {
                                answer.cancel(true);
                            }
                        });
        CompletableFuture<?> unused =
                answer.whenComplete(
                        (value, error) -> {
                            try {
                                if (error == null) {
                                    judged.complete(value);
                                } else {
                                    judged.completeExceptionally(error);
                                }
                            } finally {
                                underWay.decrementAndGet();
                            }
                        });
        return judged;
    }
}

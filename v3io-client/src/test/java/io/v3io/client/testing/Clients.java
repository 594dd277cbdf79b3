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

package io.v3io.client.testing;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioException;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static org.assertj.core.api.Assertions.assertThat;

/** Clients for tests, and the reading of their futures with a deadline. */
public final class Clients {

    public static final String KEY = "canary-5f1d3c7e-not-to-be-seen";

    private static final int DEADLINE_SECONDS = 30;

    private Clients() {}

    /** Repeats at once, so that no test waits. */
    public static RetryPolicy quickRetries(int retries) {
        return new RetryPolicy(
                retries, Duration.ofSeconds(20), Duration.ofMillis(1), Duration.ofMillis(2));
    }

    public static V3ioClientBuilder builder(String endpoint) {
        return V3ioClient.builder()
                .setEndpoint(endpoint)
                .setAccessKey(KEY)
                .setRetryPolicy(RetryPolicy.none());
    }

    public static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new AssertionError("The operation failed.", e.getCause());
        } catch (TimeoutException | InterruptedException e) {
            throw new AssertionError("The operation did not end.", e);
        }
    }

    /** The error that a future ends with, as a dependent stage sees it: never wrapped. */
    public static V3ioException error(CompletableFuture<?> future) {
        Throwable error = get(future.handle((value, thrown) -> thrown));
        assertThat(error).isInstanceOf(V3ioException.class);
        return (V3ioException) error;
    }
}

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

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import static org.assertj.core.api.Assertions.assertThat;

class RequestLimitTest {

    @Test
    void soManyRequestsAreUnderWayAndTheNextStartsWhenOneEnds() {
        RequestLimit limit = new RequestLimit(3);
        List<CompletableFuture<Integer>> started = new ArrayList<>();
        List<CompletableFuture<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            results.add(
                    limit.run(
                            () -> {
                                started.add(new CompletableFuture<>());
                                return started.get(started.size() - 1);
                            }));
        }
        assertThat(started).hasSize(3);

        started.get(1).complete(7);
        assertThat(results.get(1)).isCompletedWithValue(7);
        assertThat(started).hasSize(4);

        started.get(0).completeExceptionally(new IllegalStateException("no"));
        assertThat(results.get(0)).isCompletedExceptionally();
        assertThat(started).hasSize(5);
    }

    @Test
    void requestsThatEndAtOnceDoNotFillTheStack() {
        RequestLimit limit = new RequestLimit(1);
        CompletableFuture<Integer> first = new CompletableFuture<>();
        CompletableFuture<Integer> held = limit.run(() -> first);
        List<CompletableFuture<Integer>> results = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            int number = i;
            results.add(limit.run(() -> answer(number)));
        }

        first.complete(0);

        assertThat(held).isCompleted();
        assertThat(results).allMatch(CompletableFuture::isDone);
        assertThat(results.stream().filter(CompletableFuture::isCompletedExceptionally))
                .hasSize(33_334);
    }

    /** Every third request cannot even be made. */
    private static CompletableFuture<Integer> answer(int number) {
        if (number % 3 == 0) {
            throw new IllegalStateException("closed");
        }
        return CompletableFuture.completedFuture(number);
    }
}

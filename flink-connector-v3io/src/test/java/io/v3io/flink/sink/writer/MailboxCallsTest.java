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

package io.v3io.flink.sink.writer;

import io.v3io.flink.sink.TestTask;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class MailboxCallsTest {

    private final List<String> called = new ArrayList<>();
    private TestTask task;
    private MailboxCalls calls;

    @BeforeEach
    void start() {
        task = new TestTask();
        calls = new MailboxCalls(task.context().getMailboxExecutor());
    }

    @AfterEach
    void stop() {
        calls.close();
        task.close();
    }

    @Test
    void bringsAnAnswerToTheMailbox() throws Exception {
        CompletableFuture<String> call = new CompletableFuture<>();
        calls.whenAnswered(call, (answer, error) -> called.add(answer));
        call.complete("wolf");
        assertThat(called).isEmpty();
        task.runUntil(() -> !called.isEmpty());
        assertThat(called).containsExactly("wolf");
    }

    @Test
    void takesAnAnswerWhereItComes() {
        CompletableFuture<String> call = new CompletableFuture<>();
        calls.whenAnsweredAnywhere(call, (answer, error) -> called.add(answer));
        call.complete("wolf");
        assertThat(called).containsExactly("wolf");
    }

    static List<Throwable> thrown() {
        return List.of(new IllegalStateException("a bug"), new AssertionError("another bug"));
    }

    @ParameterizedTest
    @MethodSource("thrown")
    void failsTheTaskWithWhatIsThrownWhereAnAnswerComes(Throwable thrown) {
        CompletableFuture<String> call = new CompletableFuture<>();
        calls.whenAnsweredAnywhere(call, throwing(thrown));
        call.complete("wolf");
        assertThatThrownBy(() -> task.runUntil(() -> false)).isSameAs(thrown);
    }

    private static BiConsumer<String, Throwable> throwing(Throwable thrown) {
        return (answer, error) -> {
            if (thrown instanceof Error e) {
                throw e;
            }
            throw (RuntimeException) thrown;
        };
    }

    /** As before the savepoint that a job is stopped with. */
    @Test
    void waitsAlsoWhenTheTimersOfTheTaskHaveEnded() throws Exception {
        task.finish();
        calls.runLater(1, () -> called.add("wait"));
        task.runUntil(() -> !called.isEmpty());
        assertThat(called).containsExactly("wait");
    }

    @Test
    void callsNothingAfterItWasClosed() throws Exception {
        CompletableFuture<String> call = new CompletableFuture<>();
        calls.whenAnswered(call, (answer, error) -> called.add("answer"));
        call.complete("wolf");
        calls.runLater(0, () -> called.add("wait"));
        calls.run(() -> called.add("action"));
        calls.close();
        task.context().getMailboxExecutor().execute(() -> called.add("last"), "last");
        task.runUntil(() -> called.contains("last"));
        assertThat(called).containsExactly("last");
    }

    @Test
    void forgetsWhatComesAfterTheEndOfTheTask() {
        CompletableFuture<String> call = new CompletableFuture<>();
        calls.whenAnswered(call, (answer, error) -> called.add(answer));
        task.end();
        call.complete("wolf");
        assertThat(called).isEmpty();
        assertThat(call).isCompletedWithValue("wolf");
    }
}

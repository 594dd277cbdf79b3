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

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioSourceEnumeratorTest {

    private static final int PARALLELISM = 2;

    private CoordinatorContext context = new CoordinatorContext(PARALLELISM);
    private final List<V3ioSourceEnumerator> started = new ArrayList<>();
    private EmulatedStreams streams;
    private StreamPath words;

    @BeforeEach
    void startEmulator() {
        streams = new EmulatedStreams();
        words = streams.create("users/me/words", 4);
    }

    @AfterEach
    void stop() {
        started.forEach(V3ioSourceEnumerator::close);
        streams.close();
    }

    @Test
    void assignsEveryShardOnceHoweverReadersAndSurveyInterleave() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        register(enumerator, 0);
        assertThat(context.getSplitAssignments()).isEmpty();

        context.runCalls();
        assertThat(assignedTo(0)).hasSize(2);
        assertThat(enumerator.snapshotState(1).unassignedSplits()).hasSize(2);

        register(enumerator, 1);
        assertThat(assignedTo(1)).hasSize(2).doesNotContainAnyElementsOf(assignedTo(0));
        assertThat(enumerator.snapshotState(2).unassignedSplits()).isEmpty();
        assertThat(context.getSplitAssignments().get(1).hasReceivedNoMoreSplitsSignal()).isFalse();
    }

    @Test
    void addedShardsAreAssignedOnceAndReadFromTheirFirstRecord() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.latest(), null, V3ioEnumeratorState.initial());
        register(enumerator, 0);
        register(enumerator, 1);
        context.runCalls();

        streams.grow(words, 7);
        context.runCalls();
        context.runCalls();

        List<V3ioShardSplit> all = new ArrayList<>(assignedTo(0));
        all.addAll(assignedTo(1));
        assertThat(all)
                .extracting(split -> split.shard().number())
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
        assertThat(all)
                .allSatisfy(split -> assertThat(split.start()).isEqualTo(new ShardStart.At(1)));
    }

    @Test
    void aRestoreDoesNotResolveTheStartAgain() {
        streams.put(words, 0, "before", 5);
        V3ioSourceEnumerator first =
                start(StartingPosition.latest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        V3ioEnumeratorState state = first.snapshotState(1);
        streams.put(words, 0, "between", 5);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator restored = start(StartingPosition.latest(), null, state);
        register(restored, 0);
        register(restored, 1);
        context.runCalls();

        List<V3ioShardSplit> all = new ArrayList<>(assignedTo(0));
        all.addAll(assignedTo(1));
        assertThat(all)
                .contains(V3ioShardSplit.unbounded(words.shard(0), new ShardStart.After(5)))
                .hasSize(4);
    }

    @Test
    void splitsOfAFailedReaderAreAssignedAgain() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        register(enumerator, 0);
        context.runCalls();
        List<V3ioShardSplit> lost = List.copyOf(assignedTo(0));
        context.getSplitAssignments().clear();
        context.registeredReaders().remove(0);

        enumerator.addSplitsBack(lost, 0);
        assertThat(enumerator.snapshotState(1).unassignedSplits()).containsAll(lost);
        register(enumerator, 0);

        assertThat(assignedTo(0)).containsExactlyElementsOf(lost);
    }

    @Test
    void boundedReadersAreToldWhenThereIsNothingMore() {
        streams.put(words, 1, "b", 3);
        V3ioSourceEnumerator enumerator =
                start(
                        StartingPosition.earliest(),
                        StoppingPosition.latest(),
                        V3ioEnumeratorState.initial());
        register(enumerator, 0);
        context.runCalls();
        register(enumerator, 1);

        for (int subtask = 0; subtask < PARALLELISM; subtask++) {
            assertThat(context.getSplitAssignments().get(subtask).hasReceivedNoMoreSplitsSignal())
                    .isTrue();
        }
        List<V3ioShardSplit> all = new ArrayList<>(assignedTo(0));
        all.addAll(assignedTo(1));
        assertThat(all)
                .containsExactly(
                        V3ioShardSplit.bounded(words.shard(1), ShardStart.Earliest.INSTANCE, 3));
    }

    @Test
    void aStreamThatShrankWasCreatedAgainAndFails() {
        start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        streams.client().deleteStream(words).join();
        streams.create("users/me/words", 2);

        assertThatThrownBy(context::runCalls)
                .hasStackTraceContaining("users/me/words has 2 shards but had 4")
                .hasStackTraceContaining("deleted and created again");
    }

    @Test
    void aSurveyThatClosingEndedFailsNothing() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();

        enumerator.close();

        assertThatCode(context::runCalls).doesNotThrowAnyException();
    }

    @Test
    void aTransientFailureOfDiscoveryIsTriedAgainAndADeletedStreamIsNot() {
        start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.DESCRIBE_STREAM)
                                .respond(503, "text/html", "busy")
                                .times(1));

        context.runCalls();
        context.runCalls();
        streams.client().deleteStream(words).join();

        assertThatThrownBy(context::runCalls).hasStackTraceContaining("status 404");
    }

    private V3ioSourceEnumerator start(
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition,
            V3ioEnumeratorState state) {
        V3ioSourceEnumerator enumerator =
                new V3ioSourceEnumerator(
                        context,
                        () ->
                                V3ioClient.builder()
                                        .setEndpoint(streams.endpoint())
                                        .setAccessKey("test-key")
                                        .setRetryPolicy(RetryPolicy.none())
                                        .build(),
                        List.of(words),
                        startingPosition,
                        stoppingPosition,
                        Duration.ofMillis(1),
                        state);
        started.add(enumerator);
        enumerator.start();
        return enumerator;
    }

    private void register(V3ioSourceEnumerator enumerator, int subtask) {
        context.registerReader(subtask, "localhost");
        enumerator.addReader(subtask);
    }

    private List<V3ioShardSplit> assignedTo(int subtask) {
        return context.getSplitAssignments().get(subtask).getAssignedSplits();
    }

    /**
     * Runs calls when the test says so and, like Flink's coordinator, lets a handler's exception
     * out.
     */
    private static final class CoordinatorContext
            extends TestingSplitEnumeratorContext<V3ioShardSplit> {

        private final List<Runnable> once = new ArrayList<>();
        private final List<Runnable> periodic = new ArrayList<>();

        CoordinatorContext(int parallelism) {
            super(parallelism);
        }

        void runCalls() {
            List<Runnable> calls = new ArrayList<>(once);
            calls.addAll(periodic);
            once.clear();
            calls.forEach(Runnable::run);
        }

        @Override
        public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            once.add(() -> call(callable, handler));
        }

        @Override
        public <T> void callAsync(
                Callable<T> callable,
                BiConsumer<T, Throwable> handler,
                long initialDelayMillis,
                long periodMillis) {
            periodic.add(() -> call(callable, handler));
        }

        private static <T> void call(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            T result;
            try {
                result = callable.call();
            } catch (Exception e) {
                handler.accept(null, e);
                return;
            }
            handler.accept(result, null);
        }
    }
}

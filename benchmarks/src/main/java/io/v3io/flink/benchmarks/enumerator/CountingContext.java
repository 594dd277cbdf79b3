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

package io.v3io.flink.benchmarks.enumerator;

import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

/**
 * Flink's side of an enumerator, without tasks: takes note of what is assigned. Calls of the worker
 * thread wait until {@link #runCalls} makes them, so that the coordinator's share can be measured
 * alone. Used by one thread.
 */
final class CountingContext implements SplitEnumeratorContext<V3ioShardSplit> {

    private final int parallelism;
    private final Map<Integer, ReaderInfo> registered = new HashMap<>();
    private final Map<Integer, List<V3ioShardSplit>> assigned = new HashMap<>();
    private final Queue<Call<?>> once = new ArrayDeque<>();
    private final List<Call<?>> periodic = new ArrayList<>();

    private record Call<T>(Callable<T> work, BiConsumer<T, Throwable> handler) {

        Runnable answer() {
            try {
                T result = work.call();
                return () -> handler.accept(result, null);
            } catch (Exception e) {
                return () -> handler.accept(null, e);
            }
        }
    }

    CountingContext(int parallelism) {
        this.parallelism = parallelism;
    }

    /** A reader has started. */
    void register(int subtask) {
        registered.put(subtask, new ReaderInfo(subtask, "localhost"));
    }

    /** A reader has failed before its first checkpoint; returns what it was assigned. */
    List<V3ioShardSplit> fail(int subtask) {
        registered.remove(subtask);
        return assigned.remove(subtask);
    }

    /** Makes the calls that wait; the answers are actions of the coordinator. */
    List<Runnable> runCalls() {
        List<Call<?>> calls = new ArrayList<>(once);
        once.clear();
        calls.addAll(periodic);
        return calls.stream().map(Call::answer).toList();
    }

    int assignedCount() {
        return assigned.values().stream().mapToInt(List::size).sum();
    }

    int largestDifference() {
        int most = assigned.values().stream().mapToInt(List::size).max().orElse(0);
        int least =
                assigned.size() < parallelism
                        ? 0
                        : assigned.values().stream().mapToInt(List::size).min().orElse(0);
        return most - least;
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
        return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
    }

    @Override
    public int currentParallelism() {
        return parallelism;
    }

    /** Makes a new map at each call, as Flink's context does. */
    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
        return new HashMap<>(registered);
    }

    @Override
    public void assignSplits(SplitsAssignment<V3ioShardSplit> assignment) {
        assignment
                .assignment()
                .forEach(
                        (subtask, splits) -> {
                            if (!registered.containsKey(subtask)) {
                                throw new IllegalStateException(
                                        "Subtask " + subtask + " is not registered.");
                            }
                            assigned.computeIfAbsent(subtask, none -> new ArrayList<>())
                                    .addAll(splits);
                        });
    }

    @Override
    public void signalNoMoreSplits(int subtask) {}

    @Override
    public void sendEventToSourceReader(int subtask, SourceEvent event) {}

    @Override
    public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
        once.add(new Call<>(callable, handler));
    }

    @Override
    public <T> void callAsync(
            Callable<T> callable,
            BiConsumer<T, Throwable> handler,
            long initialDelayMillis,
            long periodMillis) {
        periodic.add(new Call<>(callable, handler));
    }

    @Override
    public void runInCoordinatorThread(Runnable runnable) {
        runnable.run();
    }
}

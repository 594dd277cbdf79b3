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

package io.v3io.flink.source.simulation;

import io.v3io.flink.source.simulation.CompletedCheckpoint.SerializedState;

import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.source.coordinator.SplitAssignmentTracker;
import org.apache.flink.util.function.ThrowingRunnable;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;

/**
 * The coordinator of a source: runs a real enumerator. Its actions wait in the order in which they
 * came until {@link #runNext} runs one on the test's thread; only asynchronous calls of the
 * enumerator have a thread of their own, as in Flink, and their answers are actions like the
 * others. A periodic call is made when the test says that it is time.
 *
 * @param <SplitT> type of the splits
 * @param <StateT> type of the enumerator's state
 */
final class SimulatedCoordinator<SplitT extends SourceSplit, StateT>
        implements SplitEnumeratorContext<SplitT>, AutoCloseable {

    private static final Duration CLOSING_LIMIT = Duration.ofSeconds(10);

    private final int parallelism;
    private final SimpleVersionedSerializer<SplitT> splitSerializer;
    private final SimpleVersionedSerializer<StateT> stateSerializer;
    private final SplitEnumerator<SplitT, StateT> enumerator;
    private final Thread coordinatorThread = Thread.currentThread();
    private final ExecutorService worker;

    // Flink's own, so that a failed subtask gives back what it would give back in Flink.
    private final SplitAssignmentTracker<SplitT> assignments = new SplitAssignmentTracker<>();
    private final Map<Integer, ReaderInfo> registered = new HashMap<>();
    private final Map<Integer, SimulatedTask<?, SplitT>> gateways = new HashMap<>();
    private final List<Runnable> periodicCalls = new ArrayList<>();

    private final Object lock = new Object();

    // The fields below are guarded by the lock.
    private final Deque<Action> actions = new ArrayDeque<>();
    private int callsUnderWay;
    private CompletableFuture<Void> actionCame = new CompletableFuture<>();

    private record Action(String name, ThrowingRunnable<Exception> run) {}

    /**
     * A coordinator whose enumerator has started.
     *
     * @param source makes the enumerator
     * @param parallelism of the job
     * @param state of the checkpoint to go on from; null to start anew
     */
    SimulatedCoordinator(
            Source<?, SplitT, StateT> source, int parallelism, @Nullable SerializedState state)
            throws Exception {
        this.parallelism = parallelism;
        this.splitSerializer = source.getSplitSerializer();
        this.stateSerializer = source.getEnumeratorCheckpointSerializer();
        enumerator =
                state == null
                        ? source.createEnumerator(this)
                        : source.restoreEnumerator(
                                this, stateSerializer.deserialize(state.version(), state.bytes()));
        worker = Executors.newSingleThreadExecutor(run -> new Thread(run, "enumerator-worker"));
        enumerator.start();
    }

    /** Runs the action that has waited longest; returns its name, null when none waits. */
    @Nullable
    String runNext() throws Exception {
        Action action;
        synchronized (lock) {
            action = actions.poll();
            if (actions.isEmpty() && actionCame.isDone()) {
                actionCame = new CompletableFuture<>();
            }
        }
        if (action == null) {
            return null;
        }
        action.run.run();
        return action.name;
    }

    /** Done when an action waits. */
    CompletableFuture<?> available() {
        synchronized (lock) {
            return actionCame;
        }
    }

    /** Whether an asynchronous call has no answer yet. */
    boolean isCallUnderWay() {
        synchronized (lock) {
            return callsUnderWay > 0;
        }
    }

    /** Makes the periodic calls, unless one is under way: Flink does not let them overlap. */
    boolean makePeriodicCalls() {
        if (periodicCalls.isEmpty() || isCallUnderWay()) {
            return false;
        }
        periodicCalls.forEach(Runnable::run);
        return true;
    }

    private void post(String name, ThrowingRunnable<Exception> run) {
        synchronized (lock) {
            actions.add(new Action(name, run));
            actionCame.complete(null);
        }
    }

    /** A task runs, so that it can be sent to. */
    void attemptReady(SimulatedTask<?, SplitT> task) {
        post("gateway of subtask " + task.subtask(), () -> gateways.put(task.subtask(), task));
    }

    /** Something that a task has sent arrives. */
    void arrive(int subtask, CoordinatorMail sent) {
        if (sent instanceof CoordinatorMail.EnumeratorEvent event) {
            post(
                    "event of subtask " + subtask,
                    () -> enumerator.handleSourceEvent(subtask, EventBytes.read(event.event())));
        } else {
            post("registration of subtask " + subtask, () -> register(subtask));
        }
    }

    private void register(int subtask) {
        if (registered.put(subtask, new ReaderInfo(subtask, "localhost")) != null) {
            throw new IllegalStateException("Subtask " + subtask + " is registered already.");
        }
        enumerator.addReader(subtask);
    }

    /** A task has failed; nothing can be sent to it. */
    void attemptFailed(int subtask) {
        post(
                "failure of subtask " + subtask,
                () -> {
                    registered.remove(subtask);
                    gateways.remove(subtask);
                });
    }

    /**
     * A failed subtask goes back to a checkpoint, and what it was assigned since then to the
     * enumerator.
     */
    void subtaskReset(int subtask, long checkpointId) {
        post(
                "reset of subtask " + subtask + " to checkpoint " + checkpointId,
                () -> {
                    registered.remove(subtask);
                    gateways.remove(subtask);
                    enumerator.addSplitsBack(
                            assignments.getAndRemoveUncheckpointedAssignment(subtask, checkpointId),
                            subtask);
                });
    }

    /** Asks for the enumerator's part of a checkpoint. */
    void checkpoint(long checkpointId, ThrowingConsumer<SerializedState> acknowledge) {
        post(
                "checkpoint " + checkpointId,
                () -> {
                    assignments.onCheckpoint(checkpointId);
                    StateT state = enumerator.snapshotState(checkpointId);
                    acknowledge.accept(
                            new SerializedState(
                                    stateSerializer.getVersion(),
                                    stateSerializer.serialize(state)));
                });
    }

    void checkpointCompleted(long checkpointId) {
        post(
                "completion of checkpoint " + checkpointId,
                () -> {
                    assignments.onCheckpointComplete(checkpointId);
                    enumerator.notifyCheckpointComplete(checkpointId);
                });
    }

    void checkpointAborted(long checkpointId) {
        post(
                "end of checkpoint " + checkpointId,
                () -> enumerator.notifyCheckpointAborted(checkpointId));
    }

    /** What takes a value and may fail. */
    interface ThrowingConsumer<V> {
        void accept(V value) throws Exception;
    }

    /** In Flink's order: the enumerator first, then the threads. */
    @Override
    public void close() throws Exception {
        enumerator.close();
        worker.shutdownNow();
        if (!worker.awaitTermination(CLOSING_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("A call of the enumerator outlives its closing.");
        }
    }

    @Override
    public SplitEnumeratorMetricGroup metricGroup() {
        return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
    }

    @Override
    public int currentParallelism() {
        return parallelism;
    }

    @Override
    public Map<Integer, ReaderInfo> registeredReaders() {
        checkThread();
        return Map.copyOf(registered);
    }

    @Override
    public void assignSplits(SplitsAssignment<SplitT> assignment) {
        checkThread();
        for (int subtask : assignment.assignment().keySet()) {
            if (!registered.containsKey(subtask)) {
                throw new IllegalArgumentException(
                        "Splits for subtask " + subtask + ", which is not registered.");
            }
        }
        assignments.recordSplitAssignment(assignment);
        assignment.assignment().forEach(this::sendSplits);
    }

    private void sendSplits(int subtask, List<SplitT> splits) {
        List<byte[]> serialized = new ArrayList<>();
        for (SplitT split : splits) {
            try {
                serialized.add(splitSerializer.serialize(split));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        gateway(subtask).send(new TaskMail.AddSplits(splitSerializer.getVersion(), serialized));
    }

    @Override
    public void signalNoMoreSplits(int subtask) {
        checkThread();
        gateway(subtask).send(new TaskMail.NoMoreSplits());
    }

    @Override
    public void sendEventToSourceReader(int subtask, SourceEvent event) {
        checkThread();
        gateway(subtask).send(new TaskMail.ReaderEvent(EventBytes.write(event)));
    }

    private SimulatedTask<?, SplitT> gateway(int subtask) {
        SimulatedTask<?, SplitT> task = gateways.get(subtask);
        if (task == null) {
            throw new IllegalStateException(
                    "Subtask " + subtask + " is not ready to receive anything.");
        }
        return task;
    }

    @Override
    public <V> void callAsync(Callable<V> callable, BiConsumer<V, Throwable> handler) {
        synchronized (lock) {
            callsUnderWay++;
        }
        worker.execute(() -> call(callable, handler));
    }

    private <V> void call(Callable<V> callable, BiConsumer<V, Throwable> handler) {
        V result = null;
        Throwable failure = null;
        try {
            result = callable.call();
        } catch (Throwable e) {
            failure = e;
        }
        V answer = result;
        Throwable error = failure;
        synchronized (lock) {
            callsUnderWay--;
            post("answer", () -> handler.accept(answer, error));
        }
    }

    @Override
    public <V> void callAsync(
            Callable<V> callable,
            BiConsumer<V, Throwable> handler,
            long initialDelayMillis,
            long periodMillis) {
        periodicCalls.add(() -> callAsync(callable, handler));
    }

    @Override
    public void runInCoordinatorThread(Runnable runnable) {
        post("action of the enumerator", runnable::run);
    }

    private void checkThread() {
        if (Thread.currentThread() != coordinatorThread) {
            throw new IllegalStateException("Only the coordinator's thread may do this.");
        }
    }
}

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

import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.util.IOUtils;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * A job that has one source and an exactly-once sink: its coordinator, its tasks, its checkpoints,
 * and the ends that all of them may come to. Every method is one step that the caller chooses; in
 * between nothing moves but the reader's own threads and the enumerator's call.
 *
 * <p>The steps are Flink's, in every order in which Flink may take them:
 *
 * <ul>
 *   <li>A task is started with its part of the last completed checkpoint, tells the coordinator so,
 *       and receives its mail between two polls of its reader.
 *   <li>What a task sends arrives at the coordinator in order, but any time later: Flink does not
 *       promise that it overtakes a checkpoint or that it is there before one.
 *   <li>A checkpoint begins with the enumerator; then the tasks take their parts, each in its own
 *       time. It completes when somebody says so, or is given up.
 *   <li>A failed task takes unfinished checkpoints down that it has not acknowledged; when it is
 *       reset, all of them. It goes back to its part of the last completed checkpoint, and what it
 *       was assigned since then to the enumerator.
 *   <li>When the whole job fails, only the last completed checkpoint is left, and it may go on with
 *       another parallelism.
 * </ul>
 *
 * <p>Used by one thread.
 *
 * @param <T> type of the elements
 * @param <SplitT> type of the splits
 * @param <StateT> type of the enumerator's state
 */
public final class SimulatedJob<T, SplitT extends SourceSplit, StateT> implements AutoCloseable {

    /** What the life of a subtask knows. */
    public enum TaskState {
        /** There is no task yet, but it may be started. */
        DEPLOYED,
        /** There is a task. */
        RUNNING,
        /** The task has failed, and the coordinator has not yet been told to go back. */
        FAILED
    }

    private Source<T, SplitT, StateT> source;
    private final Configuration configuration;
    private final JobOutput<T> output;

    private final Map<Integer, SimulatedTask<T, SplitT>> tasks = new TreeMap<>();
    private final Set<Integer> failed = new TreeSet<>();
    private final NavigableMap<Long, PendingCheckpoint> pending = new TreeMap<>();

    @Nullable private SimulatedCoordinator<SplitT, StateT> coordinator;
    @Nullable private CompletedCheckpoint completed;
    private int parallelism;
    private long lastCheckpointId;

    /**
     * A job that has not started.
     *
     * @param source what it reads
     * @param configuration of its readers
     * @param output what it emits
     */
    public SimulatedJob(
            Source<T, SplitT, StateT> source, Configuration configuration, JobOutput<T> output) {
        this.source = source;
        this.configuration = configuration;
        this.output = output;
    }

    /** From its next start on, the job has another source, which reads the state of this one. */
    public void change(Source<T, SplitT, StateT> newSource) {
        source = newSource;
    }

    /** Starts the enumerator, from the last completed checkpoint if there is one; no task yet. */
    public void start(int newParallelism) throws Exception {
        parallelism = newParallelism;
        coordinator =
                new SimulatedCoordinator<>(
                        source, parallelism, completed == null ? null : completed.enumerator());
    }

    /** How many subtasks there are. */
    public int parallelism() {
        return parallelism;
    }

    /** What a subtask is doing. */
    public TaskState stateOf(int subtask) {
        if (failed.contains(subtask)) {
            return TaskState.FAILED;
        }
        return tasks.containsKey(subtask) ? TaskState.RUNNING : TaskState.DEPLOYED;
    }

    /** The subtasks in a state. */
    public List<Integer> subtasks(TaskState state) {
        return IntStream.range(0, parallelism)
                .filter(subtask -> stateOf(subtask) == state)
                .boxed()
                .toList();
    }

    /** Starts a subtask's task. */
    public void startTask(int subtask) throws Exception {
        SimulatedTask<T, SplitT> task =
                new SimulatedTask<>(
                        subtask,
                        parallelism,
                        source,
                        configuration,
                        completedId(),
                        completed == null ? List.of() : completed.readers(parallelism).get(subtask),
                        output,
                        (checkpoint, splits) -> acknowledge(checkpoint, subtask, splits));
        tasks.put(subtask, task);
        coordinator.attemptReady(task);
        checkOneReaderPerSplit();
    }

    /** The coordinator's next action; returns its name, or null when there is none. */
    @Nullable
    public String runCoordinator() throws Exception {
        return coordinator.runNext();
    }

    /** Whether an asynchronous call of the enumerator has no answer yet. */
    public boolean isCallUnderWay() {
        return coordinator.isCallUnderWay();
    }

    /** It is time for the enumerator's periodic calls; whether one was made. */
    public boolean makePeriodicCalls() {
        return coordinator.makePeriodicCalls();
    }

    /** The first thing that a task has sent arrives at the coordinator; whether there was one. */
    public boolean arriveFrom(int subtask) {
        CoordinatorMail sent = tasks.get(subtask).pollSent();
        if (sent == null) {
            return false;
        }
        coordinator.arrive(subtask, sent);
        return true;
    }

    /** A task receives its next mail; returns what it was, or null when there is none. */
    @Nullable
    public String receive(int subtask) throws Exception {
        SimulatedTask<T, SplitT> task = tasks.get(subtask);
        if (task.waitingMail() == 0) {
            return null;
        }
        TaskMail mail = task.receive();
        checkOneReaderPerSplit();
        return mail.getClass().getSimpleName();
    }

    /**
     * A task emits elements.
     *
     * @param elements how many at the most
     * @param limit how long it waits for them
     * @return how many it has emitted
     */
    public int poll(int subtask, int elements, Duration limit) throws Exception {
        return tasks.get(subtask).poll(elements, limit);
    }

    /** Whether a running task has said that nothing comes any more. */
    public boolean isEnded(int subtask) {
        return tasks.get(subtask).isEnded();
    }

    /** The splits of a running task. */
    public Set<String> splitsOf(int subtask) {
        return tasks.get(subtask).splitIds();
    }

    /** A split with two readers would come twice, whatever the checkpoints say. */
    private void checkOneReaderPerSplit() {
        Map<String, Integer> readers = new HashMap<>();
        for (SimulatedTask<T, SplitT> task : tasks.values()) {
            for (String split : task.splitIds()) {
                Integer other = readers.put(split, task.subtask());
                if (other != null) {
                    throw new AssertionError(
                            "Subtasks "
                                    + other
                                    + " and "
                                    + task.subtask()
                                    + " both have split "
                                    + split
                                    + ".");
                }
            }
        }
    }

    /**
     * Begins a checkpoint, which only a job whose tasks all run can.
     *
     * @return its id
     */
    public long triggerCheckpoint() {
        if (tasks.size() < parallelism) {
            throw new IllegalStateException("Not all tasks run.");
        }
        long id = ++lastCheckpointId;
        pending.put(id, new PendingCheckpoint());
        coordinator.checkpoint(id, state -> acknowledge(id, state));
        return id;
    }

    private void acknowledge(long id, SerializedState enumerator) {
        PendingCheckpoint checkpoint = pending.get(id);
        // It may have been given up meanwhile.
        if (checkpoint != null) {
            checkpoint.enumerator = enumerator;
            tasks.values().forEach(task -> task.send(new TaskMail.Barrier(id)));
        }
    }

    private void acknowledge(long id, int subtask, List<SerializedState> splits) {
        PendingCheckpoint checkpoint = pending.get(id);
        if (checkpoint != null) {
            checkpoint.readers.put(subtask, splits);
        }
    }

    /** The checkpoints that have begun and not ended, oldest first. */
    public Collection<Long> pendingCheckpoints() {
        return List.copyOf(pending.keySet());
    }

    /** Whether the enumerator has taken its part of a checkpoint. */
    public boolean isTakenByEnumerator(long checkpointId) {
        return pending.get(checkpointId).enumerator != null;
    }

    /** Whether a task has taken its part of a checkpoint. */
    public boolean isAcknowledged(long checkpointId, int subtask) {
        return pending.get(checkpointId).readers.containsKey(subtask);
    }

    /** Whether a checkpoint has all its parts. */
    public boolean isAcknowledged(long checkpointId) {
        return pending.get(checkpointId).readers.size() == parallelism;
    }

    /** Completes a checkpoint that has all its parts; older ones are given up. */
    public CompletedCheckpoint completeCheckpoint(long checkpointId) {
        PendingCheckpoint checkpoint = pending.remove(checkpointId);
        completed =
                new CompletedCheckpoint(
                        checkpointId,
                        checkpoint.enumerator,
                        List.copyOf(new ArrayList<>(checkpoint.readers.values())));
        List.copyOf(pending.headMap(checkpointId).keySet()).forEach(this::abortCheckpoint);
        coordinator.checkpointCompleted(checkpointId);
        tasks.values().forEach(task -> task.send(new TaskMail.CheckpointCompleted(checkpointId)));
        return completed;
    }

    /** Gives a checkpoint up. */
    public void abortCheckpoint(long checkpointId) {
        pending.remove(checkpointId);
        coordinator.checkpointAborted(checkpointId);
        tasks.values().forEach(task -> task.send(new TaskMail.CheckpointAborted(checkpointId)));
    }

    /** What the job would be restored from now. */
    public Optional<CompletedCheckpoint> lastCompleted() {
        return Optional.ofNullable(completed);
    }

    private long completedId() {
        return completed == null ? 0 : completed.id();
    }

    /** A task fails alone. */
    public void failTask(int subtask) throws Exception {
        tasks.remove(subtask).close();
        failed.add(subtask);
        pending.entrySet().stream()
                .filter(checkpoint -> !checkpoint.getValue().readers.containsKey(subtask))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::abortCheckpoint);
        coordinator.attemptFailed(subtask);
    }

    /**
     * A failed subtask goes back to the last completed checkpoint; it may then be started again.
     */
    public void resetTask(int subtask) {
        pendingCheckpoints().forEach(this::abortCheckpoint);
        failed.remove(subtask);
        output.discardAfter(completedId(), subtask);
        // Without a checkpoint Flink names the number before the first one.
        coordinator.subtaskReset(subtask, completed == null ? -1 : completed.id());
    }

    /** Everything ends; what no completed checkpoint holds is lost. */
    public void fail() throws Exception {
        close();
        output.discardAfter(completedId());
    }

    /** Waits until the coordinator has something to do; whether it has. */
    public boolean awaitCoordinator(Duration limit) throws Exception {
        return await(List.of(coordinator.available()), limit);
    }

    /** Waits until a task has something to emit; whether one has. */
    public boolean awaitTasks(Duration limit) throws Exception {
        List<CompletableFuture<?>> events = new ArrayList<>();
        tasks.values().stream()
                .filter(task -> !task.isEnded())
                .forEach(task -> events.add(task.available()));
        return await(events, limit);
    }

    private static boolean await(List<CompletableFuture<?>> events, Duration limit)
            throws Exception {
        try {
            CompletableFuture.anyOf(events.toArray(new CompletableFuture<?>[0]))
                    .get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    @Override
    public void close() throws Exception {
        List<AutoCloseable> parts = new ArrayList<>(tasks.values());
        if (coordinator != null) {
            parts.add(coordinator);
        }
        tasks.clear();
        failed.clear();
        pending.clear();
        coordinator = null;
        IOUtils.closeAll(parts);
    }

    private static final class PendingCheckpoint {
        private final Map<Integer, List<SerializedState>> readers = new TreeMap<>();
        @Nullable private SerializedState enumerator;
    }
}

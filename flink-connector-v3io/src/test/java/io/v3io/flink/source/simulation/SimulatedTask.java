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

import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/**
 * One attempt of a subtask: a real reader, what is on the way to it, and what it has on the way to
 * the coordinator. What Flink's source operator does with a reader, step by step.
 *
 * @param <T> type of the elements
 * @param <SplitT> type of the splits
 */
final class SimulatedTask<T, SplitT extends SourceSplit>
        implements SourceReaderContext, AutoCloseable {

    private final int subtask;
    private final int parallelism;
    private final Configuration configuration;
    private final SimpleVersionedSerializer<SplitT> splitSerializer;
    private final JobOutput<T> output;
    private final BiConsumer<Long, List<SerializedState>> acknowledge;
    private final TaskReaderOutput readerOutput = new TaskReaderOutput();

    private final Deque<TaskMail> mailbox = new ArrayDeque<>();
    private final Deque<CoordinatorMail> outbox = new ArrayDeque<>();
    private final Set<String> splitIds = new TreeSet<>();
    private final SourceReader<T, SplitT> reader;

    private long lastCheckpoint;
    private long emitted;
    private boolean isEnded;

    /** Whether the reader has said that its own part of the output is not to be waited for. */
    private boolean isMainIdle;

    /** Whether the shards' parts together are active, as Flink keeps it also when they are gone. */
    private boolean arePartsActive;

    /** Whether an element has come while all of the output was idle, which must be active now. */
    private boolean isToWake;

    /**
     * A task that runs.
     *
     * @param subtask its index
     * @param parallelism of the job
     * @param source makes the reader
     * @param configuration of the reader
     * @param restoredFrom checkpoint to go on from; 0 for none
     * @param restored the splits in it
     * @param output gets what the reader emits
     * @param acknowledge gets the task's part of a checkpoint
     */
    SimulatedTask(
            int subtask,
            int parallelism,
            Source<T, SplitT, ?> source,
            Configuration configuration,
            long restoredFrom,
            List<SerializedState> restored,
            JobOutput<T> output,
            BiConsumer<Long, List<SerializedState>> acknowledge)
            throws Exception {
        this.subtask = subtask;
        this.parallelism = parallelism;
        this.configuration = configuration;
        this.splitSerializer = source.getSplitSerializer();
        this.lastCheckpoint = restoredFrom;
        this.output = output;
        this.acknowledge = acknowledge;
        reader = source.createReader(this);
        try {
            if (!restored.isEmpty()) {
                addSplits(restored);
            }
            outbox.add(new CoordinatorMail.Registration());
            reader.start();
            // As Flink's task does, whatever the reader says of its availability.
            reader.pollNext(readerOutput);
        } catch (Exception e) {
            reader.close();
            throw e;
        }
    }

    private void addSplits(List<SerializedState> serialized) throws IOException {
        List<SplitT> splits = new ArrayList<>();
        for (SerializedState split : serialized) {
            splits.add(splitSerializer.deserialize(split.version(), split.bytes()));
        }
        for (SplitT split : splits) {
            readerOutput.createOutputForSplit(split.splitId());
            if (!splitIds.add(split.splitId())) {
                throw new AssertionError(
                        "Subtask " + subtask + " got split " + split.splitId() + " twice.");
            }
        }
        reader.addSplits(splits);
    }

    int subtask() {
        return subtask;
    }

    /** The splits that the reader has. */
    Set<String> splitIds() {
        return splitIds;
    }

    /** Sends to the task; it arrives with {@link #receive}. */
    void send(TaskMail mail) {
        mailbox.add(mail);
    }

    /** How much is on the way to the task. */
    int waitingMail() {
        return mailbox.size();
    }

    /** What the task has told the coordinator first and has not arrived there; null for nothing. */
    CoordinatorMail pollSent() {
        return outbox.poll();
    }

    /** How much is on the way to the coordinator. */
    int waitingForCoordinator() {
        return outbox.size();
    }

    /** The next mail arrives, between two calls of the reader's poll. */
    TaskMail receive() throws Exception {
        TaskMail mail = mailbox.remove();
        if (mail instanceof TaskMail.AddSplits add) {
            addSplits(
                    add.splits().stream()
                            .map(bytes -> new SerializedState(add.version(), bytes))
                            .toList());
        } else if (mail instanceof TaskMail.ReaderEvent event) {
            reader.handleSourceEvents(EventBytes.read(event.event()));
        } else if (mail instanceof TaskMail.NoMoreSplits) {
            reader.notifyNoMoreSplits();
        } else if (mail instanceof TaskMail.Barrier barrier) {
            snapshot(barrier.checkpointId());
        } else if (mail instanceof TaskMail.CheckpointCompleted completed) {
            reader.notifyCheckpointComplete(completed.checkpointId());
        } else if (mail instanceof TaskMail.CheckpointAborted aborted) {
            reader.notifyCheckpointAborted(aborted.checkpointId());
        }
        return mail;
    }

    private void snapshot(long checkpointId) throws IOException {
        List<SerializedState> splits = new ArrayList<>();
        for (SplitT split : reader.snapshotState(checkpointId)) {
            splits.add(
                    new SerializedState(
                            splitSerializer.getVersion(), splitSerializer.serialize(split)));
        }
        lastCheckpoint = checkpointId;
        acknowledge.accept(checkpointId, splits);
    }

    /**
     * Emits elements, waiting for them if there are none yet.
     *
     * @param elements how many at the most
     * @param limit how long to wait in all; zero for not at all
     * @return how many were emitted
     */
    int poll(int elements, Duration limit) throws Exception {
        long deadline = System.nanoTime() + limit.toNanos();
        long before = emitted;
        while (emitted - before < elements && !isEnded) {
            InputStatus status = reader.pollNext(readerOutput);
            if (isToWake) {
                throw new AssertionError(
                        "Subtask " + subtask + " has emitted an element, but its output is idle.");
            }
            if (status == InputStatus.END_OF_INPUT) {
                isEnded = true;
                if (!splitIds.isEmpty()) {
                    throw new AssertionError(
                            "Subtask " + subtask + " ended with splits " + splitIds + ".");
                }
                break;
            }
            if (status == InputStatus.NOTHING_AVAILABLE
                    && !await(reader.isAvailable(), deadline - System.nanoTime())) {
                break;
            }
        }
        return Math.toIntExact(emitted - before);
    }

    private static boolean await(CompletableFuture<?> condition, long nanos) throws Exception {
        try {
            condition.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        }
    }

    /** Whether the reader has said that nothing comes any more. */
    boolean isEnded() {
        return isEnded;
    }

    /** Done when the reader has something to do. */
    CompletableFuture<?> available() {
        return reader.isAvailable();
    }

    @Override
    public void close() throws Exception {
        reader.close();
    }

    @Override
    public SourceReaderMetricGroup metricGroup() {
        return UnregisteredMetricsGroup.createSourceReaderMetricGroup();
    }

    @Override
    public Configuration getConfiguration() {
        return configuration;
    }

    @Override
    public String getLocalHostName() {
        return "localhost";
    }

    @Override
    public int getIndexOfSubtask() {
        return subtask;
    }

    @Override
    public int currentParallelism() {
        return parallelism;
    }

    @Override
    public void sendSplitRequest() {
        throw new AssertionError("Readers of this source are not expected to ask for splits.");
    }

    @Override
    public void sendSourceEventToCoordinator(SourceEvent event) {
        outbox.add(new CoordinatorMail.EnumeratorEvent(EventBytes.write(event)));
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
        return SimpleUserCodeClassLoader.create(getClass().getClassLoader());
    }

    /** The main output, which a reader of several splits must not use for elements. */
    private final class TaskReaderOutput implements ReaderOutput<T> {

        private final Map<String, SplitOutput> outputs = new HashMap<>();

        @Override
        public SourceOutput<T> createOutputForSplit(String splitId) {
            return outputs.computeIfAbsent(splitId, SplitOutput::new);
        }

        @Override
        public void releaseOutputForSplit(String splitId) {
            splitIds.remove(splitId);
            outputs.remove(splitId);
        }

        @Override
        public void collect(T element) {
            throw new AssertionError("An element without a split: " + element);
        }

        @Override
        public void collect(T element, long timestampMillis) {
            collect(element);
        }

        @Override
        public void emitWatermark(Watermark watermark) {
            throw new AssertionError("The source itself emits no watermarks.");
        }

        @Override
        public void markIdle() {
            if (arePartsActive) {
                throw new AssertionError(
                        "Subtask " + subtask + " is to be idle, but shards' parts are active.");
            }
            isMainIdle = true;
        }

        @Override
        public void markActive() {
            isMainIdle = false;
        }

        private boolean areAllIdle() {
            return outputs.values().stream().allMatch(part -> part.isSplitIdle);
        }
    }

    private final class SplitOutput implements SourceOutput<T> {

        private final String splitId;
        private boolean isSplitIdle;

        SplitOutput(String splitId) {
            this.splitId = splitId;
        }

        @Override
        public void collect(T element) {
            throw new AssertionError("An element of " + splitId + " without a timestamp.");
        }

        @Override
        public void collect(T element, long timestampMillis) {
            isToWake |= isMainIdle && !arePartsActive;
            // Whatever makes watermarks of elements makes one, or has none to hold up.
            arePartsActive |= !isToWake;
            emitted++;
            output.add(
                    splitId,
                    new JobOutput.Emission<>(element, timestampMillis, subtask, lastCheckpoint));
        }

        @Override
        public void emitWatermark(Watermark watermark) {
            if (watermark.getTimestamp() > Long.MIN_VALUE / 2) {
                throw new AssertionError("The source itself emits no watermarks.");
            }
            isSplitIdle = false;
            arePartsActive = true;
            isToWake = false;
        }

        @Override
        public void markIdle() {
            isSplitIdle = true;
            arePartsActive &= !readerOutput.areAllIdle();
        }

        @Override
        public void markActive() {
            isSplitIdle = false;
        }
    }
}

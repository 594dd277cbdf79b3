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

package io.v3io.flink.source;

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.enumerator.V3ioEnumeratorState;
import io.v3io.flink.source.simulation.CompletedCheckpoint;
import io.v3io.flink.source.simulation.CompletedCheckpoint.SerializedState;
import io.v3io.flink.source.simulation.JobOutput;
import io.v3io.flink.source.simulation.JobOutput.Emission;
import io.v3io.flink.source.simulation.SimulatedJob;
import io.v3io.flink.source.simulation.SimulatedJob.TaskState;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A V3IO source in a simulated job, over streams that the test writes meanwhile, with everything
 * that must hold at any time being checked.
 */
final class SourceRun implements AutoCloseable {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(4);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(200);

    private final V3ioSource<Tuple3<String, Long, String>> source;
    private final WrittenStreams written;
    private final ReadingRules rules;
    private final DeliveryCheck check;
    private final JobOutput<Tuple3<String, Long, String>> output;
    private final SimulatedJob<Tuple3<String, Long, String>, V3ioShardSplit, V3ioEnumeratorState>
            job;

    private Set<StreamPath> subscribed;

    /** Whether a restored job has left out streams, so that its shards are not balanced. */
    private boolean hasDropped;

    /**
     * A job that has not started.
     *
     * @param written the streams
     * @param rules what is asked of the source
     * @param subscribed those of the streams that the source is set to read
     * @param source the source
     * @param configuration of its readers
     */
    SourceRun(
            WrittenStreams written,
            ReadingRules rules,
            Set<StreamPath> subscribed,
            V3ioSource<Tuple3<String, Long, String>> source,
            Configuration configuration) {
        this.source = source;
        this.written = written;
        this.rules = rules;
        this.subscribed = subscribed;
        this.check = new DeliveryCheck(written, rules);
        this.output = new JobOutput<>(check);
        this.job = new SimulatedJob<>(source, configuration, output);
    }

    /**
     * The job, to take its steps; its start and end, and the ends of checkpoints are taken here.
     */
    SimulatedJob<Tuple3<String, Long, String>, V3ioShardSplit, V3ioEnumeratorState> job() {
        return job;
    }

    /** From its next start on, the job reads other streams, and those of its checkpoint. */
    void subscribe(
            Set<StreamPath> streams, V3ioSource<Tuple3<String, Long, String>> sourceOfThese) {
        subscribed = streams;
        job.change(sourceOfThese);
    }

    /** Starts the job, anew or from its last completed checkpoint. */
    void start(int parallelism) throws Exception {
        Set<StreamPath> read = new TreeSet<>(subscribed);
        Set<StreamPath> unresolved = new TreeSet<>(subscribed);
        Set<StreamPath> later = new TreeSet<>();
        if (job.lastCompleted().isPresent()) {
            V3ioEnumeratorState state = enumeratorState(job.lastCompleted().get());
            Set<StreamPath> known = state.knownShardCounts().keySet();
            if (rules.onUnsubscribed() == OnUnsubscribedStream.READ_ON) {
                read.addAll(known);
            } else {
                hasDropped |= !subscribed.containsAll(known);
            }
            unresolved.removeAll(known);
            if (rules.isPattern()) {
                boolean isSearched =
                        RandomSetting.pattern(subscribed)
                                .toString()
                                .equals(state.searchedPattern());
                later.addAll(isSearched ? unresolved : Set.of());
            } else {
                later.addAll(state.awaitedStreams());
            }
        }
        for (StreamPath stream : unresolved) {
            output.forget(splitId -> splitId.startsWith(stream + "/"));
        }
        check.startsAreAsked(read, unresolved, later);
        job.start(parallelism);
    }

    private V3ioEnumeratorState enumeratorState(CompletedCheckpoint checkpoint) throws IOException {
        return source.getEnumeratorCheckpointSerializer()
                .deserialize(checkpoint.enumerator().version(), checkpoint.enumerator().bytes());
    }

    void put(ShardId shard, int records, IntSupplier sizes) {
        noteAnswer();
        written.put(shard, records, sizes);
    }

    void create(StreamPath stream, int shardCount) {
        noteAnswer();
        written.create(stream.toString(), shardCount);
    }

    void grow(StreamPath stream, int shardCount) {
        noteAnswer();
        written.grow(stream, shardCount);
    }

    /**
     * The first call of an enumerator asks for the starts; what is written later comes after it.
     */
    private void noteAnswer() {
        if (!check.isAnswered() && !job.isCallUnderWay()) {
            check.startsAreAnswered();
        }
    }

    /** The coordinator's next action; null when there is none. */
    String runCoordinator() throws Exception {
        noteAnswer();
        String action = job.runCoordinator();
        noteAnswer();
        return action;
    }

    void failTask(int subtask) throws Exception {
        job.failTask(subtask);
    }

    void completeCheckpoint(long checkpointId) throws IOException {
        CompletedCheckpoint checkpoint = job.completeCheckpoint(checkpointId);
        assertHoldsEveryShardOnce(checkpoint);
        written.shards().forEach(shard -> assertPrefix(shard, checkpoint.id()));
    }

    private void assertHoldsEveryShardOnce(CompletedCheckpoint checkpoint) throws IOException {
        V3ioEnumeratorState state = enumeratorState(checkpoint);
        List<String> held =
                new ArrayList<>(
                        state.unassignedSplits().stream().map(V3ioShardSplit::splitId).toList());
        for (List<SerializedState> reader : checkpoint.readers()) {
            for (SerializedState split : reader) {
                held.add(
                        source.getSplitSerializer()
                                .deserialize(split.version(), split.bytes())
                                .splitId());
            }
        }
        // Readers and enumerator find out each for themselves that a stream was deleted.
        held.removeIf(this::isOfDeletedStream);
        List<String> known = new ArrayList<>();
        for (Map.Entry<StreamPath, Integer> stream : state.knownShardCounts().entrySet()) {
            for (int shard = 0; shard < stream.getValue(); shard++) {
                known.add(stream.getKey().shard(shard).toString());
            }
        }
        known.removeIf(this::isOfDeletedStream);
        assertThat(held).as("shards in checkpoint %d", checkpoint.id()).doesNotHaveDuplicates();
        if (rules.isBounded()) {
            // Those that have been read to their end are not held any more.
            assertThat(known).as("shards in checkpoint %d", checkpoint.id()).containsAll(held);
        } else {
            assertThat(held)
                    .as("shards in checkpoint %d", checkpoint.id())
                    .containsExactlyInAnyOrderElementsOf(known);
        }
    }

    private boolean isOfDeletedStream(String splitId) {
        return written.isDeleted(StreamPath.parse(splitId.substring(0, splitId.lastIndexOf('/'))));
    }

    /** What a checkpoint holds of a shard's output comes before what it does not hold. */
    private void assertPrefix(ShardId shard, long checkpointId) {
        boolean held = true;
        for (Emission<Tuple3<String, Long, String>> emission : output.of(shard.toString())) {
            boolean holdsThis = emission.afterCheckpoint() < checkpointId;
            assertThat(held || !holdsThis)
                    .as("checkpoint %d holds a prefix of %s", checkpointId, shard)
                    .isTrue();
            held = holdsThis;
        }
    }

    /** Takes every step until all tasks run and every shard of the streams has a reader. */
    void settle() throws Exception {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        int steps = 1;
        while (!isSettled() || (rules.isBounded() && steps > 0)) {
            steps = 0;
            for (int subtask : job.subtasks(TaskState.FAILED)) {
                job.resetTask(subtask);
            }
            for (int subtask : job.subtasks(TaskState.DEPLOYED)) {
                job.startTask(subtask);
            }
            for (int subtask : job.subtasks(TaskState.RUNNING)) {
                while (job.arriveFrom(subtask)) {
                    steps++;
                }
            }
            while (runCoordinator() != null) {
                steps++;
            }
            for (int subtask : job.subtasks(TaskState.RUNNING)) {
                while (job.receive(subtask) != null) {
                    steps++;
                }
            }
            if (steps == 0 && !isSettled() && !job.makePeriodicCalls()) {
                checkTime(deadline);
                boolean unused = job.awaitCoordinator(LOOK_AGAIN);
            }
        }
        assertBalanced();
    }

    private boolean isSettled() {
        if (job.subtasks(TaskState.RUNNING).size() < job.parallelism()) {
            return false;
        }
        // Of a bounded source nobody but it knows which shards have something to read.
        return rules.isBounded()
                ? check.isAnswered() && !job.isCallUnderWay()
                : assigned() == written.shards(check.streams()).size();
    }

    /** Lets everything be emitted that is stored, and compares. */
    void drain() throws Exception {
        settle();
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (!isDrained()) {
            int emitted = 0;
            for (int subtask = 0; subtask < job.parallelism(); subtask++) {
                emitted += job.poll(subtask, Integer.MAX_VALUE, Duration.ZERO);
            }
            if (emitted == 0) {
                checkTime(deadline);
                if (!isDrained() && !job.awaitTasks(LOOK_AGAIN)) {
                    writeAfterLosses();
                }
            }
        }
        check.verify(output);
        assertBalanced();
    }

    private boolean isDrained() {
        return check.missing(output).isEmpty()
                && (!rules.isBounded()
                        || IntStream.range(0, job.parallelism()).allMatch(job::isEnded));
    }

    /** What is passed over up to the latest record shows with the next one only. */
    private void writeAfterLosses() {
        if (rules.onDataLoss() == OnDataLoss.LATEST && !rules.isBounded()) {
            check.behind(output).stream()
                    .filter(shard -> written.removed(shard) > 0)
                    .forEach(shard -> put(shard, 1, () -> 1));
        }
    }

    /**
     * How many of a shard's oldest records retention may remove without a loss: those before the
     * last one that the job would not read again after a restore.
     */
    int spare(ShardId shard) {
        return job.lastCompleted()
                .map(checkpoint -> check.lastHeld(output, shard, checkpoint.id()))
                .orElse(0);
    }

    private void checkTime(long deadline) {
        if (System.nanoTime() > deadline) {
            throw new AssertionError(
                    "Waited in vain. Did not come: "
                            + check.missing(output)
                            + ". Splits of the tasks: "
                            + splits());
        }
    }

    private int assigned() {
        return (int)
                splits().stream()
                        .flatMap(Collection::stream)
                        .filter(splitId -> !isOfDeletedStream(splitId))
                        .count();
    }

    private List<Collection<String>> splits() {
        List<Collection<String>> splits = new ArrayList<>();
        for (int subtask : job.subtasks(TaskState.RUNNING)) {
            splits.add(job.splitsOf(subtask));
        }
        return splits;
    }

    /** The numbers of splits of two tasks differ by at most one, over all streams together. */
    private void assertBalanced() {
        if (rules.isBounded() || written.isAnyDeleted() || hasDropped) {
            // Flink moves no shard to make up for those that are gone.
            return;
        }
        List<Integer> counts = splits().stream().map(Collection::size).toList();
        int most = counts.stream().mapToInt(Integer::intValue).max().orElse(0);
        assertThat(counts).as("splits of the tasks").allMatch(count -> count >= most - 1);
    }

    /** Takes a whole checkpoint, up to but not including its completion. */
    long takeCheckpoint() throws Exception {
        long checkpoint = job.triggerCheckpoint();
        while (!job.isTakenByEnumerator(checkpoint)) {
            String unused = runCoordinator();
        }
        for (int subtask : IntStream.range(0, job.parallelism()).toArray()) {
            while (!job.isAcknowledged(checkpoint, subtask)) {
                String unused = job.receive(subtask);
            }
        }
        return checkpoint;
    }

    @Override
    public void close() throws Exception {
        job.close();
    }
}

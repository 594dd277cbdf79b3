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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.simulation.SimulatedJob.TaskState;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A short run of a job with two tasks, step by step: it starts, takes a checkpoint while half of
 * the shards have no reader, reads, takes one in the middle of batches, sees the stream grow while
 * a third one is on its way, and again before a fourth one.
 */
final class GrowthScript implements AutoCloseable {

    private static final int PARALLELISM = 2;
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** In all steps each shard that has records gets so many, and a request asks for fewer. */
    private static final int RECORDS = 5;

    private static final int RECORDS_PER_REQUEST = 3;
    private static final int DATA_LENGTH = 10;

    private final WrittenStreams written = new WrittenStreams(EmulatedStreams.start());
    private final StreamPath stream;
    private final SourceRun run;

    /** One step of the run. */
    record Step(String name, Action action) {}

    /** Changes the stream or the job, as one step of the script. */
    interface Action {
        void take(GrowthScript script) throws Exception;
    }

    GrowthScript(StartingPosition position) {
        // The last shard stays without a record until the script ends.
        stream = written.create("users/me/growing", 4);
        for (int shard = 0; shard < 3; shard++) {
            written.put(stream.shard(shard), RECORDS, () -> DATA_LENGTH);
        }
        run =
                new SourceRun(
                        written,
                        ReadingRules.from(position),
                        Set.of(stream),
                        V3ioSource.<Tuple3<String, Long, String>>builder()
                                .setEndpoint(written.server().endpoint())
                                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                .setStream(stream.toString())
                                .setStartingPosition(position)
                                .setMaxRecordsPerRequest(RECORDS_PER_REQUEST)
                                .setIdlePause(Duration.ofMillis(1), Duration.ofMillis(2))
                                .setShardDiscoveryInterval(Duration.ofMillis(1))
                                .setDeserializer(new RecordCoordinates())
                                .build(),
                        new Configuration());
    }

    static List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        steps.add(new Step("the enumerator asks for the starts", s -> s.run.start(PARALLELISM)));
        steps.add(new Step("it has its answer", GrowthScript::awaitAnswer));
        steps.add(new Step("it makes splits", GrowthScript::act));
        steps.add(new Step("records are written", s -> s.put(0, 3)));
        steps.add(new Step("task 0 runs", s -> s.run.job().startTask(0)));
        steps.add(new Step("task 1 runs", s -> s.run.job().startTask(1)));
        register(steps, 0);
        begin(steps, 1);
        steps.add(new Step("the enumerator takes its part of 1", GrowthScript::act));
        steps.add(new Step("task 0 takes its part of 1", s -> s.takePart(0, 1)));
        steps.add(new Step("task 1 takes its part of 1", s -> s.takePart(1, 1)));
        complete(steps, 1);

        register(steps, 1);
        receiveAndEmit(steps, 0, "has splits");
        receiveAndEmit(steps, 1, "has splits");
        begin(steps, 2);
        steps.add(new Step("the enumerator takes its part of 2", GrowthScript::act));
        takeAndEmit(steps, 2);
        complete(steps, 2);

        steps.add(new Step("the stream grows", s -> s.grow(2)));
        begin(steps, 3);
        steps.add(new Step("discovery has its answer", GrowthScript::discover));
        steps.add(new Step("the enumerator takes its part of 3", GrowthScript::act));
        steps.add(new Step("the new splits come after it", GrowthScript::act));
        takeAndEmit(steps, 3);
        receiveAndEmit(steps, 0, "has new splits");
        receiveAndEmit(steps, 1, "has new splits");
        complete(steps, 3);

        steps.add(new Step("the stream grows again", s -> s.grow(2)));
        steps.add(new Step("discovery has its answer", GrowthScript::discover));
        begin(steps, 4);
        steps.add(new Step("the new splits come before 4", GrowthScript::act));
        steps.add(new Step("the enumerator takes its part of 4", GrowthScript::act));
        takeAndEmit(steps, 4);
        complete(steps, 4);
        return steps;
    }

    private static void register(List<Step> steps, int subtask) {
        steps.add(new Step("task " + subtask + " is registered", s -> s.hear(subtask)));
        steps.add(new Step("it has told what it has", s -> s.hear(subtask)));
    }

    private static void receiveAndEmit(List<Step> steps, int subtask, String what) {
        steps.add(new Step("task " + subtask + " " + what, s -> s.receive(subtask)));
        steps.add(new Step("it emits", s -> s.emit(subtask)));
    }

    private static void begin(List<Step> steps, long checkpoint) {
        steps.add(
                new Step(
                        "checkpoint " + checkpoint + " begins",
                        s -> assertThat(s.run.job().triggerCheckpoint()).isEqualTo(checkpoint)));
    }

    private static void takeAndEmit(List<Step> steps, long checkpoint) {
        for (int subtask = 0; subtask < PARALLELISM; subtask++) {
            int taking = subtask;
            steps.add(
                    new Step(
                            "task " + subtask + " takes its part of " + checkpoint,
                            s -> s.takePart(taking, checkpoint)));
            steps.add(new Step("it emits", s -> s.emit(taking)));
        }
    }

    private static void complete(List<Step> steps, long checkpoint) {
        steps.add(
                new Step(
                        "checkpoint " + checkpoint + " is complete",
                        s -> s.run.completeCheckpoint(checkpoint)));
        steps.add(new Step("the enumerator knows it", GrowthScript::act));
        for (int subtask = 0; subtask < PARALLELISM; subtask++) {
            int knowing = subtask;
            steps.add(new Step("task " + subtask + " knows it", s -> s.receive(knowing)));
        }
    }

    /** Takes the first steps. */
    void take(int count) throws Exception {
        for (Step step : steps().subList(0, count)) {
            step.action().take(this);
        }
    }

    private void put(int firstShard, int shards) {
        for (int shard = firstShard; shard < firstShard + shards; shard++) {
            run.put(stream.shard(shard), RECORDS, () -> DATA_LENGTH);
        }
    }

    /** Shards with records. */
    void grow(int shards) {
        int before = written.shardCount(stream);
        run.grow(stream, before + shards);
        put(before, shards);
    }

    private void awaitAnswer() {
        await().atMost(LIMIT)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> !run.job().isCallUnderWay());
    }

    private void discover() {
        assertThat(run.job().makePeriodicCalls()).isTrue();
        awaitAnswer();
    }

    private void act() throws Exception {
        assertThat(run.runCoordinator()).isNotNull();
    }

    /** What a task has sent arrives and is acted upon; only some have something to tell. */
    private void hear(int subtask) throws Exception {
        if (run.job().arriveFrom(subtask)) {
            while (run.runCoordinator() != null) {
                assertThat(run.job().stateOf(subtask)).isEqualTo(TaskState.RUNNING);
            }
        }
    }

    private void receive(int subtask) throws Exception {
        while (run.job().receive(subtask) != null) {
            assertThat(run.job().stateOf(subtask)).isEqualTo(TaskState.RUNNING);
        }
    }

    private void takePart(int subtask, long checkpoint) throws Exception {
        while (!run.job().isAcknowledged(checkpoint, subtask)) {
            assertThat(run.job().receive(subtask)).isNotNull();
        }
    }

    /** One record, so that the next one is in the middle of a batch. */
    private void emit(int subtask) throws Exception {
        assertThat(run.job().poll(subtask, 1, LIMIT)).isEqualTo(1);
    }

    /** Everything fails, and goes on from the last completed checkpoint if there is one. */
    void failJob(int parallelism) throws Exception {
        run.job().fail();
        run.start(parallelism);
    }

    /** A task fails alone, one or the other; nothing if none runs. */
    void failTask(int which) throws Exception {
        List<Integer> running = run.job().subtasks(TaskState.RUNNING);
        if (!running.isEmpty()) {
            run.failTask(running.get(which % running.size()));
        }
    }

    /** Reads all that is there, which must be all that is due, once; and what comes later. */
    void drain() throws Exception {
        run.drain();
        put(0, written.shardCount(stream));
        run.drain();
    }

    @Override
    public void close() throws Exception {
        try (written) {
            run.close();
        }
    }
}

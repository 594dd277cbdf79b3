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
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.flink.source.simulation.SimulatedJob.TaskState;
import io.v3io.flink.testing.EmulatedStreams;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One seed of the property test: streams, a source and a few hundred steps, all drawn from the
 * seed. Every step has draws of its own, so that what a step finds, which depends on the time that
 * requests take, changes nothing about the steps after it.
 */
final class RandomRun implements AutoCloseable {

    private static final int MOST_PARALLELISM = 4;
    private static final int MOST_SHARDS = 12;
    private static final int LEAST_STEPS = 200;

    /** How long a task that is to emit waits for records. */
    private static final Duration POLL_LIMIT = Duration.ofMillis(10);

    private static final Duration LAST_POLL_LIMIT = Duration.ofMillis(50);

    private final long seed;
    private final SplittableRandom random;
    private final WrittenStreams written;
    private final RandomSetting setting;
    private final SourceRun run;
    private final List<String> trace = new ArrayList<>();

    RandomRun(long seed) {
        this.seed = seed;
        this.random = new SplittableRandom(seed);
        Dialect dialect = Dialect.random(random.split());
        trace("dialect " + dialect);
        this.written =
                new WrittenStreams(EmulatedStreams.start(e -> e.seed(seed).dialect(dialect)));
        try {
            setting =
                    new RandomSetting(
                            written,
                            dialect.is(SequenceNumbers.GAPS),
                            dialect.is(Listing.GRANTED),
                            random.split());
            trace(setting.toString());
            Set<StreamPath> subscribed = setting.subscription(random.split());
            trace("subscribed to " + subscribed);
            run =
                    new SourceRun(
                            written,
                            setting.rules(),
                            subscribed,
                            setting.source(subscribed),
                            setting.readerConfiguration());
        } catch (RuntimeException | Error e) {
            written.close();
            throw e;
        }
    }

    /** Takes the steps, then lets everything be read, and once more after a restore. */
    void run() {
        try {
            start(random.split());
            int steps = LEAST_STEPS + random.nextInt(LEAST_STEPS);
            for (int i = 0; i < steps; i++) {
                step(random.split());
            }
            written.server().emulator().faults().clear();
            restoreInTheMiddle(random.split());
            restoreAtTheEnd(random.split());
        } catch (Exception | AssertionError e) {
            throw new AssertionError(
                    "Seed " + seed + " failed: " + e.getMessage() + "\n" + String.join("\n", trace),
                    e);
        }
    }

    private void start(SplittableRandom draws) throws Exception {
        int parallelism = 1 + draws.nextInt(MOST_PARALLELISM);
        trace("start with parallelism " + parallelism);
        run.start(parallelism);
        if (draws.nextInt(3) > 0) {
            run.settle();
            trace("settled");
        }
    }

    private void step(SplittableRandom draws) throws Exception {
        int kind = draws.nextInt(100);
        if (kind < 42) {
            turn(draws);
        } else if (kind < 56) {
            put(draws);
        } else if (kind < 73) {
            coordinate(draws);
        } else if (kind < 75) {
            retain(draws);
        } else if (kind < 78) {
            boolean made = run.job().makePeriodicCalls();
            trace("time for discovery: " + made);
        } else if (kind < 84) {
            startOrResetTask(draws);
        } else if (kind < 92) {
            checkpoint(draws);
        } else if (kind < 93) {
            createOrDelete(draws);
        } else if (kind < 95) {
            grow(draws);
        } else if (kind < 96) {
            failTask(draws);
        } else if (kind < 97) {
            failJob(draws);
        } else if (kind < 99) {
            changeFaults(draws);
        } else {
            expireLocations(draws);
        }
    }

    private void turn(SplittableRandom draws) throws Exception {
        List<Integer> running = run.job().subtasks(TaskState.RUNNING);
        if (running.isEmpty()) {
            return;
        }
        int subtask = running.get(draws.nextInt(running.size()));
        int mail = draws.nextInt(4);
        int records = 1 + draws.nextInt(30);
        StringBuilder received = new StringBuilder();
        for (int i = 0; i < mail; i++) {
            String what = run.job().receive(subtask);
            received.append(what == null ? "" : what + " ");
        }
        int emitted = run.job().poll(subtask, records, POLL_LIMIT);
        trace(
                "subtask "
                        + subtask
                        + " receives "
                        + received
                        + "and emits "
                        + emitted
                        + " of "
                        + records);
    }

    private void put(SplittableRandom draws) {
        List<ShardId> shards = written.shards();
        // Of two draws the smaller one: some shards stay unborn for long.
        int shard = Math.min(draws.nextInt(shards.size()), draws.nextInt(shards.size()));
        int records = 1 + draws.nextInt(30);
        run.put(shards.get(shard), records, RandomSetting.sizes(draws));
        trace(records + " records into " + shards.get(shard));
    }

    private void coordinate(SplittableRandom draws) throws Exception {
        for (int subtask : run.job().subtasks(TaskState.RUNNING)) {
            int events = draws.nextInt(3);
            for (int i = 0; i < events; i++) {
                boolean unused = run.job().arriveFrom(subtask);
            }
        }
        int actions = 1 + draws.nextInt(4);
        for (int i = 0; i < actions; i++) {
            String action = run.runCoordinator();
            if (action != null) {
                trace("coordinator: " + action);
            }
        }
    }

    private void startOrResetTask(SplittableRandom draws) throws Exception {
        boolean all = draws.nextBoolean();
        for (int subtask = 0; subtask < run.job().parallelism(); subtask++) {
            TaskState state = run.job().stateOf(subtask);
            if (state == TaskState.FAILED) {
                run.job().resetTask(subtask);
                trace("reset of subtask " + subtask);
            } else if (state == TaskState.DEPLOYED) {
                run.job().startTask(subtask);
                trace("start of subtask " + subtask);
            }
            if (state != TaskState.RUNNING && !all) {
                return;
            }
        }
    }

    private void checkpoint(SplittableRandom draws) throws Exception {
        int kind = draws.nextInt(10);
        boolean allRun = run.job().subtasks(TaskState.RUNNING).size() == run.job().parallelism();
        if (kind < 4 && allRun) {
            long checkpoint = run.takeCheckpoint();
            trace("checkpoint " + checkpoint + " is taken");
            if (kind > 0) {
                complete(checkpoint);
            }
        } else if (kind < 6 && allRun) {
            trace("checkpoint " + run.job().triggerCheckpoint() + " begins");
        } else {
            List<Long> pending = List.copyOf(run.job().pendingCheckpoints());
            if (!pending.isEmpty()) {
                long checkpoint = pending.get(draws.nextInt(pending.size()));
                if (run.job().isAcknowledged(checkpoint)) {
                    complete(checkpoint);
                } else if (kind == 9) {
                    run.job().abortCheckpoint(checkpoint);
                    trace("checkpoint " + checkpoint + " is given up");
                }
            }
        }
    }

    private void complete(long checkpoint) throws Exception {
        run.completeCheckpoint(checkpoint);
        trace("checkpoint " + checkpoint + " completes");
    }

    private void createOrDelete(SplittableRandom draws) {
        List<StreamPath> streams = written.paths();
        List<StreamPath> toCome =
                setting.later().stream()
                        .filter(stream -> !streams.contains(stream) && !written.isDeleted(stream))
                        .toList();
        int shards = 1 + draws.nextInt(3);
        int records = draws.nextInt(10);
        if (!toCome.isEmpty()) {
            StreamPath stream = toCome.get(draws.nextInt(toCome.size()));
            run.create(stream, shards);
            trace(stream + " is created with " + shards + " shards");
            if (records > 0) {
                run.put(stream.shard(0), records, RandomSetting.sizes(draws));
                trace(records + " records into " + stream.shard(0));
            }
        } else if (streams.size() > 1 && !setting.rules().isBounded()) {
            // A bounded source that is started over would wait for it for ever.
            StreamPath stream = streams.get(draws.nextInt(streams.size()));
            written.delete(stream);
            trace(stream + " is deleted");
        }
    }

    private void grow(SplittableRandom draws) throws Exception {
        List<StreamPath> streams = written.paths();
        StreamPath stream = streams.get(draws.nextInt(streams.size()));
        int shards = written.shardCount(stream) + 1 + draws.nextInt(3);
        if (shards <= MOST_SHARDS) {
            run.grow(stream, shards);
            trace(stream + " grows to " + shards + " shards");
            if (draws.nextBoolean()) {
                run.put(
                        stream.shard(shards - 1),
                        1 + draws.nextInt(10),
                        RandomSetting.sizes(draws));
            }
            if (draws.nextInt(3) == 0) {
                run.settle();
                trace("settled");
            }
        }
    }

    /** Without a loss, unless the source is set to live with one. */
    private void retain(SplittableRandom draws) {
        List<ShardId> shards = written.shards();
        ShardId shard = shards.get(draws.nextInt(shards.size()));
        int most =
                setting.rules().onDataLoss() == OnDataLoss.FAIL
                        ? run.spare(shard)
                        : written.count(shard);
        if (most > written.removed(shard)) {
            int left = written.removed(shard) + 1 + draws.nextInt(most - written.removed(shard));
            written.retain(shard, left);
            trace("retention removes all of " + shard + " before record " + left);
        }
    }

    private void failTask(SplittableRandom draws) throws Exception {
        List<Integer> running = run.job().subtasks(TaskState.RUNNING);
        if (!running.isEmpty()) {
            int subtask = running.get(draws.nextInt(running.size()));
            trace("failure of subtask " + subtask);
            run.failTask(subtask);
        }
    }

    private void failJob(SplittableRandom draws) throws Exception {
        int parallelism =
                draws.nextBoolean() ? run.job().parallelism() : 1 + draws.nextInt(MOST_PARALLELISM);
        trace("failure of the job; it goes on with parallelism " + parallelism);
        run.job().fail();
        if (draws.nextInt(3) == 0) {
            Set<StreamPath> subscribed = setting.subscription(draws.split());
            trace("subscribed to " + subscribed);
            run.subscribe(subscribed, setting.source(subscribed));
        }
        run.start(parallelism);
        if (draws.nextBoolean()) {
            run.settle();
            trace("settled");
        }
    }

    private void changeFaults(SplittableRandom draws) {
        written.server().emulator().faults().clear();
        int faults = draws.nextInt(5);
        for (int i = 0; i < faults; i++) {
            written.server().emulator().faults().add(RandomFaults.next(draws));
        }
        trace("faults: " + written.server().emulator().faults().active());
    }

    private void expireLocations(SplittableRandom draws) {
        List<StreamPath> streams = written.paths();
        StreamPath stream = streams.get(draws.nextInt(streams.size()));
        written.server().emulator().expireLocations(stream.toString());
        trace("all locations of " + stream + " die");
    }

    /** A position behind what was emitted shows when no later record makes up for it. */
    private void restoreInTheMiddle(SplittableRandom draws) throws Exception {
        run.settle();
        for (ShardId shard : written.shards()) {
            if (draws.nextInt(4) > 0) {
                run.put(shard, 1 + draws.nextInt(5), RandomSetting.sizes(draws));
            }
        }
        for (int subtask = 0; subtask < run.job().parallelism(); subtask++) {
            int emitted = run.job().poll(subtask, 1 + draws.nextInt(20), LAST_POLL_LIMIT);
            trace("subtask " + subtask + " emits " + emitted);
        }
        complete(run.takeCheckpoint());
        failJob(draws);
        run.drain();
        trace("all is read");
    }

    /** A position that is one off shows when nothing is left to be read behind it. */
    private void restoreAtTheEnd(SplittableRandom draws) throws Exception {
        complete(run.takeCheckpoint());
        failJob(draws);
        for (ShardId shard : written.shards()) {
            if (draws.nextBoolean()) {
                run.put(shard, 1, RandomSetting.sizes(draws));
            }
        }
        run.drain();
        trace("all is read again");
    }

    private void trace(String what) {
        trace.add(trace.size() + " " + what);
    }

    @Override
    public void close() throws Exception {
        try (written) {
            run.close();
        }
    }
}

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

package io.v3io.flink.sink;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochSerializer;

import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * Writers and committers that are killed at every step between an element and the end of its
 * commit, on a platform and with settings that a seed draws, while answers get lost, records fail
 * one by one, requests land late, the stream grows, and the sink changes its parallelism. As long
 * as nothing lands after the landing timeout, the stream holds each record once.
 */
@Tag("slow")
@Timeout(120)
class ExactlyOnceKillsTest {

    private static final String STREAM = EmulatedSink.STREAM;
    private static final String STAGING = "users/me/staging";
    private static final int RECORDS_PER_EPOCH = 90;
    private static final int KEYS = 12;
    private static final int MAX_BATCH_SIZE = 10;
    private static final Duration LANDING = Duration.ofMillis(300);
    private static final Duration WITHIN = Duration.ofMillis(60);
    private static final Duration BEYOND = Duration.ofMillis(900);

    /** Where the job is killed. */
    private enum Step {
        WITHIN_AN_EPOCH,
        BETWEEN_STAGING_AND_SNAPSHOT,
        BETWEEN_SNAPSHOT_AND_COMMIT,
        WITHIN_THE_COMMIT,
        WHILE_ANSWERS_ARE_LOST,
        WHILE_A_REQUEST_IS_LATE,
        BETWEEN_THE_TWO_LOOKS,
        AFTER_THE_COMMIT
    }

    /** How many epochs were found stored in part after a kill at this step, in all runs. */
    private static final Map<Step, Long> RESUMED = new EnumMap<>(Step.class);

    static LongStream seeds() {
        return Seeds.all();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsStoredOnce(long seed) throws Exception {
        try (Job job = new Job(seed, WITHIN)) {
            job.run();

            List<Integer> stored = job.stored();
            assertThat(stored)
                    .as("%s", job)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, job.written).boxed().toList());
            job.assertOrder();
            job.assertOnlyWhatASavepointMightHoldIsLeftStaged();
        }
    }

    /** The first assumption, broken: records are doubled, none is lost. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whatLandsAfterTheLandingTimeoutIsDoubledAndNothingIsLost(long seed) throws Exception {
        try (Job job = new Job(seed, BEYOND)) {
            job.run();

            // The late request comes when its records have been sent again.
            job.awaitStored(job.written + 1);
            assertThat(job.stored())
                    .as("%s", job)
                    .containsAll(IntStream.range(0, job.written).boxed().toList());
        }
    }

    /** Each kind of kill within a commit leaves an epoch stored in part, in some runs. */
    @AfterAll
    static void epochsWereResumed() {
        for (Step step :
                List.of(
                        Step.WITHIN_THE_COMMIT,
                        Step.WHILE_ANSWERS_ARE_LOST,
                        Step.WHILE_A_REQUEST_IS_LATE,
                        Step.BETWEEN_THE_TWO_LOOKS)) {
            assertThat(RESUMED).as("resumed after a kill").containsKey(step);
        }
    }

    /** What a completed checkpoint holds. */
    private record Checkpoint(long id, int written, List<byte[]> epochs) {}

    /** A job as Flink runs it: one attempt after another, each from the last checkpoint. */
    private static final class Job implements AutoCloseable {

        private final EpochSerializer serializer = new EpochSerializer();
        private final CommitterMetrics metrics = new CommitterMetrics();
        private final List<AutoCloseable> opened = new ArrayList<>();
        private final Random random;
        private final String description;
        private final EmulatedSink emulated;
        private final OrderGuarantee order;
        private final boolean listingIsRefused;
        private final Duration lateness;
        private final Set<String> preparedInVain = new HashSet<>();
        private final List<Step> kills = new ArrayList<>(List.of(Step.values()));
        private final V3ioSink<String> sink;

        private int parallelism;
        private List<TestTask> tasks = List.of();
        private List<CommittingSinkWriter<String, Epoch>> writers = List.of();
        private List<Committer<Epoch>> committers = List.of();
        private Checkpoint checkpoint;
        private long nextCheckpoint = 1;
        private int written;

        Job(long seed, Duration lateness) {
            // Seeds that follow each other make numbers that do, too.
            this.random = new Random(new SplittableRandom(seed).nextLong());
            this.lateness = lateness;
            // The copies that a platform makes by itself nobody can tell from ours; and what lands
            // late, and when, is the test's to say.
            Dialect dialect =
                    Dialect.random(random)
                            .with(DialectSetting.Duplicates.NONE)
                            .with(DialectSetting.LateRequests.NEVER);
            this.listingIsRefused = dialect.is(DialectSetting.Listing.REFUSED);
            this.order = Seeds.anyOrder(random);
            boolean staged = random.nextBoolean();
            this.parallelism = 1 + random.nextInt(3);
            Collections.shuffle(kills, random);
            this.description =
                    String.format(
                            "seed %d: %s, order %s, staged %s, kills %s",
                            seed, dialect, order, staged, kills);
            // The test's output is how a failed seed is understood.
            System.out.println(description);
            this.emulated =
                    new EmulatedSink(
                            settings ->
                                    settings.seed(seed)
                                            .latency(Duration.ofMillis(1))
                                            .dialect(dialect),
                            0);
            emulated.createStream(STREAM, 1 + random.nextInt(4));
            Fault any = Fault.on(Operation.PUT_RECORDS).probability(0.05);
            if (order != OrderGuarantee.RELAXED) {
                // They break a relaxed order.
                emulated.emulator().faults().add(any.failRecords("SlowDown").times(20));
            }
            emulated.emulator().faults().add(any.resetAfter().times(4));
            emulated.emulator().faults().add(any.resetBefore().times(2));
            emulated.emulator().faults().add(any.throttle(0).times(4));
            this.sink =
                    emulated.sink(
                            s -> {
                                s.setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE)
                                        .setLandingTimeout(LANDING)
                                        .setTakeoverDelay(Duration.ofMillis(20))
                                        .setOrder(order)
                                        .setMaxBatchSize(MAX_BATCH_SIZE)
                                        .setMaxInFlightRequests(1 + random.nextInt(3))
                                        .setPartitionKey(n -> "key-" + key(n));
                                return staged
                                        ? s.setStagingDirectory(STAGING)
                                                .setMaxInlineSize(new MemorySize(300))
                                        : s;
                            });
        }

        private static int key(String number) {
            return Integer.parseInt(number) % KEYS;
        }

        void run() throws Exception {
            start(null);
            for (Step step : kills) {
                if (random.nextInt(4) == 0) {
                    grow();
                }
                if (random.nextBoolean()) {
                    commit(checkpoint());
                }
                killAt(step);
                start(step);
            }
            commit(checkpoint());
        }

        private void grow() {
            try (V3ioClient client = emulated.client()) {
                client.updateStream(
                                StreamPath.parse(STREAM),
                                emulated.emulator().stream(STREAM).shardCount() + 1)
                        .join();
            }
        }

        /** An attempt that goes on from the last checkpoint, with any parallelism. */
        private void start(Step killedAt) throws Exception {
            OptionalLong restored =
                    checkpoint == null ? OptionalLong.empty() : OptionalLong.of(checkpoint.id());
            parallelism = 1 + random.nextInt(3);
            tasks = new ArrayList<>();
            writers = new ArrayList<>();
            committers = new ArrayList<>();
            for (int i = 0; i < parallelism; i++) {
                TestTask task = new TestTask(i, parallelism);
                opened.add(task);
                task.setRestored(restored);
                tasks.add(task);
                committers.add(newCommitter(restored));
                writers.add(writer(task));
            }
            written = checkpoint == null ? 0 : checkpoint.written();
            if (checkpoint != null) {
                long resumed = metrics.count("v3io.epochsResumed");
                commit(checkpoint.epochs());
                long more = metrics.count("v3io.epochsResumed") - resumed;
                if (killedAt != null && more > 0) {
                    RESUMED.merge(killedAt, more, Long::sum);
                }
            }
        }

        @SuppressWarnings("unchecked")
        private CommittingSinkWriter<String, Epoch> writer(TestTask task) throws Exception {
            var writer = sink.createWriter(task.context());
            opened.add(writer);
            return (CommittingSinkWriter<String, Epoch>) writer;
        }

        private Committer<Epoch> newCommitter(OptionalLong restored) throws Exception {
            Committer<Epoch> committer =
                    ((ExactlyOnceSink<String>) sink)
                            .createCommitter(new CommitterCalls.Context(restored, metrics));
            opened.add(committer);
            return committer;
        }

        private void write(int records) throws Exception {
            for (int i = 0; i < records; i++) {
                String number = String.valueOf(written++);
                writers.get(key(number) % parallelism).write(number, null);
            }
        }

        private List<byte[]> prepare() throws Exception {
            write(RECORDS_PER_EPOCH);
            List<byte[]> epochs = new ArrayList<>();
            for (CommittingSinkWriter<String, Epoch> writer : writers) {
                writer.flush(false);
                for (Epoch epoch : writer.prepareCommit()) {
                    epochs.add(serializer.serialize(epoch));
                }
            }
            return epochs;
        }

        /** A checkpoint that completes; what it holds is to be committed. */
        private List<byte[]> checkpoint() throws Exception {
            List<byte[]> epochs = prepare();
            long id = nextCheckpoint++;
            for (CommittingSinkWriter<String, Epoch> writer : writers) {
                ((StatefulSinkWriter<?, ?>) writer).snapshotState(id);
            }
            checkpoint = new Checkpoint(id, written, epochs);
            return epochs;
        }

        private void commit(List<byte[]> epochs) throws Exception {
            for (int i = 0; i < epochs.size(); i++) {
                Epoch epoch = serializer.deserialize(serializer.getVersion(), epochs.get(i));
                committers.get(i % parallelism).commit(List.of(new CommitterCalls.Request(epoch)));
            }
        }

        private void killAt(Step step) throws Exception {
            switch (step) {
                case WITHIN_AN_EPOCH -> write(RECORDS_PER_EPOCH / 2);
                case BETWEEN_STAGING_AND_SNAPSHOT -> {
                    for (byte[] bytes : prepare()) {
                        Epoch epoch = serializer.deserialize(serializer.getVersion(), bytes);
                        epoch.parts().stream()
                                .filter(Epoch.Part.Staged.class::isInstance)
                                .map(part -> ((Epoch.Part.Staged) part).path())
                                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                                .forEach(preparedInVain::add);
                    }
                }
                case BETWEEN_SNAPSHOT_AND_COMMIT -> checkpoint();
                case WITHIN_THE_COMMIT -> killInCommit(checkpoint(), puts(), 2 + random.nextInt(5));
                case WHILE_ANSWERS_ARE_LOST -> {
                    List<byte[]> epochs = checkpoint();
                    emulated.emulator()
                            .faults()
                            .add(Fault.on(Operation.PUT_RECORDS).resetAfter().skip(1).times(3));
                    killInCommit(epochs, puts(), 4);
                }
                case WHILE_A_REQUEST_IS_LATE -> {
                    List<byte[]> epochs = checkpoint();
                    emulated.emulator()
                            .faults()
                            .add(
                                    Fault.on(Operation.PUT_RECORDS)
                                            .landLate(lateness)
                                            .skip(2)
                                            .times(1));
                    killInCommit(epochs, puts(), 3);
                }
                case BETWEEN_THE_TWO_LOOKS -> {
                    killInCommit(checkpoint(), puts(), 3);
                    long looks = metrics.count("v3io.looks");
                    Interrupted restored = new Interrupted(() -> start(Step.BETWEEN_THE_TWO_LOOKS));
                    emulated.task()
                            .runUntil(
                                    () ->
                                            metrics.count("v3io.looks") > looks
                                                    || restored.hasEnded());
                    restored.kill();
                }
                case AFTER_THE_COMMIT -> commit(checkpoint());
            }
        }

        private long puts() {
            return emulated.emulator().requestCount(Operation.PUT_RECORDS);
        }

        /** Kills the committers when the server has got so many requests of them. */
        private void killInCommit(List<byte[]> epochs, long before, int requests) throws Exception {
            Interrupted commit = new Interrupted(() -> commit(epochs));
            emulated.task().runUntil(() -> puts() - before >= requests || commit.hasEnded());
            commit.kill();
            for (Committer<Epoch> committer : committers) {
                committer.close();
            }
        }

        List<Integer> stored() {
            return emulated.stored(STREAM).stream().map(Integer::valueOf).toList();
        }

        void awaitStored(int records) throws Exception {
            emulated.task().runUntil(() -> emulated.stored(STREAM).size() >= records);
        }

        void assertOrder() {
            if (order == OrderGuarantee.NONE) {
                return;
            }
            Map<String, Integer> newest = new HashMap<>();
            for (int shard = 0; shard < emulated.emulator().stream(STREAM).shardCount(); shard++) {
                Map<String, Integer> inShard = new HashMap<>();
                for (StoredRecord record : emulated.emulator().stream(STREAM).records(shard)) {
                    int number = Integer.parseInt(new String(record.data(), UTF_8));
                    Integer before = inShard.put(record.partitionKey(), number);
                    assertThat(before == null || before < number)
                            .as(
                                    "%d of %s after %d: %s",
                                    number, record.partitionKey(), before, this)
                            .isTrue();
                }
                newest.putAll(inShard);
            }
            assertThat(newest).hasSizeBetween(1, KEYS);
        }

        /**
         * The next attempt removes what the dead ones have left, but for what they had prepared: it
         * cannot know that no savepoint holds that.
         */
        void assertOnlyWhatASavepointMightHoldIsLeftStaged() throws Exception {
            if (listingIsRefused) {
                // What dead attempts have left stays there, as the docs say.
                return;
            }
            start(null);
            TestTask first = tasks.get(0);
            try (V3ioClient client = emulated.client()) {
                first.runUntil(
                        () ->
                                Set.copyOf(client.listObjects("users", "me/staging").join())
                                        .equals(preparedInVain));
            }
        }

        @Override
        public String toString() {
            return description;
        }

        @Override
        public void close() throws Exception {
            Collections.reverse(opened);
            for (AutoCloseable closeable : opened) {
                closeable.close();
            }
            emulated.close();
        }
    }

    /** Something on a thread of its own, which is interrupted as Flink does when a task ends. */
    private static final class Interrupted {

        /** A part of a run that a kill may end by an exception. */
        private interface Work {
            void run() throws Exception;
        }

        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;

        Interrupted(Work work) {
            this.thread =
                    new Thread(
                            () -> {
                                try {
                                    work.run();
                                } catch (InterruptedException e) {
                                    // As the test wants it.
                                } catch (Throwable e) {
                                    failure.set(e);
                                }
                            },
                            "killed task");
            thread.start();
        }

        boolean hasEnded() {
            return !thread.isAlive();
        }

        void kill() throws InterruptedException {
            thread.interrupt();
            thread.join(10_000);
            assertThat(thread.isAlive()).as("a task that was interrupted goes on").isFalse();
            assertThat(failure.get()).isNull();
        }
    }
}

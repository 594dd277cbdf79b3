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

package io.v3io.flink.e2e.faults;

import io.v3io.client.V3ioClient;
import io.v3io.flink.e2e.cluster.ChildProcess;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkCluster.TaskManager;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What can go wrong. A fault begins and has ended when {@link #strike} returns; what it did to
 * processes is undone then.
 */
public enum FaultKind {
    /** {@code kill -9} of a TaskManager; another one takes its place. */
    KILL_TASK_MANAGER(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            anyTaskManager(run, random).restart();
            return Undo.NOTHING;
        }
    },
    /** {@code kill -9} of the JobManager; another one recovers its jobs. */
    KILL_JOB_MANAGER(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            run.world().cluster().restartJobManager();
            return Undo.NOTHING;
        }
    },
    /** A TaskManager that hangs, is given up when that takes long enough, and comes back. */
    PAUSE_TASK_MANAGER(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            return pause(anyTaskManager(run, random).process());
        }
    },
    /** A JobManager that hangs. */
    PAUSE_JOB_MANAGER(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            return pause(run.world().cluster().jobManager());
        }
    },
    /**
     * Bytes between the JobManager and the TaskManagers do not arrive. When that takes long enough
     * each side gives the other up.
     */
    CUT_JOB_MANAGER(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            run.world().cluster().network().cutJobManager();
            return run.world().cluster().network()::heal;
        }
    },
    /** Bytes between ZooKeeper and all others do not arrive: the JobManager leads no more. */
    CUT_ZOO_KEEPER(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            run.world().cluster().network().cutZooKeeper();
            return run.world().cluster().network()::heal;
        }
    },
    /** Stop with a savepoint, start from it with another parallelism. */
    RESCALE(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) throws IOException {
            run.rescale(random);
            return Undo.NOTHING;
        }
    },
    /** {@code kill -9} of the emulator, which is away for a while and comes back with its data. */
    KILL_EMULATOR(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            run.world().emulator().kill();
            return run.world().emulator()::restart;
        }
    },
    /** An emulator that hangs. */
    PAUSE_EMULATOR(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            return pause(run.world().emulator().process());
        }
    },
    /** All connections between jobs and emulator are reset. */
    CUT_NETWORK(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            run.world().proxy().cut();
            return run.world().proxy()::heal;
        }
    },
    /** Bytes between jobs and emulator do not arrive, and nobody says so. */
    SWALLOW_NETWORK(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            run.world().proxy().swallow();
            return run.world().proxy()::heal;
        }
    },
    /** An overloaded server, or the page of a gateway before it. */
    UNAVAILABLE(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random)
                throws IOException, InterruptedException {
            return emulate(
                    run,
                    random,
                    "{\"action\": \"respond\", \"status\": 503, \"contentType\": \"text/html\","
                            + " \"body\": \"<html>busy</html>\"}");
        }
    },
    /** Connections reset before, and after, a request took effect; bodies cut short. */
    RESETS(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random)
                throws IOException, InterruptedException {
            return emulate(
                    run,
                    random,
                    "{\"action\": \"resetBefore\", \"probability\": 0.1}",
                    "{\"action\": \"resetAfter\", \"probability\": 0.1}",
                    "{\"action\": \"cutBody\", \"probability\": 0.1}");
        }
    },
    /** Most answers are late, a few of them by seconds. */
    LATENCY(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random)
                throws IOException, InterruptedException {
            return emulate(
                    run,
                    random,
                    "{\"action\": \"latency\", \"millis\": 5, \"probability\": 0.7}",
                    "{\"action\": \"latency\", \"millis\": 200, \"probability\": 0.1}",
                    "{\"action\": \"latency\", \"millis\": 4000, \"probability\": 0.01}");
        }
    },
    /** Some records of a request are stored and some are not. */
    PARTIAL_FAILURES(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random)
                throws IOException, InterruptedException {
            return emulate(
                    run,
                    random,
                    "{\"operation\": \"PutRecords\", \"action\": \"failRecords\","
                            + " \"errorMessage\": \"ProvisionedThroughputExceeded\","
                            + " \"probability\": 0.2}");
        }
    },
    /**
     * All that can happen to requests which write: lost and cut answers, records that fail one by
     * one, and requests whose connection is reset and which take effect up to 1.5 seconds later,
     * when they may have been sent again.
     */
    CHAOS_OF_WRITES(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random)
                throws IOException, InterruptedException {
            Undo clear =
                    emulate(
                            run,
                            random,
                            "{\"operation\": \"PutRecords\", \"action\": \"landLate\", \"millis\": "
                                    + LATEST_LANDING.toMillis()
                                    + ", \"probability\": 0.05}",
                            "{\"operation\": \"PutRecords\", \"action\": \"landLate\","
                                    + " \"millis\": 200, \"probability\": 0.05}",
                            "{\"operation\": \"PutRecords\", \"action\": \"resetAfter\","
                                    + " \"probability\": 0.05}",
                            "{\"operation\": \"PutRecords\", \"action\": \"cutBody\","
                                    + " \"probability\": 0.05}",
                            "{\"operation\": \"PutRecords\", \"action\": \"failRecords\","
                                    + " \"errorMessage\": \"ProvisionedThroughputExceeded\","
                                    + " \"probability\": 0.1}");
            return () -> {
                clear.run();
                // What was reset last lands until then; there is no condition that would tell.
                new CountDownLatch(1).await(LATEST_LANDING.toMillis(), TimeUnit.MILLISECONDS);
            };
        }
    },
    /** Locations that are no longer known. */
    DEAD_LOCATIONS(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random)
                throws IOException, InterruptedException {
            return emulate(
                    run,
                    random,
                    "{\"operation\": \"GetRecords\", \"action\": \"killLocation\","
                            + " \"probability\": 0.05}");
        }
    },
    /** The disk of the checkpoints is full. */
    FULL_DISK(true) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) throws IOException {
            run.world().checkpoints().fill();
            return run.world().checkpoints()::free;
        }
    },
    /** The stream gets more shards, 64 at the most. */
    GROWTH(false) {
        @Override
        Undo begin(AuditedRun run, SplittableRandom random) {
            try (V3ioClient client = run.world().client()) {
                int now = client.describeStream(run.stream()).join().shardCount();
                if (now < MAX_SHARDS) {
                    client.updateStream(run.stream(), random.nextInt(now, MAX_SHARDS) + 1).join();
                }
            }
            return Undo.NOTHING;
        }
    };

    private static final int MAX_SHARDS = 64;
    private static final Duration LATEST_LANDING = Duration.ofMillis(1_500);

    private final boolean ofCluster;

    FaultKind(boolean ofCluster) {
        this.ofCluster = ofCluster;
    }

    /** Whether it concerns Flink's processes, and not the server or the way to it. */
    boolean isOfCluster() {
        return ofCluster;
    }

    /**
     * Brings the fault about, and undoes it after the given time. One fault of the cluster at a
     * time, others at any time.
     */
    void strike(AuditedRun run, SplittableRandom random, Duration length)
            throws IOException, InterruptedException {
        if (!ofCluster) {
            beginAndEnd(run, random, length);
            return;
        }
        synchronized (run.world().clusterLock()) {
            run.world().cluster().restartEnded();
            beginAndEnd(run, random, length);
        }
    }

    private void beginAndEnd(AuditedRun run, SplittableRandom random, Duration length)
            throws IOException, InterruptedException {
        Undo undo = begin(run, random);
        try {
            if (undo != Undo.NOTHING) {
                // A fault is defined by its length; there is no condition that would end it.
                new CountDownLatch(1).await(length.toMillis(), TimeUnit.MILLISECONDS);
            }
        } finally {
            undo.run();
        }
    }

    /** Begins it, and returns how to end it. */
    abstract Undo begin(AuditedRun run, SplittableRandom random)
            throws IOException, InterruptedException;

    private static TaskManager anyTaskManager(AuditedRun run, SplittableRandom random) {
        FlinkCluster cluster = run.world().cluster();
        return cluster.taskManager(random.nextInt(cluster.taskManagers().size()));
    }

    private static Undo pause(ChildProcess process) {
        process.pause();
        return process::resume;
    }

    private static Undo emulate(AuditedRun run, SplittableRandom random, String... faults)
            throws IOException, InterruptedException {
        run.world().control().setFaults(random.nextLong(), faults);
        return run.world().control()::clearFaults;
    }

    /** A fault and how long it lasts, if it is of that sort. */
    public record Fault(FaultKind kind, Duration length) {

        /** Faults of these kinds, all of this length. */
        public static List<Fault> lasting(Duration length, FaultKind... kinds) {
            return Stream.of(kinds).map(kind -> new Fault(kind, length)).toList();
        }

        @Override
        public String toString() {
            return kind + " (" + length.toMillis() + " ms)";
        }
    }

    /** Ends a fault that has begun. */
    @FunctionalInterface
    interface Undo {

        /** For a fault that has ended when it has begun. */
        Undo NOTHING = () -> {};

        void run() throws IOException, InterruptedException;
    }
}

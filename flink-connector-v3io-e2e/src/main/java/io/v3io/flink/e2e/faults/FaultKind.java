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
import io.v3io.flink.e2e.cluster.FlinkCluster.TaskManager;

import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What can go wrong. A fault begins and has ended when {@link #strike} returns; what it did to
 * processes is undone then.
 */
public enum FaultKind {
    /** {@code kill -9} of a TaskManager; another one takes its place. */
    KILL_TASK_MANAGER(true) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length) {
            synchronized (run.world().clusterLock()) {
                anyTaskManager(run, random).restart();
            }
        }
    },
    /** {@code kill -9} of the JobManager; another one recovers its jobs. */
    KILL_JOB_MANAGER(true) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length) {
            synchronized (run.world().clusterLock()) {
                run.world().cluster().restartJobManager();
            }
        }
    },
    /** A TaskManager that hangs, is given up when that takes long enough, and comes back. */
    PAUSE_TASK_MANAGER(true) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            synchronized (run.world().clusterLock()) {
                TaskManager taskManager = anyTaskManager(run, random);
                taskManager.process().pause();
                try {
                    hold(length);
                } finally {
                    taskManager.process().resume();
                }
            }
        }
    },
    /** A JobManager that hangs. */
    PAUSE_JOB_MANAGER(true) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            synchronized (run.world().clusterLock()) {
                run.world().cluster().jobManager().pause();
                try {
                    hold(length);
                } finally {
                    run.world().cluster().jobManager().resume();
                }
            }
        }
    },
    /** Stop with a savepoint, start from it with another parallelism. */
    RESCALE(true) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length) {
            synchronized (run.world().clusterLock()) {
                run.rescale(random);
            }
        }
    },
    /** {@code kill -9} of the emulator, which is away for a while and comes back with its data. */
    KILL_EMULATOR(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            run.world().emulator().kill();
            try {
                hold(length);
            } finally {
                run.world().emulator().restart();
            }
        }
    },
    /** An emulator that hangs. */
    PAUSE_EMULATOR(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            run.world().emulator().process().pause();
            try {
                hold(length);
            } finally {
                run.world().emulator().process().resume();
            }
        }
    },
    /** All connections between jobs and emulator are reset. */
    CUT_NETWORK(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            run.world().proxy().cut();
            try {
                hold(length);
            } finally {
                run.world().proxy().heal();
            }
        }
    },
    /** Bytes between jobs and emulator do not arrive, and nobody says so. */
    SWALLOW_NETWORK(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            run.world().proxy().swallow();
            try {
                hold(length);
            } finally {
                run.world().proxy().heal();
            }
        }
    },
    /** An overloaded server, or the page of a gateway before it. */
    UNAVAILABLE(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            emulate(
                    run,
                    random,
                    length,
                    "{\"action\": \"respond\", \"status\": 503, \"contentType\": \"text/html\","
                            + " \"body\": \"<html>busy</html>\"}");
        }
    },
    /** Connections reset before, and after, a request took effect; bodies cut short. */
    RESETS(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            emulate(
                    run,
                    random,
                    length,
                    "{\"action\": \"resetBefore\", \"probability\": 0.1}",
                    "{\"action\": \"resetAfter\", \"probability\": 0.1}",
                    "{\"action\": \"cutBody\", \"probability\": 0.1}");
        }
    },
    /** Most answers are late, a few of them by seconds. */
    LATENCY(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            emulate(
                    run,
                    random,
                    length,
                    "{\"action\": \"latency\", \"millis\": 5, \"probability\": 0.7}",
                    "{\"action\": \"latency\", \"millis\": 200, \"probability\": 0.1}",
                    "{\"action\": \"latency\", \"millis\": 4000, \"probability\": 0.01}");
        }
    },
    /** Some records of a request are stored and some are not. */
    PARTIAL_FAILURES(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            emulate(
                    run,
                    random,
                    length,
                    "{\"operation\": \"PutRecords\", \"action\": \"failRecords\","
                            + " \"errorMessage\": \"ProvisionedThroughputExceeded\","
                            + " \"probability\": 0.2}");
        }
    },
    /** Locations that are no longer known. */
    DEAD_LOCATIONS(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            emulate(
                    run,
                    random,
                    length,
                    "{\"operation\": \"GetRecords\", \"action\": \"killLocation\","
                            + " \"probability\": 0.05}");
        }
    },
    /** The disk of the checkpoints is full. */
    FULL_DISK(true) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            run.world().checkpoints().fill();
            try {
                hold(length);
            } finally {
                run.world().checkpoints().free();
            }
        }
    },
    /** The stream gets more shards, 64 at the most. */
    GROWTH(false) {
        @Override
        void strike(AuditedRun run, SplittableRandom random, Duration length) {
            try (V3ioClient client = run.world().client()) {
                int now = client.describeStream(run.stream()).join().shardCount();
                if (now < MAX_SHARDS) {
                    client.updateStream(run.stream(), random.nextInt(now, MAX_SHARDS) + 1).join();
                }
            }
        }
    };

    private static final int MAX_SHARDS = 64;

    private final boolean ofCluster;

    FaultKind(boolean ofCluster) {
        this.ofCluster = ofCluster;
    }

    /** Whether it concerns Flink's processes, and not the server or the way to it. */
    boolean isOfCluster() {
        return ofCluster;
    }

    /**
     * Does it.
     *
     * @param length how long it lasts, if it is of that sort
     */
    abstract void strike(AuditedRun run, SplittableRandom random, Duration length)
            throws IOException, InterruptedException;

    private static TaskManager anyTaskManager(AuditedRun run, SplittableRandom random) {
        int count = run.world().cluster().taskManagers().size();
        return run.world().cluster().taskManager(random.nextInt(count));
    }

    private static void emulate(
            AuditedRun run, SplittableRandom random, Duration length, String... faults)
            throws IOException, InterruptedException {
        run.world().control().setFaults(random.nextLong(), faults);
        try {
            hold(length);
        } finally {
            run.world().control().clearFaults();
        }
    }

    /** A fault is defined by its length; there is no condition that would end it. */
    private static void hold(Duration length) throws InterruptedException {
        new CountDownLatch(1).await(length.toMillis(), TimeUnit.MILLISECONDS);
    }
}

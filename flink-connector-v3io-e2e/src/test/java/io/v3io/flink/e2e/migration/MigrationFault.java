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

package io.v3io.flink.e2e.migration;

import io.v3io.client.V3ioClient;

import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** What can go wrong in a migration. It has ended, and is undone, when {@link #strike} returns. */
enum MigrationFault {

    /** {@code kill -9} of a TaskManager; another one takes its place. */
    KILL_TASK_MANAGER {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length) {
            run.world().cluster().taskManager(random.nextInt(2)).restart();
        }
    },

    /** {@code kill -9} of the JobManager; another one recovers the mirror. */
    KILL_JOB_MANAGER {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length) {
            run.world().cluster().restartJobManager();
        }
    },

    /** A TaskManager that hangs, is given up, and goes on writing when others have taken over. */
    PAUSE_TASK_MANAGER {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            var process = run.world().cluster().taskManager(random.nextInt(2)).process();
            process.pause();
            last(length.plusSeconds(8));
            process.resume();
        }
    },

    /** {@code kill -9} of the broker. */
    KILL_BROKER {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            run.world().broker().kill();
            last(length);
            run.world().broker().restart();
        }
    },

    /** A broker that hangs. */
    PAUSE_BROKER {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            run.world().broker().pause();
            last(length);
            run.world().broker().resume();
        }
    },

    /** {@code kill -9} of the emulator, which comes back with its data. */
    KILL_EMULATOR {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            run.emulator().kill();
            last(length);
            run.emulator().restart();
        }
    },

    /** An emulator that hangs. */
    PAUSE_EMULATOR {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws InterruptedException {
            run.emulator().process().pause();
            last(length);
            run.emulator().process().resume();
        }
    },

    /** Lost and cut answers, of reads and of writes, some of which land late. */
    CHAOS {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            run.control()
                    .setFaults(
                            random.nextLong(),
                            "{\"operation\": \"PutRecords\", \"action\": \"landLate\", \"millis\": 1000,"
                                    + " \"probability\": 0.1}",
                            "{\"action\": \"resetBefore\", \"probability\": 0.1}",
                            "{\"action\": \"resetAfter\", \"probability\": 0.1}",
                            "{\"action\": \"cutBody\", \"probability\": 0.1}",
                            "{\"operation\": \"GetRecords\", \"action\": \"killLocation\","
                                    + " \"probability\": 0.05}");
            last(length);
            run.control().clearFaults();
        }
    },

    /** An overloaded server. */
    UNAVAILABLE {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length)
                throws IOException, InterruptedException {
            run.control()
                    .setFaults(
                            random.nextLong(),
                            "{\"action\": \"respond\", \"status\": 503, \"contentType\": \"text/html\","
                                    + " \"body\": \"<html>busy</html>\"}");
            last(length);
            run.control().clearFaults();
        }
    },

    /** The stream gets up to three more shards. */
    GROWTH {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length) {
            try (V3ioClient client = run.client()) {
                int now = client.describeStream(run.stream()).join().shardCount();
                client.updateStream(run.stream(), now + 1 + random.nextInt(3)).join();
            }
        }
    },

    /** The mirror is cancelled, without a word to its state, and started without a checkpoint. */
    START_AGAIN {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length) {
            run.cancelMirror();
            run.startMirror();
        }
    },

    /** Somebody compares both sides while the mirror runs. */
    VERIFY {
        @Override
        void strike(MigrationRun run, SplittableRandom random, Duration length) throws IOException {
            var verify = run.command("verify");
            assertThat(verify.code()).as(verify.out() + verify.err()).isZero();
        }
    };

    /** Brings the fault about; one that lasts is undone after the given time. */
    abstract void strike(MigrationRun run, SplittableRandom random, Duration length)
            throws IOException, InterruptedException;

    /** A fault is defined by its length; there is no condition that would end it. */
    private static void last(Duration length) throws InterruptedException {
        var unused = new CountDownLatch(1).await(length.toMillis(), TimeUnit.MILLISECONDS);
    }
}

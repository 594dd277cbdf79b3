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

import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.ParameterTool;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.SplittableRandom;

/** The command {@code bin/faults}. */
public final class Faults {

    private static final Logger LOG = LoggerFactory.getLogger(Faults.class);

    private static final String EXACTLY_ONCE = "exactly-once";

    private static final CommandOptions OPTIONS =
            new CommandOptions("bin/faults")
                    .number("runs", 1, Integer.MAX_VALUE, "how many runs; 1 without it")
                    .number(
                            "seed",
                            Long.MIN_VALUE,
                            Long.MAX_VALUE,
                            "draws the same jobs, faults and times again; another one each time"
                                    + " without it")
                    .number(
                            "minutes",
                            1,
                            Duration.ofDays(366).toMinutes(),
                            "begins no run after so many minutes; a day without it")
                    .choice(
                            "guarantee",
                            "of the jobs that write to streams; drawn for each run without it",
                            "at-least-once",
                            EXACTLY_ONCE)
                    .folder(
                            "directory",
                            "for data and logs; flink-connector-v3io-e2e/target/faults without it");

    private Faults() {}

    /**
     * Takes the options that {@code --help} tells. Exits with 1 if anything was lost, duplicated or
     * reordered, or a run could not be done to its end, and with 2 if an option is wrong.
     */
    public static void main(String[] args) throws Exception {
        ParameterTool options = OPTIONS.readOrExit(args);
        int runs = options.getInt("runs", 1);
        long seed = options.has("seed") ? options.getLong("seed") : System.nanoTime();
        long end =
                System.nanoTime()
                        + Duration.ofMinutes(options.getLong("minutes", 24 * 60)).toNanos();
        Optional<DeliveryGuarantee> guarantee = guarantee(options);
        Path directory = Path.of(options.getRequired("directory"));
        System.out.println("faults: seed " + seed);
        SplittableRandom seeds = new SplittableRandom(seed);
        FaultRuns faults = new FaultRuns(newWorld(directory));
        int notDone = 0;
        try {
            for (int run = 0; run < runs && System.nanoTime() - end < 0; run++) {
                if (!isDone(faults, seeds.nextLong(), guarantee)) {
                    notDone++;
                    // What did not come back in this one is not waited for in the next run.
                    faults.goOnIn(newWorld(directory.resolve("after-run-" + run)));
                }
            }
            faults.world().close();
        } finally {
            faults.table().forEach(System.out::println);
            System.out.println(faults.summary());
            if (notDone > 0) {
                System.out.println("faults: " + notDone + " more could not be done, see above");
            }
        }
        System.exit(notDone == 0 && faults.isClean() ? 0 : 1);
    }

    private static Optional<DeliveryGuarantee> guarantee(ParameterTool options) {
        return Optional.ofNullable(options.get("guarantee"))
                .map(
                        name ->
                                name.equals(EXACTLY_ONCE)
                                        ? DeliveryGuarantee.EXACTLY_ONCE
                                        : DeliveryGuarantee.AT_LEAST_ONCE);
    }

    private static FaultWorld newWorld(Path directory) throws Exception {
        return new FaultWorld(directory, Path.of(System.getProperty(JOBS_JAR_PROPERTY)));
    }

    /**
     * One that cannot be done, because a process does not come back for example, ends no others,
     * and takes its world with it.
     */
    private static boolean isDone(
            FaultRuns faults, long seed, Optional<DeliveryGuarantee> guarantee) {
        try {
            if (guarantee.isPresent()) {
                faults.random(seed, guarantee.get());
            } else {
                faults.random(seed);
            }
            return true;
        } catch (Exception | AssertionError e) {
            LOG.error("A run could not be done to its end.", e);
        }
        try {
            faults.world().close();
        } catch (Exception | AssertionError e) {
            LOG.error("The world of that run could not be closed.", e);
        }
        return false;
    }

    /** The jar with the audited jobs; the build and the command set it. */
    public static final String JOBS_JAR_PROPERTY = "v3io.e2e.jobs.jar";
}

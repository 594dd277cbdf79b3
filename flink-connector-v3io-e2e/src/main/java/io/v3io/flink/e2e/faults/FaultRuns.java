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

import io.v3io.flink.e2e.audit.AuditReport;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs with random combinations of faults, and what they add up to. Not thread-safe. */
public final class FaultRuns {

    private static final Logger LOG = LoggerFactory.getLogger(FaultRuns.class);

    private static final int FAULTS_AT_ONCE = 2;
    private static final int FAULTS_IN_A_ROW = 2;
    private static final int GENERATOR_SECONDS = 20;
    private static final int LONGEST_FAULT_MILLIS = 12_000;

    private final FaultWorld world;
    private int runs;
    private long records;
    private long lost;
    private long duplicated;
    private long reordered;

    /** Runs in this world. */
    public FaultRuns(FaultWorld world) {
        this.world = world;
    }

    /** A run with a random combination of faults. */
    public List<AuditReport> random(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<FaultKind> ofCluster = kinds(true);
        List<FaultKind> ofServer = kinds(false);
        return run(
                "random-" + Long.toUnsignedString(seed, Character.MAX_RADIX),
                random,
                draw(ofCluster, random),
                draw(ofServer, random),
                null);
    }

    /**
     * A run with these faults.
     *
     * @param name part of the names of streams and directories
     * @param length of each fault that has one
     * @param some strike one after the other
     * @param others do the same at the same time
     */
    public List<AuditReport> run(
            String name, long seed, Duration length, List<FaultKind> some, List<FaultKind> others)
            throws Exception {
        return run(name, new SplittableRandom(seed), some, others, length);
    }

    private List<FaultKind> kinds(boolean ofCluster) {
        return Arrays.stream(FaultKind.values())
                .filter(kind -> kind.isOfCluster() == ofCluster)
                .filter(kind -> kind != FaultKind.FULL_DISK || world.checkpoints().canBeFull())
                .toList();
    }

    private static List<FaultKind> draw(List<FaultKind> kinds, SplittableRandom random) {
        return random.ints(FAULTS_IN_A_ROW, 0, kinds.size()).mapToObj(kinds::get).toList();
    }

    private List<AuditReport> run(
            String name,
            SplittableRandom random,
            List<FaultKind> some,
            List<FaultKind> others,
            @Nullable Duration length)
            throws Exception {
        LOG.info("Run {}: {} and, at the same time, {}", name, some, others);
        ExecutorService lanes = Executors.newFixedThreadPool(FAULTS_AT_ONCE);
        try (AuditedRun run = AuditedRun.start(world, name, random.nextLong(), GENERATOR_SECONDS)) {
            Future<?> first = strike(lanes, run, some, random.split(), length);
            Future<?> second = strike(lanes, run, others, random.split(), length);
            first.get();
            second.get();
            world.heal();
            List<AuditReport> reports = run.finish();
            count(reports);
            return reports;
        } finally {
            lanes.shutdownNow();
        }
    }

    private static Future<?> strike(
            ExecutorService lanes,
            AuditedRun run,
            List<FaultKind> faults,
            SplittableRandom random,
            @Nullable Duration wanted) {
        return lanes.submit(
                () -> {
                    for (FaultKind fault : faults) {
                        Duration length =
                                wanted != null
                                        ? wanted
                                        : Duration.ofMillis(
                                                random.nextInt(1_000, LONGEST_FAULT_MILLIS));
                        LOG.info("{} begins, for {} ms at the most", fault, length.toMillis());
                        fault.strike(run, random, length);
                        LOG.info("{} has ended", fault);
                    }
                    return null;
                });
    }

    private void count(List<AuditReport> reports) {
        runs++;
        for (AuditReport report : reports) {
            records += report.records();
            lost += report.lost().size();
            duplicated += report.duplicated().size();
            reordered += report.reordered().size();
            if (report.isClean()) {
                LOG.info("{}", report);
            } else {
                LOG.error("{}", report);
            }
        }
    }

    /** Whether nothing was found in any run. */
    public boolean isClean() {
        return lost == 0 && duplicated == 0 && reordered == 0;
    }

    /** One line about all runs. */
    public String summary() {
        return "faults: %d runs, %d records, %d lost, %d duplicated, %d reordered"
                .formatted(runs, records, lost, duplicated, reordered);
    }
}

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
import io.v3io.flink.e2e.audit.AuditTotals;
import io.v3io.flink.e2e.faults.FaultKind.Fault;

import org.apache.flink.connector.base.DeliveryGuarantee;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs with random combinations of faults, and what they add up to. Not thread-safe. */
public final class FaultRuns {

    private static final Logger LOG = LoggerFactory.getLogger(FaultRuns.class);

    private static final int FAULTS_AT_ONCE = 2;
    private static final int FAULTS_IN_A_ROW = 2;
    private static final int GENERATOR_SECONDS = 20;
    private static final int SHORTEST_FAULT_MILLIS = 1_000;
    private static final int LONGEST_FAULT_MILLIS = 15_000;
    private static final String ROW = "%-22s %-14s %9s %6s %11s %10s";
    private static final Duration END_OF_FAULT = Duration.ofMinutes(3);

    private FaultWorld world;
    private final AuditTotals totals = new AuditTotals();
    private final List<String> rows = new ArrayList<>();

    /** Runs in this world. */
    public FaultRuns(FaultWorld world) {
        this.world = world;
    }

    /** Later runs are in another world. */
    void goOnIn(FaultWorld another) {
        world = another;
    }

    FaultWorld world() {
        return world;
    }

    /** A run with a random combination of faults, and a guarantee that is drawn, too. */
    public List<AuditReport> random(long seed) throws Exception {
        return random(
                seed,
                new SplittableRandom(seed).split().nextBoolean()
                        ? DeliveryGuarantee.EXACTLY_ONCE
                        : DeliveryGuarantee.AT_LEAST_ONCE);
    }

    /**
     * A run with a random combination of faults.
     *
     * @param guarantee of the jobs that write to streams; with {@code EXACTLY_ONCE} the platform is
     *     one that stores nothing twice by itself, which no sink could prevent
     */
    public List<AuditReport> random(long seed, DeliveryGuarantee guarantee) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<FaultKind> ofCluster = kinds(true);
        List<FaultKind> ofServer = kinds(false);
        LOG.info(
                "Seed {} draws the platform {}",
                seed,
                world.control().drawDialect(seed, guarantee == DeliveryGuarantee.AT_LEAST_ONCE));
        return run(
                "random-" + Long.toUnsignedString(seed, Character.MAX_RADIX),
                guarantee,
                random,
                draw(ofCluster, random),
                draw(ofServer, random));
    }

    /**
     * A run with these faults.
     *
     * @param name part of the names of streams and directories
     * @param guarantee of the jobs that write to streams
     * @param some strike one after the other
     * @param others do the same at the same time
     */
    public List<AuditReport> run(
            String name,
            DeliveryGuarantee guarantee,
            long seed,
            List<Fault> some,
            List<Fault> others)
            throws Exception {
        return run(name, guarantee, new SplittableRandom(seed), some, others);
    }

    private List<FaultKind> kinds(boolean ofCluster) {
        return Arrays.stream(FaultKind.values())
                .filter(kind -> kind.isOfCluster() == ofCluster)
                .filter(kind -> kind != FaultKind.FULL_DISK || world.checkpoints().canBeFull())
                .toList();
    }

    private static List<Fault> draw(List<FaultKind> kinds, SplittableRandom random) {
        return Stream.generate(
                        () ->
                                new Fault(
                                        kinds.get(random.nextInt(kinds.size())),
                                        Duration.ofMillis(
                                                random.nextInt(
                                                        SHORTEST_FAULT_MILLIS,
                                                        LONGEST_FAULT_MILLIS))))
                .limit(FAULTS_IN_A_ROW)
                .toList();
    }

    private List<AuditReport> run(
            String name,
            DeliveryGuarantee guarantee,
            SplittableRandom random,
            List<Fault> some,
            List<Fault> others)
            throws Exception {
        LOG.info("Run {}, {}: {} and, at the same time, {}", name, guarantee, some, others);
        try (AuditedRun run =
                AuditedRun.start(world, name, guarantee, random.nextLong(), GENERATOR_SECONDS)) {
            strike(run, random, some, others);
            world.heal();
            List<AuditReport> reports = run.finish();
            count(name, guarantee, reports);
            return reports;
        }
    }

    /** Returns when all have ended, also if one of them could not be done. */
    private static void strike(
            AuditedRun run, SplittableRandom random, List<Fault> some, List<Fault> others)
            throws Exception {
        ExecutorService lanes = Executors.newFixedThreadPool(FAULTS_AT_ONCE);
        try {
            Future<?> first = strike(lanes, run, some, random.split());
            Future<?> second = strike(lanes, run, others, random.split());
            first.get();
            second.get();
        } finally {
            lanes.shutdownNow();
            // What is in the middle of a fault undoes it.
            if (!lanes.awaitTermination(END_OF_FAULT.toSeconds(), TimeUnit.SECONDS)) {
                LOG.error("A fault does not end.");
            }
        }
    }

    private static Future<?> strike(
            ExecutorService lanes, AuditedRun run, List<Fault> faults, SplittableRandom random) {
        return lanes.submit(
                () -> {
                    for (Fault fault : faults) {
                        LOG.info("{} begins", fault);
                        fault.kind().strike(run, random, fault.length());
                        LOG.info("{} has ended", fault);
                    }
                    return null;
                });
    }

    private void count(String name, DeliveryGuarantee guarantee, List<AuditReport> reports) {
        totals.countRun();
        rows.add(row(name, guarantee, reports));
        for (AuditReport report : reports) {
            totals.add(report);
            if (report.isClean()) {
                LOG.info("{}", report);
            } else {
                LOG.error("{}", report);
            }
        }
    }

    private static String row(String name, DeliveryGuarantee guarantee, List<AuditReport> reports) {
        return ROW.formatted(
                name,
                guarantee.name().toLowerCase(Locale.ROOT).replace('_', '-'),
                reports.stream().mapToLong(AuditReport::records).sum(),
                reports.stream().mapToInt(report -> report.lost().size()).sum(),
                reports.stream().mapToInt(report -> report.duplicated().size()).sum(),
                reports.stream().mapToInt(report -> report.reordered().size()).sum());
    }

    /** A line for each run that was done, with its guarantee, under the names of the columns. */
    public List<String> table() {
        List<String> table = new ArrayList<>();
        table.add(ROW.formatted("run", "guarantee", "records", "lost", "duplicated", "reordered"));
        table.addAll(rows);
        return table;
    }

    /** Whether nothing was found in any run. */
    public boolean isClean() {
        return totals.isClean();
    }

    /** One line about all runs. */
    public String summary() {
        return totals.summary("faults");
    }
}

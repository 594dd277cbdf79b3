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
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.audit.AuditReport;
import io.v3io.flink.e2e.audit.AuditTotals;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.e2e.faults.CommandOptions;
import io.v3io.flink.e2e.faults.RecordWriter;
import io.v3io.flink.kafka.translate.GroupTranslation;
import io.v3io.flink.kafka.translate.Translator;
import io.v3io.flink.kafka.verify.ShardResult;
import io.v3io.flink.kafka.verify.Verifier;

import org.apache.flink.util.ParameterTool;

import org.awaitility.Awaitility;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The command {@code bin/migration-faults}: migrations with random faults, and their audits. */
final class MigrationFaults {

    private static final Logger LOG = LoggerFactory.getLogger(MigrationFaults.class);

    private static final String GROUP = "billing";
    private static final List<MigrationFault> KINDS = List.of(MigrationFault.values());
    private static final int FAULTS = 4;
    private static final int LONGEST_MILLIS = 6_000;
    private static final int LEAST_RECORDS = 4_000;

    private static final CommandOptions OPTIONS =
            new CommandOptions("bin/migration-faults")
                    .number("runs", 1, Integer.MAX_VALUE, "how many runs; 1 without it")
                    .number(
                            "seed",
                            Long.MIN_VALUE,
                            Long.MAX_VALUE,
                            "draws the same migrations, faults and times again; another one each"
                                    + " time without it")
                    .choice(
                            "partition-by",
                            "what decides on partitions; drawn for each run without it",
                            "shard",
                            "key")
                    .folder(
                            "directory",
                            "for data and logs; flink-connector-v3io-e2e/target/migration-faults without it");

    private final MigrationWorld world;

    /** What decides on partitions; null to draw it for each run. */
    @Nullable private final String partitionBy;

    private final AuditTotals totals = new AuditTotals();

    private MigrationFaults(MigrationWorld world, @Nullable String partitionBy) {
        this.world = world;
        this.partitionBy = partitionBy;
    }

    /**
     * Takes the options that {@code --help} tells. Exits with 1 if anything was lost, duplicated or
     * reordered, or a run could not be done to its end, and with 2 if an option is wrong.
     */
    public static void main(String[] args) throws Exception {
        ParameterTool options = OPTIONS.readOrExit(args);
        long seed = options.has("seed") ? options.getLong("seed") : System.nanoTime();
        System.out.println("migration-faults: seed " + seed);
        SplittableRandom seeds = new SplittableRandom(seed);
        boolean clean = true;
        try (MigrationWorld world = new MigrationWorld(Path.of(options.getRequired("directory")))) {
            MigrationFaults faults = new MigrationFaults(world, options.get("partition-by"));
            for (int run = 0; run < options.getInt("runs", 1); run++) {
                clean &= faults.isDone(run, seeds.nextLong());
            }
            System.out.println(faults.totals.summary("migration-faults"));
            clean &= faults.totals.isClean();
        }
        System.exit(clean ? 0 : 1);
    }

    private boolean isDone(int number, long seed) {
        try {
            run("run-" + number + "-" + Long.toUnsignedString(seed, Character.MAX_RADIX), seed);
            return true;
        } catch (Exception | AssertionError e) {
            LOG.error("A run could not be done to its end.", e);
            return false;
        }
    }

    private void run(String name, long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        int shards = 1 + random.nextInt(4);
        String dialect = "random:" + random.nextLong();
        boolean byKey = partitionBy == null ? random.nextInt(4) == 0 : partitionBy.equals("key");
        try (MigrationRun run =
                new MigrationRun(world, name, dialect, shards, byKey, List.of(GROUP))) {
            try (RecordWriter writer =
                    new RecordWriter(run.clientBuilder(), run.stream(), 300, random.nextLong())) {
                String started = run.startMirror();
                LOG.info(
                        "{}: {} shards{}, {}",
                        name,
                        shards,
                        byKey ? " by key" : "",
                        started.lines().toList());
                strike(run, random);
                writer.awaitStored(LEAST_RECORDS);
            }
            awaitEqual(run);
            StoredStream stored = run.stored();
            var copied = CopiedTopic.all(world.broker(), run.topic());
            count(
                    byKey
                            ? MigrationAudit.ofTopicByKey(stored, copied)
                            : MigrationAudit.ofTopic(stored, copied));
            totals.countRun();
            count(translated(run, stored, byKey, random));
        } finally {
            world.cluster().restartEnded();
            world.cluster().awaitReady();
            world.cluster().rest().cancelAll(MigrationRun.PATIENCE);
        }
    }

    private static void strike(MigrationRun run, SplittableRandom random) throws Exception {
        for (int i = 0; i < FAULTS; i++) {
            MigrationFault fault = KINDS.get(random.nextInt(KINDS.size()));
            Duration length = Duration.ofMillis(500 + random.nextInt(LONGEST_MILLIS));
            LOG.info("{} ({} ms)", fault, length.toMillis());
            run.world().cluster().restartEnded();
            fault.strike(run, random, length);
        }
        run.world().cluster().restartEnded();
        run.world().cluster().awaitReady();
    }

    /** Until the last one of the writes has landed and is copied. */
    private static void awaitEqual(MigrationRun run) {
        Verifier verifier = new Verifier(run.config());
        Awaitility.await("both sides are equal")
                .atMost(MigrationRun.PATIENCE)
                .pollInterval(Duration.ofSeconds(2))
                .until(
                        () ->
                                verifier.verify(true, false).stream()
                                        .allMatch(ShardResult::isComplete));
    }

    /** A group that has processed something of each shard, or nothing. */
    private AuditReport translated(
            MigrationRun run, StoredStream stored, boolean byKey, SplittableRandom random)
            throws InterruptedException {
        Map<Integer, OptionalLong> committed = new TreeMap<>();
        try (V3ioClient client = run.client()) {
            for (List<StreamRecord> shard : stored.shards().values()) {
                if (shard.isEmpty() || random.nextInt(4) == 0) {
                    continue;
                }
                StreamRecord last = shard.get(random.nextInt(shard.size()));
                client.commitSequenceNumber(last.shard(), GROUP, last.sequenceNumber()).join();
                committed.put(last.shard().number(), OptionalLong.of(last.sequenceNumber()));
            }
        }
        List<String> refused = new ArrayList<>();
        for (GroupTranslation group : new Translator(run.config()).translate(false, true, byKey)) {
            refused.addAll(group.errors());
            if (!byKey) {
                refused.addAll(group.refusals());
            }
        }
        if (!refused.isEmpty()) {
            throw new IllegalStateException("Not translated: " + refused);
        }
        return MigrationAudit.ofGroup(
                GROUP,
                byKey,
                stored,
                committed,
                CopiedTopic.ofGroup(world.broker(), run.topic(), GROUP));
    }

    private void count(AuditReport report) {
        totals.add(report);
        LOG.info("{}", report);
    }
}

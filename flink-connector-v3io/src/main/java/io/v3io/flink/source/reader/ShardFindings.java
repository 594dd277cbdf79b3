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

package io.v3io.flink.source.reader;

import io.v3io.flink.source.split.ShardFacts;
import io.v3io.flink.source.split.ShardFacts.CaughtUp;
import io.v3io.flink.source.split.ShardFacts.GivenUp;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

/**
 * What fetching has found out about shards and a checkpoint must hold, although no record that was
 * emitted tells it.
 *
 * <p>"Earliest" and a time stay open until the first answer, because on a stream at its retention
 * limit the record that is the oldest now is gone a moment later, and a job could never start. From
 * that answer on they are a sequence number, also in a checkpoint that comes before the first
 * record is emitted: a job that then stands still for longer than the retention period finds out,
 * when it is restored, what it has missed.
 *
 * <p>Records that were given up are given up once: a restored job must not look for them again, and
 * then give up more.
 *
 * <p>Thread-safe: found on the client's I/O threads, used for snapshots by the task's main thread.
 */
@Internal
final class ShardFindings {

    /**
     * Losses that may lie between what was fetched and what was emitted; older ones are dropped.
     */
    private static final int MOST_LOSSES = 16;

    private final Map<String, Findings> findings = new ConcurrentHashMap<>();

    private record Findings(
            @Nullable Long firstNumber,
            List<GivenUp> givenUp,
            @Nullable CaughtUp caughtUp,
            boolean hasGaps) {

        private static final Findings NONE = new Findings(null, List.of(), null, false);
    }

    /** An answer has shown with which record a shard's reading begins. */
    void startsAt(V3ioShardSplit split, long firstNumber) {
        if (isOpen(split)) {
            change(
                    split,
                    known ->
                            known.firstNumber != null
                                    ? known
                                    : new Findings(
                                            firstNumber,
                                            known.givenUp,
                                            known.caughtUp,
                                            known.hasGaps));
        }
    }

    /** Records are passed over for good. */
    void gaveUp(V3ioShardSplit split, GivenUp givenUp) {
        change(
                split,
                known -> {
                    List<GivenUp> all = new ArrayList<>(known.givenUp);
                    all.add(givenUp);
                    if (all.size() > MOST_LOSSES) {
                        all.remove(0);
                    }
                    return new Findings(
                            known.firstNumber, List.copyOf(all), known.caughtUp, known.hasGaps);
                });
    }

    /** The shard has nothing more. */
    void caughtUp(V3ioShardSplit split, CaughtUp caughtUp) {
        change(
                split,
                known -> new Findings(known.firstNumber, known.givenUp, caughtUp, known.hasGaps));
    }

    /** The platform leaves out numbers in this shard. */
    void hasGaps(V3ioShardSplit split) {
        change(
                split,
                known ->
                        known.hasGaps
                                ? known
                                : new Findings(
                                        known.firstNumber, known.givenUp, known.caughtUp, true));
    }

    private void change(V3ioShardSplit split, UnaryOperator<Findings> change) {
        findings.compute(
                split.splitId(),
                (id, known) -> change.apply(known == null ? Findings.NONE : known));
    }

    /** A shard as it goes into a checkpoint. */
    V3ioShardSplit fix(V3ioShardSplit split) {
        Findings found = findings.getOrDefault(split.splitId(), Findings.NONE);
        V3ioShardSplit started =
                found.firstNumber != null && isOpen(split)
                        ? split.startingAt(found.firstNumber)
                        : split;
        ShardFacts before = started.with(split.facts()).facts();
        return started.with(
                new ShardFacts(
                        nextLoss(started, before.givenUp(), found.givenUp),
                        found.caughtUp == null ? before.caughtUp() : found.caughtUp,
                        before.hasGaps() || found.hasGaps));
    }

    /**
     * The first loss that the task has emitted no record after, together with those that follow it
     * at once.
     */
    @Nullable
    private static GivenUp nextLoss(
            V3ioShardSplit split, @Nullable GivenUp before, List<GivenUp> found) {
        GivenUp next = before;
        for (GivenUp givenUp : found) {
            if (next == null) {
                next = givenUp.through() > split.takenThrough() ? givenUp : null;
            } else if (givenUp.after() == next.through()) {
                next = new GivenUp(next.after(), givenUp.through());
            }
        }
        return next;
    }

    /** The shard is read no more. */
    void forget(String splitId) {
        findings.remove(splitId);
    }

    private static boolean isOpen(V3ioShardSplit split) {
        return split.emitted() == null
                && (split.start() instanceof ShardStart.Earliest
                        || split.start() instanceof ShardStart.AtTime);
    }
}

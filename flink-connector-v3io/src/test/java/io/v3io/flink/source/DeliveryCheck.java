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
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.source.simulation.JobOutput;
import io.v3io.flink.source.simulation.JobOutput.Emission;

import org.apache.flink.api.java.tuple.Tuple3;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares what a job has emitted with what is stored. At any time the output of a shard is without
 * a gap, from the record that was due first, except for what the job may leave out because of a
 * loss; at the end it reaches the newest record, or the stop.
 *
 * <p>For a start at the latest the first record that is due is known within bounds only: after the
 * newest one of the time when the job began to ask, or of the time when it had its answer, or in
 * between. The first one that is emitted shows which; from then on it must be the same one. A stop
 * at the latest lies in the same bounds.
 */
final class DeliveryCheck implements JobOutput.Listener<Tuple3<String, Long, String>> {

    private final WrittenStreams written;
    private final ReadingRules rules;

    /** How many records a shard had when the job began to ask where it starts. */
    private final Map<ShardId, Integer> countAtQuestion = new HashMap<>();

    /** The same when it had its answer; shards are missing until then. */
    private final Map<ShardId, Integer> countAtAnswer = new HashMap<>();

    private final Map<ShardId, Integer> firstEmitted = new HashMap<>();
    private final List<StreamPath> unanswered = new ArrayList<>();
    private final Set<StreamPath> read = new TreeSet<>();

    DeliveryCheck(WrittenStreams written, ReadingRules rules) {
        this.written = written;
        this.rules = rules;
    }

    /**
     * A job starts.
     *
     * @param streams all that it reads
     * @param unresolved those of which it asks where the shards start, for the first time or all
     *     over
     * @param later those that it has waited for before, or that came after it had found all of a
     *     pattern: they are read from their first record
     */
    void startsAreAsked(
            Collection<StreamPath> streams,
            Collection<StreamPath> unresolved,
            Collection<StreamPath> later) {
        read.clear();
        read.addAll(streams);
        unanswered.clear();
        unanswered.addAll(unresolved);
        unanswered.removeAll(later);
        for (Map<ShardId, Integer> known : List.of(countAtQuestion, countAtAnswer, firstEmitted)) {
            known.keySet()
                    .removeIf(
                            shard ->
                                    !read.contains(shard.stream())
                                            || unresolved.contains(shard.stream()));
        }
        note(countAtQuestion);
    }

    /** The job has its answer; without effect when it had one. */
    void startsAreAnswered() {
        note(countAtAnswer);
        unanswered.clear();
    }

    private void note(Map<ShardId, Integer> counts) {
        for (ShardId shard : written.shards(unanswered)) {
            counts.put(shard, written.count(shard));
        }
    }

    boolean isAnswered() {
        return unanswered.isEmpty();
    }

    /** The streams that the job reads. */
    Set<StreamPath> streams() {
        return Set.copyOf(read);
    }

    private int earliestStart(ShardId shard) {
        return firstEmitted.getOrDefault(
                shard, startOf(shard, rules.start(), countAtQuestion.getOrDefault(shard, 0)));
    }

    private int latestStart(ShardId shard) {
        return firstEmitted.getOrDefault(
                shard, startOf(shard, rules.start(), countAtAnswer.getOrDefault(shard, 0)));
    }

    private int startOf(ShardId shard, StartingPosition position, int count) {
        if (position instanceof StartingPosition.Latest) {
            return count;
        }
        if (position instanceof StartingPosition.SequenceNumbers numbers) {
            Long first = numbers.firstSequenceNumbers().get(shard);
            return first == null
                    ? startOf(shard, numbers.others(), count)
                    : written.indexOf(shard, first);
        }
        return 0;
    }

    /** The least that a shard must be read to: the index after its last record. */
    private int leastEnd(ShardId shard) {
        return rules.isBounded() ? countAtQuestion.getOrDefault(shard, 0) : written.count(shard);
    }

    private int mostEnd(ShardId shard) {
        return rules.isBounded() ? countAtAnswer.getOrDefault(shard, 0) : written.count(shard);
    }

    @Override
    public void onEmission(
            String splitId,
            List<Emission<Tuple3<String, Long, String>>> before,
            Emission<Tuple3<String, Long, String>> emission) {
        Tuple3<String, Long, String> record = emission.element();
        assertThat(record.f0)
                .as("shard of a record that came from split %s", splitId)
                .isEqualTo(splitId);
        ShardId shard = shardOf(splitId);
        assertThat(read).as("streams that are read").contains(shard.stream());
        int index = written.indexOf(shard, record.f1);
        assertThat(index)
                .as("index of record %s of %s", record, splitId)
                .isLessThan(mostEnd(shard));
        if (before.isEmpty()) {
            boolean isStart =
                    index >= earliestStart(shard)
                            && (index <= latestStart(shard)
                                    || mayBegin(latestStart(shard), index, shard));
            assertThat(isStart)
                    .as(
                            "%s, record %d of shard %s, is the first one, which is due between %d and %d;"
                                    + " %d are removed",
                            record.f1,
                            index,
                            splitId,
                            earliestStart(shard),
                            latestStart(shard),
                            written.removed(shard))
                    .isTrue();
            // One that a loss has led to need not be the same after a restore from before it.
            if (index <= latestStart(shard)) {
                firstEmitted.put(shard, index);
            }
        } else {
            int due = indexOf(shard, before.get(before.size() - 1)) + 1;
            assertThat(index == due || mayLeaveOut(shard, due, index))
                    .as(
                            "%s, record %d of shard %s, comes after record %d; %d are removed",
                            record.f1, index, splitId, due - 1, written.removed(shard))
                    .isTrue();
        }
    }

    /** What was the oldest at the start may be gone before it is read; that is no loss. */
    private boolean mayBegin(int due, int index, ShardId shard) {
        return mayLeaveOut(shard, due, index)
                || (isFromEarliest(shard, rules.start()) && index <= written.removed(shard));
    }

    private static boolean isFromEarliest(ShardId shard, StartingPosition position) {
        if (position instanceof StartingPosition.SequenceNumbers numbers) {
            return !numbers.firstSequenceNumbers().containsKey(shard)
                    && isFromEarliest(shard, numbers.others());
        }
        return position instanceof StartingPosition.Earliest;
    }

    private boolean mayLeaveOut(ShardId shard, int from, int to) {
        return to > from && rules.mayLeaveOut(from, to, written.removed(shard));
    }

    private int indexOf(ShardId shard, Emission<Tuple3<String, Long, String>> emission) {
        return written.indexOf(shard, emission.element().f1);
    }

    private ShardId shardOf(String splitId) {
        return written.everyShard().stream()
                .filter(shard -> shard.toString().equals(splitId))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No shard has split " + splitId + "."));
    }

    /**
     * The last record of a shard that a checkpoint holds; -1 for none.
     *
     * @param checkpointId the checkpoint from which the job would be restored
     */
    int lastHeld(JobOutput<Tuple3<String, Long, String>> output, ShardId shard, long checkpointId) {
        int last = -1;
        for (Emission<Tuple3<String, Long, String>> emission : output.of(shard.toString())) {
            if (emission.afterCheckpoint() < checkpointId) {
                last = indexOf(shard, emission);
            }
        }
        return last;
    }

    /** The shards of which something is still to come. */
    List<ShardId> behind(JobOutput<Tuple3<String, Long, String>> output) {
        return written.shards(read).stream()
                .filter(shard -> nextDue(output, shard) < leastEnd(shard))
                .toList();
    }

    /** What is still to come, in words; empty when nothing is. */
    List<String> missing(JobOutput<Tuple3<String, Long, String>> output) {
        return behind(output).stream()
                .map(shard -> shard + ": " + nextDue(output, shard) + " to " + leastEnd(shard))
                .toList();
    }

    /** Index of the next record that has to come, if there is one. */
    private int nextDue(JobOutput<Tuple3<String, Long, String>> output, ShardId shard) {
        List<Emission<Tuple3<String, Long, String>>> emitted = output.of(shard.toString());
        int next =
                emitted.isEmpty()
                        ? latestStart(shard)
                        : indexOf(shard, emitted.get(emitted.size() - 1)) + 1;
        int left = written.removed(shard);
        boolean isGone =
                emitted.isEmpty() ? mayBegin(next, left, shard) : mayLeaveOut(shard, next, left);
        return isGone ? Math.max(next, left) : next;
    }

    /**
     * Every record that is due is there once, as it is stored, in order; of a stream that was
     * deleted, what is there is.
     */
    void verify(JobOutput<Tuple3<String, Long, String>> output) {
        assertThat(missing(output)).as("records that did not come").isEmpty();
        for (ShardId shard : written.everyShard()) {
            if (!read.contains(shard.stream())) {
                continue;
            }
            List<Emission<Tuple3<String, Long, String>>> emitted = output.of(shard.toString());
            List<StoredRecord> stored = written.stored(shard);
            int before = -1;
            for (Emission<Tuple3<String, Long, String>> emission : emitted) {
                int index = indexOf(shard, emission);
                assertThat(index).as("index in %s", shard).isGreaterThan(before);
                assertThat(
                                before < 0
                                        || index == before + 1
                                        || mayLeaveOut(shard, before + 1, index))
                        .as("record %d of %s after record %d", index, shard, before)
                        .isTrue();
                assertThat(inWords(emission))
                        .as("record %d of %s", index, shard)
                        .isEqualTo(inWords(stored.get(index)));
                before = index;
            }
        }
    }

    private static String inWords(Emission<Tuple3<String, Long, String>> emission) {
        return emission.element().f1
                + " at "
                + emission.timestampMillis()
                + ": "
                + emission.element().f2;
    }

    private static String inWords(StoredRecord record) {
        return record.sequenceNumber()
                + " at "
                + record.arrivalTime().toEpochMilli()
                + ": "
                + new String(record.data(), StandardCharsets.US_ASCII);
    }
}

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

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Compares what a job has emitted with what is stored. At any time the output of a shard is without
 * a gap, from the record that was due first; at the end it reaches the newest record.
 *
 * <p>For a start at the latest the first record that is due is known within bounds only: after the
 * newest one of the time when the job began to ask, or of the time when it had its answer, or in
 * between. The first one that is emitted shows which; from then on it must be the same one.
 */
final class DeliveryCheck implements JobOutput.Listener<Tuple3<String, Long, String>> {

    private final WrittenStreams written;
    private final StartingPosition position;

    /** Number of a shard's newest record when the job began to ask for it. */
    private final Map<ShardId, Long> newestAtQuestion = new HashMap<>();

    /** The same when it had its answer; shards are missing until then. */
    private final Map<ShardId, Long> newestAtAnswer = new HashMap<>();

    private final Map<ShardId, Long> firstEmitted = new HashMap<>();
    private final List<StreamPath> unanswered = new ArrayList<>();

    DeliveryCheck(WrittenStreams written, StartingPosition position) {
        this.written = written;
        this.position = position;
    }

    /** The job asks where the shards of streams start, for the first time or all over. */
    void startsAreAsked(Collection<StreamPath> streams) {
        unanswered.clear();
        unanswered.addAll(streams);
        newestAtQuestion.keySet().removeIf(shard -> streams.contains(shard.stream()));
        newestAtAnswer.keySet().removeIf(shard -> streams.contains(shard.stream()));
        firstEmitted.keySet().removeIf(shard -> streams.contains(shard.stream()));
        note(newestAtQuestion);
    }

    /** The job has its answer; without effect when it had one. */
    void startsAreAnswered() {
        note(newestAtAnswer);
        unanswered.clear();
    }

    private void note(Map<ShardId, Long> numbers) {
        for (ShardId shard : written.shards()) {
            if (unanswered.contains(shard.stream())) {
                numbers.put(shard, written.newest(shard));
            }
        }
    }

    boolean isAnswered() {
        return unanswered.isEmpty();
    }

    private long earliestStart(ShardId shard) {
        return firstEmitted.getOrDefault(
                shard, startOf(shard, position, newestAtQuestion.getOrDefault(shard, 0L)));
    }

    private long latestStart(ShardId shard) {
        return firstEmitted.getOrDefault(
                shard, startOf(shard, position, newestAtAnswer.getOrDefault(shard, 0L)));
    }

    private static long startOf(ShardId shard, StartingPosition position, long newest) {
        if (position instanceof StartingPosition.Latest) {
            return newest + 1;
        }
        if (position instanceof StartingPosition.SequenceNumbers numbers) {
            Long first = numbers.firstSequenceNumbers().get(shard);
            return first == null ? startOf(shard, numbers.others(), newest) : first;
        }
        return 1;
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
        if (before.isEmpty()) {
            ShardId shard = shardOf(splitId);
            assertThat(record.f1)
                    .as("number of the first record of shard %s", splitId)
                    .isBetween(earliestStart(shard), latestStart(shard));
            firstEmitted.put(shard, record.f1);
        } else {
            assertThat(record.f1)
                    .as("number of the next record of shard %s", splitId)
                    .isEqualTo(before.get(before.size() - 1).element().f1 + 1);
        }
    }

    private ShardId shardOf(String splitId) {
        return written.shards().stream()
                .filter(shard -> shard.toString().equals(splitId))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No shard has split " + splitId + "."));
    }

    /** What is still to come, in words; empty when nothing is. */
    List<String> missing(JobOutput<Tuple3<String, Long, String>> output) {
        List<String> missing = new ArrayList<>();
        for (ShardId shard : written.shards()) {
            long last = lastEmitted(output.of(shard.toString()), latestStart(shard) - 1);
            if (last < written.newest(shard)) {
                missing.add(shard + ": " + (last + 1) + " to " + written.newest(shard));
            }
        }
        return missing;
    }

    private static long lastEmitted(
            List<Emission<Tuple3<String, Long, String>>> emitted, long ifNone) {
        return emitted.isEmpty() ? ifNone : emitted.get(emitted.size() - 1).element().f1;
    }

    /** Every record that is due is there once, as it is stored, in order. */
    void verify(JobOutput<Tuple3<String, Long, String>> output) {
        assertThat(missing(output)).as("records that did not come").isEmpty();
        for (ShardId shard : written.shards()) {
            List<Emission<Tuple3<String, Long, String>>> emitted = output.of(shard.toString());
            List<StoredRecord> stored = written.stored(shard);
            assertThat(stored).as("stored in %s", shard).hasSize((int) written.newest(shard));
            int first = emitted.isEmpty() ? stored.size() : (int) (emitted.get(0).element().f1 - 1);
            assertThat(emitted.stream().map(DeliveryCheck::inWords).toList())
                    .as("emitted of %s", shard)
                    .isEqualTo(
                            stored.subList(first, stored.size()).stream()
                                    .map(DeliveryCheck::inWords)
                                    .toList());
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

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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.ShardAssigner;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IntSummaryStatistics;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

class SplitAssignmentsTest {

    private static final StreamPath WORDS = StreamPath.parse("users/words");

    private final int[] counts = new int[9];
    private ReaderLoads loads;
    private SplitAssignments assignments;

    @Test
    void readersDifferByAtMostOneShardWhateverStreamsGrow() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            int parallelism = 1 + random.nextInt(9);
            start(parallelism, false, false);
            Arrays.fill(counts, 0);
            for (int step = 0; step < 20; step++) {
                StreamPath stream = StreamPath.parse("users/stream" + step);
                handOut(splits(stream, 0, 1 + random.nextInt(4)));
                assertBalanced(parallelism, "seed " + seed);
            }
        }
    }

    @Test
    void whatReadersHoldFromACheckpointIsCounted() {
        start(3, true, false);
        report(0, 2);
        report(1, 3);
        assertThat(loads.canChoose()).isFalse();
        report(2, 2);
        assertThat(loads.canChoose()).isTrue();

        handOut(splits(WORDS, 7, 12));

        assertThat(counts).startsWith(2, 1, 2);
    }

    @Test
    void aFailedReaderGetsBackWhatItHadAndOnlyThat() {
        start(2, false, false);
        handOut(splits(WORDS, 0, 4));
        List<V3ioShardSplit> lost = splits(WORDS, 1, 2);
        assignments.readerFailed(1, lost);
        assertThat(loads.canChoose()).isFalse();

        report(1, 1);

        assertThat(assignments.unassigned()).isEqualTo(lost);
        assertThat(assignments.take(0)).isEmpty();
        assertThat(assignments.take(1)).isEqualTo(lost);
        Arrays.fill(counts, 0);
        handOut(splits(WORDS, 4, 6));
        assertThat(counts).startsWith(1, 1);
    }

    @Test
    void aSplitThatIsGivenBackTwiceIsThereOnce() {
        start(2, false, false);
        assignments.readerFailed(1, splits(WORDS, 1, 3));
        assignments.readerFailed(1, splits(WORDS, 2, 4));

        assertThat(assignments.unassignedCount()).isEqualTo(3);
        assertThat(assignments.take(1)).containsExactlyElementsOf(splits(WORDS, 1, 4));
        assertThat(assignments.unassignedCount()).isZero();
    }

    @Test
    void whatAFailedReaderHadNotBeenHandedYetStillCountsAsItsOwn() {
        start(2, false, false);
        assignments.add(splits(WORDS, 0, 4));
        assignments.plan();

        assignments.readerFailed(1, List.of());
        report(1, 0);
        assignments.add(splits(WORDS, 4, 6));
        assignments.plan();

        assertThat(assignments.take(0)).hasSize(3);
        assertThat(assignments.take(1)).hasSize(3);
    }

    @Test
    void aReaderIsSurplusWhenItHasNothingAndGetsNothing() {
        start(3, true, false);
        assertThat(loads.isSurplus(0)).isFalse();
        report(0, 0);
        report(1, 1);
        report(2, 0);
        assignments.add(splits(WORDS, 1, 2));
        assignments.plan();

        assertThat(loads.isSurplus(0)).isFalse();
        assertThat(loads.isSurplus(1)).isFalse();
        assertThat(loads.isSurplus(2)).isTrue();
    }

    @Test
    void onlyReadersThatHaveNotEndedGetSplits() {
        start(3, false, true);
        List<V3ioShardSplit> splits = splits(WORDS, 0, 5);
        assignments.add(splits);
        assertThat(assignments.plan()).isFalse();

        report(2, 0);

        assertThat(assignments.plan()).isTrue();
        assertThat(assignments.take(2)).containsExactlyElementsOf(splits);
    }

    private void start(int parallelism, boolean readersMayHoldShards, boolean readersMayHaveEnded) {
        loads = new ReaderLoads(parallelism, readersMayHoldShards, readersMayHaveEnded);
        assignments = new SplitAssignments(ShardAssigner.balanced(), loads);
    }

    private void report(int subtask, int shardCount) {
        loads.registered(subtask);
        assertThat(loads.reported(subtask, shardCount)).isTrue();
    }

    private void handOut(List<V3ioShardSplit> splits) {
        assignments.add(splits);
        assertThat(assignments.plan()).isTrue();
        for (int subtask = 0; subtask < loads.parallelism(); subtask++) {
            counts[subtask] += assignments.take(subtask).size();
        }
    }

    private static List<V3ioShardSplit> splits(StreamPath stream, int from, int to) {
        List<V3ioShardSplit> splits = new ArrayList<>();
        for (int shard = from; shard < to; shard++) {
            splits.add(V3ioShardSplit.unbounded(stream.shard(shard), new ShardStart.At(1)));
        }
        return splits;
    }

    private void assertBalanced(int parallelism, String description) {
        IntSummaryStatistics of = Arrays.stream(counts, 0, parallelism).summaryStatistics();
        assertThat(of.getMax() - of.getMin()).as(description).isLessThanOrEqualTo(1);
    }
}

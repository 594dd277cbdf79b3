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
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ShardAssignerTest {

    private static final StreamPath WORDS = StreamPath.parse("users/words");

    @Test
    void readersDifferByAtMostOneShardWhateverStreamsGrow() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            int parallelism = 1 + random.nextInt(9);
            ShardAssigner assigner = new ShardAssigner(parallelism, false);
            int[] counts = new int[parallelism];
            for (int step = 0; step < 20; step++) {
                StreamPath stream = StreamPath.parse("users/stream" + step);
                handOut(assigner, splits(stream, 0, 1 + random.nextInt(4)), counts);
                assertBalanced(counts, "seed " + seed);
            }
        }
    }

    @Test
    void whatReadersHoldFromACheckpointIsCounted() {
        ShardAssigner assigner = new ShardAssigner(3, true);
        assigner.readerHolds(0, 2);
        assigner.readerHolds(1, 3);
        assertThat(assigner.knowsAllReaders()).isFalse();
        assigner.readerHolds(2, 2);
        assertThat(assigner.knowsAllReaders()).isTrue();

        int[] counts = {2, 3, 2};
        handOut(assigner, splits(WORDS, 7, 12), counts);

        assertThat(counts).containsExactly(4, 4, 4);
    }

    @Test
    void aFailedReaderGetsBackWhatItHadAndOnlyThat() {
        ShardAssigner assigner = new ShardAssigner(2, false);
        int[] counts = new int[2];
        List<V3ioShardSplit> first = splits(WORDS, 0, 4);
        handOut(assigner, first, counts);
        V3ioShardSplit lost = first.stream().filter(s -> s.shard().number() == 1).findFirst().get();
        assigner.readerFailed(1, List.of(lost));
        assertThat(assigner.knowsAllReaders()).isFalse();

        assigner.readerHolds(1, 1);

        assertThat(assigner.isFor(lost, 1)).isTrue();
        assertThat(assigner.isFor(lost, 0)).isFalse();
        assigner.handedOut(lost);
        int[] now = {2, 2};
        handOut(assigner, splits(WORDS, 4, 6), now);
        assertThat(now).containsExactly(3, 3);
    }

    @Test
    void whatAFailedReaderHadNotBeenHandedYetStillCountsAsItsOwn() {
        ShardAssigner assigner = new ShardAssigner(2, false);
        assigner.plan(splits(WORDS, 0, 4), subtask -> true);

        assigner.readerFailed(1, List.of());
        assigner.readerHolds(1, 0);

        int[] counts = {2, 2};
        handOut(assigner, splits(WORDS, 4, 6), counts);
        assertThat(counts).containsExactly(3, 3);
    }

    @Test
    void aReaderIsSurplusWhenItHasNothingAndGetsNothing() {
        ShardAssigner assigner = new ShardAssigner(3, true);
        assertThat(assigner.isSurplus(0)).isFalse();
        assigner.readerHolds(0, 0);
        assigner.readerHolds(1, 1);
        assigner.readerHolds(2, 0);
        assigner.plan(splits(WORDS, 1, 2), subtask -> true);

        assertThat(assigner.isSurplus(0)).isFalse();
        assertThat(assigner.isSurplus(1)).isFalse();
        assertThat(assigner.isSurplus(2)).isTrue();
    }

    @Test
    void onlyReadersThatMayOwnSplitsGetSome() {
        ShardAssigner assigner = new ShardAssigner(3, false);
        List<V3ioShardSplit> splits = splits(WORDS, 0, 5);

        assigner.plan(splits, subtask -> subtask == 2);

        assertThat(splits).allMatch(split -> assigner.isFor(split, 2));
        assertThatThrownBy(() -> assigner.plan(splits(WORDS, 5, 6), subtask -> false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static void handOut(ShardAssigner assigner, List<V3ioShardSplit> splits, int[] counts) {
        assigner.plan(splits, subtask -> true);
        for (V3ioShardSplit split : splits) {
            for (int subtask = 0; subtask < counts.length; subtask++) {
                if (assigner.isFor(split, subtask)) {
                    counts[subtask]++;
                }
            }
            assigner.handedOut(split);
        }
    }

    private static List<V3ioShardSplit> splits(StreamPath stream, int from, int to) {
        List<V3ioShardSplit> splits = new ArrayList<>();
        for (int shard = from; shard < to; shard++) {
            splits.add(V3ioShardSplit.unbounded(stream.shard(shard), new ShardStart.At(1)));
        }
        return splits;
    }

    private static void assertBalanced(int[] counts, String description) {
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (int count : counts) {
            least = Math.min(least, count);
            most = Math.max(most, count);
        }
        assertThat(most - least).as(description).isLessThanOrEqualTo(1);
    }
}

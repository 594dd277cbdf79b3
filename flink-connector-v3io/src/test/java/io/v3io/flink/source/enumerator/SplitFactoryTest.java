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

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SplitFactoryTest {

    private static final StreamPath STREAM = StreamPath.parse("users/words");
    private static final ShardId BORN = STREAM.shard(0);
    private static final ShardId UNBORN = STREAM.shard(1);
    private static final StreamSurvey SURVEY =
            new StreamSurvey(STREAM, 2, new TreeMap<>(Map.of(BORN, 40L)));

    @Test
    void earliestReadsEveryShardFromItsOldestRecord() {
        SplitFactory factory = new SplitFactory(StartingPosition.earliest(), null);

        assertThat(factory.needsNewestSequenceNumbers()).isFalse();
        assertThat(factory.firstSplits(SURVEY))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, ShardStart.Earliest.INSTANCE),
                        V3ioShardSplit.unbounded(UNBORN, ShardStart.Earliest.INSTANCE));
    }

    @Test
    void latestBecomesTheNewestNumberAndUnbornShardsAreReadWhole() {
        SplitFactory factory = new SplitFactory(StartingPosition.latest(), null);

        assertThat(factory.needsNewestSequenceNumbers()).isTrue();
        assertThat(factory.firstSplits(SURVEY))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.After(40)),
                        V3ioShardSplit.unbounded(UNBORN, ShardStart.Earliest.INSTANCE));
    }

    @Test
    void timestampIsKeptAsItIs() {
        Instant time = Instant.ofEpochSecond(1_700_000_000L, 1);

        assertThat(new SplitFactory(StartingPosition.timestamp(time), null).firstSplits(SURVEY))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.AtTime(time)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.AtTime(time)));
    }

    @Test
    void sequenceNumbersHoldForTheirShardsAndTheDefaultForTheRest() {
        SplitFactory factory =
                new SplitFactory(
                        StartingPosition.sequenceNumbers(
                                Map.of(UNBORN, 1L), StartingPosition.latest()),
                        null);

        assertThat(factory.needsNewestSequenceNumbers()).isTrue();
        assertThat(factory.firstSplits(SURVEY))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.After(40)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.At(1)));
    }

    @Test
    void sequenceNumberOfAShardThatIsNotThereIsRefused() {
        SplitFactory factory =
                new SplitFactory(
                        StartingPosition.sequenceNumbers(Map.of(STREAM.shard(2), 1L)), null);

        assertThatThrownBy(() -> factory.firstSplits(SURVEY))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shard 2 of stream users/words")
                .hasMessageContaining("only 2 shards");
    }

    @Test
    void stopAtLatestLeavesOutShardsWithNothingToRead() {
        SplitFactory factory =
                new SplitFactory(StartingPosition.earliest(), StoppingPosition.latest());

        assertThat(factory.needsNewestSequenceNumbers()).isTrue();
        assertThat(factory.firstSplits(SURVEY))
                .containsExactly(V3ioShardSplit.bounded(BORN, ShardStart.Earliest.INSTANCE, 40));
        assertThat(
                        new SplitFactory(StartingPosition.latest(), StoppingPosition.latest())
                                .firstSplits(SURVEY))
                .isEmpty();
    }

    @Test
    void addedShardsAreReadWholeWhateverTheStartingPosition() {
        assertThat(SplitFactory.addedSplits(new StreamSurvey(STREAM, 5, new TreeMap<>()), 3))
                .containsExactly(
                        V3ioShardSplit.unbounded(STREAM.shard(3), ShardStart.Earliest.INSTANCE),
                        V3ioShardSplit.unbounded(STREAM.shard(4), ShardStart.Earliest.INSTANCE));
    }
}

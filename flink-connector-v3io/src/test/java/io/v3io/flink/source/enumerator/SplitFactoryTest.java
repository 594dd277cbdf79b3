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
import java.util.List;
import java.util.Map;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SplitFactoryTest {

    private static final StreamPath STREAM = StreamPath.parse("users/words");
    private static final ShardId BORN = STREAM.shard(0);
    private static final ShardId UNBORN = STREAM.shard(1);
    private static final StreamShards SHARDS =
            new StreamShards(STREAM, 2, Map.of(BORN, 40L), Map.of(), Map.of());

    @Test
    void earliestReadsEveryShardFromItsOldestRecord() {
        SplitFactory factory =
                new SplitFactory(new StreamReading(StartingPosition.earliest(), null, null));

        assertThat(factory.firstSplits(SHARDS, false))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, ShardStart.Earliest.INSTANCE),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.At(1)));
    }

    @Test
    void whereItIsNotKnownWhichShardsHaveRecordsEachIsReadFromItsOldest() {
        StreamShards unknown = new StreamShards(STREAM, 2, null, Map.of(), Map.of());

        assertThat(
                        new SplitFactory(new StreamReading(StartingPosition.earliest(), null, null))
                                .firstSplits(unknown, false))
                .extracting(V3ioShardSplit::start)
                .containsOnly(ShardStart.Earliest.INSTANCE);
    }

    @Test
    void aStreamCreatedAfterTheStartIsReadFromItsFirstRecordAlsoWithLatest() {
        List<V3ioShardSplit> fromFirst =
                List.of(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.At(1)));
        for (StartingPosition position :
                List.of(
                        StartingPosition.latest(),
                        StartingPosition.earliest(),
                        StartingPosition.committed("group", StartingPosition.latest()),
                        StartingPosition.sequenceNumbers(Map.of(), StartingPosition.latest()))) {
            assertThat(
                            new SplitFactory(new StreamReading(position, null, null))
                                    .firstSplits(SHARDS, true))
                    .as("%s", position)
                    .isEqualTo(fromFirst);
        }
    }

    @Test
    void aStreamCreatedAfterTheStartKeepsATimeThatMayBeStillToCome() {
        Instant time = Instant.ofEpochSecond(1_700_000_000);

        assertThat(
                        new SplitFactory(
                                        new StreamReading(
                                                StartingPosition.timestamp(time), null, null))
                                .firstSplits(SHARDS, true))
                .extracting(V3ioShardSplit::start)
                .containsExactly(new ShardStart.AtTime(time), new ShardStart.AtTime(time));
    }

    @Test
    void latestBecomesTheNewestNumberAndUnbornShardsAreReadWhole() {
        SplitFactory factory =
                new SplitFactory(new StreamReading(StartingPosition.latest(), null, null));

        assertThat(factory.firstSplits(SHARDS, false))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.After(40)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.At(1)));
    }

    @Test
    void timestampIsKeptAsItIs() {
        Instant time = Instant.ofEpochSecond(1_700_000_000L, 1);

        assertThat(
                        new SplitFactory(
                                        new StreamReading(
                                                StartingPosition.timestamp(time), null, null))
                                .firstSplits(SHARDS, false))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.AtTime(time)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.AtTime(time)));
    }

    @Test
    void sequenceNumbersHoldForTheirShardsAndTheDefaultForTheRest() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.sequenceNumbers(
                                        Map.of(UNBORN, 1L), StartingPosition.latest()),
                                null,
                                null));

        assertThat(factory.firstSplits(SHARDS, false))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.After(40)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.At(1)));
    }

    @Test
    void sequenceNumberOfAShardThatIsNotThereIsRefused() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.sequenceNumbers(Map.of(STREAM.shard(2), 1L)),
                                null,
                                null));

        assertThatThrownBy(() -> factory.firstSplits(SHARDS, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shard 2 of stream users/words")
                .hasMessageContaining("only 2 shards");
    }

    @Test
    void stopAtLatestLeavesOutShardsWithNothingToRead() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.earliest(), StoppingPosition.latest(), null));

        assertThat(factory.firstSplits(SHARDS, false))
                .containsExactly(V3ioShardSplit.bounded(BORN, ShardStart.Earliest.INSTANCE, 40));
        assertThat(
                        new SplitFactory(
                                        new StreamReading(
                                                StartingPosition.latest(),
                                                StoppingPosition.latest(),
                                                null))
                                .firstSplits(SHARDS, false))
                .isEmpty();
    }

    @Test
    void aBoundedSourceRefusesAStartingNumberBeyondTheEnd() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.sequenceNumbers(Map.of(BORN, 42L)),
                                StoppingPosition.latest(),
                                null));

        assertThatThrownBy(() -> factory.firstSplits(SHARDS, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sequence number 42 of shard users/words/0")
                .hasMessageContaining("newest record has number 40");
    }

    @Test
    void addedShardsAreReadWholeWhateverTheStartingPosition() {
        assertThat(
                        new SplitFactory(new StreamReading(StartingPosition.latest(), null, null))
                                .addedSplits(StreamShards.ofCount(STREAM, 5), 3))
                .containsExactly(
                        V3ioShardSplit.unbounded(STREAM.shard(3), new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(STREAM.shard(4), new ShardStart.At(1)));
    }

    @Test
    void committedPositionsHoldForTheirShardsAndTheFallbackForTheRest() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.committed("group", StartingPosition.latest()),
                                null,
                                null));
        ShardId other = STREAM.shard(2);
        StreamShards shards =
                new StreamShards(
                        STREAM, 3, Map.of(BORN, 40L, other, 9L), Map.of(BORN, 30L), Map.of());

        assertThat(factory.firstSplits(shards, false))
                .containsExactly(
                        V3ioShardSplit.unbounded(BORN, new ShardStart.After(30)),
                        V3ioShardSplit.unbounded(UNBORN, new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(other, new ShardStart.After(9)));
    }

    @Test
    void stopAtTimestampIsBeforeTheFirstLaterRecord() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.earliest(),
                                StoppingPosition.timestamp(Instant.ofEpochSecond(1_700_000_000L)),
                                null));
        ShardId allLater = STREAM.shard(2);
        ShardId allEarlier = STREAM.shard(3);
        StreamShards shards =
                new StreamShards(
                        STREAM,
                        4,
                        Map.of(BORN, 40L, allLater, 5L, allEarlier, 6L),
                        Map.of(),
                        Map.of(BORN, 31L, allLater, 1L));

        assertThat(factory.firstSplits(shards, false))
                .containsExactly(
                        V3ioShardSplit.bounded(BORN, ShardStart.Earliest.INSTANCE, 30),
                        V3ioShardSplit.bounded(allEarlier, ShardStart.Earliest.INSTANCE, 6));
    }

    @Test
    void stopOfAGroupIsTheLastRecordThatItHasCommitted() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.earliest(),
                                StoppingPosition.committed("group"),
                                null));
        ShardId untouched = STREAM.shard(2);
        ShardId ofAnotherHistory = STREAM.shard(3);

        assertThat(
                        factory.firstSplits(
                                new StreamShards(
                                        STREAM,
                                        4,
                                        Map.of(BORN, 40L, untouched, 5L, ofAnotherHistory, 6L),
                                        Map.of(),
                                        Map.of(BORN, 31L, untouched, 1L, ofAnotherHistory, 900L)),
                                false))
                .containsExactly(
                        V3ioShardSplit.bounded(BORN, ShardStart.Earliest.INSTANCE, 30),
                        V3ioShardSplit.bounded(ofAnotherHistory, ShardStart.Earliest.INSTANCE, 6));
        // An empty stream is no reason to doubt the name.
        assertThat(
                        factory.firstSplits(
                                new StreamShards(STREAM, 4, Map.of(), Map.of(), Map.of()), false))
                .isEmpty();
        assertThatThrownBy(
                        () ->
                                factory.firstSplits(
                                        new StreamShards(
                                                STREAM,
                                                4,
                                                Map.of(BORN, 40L),
                                                Map.of(),
                                                Map.of(BORN, 1L)),
                                        false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("consumer group 'group'")
                .hasMessageContaining(STREAM.toString());
    }

    @Test
    void stopAtSequenceNumbersNeverLiesBeyondTheNewestRecord() {
        ShardId other = STREAM.shard(2);
        ShardId third = STREAM.shard(3);
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(
                                StartingPosition.earliest(),
                                StoppingPosition.sequenceNumbers(Map.of(BORN, 7L, other, 1_000L)),
                                null));
        StreamShards shards =
                new StreamShards(
                        STREAM, 4, Map.of(BORN, 40L, other, 5L, third, 6L), Map.of(), Map.of());

        assertThat(factory.firstSplits(shards, false))
                .containsExactly(
                        V3ioShardSplit.bounded(BORN, ShardStart.Earliest.INSTANCE, 7),
                        V3ioShardSplit.bounded(other, ShardStart.Earliest.INSTANCE, 5),
                        V3ioShardSplit.bounded(third, ShardStart.Earliest.INSTANCE, 6));
    }

    @Test
    void onlyTheWantedShardsAreReadOfTheFirstAndOfTheAddedOnes() {
        SplitFactory factory =
                new SplitFactory(
                        new StreamReading(StartingPosition.earliest(), null, Set.of(1, 4)));

        assertThat(
                        factory.firstSplits(
                                new StreamShards(STREAM, 3, Map.of(), Map.of(), Map.of()), false))
                .containsExactly(V3ioShardSplit.unbounded(STREAM.shard(1), new ShardStart.At(1)));
        assertThat(factory.addedSplits(StreamShards.ofCount(STREAM, 6), 3))
                .containsExactly(V3ioShardSplit.unbounded(STREAM.shard(4), new ShardStart.At(1)));
    }
}

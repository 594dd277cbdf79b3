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

import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.util.FlinkRuntimeException;

import org.junit.jupiter.api.Test;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ShardProgressTest {

    private static final ShardId SHARD = StreamPath.parse("users/words").shard(3);
    private static final Location HERE = new Location("here");
    private static final Location NEXT = new Location("next");
    private static final long EPOCH = 1_700_000_000L;

    @Test
    void takesEveryRecordOnceAcrossBatches() {
        ShardProgress progress =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE));

        assertThat(numbers(progress.take(batch(1, 3), HERE))).containsExactly(1L, 2L, 3L);
        assertThat(progress.take(batch(1, 0), HERE)).isNull();
        assertThat(numbers(progress.take(batch(4, 5), HERE))).containsExactly(4L, 5L);
        assertThat(progress.takenThrough()).isEqualTo(5);
    }

    @Test
    void restoredInTheMiddleOfABatchDropsWhatWasEmitted() {
        ShardProgress progress = new ShardProgress(emittedUpTo(2));

        assertThat(numbers(progress.take(batch(1, 4), HERE))).containsExactly(3L, 4L);
    }

    @Test
    void afterAnotherSeekDropsWhatWasTaken() {
        ShardProgress progress =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE));
        progress.take(batch(1, 5), HERE);

        progress.restartedBySeek(FoundLocation.of(HERE));

        assertThat(numbers(progress.take(batch(5, 7), HERE))).containsExactly(6L, 7L);
    }

    @Test
    void goesOnBehindWhatWasGivenUpAndEndsWhenThatWasTheRest() {
        ShardProgress progress = new ShardProgress(emittedUpTo(2));
        progress.restartedBySeek(FoundLocation.afterLoss(HERE, 6));
        assertThat(progress.hasTaken()).isTrue();
        assertThat(numbers(progress.take(batch(7, 8), HERE))).containsExactly(7L, 8L);

        ShardProgress bounded =
                new ShardProgress(V3ioShardSplit.bounded(SHARD, ShardStart.Earliest.INSTANCE, 9));
        bounded.restartedBySeek(FoundLocation.givenUp(9));
        assertThat(bounded.isFinished()).isTrue();
    }

    @Test
    void numbersThatAnAnswerLeavesOutAreDoubtedExceptRightAfterASeek() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        progress.restartedBySeek(FoundLocation.of(HERE));
        assertThat(progress.isDoubtful(batch(7, 9))).isFalse();
        progress.take(batch(7, 9), HERE);
        assertThat(progress.isDoubtful(batch(10, 10))).isFalse();
        assertThat(progress.isDoubtful(batch(11, 12))).isTrue();

        ShardProgress fromAnywhere =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE));
        assertThat(fromAnywhere.isKnown()).isFalse();
        assertThat(fromAnywhere.isDoubtful(batch(7, 9))).isFalse();
    }

    @Test
    void aRestoredShardHasToShowTheLastRecordAgain() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));

        assertThat(progress.isDoubtful(batch(2, 5))).isFalse();
        assertThat(progress.isDoubtful(batch(2, 3))).as("at the end").isTrue();
        assertThat(progress.isDoubtful(batch(List.of(record(2), record(3)), 1)))
                .as("with more to come")
                .isFalse();
        assertThat(progress.isDoubtful(batch(6, 9))).isTrue();
        assertThat(progress.isDoubtful(batch(List.of(record(4), record(6))))).isTrue();
        assertThat(progress.isDoubtful(batch(1, 0))).isTrue();
    }

    @Test
    void aSeekHasToLeadToTheRecordThatWasSought() {
        ShardProgress progress =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, new ShardStart.After(5)));
        progress.restartedBySeek(FoundLocation.sought(HERE, 5));

        assertThat(progress.isDoubtful(batch(5, 9))).isFalse();
        assertThat(progress.isDoubtful(batch(6, 9))).isTrue();
        assertThat(progress.isDoubtful(batch(1, 9))).as("the oldest instead").isTrue();
        assertThat(progress.isDoubtful(batch(1, 0))).as("the end instead").isTrue();
        assertThat(progress.position().isMissing()).isFalse();
        progress.doubt();
        assertThat(progress.position().isMissing()).isTrue();
    }

    @Test
    void aRecordThatOlderAndNewerOnesSurroundWasInAnotherStreamWhenItIsMissing() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        progress.restartedBySeek(FoundLocation.before(HERE, 5));
        progress.take(batch(List.of(record(2), record(3)), 4), HERE);

        assertThat(progress.isDoubtful(batch(List.of(record(4), record(6))))).isTrue();
        assertThatThrownBy(progress::doubt)
                .isInstanceOf(FlinkRuntimeException.class)
                .hasMessageContaining("records before sequence number 5, but not the one")
                .hasMessageContaining("deleted and created again");
    }

    @Test
    void numbersAreNotDoubtedWhereThePlatformLeavesSomeOut() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        assertThat(progress.isDoubtful(batch(5, 5))).isFalse();
        progress.take(batch(List.of(record(5), record(9)), 1), HERE);
        assertThat(progress.hasGaps()).isTrue();
        assertThat(progress.position().facts().hasGaps()).isTrue();

        assertThat(progress.isDoubtful(batch(12, 13))).isFalse();
    }

    /** With one record in each answer, the answer after a seek brings nothing new. */
    @Test
    void aSeekThatShowsTheLastRecordOnlySettlesTheDoubtAboutTheNextOne() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        progress.take(batch(5, 5), HERE);
        assertThat(progress.isDoubtful(batch(9, 9))).isTrue();
        progress.doubt();
        progress.restartedBySeek(FoundLocation.sought(HERE, 5));
        assertThat(progress.isDoubtful(batch(5, 5))).isFalse();
        assertThat(progress.take(batch(5, 5), HERE)).isNull();

        assertThat(progress.isDoubtful(batch(9, 9))).isFalse();
        assertThat(progress.hasGaps()).isTrue();
        assertThat(numbers(progress.take(batch(9, 9), HERE))).containsExactly(9L);
    }

    @Test
    void numbersAreNotDoubtedWhileRetentionCannotHaveRemovedAny() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        progress.take(batch(5, 5), HERE);
        assertThat(progress.caughtUp().sequenceNumber()).isEqualTo(5);

        assertThat(progress.isDoubtful(batch(8, 8))).isFalse();
        assertThat(progress.hasGaps()).isTrue();
    }

    @Test
    void theLastRecordIsLookedAtAgainAfterAQuietTimeAndWhenTimeGoesBack() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        progress.take(batch(5, 6), HERE);

        StreamRecord earlier = new StreamRecord(SHARD, 7, EPOCH + 1, 0, new byte[0], null, null);
        assertThat(progress.isDoubtful(batch(7, 8))).isFalse();
        assertThat(progress.isDoubtful(batch(List.of(earlier)))).isTrue();
        progress.isQuiet();
        assertThat(progress.isDoubtful(batch(1, 0))).isFalse();
        assertThat(progress.isDoubtful(batch(7, 8))).isTrue();

        progress.restartedBySeek(FoundLocation.sought(HERE, 6));
        assertThat(progress.isDoubtful(batch(List.of(record(6), earlier)))).isFalse();
        assertThat(numbers(progress.take(batch(List.of(record(6), earlier)), HERE)))
                .containsExactly(7L);
    }

    @Test
    void aListingShowsNewsOfAPositionThatIsNoNumberByComparison() {
        ShardProgress atTime =
                new ShardProgress(
                        V3ioShardSplit.unbounded(SHARD, new ShardStart.AtTime(Instant.MAX)));
        assertThat(atTime.isNews(7)).as("nothing to compare with").isTrue();
        assertThat(atTime.isNews(7)).isFalse();
        assertThat(atTime.isNews(8)).isTrue();
        atTime.take(batch(8, 8), HERE);
        assertThat(atTime.isNews(8)).as("came, and is not wanted").isFalse();
        assertThat(atTime.isNews(9)).isTrue();

        ShardProgress known = new ShardProgress(emittedUpTo(5));
        assertThat(known.isNews(5)).isFalse();
        assertThat(known.isNews(6)).isTrue();
    }

    @Test
    void startsAfterTheNumberThatWasNewestAtTheJobsStart() {
        ShardProgress progress =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, new ShardStart.After(10)));

        assertThat(progress.hasTaken()).isFalse();
        assertThat(numbers(progress.take(batch(10, 12), HERE))).containsExactly(11L, 12L);
    }

    @Test
    void startByTimeDropsEarlierRecordsUntilTheFirstLaterOne() {
        ShardProgress progress =
                new ShardProgress(
                        V3ioShardSplit.unbounded(
                                SHARD, new ShardStart.AtTime(Instant.ofEpochSecond(EPOCH + 3))));

        assertThat(progress.take(batch(1, 2), HERE)).isNull();
        assertThat(numbers(progress.take(batch(3, 4), HERE))).containsExactly(3L, 4L);
    }

    @Test
    void stopsExactlyAtTheLastNumberAlsoWhenItIsMissing() {
        ShardProgress exact =
                new ShardProgress(V3ioShardSplit.bounded(SHARD, ShardStart.Earliest.INSTANCE, 3));
        assertThat(numbers(exact.take(batch(1, 5), HERE))).containsExactly(1L, 2L, 3L);
        assertThat(exact.isFinished()).isTrue();

        ShardProgress missing =
                new ShardProgress(V3ioShardSplit.bounded(SHARD, ShardStart.Earliest.INSTANCE, 3));
        assertThat(numbers(missing.take(batch(List.of(record(2), record(4))), HERE)))
                .containsExactly(2L);
        assertThat(missing.isFinished()).isTrue();
    }

    @Test
    void isFinishedFromTheStartWhenAllWasEmittedBefore() {
        V3ioShardSplit split =
                V3ioShardSplit.bounded(SHARD, ShardStart.Earliest.INSTANCE, 2)
                        .emittedUpTo(emittedUpTo(2).emitted());

        assertThat(new ShardProgress(split).isFinished()).isTrue();
    }

    @Test
    void numbersThatGoBackMeanAnotherStream() {
        ShardProgress progress =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE));
        progress.take(batch(1, 5), HERE);

        assertThatThrownBy(() -> progress.take(batch(1, 2), HERE))
                .isInstanceOf(FlinkRuntimeException.class)
                .hasMessageContaining("users/words/3")
                .hasMessageContaining("sequence number 1 after 5")
                .hasMessageContaining("deleted and created again");
    }

    @Test
    void anotherArrivalTimeUnderAnEmittedNumberMeansAnotherStream() {
        ShardProgress progress = new ShardProgress(emittedUpTo(2));
        RecordBatch other =
                batch(List.of(new StreamRecord(SHARD, 2, EPOCH + 99, 0, new byte[0], null, null)));

        assertThatThrownBy(() -> progress.take(other, HERE))
                .isInstanceOf(FlinkRuntimeException.class)
                .hasMessageContaining("deleted and created again");
    }

    private static V3ioShardSplit emittedUpTo(long number) {
        return V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE)
                .emittedUpTo(new EmittedPosition(number, EPOCH + number, 0, HERE));
    }

    private static StreamRecord record(long number) {
        return new StreamRecord(SHARD, number, EPOCH + number, 0, new byte[0], null, null);
    }

    private static RecordBatch batch(long first, long last) {
        return batch(
                LongStream.rangeClosed(first, last).mapToObj(ShardProgressTest::record).toList());
    }

    private static RecordBatch batch(List<StreamRecord> records) {
        return batch(records, 0);
    }

    private static RecordBatch batch(List<StreamRecord> records, long behind) {
        return new RecordBatch(records, NEXT, 0, behind, 100);
    }

    private static List<Long> numbers(@Nullable FetchedBatch records) {
        assertThat(records).isNotNull();
        assertThat(records.fetchedFrom()).isEqualTo(HERE);
        return records.records().stream().map(StreamRecord::sequenceNumber).toList();
    }
}

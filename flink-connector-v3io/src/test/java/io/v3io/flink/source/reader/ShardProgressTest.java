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

        progress.restartedBySeek(0);

        assertThat(numbers(progress.take(batch(5, 7), HERE))).containsExactly(6L, 7L);
    }

    @Test
    void goesOnBehindWhatWasGivenUpAndEndsWhenThatWasTheRest() {
        ShardProgress progress = new ShardProgress(emittedUpTo(2));
        progress.restartedBySeek(6);
        assertThat(progress.hasTaken()).isTrue();
        assertThat(numbers(progress.take(batch(7, 8), HERE))).containsExactly(7L, 8L);

        ShardProgress bounded =
                new ShardProgress(V3ioShardSplit.bounded(SHARD, ShardStart.Earliest.INSTANCE, 9));
        bounded.restartedBySeek(9);
        assertThat(bounded.isFinished()).isTrue();
    }

    @Test
    void numbersThatAnAnswerLeavesOutAreDoubtedExceptRightAfterASeek() {
        ShardProgress progress = new ShardProgress(emittedUpTo(5));
        assertThat(progress.leavesGap(batch(5, 9))).isFalse();
        assertThat(progress.leavesGap(batch(6, 9))).isFalse();
        assertThat(progress.leavesGap(batch(7, 9))).isTrue();

        progress.restartedBySeek(0);
        assertThat(progress.leavesGap(batch(7, 9))).isFalse();
        progress.take(batch(7, 9), HERE);
        assertThat(progress.leavesGap(batch(10, 10))).isFalse();
        assertThat(progress.leavesGap(batch(11, 12))).isTrue();

        ShardProgress fromAnywhere =
                new ShardProgress(V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE));
        assertThat(fromAnywhere.isKnown()).isFalse();
        assertThat(fromAnywhere.leavesGap(batch(7, 9))).isFalse();
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
        return new RecordBatch(records, NEXT, 0, 0, 100);
    }

    private static List<Long> numbers(@Nullable ShardRecords records) {
        assertThat(records).isNotNull();
        assertThat(records.fetchedFrom()).isEqualTo(HERE);
        return records.records().stream().map(StreamRecord::sequenceNumber).toList();
    }
}
